package index

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/maptile"
	"github.com/peterstace/simplefeatures/geom"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// The oracles: plain loops over the hazards, and distances between shapes by
// another library in a plane of our own.

// planeDistance is the distance in metres between a shape and a box in the plane
// tangent at the shape's middle. It is true to about 0.2 % within 30 km.
func planeDistance(g orb.Geometry, box orb.Bound) float64 {
	at := g.Bound().Center()
	cos := math.Cos(at[1] * math.Pi / 180)
	// Far sides of a wide box do not matter but would spoil the plane.
	near := orb.Bound{Min: orb.Point{at[0] - 1, at[1] - 1}, Max: orb.Point{at[0] + 1, at[1] + 1}}
	if !near.Intersects(box) {
		return math.Inf(1)
	}
	clipped := orb.Bound{
		Min: orb.Point{max(box.Min[0], near.Min[0]), max(box.Min[1], near.Min[1])},
		Max: orb.Point{min(box.Max[0], near.Max[0]), min(box.Max[1], near.Max[1])},
	}
	d, _ := geom.Distance(planar(g, at, cos), planar(clipped.ToPolygon(), at, cos))
	return d
}

func planar(g orb.Geometry, at orb.Point, cos float64) geom.Geometry {
	flat := moved(g, func(p orb.Point) orb.Point {
		return orb.Point{(p[0] - at[0]) * cos * data.MetresPerDegree, (p[1] - at[1]) * data.MetresPerDegree}
	})
	out, err := geom.UnmarshalWKB(wkb.MustMarshal(flat), geom.NoValidate{})
	if err != nil {
		panic(err)
	}
	return out
}

func moved(g orb.Geometry, f func(orb.Point) orb.Point) orb.Geometry {
	g = orb.Clone(g)
	line := func(ps []orb.Point) {
		for i := range ps {
			ps[i] = f(ps[i])
		}
	}
	switch g := g.(type) {
	case orb.Point:
		return f(g)
	case orb.MultiPoint:
		line(g)
	case orb.LineString:
		line(g)
	case orb.MultiLineString:
		for _, l := range g {
			line(l)
		}
	case orb.Polygon:
		for _, r := range g {
			line(r)
		}
	case orb.MultiPolygon:
		for _, p := range g {
			for _, r := range p {
				line(r)
			}
		}
	}
	return g
}

// membership says whether a hazard belongs to a tile's layer.
type membership int

const (
	no    membership = iota
	maybe            // so near the limit that either is right
	yes
)

// belongs is the contract of Fingerprint for one hazard, by the oracle's
// distances.
func belongs(h *data.Hazard, t maptile.Tile, l data.Layer) membership {
	grow := 1.0 / 64
	switch ground := l == data.LayerRisk || l == data.LayerGrid; {
	case l == data.LayerGrid && t.Z > 14:
		grow = 0
	case ground && t.Z > 16:
		grow = 1.0 / 64 * float64(uint(1)<<(t.Z-16))
	}
	judge := func(g orb.Geometry, metres, slack float64) membership {
		// Not the tile's own growing: the box of another library.
		if planeDistance(g, t.Bound(grow)) <= metres*0.998 {
			return yes
		}
		if planeDistance(g, t.Bound(grow+slack)) <= metres*1.002+min(metres, 1)*2 {
			return maybe
		}
		return no
	}
	if h.Status != data.Active {
		return no
	}
	d := h.Shape.Dimensions()
	switch l {
	case data.LayerRisk, data.LayerGrid:
		out := no
		for _, s := range h.Scenarios {
			if s.Footprint.Kind != data.Zone {
				out = max(out, judge(h.Shape, s.Footprint.Reach()+1, 0))
				continue
			}
			for _, z := range s.Footprint.Zones {
				out = max(out, judge(z.Shape, s.Footprint.Reach()+1, 0))
			}
		}
		return out
	case data.LayerHazards:
		if d > 0 {
			return judge(h.Label(), 0, 1.001/4096)
		}
		return judge(h.Shape, 0, 1.001/4096)
	case data.LayerLines, data.LayerAreas:
		if d == 1 && l == data.LayerLines || d == 2 && l == data.LayerAreas {
			return judge(h.Shape, 0, 4.001/4096)
		}
	}
	return no
}

// isSum reports whether got is the sum of the digests of all that belong and of
// any of those that may.
func isSum(got uint64, hs []*data.Hazard, t maptile.Tile, l data.Layer, f data.Filter) bool {
	var open []uint64
	for _, h := range hs {
		if !f.Match(h) {
			continue
		}
		switch belongs(h, t, l) {
		case yes:
			got -= h.Digest(l)
		case maybe:
			open = append(open, h.Digest(l))
		}
	}
	if len(open) > 12 {
		return true // too many to try; TestFingerprintBySum counts on few
	}
	for pick := range 1 << len(open) {
		rest := got
		for i, d := range open {
			if pick>>i&1 == 1 {
				rest -= d
			}
		}
		if rest == 0 {
			return true
		}
	}
	return false
}

var hazardLayers = []data.Layer{data.LayerRisk, data.LayerGrid, data.LayerHazards, data.LayerLines, data.LayerAreas}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x5eed)) }

// randomTile is near the hazards, often at one of their places.
func randomTile(rng *rand.Rand, hs []*data.Hazard) maptile.Tile {
	z := maptile.Zoom(rng.IntN(19))
	p := orb.Point{
		citytest.Bound.Min[0] + rng.Float64()*(citytest.Bound.Max[0]-citytest.Bound.Min[0]),
		citytest.Bound.Min[1] + rng.Float64()*(citytest.Bound.Max[1]-citytest.Bound.Min[1])}
	if len(hs) > 0 && rng.IntN(3) > 0 {
		p = hs[rng.IntN(len(hs))].Label()
	}
	t := maptile.At(p, z)
	if rng.IntN(3) == 0 && z > 0 { // a neighbour: hazards at its border
		t.X = min(t.X+uint32(rng.IntN(3))-1, 1<<z-1)
		t.Y = min(t.Y+uint32(rng.IntN(3))-1, 1<<z-1)
	}
	return t
}

// randomFilter restricts each dimension with a chance of one half.
func randomFilter(rng *rand.Rand, tax *data.Taxonomy) data.Filter {
	var s data.Selection
	if rng.IntN(3) == 0 {
		return data.All()
	}
	if rng.IntN(2) == 0 {
		for range 1 + rng.IntN(4) {
			s.Industries = append(s.Industries, tax.Industries[rng.IntN(len(tax.Industries))].Code)
		}
	}
	if rng.IntN(2) == 0 {
		s.Levels = append(s.Levels, data.LevelKeys[1+rng.IntN(4)], data.LevelKeys[1+rng.IntN(2)])
	}
	if rng.IntN(2) == 0 {
		v := tax.Vintages[rng.IntN(len(tax.Vintages))]
		s.Vintage = v.Name
		for range 1 + rng.IntN(3) {
			s.Districts = append(s.Districts, v.Districts[rng.IntN(len(v.Districts))].Code)
		}
	}
	f, err := tax.Filter(s)
	if err != nil {
		panic(err)
	}
	return f
}

// cityOf is a snapshot of the hazards with the test city's districts.
func cityOf(tb testing.TB, hs []*data.Hazard) *Snapshot {
	tb.Helper()
	tax := citytest.Taxonomy()
	s, err := newSnapshot(tax).withUnits(tax, data.DistrictKind("2021"), citytest.Districts("2021", citytest.Bound))
	if err != nil {
		tb.Fatal(err)
	}
	return s.next(news(hs))
}

func news(hs []*data.Hazard) []Change {
	changes := make([]Change, len(hs))
	for i, h := range hs {
		changes[i] = Change{New: h}
	}
	return changes
}

func record(h *data.Hazard) data.Change {
	return data.Change{ID: h.ID, If: data.Any, New: &data.Record{Hazard: h}}
}

func ids(seq func(func(*data.Hazard) bool)) []data.ID {
	var out []data.ID
	for h := range seq {
		out = append(out, h.ID)
	}
	return out
}

func sortedIDs(seq func(func(*data.Hazard) bool)) []data.ID {
	out := ids(seq)
	slices.Sort(out)
	return out
}
