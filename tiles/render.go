package tiles

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/maypok86/otter/v2"

	"riskatlas/data"
)

// The zoom from which a tile is superposed at its own resolution, and the last
// whose cells are finer than those of the zoom above.
const (
	directZoom = 14
	finestTile = 16
)

// MaxZoom is the deepest zoom of a tile's address.
const MaxZoom = 22

// Sentinel errors of sources, met through errors.Is.
var (
	// ErrNotReady says that the city is still being loaded.
	ErrNotReady = errors.New("the city is still being loaded")
	// ErrNotHeld says that a frozen map was asked for another map than it holds.
	ErrNotHeld = errors.New("not in this archive")
)

// Defaults of Options.
const (
	DefaultMemoryBytes    = 256 << 20
	DefaultRedisTTL       = 72 * time.Hour
	DefaultRedisLeastCost = 300 * time.Microsecond
	DefaultRedisTimeout   = 50 * time.Millisecond
	DefaultQueue          = 64
	DefaultQueueWait      = 2 * time.Second
)

// Options is how a Renderer caches and how much it builds at once. The zero
// value is a renderer without Redis.
type Options struct {
	MemoryBytes int64 // for cached tiles; 0: DefaultMemoryBytes
	FieldBytes  int64 // for the fields of filters; 0: DefaultFieldBytes

	Redis    string        // redis:// or rediss:// URL of the cache that servers share; "": none
	RedisTTL time.Duration // how long a tile stays there; 0: DefaultRedisTTL; under 0: for ever
	// RedisLeastCost is the time at work from which a tile is worth sending to
	// Redis, an answer of which costs some 50 µs; serve takes
	// DefaultRedisLeastCost. 0: every tile that is not empty.
	RedisLeastCost time.Duration
	RedisTimeout   time.Duration // of one question, dialling included; 0: DefaultRedisTimeout

	Builds    int           // cold tiles built at once; 0: twice the cores
	Queue     int           // builds that may wait for a place; 0: DefaultQueue
	QueueWait time.Duration // how long they wait before ErrBusy; 0: DefaultQueueWait
}

func (o Options) withDefaults() Options {
	if o.MemoryBytes <= 0 {
		o.MemoryBytes = DefaultMemoryBytes
	}
	if o.FieldBytes <= 0 {
		o.FieldBytes = DefaultFieldBytes
	}
	switch {
	case o.RedisTTL == 0:
		o.RedisTTL = DefaultRedisTTL
	case o.RedisTTL < 0:
		o.RedisTTL = 0 // what Redis' client takes as for ever
	}
	if o.RedisTimeout <= 0 {
		o.RedisTimeout = DefaultRedisTimeout
	}
	if o.Builds <= 0 {
		o.Builds = 2 * runtime.GOMAXPROCS(0)
	}
	if o.Queue <= 0 {
		o.Queue = DefaultQueue
	}
	if o.QueueWait <= 0 {
		o.QueueWait = DefaultQueueWait
	}
	return o
}

// Renderer is the Source of the living city. It asks, in this order: the
// client's ETag, the memory, who is building the tile already, Redis, and then
// builds. Safe for concurrent use.
type Renderer struct {
	viewer    *Viewer
	program   string
	leastCost time.Duration
	memory    *otter.Cache[Key, built]
	outlines  *outlines
	shared    *shared // nil: no Redis
	flights   flights
	limit     *limiter
	fields    *fields
	stats     Stats
}

var _ Source = (*Renderer)(nil)

// NewRenderer makes a renderer of what the viewer shows. The error is for an
// unusable Redis URL; a Redis that is away is no error. Close it after use.
func NewRenderer(viewer *Viewer, opts Options) (*Renderer, error) {
	opts = opts.withDefaults()
	r := &Renderer{viewer: viewer, program: program(), leastCost: opts.RedisLeastCost}
	r.limit = newLimiter(opts.Builds, opts.Queue, opts.QueueWait, &r.stats)
	r.fields = newFields(opts.FieldBytes, &r.stats)
	var err error
	if r.memory, err = newMemory(uint64(opts.MemoryBytes)); err != nil {
		return nil, err
	}
	if r.outlines, err = newOutlines(); err != nil {
		return nil, err
	}
	r.limit.memory = newSqueeze(func(tight bool) {
		most := uint64(opts.MemoryBytes)
		if tight {
			most /= 8
		}
		r.memory.SetMaximum(most)
	})
	if opts.Redis != "" {
		if r.shared, err = newShared(opts.Redis, opts.RedisTimeout, opts.RedisTTL, &r.stats); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Stats are the renderer's counters, which go on counting.
func (r *Renderer) Stats() *Stats { return &r.stats }

// Close waits for what is being built and stored, then leaves Redis. No tile may
// be asked for afterwards.
func (r *Renderer) Close() error {
	r.flights.wait()
	r.fields.close()
	r.memory.StopAllGoroutines()
	r.outlines.StopAllGoroutines()
	return r.shared.close()
}

// Tile gives the asked tile of the request's view. The error is an *data.Invalid
// for an address outside of the world, ErrNotReady, ErrBusy, or the context's,
// which ends only this caller's wait.
func (r *Renderer) Tile(ctx context.Context, req Request) (Tile, error) {
	r.stats.Requests.Add(1)
	v := req.View
	if v == nil {
		v = r.viewer.View()
	}
	if v == nil {
		return Tile{}, ErrNotReady
	}
	if err := checkAddress(req); err != nil {
		return Tile{}, err
	}
	if _, err := v.CutsOf(req.Criterion); err != nil {
		return Tile{}, err
	}
	if err := req.Picture.check(req.Layers); err != nil {
		return Tile{}, err
	}
	if req.Layers.Has(data.LayerDiff) && v.base == nil {
		return Tile{}, errNoBase
	}
	return r.tileOf(ctx, v, req)
}

func checkAddress(req Request) error {
	t := req.Tile
	if t.Z > MaxZoom {
		return &data.Invalid{Field: "z", Value: fmt.Sprint(t.Z), Want: fmt.Sprintf("a zoom of 0 to %d", MaxZoom)}
	}
	for _, c := range []struct {
		name string
		v    uint32
	}{{"x", t.X}, {"y", t.Y}} {
		if c.v>>t.Z != 0 {
			return &data.Invalid{Field: c.name, Value: fmt.Sprint(c.v), Want: fmt.Sprintf("0 to %d at zoom %d", uint32(1)<<t.Z-1, t.Z)}
		}
	}
	return nil
}

func (r *Renderer) tileOf(ctx context.Context, v *View, asked Request) (Tile, error) {
	req := asked.canonical()
	k := v.keyed(req, r.program)
	if asked.Known != "" && names(asked.Known, k.etag[0]) {
		r.stats.NotModified.Add(1)
		return k.tile(built{}, ""), nil
	}
	if k.void {
		r.stats.Void.Add(1)
		return k.tile(built{}, "computed"), nil
	}
	if b, ok := r.memory.GetIfPresent(k.key); ok {
		r.stats.MemoryHits.Add(1)
		return k.tile(b, "memory"), nil
	}
	return r.wait(ctx, v, req, k)
}

// wait joins the tile's computation, or starts it.
func (r *Renderer) wait(ctx context.Context, v *View, req Request, k *keyed) (Tile, error) {
	key := k.key
	b, from, joined, err := r.flights.do(ctx, key,
		func() (built, bool) { return r.memory.GetIfPresent(key) },
		func(ctx context.Context, land landing) { r.fetch(ctx, v, req, key, land) })
	switch {
	case err != nil && ctx.Err() != nil:
		r.stats.Abandoned.Add(1)
	case joined:
		r.stats.Joined.Add(1)
	case from == "memory":
		r.stats.MemoryHits.Add(1)
	}
	if err != nil {
		return Tile{}, fmt.Errorf("tile %d/%d/%d: %w", req.Tile.Z, req.Tile.X, req.Tile.Y, err)
	}
	return k.tile(b, from), nil
}

// tile is the answer with this key; one from nowhere is not modified.
func (k *keyed) tile(b built, from string) Tile {
	return Tile{
		Data: b.data, ETag: k.etag[0], Empty: len(b.data) == 0 && from != "", NotModified: from == "", From: from,
		ETagHeader: k.etag, ZippedETagHeader: k.zipped, LengthHeader: b.length,
	}
}

// fetch gets a tile from Redis or builds it, and stores it. Who waits has the
// tile before it is stored.
func (r *Renderer) fetch(ctx context.Context, v *View, req Request, key Key, land landing) {
	stored, foreign := r.shared.get(ctx, key)
	if stored != nil {
		b := newBuilt(stored)
		r.memory.Set(key, b)
		land(b, "redis", nil)
		return
	}
	if err := r.limit.acquire(ctx); err != nil {
		land(built{}, "", err)
		return
	}
	b, cost, err := r.build(ctx, v, req)
	if err != nil {
		r.stats.Failed.Add(1)
		land(built{}, "", err)
		return
	}
	r.stats.Computed.Add(1)
	r.memory.Set(key, b)
	land(b, "computed", nil)
	switch {
	case r.shared == nil || len(b.data) == 0:
	case cost >= r.leastCost || foreign:
		r.shared.set(context.WithoutCancel(ctx), key, b.data)
	default:
		r.stats.RedisCheap.Add(1)
	}
}

// build computes a tile in a place of the limiter, which it gives back.
func (r *Renderer) build(ctx context.Context, v *View, req Request) (b built, cost time.Duration, err error) {
	defer r.limit.release()
	start := time.Now()
	if zipped, failed := r.pack(ctx, v, req); len(zipped) > 0 {
		b = newBuilt(zipped)
	} else {
		err = failed
	}
	cost = time.Since(start)
	r.limit.took(cost)
	r.stats.BuildNanos.Add(uint64(cost))
	return b, cost, err
}
