package index

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/tidwall/rtree"

	"riskatlas/data"
)

// districtExtra is how many metres too long a hazard's reach into a district is
// taken: more than half the diagonal of a cell of zoom 18 at Hangzhou.
const districtExtra = 100

// unitSet is one kind's units. Immutable.
type unitSet struct {
	units  []data.Unit
	prints []uint64 // by unit: of all but Props
	digest uint64   // of all, Props too
	tree   rtree.RTreeG[int]

	once   sync.Once
	zoning *Zoning // once asked for

	coverage *data.CoverageTable // of CoverageKind only

	// Of the districts only:
	positions []data.District // by unit; 0 where the taxonomy has no such code
	borders   rtree.RTreeG[border]
	cells     reachCells
	east      float64 // no border lies further east
}

// border is one edge of a unit's rings.
type border struct {
	edge
	unit int
}

// newUnitSet makes a set. vintage is not nil for the districts whose reach is to
// be asked.
func newUnitSet(units []data.Unit, vintage *data.Vintage) (*unitSet, error) {
	set := &unitSet{units: units, prints: make([]uint64, len(units))}
	var whole []byte
	for i := range units {
		u := &units[i]
		shape, err := wkb.Marshal(u.Shape, binary.LittleEndian)
		if err != nil || u.Shape == nil {
			return nil, fmt.Errorf("unit %q: its shape is no geometry: %w", u.Code, err)
		}
		var b []byte
		for _, s := range []string{u.Code, u.Name, u.NameEn, u.Class, string(shape)} {
			b = appendString(b, s)
		}
		set.prints[i] = hash64(b)
		whole = append(whole, b...)
		whole = binary.AppendUvarint(whole, uint64(len(u.Props)))
		for _, k := range slices.Sorted(maps.Keys(u.Props)) {
			whole = appendString(appendString(whole, k), u.Props[k])
		}
		box := u.Shape.Bound()
		set.tree.Insert(box.Min, box.Max, i)
	}
	if len(units) > 0 {
		set.digest = hash64(whole)
	}
	if vintage != nil {
		set.districts(vintage)
	}
	return set, nil
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func (u *unitSet) districts(vintage *data.Vintage) {
	u.positions = make([]data.District, len(u.units))
	for i := range u.units {
		if d, err := vintage.District(u.units[i].Code); err == nil {
			u.positions[i] = d
		}
		edges(u.units[i].Shape, func(a, b orb.Point) bool {
			e := edge{a, b}
			box := e.bound()
			u.borders.Insert(box.Min, box.Max, border{e, i})
			return true
		})
	}
	lo, hi := u.borders.Bounds()
	u.east = hi[0]
	if u.borders.Len() > 0 {
		u.cells = newReachCells(orb.Bound{Min: lo, Max: hi})
	}
}

// meeting calls f with every unit that has a place in the box.
func (u *unitSet) meeting(box orb.Bound, f func(unit int)) {
	u.tree.Search(box.Min, box.Max, func(lo, hi [2]float64, i int) bool {
		if box.Contains(lo) && box.Contains(hi) || within(u.units[i].Shape, box, 0) {
			f(i)
		}
		return true
	})
}

// reach marks every district that lies within the ground's metres of its shape:
// a border does, or the district holds the shape or the shape the district. Only
// borders near the shape are looked at. hit and odd are by unit; odd is scratch.
func (u *unitSet) reach(g ground, hit, odd []bool) {
	edges(g.shape, func(a, b orb.Point) bool {
		box := data.PadMetres(edge{a, b}.bound(), g.metres)
		cos := math.Cos(a[1] * math.Pi / 180)
		u.borders.Search(box.Min, box.Max, func(_, _ [2]float64, e border) bool {
			if !hit[e.unit] && edgesWithin(edge{a, b}, e.edge, cos, g.metres) {
				hit[e.unit] = true
			}
			return true
		})
		return true
	})
	eachPart(g.shape, func(first orb.Point) { u.holding(first, hit, odd) })
	if g.shape.Dimensions() == 2 {
		box := g.shape.Bound()
		u.tree.Search(box.Min, box.Max, func(lo, hi [2]float64, i int) bool {
			if !hit[i] && box.Contains(lo) && box.Contains(hi) {
				eachPart(u.units[i].Shape, func(p orb.Point) { hit[i] = hit[i] || areaHolds(g.shape, p) })
			}
			return true
		})
	}
}

// holding marks the districts that hold p, by the same even-odd rule as
// data.Contains, with the borders east of p only.
func (u *unitSet) holding(p orb.Point, hit, odd []bool) {
	clear(odd)
	u.borders.Search(p, [2]float64{u.east, p[1]}, func(_, _ [2]float64, e border) bool {
		if (e.a[1] > p[1]) != (e.b[1] > p[1]) && p[0] < e.a[0]+(p[1]-e.a[1])/(e.b[1]-e.a[1])*(e.b[0]-e.a[0]) {
			odd[e.unit] = !odd[e.unit]
		}
		return true
	})
	for i, in := range odd {
		hit[i] = hit[i] || in
	}
}

// eachPart calls f with a vertex of each connected part of the shape.
func eachPart(g orb.Geometry, f func(orb.Point)) {
	switch g := g.(type) {
	case orb.Point:
		f(g)
	case orb.MultiPoint:
		for _, p := range g {
			f(p)
		}
	case orb.LineString:
		f(g[0])
	case orb.MultiLineString:
		for _, l := range g {
			f(l[0])
		}
	case orb.Polygon:
		f(g[0][0])
	case orb.MultiPolygon:
		for _, p := range g {
			f(p[0][0])
		}
	}
}
