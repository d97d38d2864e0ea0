package riskgrid

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// spillMetres is the reach in metres under which a scenario falls between the
// centres of base cells. Its loss is then counted with the mean of its risk over
// the ground of each cell, so that the sum over cells is its own integral.
//
// Of a point source the mean is the closed form of spread areas (circle-polygon
// area and first moment, for polar footprints a quadrature): all cells together
// give the footprint's integral to 1e-9 of it, and 1e-15 per year a cell. A
// frequency per kilometre is that of points along the line, each of which stands
// for at most 4 m of it: the integral is as exact, its parts move by less than 2
// m along the line. Of other lines, areas and zones the mean is that over 55
// places in each cell that the effect's edge may cross, elsewhere the value at
// the centre. The places lie on a lattice whose rows are 0.6 m apart from north
// and from west: of a band along a line the integral is within 0.6 m of its
// width, and mostly within 1 % where it bends or runs askew.
const spillMetres = 33

// spillPlaces is a Fibonacci number and spillStep the one before it: the lattice
// of Fibonacci, of which no few straight lines hold many places.
const (
	spillPlaces  = 55
	spillStep    = 34
	spillLongest = 1000.0 // metres across of areas and zones that spill
	spillEach    = 4.0    // metres of a line for which one point stands
)

// spills reports whether the scenario of a source falls between centres: it does
// not reach far, and is no ground of more than a kilometre, of which centres are
// a fair sample.
func spills(h *data.Hazard, s *data.Scenario) bool {
	f := s.Footprint
	if f.Reach() >= spillMetres {
		return false
	}
	box := h.Bound()
	switch {
	case f.Kind == data.Zone:
		box = f.Zones[0].Shape.Bound()
		for _, z := range f.Zones[1:] {
			box = box.Union(z.Shape.Bound())
		}
	case h.Shape.Dimensions() < 2:
		return true
	}
	return data.Distance(box.Min, box.Max) <= spillLongest
}

// spill paints a scenario that spills on the cells of the span.
func (q *bearer) spill(h *data.Hazard, s *data.Scenario, cells span) {
	at, point := h.Shape.(orb.Point)
	switch {
	case s.Footprint.Kind != data.Zone && (point || s.Per == data.PerKm):
		if s.Footprint.Reach() == 0 {
			return // discs of no ground
		}
		q.begin(s.Footprint, cells)
		if point {
			q.spillPoint(at, 1, cells)
		} else {
			eachLine(h.Shape, func(l []orb.Point) { q.spillLine(l, cells) })
		}
		q.end(s.PerYear*perUnit, cells)
	default:
		q.spillShape(h, s, cells)
	}
}

// spillShape paints the mean over places of each cell near the edges of an effect.
func (q *bearer) spillShape(h *data.Hazard, s *data.Scenario, cells span) {
	one := data.Hazard{Shape: h.Shape, Scenarios: []data.Scenario{*s}}
	q.areas = areaPolygons(h.Shape)
	q.paintOne(&q.painter, &one)
	g := &q.g
	side := edgeLon(1, BaseZoom) - edgeLon(0, BaseZoom)
	near := s.Footprint.Reach() + side*data.MetresPerDegree*math.Sqrt2/2
	for _, e := range outlines(h.Shape, s.Footprint) {
		b := q.measure(e, near, false)
		b = span{max(b.c0, cells.c0), min(b.c1, cells.c1), max(b.r0, cells.r0), min(b.r1, cells.r1)}
		for r := b.r0; r < b.r1; r++ {
			for c := b.c0; c < b.c1; c++ {
				if i := r*g.w + c; q.dist[i] <= near && q.wants(i) {
					q.dst[i] = q.mean(&one, c, r)
				}
			}
		}
	}
}

// wants reports whether anybody asks for a cell's value.
func (q *bearer) wants(i int) bool { return q.people == nil || q.people[i] != 0 }

// paintOne adds the one scenario of what is not sealed.
func (q *bearer) paintOne(p *painter, h *data.Hazard) {
	s := &h.Scenarios[0]
	if at, ok := h.Shape.(orb.Point); ok {
		p.pointScenario(s, at, 1)
		return
	}
	if byDistance(s) {
		cells := p.measure(h.Shape, s.Footprint.Reach(), s.Footprint.Kind == data.Polar)
		if !cells.empty() {
			p.apply(cells, s.Footprint, s.PerYear*perUnit)
		}
		return
	}
	p.special(h.Shape, s, 1)
}

// mean is the mean risk over the places of one cell of the span, to the nearest.
// The edges are those that were gathered for the outline.
func (q *bearer) mean(h *data.Hazard, c, r int) Risk {
	g, s := &q.g, &h.Scenarios[0]
	width, height := g.step/spillPlaces, (g.north[r]-g.north[r+1])/spillPlaces
	byDistance, limit := byDistance(s), searchLimit(s.Footprint.Reach())
	if byDistance {
		q.close(c, r, s.Footprint.Reach())
	}
	var risk [1]Risk
	sum := 0.0
	for i := range spillPlaces {
		at := orb.Point{g.west[c] + width*(float64(i)+0.5), g.north[r] - height*(float64(i*spillStep%spillPlaces)+0.5)}
		if !byDistance {
			q.sub.place(at, risk[:])
			q.paintOne(&q.sub, h)
			continue
		}
		near, d := q.nearestClose(at, r, limit)
		switch f := s.Footprint; {
		case d > f.Reach():
		case f.Kind == data.Polar:
			sum += f.At(d, data.Bearing(near, at))
		default:
			sum += f.At(d, 0)
		}
	}
	return (risk[0]+spillPlaces/2)/spillPlaces + fixed(sum/spillPlaces*s.PerYear*perUnit)
}

// close sets q.closest to the edges that can be within reach of a place in the cell.
func (q *bearer) close(c, r int, reach float64) {
	g := &q.g
	centre, cos := orb.Point{g.lon[c], g.lat[r]}, g.cos[r]
	x, y := g.step/2*cos, (g.north[r]-g.north[r+1])/2
	limit := searchLimit(reach) + math.Sqrt(x*x+y*y)*searchMargin
	q.closest = q.closest[:0]
	for i := range q.edges {
		n := q.edges[i].nearest(centre, cos)
		x, y := (n[0]-centre[0])*cos, n[1]-centre[1]
		if x*x+y*y <= limit*limit {
			q.closest = append(q.closest, q.edges[i])
		}
	}
}

// nearestClose is data.Nearest of a place in a cell of row r, where that is not past
// the reach, whose searchLimit is given; else something past it.
func (q *bearer) nearestClose(at orb.Point, r int, limit float64) (near orb.Point, metres float64) {
	g := &q.g
	for _, poly := range q.areas {
		if data.Contains(poly, at) {
			return at, 0
		}
	}
	cos, least := g.cosAt(r, at[1]), math.Inf(1)
	for i := range q.closest {
		n := q.closest[i].nearest(at, cos)
		x, y := (n[0]-at[0])*cos, n[1]-at[1]
		if d := float64(x*x) + float64(y*y); d < least {
			least, near = d, n
		}
	}
	if least > limit*limit {
		return near, math.Inf(1)
	}
	east := float64((at[0]-near[0])*data.MetresPerDegree) * g.cosAt(r, (at[1]+near[1])/2)
	north := float64((at[1] - near[1]) * data.MetresPerDegree)
	return near, math.Sqrt(float64(east*east) + float64(north*north))
}

// nearest is data.Nearest's point of the edge, to the bit, in a plane whose degrees
// of longitude are scaled by cos.
func (e *edge) nearest(p orb.Point, cos float64) orb.Point {
	ex, ey := (e.b[0]-e.a[0])*cos, e.b[1]-e.a[1]
	length := float64(ex*ex) + float64(ey*ey)
	if length == 0 {
		return e.a
	}
	return e.at((float64((p[0]-e.a[0])*cos*ex) + float64((p[1]-e.a[1])*ey)) / length)
}

// outlines are the lines at which a scenario's effect begins.
func outlines(shape orb.Geometry, f *data.Footprint) []orb.Geometry {
	if f.Kind == data.Zone {
		var out []orb.Geometry
		for i := range f.Zones {
			out = append(out, outline(f.Zones[i].Shape))
		}
		return out
	}
	return []orb.Geometry{outline(shape)}
}

func outline(shape orb.Geometry) orb.Geometry {
	if _, area := shape.(orb.Polygon); !area {
		if _, area = shape.(orb.MultiPolygon); !area {
			return shape
		}
	}
	var lines orb.MultiLineString
	eachLine(shape, func(l []orb.Point) { lines = append(lines, orb.LineString(l)) })
	return lines
}

// begin makes ready to spill points with this footprint.
func (q *bearer) begin(f *data.Footprint, cells span) {
	q.kernel = newKernel(f, 1)
	q.profile(f)
	if f.Kind == data.Polar {
		q.directions(f)
		q.accumulate(f)
	}
	q.most = resize(q.most, q.g.w*q.g.h)
	for r := cells.r0; r < cells.r1; r++ {
		clear(q.most[r*q.g.w+cells.c0 : r*q.g.w+cells.c1])
	}
}

// end paints what was spilt, times units.
func (q *bearer) end(units float64, cells span) {
	for r := cells.r0; r < cells.r1; r++ {
		for i := r*q.g.w + cells.c0; i < r*q.g.w+cells.c1; i++ {
			if v := q.most[i]; v != 0 {
				q.dst[i] += fixed(min(v, 1) * units)
			}
		}
	}
}

// spillLine spills points in the middle of equal parts of each edge, so that
// together they are kilometres.
func (q *bearer) spillLine(line []orb.Point, cells span) {
	reach := q.kernel.f.Reach()
	box := data.PadMetres(q.g.bound(cells), reach)
	for i := 1; i < len(line); i++ {
		e := edge{line[i-1], line[i]}
		if !box.Intersects(orb.MultiPoint{e.a, e.b}.Bound()) {
			continue
		}
		length := data.Distance(e.a, e.b)
		n := math.Ceil(length / spillEach)
		for j := 0.5; j < n; j++ {
			if at := e.at(j / n); box.Contains(at) {
				b := q.g.clip(data.PadMetres(orb.Bound{Min: at, Max: at}, reach))
				b = span{max(b.c0, cells.c0), min(b.c1, cells.c1), max(b.r0, cells.r0), min(b.r1, cells.r1)}
				q.spillPoint(at, length/n/1000, b)
			}
		}
	}
}

// spillPoint adds weight times the mean over each cell of the effects of a point:
// what the area of the cell puts on the point, seen the other way round, in the
// plane at the point's latitude.
func (q *bearer) spillPoint(at orb.Point, weight float64, cells span) {
	g := &q.g
	for r := cells.r0; r < cells.r1; r++ {
		for c := cells.c0; c < cells.c1; c++ {
			if !q.wants(r*g.w + c) {
				continue
			}
			b := g.bound(span{c, c + 1, r, r + 1})
			// The cell turned half about the point: a bearing to a place is then
			// one from it.
			west, east := 2*at[0]-b.Max[0], 2*at[0]-b.Min[0]
			south, north := 2*at[1]-b.Max[1], 2*at[1]-b.Min[1]
			q.ring = [5]orb.Point{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}
			q.stretches = append(q.stretches[:0], stretch{q.ring[:], 1, orb.Bound{Min: q.ring[0], Max: q.ring[2]}})
			area := (east - west) * (north - south)
			q.most[r*g.w+c] += weight * q.share(at, at, 0, area, &q.kernel)
		}
	}
}
