package index

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/peterstace/simplefeatures/geom"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

func exactShape(t *testing.T, g orb.Geometry) geom.Geometry {
	t.Helper()
	out, err := geom.UnmarshalWKB(wkb.MustMarshal(g), geom.NoValidate{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Which shapes meet an area is what another library says, and which points it
// holds what the plain loop over all edges does.
func TestAreaMeetsAsAnotherLibrarySays(t *testing.T) {
	rng := newRand(71)
	m := citytest.NewMaker(rng, orb.Bound{Min: orb.Point{120.1, 30.2}, Max: orb.Point{120.13, 30.23}})
	var areas, shapes []orb.Geometry
	for len(areas) < 60 || len(shapes) < 200 {
		shape := m.Hazard("x").Shape
		if valid := exactShape(t, shape).Validate(); valid != nil {
			continue
		}
		shapes = append(shapes, shape)
		switch shape.(type) {
		case orb.Polygon, orb.MultiPolygon:
			areas = append(areas, shape)
		}
	}
	yes, no := 0, 0
	for _, g := range areas {
		a, other := newArea(g), exactShape(t, g)
		for _, shape := range shapes {
			want := geom.Intersects(other, exactShape(t, shape))
			if got := a.meets(shape); got != want {
				t.Fatalf("%v and %v: meet %t, want %t", g, shape, got, want)
			}
			if want {
				yes++
			} else {
				no++
			}
			p := data.LabelPoint(shape)
			if got := a.holds(p); got != areaHolds(g, p) {
				t.Fatalf("%v holds %v: %t", g, p, got)
			}
		}
	}
	if yes < 100 || no < 100 {
		t.Errorf("%d meet, %d do not: too few of one kind", yes, no)
	}
}

// The closed set: a touch is enough, in a corner, along a border, from a hole.
func TestAreaIsClosed(t *testing.T) {
	square := func(x0, y0, x1, y1 float64) orb.Ring {
		return orb.Ring{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}, {x0, y0}}
	}
	ring := orb.Polygon{square(120, 30, 121, 31), square(120.25, 30.25, 120.75, 30.75)}
	a := newArea(ring)
	up := func(v float64) float64 { return math.Nextafter(v, 1000) }
	down := func(v float64) float64 { return math.Nextafter(v, 0) }
	for _, c := range []struct {
		what string
		g    orb.Geometry
		want bool
	}{
		{"corner", orb.Point{121, 31}, true},
		{"past the corner", orb.Point{up(121), 31}, false},
		{"on the border", orb.Point{120.5, 31}, true},
		{"a hair over the border", orb.Point{120.5, up(31)}, false},
		{"in the hole", orb.Point{120.5, 30.5}, false},
		{"on the hole's border", orb.Point{120.25, 30.5}, true},
		{"a hair inside the hole", orb.Point{up(120.25), 30.5}, false},
		{"line in the hole", orb.LineString{{120.3, 30.3}, {120.7, 30.7}}, false},
		{"line to the hole's border", orb.LineString{{120.3, 30.3}, {120.75, 30.5}}, true},
		{"line along the border", orb.LineString{{120.9, 31}, {122, 31}}, true},
		{"line through", orb.LineString{{119, 30.9}, {122, 30.9}}, true},
		{"line past the corner", orb.LineString{{120.5, 31.5}, {121.5, 30.5001}}, false},
		{"line through the corner", orb.LineString{{120.5, 31.5}, {121.5, 30.5}}, true},
		{"area around", orb.Polygon{square(119, 29, 122, 32)}, true},
		{"area in the hole", orb.Polygon{square(120.3, 30.3, 120.4, 30.4)}, false},
		{"area whose hole holds it", orb.Polygon{square(119, 29, 122, 32), square(119.5, 29.5, 121.5, 31.5)}, false},
		{"neighbour", orb.Polygon{square(121, 30.2, 122, 30.8)}, true},
		{"neighbour a hair away", orb.Polygon{square(up(121), 30.2, 122, 30.8)}, false},
		{"second of two parts", orb.MultiPolygon{{square(110, 30, 111, 31)}, {square(120.1, 30.1, 120.2, 30.2)}}, true},
		{"points", orb.MultiPoint{{110, 30}, {120.5, 30.5}, {120.1, down(30)}}, false},
	} {
		if got := a.meets(c.g); got != c.want {
			t.Errorf("%s: meets %t", c.what, got)
		}
	}
}

// The fallback decides where floats cannot: a point one unit off a long line.
func TestTurnIsExact(t *testing.T) {
	p, q := orb.Point{0.1, 0.1}, orb.Point{100.3, 100.3}
	on := orb.Point{50.7, 50.7}
	for _, c := range []struct {
		r    orb.Point
		want int
	}{
		{on, 0},
		{orb.Point{on[0], math.Nextafter(on[1], 100)}, 1},
		{orb.Point{on[0], math.Nextafter(on[1], 0)}, -1},
		{orb.Point{math.Nextafter(on[0], 100), on[1]}, -1},
	} {
		if got := turn(p, q, c.r); got != c.want {
			t.Errorf("%v: %d, want %d", c.r, got, c.want)
		}
		if got := turn(q, p, c.r); got != -c.want {
			t.Errorf("%v, the other way: %d, want %d", c.r, got, -c.want)
		}
	}
}

// Of gives the units of a set that a scan gives, and a part of a city is the city
// of the part: loaded and by what differs.
func TestZoningAndParts(t *testing.T) {
	rng, tax := newRand(72), citytest.Taxonomy()
	hs := citytest.Hazards(rng, 300, citytest.Bound)
	s := cityOf(t, hs)
	units := citytest.Districts("2021", citytest.Bound)
	s, err := s.withUnits(tax, data.ZoneKind("z"), units)
	if err != nil {
		t.Fatal(err)
	}
	z := s.Zoning(data.ZoneKind("z"))
	if s.Zoning(data.ZoneKind("other")) != nil || s.With().Zoning(data.ZoneKind("z")) != z {
		t.Error("a set is prepared once, and one that is not has no zoning")
	}
	for _, h := range hs {
		found := map[int][2]bool{}
		z.Of(h, func(i int, holds, meets bool) { found[i] = [2]bool{holds, meets} })
		for i, u := range units {
			want := [2]bool{areaHolds(u.Shape, h.Label()), geom.Intersects(exactShape(t, u.Shape), exactShape(t, h.Shape))}
			if found[i] != want {
				t.Errorf("%s in %s: %v, want %v", h.ID, u.Code, found[i], want)
			}
		}
	}
	keep := func(h *data.Hazard) bool { return z.Holds(0, h.Label()) || z.Holds(2, h.Label()) }
	part, changes, fresh := s.Part(nil, keep)
	var kept []*data.Hazard
	for _, h := range hs {
		if keep(h) {
			kept = append(kept, h)
		}
	}
	if !fresh || len(changes) != len(kept) || len(kept) < 20 || len(kept) == len(hs) || part.Revision() != s.Revision() {
		t.Fatalf("%d changes for %d of %d kept", len(changes), len(kept), len(hs))
	}
	want := func(s *Snapshot, kept []*data.Hazard) state {
		n, err := newSnapshot(tax).withUnits(tax, s.districtKind, s.units[s.districtKind].units)
		if err != nil {
			t.Fatal(err)
		}
		return stateOf(n.next(news(kept)))
	}
	if diff := diffOf(want(s, kept), stateOf(part)); diff != "" {
		t.Fatalf("the city of the part (-) and the part (+): %s", diff)
	}
	m := citytest.NewMaker(rng, citytest.Bound)
	s2 := s.With(record(m.Changed(kept[0])), record(m.Hazard("new")), data.Change{ID: kept[1].ID}, record(m.Changed(hs[5])))
	part2, changes, fresh := s2.Part(part, keep)
	kept = kept[:0]
	for h := range s2.All(data.All(), "") {
		if keep(h) {
			kept = append(kept, h)
		}
	}
	if fresh || len(changes) == 0 || len(changes) > 4 {
		t.Errorf("fresh %t, %d changes", fresh, len(changes))
	}
	if diff := diffOf(want(s2, kept), stateOf(part2)); diff != "" {
		t.Fatalf("the city of the part (-) and the part that follows (+): %s", diff)
	}
}
