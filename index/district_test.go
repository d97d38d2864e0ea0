package index

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"github.com/peterstace/simplefeatures/geom"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

var wholeTile = []data.Layer{data.LayerDistricts, data.LayerLabels}

// petrol is a small source at a place, in the district that holds it.
func petrol(id data.ID, p orb.Point, level data.Level) *data.Hazard {
	f, err := data.NewFootprint(data.Footprint{Kind: data.Linear, V0: 1, R1: 30, R2: 100})
	if err != nil {
		panic(err)
	}
	return citytest.Seal(data.Hazard{
		ID: id, Shape: p, Name: string(id),
		Class:     data.Class{Industry: 3, Level: level, Districts: citytest.NewPlacer(citytest.Bound).Districts(p)},
		Scenarios: []data.Scenario{{PerYear: 1e-5, Footprint: f}},
	})
}

// tilesOver are tiles of zoom z with a place of the bound.
func tilesOver(b orb.Bound, z maptile.Zoom) []maptile.Tile {
	lo, hi := maptile.At(orb.Point{b.Min[0], b.Max[1]}, z), maptile.At(orb.Point{b.Max[0], b.Min[1]}, z)
	var out []maptile.Tile
	for x := lo.X; x <= hi.X; x++ {
		for y := lo.Y; y <= hi.Y; y++ {
			out = append(out, maptile.New(x, y, z))
		}
	}
	return out
}

func TestDistrictsRenewWhereverTheirCountShows(t *testing.T) {
	hs := citytest.Hazards(newRand(51), 200, citytest.Bound)
	s := cityOf(t, hs)
	district := citytest.Districts("2021", citytest.Bound)[0] // the south-west
	poly := district.Shape.(orb.Polygon)
	// Well inside of its south-western corner, out of reach of all others.
	corner := orb.Point{0.9*poly[0][0][0] + 0.1*poly[0][2][0], 0.9*poly[0][0][1] + 0.1*poly[0][2][1]}
	n := s.With(record(petrol("new", corner, data.Low)))
	shown, not := 0, 0
	for _, z := range []maptile.Zoom{4, 8, 11, 12, 13, 14, 15} {
		for _, tile := range tilesOver(citytest.Bound, z) {
			meets := planeDistance(poly, tile.Bound(2.0/64)) == 0
			for _, l := range wholeTile {
				renewed := s.Fingerprint(tile, l, data.All()) != n.Fingerprint(tile, l, data.All())
				if renewed != meets {
					t.Fatalf("%v %s: renewed %t, meets the district %t", tile, l, renewed, meets)
				}
			}
			if meets {
				shown++
			} else {
				not++
			}
		}
	}
	if shown < 100 || not < 100 {
		t.Errorf("%d tiles show it, %d do not: want many of each", shown, not)
	}
}

func TestDistrictsFollowCountAndRiskAlone(t *testing.T) {
	tax := citytest.Taxonomy()
	s := cityOf(t, citytest.Hazards(newRand(52), 50, citytest.Bound))
	unit := citytest.Districts("2021", citytest.Bound)[4]
	at := unit.Shape.Bound().Center()
	tile := maptile.At(at, 12)
	filter := func(sel data.Selection) data.Filter {
		f, err := tax.Filter(sel)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	here, other := filter(data.Selection{Districts: []string{unit.Code}}), filter(data.Selection{Industries: []string{"T01"}})
	red := filter(data.Selection{Levels: []string{"major"}})
	base := petrol("a", at, data.Low)
	s = s.With(record(base))
	change := func(f func(h *data.Hazard)) *data.Hazard {
		h := *base
		f(&h)
		return citytest.Seal(h)
	}
	for _, c := range []struct {
		name   string
		h      *data.Hazard
		filter data.Filter
		want   bool
	}{
		{"a new name", change(func(h *data.Hazard) { h.Name = "other" }), data.All(), false},
		{"a new revision", change(func(h *data.Hazard) { h.Rev = 7 }), data.All(), false},
		{"a new level, not filtered", change(func(h *data.Hazard) { h.Level = data.Major }), data.All(), false},
		{"a new level, that level", change(func(h *data.Hazard) { h.Level = data.Major }), red, true},
		{"a new level, another industry", change(func(h *data.Hazard) { h.Level = data.Major }), other, false},
		{"closed", change(func(h *data.Hazard) { h.Status = data.Closed }), here, true},
		{"another risk, another industry shown", change(func(h *data.Hazard) {
			h.Scenarios = []data.Scenario{{PerYear: 2e-5, Footprint: h.Scenarios[0].Footprint}}
		}), other, true}, // the level follows the unfiltered field
	} {
		n := s.With(record(c.h))
		for _, l := range wholeTile {
			if got := n.Fingerprint(tile, l, c.filter) != s.Fingerprint(tile, l, c.filter); got != c.want {
				t.Errorf("%s: %s renewed %t, want %t", c.name, l, got, c.want)
			}
		}
	}
	if s.Fingerprint(maptile.At(orb.Point{0, 0}, 12), data.LayerDistricts, data.All()) != 0 {
		t.Error("no district meets that tile, yet its fingerprint is not 0")
	}
	// Without districts there is nothing to show.
	n, err := s.withUnits(tax, s.districtKind, nil)
	if err != nil || n.Fingerprint(tile, data.LayerDistricts, data.All()) != 0 || len(n.Kinds()) != 0 {
		t.Errorf("without districts: %x, kinds %v, %v", n.Fingerprint(tile, data.LayerDistricts, data.All()), n.Kinds(), err)
	}
}

func TestDistrictOutlinesRenew(t *testing.T) {
	tax := citytest.Taxonomy()
	s := cityOf(t, citytest.Hazards(newRand(53), 100, citytest.Bound))
	units := citytest.Districts("2021", citytest.Bound)
	units[8].Name = "another name"
	n, err := s.withUnits(tax, s.districtKind, units)
	if err != nil {
		t.Fatal(err)
	}
	for _, tile := range tilesOver(citytest.Bound, 12) {
		meets := planeDistance(units[8].Shape, tile.Bound(2.0/64)) == 0
		if got := n.Fingerprint(tile, data.LayerDistricts, data.All()) != s.Fingerprint(tile, data.LayerDistricts, data.All()); got != meets {
			t.Errorf("%v: renewed %t, meets the renamed district %t", tile, got, meets)
		}
	}
	if n.UnitsDigest(s.districtKind) == s.UnitsDigest(s.districtKind) {
		t.Error("the set's digest does not know the name")
	}
}

// The districts that a hazard reaches are those within its reach of its shape.
func TestReachOfDistrictsByDistance(t *testing.T) {
	rng, tax := newRand(54), citytest.Taxonomy()
	units := citytest.Districts("2021", citytest.Bound)
	// One in many parts, one with a hole, and one small enough to lie in a zone.
	c := citytest.Bound.Center()
	units[0].Shape = orb.MultiPolygon{units[0].Shape.(orb.Polygon), orb.Bound{Min: orb.Point{120.4, 30.3}, Max: orb.Point{120.5, 30.4}}.ToPolygon()}
	hole := orb.Bound{Min: orb.Point{c[0] - 0.02, c[1] - 0.02}, Max: orb.Point{c[0] + 0.02, c[1] + 0.02}}.ToPolygon()[0]
	units[4].Shape = append(units[4].Shape.(orb.Polygon), hole)
	units[7].Shape = orb.Bound{Min: c, Max: orb.Point{c[0] + 0.001, c[1] + 0.001}}.ToPolygon()
	set, err := newUnitSet(units, &tax.Vintages[1])
	if err != nil {
		t.Fatal(err)
	}
	hs := citytest.Hazards(rng, 600, citytest.Bound)
	m := citytest.NewMaker(rng, citytest.Bound)
	around := orb.Bound{Min: orb.Point{c[0] - 0.005, c[1] - 0.005}, Max: orb.Point{c[0] + 0.005, c[1] + 0.005}}.ToPolygon()
	for i := range 20 {
		hs = append(hs, m.Shaped(citytest.ID(600+i), around))
	}
	hits := make([]int, len(units))
	ta := newTally(newClasses(), set)
	for _, h := range hs {
		ta.grounds = grounds(ta.grounds[:0], h, districtExtra)
		for _, g := range ta.grounds {
			clear(ta.hit)
			set.reach(g, ta.hit, ta.odd)
			at := g.shape.Bound().Center()
			cos := math.Cos(at[1] * math.Pi / 180)
			for u := range units {
				d, _ := geom.Distance(planar(g.shape, at, cos), planar(units[u].Shape, at, cos))
				if math.Abs(d-g.metres) < 0.003*g.metres+0.01 {
					continue
				}
				if got, want := ta.hit[u], d < g.metres; got != want {
					t.Fatalf("%s: district %d is %.1f m away, reach %.1f m: reached %t", h.ID, u, d, g.metres, got)
				}
				if ta.hit[u] {
					hits[u]++
				}
			}
		}
	}
	for u, n := range hits {
		if n == 0 {
			t.Errorf("nothing reaches district %d", u)
		}
	}
}

func TestPlacesFingerprint(t *testing.T) {
	tax := citytest.Taxonomy()
	shelter := data.Unit{Code: "S1", Name: "shelter", Class: "shelter", Shape: orb.Point{120.2, 30.3}, Props: map[string]string{"phone": "1"}}
	park := data.Unit{Code: "S2", Name: "park", Class: "shelter", Shape: orb.Bound{Min: orb.Point{120.1, 30.1}, Max: orb.Point{120.12, 30.12}}.ToPolygon()}
	with := func(units ...data.Unit) *Snapshot {
		s, err := newSnapshot(tax).withUnits(tax, data.PlaceKind, units)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := with(shelter, park)
	called, moved := shelter, shelter
	called.Props = map[string]string{"phone": "2"}
	moved.Shape = orb.Point{120.2000001, 30.3}
	there, away := maptile.At(shelter.Shape.(orb.Point), 14), maptile.At(orb.Point{120.3, 30.2}, 14)
	in := maptile.At(orb.Point{120.11, 30.11}, 17) // inside of the park, far from its border
	print := func(s *Snapshot, tile maptile.Tile) uint64 { return s.Fingerprint(tile, data.LayerPlaces, data.All()) }
	road := data.Unit{Code: "R1", Class: data.RoadClass, Shape: orb.LineString{{120.2, 30.25}, {120.4, 30.25}}}
	middle, end := maptile.At(orb.Point{120.3, 30.25}, 14), maptile.At(orb.Point{120.2, 30.25}, 14)
	for _, c := range []struct {
		name string
		s    *Snapshot
		tile maptile.Tile
		want bool
	}{
		{"a road, where it is drawn", with(shelter, park, road), middle, true},
		{"a road, at its end", with(shelter, park, road), end, false},
		{"a telephone number", with(called, park), there, false},
		{"moved", with(moved, park), there, true},
		{"moved, seen elsewhere", with(moved, park), away, false},
		{"no shelter", with(park), there, true},
		{"no park", with(shelter), in, true},
		{"no park, seen elsewhere", with(shelter), there, false},
	} {
		if got := print(c.s, c.tile) != print(s, c.tile); got != c.want {
			t.Errorf("%s: renewed %t, want %t", c.name, got, c.want)
		}
	}
	if with(called, park).UnitsDigest(data.PlaceKind) == s.UnitsDigest(data.PlaceKind) {
		t.Error("the set's digest does not know Props")
	}
	if with().UnitsDigest(data.PlaceKind) != 0 || with().Units(data.PlaceKind) != nil {
		t.Error("an empty set has a digest")
	}
	if print(s, away) != 0 {
		t.Error("nothing is there, yet the fingerprint is not 0")
	}
}
