package report

import (
	"context"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/demo"
	"riskatlas/data/grading"
	"riskatlas/data/memory"
	"riskatlas/index"
	"riskatlas/riskgrid"
	"riskatlas/tiles"
)

var loadHangzhou = sync.OnceValues(func() (*city.Profile, error) { return city.Load("hangzhou") })

func hangzhou(t testing.TB) *city.Profile {
	t.Helper()
	p, err := loadHangzhou()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// town is a city over a store in memory, with its first view.
type town struct {
	store *memory.Store
	city  *city.City
	view  *tiles.View
}

func newTown(t testing.TB, who city.View, records []*data.Record, units map[string][]data.Unit) *town {
	t.Helper()
	p := hangzhou(t)
	w := &town{store: memory.New(p.Taxonomy)}
	note := data.Note{Who: "test", Why: "fixture"}
	for _, kind := range []string{data.PlaceKind, data.PeopleKind, data.ZoneKind("parks")} {
		if us := units[kind]; us != nil {
			if _, err := w.store.Replace(t.Context(), note, kind, us); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.apply(t, records...)
	w.city = city.Wrap(w.store, p, who)
	viewer := tiles.NewViewer(p, who)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		index.New(p.Taxonomy).Follow(ctx, w.city, viewer.Publish)
	}()
	<-viewer.Ready()
	cancel()
	<-done
	w.view = viewer.View()
	return w
}

func (w *town) apply(t testing.TB, records ...*data.Record) {
	t.Helper()
	var changes []data.Change
	for _, r := range records {
		changes = append(changes, data.Change{ID: r.Hazard.ID, If: data.Any, New: r})
	}
	if _, err := w.store.Apply(t.Context(), data.Note{Who: "test", Why: "fixture"}, changes...); err != nil {
		t.Fatal(err)
	}
}

func (w *town) input(t testing.TB) Input {
	t.Helper()
	rules, err := grading.Load()
	if err != nil {
		t.Fatal(err)
	}
	return Input{View: w.view, City: w.city, Rules: rules}
}

func (w *town) report(t testing.TB, c riskgrid.Criterion) *Report {
	t.Helper()
	in := w.input(t)
	in.Criterion = c
	r, err := Gather(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func demoRecords(t testing.TB, n int) []*data.Record {
	t.Helper()
	var out []*data.Record
	for r := range demo.Hazards(hangzhou(t), n, 1) {
		out = append(out, r)
	}
	return out
}

// source makes a public record; more changes it before it is sealed.
func source(t testing.TB, id, industry string, level data.Level, at orb.Geometry, detail data.Detail, more ...func(*data.Hazard)) *data.Record {
	t.Helper()
	in, err := hangzhou(t).Taxonomy.Industry(industry)
	if err != nil {
		t.Fatal(err)
	}
	h := data.Hazard{ID: data.ID(id), Name: "source " + id, Class: data.Class{Industry: in, Level: level},
		Sensitivity: data.Public, Shape: at}
	for _, change := range more {
		change(&h)
	}
	sealed, err := h.Seal()
	if err != nil {
		t.Fatal(err)
	}
	return &data.Record{Hazard: sealed, Detail: detail}
}

// blast adds a scenario that kills everybody within a distance.
func blast(t testing.TB, perYear, metres float64) func(*data.Hazard) {
	t.Helper()
	f, err := data.NewFootprint(data.Footprint{Kind: data.Step, V0: 1, R1: metres, R2: metres})
	if err != nil {
		t.Fatal(err)
	}
	return func(h *data.Hazard) {
		h.Scenarios = append(h.Scenarios, data.Scenario{Outcome: 5, Basis: data.QRA, PerYear: perYear, Footprint: f})
	}
}

// square is an area around a place, half degrees wide and high.
func square(p orb.Point, half float64) orb.Polygon {
	return orb.Bound{Min: orb.Point{p[0] - half, p[1] - half}, Max: orb.Point{p[0] + half, p[1] + half}}.ToPolygon()
}
