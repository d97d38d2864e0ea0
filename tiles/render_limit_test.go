package tiles

import (
	"context"
	"errors"
	"runtime/debug"
	"testing"
	"time"

	"riskatlas/data"
)

// Who would wait longer than allowed is refused at once, not after the wait.
func TestWhoWouldWaitInVainIsRefusedAtOnce(t *testing.T) {
	var stats Stats
	l := newLimiter(2, 64, time.Hour, &stats)
	for range 2 {
		if err := l.acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		l.took(3 * time.Hour) // 1.5 h for each place in the queue
	}
	if err := l.acquire(t.Context()); !errors.Is(err, ErrBusy) || stats.Busy.Load() != 1 || stats.Waiting.Load() != 0 {
		t.Fatalf("%v, busy %d, waiting %d", err, stats.Busy.Load(), stats.Waiting.Load())
	}
	for range 200 {
		l.took(time.Minute)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.acquire(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("after quick builds: %v, want to have waited", err)
	}
	l.release()
	if err := l.acquire(t.Context()); err != nil {
		t.Error(err)
	}
}

// When memory is short nothing is built and the cache shrinks; both come back.
func TestShortMemoryRefusesBuilds(t *testing.T) {
	var used int64
	var changes []bool
	s := &squeeze{limit: 1000, used: func() int64 { return used }, change: func(tight bool) { changes = append(changes, tight) }, start: time.Now()}
	var stats Stats
	l := newLimiter(2, 1, time.Hour, &stats)
	l.memory = s
	for _, step := range []struct {
		used  int64
		tight bool
	}{{1000, false}, {1100, false}, {1101, true}, {5000, true}, {900, false}} {
		used = step.used
		s.next.Store(0)
		err := l.acquire(t.Context())
		if errors.Is(err, ErrBusy) != step.tight || err != nil && !step.tight {
			t.Errorf("%d bytes: %v", step.used, err)
		}
		if err == nil {
			l.release()
		}
		used = 1 << 40
		if s.tight() != step.tight {
			t.Error("the memory was looked at again at once")
		}
	}
	if len(changes) != 2 || !changes[0] || changes[1] {
		t.Errorf("told %v", changes)
	}
	if (*squeeze)(nil).tight() {
		t.Error("without a limit memory is short")
	}
}

func TestRendererHeedsTheMemoryLimit(t *testing.T) {
	w := compactTown(t, 35, 5)
	old := debug.SetMemoryLimit(4 << 20) // less than this program has
	r := w.renderer(Options{MemoryBytes: 8 << 20})
	debug.SetMemoryLimit(old)
	_, err := r.Tile(t.Context(), Request{Tile: tileAt(12, 0, 0), Layers: Layers(data.LayerRisk), Filter: data.All()})
	if !errors.Is(err, ErrBusy) {
		t.Errorf("a tile when memory is short: %v", err)
	}
	if got := r.memory.GetMaximum(); got != 1<<20 {
		t.Errorf("the cache may hold %d bytes", got)
	}
}
