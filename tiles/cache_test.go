package tiles

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func never() (built, bool) { return built{}, false }

func TestOneFlightForAll(t *testing.T) {
	var f flights
	var computed atomic.Int32
	release, joined := make(chan struct{}), make(chan struct{})
	const n = 1000
	var wg sync.WaitGroup
	var started sync.Once
	for range n {
		wg.Go(func() {
			tile, from, _, err := f.do(t.Context(), Key{1}, never, func(_ context.Context, land landing) {
				started.Do(func() { close(joined) })
				computed.Add(1)
				<-release
				land(newBuilt([]byte("tile")), "computed", nil)
			})
			if err != nil || string(tile.data) != "tile" || from != "computed" {
				t.Errorf("%q from %q, %v", tile.data, from, err)
			}
		})
	}
	<-joined
	for waiting := 0; waiting < n; {
		f.mu.Lock()
		waiting = f.open[Key{1}].waiting
		f.mu.Unlock()
	}
	close(release)
	wg.Wait()
	if computed.Load() != 1 || len(f.open) != 0 {
		t.Errorf("%d computations, %d left open", computed.Load(), len(f.open))
	}
}

func TestLeavingStopsOnlyOnesOwnWait(t *testing.T) {
	var f flights
	release, running := make(chan struct{}), make(chan context.Context, 1)
	compute := func(ctx context.Context, land landing) {
		running <- ctx
		<-release
		land(newBuilt([]byte("tile")), "computed", ctx.Err())
	}
	leaver, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, _, _, err := f.do(leaver, Key{1}, never, compute)
		left <- err
	}()
	work := <-running
	stayed := make(chan error)
	go func() {
		_, _, joined, err := f.do(t.Context(), Key{1}, never, compute)
		if !joined {
			err = errors.New("a second computation was started")
		}
		stayed <- err
	}()
	for waiting := 0; waiting < 2; {
		f.mu.Lock()
		waiting = f.open[Key{1}].waiting
		f.mu.Unlock()
	}
	leave() // the one that began it
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("who left got %v", err)
	}
	if work.Err() != nil {
		t.Error("the computation was stopped while somebody waits")
	}
	close(release)
	if err := <-stayed; err != nil {
		t.Errorf("who stayed got %v", err)
	}
	f.wait()
}

func TestTheLastToLeaveStopsTheWork(t *testing.T) {
	var f flights
	running := make(chan context.Context, 1)
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, _, _, err := f.do(ctx, Key{1}, never, func(ctx context.Context, land landing) {
			running <- ctx
			<-ctx.Done()
			land(built{}, "", ctx.Err())
		})
		left <- err
	}()
	<-running
	leave()
	<-left
	f.wait() // ends only when the work was stopped
	// Who comes next begins anew and does not get the stopped one's error.
	tile, _, joined, err := f.do(t.Context(), Key{1}, never, func(_ context.Context, land landing) {
		land(newBuilt([]byte("new")), "computed", nil)
	})
	if err != nil || joined || string(tile.data) != "new" {
		t.Errorf("%q, joined %v, %v", tile.data, joined, err)
	}
}

func TestAFaultIsOneTilesError(t *testing.T) {
	var f flights
	_, _, _, err := f.do(t.Context(), Key{1}, never, func(context.Context, landing) { panic("broken ring") })
	if err == nil || !strings.Contains(err.Error(), "broken ring") {
		t.Errorf("got %v", err)
	}
	_, _, _, err = f.do(t.Context(), Key{1}, never, func(context.Context, landing) {})
	if err == nil {
		t.Error("a computation without a result gave none as a tile")
	}
}

func TestAFlightLooksAgain(t *testing.T) {
	var f flights
	tile, from, _, err := f.do(t.Context(), Key{1}, func() (built, bool) { return newBuilt([]byte("landed")), true },
		func(context.Context, landing) { t.Error("computed what was there") })
	if err != nil || from != "memory" || string(tile.data) != "landed" {
		t.Errorf("%q from %q, %v", tile.data, from, err)
	}
}

func TestLimiter(t *testing.T) {
	var stats Stats
	l := newLimiter(2, 1, time.Hour, &stats)
	for range 2 {
		if err := l.acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	got := make(chan error)
	go func() { got <- l.acquire(t.Context()) }()
	for stats.Waiting.Load() != 1 { // until the queue is full
		select {
		case err := <-got:
			t.Fatalf("a third at once: %v", err)
		default:
		}
	}
	if err := l.acquire(t.Context()); !errors.Is(err, ErrBusy) {
		t.Errorf("past the queue: %v, want ErrBusy", err)
	}
	l.release()
	if err := <-got; err != nil {
		t.Errorf("the queued one: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.acquire(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("who left the queue got %v", err)
	}
	l.wait = time.Millisecond
	if err := l.acquire(t.Context()); !errors.Is(err, ErrBusy) {
		t.Errorf("past the wait: %v, want ErrBusy", err)
	}
	if stats.Busy.Load() != 2 || stats.Building.Load() != 2 || stats.Waiting.Load() != 0 {
		t.Errorf("busy %d building %d waiting %d", stats.Busy.Load(), stats.Building.Load(), stats.Waiting.Load())
	}
}
