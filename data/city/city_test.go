package city

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/memory"
)

// hazard makes a stored hazard of Hangzhou.
func hazard(t testing.TB, p *Profile, h data.Hazard, industry string) *data.Hazard {
	t.Helper()
	i, err := p.Taxonomy.Industry(industry)
	if err != nil {
		t.Fatal(err)
	}
	h.Industry = i
	if h.Level == 0 {
		h.Level = data.Significant
	}
	if h.Shape == nil {
		h.Shape = orb.Point{120.163, 30.272}
	}
	if h.Name == "" {
		h.Name = "synthetic"
	}
	sealed, err := h.Seal()
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func put(h *data.Hazard) data.Change {
	return data.Change{ID: h.ID, If: data.Any, New: &data.Record{Hazard: h}}
}

func apply(t testing.TB, s data.Store, cs ...data.Change) data.Revision {
	t.Helper()
	rev, err := s.Apply(context.Background(), data.Note{}, cs...)
	if err != nil {
		t.Fatal(err)
	}
	return rev
}

func all(t testing.TB, s data.Store) (data.Revision, map[data.ID]*data.Hazard) {
	t.Helper()
	rev, hazards := s.Load(context.Background())
	out := map[data.ID]*data.Hazard{}
	last := data.ID("")
	for h, err := range hazards {
		if err != nil {
			t.Fatal(err)
		}
		if h.ID <= last {
			t.Fatalf("%s after %s", h.ID, last)
		}
		last = h.ID
		out[h.ID] = h
	}
	return rev, out
}

func district(t testing.TB, p *Profile, vintage, code string) data.District {
	t.Helper()
	v, err := p.Taxonomy.Vintage(vintage)
	if err != nil {
		t.Fatal(err)
	}
	d, err := v.District(code)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestHazardsAreCompleted(t *testing.T) {
	p := hangzhou(t)
	store := memory.New(p.Taxonomy)
	step, err := data.NewFootprint(data.Footprint{Kind: data.Step, V0: 1, R1: 40, R2: 40})
	if err != nil {
		t.Fatal(err)
	}
	twin, _ := data.NewFootprint(data.Footprint{Kind: data.Step, V0: 1, R1: 40, R2: 40})
	own := func(f *data.Footprint) []data.Scenario { return []data.Scenario{{PerYear: 1e-5, Footprint: f}} }
	apply(t, store,
		put(hazard(t, p, data.Hazard{ID: "a", Class: data.Class{Level: data.Major}}, "I04")),
		put(hazard(t, p, data.Hazard{ID: "b", Class: data.Class{Level: data.Low}, Regulator: "another", Sensitivity: data.Public}, "P09")),
		put(hazard(t, p, data.Hazard{ID: "c", Scenarios: own(step)}, "I01")),
		put(hazard(t, p, data.Hazard{ID: "d", Scenarios: own(twin)}, "I01")),
		put(hazard(t, p, data.Hazard{ID: "e", Class: data.Class{Level: data.Major}}, "I04")))
	_, got := all(t, Wrap(store, p, InternalView))
	a := got["a"]
	if s := a.Scenarios[0]; len(a.Scenarios) != 1 || !s.Derived || s.PerYear != 1e-4 || s.Footprint.R1 != 30 || s.Footprint.R2 != 100 ||
		a.Reach() != 100 || a.Sensitivity != data.Public || a.Regulator != "市应急局" {
		t.Errorf("%+v", a)
	}
	b := got["b"]
	if s := b.Scenarios[0]; s.PerYear != 1e-6 || s.Footprint.R1 != 50 || s.Footprint.R2 != 500 || b.Regulator != "another" {
		t.Errorf("%+v", b)
	}
	if c, d := got["c"].Scenarios[0], got["d"].Scenarios[0]; c.Footprint != d.Footprint || c.Derived {
		t.Errorf("equal footprints are two: %+v %+v", c, d)
	}
	if got["e"].Scenarios[0].Footprint != a.Scenarios[0].Footprint || &got["e"].Scenarios[0] != &a.Scenarios[0] {
		t.Error("derived scenarios are not shared")
	}
	if _, raw := all(t, store); raw["d"].Scenarios[0].Footprint != twin || len(raw["a"].Scenarios) != 0 {
		t.Error("the stored hazards were changed")
	}
}

// Stated districts hold in their vintage; others follow by rule where the rule
// is sure, else by place.
func TestPlacing(t *testing.T) {
	p := hangzhou(t)
	at := func(vintage, code string) data.District { return district(t, p, vintage, code) }
	xiasha, linping, wulin, sea := orb.Point{120.345, 30.305}, orb.Point{120.30, 30.42}, orb.Point{120.163, 30.272}, orb.Point{120.75, 30.55}
	old, now := &p.Taxonomy.Vintages[0], &p.Taxonomy.Vintages[1]
	pl, err := Wrap(memory.New(p.Taxonomy), p, PublicView).placer(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name       string
		stated     data.District
		shape      orb.Geometry
		old, after data.District
	}{
		{"by place", 0, xiasha, at("2019", "330104"), at("2021", "330114")},
		{"outside", 0, sea, old.Outside(), now.Outside()},
		{"stated beats the place", at("2019", "330106"), wulin, at("2019", "330106"), at("2021", "330106")},
		{"sure by code, wherever it is", at("2019", "330103"), sea, at("2019", "330103"), at("2021", "330105")},
		{"divided: by place", at("2019", "330104"), xiasha, at("2019", "330104"), at("2021", "330114")},
		{"divided: by place", at("2019", "330110"), linping, at("2019", "330110"), at("2021", "330113")},
		{"backwards, sure", at("2021", "330113"), sea, at("2019", "330110"), at("2021", "330113")},
		{"backwards, by place", at("2021", "330105"), wulin, at("2019", "330103"), at("2021", "330105")},
		{"stated outside", old.Outside(), wulin, old.Outside(), at("2021", "330105")},
		{"a line, by its middle", 0, orb.LineString{xiasha, {121.9, 30.305}}, old.Outside(), now.Outside()},
		{"an area, by a point in it", 0, orb.Polygon{{{120.34, 30.30}, {120.35, 30.30}, {120.35, 30.31}, {120.34, 30.30}}}, at("2019", "330104"), at("2021", "330114")},
	} {
		h := hazard(t, p, data.Hazard{ID: "x", Stated: c.stated, Shape: c.shape}, "I04")
		if got := pl.districts(h); got != [4]data.District{c.old, c.after, c.old, c.old} {
			t.Errorf("%s: %v, want %d %d", c.name, got, c.old, c.after)
		}
	}
}

// The real file's districts, once in the store, place hazards instead of the
// schematic ones; taken away, those hold again.
func TestUnitsFallBack(t *testing.T) {
	ctx := context.Background()
	p := hangzhou(t)
	store := memory.New(p.Taxonomy)
	c := Wrap(store, p, PublicView)
	kind := data.DistrictKind("2021")
	read := func() (units []data.Unit) {
		for u, err := range c.Units(ctx, kind) {
			if err != nil {
				t.Fatal(err)
			}
			units = append(units, *u)
		}
		return units
	}
	if kinds, err := c.Kinds(ctx); err != nil || !slices.Equal(kinds, []string{"district:2019", "district:2021", "zone:functional-2019"}) {
		t.Errorf("%v %v", kinds, err)
	}
	if u := read(); len(u) != 13 || u[0].Props["schematic"] != "true" {
		t.Errorf("%d schematic units", len(u))
	}
	square := orb.Polygon{{{120, 30}, {121, 30}, {121, 31}, {120, 31}, {120, 30}}}
	if _, err := c.Replace(ctx, data.Note{}, kind, []data.Unit{{Code: "330106", Shape: square}}); err != nil {
		t.Fatal(err)
	}
	apply(t, c, put(hazard(t, p, data.Hazard{ID: "a"}, "I04")))
	if _, err := c.Replace(ctx, data.Note{}, data.PlaceKind, []data.Unit{{Code: "s1", Shape: orb.Point{120, 30}}}); err != nil {
		t.Fatal(err)
	}
	if u := read(); len(u) != 1 || u[0].Code != "330106" {
		t.Errorf("%+v", u)
	}
	if kinds, _ := c.Kinds(ctx); !slices.Equal(kinds, []string{"district:2019", "district:2021", "place", "zone:functional-2019"}) {
		t.Errorf("%v", kinds)
	}
	if _, got := all(t, c); got["a"].Districts[1] != district(t, p, "2021", "330106") || got["a"].Districts[0] != district(t, p, "2019", "330103") {
		t.Errorf("%v", got["a"].Districts)
	}
	if _, err := c.Replace(ctx, data.Note{}, kind, nil); err != nil {
		t.Fatal(err)
	}
	if _, got := all(t, c); got["a"].Districts[1] != district(t, p, "2021", "330105") {
		t.Errorf("%v", got["a"].Districts)
	}
	var inv *data.Invalid
	if _, err := c.Replace(ctx, data.Note{}, kind, []data.Unit{{Code: "330103", Shape: square}}); !errors.As(err, &inv) || inv.Value != "330103" {
		t.Errorf("a district of another vintage: %v", err)
	}
	if _, err := c.Replace(ctx, data.Note{}, data.DistrictKind("1999"), nil); !errors.As(err, &inv) || inv.Field != "vintage" {
		t.Errorf("a vintage that is not there: %v", err)
	}
}

// bare is a store that keeps no units.
type bare struct{ data.Store }

func TestStoreWithoutUnits(t *testing.T) {
	p := hangzhou(t)
	c := Wrap(bare{memory.New(p.Taxonomy)}, p, PublicView)
	apply(t, c, put(hazard(t, p, data.Hazard{ID: "a"}, "I04")))
	if _, got := all(t, c); got["a"].Districts[1] != district(t, p, "2021", "330105") {
		t.Errorf("%v", got["a"].Districts)
	}
	if _, err := c.Replace(context.Background(), data.Note{}, data.PlaceKind, nil); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("%v", err)
	}
}

func TestApplyStoresNoDefaults(t *testing.T) {
	ctx := context.Background()
	p := hangzhou(t)
	store := memory.New(p.Taxonomy)
	apply(t, store,
		put(hazard(t, p, data.Hazard{ID: "plain"}, "P09")),
		put(hazard(t, p, data.Hazard{ID: "stated", Sensitivity: data.Internal, Regulator: "市林水局"}, "P09")))
	c := Wrap(store, p, InternalView)
	for _, id := range []data.ID{"plain", "stated"} {
		rs, err := c.Detail(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if h := rs[0].Hazard; h.Sensitivity != data.Internal || h.Regulator != "市林水局" || len(h.Scenarios) != 1 {
			t.Fatalf("%+v", h)
		}
		h := *rs[0].Hazard
		h.Name = "renamed"
		sealed, err := h.Seal()
		if err != nil {
			t.Fatal(err)
		}
		apply(t, c, data.Change{ID: id, If: h.Rev, New: &data.Record{Hazard: sealed, Detail: rs[0].Detail}})
	}
	_, raw := all(t, store)
	if h := raw["plain"]; h.Name != "renamed" || h.Sensitivity != data.Unstated || h.Regulator != "" || len(h.Scenarios) != 0 || h.Districts != [4]data.District{} {
		t.Errorf("defaults were stored: %+v", h)
	}
	if h := raw["stated"]; h.Sensitivity != data.Internal || h.Regulator != "市林水局" {
		t.Errorf("what was stated was lost: %+v", h)
	}
	// Another industry: what was unstated takes the new one's default.
	rs, _ := c.Detail(ctx, "plain")
	h := *rs[0].Hazard
	h.Industry, _ = p.Taxonomy.Industry("I04")
	h.Regulator = "mine"
	sealed, _ := h.Seal()
	apply(t, c, put(sealed))
	if rs, _ = c.Detail(ctx, "plain"); rs[0].Hazard.Sensitivity != data.Public || rs[0].Hazard.Regulator != "mine" {
		t.Errorf("%+v", rs[0].Hazard)
	}
	if _, err := c.Apply(ctx, data.Note{}, data.Change{ID: "plain", If: 1, New: rs[0]}); !errors.Is(err, data.ErrConflict) {
		t.Errorf("%v", err)
	}
}

func TestPublicViewCannotErasePersonalFields(t *testing.T) {
	ctx := context.Background()
	p := hangzhou(t)
	store := memory.New(p.Taxonomy)
	h := hazard(t, p, data.Hazard{ID: "a"}, "I04")
	full := data.Detail{Address: "somewhere", Responsible: "R", DutyPhone: "D", RegulatorContact: "C", GridOfficer: "G", Assessor: "A"}
	apply(t, store, data.Change{ID: "a", New: &data.Record{Hazard: h, Detail: full}})
	c := Wrap(store, p, PublicView)
	rs, err := c.Detail(ctx, "a", "b")
	if err != nil || rs[1] != nil || rs[0].Detail.Responsible != "" || rs[0].Detail.Address != "somewhere" {
		t.Fatalf("%+v %v", rs, err)
	}
	changed := *rs[0]
	changed.Detail.Address, changed.Detail.DutyPhone = "elsewhere", "new"
	apply(t, c, data.Change{ID: "a", If: 1, New: &changed})
	raw, _ := store.Detail(ctx, "a")
	want := full
	want.Address, want.DutyPhone = "elsewhere", "new"
	if got := raw[0].Detail; fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// broken fails at the step that is set.
type broken struct {
	*memory.Store
	load, watch, detail, units error
}

func (b *broken) Load(ctx context.Context) (data.Revision, iter.Seq2[*data.Hazard, error]) {
	if b.load != nil {
		return 7, func(yield func(*data.Hazard, error) bool) { yield(nil, b.load) }
	}
	return b.Store.Load(ctx)
}
func (b *broken) Watch(ctx context.Context, since data.Revision) iter.Seq2[data.Batch, error] {
	if b.watch != nil {
		return func(yield func(data.Batch, error) bool) { yield(data.Batch{}, b.watch) }
	}
	return b.Store.Watch(ctx, since)
}
func (b *broken) Detail(ctx context.Context, ids ...data.ID) ([]*data.Record, error) {
	if b.detail != nil {
		return nil, b.detail
	}
	return b.Store.Detail(ctx, ids...)
}
func (b *broken) Units(ctx context.Context, kind string) iter.Seq2[*data.Unit, error] {
	if b.units != nil {
		return func(yield func(*data.Unit, error) bool) { yield(nil, b.units) }
	}
	return b.Store.Units(ctx, kind)
}

func TestErrorsWrap(t *testing.T) {
	ctx := context.Background()
	p := hangzhou(t)
	fault := errors.New("the disk is gone")
	load := func(c *City) error {
		_, hazards := c.Load(ctx)
		for _, err := range hazards {
			if err != nil {
				return err
			}
		}
		return nil
	}
	watch := func(c *City) error {
		for _, err := range c.Watch(ctx, 0) {
			return err
		}
		return nil
	}
	detail := func(c *City) error {
		_, err := c.Detail(ctx, "a")
		return err
	}
	for name, c := range map[string]struct {
		store broken
		do    func(*City) error
	}{
		"load":         {broken{load: fault}, load},
		"load, units":  {broken{units: fault}, load},
		"watch":        {broken{watch: fault}, watch},
		"watch, units": {broken{units: fault}, watch},
		"detail":       {broken{detail: fault}, detail},
	} {
		c.store.Store = memory.New(p.Taxonomy)
		apply(t, c.store.Store, put(hazard(t, p, data.Hazard{ID: "a"}, "I04")))
		if err := c.do(Wrap(&c.store, p, PublicView)); !errors.Is(err, fault) || err.Error() == fault.Error() {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A store of a richer taxonomy than the profile's.
	own, err := Load("testdata/riverton.json")
	if err != nil {
		t.Fatal(err)
	}
	rich := memory.New(p.Taxonomy)
	apply(t, rich, put(hazard(t, p, data.Hazard{ID: "a"}, "P09")))
	var inv *data.Invalid
	if err := load(Wrap(rich, own, InternalView)); !errors.As(err, &inv) || inv.Field != "industry" {
		t.Errorf("%v", err)
	}
}

func TestClose(t *testing.T) {
	p := hangzhou(t)
	store := memory.New(p.Taxonomy)
	if err := Wrap(store, p, PublicView).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Detail(context.Background()); err == nil {
		t.Error("the store is still open")
	}
}

// BenchmarkLoad reads 10,000 hazards through the public view, beside reading
// them from the store itself.
func BenchmarkLoad(b *testing.B) {
	p := hangzhou(b)
	store := memory.New(p.Taxonomy)
	rng := rand.New(rand.NewPCG(1, 1))
	var cs []data.Change
	for i := range 10_000 {
		cs = append(cs, put(hazard(b, p, data.Hazard{ID: data.ID(fmt.Sprintf("H-%06d", i)),
			Shape: orb.Point{118.4 + 2.3*rng.Float64(), 29.2 + 1.3*rng.Float64()}}, p.Taxonomy.Industries[i%39].Code)))
	}
	apply(b, store, cs...)
	c := Wrap(store, p, PublicView)
	b.ReportAllocs()
	for b.Loop() {
		_, hazards := c.Load(context.Background())
		for _, err := range hazards {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10_000, "ns/hazard")
}
