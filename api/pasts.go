package api

import (
	"context"
	"fmt"
	"sync"
	"time"

	"riskatlas/data"
	"riskatlas/index"
	"riskatlas/tiles"
)

// The bounds of what is kept and made of views of the past.
const (
	mostPastBytes = 256 << 20 // of all views that are kept; the newest asked for is kept whatever it takes
	mostPasts     = 64
	mostBack      = 2000 // changes that a view is made by; past them it is made of the whole city
	pastQueue     = 16   // views that are waited for; past them 503
	pastTimeout   = 2 * time.Minute
	pastWait      = 25 * time.Second // under the server's deadline for an answer
)

// pasts keeps the views of earlier revisions that were asked for last. Each is
// made once, and one after the other; what it shows never changes. Safe for
// concurrent use.
type pasts struct {
	build func(context.Context, data.Revision) (*tiles.View, error)
	turn  chan struct{} // one place

	mu      sync.Mutex
	kept    []*pastView // the last asked for first
	waiting int         // views that are not made yet
}

type pastView struct {
	rev   data.Revision
	ready chan struct{} // closed when view or err is set
	view  *tiles.View
	err   error
}

func newPasts(build func(context.Context, data.Revision) (*tiles.View, error)) *pasts {
	return &pasts{build: build, turn: make(chan struct{}, 1)}
}

func pastContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), pastTimeout)
}

// view gives the view of a revision, which the store has come to. A caller waits
// for it as long as an answer may take; the making goes on without him.
func (c *pasts) view(rev data.Revision) (*tiles.View, error) {
	p, err := c.take(rev)
	if err != nil {
		return nil, err
	}
	timer := time.NewTimer(pastWait)
	defer timer.Stop()
	select {
	case <-p.ready:
		return p.view, p.err
	case <-timer.C:
		return nil, tiles.ErrBusy
	}
}

// take finds a view, or begins to make it.
func (c *pasts) take(rev data.Revision) (*pastView, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, p := range c.kept {
		if p.rev == rev {
			copy(c.kept[1:i+1], c.kept[:i])
			c.kept[0] = p
			return p, nil
		}
	}
	if c.waiting >= pastQueue {
		return nil, tiles.ErrBusy
	}
	c.waiting++
	p := &pastView{rev: rev, ready: make(chan struct{}), err: tiles.ErrBusy} // should the making end in a panic
	c.kept = append([]*pastView{p}, c.kept...)
	go c.fill(p)
	return p, nil
}

func (c *pasts) fill(p *pastView) {
	defer func() {
		close(p.ready)
		c.settle(p)
	}()
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	ctx, cancel := pastContext()
	defer cancel()
	p.view, p.err = c.build(ctx, p.rev)
}

// settle forgets a view that could not be made, and those asked for longest ago
// while all take too much.
func (c *pasts) settle(made *pastView) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting--
	bytes, n := int64(0), 0
	kept := c.kept[:0:0]
	for i, p := range c.kept {
		if p.done() {
			if p.err != nil {
				continue
			}
			bytes += p.view.PastBytes()
			if i > 0 && p != made && (bytes > mostPastBytes || n >= mostPasts) {
				bytes -= p.view.PastBytes()
				continue
			}
			n++
		}
		kept = append(kept, p)
	}
	c.kept = kept
}

func (p *pastView) done() bool {
	select {
	case <-p.ready:
		return true
	default:
		return false
	}
}

// makePast makes the view of a revision: from the city as it is by what leads
// back, where that is little, and else of the whole city of that time.
func (s *Server) makePast(ctx context.Context, rev data.Revision) (*tiles.View, error) {
	now, err := s.view()
	if err != nil {
		return nil, err
	}
	then, err := s.opts.City.Then(rev)
	if err != nil {
		return nil, err
	}
	p := tiles.Past{Records: then}
	if rev > 0 {
		for head, err := range s.opts.City.Heads(ctx, rev-1, rev) {
			if err != nil {
				return nil, err
			}
			p.At = head.At
		}
	}
	back, whole, err := s.opts.City.Back(ctx, rev, mostBack)
	if err != nil {
		return nil, err
	}
	if whole && now.Revision() >= rev {
		p.LeftOut = back.LeftOut
		if v, err := now.Then(rev, p, back.Changes...); err == nil {
			return v, nil
		} // they reach too much ground: then it is made of all
	}
	snapshot, err := index.Load(ctx, now.City.Taxonomy, then)
	if err != nil {
		return nil, fmt.Errorf("the city as of revision %d: %w", rev, err)
	}
	p.LeftOut = then.LeftOut()
	return tiles.NewThen(snapshot, p)
}
