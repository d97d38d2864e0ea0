package riskgrid

import (
	"math"

	"github.com/paulmach/orb"
)

// lattice is the geometry of a window: the centres and edges of its rows and
// columns. Each number depends on its row or column alone and not on the window.
type lattice struct {
	w, h        int
	lon, lat    []float64 // centres, west to east and north to south
	west, north []float64 // edges, one more than centres
	cos, sin    []float64 // of the centres' latitudes
	step        float64   // degrees between columns; 0 for a single place
	perDegree   float64   // columns in a degree
	perCos      float64   // of a single cell: at least one over the cosine of any latitude near it
	lift        bool      // cells follow the cell rule; a single place does not
	all         span      // the cells that lie in the world
	rows        Window    // whose rows these are: Y, H and Zoom; H is 0 for those of a place
}

// span is a rectangle of a lattice's cells, half-open.
type span struct{ c0, c1, r0, r1 int }

func (s span) empty() bool { return s.c0 >= s.c1 || s.r0 >= s.r1 }

// setWindow takes a window's cells. Rows that it has already cost nothing: the
// blocks of a city come row by row.
func (g *lattice) setWindow(w Window) {
	rows := Window{Y: w.Y, H: w.H, Zoom: w.Zoom}
	same := g.rows == rows
	g.size(w.W, w.H)
	g.lift = true
	g.step = edgeLon(1, w.Zoom) - edgeLon(0, w.Zoom)
	g.perDegree = 1 / g.step
	for c := range g.w {
		g.lon[c] = edgeLon(float64(w.X+c)+0.5, w.Zoom)
	}
	for c := range g.west {
		g.west[c] = eastEdge(float64(w.X+c), w.Zoom)
	}
	if !same {
		for r := range g.h {
			g.setLat(r, edgeLat(float64(w.Y+r)+0.5, w.Zoom))
		}
		for r := range g.north {
			g.north[r] = edgeLat(float64(w.Y+r), w.Zoom)
		}
		g.rows = rows
	}
	in := w.inside()
	g.all = span{in.X - w.X, in.X - w.X + in.W, in.Y - w.Y, in.Y - w.Y + in.H}
	if g.single() {
		g.setSingle()
	}
}

// setPlace takes one place as it is.
func (g *lattice) setPlace(p orb.Point) {
	g.size(1, 1)
	g.lift = false
	g.step = 0
	g.lon[0], g.west[0], g.west[1] = p[0], p[0], p[0]
	g.north[0], g.north[1] = p[1], p[1]
	g.rows = Window{}
	g.setLat(0, p[1])
	g.all = span{0, 1, 0, 1}
	g.setSingle()
}

func (g *lattice) size(w, h int) {
	g.w, g.h = w, h
	g.lon, g.west = resize(g.lon, w), resize(g.west, w+1)
	g.lat, g.north = resize(g.lat, h), resize(g.north, h+1)
	g.cos, g.sin = resize(g.cos, h), resize(g.sin, h)
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

func (g *lattice) setLat(r int, lat float64) {
	g.lat[r] = lat
	g.sin[r], g.cos[r] = math.Sin(lat*(math.Pi/180)), math.Cos(lat*(math.Pi/180))
}

// column is the column whose cells hold the longitude: -1 west of all, w east.
func (g *lattice) column(lon float64) int {
	switch {
	case lon < g.west[0]:
		return -1
	case lon >= g.west[g.w]:
		return g.w
	}
	c := min(max(int((lon-g.west[0])/g.step), 0), g.w-1)
	for lon < g.west[c] { // the estimate may be off by rounding
		c--
	}
	for lon >= g.west[c+1] {
		c++
	}
	return c
}

// row is the row whose cells hold the latitude: -1 north of all, h south.
func (g *lattice) row(lat float64) int {
	lo, hi := 0, len(g.north) // the first edge south of lat is in lo..hi
	for lo < hi {
		if mid := (lo + hi) / 2; g.north[mid] < lat {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo - 1
}

// clip gives the cells that meet a box, perhaps a few more.
func (g *lattice) clip(b orb.Bound) span {
	if g.step == 0 { // a single place
		return g.all
	}
	return span{
		max(g.all.c0, g.column(b.Min[0])), min(g.all.c1, g.column(b.Max[0])+1),
		max(g.all.r0, g.row(b.Max[1])), min(g.all.r1, g.row(b.Min[1])+1),
	}
}

// bound is the box of a span's cells.
func (g *lattice) bound(s span) orb.Bound {
	return orb.Bound{Min: orb.Point{g.west[s.c0], g.north[s.r1]}, Max: orb.Point{g.west[s.c1], g.north[s.r0]}}
}

// cosAt is the cosine of a latitude not far from row r, by Taylor's series about
// the row's centre: within 1e-12 to 100 km. riskgrid follows no effect past 20
// km, so what it gives further away decides nothing.
func (g *lattice) cosAt(r int, lat float64) float64 {
	d := (lat - g.lat[r]) * (math.Pi / 180)
	d2 := float64(d * d)
	return float64(g.cos[r]*(1-float64(d2*0.5))) - float64(g.sin[r]*d)*(1-float64(d2*(1.0/6)))
}
