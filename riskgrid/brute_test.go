package riskgrid

import (
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"

	"riskatlas/data"
)

// The brute-force twin: the same meaning written as plainly as possible, in
// float64, cell by cell, with sampling in the place of closed forms.

// bruteBox is a cell's box from the Web Mercator formulas alone.
func bruteBox(c Cell) (box orb.Bound, centre orb.Point) {
	n := math.Exp2(float64(c.Zoom))
	lat := func(y float64) float64 { return math.Atan(math.Sinh(math.Pi*(1-2*y/n))) * 180 / math.Pi }
	x, y := float64(c.X), float64(c.Y)
	box = orb.Bound{Min: orb.Point{x/n*360 - 180, lat(y + 1)}, Max: orb.Point{(x+1)/n*360 - 180, lat(y)}}
	return box, orb.Point{(x+0.5)/n*360 - 180, lat(y + 0.5)}
}

func halfOpen(b orb.Bound, p orb.Point) bool {
	return p[0] >= b.Min[0] && p[0] < b.Max[0] && p[1] > b.Min[1] && p[1] <= b.Max[1]
}

// bruteSample gives the sample point of a shape for a cell and whether the shape
// meets the cell.
func bruteSample(shape orb.Geometry, c Cell) (orb.Point, bool) {
	box, centre := bruteBox(c)
	if _, d := data.Nearest(shape, centre); d == 0 {
		return centre, true
	}
	best, least := centre, math.Inf(1)
	cos := math.Cos(centre[1] * math.Pi / 180)
	try := func(q orb.Point) {
		if d := math.Hypot((q[0]-centre[0])*cos, q[1]-centre[1]); d < least {
			best, least = q, d
		}
	}
	line := func(l orb.LineString) {
		for i := 1; i < len(l); i++ {
			for _, part := range clip.LineString(box, orb.LineString{l[i-1], l[i]}) {
				a, b := part[0], part[len(part)-1]
				middle := orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}
				if halfOpen(box, a) || halfOpen(box, b) || halfOpen(box, middle) {
					q, _ := data.Nearest(part, centre)
					try(q)
				}
			}
		}
	}
	switch g := shape.(type) {
	case orb.Point:
		if halfOpen(box, g) {
			try(g)
		}
	case orb.MultiPoint:
		for _, q := range g {
			if halfOpen(box, q) {
				try(q)
			}
		}
	case orb.LineString:
		line(g)
	case orb.MultiLineString:
		for _, l := range g {
			line(l)
		}
	case orb.Polygon:
		for _, r := range g {
			line(orb.LineString(r))
		}
	case orb.MultiPolygon:
		for _, poly := range g {
			for _, r := range poly {
				line(orb.LineString(r))
			}
		}
	}
	return best, !math.IsInf(least, 1)
}

// sampler says how finely integrals are sampled.
type sampler struct {
	step float64 // metres along lines
	rows float64 // of an area, and points of its longest row
}

// fine is for comparing, coarse for comparing times.
var (
	fine   = sampler{step: 0.01, rows: 400}
	coarse = sampler{step: 5, rows: 20}
)

// brute is one scenario's risk in a cell, per year, by the cell rule.
func (n sampler) brute(h *data.Hazard, s *data.Scenario, c Cell) float64 {
	_, centre := bruteBox(c)
	if s.Footprint.Kind == data.Zone {
		most := 0.0
		for _, z := range s.Footprint.Zones {
			at, _ := bruteSample(z.Shape, c)
			most = max(most, bruteZone(z, s.Footprint.Skirt, at, c))
		}
		return s.PerYear * most
	}
	at, met := bruteSample(h.Shape, c)
	if !met {
		at = centre
	}
	return s.PerYear * n.mean(h.Shape, s, at, met)
}

func bruteZone(z data.ZonePiece, skirt [2]float64, at orb.Point, c Cell) float64 {
	d := 0.0
	if _, met := bruteSample(z.Shape, c); !met {
		_, d = data.Nearest(z.Shape, at)
	}
	switch {
	case d <= skirt[0]:
		return z.Lethality
	case d >= skirt[1]:
		return 0
	}
	return z.Lethality * (skirt[1] - d) / (skirt[1] - skirt[0])
}

// mean is the factor of the frequency at a place: the lethality, or its
// integral in kilometres, or its mean over the area.
func (n sampler) mean(shape orb.Geometry, s *data.Scenario, at orb.Point, met bool) float64 {
	f := s.Footprint
	q, d := data.Nearest(shape, at)
	switch {
	case s.Per == data.PerKm:
		if d > f.Reach() && !met {
			return 0
		}
		return n.line(shape, f, at)
	case f.Over == data.OverSpread:
		if d > f.Reach() && !met {
			return 0
		}
		return n.area(shape, f, at)
	}
	if met {
		return f.At(0, 0)
	}
	return f.At(d, data.Bearing(q, at))
}

// line samples the lethality along a line, in kilometres.
func (n sampler) line(shape orb.Geometry, f *data.Footprint, at orb.Point) float64 {
	lines, ok := shape.(orb.MultiLineString)
	if !ok {
		lines = orb.MultiLineString{shape.(orb.LineString)}
	}
	sum := 0.0
	for _, l := range lines {
		for i := 1; i < len(l); i++ {
			a, b := l[i-1], l[i]
			length := data.Distance(a, b)
			pieces := math.Ceil(length/n.step) + 1
			const stride = 1000 // samples that are skipped at once where they are far
			for first := 0.0; first < pieces; first += stride {
				half := length / pieces * stride
				t := (first + stride/2) / pieces
				if data.Distance(at, orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}) > f.Reach()+half {
					continue
				}
				for k := first + 0.5; k < min(pieces, first+stride); k++ {
					y := orb.Point{a[0] + k/pieces*(b[0]-a[0]), a[1] + k/pieces*(b[1]-a[1])}
					if d := data.Distance(at, y); d <= f.Reach() {
						sum += f.At(d, data.Bearing(y, at)) * length / pieces
					}
				}
			}
		}
	}
	return sum / 1000
}

// area samples the lethality over an area: rows of equal height, in each
// the runs inside by data.Contains' rule, in each run points in its middle.
func (n sampler) area(shape orb.Geometry, f *data.Footprint, at orb.Point) float64 {
	polys, ok := shape.(orb.MultiPolygon)
	if !ok {
		polys = orb.MultiPolygon{shape.(orb.Polygon)}
	}
	sum, weight := 0.0, 0.0
	for _, poly := range polys {
		b := poly.Bound()
		height := (b.Max[1] - b.Min[1]) / n.rows
		for k := 0.5; k < n.rows; k++ {
			lat := b.Min[1] + k*height
			xs := bruteCrossings(poly, lat)
			for i := 1; i < len(xs); i += 2 {
				points := math.Ceil((xs[i]-xs[i-1])/(b.Max[0]-b.Min[0])*n.rows) + 1
				step := (xs[i] - xs[i-1]) / points
				w := step * height // the plane's cosine is the same for all
				for j := 0.5; j < points; j++ {
					y := orb.Point{xs[i-1] + j*step, lat}
					d := data.Distance(at, y)
					weight += w
					if d <= f.Reach() {
						sum += w * f.At(d, data.Bearing(y, at))
					}
				}
			}
		}
	}
	return sum / weight
}

func bruteCrossings(poly orb.Polygon, lat float64) []float64 {
	var xs []float64
	for _, ring := range poly {
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			if (a[1] > lat) != (b[1] > lat) {
				xs = append(xs, a[0]+(lat-a[1])/(b[1]-a[1])*(b[0]-a[0]))
			}
		}
	}
	slices.Sort(xs)
	return xs
}

// tolerance is the bound on a contribution's error, per year.
func tolerance(s *data.Scenario, value float64) float64 {
	f := s.PerYear
	switch {
	case s.Per == data.PerKm:
		return 0.001*value + 1e-4*f*2*s.Footprint.Reach()/1000 + 1e-15
	case s.Footprint.Over == data.OverSpread:
		return 1e-3*f + 1e-15
	}
	return 1e-4*f + 1e-15
}

// checkCell compares every scenario's contribution with the brute force's.
func checkCell(t *testing.T, n sampler, h *data.Hazard, c Cell) {
	t.Helper()
	for i := range h.Scenarios {
		s := &h.Scenarios[i]
		want := n.brute(h, s, c)
		if h.Status != data.Active {
			want = 0
		}
		got := Contribution(h, i, c).PerYear()
		if !(math.Abs(got-want) <= tolerance(s, want)) {
			t.Errorf("%s scenario %d (%v over %v, per %d) of a %s in cell %v: got %.9g, brute force %.9g, f %g",
				h.ID, i, s.Footprint.Kind, s.Footprint.Over, s.Per, h.Shape.GeoJSONType(), c, got, want, s.PerYear)
		}
	}
}
