package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"sync"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/demo"
	"riskatlas/data/memory"
	"riskatlas/index"
	"riskatlas/tiles"
)

// demoFlags ask for the demonstration city in the place of a store.
type demoFlags struct {
	On      bool
	Hazards int
	Seed    uint64
}

// openCity opens the store, or fills one in memory with the demonstration city.
func openCity(f *storeFlags, d demoFlags) (unitStore, *city.Profile, error) {
	if !d.On {
		return f.open()
	}
	if f.Store != "" {
		return nil, nil, fmt.Errorf("--demo and --store: want one of them; 'riskatlas demo --store FILE' writes a demonstration city into a file")
	}
	profile, err := city.Load(f.City)
	if err != nil {
		return nil, nil, err
	}
	store := memory.New(profile.Taxonomy)
	if err := fillDemo(context.Background(), store, profile, d.Hazards, d.Seed, func(int) {}); err != nil {
		return nil, nil, err
	}
	return store, profile, nil
}

// fillDemo writes a demonstration city into a store: its people, its places, then
// its hazards in one revision. Records that the store holds under the same ids are
// replaced.
func fillDemo(ctx context.Context, store unitStore, profile *city.Profile, n int, seed uint64, made func(int)) error {
	note := data.Note{Who: "riskatlas demo", Why: fmt.Sprintf("synthetic demonstration city, %d sources, seed %d", n, seed)}
	if _, err := store.Replace(ctx, note, data.PeopleKind, demo.People(profile, n, seed)); err != nil {
		return fmt.Errorf("demonstration people: %w", err)
	}
	places := demo.Places(profile, demo.UsualPlaces, seed)
	if _, err := store.Replace(ctx, note, data.PlaceKind, places); err != nil {
		return fmt.Errorf("demonstration places: %w", err)
	}
	derive, err := demoScenarios(profile)
	if err != nil {
		return err
	}
	changes := make([]data.Change, 0, n)
	batch := make([]*data.Record, 0, 1024)
	for r := range demo.Hazards(profile, n, seed) {
		if batch = append(batch, r); len(batch) < cap(batch) && len(changes)+len(batch) < n {
			continue
		}
		if err := deriveAll(derive, batch); err != nil {
			return err
		}
		for _, r := range batch {
			changes = append(changes, data.Change{ID: r.Hazard.ID, If: data.Any, New: r})
			made(len(changes))
		}
		batch = batch[:0]
	}
	if _, err := store.Apply(ctx, note, changes...); err != nil {
		return fmt.Errorf("demonstration sources: %w", err)
	}
	return nil
}

// deriveAll derives each record in its place, on all cores.
func deriveAll(derive func(*data.Record) (*data.Record, error), records []*data.Record) error {
	parts := runtime.GOMAXPROCS(0)
	errs := make([]error, parts)
	var wg sync.WaitGroup
	for part := range parts {
		wg.Go(func() {
			for i := part; i < len(records) && errs[part] == nil; i += parts {
				records[i], errs[part] = derive(records[i])
			}
		})
	}
	wg.Wait()
	return cmp.Or(errs...)
}

// live is the city in memory, following its store.
type live struct {
	index    *index.Index
	viewer   *tiles.Viewer
	renderer *tiles.Renderer
	failed   chan error // Follow's error, once, when it ends by itself
	refused  chan error // why a revision cannot be shown; the last one that can stays

	// told is called after each publication with the views before and after it; nil:
	// nobody listens.
	told func(before, after *tiles.View, u index.Update)
}

// follow starts to load and follow the city. It returns at once: the viewer has
// its first view when loading is done. stop ends the following and waits for it.
func follow(ctx context.Context, c *city.City, opts tiles.Options, with ...func(*live)) (l *live, stop func(), err error) {
	l = &live{index: index.New(c.Profile().Taxonomy), failed: make(chan error, 1), refused: make(chan error, 1)}
	for _, set := range with {
		set(l)
	}
	l.viewer = tiles.NewViewer(c.Profile(), c.View())
	if l.renderer, err = tiles.NewRenderer(l.viewer, opts); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := l.index.Follow(ctx, c, l.publish); err != nil && ctx.Err() == nil {
			l.failed <- err
		}
	}()
	return l, func() { cancel(); <-done; l.viewer.Close(); l.renderer.Close() }, nil
}

func (l *live) publish(u index.Update) {
	before := l.viewer.View()
	l.viewer.Publish(u)
	if l.told != nil {
		l.told(before, l.viewer.View(), u)
	}
	if err := l.viewer.Err(); err != nil {
		select {
		case l.refused <- err:
		default: // the one before has not been heard yet
		}
	}
}

// startLive follows the city and waits for its first view.
func startLive(ctx context.Context, c *city.City, opts tiles.Options) (*live, func(), error) {
	l, stop, err := follow(ctx, c, opts)
	if err != nil {
		return nil, nil, err
	}
	select {
	case <-l.viewer.Ready():
		return l, stop, nil
	case err = <-l.failed:
	case err = <-l.refused:
	case <-ctx.Done():
		err = ctx.Err()
	}
	stop()
	return nil, nil, fmt.Errorf("loading the city: %w", err)
}

// isTerminal reports whether a progress bar would be seen there.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// tenths calls say about ten times while n of total goes up: progress where
// there is no terminal.
func tenths(total int, say func(n int)) func(n int) {
	marks := make([]int, 0, 10)
	for i := 1; i <= 10; i++ {
		marks = append(marks, total*i/10)
	}
	return func(n int) {
		if slices.Contains(marks, n) {
			say(n)
		}
	}
}
