package api

import (
	"cmp"
	"sync"
	"sync/atomic"
	"time"

	"riskatlas/data"
	"riskatlas/index"
	"riskatlas/tiles"
)

// EventOptions bound what is remembered of changes, and who listens.
type EventOptions struct {
	Revisions int // how many of the last revisions a listener may come back to; 0: 4,096
	Streams   int // most listeners at once; further ones are answered 503; 0: 1,000
}

// The usual limits of EventOptions, and those that follow from them.
const (
	DefaultEventRevisions = 4096
	DefaultEventStreams   = 1000

	mostEventChanges = 1 << 16 // changes of sources in all remembered revisions together
)

// Events remembers what the last revisions changed and tells those who listen: the
// streams of /api/v1/events and the web hooks. Safe for concurrent use.
type Events struct {
	revisions, streams int
	started            time.Time
	beat, patience     time.Duration // between signs of life; until a listener that takes nothing is cut

	mu      sync.Mutex
	view    *tiles.View   // of the newest revision; nil before the first
	ring    []*revised    // oldest first
	before  data.Revision // the revision that the oldest came after
	changes int           // in all of ring
	behind  bool          // a revision was not shown: the next one may have changed anything
	more    chan struct{} // closed when there is a newer revision
	done    chan struct{} // closed when nobody may listen any more
	closed  bool

	listening                  atomic.Int64
	sent, resets, refused, cut atomic.Uint64
}

// revised is one revision as listeners hear of it. Immutable but for its bodies.
type revised struct {
	revision data.Revision
	at       time.Time
	kinds    []string
	renewal  *tiles.Renewal
	vast     bool // it changed more than is remembered one by one

	bodies bodies
}

// NewEvents makes the memory of a city that has had no revision yet.
func NewEvents(o EventOptions) *Events {
	return &Events{revisions: cmp.Or(o.Revisions, DefaultEventRevisions), streams: cmp.Or(o.Streams, DefaultEventStreams),
		started: time.Now(), beat: heartbeat, patience: streamWrite, more: make(chan struct{}), done: make(chan struct{})}
}

// Publish tells what a revision changed. It is to be called after the revision's
// view was published, by one goroutine, once for each revision in turn; before and
// after are the views that were shown until then and since. A view that is not of
// the revision says that it is not shown, and nobody hears of it.
func (e *Events) Publish(before, after *tiles.View, u index.Update) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if after == nil || after.Revision() != u.Snapshot.Revision() {
		e.behind = true
		return
	}
	if u.Full || e.view == nil {
		e.ring, e.changes, e.before = nil, 0, after.Revision()
	} else {
		if e.behind {
			before = nil
		}
		r := &revised{revision: after.Revision(), at: u.Snapshot.At(), kinds: u.Kinds,
			renewal: tiles.Renewed(before, after, u), vast: before == nil || len(u.Changes) > mostEventChanges/4}
		e.ring = append(e.ring, r)
		e.changes += len(u.Changes)
		for len(e.ring) > e.revisions || len(e.ring) > 1 && e.changes > mostEventChanges {
			e.before, e.changes = e.ring[0].revision, e.changes-len(e.ring[0].renewal.Changes())
			e.ring = e.ring[1:]
		}
	}
	e.behind, e.view = false, after
	close(e.more)
	e.more = make(chan struct{})
}

// heard is what there is after a revision.
type heard struct {
	list    []*revised // oldest first
	view    *tiles.View
	more    <-chan struct{} // closed when there is a newer revision
	forgone bool            // the list would not be whole: the revision is too old, or none of this city's
}

// after gives what there is after a revision. The view is nil while there is none.
func (e *Events) after(since data.Revision) heard {
	e.mu.Lock()
	defer e.mu.Unlock()
	h := heard{view: e.view, more: e.more}
	if e.view == nil {
		return h
	}
	if since < e.before || since > e.view.Revision() {
		h.forgone = true
		return h
	}
	// Revisions follow one another, but for those that were not shown.
	from := len(e.ring)
	for from > 0 && e.ring[from-1].revision > since {
		from--
	}
	h.list = e.ring[from:len(e.ring):len(e.ring)]
	return h
}

// enter takes a place for a listener, which leave gives back.
func (e *Events) enter() bool {
	if e.listening.Add(1) > int64(e.streams) {
		e.listening.Add(-1)
		e.refused.Add(1)
		return false
	}
	return true
}

func (e *Events) leave() { e.listening.Add(-1) }

// Close ends every stream and lets no other begin.
func (e *Events) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.closed = true
		close(e.done)
	}
}
