package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// headroom is how much garbage may gather beside the live heap before it is
// collected: fixed bytes and one part of the live heap. Go's own rule is as much
// as is alive, which doubles the memory of a large city, and is next to nothing
// where little is alive yet. Where an eighth of upTo is alive it may gather up to
// that many bytes in all.
type headroom struct{ fixed, part, upTo uint64 }

// The two times of a process: a city comes to life, of which little becomes
// garbage at once, so that a large one, of a million sources, is looked through
// twice on the way and keeps below 1.6 GB; and it answers, with the memory that it
// needs for that.
var (
	loadingRoom = headroom{fixed: 256 << 20, part: 3, upTo: 1280 << 20}
	servingRoom = headroom{fixed: 64 << 20, part: 5}
)

// leastHeap is the live heap that Go takes a smaller one for.
const leastHeap = 4 << 20

// percent is the headroom as GOGC has it: in percent of the live heap, bytes.
func (r headroom) percent(live uint64) int {
	live = max(live, leastHeap)
	room := r.fixed + live/r.part
	if live >= r.upTo/8 && r.upTo > live {
		room = max(room, r.upTo-live)
	}
	return int(max(5, room*100/live))
}

// collector sets the garbage collector's target anew after each collection. What
// the operator sets stays: with GOGC nothing is changed, and GOMEMLIMIT bounds
// all, whatever the target is. All methods are safe for concurrent use.
type collector struct {
	before int // the percent to go back to at the end

	mu   sync.Mutex
	room headroom
	on   bool
}

// newCollector begins with the headroom for loading. end must be called.
func newCollector() *collector {
	c := &collector{room: loadingRoom, on: os.Getenv("GOGC") == ""}
	if c.on {
		c.before = debug.SetGCPercent(c.room.percent(liveBytes()))
		c.arm()
	}
	return c
}

// serving goes over to the headroom for serving, and gives the system back what
// loading has left.
func (c *collector) serving() {
	c.mu.Lock()
	c.room = servingRoom
	c.mu.Unlock()
	c.set()
	debug.FreeOSMemory()
}

// end puts back what was before.
func (c *collector) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.on {
		c.on = false
		debug.SetGCPercent(c.before)
	}
}

// set sets the target by what the last collection found alive, and reports
// whether there is more to set.
func (c *collector) set() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.on {
		debug.SetGCPercent(c.room.percent(liveBytes()))
	}
	return c.on
}

// arm sets the target after the next collection: the one that finds the mark
// dropped.
func (c *collector) arm() {
	mark := new([32]byte) // not so small that it shares its memory
	runtime.AddCleanup(mark, func(c *collector) {
		if c.set() {
			c.arm()
		}
	}, c)
}

// liveBytes is the heap that the last collection found alive.
func liveBytes() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return s[0].Value.Uint64()
}
