package tiles

import (
	"sync/atomic"
	"time"

	"riskatlas/data"
)

// Stat says what colours a cell below z14.
type Stat uint8

// The statistics.
const (
	Worst Stat = iota // by the greatest of its base cells
	Share             // by the district rule on its base cells
)

// StatKeys are the statistics' names in URLs, by Stat.
var StatKeys = [...]string{"worst", "share"}

func (s Stat) String() string {
	if int(s) < len(StatKeys) {
		return StatKeys[s]
	}
	return "invalid"
}

// ParseStat reads worst or share; the empty string is worst.
func ParseStat(s string) (Stat, error) {
	switch s {
	case "", "worst":
		return Worst, nil
	case "share":
		return Share, nil
	}
	return 0, &data.Invalid{Field: "stat", Value: s, Want: "one of", Allowed: StatKeys[:]}
}

// Stats counts what a Renderer did since it was made. All fields only grow,
// Waiting, Building, FieldBytes and RedisOpen excepted, and may be read at any time.
type Stats struct {
	Requests    atomic.Uint64 // every call of Tile, refused ones included
	NotModified atomic.Uint64 // answered by If-None-Match, before any cache
	Void        atomic.Uint64 // empty by their key alone: no source in reach of any layer
	MemoryHits  atomic.Uint64
	Joined      atomic.Uint64 // waited on a build that another request had begun
	Abandoned   atomic.Uint64 // waits that ended because the client had left
	Computed    atomic.Uint64 // tiles built
	Failed      atomic.Uint64 // builds that ended in an error
	Busy        atomic.Uint64 // refused: queue full, or no slot within the wait
	Building    atomic.Int64  // builds at work now
	Waiting     atomic.Int64  // builds in the queue now
	BuildNanos  atomic.Uint64 // time at work, of all builds together
	Layers      [data.LayerCount]LayerStats

	FieldsBegun   atomic.Uint64 // fields of filters that were begun
	FieldsDropped atomic.Uint64 // those that made room for others
	FieldBytes    atomic.Int64  // what those take that are kept now

	RedisHits    atomic.Uint64
	RedisMisses  atomic.Uint64
	RedisForeign atomic.Uint64 // values dropped: another key's, cut, or damaged
	RedisErrors  atomic.Uint64 // failed questions, timeouts included; each was a miss
	RedisSkipped atomic.Uint64 // questions not asked while Redis was away
	RedisStored  atomic.Uint64
	RedisCheap   atomic.Uint64 // built tiles that took less than the least cost: not sent
	RedisOpen    atomic.Int64  // 1 while Redis is held to be away
}

// LayerStats counts what one layer cost.
type LayerStats struct {
	Built atomic.Uint64 // times that it was appended to a tile
	Nanos atomic.Uint64 // time at work on it
	Bytes atomic.Uint64 // its size before compression
}

// Seconds is the time at work on the layer.
func (s *LayerStats) Seconds() float64 { return time.Duration(s.Nanos.Load()).Seconds() }
