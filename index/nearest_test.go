package index

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// bruteNearest sorts everything.
func bruteNearest(hs []*data.Hazard, p orb.Point, f data.Filter) []candidate[*data.Hazard] {
	var out []candidate[*data.Hazard]
	for _, h := range hs {
		if h.Status == data.Active && f.Match(h) {
			_, d := data.Nearest(h.Shape, p)
			out = append(out, candidate[*data.Hazard]{h, d})
		}
	}
	slices.SortFunc(out, func(a, b candidate[*data.Hazard]) int {
		return cmp.Or(cmp.Compare(a.metres, b.metres), cmp.Compare(a.thing.ID, b.thing.ID))
	})
	return out
}

func TestNearestIsTheSortedList(t *testing.T) {
	rng, tax := newRand(21), citytest.Taxonomy()
	hs := citytest.Hazards(rng, 700, citytest.Bound)
	m := citytest.NewMaker(rng, citytest.Bound)
	for i := range 40 { // many at one place, and areas around it
		hs = append(hs, m.Shaped(citytest.ID(700+i), hs[5].Label()))
	}
	s := cityOf(t, hs)
	ties := 0
	for range 150 {
		p := orb.Point{120 + rng.Float64()*0.4, 30.1 + rng.Float64()*0.4}
		if rng.IntN(4) == 0 {
			p = hs[rng.IntN(len(hs))].Label()
		}
		f := randomFilter(rng, tax)
		want := bruteNearest(hs, p, f)
		i := 0
		for h, d := range s.Nearest(p, f) {
			if i >= len(want) || h != want[i].thing || d != want[i].metres {
				t.Fatalf("%v %+v: at %d %s at %v m, want %v", p, f, i, h.ID, d, want[i:min(i+1, len(want))])
			}
			if i > 0 && d == want[i-1].metres {
				ties++
			}
			i++
		}
		if i != len(want) {
			t.Fatalf("%v: %d hazards, want %d", p, i, len(want))
		}
		got := 0
		for range s.Nearest(p, f) { // a reader who stops early
			if got++; got == 10 {
				break
			}
		}
		if got != min(10, len(want)) {
			t.Fatalf("%d of the first ten of %d", got, len(want))
		}
	}
	if ties < 100 {
		t.Errorf("%d ties met, want many", ties)
	}
}

// The floor of a box never exceeds the distance to any place in it, anywhere on
// the sphere, or Nearest would give things out of order.
func TestBoxFloorIsAFloor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lon, lat := rapid.Float64Range(-180, 180), rapid.Float64Range(-85, 85)
		p := orb.Point{lon.Draw(t, "lon"), lat.Draw(t, "lat")}
		size := math.Pow(10, rapid.Float64Range(-9, 2).Draw(t, "size"))
		a := orb.Point{lon.Draw(t, "a lon"), lat.Draw(t, "a lat")}
		if rapid.Bool().Draw(t, "close") {
			a = orb.Point{p[0] + size*rapid.Float64Range(-1, 1).Draw(t, "dx"), p[1] + size*rapid.Float64Range(-1, 1).Draw(t, "dy")}
		}
		b := orb.Point{a[0] + size*rapid.Float64Range(0, 1).Draw(t, "w"), min(85, a[1]+size*rapid.Float64Range(0, 1).Draw(t, "h"))}
		lo, hi := orb.Point{min(a[0], b[0]), min(a[1], b[1])}, orb.Point{max(a[0], b[0]), max(a[1], b[1])}
		floor := boxFloor(p, lo, hi)
		from := newFloors(p)
		box := orb.Bound{Min: lo, Max: hi}
		packed := floorMetres(from.to(&box, from.narrow(&box)))
		loose := box.Pad(rapid.SampledFrom([]float64{0, 0.001, 1, 90}).Draw(t, "node"))
		if node := floorMetres(from.to(&box, from.narrow(&loose))); node > packed {
			t.Fatalf("%v to %v–%v: %v m from its node, %v m from itself", p, lo, hi, node, packed)
		}
		least := math.Inf(1)
		for i := range 11 {
			for k := range 11 {
				u, v := float64(i)/10, float64(k)/10
				q := orb.Point{lo[0] + u*(hi[0]-lo[0]), lo[1] + v*(hi[1]-lo[1])}
				least = min(least, data.Distance(p, q))
			}
		}
		clamped := orb.Point{min(max(p[0], lo[0]), hi[0]), min(max(p[1], lo[1]), hi[1])}
		least = min(least, data.Distance(p, clamped))
		if floor > least || packed > least {
			t.Fatalf("%v to %v–%v: floors %v and %v m over %v m", p, lo, hi, floor, packed, least)
		}
		if far := floor > 20_000; !far && packed < floor*0.98-1e-3 && math.Abs(p[1]) < 60 && hi[1]-lo[1] < 0.2 {
			t.Fatalf("%v to %v–%v: the packed index' floor is %v m, far under %v m", p, lo, hi, packed, floor)
		}
		if lo == hi && floor < least*(1-1e-6)-1e-3 {
			t.Fatalf("%v to %v: floor %v m, far under %v m", p, lo, floor, least)
		}
	})
}

func TestNearestFixture(t *testing.T) { // domain.md 6: distances of five places
	var hs []*data.Hazard
	for i, p := range []orb.Point{{120.35, 30.295}, {120.345, 30.296}, {120.36, 30.3}, {120.353, 30.301}, {120.34, 30.285}} {
		hs = append(hs, citytest.Seal(data.Hazard{ID: citytest.ID(i), Shape: p, Class: data.Class{Level: data.Low}}))
	}
	s := cityOf(t, hs)
	want := []float64{308.7, 556.0, 654.4, 960.1, 1924.5}
	for _, d := range s.Nearest(orb.Point{120.35, 30.30}, data.All()) {
		if math.Abs(d-want[0]) > 0.05 {
			t.Errorf("%.2f m, want %.1f", d, want[0])
		}
		want = want[1:]
	}
	if len(want) != 0 {
		t.Errorf("missing %v", want)
	}
}

// The units of a kind come as the sorted list of those that are wanted, points,
// areas and lines alike.
func TestNearestUnitsIsTheSortedList(t *testing.T) {
	rng, tax := newRand(22), citytest.Taxonomy()
	m := citytest.NewMaker(rng, citytest.Bound)
	classes := []string{"shelter", "hospital", data.RoadClass}
	var units []data.Unit
	for i := range 600 {
		u := data.Unit{Code: fmt.Sprintf("u%03d", i*7%600), Class: classes[i%3]}
		u.Shape = m.Shaped(citytest.ID(i), orb.Point{120 + rng.Float64()*0.4, 30.1 + rng.Float64()*0.4}).Shape
		if i > 500 {
			u.Shape = units[7].Shape
		}
		units = append(units, u)
	}
	s, err := newSnapshot(tax).withUnits(tax, data.PlaceKind, units)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		p := orb.Point{120 + rng.Float64()*0.4, 30.1 + rng.Float64()*0.4}
		class := append(classes, "", "none")[rng.IntN(5)]
		wanted := func(u *data.Unit) bool { return u.Class == class }
		if class == "" {
			wanted = nil
		}
		type row struct {
			code   string
			metres float64
		}
		var want, got []row
		for i := range units {
			if wanted == nil || wanted(&units[i]) {
				_, d := data.Nearest(units[i].Shape, p)
				want = append(want, row{units[i].Code, d})
			}
		}
		slices.SortFunc(want, func(a, b row) int { return cmp.Or(cmp.Compare(a.metres, b.metres), cmp.Compare(a.code, b.code)) })
		for u, d := range s.NearestUnits(data.PlaceKind, p, wanted) {
			got = append(got, row{u.Code, d})
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%v of %q: %d units in order, want %d", p, class, len(got), len(want))
		}
		first := 0
		for u, d := range s.NearestUnits(data.PlaceKind, p, wanted) {
			if first++; (row{u.Code, d}) != want[0] {
				t.Fatalf("first is %s", u.Code)
			}
			break
		}
		if first != min(1, len(want)) {
			t.Fatalf("%d firsts of %d", first, len(want))
		}
		box := data.PadMetres(p.Bound(), 3000)
		within := map[string]bool{}
		for u := range s.UnitsWithin(data.PlaceKind, box) {
			within[u.Code] = true
		}
		for i := range units {
			if within[units[i].Code] != units[i].Shape.Bound().Intersects(box) {
				t.Fatalf("%s: within %v", units[i].Code, within[units[i].Code])
			}
		}
	}
	for range s.NearestUnits("none", orb.Point{}, nil) {
		t.Fatal("a unit of a kind that is not there")
	}
}

// The few are the first of the sorted list, whatever the number, the radius, the
// filter and the changes since the city was packed, ties and all.
func TestNearestFewIsTheHeadOfTheSortedList(t *testing.T) {
	rng, tax := newRand(24), citytest.Taxonomy()
	hs := citytest.Hazards(rng, 1200, citytest.Bound)
	m := citytest.NewMaker(rng, citytest.Bound)
	for i := range 1500 { // points, many at one place
		h := m.Hazard(citytest.ID(1200 + i))
		c := *h
		c.Shape, c.Scenarios = h.Label(), nil
		if i < 60 {
			c.Shape = hs[5].Label()
		}
		hs = append(hs, citytest.Seal(c))
	}
	s := cityOf(t, hs)
	check := func(s *Snapshot, hs []*data.Hazard) {
		t.Helper()
		cut, full := 0, 0
		for range 200 {
			p := orb.Point{120 + rng.Float64()*0.4, 30.1 + rng.Float64()*0.4}
			if rng.IntN(3) == 0 {
				p = hs[rng.IntN(len(hs))].Label()
			}
			if rng.IntN(8) == 0 {
				p = hs[5].Label()
			}
			f := data.All()
			if rng.IntN(2) == 0 {
				f = randomFilter(rng, tax)
			}
			n, metres := []int{0, 1, 10, 50, 3000}[rng.IntN(5)], []float64{0, 50, 1000, 9000, 50_000, math.Inf(1)}[rng.IntN(6)]
			want := bruteNearest(hs, p, f)
			if i := slices.IndexFunc(want, func(c candidate[*data.Hazard]) bool { return c.metres > metres }); i >= 0 {
				want = want[:i]
				cut++
			}
			if len(want) > n {
				want = want[:n]
				full++
			}
			got := s.NearestFew(p, f, n, metres)
			if len(got) != len(want) {
				t.Fatalf("%v, %d within %v m, %+v: %d, want %d", p, n, metres, f, len(got), len(want))
			}
			for i, c := range want {
				at, d := data.Nearest(c.thing.Shape, p)
				if got[i] != (Near{c.thing, at, d}) {
					t.Fatalf("%v, %d within %v m, %+v: at %d %+v, want %s at %v m", p, n, metres, f, i, got[i], c.thing.ID, d)
				}
			}
		}
		if cut < 50 || full < 50 {
			t.Errorf("%d cut by the radius, %d by the number", cut, full)
		}
	}
	check(s, hs)
	var changes []data.Change
	for i := range 30 { // fewer than are packed anew
		at := i * 7
		if i%3 == 0 {
			changes = append(changes, data.Change{ID: hs[at].ID, If: data.Any})
			hs[at] = nil
			continue
		}
		h := m.Hazard(hs[at].ID)
		hs[at] = h
		changes = append(changes, data.Change{ID: h.ID, If: data.Any, New: &data.Record{Hazard: h}})
	}
	hs = slices.DeleteFunc(slices.Clone(hs), func(h *data.Hazard) bool { return h == nil })
	changed := s.With(changes...)
	if changed.roll.dead.n == 0 || changed.roll.added.Len() == 0 {
		t.Fatal("the changes are no delta")
	}
	check(changed, hs)
}
