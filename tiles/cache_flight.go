package tiles

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
)

// flights makes one computation of each key at a time, for all who ask
// meanwhile. It differs from singleflight in that who leaves stops only its own
// wait, and the computation is told to stop when the last has left. The zero
// value is ready; safe for concurrent use.
type flights struct {
	mu   sync.Mutex
	open map[Key]*flight
	work sync.WaitGroup
}

// flight is one computation.
type flight struct {
	done    chan struct{} // closed when tile and err are set
	tile    built
	from    string
	err     error
	waiting int // guarded by flights.mu
	stop    context.CancelFunc
}

// landing is told by a computation that its result stands: everyone who waits
// gets it, while the computation may go on to store it.
type landing func(tile built, from string, err error)

// do gives the key's tile, by starting compute in a goroutine of its own or by
// joining the one that runs. The context that compute gets ends when nobody
// waits. again is called under the lock before a flight starts: a tile that
// landed between the caller's look and now is not computed twice.
func (f *flights) do(ctx context.Context, k Key, again func() (built, bool), compute func(context.Context, landing)) (tile built, from string, joined bool, err error) {
	f.mu.Lock()
	fl, joined := f.open[k]
	if !joined {
		if tile, ok := again(); ok {
			f.mu.Unlock()
			return tile, "memory", false, nil
		}
		fl = f.start(ctx, k, compute)
	}
	fl.waiting++
	f.mu.Unlock()
	select {
	case <-fl.done:
		return fl.tile, fl.from, joined, fl.err
	case <-ctx.Done():
		f.leave(k, fl)
		return built{}, "", joined, ctx.Err()
	}
}

func (f *flights) start(ctx context.Context, k Key, compute func(context.Context, landing)) *flight {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	fl := &flight{done: make(chan struct{}), stop: stop}
	if f.open == nil {
		f.open = map[Key]*flight{}
	}
	f.open[k] = fl
	f.work.Go(func() {
		defer stop()
		var once sync.Once
		land := func(tile built, from string, err error) {
			once.Do(func() {
				f.mu.Lock()
				if f.open[k] == fl {
					delete(f.open, k)
				}
				f.mu.Unlock()
				fl.tile, fl.from, fl.err = tile, from, err
				close(fl.done)
			})
		}
		// A fault in building one tile is that tile's error, not the end of the
		// server and of everyone who waits.
		defer func() {
			if r := recover(); r != nil {
				land(built{}, "", fmt.Errorf("building the tile: %v\n%s", r, debug.Stack()))
			}
		}()
		compute(work, land)
		land(built{}, "", fmt.Errorf("building the tile gave no result"))
	})
	return fl
}

// leave ends one wait. The last to leave stops the computation, and who asks
// from then on starts another.
func (f *flights) leave(k Key, fl *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fl.waiting--; fl.waiting == 0 {
		fl.stop()
		if f.open[k] == fl {
			delete(f.open, k)
		}
	}
}

// wait returns when no computation is at work.
func (f *flights) wait() { f.work.Wait() }
