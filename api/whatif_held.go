package api

import (
	chain "container/list"
	"context"
	"crypto/rand"
	"encoding/base32"
	"runtime"
	"strings"
	"sync"
	"time"

	"riskatlas/tiles"
)

// Defaults of Options.
const (
	defaultWhatIfs    = 256
	defaultWhatIfIdle = time.Hour
)

// Bounds on the memory of what-ifs, bytes.
const (
	mostWhatIfBytes = 64 << 20  // of all bodies together, as they were sent
	mostViewBytes   = 256 << 20 // of all views that are kept: others are made again when they are asked for
)

// whatIf is changes in thought. What it says never changes; its view follows the
// city.
type whatIf struct {
	id     string
	given  *supposition
	weight int64 // bytes of the body

	making sync.Mutex // one view at a time

	// The rest is the holder's, under its lock.
	used  time.Time
	place *chain.Element
	of    *tiles.View // the city's view that made is of
	made  *tiles.View
	bytes int64 // of made
}

// whatIfs holds the what-ifs of this server, in its memory alone. The least
// recently used go when there are too many; those that nobody used for a while
// go as well. Safe for concurrent use.
type whatIfs struct {
	most    int
	idle    time.Duration
	now     func() time.Time
	suppose func(context.Context, *tiles.View, *supposition) (*tiles.View, error)
	work    chan struct{} // places for making views

	mu     sync.Mutex
	byID   map[string]*whatIf
	recent chain.List // of *whatIf, the latest used first
	weight int64      // of all
	bytes  int64      // of all views
	newest *tiles.View
}

func newWhatIfs(most int, idle time.Duration, suppose func(context.Context, *tiles.View, *supposition) (*tiles.View, error)) *whatIfs {
	if most <= 0 {
		most = defaultWhatIfs
	}
	if idle <= 0 {
		idle = defaultWhatIfIdle
	}
	return &whatIfs{most: most, idle: idle, now: time.Now, suppose: suppose, byID: map[string]*whatIf{},
		work: make(chan struct{}, runtime.GOMAXPROCS(0))}
}

var idText = base32.StdEncoding.WithPadding(base32.NoPadding)

// newWhatIfID is 128 random bits in 26 characters: who was not told it cannot
// find it.
func newWhatIfID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return strings.ToLower(idText.EncodeToString(b[:]))
}

// add makes a what-if of the view of the city and holds it.
func (h *whatIfs) add(ctx context.Context, given *supposition, weight int64, city *tiles.View) (*whatIf, *tiles.View, error) {
	made, err := h.suppose(ctx, city, given)
	if err != nil {
		return nil, nil, err
	}
	w := &whatIf{id: newWhatIfID(), given: given, weight: weight}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.follow(city)
	h.byID[w.id] = w
	w.place = h.recent.PushFront(w)
	w.used = h.now()
	h.weight += weight
	h.keep(w, city, made)
	for len(h.byID) > h.most || h.weight > mostWhatIfBytes && len(h.byID) > 1 {
		h.drop(h.recent.Back().Value.(*whatIf))
	}
	return w, made, nil
}

// get finds a what-if, which is a use of it.
func (h *whatIfs) get(id string) (*whatIf, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.expire()
	w, ok := h.byID[id]
	if ok {
		w.used = h.now()
		h.recent.MoveToFront(w.place)
	}
	return w, ok
}

// remove forgets a what-if and reports whether it was held.
func (h *whatIfs) remove(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.expire()
	w, ok := h.byID[id]
	if ok {
		h.drop(w)
	}
	return ok
}

// count is how many are held.
func (h *whatIfs) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.expire()
	return len(h.byID)
}

// expires is when the what-if goes if nobody uses it any more.
func (h *whatIfs) expires(w *whatIf) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return w.used.Add(h.idle)
}

// view gives the what-if's view of the city: the one that is kept, or a new one
// when the city has moved on since. A caller that is late with an older view of
// the city gets the what-if of that.
func (h *whatIfs) view(w *whatIf, city *tiles.View) (*tiles.View, error) {
	if made := h.kept(w, city); made != nil {
		return made, nil
	}
	w.making.Lock()
	defer w.making.Unlock()
	if made := h.kept(w, city); made != nil {
		return made, nil
	}
	h.work <- struct{}{}
	defer func() { <-h.work }()
	// Others wait for it too: it does not end with the one that asks.
	made, err := h.suppose(context.Background(), city, w.given)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.follow(city)
	if h.newest == city && h.byID[w.id] == w {
		h.keep(w, city, made)
	}
	return made, nil
}

func (h *whatIfs) kept(w *whatIf, city *tiles.View) *tiles.View {
	h.mu.Lock()
	defer h.mu.Unlock()
	if w.of == city {
		return w.made
	}
	return nil
}

// The following are for holders of the lock.

// follow lets go of all views of an older city, so that its memory is free.
func (h *whatIfs) follow(city *tiles.View) {
	if h.newest != nil && (h.newest == city || city.Revision() < h.newest.Revision()) {
		return
	}
	h.newest = city
	for _, w := range h.byID {
		h.letGo(w)
	}
}

// keep puts a view in its place, and lets go of the least recently used ones
// while all take too much.
func (h *whatIfs) keep(w *whatIf, city, made *tiles.View) {
	h.letGo(w)
	w.of, w.made, w.bytes = city, made, made.OwnBytes()
	h.bytes += w.bytes
	for e := h.recent.Back(); e != nil && h.bytes > mostViewBytes; e = e.Prev() {
		if old := e.Value.(*whatIf); old != w {
			h.letGo(old)
		}
	}
}

func (h *whatIfs) letGo(w *whatIf) {
	h.bytes -= w.bytes
	w.of, w.made, w.bytes = nil, nil, 0
}

func (h *whatIfs) drop(w *whatIf) {
	h.letGo(w)
	h.weight -= w.weight
	h.recent.Remove(w.place)
	delete(h.byID, w.id)
}

func (h *whatIfs) expire() {
	end := h.now().Add(-h.idle)
	for e := h.recent.Back(); e != nil && e.Value.(*whatIf).used.Before(end); e = h.recent.Back() {
		h.drop(e.Value.(*whatIf))
	}
}
