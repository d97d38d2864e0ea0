package index

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// bruteNearest sorts everything.
func bruteNearest(hs []*data.Hazard, p orb.Point, f data.Filter) []candidate {
	var out []candidate
	for _, h := range hs {
		if h.Status == data.Active && f.Match(h) {
			_, d := data.Nearest(h.Shape, p)
			out = append(out, candidate{h, d})
		}
	}
	slices.SortFunc(out, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.metres, b.metres), cmp.Compare(a.hazard.ID, b.hazard.ID))
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
			if i >= len(want) || h != want[i].hazard || d != want[i].metres {
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
		if floor > least {
			t.Fatalf("%v to %v–%v: floor %v m over %v m", p, lo, hi, floor, least)
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
