package tiles

import (
	"context"
	"errors"
	"time"
)

// ErrBusy says that a cold tile was refused because too many are being built:
// the request may be made again after a second.
var ErrBusy = errors.New("too many tiles are being built")

// limiter bounds the cold builds at work at once, how many wait for a place and
// how long. Safe for concurrent use.
type limiter struct {
	slots chan struct{}
	queue chan struct{}
	wait  time.Duration
	stats *Stats
}

func newLimiter(builds, queue int, wait time.Duration, stats *Stats) *limiter {
	return &limiter{slots: make(chan struct{}, builds), queue: make(chan struct{}, queue), wait: wait, stats: stats}
}

// acquire takes a place; release gives it back. The error is ErrBusy, or the
// context's.
func (l *limiter) acquire(ctx context.Context) error {
	select {
	case l.slots <- struct{}{}:
		l.stats.Building.Add(1)
		return nil
	default:
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
