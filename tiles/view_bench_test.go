package tiles

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/demo"
	"riskatlas/data/memory"
	"riskatlas/index"
)

// soaking reports that there is time for whole cities.
func soaking() bool { return os.Getenv("RISKATLAS_SOAK") != "" }

// movedBy is a hazard some metres to the north-east, of the same record.
func movedBy(tb testing.TB, h *data.Hazard, metres float64) *data.Hazard {
	tb.Helper()
	d := metres / data.MetresPerDegree
	var shift func(g orb.Geometry) orb.Geometry
	points := func(ps []orb.Point) []orb.Point {
		out := slices.Clone(ps)
		for i := range out {
			out[i] = orb.Point{out[i][0] + d, out[i][1] + d}
		}
		return out
	}
	shift = func(g orb.Geometry) orb.Geometry {
		switch g := g.(type) {
		case orb.Point:
			return orb.Point{g[0] + d, g[1] + d}
		case orb.MultiPoint:
			return orb.MultiPoint(points(g))
		case orb.LineString:
			return orb.LineString(points(g))
		case orb.Polygon:
			var p orb.Polygon
			for _, r := range g {
				p = append(p, points(r))
			}
			return p
		}
		tb.Fatalf("%s: shape %T", h.ID, g)
		return nil
	}
	moved := *h
	moved.Shape = shift(h.Shape)
	sealed, err := moved.Seal()
	if err != nil {
		tb.Fatal(err)
	}
	return sealed
}

// kindOf sorts changes by what they cost.
func kindOf(h *data.Hazard) string {
	switch h.Shape.(type) {
	case orb.Point:
		return "point"
	case orb.LineString, orb.MultiLineString:
		return "line"
	}
	return "area"
}

// BenchmarkPublish makes the view after a change of one source: one that moves,
// comes or goes, by the kind of its shape. Times are of the snapshot and of Publish
// together, the losses of moments later apart; cpu is the processor's of both and of
// what the garbage collector does meanwhile.
func BenchmarkPublish(b *testing.B) {
	sizes := []int{10_000, 100_000}
	if soaking() {
		sizes = append(sizes, 1_000_000)
	}
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			v := livedIn(b, n)
			defer v.Close()
			by := map[string][]*data.Hazard{}
			for h := range v.View().All(data.All(), "") {
				if h.Status == data.Active {
					by[kindOf(h)] = append(by[kindOf(h)], h)
				}
			}
			for _, kind := range []string{"point", "line", "area"} {
				for _, what := range []string{"move", "remove", "add"} {
					b.Run(kind+"/"+what, func(b *testing.B) { benchPublish(b, v, by[kind], what) })
				}
			}
		})
	}
}

// livedIn is the demonstration city of n sources, with its people.
func livedIn(tb testing.TB, n int) *Viewer {
	tb.Helper()
	p, err := city.Load("hangzhou")
	if err != nil {
		tb.Fatal(err)
	}
	store := memory.New(p.Taxonomy)
	defer store.Close()
	note := data.Note{Who: "bench"}
	if _, err := store.Replace(tb.Context(), note, data.PeopleKind, demo.People(p, n, 1)); err != nil {
		tb.Fatal(err)
	}
	var changes []data.Change
	for r := range demo.Hazards(p, n, 1) {
		changes = append(changes, data.Change{ID: r.Hazard.ID, New: r})
	}
	if _, err := store.Apply(tb.Context(), note, changes...); err != nil {
		tb.Fatal(err)
	}
	v := NewViewer(p, city.InternalView)
	ctx, cancel := context.WithCancel(tb.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = index.New(p.Taxonomy).Follow(ctx, city.Wrap(store, p, city.InternalView), v.Publish)
	}()
	<-v.Ready()
	cancel()
	<-done
	return v
}

func benchPublish(b *testing.B, v *Viewer, hs []*data.Hazard, what string) {
	rng := rand.New(rand.NewPCG(7, 7))
	var publish, snapshot, losses, work []time.Duration
	step := func(h, to *data.Hazard, timed bool) {
		s := v.View().Snapshot
		change := data.Change{ID: h.ID}
		pair := index.Change{New: to}
		pair.Old, _ = s.Get(h.ID)
		if to != nil {
			change.New = &data.Record{Hazard: to}
		}
		before := cpuTime()
		start := time.Now()
		s = s.With(change)
		made := time.Now()
		v.Publish(index.Update{Snapshot: s, Changes: []index.Change{pair}})
		done, spent := time.Now(), cpuTime()-before
		if err := v.View().Wait(b.Context()); err != nil {
			b.Fatal(err)
		}
		v.after.left.Wait()
		if timed {
			snapshot, publish = append(snapshot, made.Sub(start)), append(publish, done.Sub(start))
			losses, work = append(losses, time.Since(done)), append(work, spent)
		}
	}
	b.ResetTimer()
	for range b.N {
		h := hs[rng.IntN(len(hs))]
		switch what {
		case "move":
			step(h, movedBy(b, h, 300), true)
			step(h, h, false)
		case "remove":
			step(h, nil, true)
			step(h, h, false)
		case "add":
			step(h, nil, false)
			step(h, h, true)
		}
	}
	report := func(name string, ds []time.Duration) {
		slices.Sort(ds)
		b.ReportMetric(float64(ds[len(ds)/2].Microseconds()), name+"-p50-µs")
		b.ReportMetric(float64(ds[len(ds)*99/100].Microseconds()), name+"-p99-µs")
	}
	report("all", publish)
	report("snapshot", snapshot)
	report("losses", losses)
	report("cpu", work)
}
