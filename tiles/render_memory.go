package tiles

import (
	"math"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// squeeze tells when the process holds more memory than its limit (GOMEMLIMIT)
// by more than a tenth: the collector cannot help then, and what is held or
// asked for must become less. Safe for concurrent use.
type squeeze struct {
	limit  int64
	used   func() int64 // bytes
	change func(tight bool)

	next  atomic.Int64 // when to look again, nanoseconds since start
	start time.Time
	short atomic.Bool
}

// squeezePause is how long a look at the memory holds good: one takes some
// microseconds.
const squeezePause = 50 * time.Millisecond

// newSqueeze calls change when memory becomes short, and when it is no more. It
// gives nil where there is no limit.
func newSqueeze(change func(tight bool)) *squeeze {
	limit := debug.SetMemoryLimit(-1)
	if limit == math.MaxInt64 {
		return nil
	}
	return &squeeze{limit: limit, used: usedMemory, change: change, start: time.Now()}
}

// usedMemory is what the limit counts: all that the runtime has of the system
// and has not given back.
func usedMemory() int64 {
	samples := [...]metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples[:])
	return int64(samples[0].Value.Uint64() - samples[1].Value.Uint64())
}

// tight reports whether memory is short, false for a nil squeeze.
func (s *squeeze) tight() bool {
	if s == nil {
		return false
	}
	now, next := int64(time.Since(s.start)), s.next.Load()
	if now >= next && s.next.CompareAndSwap(next, now+int64(squeezePause)) {
		if short := s.used() > s.limit+s.limit/10; s.short.Swap(short) != short {
			s.change(short)
		}
	}
	return s.short.Load()
}
