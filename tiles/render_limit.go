package tiles

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// ErrBusy says that a cold tile was refused because too many are being built:
// the request may be made again after a second.
var ErrBusy = errors.New("too many tiles are being built")

// limiter bounds the cold builds at work at once, how many wait for a place and
// how long. Who would wait in vain is refused at once: when the queue is full,
// when those before it need longer than the wait, and when memory is short. Safe
// for concurrent use.
type limiter struct {
	slots  chan struct{}
	queue  chan struct{}
	wait   time.Duration
	memory *squeeze // nil: never short
	usual  atomic.Int64
	stats  *Stats
}

func newLimiter(builds, queue int, wait time.Duration, stats *Stats) *limiter {
	return &limiter{slots: make(chan struct{}, builds), queue: make(chan struct{}, queue), wait: wait, stats: stats}
}

// acquire takes a place; release gives it back. The error is ErrBusy, or the
// context's.
func (l *limiter) acquire(ctx context.Context) error {
	if l.memory.tight() {
		l.stats.Busy.Add(1)
		return ErrBusy
	}
	select {
	case l.slots <- struct{}{}:
		l.stats.Building.Add(1)
		return nil
	default:
	}
	before := time.Duration(len(l.queue)+1) * time.Duration(l.usual.Load()) / time.Duration(cap(l.slots))
	if before > l.wait {
		l.stats.Busy.Add(1)
		return ErrBusy
	}
	select {
	case l.queue <- struct{}{}:
	default:
		l.stats.Busy.Add(1)
		return ErrBusy
	}
	l.stats.Waiting.Add(1)
	defer func() {
		<-l.queue
		l.stats.Waiting.Add(-1)
	}()
	timer := time.NewTimer(l.wait)
	defer timer.Stop()
	select {
	case l.slots <- struct{}{}:
		l.stats.Building.Add(1)
		return nil
	case <-timer.C:
		l.stats.Busy.Add(1)
		return ErrBusy
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *limiter) release() {
	l.stats.Building.Add(-1)
	<-l.slots
}

// took notes how long a build had its place: usual is a mean in which each build
// counts an eighth more than the one before.
func (l *limiter) took(d time.Duration) {
	usual := l.usual.Load()
	if usual == 0 {
		usual = int64(d)
	}
	l.usual.Store(usual + (int64(d)-usual)/8) // of two at once one is lost, which a mean can bear
}
