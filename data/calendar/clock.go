package calendar

import (
	"context"
	"time"
)

// Clock tells the time and waits for it. Safe for concurrent use.
type Clock interface {
	Now() time.Time
	// After gives a channel that is sent to once, after so long.
	After(time.Duration) <-chan time.Time
}

// System is the machine's clock.
type System struct{}

// Now is Clock's.
func (System) Now() time.Time { return time.Now() }

// After is Clock's.
func (System) After(d time.Duration) <-chan time.Time { return time.After(d) }

// longest is the longest that a wait lasts before the clock is looked at again:
// a machine may sleep, and clocks are set.
const longest = 10 * time.Minute

// untilTomorrow is how long to wait before the local day may be another.
func untilTomorrow(now time.Time, zone *time.Location) time.Duration {
	y, m, d := now.In(zone).Date()
	return min(longest, max(time.Millisecond, time.Date(y, m, d+1, 0, 0, 0, 0, zone).Sub(now)))
}

// today is the local day of an instant, YYYY-MM-DD.
func today(now time.Time, zone *time.Location) string { return now.In(zone).Format("2006-01-02") }

// EachDay calls f at once and then when a local day has begun, until ctx ends. A
// call that takes longer than a day is followed by the next.
func EachDay(ctx context.Context, clock Clock, zone *time.Location, f func(now time.Time)) {
	for last := ""; ctx.Err() == nil; {
		now := clock.Now()
		if day := today(now, zone); day != last {
			last = day
			f(now)
			continue
		}
		select {
		case <-ctx.Done():
		case <-clock.After(untilTomorrow(now, zone)):
		}
	}
}
