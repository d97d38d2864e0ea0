package city

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"riskatlas/data"
	"riskatlas/data/memory"
)

// follower holds what a view was told: by Load, then batch by batch.
type follower struct {
	city *City
	rev  data.Revision
	held map[data.ID]*data.Hazard
}

// catchUp watches to a revision. It fails on a batch that does not fit what the
// follower holds.
func (f *follower) catchUp(t *rapid.T, to data.Revision) {
	if f.rev >= to {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for b, err := range f.city.Watch(ctx, f.rev) {
		if err != nil {
			t.Fatal(err)
		}
		if b.Revision != f.rev+1 {
			t.Fatalf("revision %d after %d", b.Revision, f.rev)
		}
		if f.city.View() == PublicView && b.Note != (data.Note{}) {
			t.Fatalf("the public sees %+v", b.Note)
		}
		f.rev = b.Revision
		for _, c := range b.Changes {
			old := f.held[c.ID]
			if c.New == nil {
				if old == nil {
					t.Fatalf("revision %d removes %s, which is not there", b.Revision, c.ID)
				}
				delete(f.held, c.ID)
				continue
			}
			if c.New.Hazard.ID != c.ID || old == nil && c.If != 0 || b.Kind != "" && (c.If != old.Rev || c.New.Hazard.Rev != old.Rev) {
				t.Fatalf("revision %d: %+v in the place of %+v", b.Revision, c, old)
			}
			f.held[c.ID] = c.New.Hazard
		}
		if f.rev == to {
			return
		}
	}
	t.Fatal("the watch ended")
}

// read starts anew.
func (f *follower) read(t *rapid.T) {
	rev, hazards := f.city.Load(context.Background())
	f.rev, f.held = rev, map[data.ID]*data.Hazard{}
	for h, err := range hazards {
		if err != nil {
			t.Fatal(err)
		}
		f.held[h.ID] = h
	}
}

// looks is all of a hazard that a reader can see.
func looks(t *rapid.T, h *data.Hazard) string {
	raw, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s %v %v", raw, h.Digest(data.LayerRisk), h.Digest(data.LayerHazards))
}

// expected is the view of the store by filtering it from scratch, with the
// districts by scan.
func expected(t *rapid.T, store *memory.Store, p *Profile, view View) (shown map[data.ID]*data.Hazard, hidden int) {
	ctx := context.Background()
	units := make([][]data.Unit, len(p.Taxonomy.Vintages))
	for i, v := range p.Taxonomy.Vintages {
		for u := range store.Units(ctx, data.DistrictKind(v.Name)) {
			units[i] = append(units[i], *u)
		}
		if units[i] == nil {
			units[i] = p.Outlines(v.Name)
		}
	}
	shown = map[data.ID]*data.Hazard{}
	_, hazards := store.Load(ctx)
	for raw, err := range hazards {
		if err != nil {
			t.Fatal(err)
		}
		h := *raw
		in := p.Taxonomy.Industries[h.Industry]
		if h.Sensitivity == data.Unstated {
			h.Sensitivity = in.Sensitivity
		}
		if view == PublicView && h.Sensitivity != data.Public {
			hidden++
			continue
		}
		if h.Protection == data.Unprotected {
			h.Protection = in.Protection
		}
		if h.Regulator == "" {
			h.Regulator = in.Regulator
		}
		if len(h.Scenarios) == 0 {
			f, err := data.NewFootprint(data.Footprint{Kind: data.Linear, V0: 1, R1: in.R1, R2: in.R2})
			if err != nil {
				t.Fatal(err)
			}
			h.Scenarios = []data.Scenario{{Outcome: data.OutcomeIndex, Basis: data.Equivalent, Derived: true, PerYear: p.Equivalent[h.Level], Footprint: f}}
		}
		for i := range h.Districts {
			v := &p.Taxonomy.Vintages[i%2]
			h.Districts[i] = v.Outside()
			if code, ok := brute(units[i%2], h.Label()); ok {
				if h.Districts[i], err = v.District(code); err != nil {
					t.Fatal(err)
				}
			}
			if h.Stated != 0 && v.Holds(h.Stated) {
				h.Districts[i] = h.Stated
			} else if v.Name == "2021" && h.Stated == 2 { // 330103 of 2019
				h.Districts[i], _ = v.District("330105")
			}
			if i > 1 {
				h.Districts[i] = h.Districts[0]
			}
		}
		sealed, err := h.Seal()
		if err != nil {
			t.Fatal(err)
		}
		shown[h.ID] = sealed
	}
	return shown, hidden
}

func compare(t *rapid.T, who string, got, want map[data.ID]*data.Hazard) {
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if got[id] == nil {
			t.Fatalf("%s lacks %s", who, id)
		}
		if g, w := looks(t, got[id]), looks(t, want[id]); g != w {
			t.Fatalf("%s has\n%s, want\n%s", who, g, w)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%s has %d records, want %d", who, len(got), len(want))
	}
}

// drawChanges draws a batch over few ids, so that records come, change, change
// who may see them, and go.
func drawChanges(t *rapid.T, p *Profile) []data.Change {
	var cs []data.Change
	for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 9), 1, 6, rapid.ID[int]).Draw(t, "ids") {
		id := data.ID(fmt.Sprint("R-", n))
		if rapid.IntRange(0, 3).Draw(t, "fate") == 0 {
			cs = append(cs, data.Change{ID: id, If: data.Any})
			continue
		}
		h := data.Hazard{ID: id, Name: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "name"),
			Class:       data.Class{Industry: data.Industry(rapid.SampledFrom([]int{3, 5}).Draw(t, "industry")), Level: data.Level(rapid.IntRange(1, 4).Draw(t, "level"))},
			Sensitivity: data.Sensitivity(rapid.IntRange(0, 3).Draw(t, "sensitivity")),
			Status:      data.Status(rapid.IntRange(0, 1).Draw(t, "status")),
			Stated:      data.District(rapid.SampledFrom([]int{0, 0, 2, 16}).Draw(t, "stated")),
			Shape:       orb.Point{rapid.Float64Range(118.3, 120.8).Draw(t, "lon"), rapid.Float64Range(29.1, 30.6).Draw(t, "lat")}}
		sealed, err := h.Seal()
		if err != nil {
			t.Fatal(err)
		}
		cs = append(cs, put(sealed))
	}
	return cs
}

// drawUnits draws districts of a vintage: none (the schematic ones hold), or
// some of them somewhere else.
func drawUnits(t *rapid.T, v *data.Vintage) []data.Unit {
	var units []data.Unit
	for x := range rapid.IntRange(0, 3).Draw(t, "districts") {
		west := 118.3 + 0.8*float64(x) + rapid.Float64Range(0, 0.2).Draw(t, "shift")
		units = append(units, data.Unit{Code: v.Districts[(x*5)%13].Code,
			Shape: orb.Polygon{{{west, 29}, {west + 0.6, 29}, {west + 0.6, 31}, {west, 31}, {west, 29}}}})
	}
	return units
}

// What a view is told by Load and Watch equals the store filtered from scratch,
// after any changes, whoever stops watching where and comes back.
func TestViewsFollowTheStore(t *testing.T) {
	p := hangzhou(t)
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		store := memory.New(p.Taxonomy)
		view := rapid.SampledFrom([]View{PublicView, InternalView}).Draw(t, "view")
		city := Wrap(store, p, view)
		followers := []*follower{{city: city, held: map[data.ID]*data.Hazard{}}, {city: city, held: map[data.ID]*data.Hazard{}}}
		rev := data.Revision(0)
		var err error
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			f := followers[rapid.IntRange(0, 1).Draw(t, "follower")]
			switch rapid.IntRange(0, 6).Draw(t, "step") {
			case 0, 1, 2:
				rev, err = store.Apply(ctx, data.Note{Who: "W", Why: "Y", Key: ""}, drawChanges(t, p)...)
			case 3:
				v := &p.Taxonomy.Vintages[rapid.IntRange(0, 1).Draw(t, "vintage")]
				rev, err = store.Replace(ctx, data.Note{Who: "W"}, data.DistrictKind(v.Name), drawUnits(t, v))
			case 4:
				f.read(t)
			case 5:
				f.catchUp(t, data.Revision(rapid.Uint64Range(uint64(f.rev), uint64(rev)).Draw(t, "to")))
			case 6:
				f.catchUp(t, rev)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		want, hidden := expected(t, store, p, view)
		for i, f := range followers {
			f.catchUp(t, rev)
			compare(t, fmt.Sprint("follower ", i), f.held, want)
		}
		fresh := &follower{city: Wrap(store, p, view)}
		fresh.read(t)
		compare(t, "a fresh city", fresh.held, want)
		if n := fresh.city.LeftOut(); n != hidden {
			t.Fatalf("%d left out, want %d", n, hidden)
		}
		for _, id := range []data.ID{"R-0", "R-1", "R-2", "R-3"} {
			rs, err := city.Detail(ctx, id)
			if err != nil || (rs[0] == nil) != (want[id] == nil) {
				t.Fatalf("%s: %v %v, want %v", id, rs[0], err, want[id])
			}
			if rs[0] != nil && looks(t, rs[0].Hazard) != looks(t, want[id]) {
				t.Fatalf("%s in detail: %s, want %s", id, looks(t, rs[0].Hazard), looks(t, want[id]))
			}
		}
	})
}

// LeftOut follows each batch; a record that turns internal is removed, one that
// turns public is new.
func TestSensitivityTurns(t *testing.T) {
	p := hangzhou(t)
	store := memory.New(p.Taxonomy)
	c := Wrap(store, p, PublicView)
	rev, _ := all(t, c)
	turn := func(s data.Sensitivity) data.Change {
		return put(hazard(t, p, data.Hazard{ID: "a", Sensitivity: s}, "I04"))
	}
	apply(t, store, turn(data.Public))
	apply(t, store, turn(data.Secret))
	apply(t, store, turn(data.Internal))
	apply(t, store, turn(data.Unstated))
	apply(t, store, data.Change{ID: "a", If: data.Any})
	apply(t, store, turn(data.Secret))
	apply(t, store, data.Change{ID: "a", If: data.Any})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var got []string
	for b, err := range c.Watch(ctx, rev) {
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, c := range b.Changes {
			if said = "gone"; c.New != nil {
				said = fmt.Sprint("there, if ", c.If)
			}
		}
		got = append(got, fmt.Sprint(said, " ", c.LeftOut()))
		if b.Revision == 7 {
			cancel()
		}
	}
	want := []string{"there, if 0 0", "gone 1", " 1", "there, if 0 0", "gone 0", " 1", " 0"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// A follower from nowhere: past the log.
	for _, err := range c.Watch(context.Background(), 99) {
		if err == nil {
			t.Error("watched past the log")
		}
		break
	}
}

func TestWatchEndsWithItsContext(t *testing.T) {
	p := hangzhou(t)
	store := memory.New(p.Taxonomy)
	apply(t, store, put(hazard(t, p, data.Hazard{ID: "a"}, "I04")))
	apply(t, store, put(hazard(t, p, data.Hazard{ID: "b"}, "I04")))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for b, err := range Wrap(store, p, PublicView).Watch(ctx, 1) {
		t.Errorf("%+v %v", b, err)
	}
}

// A roll grows by single changes and stays in order.
func TestRollSettles(t *testing.T) {
	p := hangzhou(t)
	store := memory.New(p.Taxonomy)
	c := Wrap(store, p, InternalView)
	rev, _ := all(t, c)
	const n = 3000
	for i := 0; i < n; i += 300 {
		var cs []data.Change
		for j := range 300 {
			cs = append(cs, put(hazard(t, p, data.Hazard{ID: data.ID(fmt.Sprintf("%05d", (i+j)*7%n))}, "I04")))
		}
		apply(t, store, cs...)
	}
	last, err := store.Replace(context.Background(), data.Note{}, data.DistrictKind("2021"), []data.Unit{{Code: "330106",
		Shape: orb.Polygon{{{118, 29}, {121, 29}, {121, 31}, {118, 31}, {118, 29}}}}})
	if err != nil {
		t.Fatal(err)
	}
	for b, err := range c.Watch(context.Background(), rev) {
		if err != nil {
			t.Fatal(err)
		}
		if b.Revision < last {
			continue
		}
		if len(b.Changes) != n || b.Kind == "" {
			t.Errorf("%d of %d hazards moved by %q", len(b.Changes), n, b.Kind)
		}
		if !slices.IsSortedFunc(b.Changes, func(a, b data.Change) int { return slices.Compare([]byte(a.ID), []byte(b.ID)) }) {
			t.Error("not in the order of ids")
		}
		break
	}
}

// between does something between a load's revision and its reading.
type between struct {
	*memory.Store
	do func()
}

func (b *between) Load(ctx context.Context) (data.Revision, iter.Seq2[*data.Hazard, error]) {
	rev, hazards := b.Store.Load(ctx)
	if do := b.do; do != nil {
		b.do = nil
		do()
	}
	return rev, hazards
}

// Districts that are replaced while another follower reads are new to the one
// who has read before, though what the city kept is placed by them already.
func TestReplacedWhileAnotherReads(t *testing.T) {
	ctx := context.Background()
	p := hangzhou(t)
	everywhere := orb.Polygon{{{118, 29}, {121, 29}, {121, 31}, {118, 31}, {118, 29}}}
	for name, taken := range map[string]bool{"by Load": false, "by Watch": true} {
		store := &between{Store: memory.New(p.Taxonomy)}
		c := Wrap(store, p, PublicView)
		apply(t, store, put(hazard(t, p, data.Hazard{ID: "a"}, "I04")))
		rev, _ := all(t, c) // the first follower
		watch, stop := iter.Pull2(c.Watch(ctx, rev))
		defer stop()
		replace := func() {
			if _, err := store.Replace(ctx, data.Note{}, data.DistrictKind("2021"), []data.Unit{{Code: "330106", Shape: everywhere}}); err != nil {
				t.Fatal(err)
			}
		}
		if store.do = replace; taken {
			// Another takes what the first one's Load left; its own Watch must read again.
			c.mu.Lock()
			c.spare = nil
			c.mu.Unlock()
		} else {
			all(t, c)
		}
		b, err, ok := watch()
		if err != nil || !ok || len(b.Changes) != 1 || b.Changes[0].New.Hazard.Districts[1] != district(t, p, "2021", "330106") {
			t.Errorf("%s: %+v %v", name, b, err)
		}
	}
}

// Codes that the vintage does not have place nothing and hide no others.
func TestForeignCodesPlaceNothing(t *testing.T) {
	p := hangzhou(t)
	store := memory.New(p.Taxonomy)
	everywhere := orb.Polygon{{{118, 29}, {121, 29}, {121, 31}, {118, 31}, {118, 29}}}
	if _, err := store.Replace(context.Background(), data.Note{}, data.DistrictKind("2021"),
		[]data.Unit{{Code: "000000", Shape: everywhere}, {Code: "330106", Shape: everywhere}}); err != nil {
		t.Fatal(err)
	}
	apply(t, store, put(hazard(t, p, data.Hazard{ID: "a"}, "I04")))
	if _, got := all(t, Wrap(store, p, PublicView)); got["a"].Districts[1] != district(t, p, "2021", "330106") {
		t.Errorf("%v", got["a"].Districts)
	}
}
