package tiles

import (
	"sync"
	"sync/atomic"
	"time"
)

// The pauses between a failure and the next probe: the first, and the longest.
const (
	firstPause = 100 * time.Millisecond
	mostPause  = 5 * time.Second
	steady     = 50 // answers in a row after which the pauses start small again
)

// breaker keeps requests from waiting on a Redis that is away. One failure opens
// it; while it is open nothing is asked, and after a pause one probe, for which
// nobody waits, may close it. Each opening doubles the pause until answers have
// been steady for a while, so that a Redis that answers probes and nothing else
// costs one slow request a pause. The zero value with open set is closed and
// ready; safe for concurrent use.
type breaker struct {
	open *atomic.Int64 // 1 while open: also the metric

	mu      sync.Mutex
	pause   time.Duration
	again   time.Time // when open: the earliest next probe
	probing bool
	good    int
}

// allow reports whether to ask now, and whether the caller should send a probe.
func (b *breaker) allow(now time.Time) (ok, probe bool) {
	if b.open.Load() == 0 {
		return true, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open.Load() != 0 && !b.probing && !now.Before(b.again) {
		b.probing = true
		return false, true
	}
	return false, false
}

func (b *breaker) failed(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.good = 0
	if b.open.Load() != 0 {
		return // one of several that were on their way when it opened
	}
	b.open.Store(1)
	b.lengthen()
	b.again = now.Add(b.pause)
}

func (b *breaker) succeeded() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.good++; b.good >= steady {
		b.pause = 0
	}
}

func (b *breaker) probed(ok bool, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
	if ok {
		b.open.Store(0)
		return
	}
	b.lengthen()
	b.again = now.Add(b.pause)
}

func (b *breaker) lengthen() {
	b.pause = min(max(2*b.pause, firstPause), mostPause)
}
