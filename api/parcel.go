package api

import (
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"

	"riskatlas/data"
)

// parcel is a region that a client draws: polygons by the same rule of what is
// inside as data.Contains. Its edges lie in strips of latitude, so that a polygon
// of many corners costs each question only the few edges beside it.
type parcel struct {
	shape  orb.MultiPolygon
	bound  orb.Bound
	strips [][][2]orb.Point
}

// maxParcelKM2 bounds a parcel: more than any city of the profiles has.
const maxParcelKM2 = 50_000

// newParcel checks and indexes a shape. The errors name the field polygon.
func newParcel(g orb.Geometry) (*parcel, error) {
	m := polygons(g)
	if m == nil {
		return nil, &data.Invalid{Field: "polygon", Value: g.GeoJSONType(), Want: "a Polygon or MultiPolygon"}
	}
	if km2 := groundKM2(m); km2 > maxParcelKM2 {
		return nil, &data.Invalid{Field: "polygon", Value: fmt.Sprintf("%.0f km2", km2), Want: fmt.Sprintf("an area of at most %d km2", maxParcelKM2)}
	}
	p := &parcel{shape: m, bound: m.Bound()}
	edges := 0
	eachEdge(m, func(_, _ orb.Point) bool { edges++; return true })
	p.strips = make([][][2]orb.Point, min(max(1, edges), 4096))
	eachEdge(m, func(a, b orb.Point) bool {
		for i := p.strip(min(a[1], b[1])); i <= p.strip(max(a[1], b[1])); i++ {
			p.strips[i] = append(p.strips[i], [2]orb.Point{a, b})
		}
		return true
	})
	if err := simple(m).Validate(); err != nil {
		want := "rings that do not cross themselves or each other: " + err.Error()
		if at, ok := p.tangle(); ok {
			want = fmt.Sprintf("rings that do not cross themselves or each other; they do near %.7f,%.7f", at[0], at[1])
		}
		return nil, &data.Invalid{Field: "polygon", Value: g.GeoJSONType(), Want: want}
	}
	return p, nil
}

// simple gives the polygons for simplefeatures, unchecked.
func simple(m orb.MultiPolygon) geom.MultiPolygon {
	out := make([]geom.Polygon, len(m))
	for i, p := range m {
		rings := make([]geom.LineString, len(p))
		for k, r := range p {
			flat := make([]float64, 0, 2*len(r))
			for _, q := range r {
				flat = append(flat, q[0], q[1])
			}
			rings[k] = geom.NewLineString(geom.NewSequence(flat, geom.DimXY))
		}
		out[i] = geom.NewPolygon(rings)
	}
	return geom.NewMultiPolygon(out)
}

// groundKM2 is the ground of valid polygons, square kilometres, with each edge's
// part by the cosine of its own latitude.
func groundKM2(m orb.MultiPolygon) float64 {
	sum := 0.0
	for _, p := range m {
		for i, r := range p {
			ring := 0.0
			for k := 1; k < len(r); k++ {
				// The strip between the edge and the ring's first parallel.
				mid := (r[k-1][1] + r[k][1]) / 2
				ring += (r[k][0] - r[k-1][0]) * (mid - r[0][1]) * math.Cos((mid+r[0][1])*(math.Pi/360))
			}
			if ring = math.Abs(ring); i > 0 {
				ring = -ring
			}
			sum += ring
		}
	}
	return max(0, sum) * data.MetresPerDegree * data.MetresPerDegree / 1e6
}

func (p *parcel) strip(lat float64) int {
	n := len(p.strips)
	share := (lat - p.bound.Min[1]) / (p.bound.Max[1] - p.bound.Min[1])
	return min(max(int(share*float64(n)), 0), n-1)
}

// tangle finds a place where two edges cross that share no end. It looks at no
// more than some million pairs.
func (p *parcel) tangle() (orb.Point, bool) {
	pairs := 0
	for _, strip := range p.strips {
		for i, e := range strip {
			for _, f := range strip[:i] {
				if pairs++; pairs > 2_000_000 {
					return orb.Point{}, false
				}
				if e[0] == f[0] || e[0] == f[1] || e[1] == f[0] || e[1] == f[1] {
					continue
				}
				if t, ok := crossing(e[0], e[1], f[0], f[1]); ok {
					return along(e[0], e[1], t), true
				}
			}
		}
	}
	return orb.Point{}, false
}

func (p *parcel) box() orb.Bound            { return p.bound }
func (p *parcel) outline() orb.MultiPolygon { return p.shape }

func (p *parcel) anchors() []orb.Point {
	out := make([]orb.Point, len(p.shape))
	for i, poly := range p.shape {
		out[i] = poly[0][0]
	}
	return out
}

func (p *parcel) holds(q orb.Point) bool {
	if !p.bound.Contains(q) {
		return false
	}
	in := false
	for _, e := range p.strips[p.strip(q[1])] {
		a, b := e[0], e[1]
		if (a[1] > q[1]) != (b[1] > q[1]) && q[0] < a[0]+float64((q[1]-a[1])/(b[1]-a[1])*(b[0]-a[0])) {
			in = !in
		}
	}
	return in
}

// spans finds where the edge crosses the parcel's, and asks for the middle of
// each part whether it is inside.
func (p *parcel) spans(a, b orb.Point) []span {
	if a == b {
		if p.holds(a) {
			return []span{{0, 1}}
		}
		return nil
	}
	box := edgeBox(a, b)
	if !box.Intersects(p.bound) {
		return nil
	}
	cuts := []float64{0, 1}
	for i := p.strip(box.Min[1]); i <= p.strip(box.Max[1]); i++ {
		for _, e := range p.strips[i] {
			if edgeBox(e[0], e[1]).Intersects(box) {
				if t, ok := crossing(a, b, e[0], e[1]); ok {
					cuts = append(cuts, t)
				}
			}
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var out []span
	for i := 1; i < len(cuts); i++ {
		if p.holds(along(a, b, (cuts[i-1]+cuts[i])/2)) {
			out = append(out, span{cuts[i-1], cuts[i]})
		}
	}
	return merged(out)
}

// crossing is where on the edge ab the edge cd meets it. Parallel edges give
// nothing: those next to them do.
func crossing(a, b, c, d orb.Point) (float64, bool) {
	ux, uy, vx, vy := b[0]-a[0], b[1]-a[1], d[0]-c[0], d[1]-c[1]
	det := ux*vy - uy*vx
	if det == 0 {
		return 0, false
	}
	t := ((c[0]-a[0])*vy - (c[1]-a[1])*vx) / det
	s := ((c[0]-a[0])*uy - (c[1]-a[1])*ux) / det
	const edge = 1e-12
	return min(max(t, 0), 1), t >= -edge && t <= 1+edge && s >= -edge && s <= 1+edge
}
