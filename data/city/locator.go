package city

import (
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Locator finds the unit that holds a point. Immutable, safe for concurrent use.
type Locator struct {
	areas []area // in the order of their units' codes
	grid  grid
	sure  sure
}

// NewLocator indexes the units' polygons; units of other shapes hold no point.
func NewLocator(units []data.Unit) *Locator {
	units = slices.Clone(units)
	slices.SortStableFunc(units, func(a, b data.Unit) int { return strings.Compare(a.Code, b.Code) })
	l := &Locator{}
	for _, u := range units {
		switch shape := u.Shape.(type) {
		case orb.Polygon:
			l.areas = append(l.areas, newArea(u.Code, shape))
		case orb.MultiPolygon:
			for _, poly := range shape {
				l.areas = append(l.areas, newArea(u.Code, poly))
			}
		}
	}
	l.grid = newGrid(l.areas)
	l.sure = l.newSure()
	for i := range l.areas {
		l.areas[i].rings = nil
	}
	return l
}

// Locate gives the code of the unit that holds the point, and false where none
// does. Borders are half-open: of two neighbours whose shared border has the
// same vertices, exactly one holds each of its points. Where units overlap, the
// first by code does.
func (l *Locator) Locate(p orb.Point) (code string, ok bool) {
	if i := l.locate(p); i >= 0 {
		return l.areas[i].code, true
	}
	return "", false
}

// locate gives the position of the area that holds the point, or -1.
func (l *Locator) locate(p orb.Point) int {
	if !l.grid.bound.Contains(p) {
		return -1
	}
	if i, ok := l.sure.at(p); ok {
		return i
	}
	return l.search(p)
}

// search asks the areas.
func (l *Locator) search(p orb.Point) int {
	for _, i := range l.grid.at(p) {
		if l.areas[i].holds(p) {
			return int(i)
		}
	}
	return -1
}

// area is one polygon, its edges sorted into bands of latitude.
type area struct {
	code  string
	bound orb.Bound
	rings orb.Polygon // until the locator is made
	bands [][]edge
	scale float64 // bands per degree of latitude
}

// edge runs from its lower end to its higher one, so that both neighbours of a
// border compute the same crossing from it, to the last bit.
type edge struct{ low, high orb.Point }

// edgesPerBand is about how many edges a band is to hold: more make a query
// longer, fewer make more bands.
const edgesPerBand = 4

func newArea(code string, poly orb.Polygon) area {
	a := area{code: code, bound: poly.Bound(), rings: poly}
	var edges []edge
	for _, ring := range poly {
		for i := 1; i < len(ring); i++ {
			e := edge{ring[i-1], ring[i]}
			if e.low[1] > e.high[1] {
				e.low, e.high = e.high, e.low
			}
			if e.low[1] != e.high[1] {
				edges = append(edges, e)
			}
		}
	}
	n := max(1, len(edges)/edgesPerBand)
	height := a.bound.Max[1] - a.bound.Min[1]
	if !(height > 0) {
		return a // flat: holds no point
	}
	a.scale = float64(n) / height
	a.bands = make([][]edge, n)
	for _, e := range edges {
		for b := a.band(e.low[1]); b <= a.band(e.high[1]); b++ {
			a.bands[b] = append(a.bands[b], e)
		}
	}
	return a
}

func (a *area) band(lat float64) int {
	return min(max(int((lat-a.bound.Min[1])*a.scale), 0), len(a.bands)-1)
}

// holds counts, by the even-odd rule, the edges east of the point.
func (a *area) holds(p orb.Point) bool {
	if len(a.bands) == 0 || !a.bound.Contains(p) {
		return false
	}
	in := false
	for _, e := range a.bands[a.band(p[1])] {
		if e.low[1] <= p[1] && p[1] < e.high[1] && p[0] < e.crossing(p[1]) {
			in = !in
		}
	}
	return in
}

func (e *edge) crossing(lat float64) float64 {
	return e.low[0] + float64((lat-e.low[1])/(e.high[1]-e.low[1])*(e.high[0]-e.low[0]))
}

// grid lists, for each cell of a box, the areas whose boxes meet it.
type grid struct {
	bound orb.Bound
	scale [2]float64 // cells per degree
	cells [][]int32
}

// gridSide is the number of cells along each side of the box.
const gridSide = 64

func newGrid(areas []area) grid {
	g := grid{}
	if len(areas) == 0 {
		return g
	}
	g.bound = areas[0].bound
	for i := range areas {
		g.bound = g.bound.Union(areas[i].bound)
	}
	for d := range 2 {
		if size := g.bound.Max[d] - g.bound.Min[d]; size > 0 {
			g.scale[d] = gridSide / size
		}
	}
	g.cells = make([][]int32, gridSide*gridSide)
	for i := range areas {
		x0, y0 := g.cell(areas[i].bound.Min)
		x1, y1 := g.cell(areas[i].bound.Max)
		for y := y0; y <= y1; y++ {
			for x := x0; x <= x1; x++ {
				g.cells[y*gridSide+x] = append(g.cells[y*gridSide+x], int32(i))
			}
		}
	}
	return g
}

func (g *grid) cell(p orb.Point) (x, y int) {
	at := func(d int) int {
		return min(max(int(math.Floor((p[d]-g.bound.Min[d])*g.scale[d])), 0), gridSide-1)
	}
	return at(0), at(1)
}

func (g *grid) at(p orb.Point) []int32 {
	if len(g.cells) == 0 || !g.bound.Contains(p) {
		return nil
	}
	x, y := g.cell(p)
	return g.cells[y*gridSide+x]
}
