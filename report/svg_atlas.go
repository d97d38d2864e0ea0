package report

import (
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/paulmach/orb/simplify"

	"riskatlas/data"
)

// atlas is the ground of all maps of a report in one plane: Mercator, whole
// units, ten of them to a pixel of the city's map. Outlines and cells are
// written once and used by every map.
type atlas struct {
	ground   *Map
	scale    float64 // units to the width of the Mercator world
	x0, y0   float64 // the north-west corner in that world, 0 to 1
	w, h     float64 // units
	shapes   []orb.MultiPolygon
	bounds   []orb.Bound
	at       []orb.Point // of the sources
	home     []int       // position of the outline in which a source stands, -1 outside
	industry map[data.Industry][]int
}

const (
	unitsWide = 10 * sheet
	tolerance = 2.0 // units: a fifth of a pixel on the city's map
)

// newAtlas lays out the ground; nil where there is none to draw.
func newAtlas(m *Map) *atlas {
	if m == nil || !(m.Bound.Max[0] > m.Bound.Min[0] && m.Bound.Max[1] > m.Bound.Min[1]) {
		return nil
	}
	a := &atlas{ground: m, industry: map[data.Industry][]int{}}
	nw, se := world(orb.Point{m.Bound.Min[0], m.Bound.Max[1]}), world(orb.Point{m.Bound.Max[0], m.Bound.Min[1]})
	margin := 0.02 * (se[0] - nw[0])
	a.x0, a.y0 = nw[0]-margin, nw[1]-margin
	a.scale = unitsWide / (se[0] - nw[0] + 2*margin)
	a.w, a.h = unitsWide, a.scale*(se[1]-nw[1]+2*margin)
	for _, d := range m.Districts {
		shape := a.shape(d.Shape)
		a.shapes = append(a.shapes, shape)
		a.bounds = append(a.bounds, shape.Bound())
	}
	for i, dot := range m.Sources {
		p := a.place(dot.At)
		a.at = append(a.at, p)
		a.home = append(a.home, a.find(p))
		a.industry[dot.Industry] = append(a.industry[dot.Industry], i)
	}
	return a
}

// world is a place in the Mercator world, 0 to 1 from the west and the north.
func world(p orb.Point) orb.Point {
	return orb.Point{(p[0] + 180) / 360, 0.5 - math.Asinh(math.Tan(p[1]*math.Pi/180))/(2*math.Pi)}
}

// place is a place on the ground in units.
func (a *atlas) place(p orb.Point) orb.Point {
	q := world(p)
	return orb.Point{math.Round((q[0] - a.x0) * a.scale), math.Round((q[1] - a.y0) * a.scale)}
}

// shape is an outline in units, simplified; rings that shrink to nothing are
// left out.
func (a *atlas) shape(m orb.MultiPolygon) orb.MultiPolygon {
	var out orb.MultiPolygon
	for _, polygon := range m {
		var rings orb.Polygon
		for i, ring := range polygon {
			line := make(orb.LineString, len(ring))
			for j, p := range ring {
				line[j] = a.place(p)
			}
			line = simplify.DouglasPeucker(tolerance).LineString(line)
			if len(line) < 4 {
				if i == 0 {
					break // its holes are smaller still
				}
				continue
			}
			rings = append(rings, orb.Ring(line))
		}
		if len(rings) > 0 {
			out = append(out, rings)
		}
	}
	return out
}

func (a *atlas) find(p orb.Point) int {
	for i, b := range a.bounds {
		if b.Contains(p) && planar.MultiPolygonContains(a.shapes[i], p) {
			return i
		}
	}
	return -1
}

// metres is the length of a unit on the ground at the middle of a part.
func (a *atlas) metres(part orb.Bound) float64 {
	y := part.Center()[1]/a.scale + a.y0
	latitude := math.Atan(math.Sinh((0.5 - y) * 2 * math.Pi))
	return 2 * math.Pi * data.EarthRadiusMetres * math.Cos(latitude) / a.scale
}

func (a *atlas) whole() orb.Bound { return orb.Bound{Max: orb.Point{a.w, a.h}} }

// define writes what the maps share: outlines d0, d1, …, all of them as ground,
// and the levels of the cells.
func (a *atlas) define(c *canvas) {
	c.raw(`<svg xmlns="http://www.w3.org/2000/svg" class="defs" width="0" height="0" aria-hidden="true"><defs>`, "\n")
	for i, shape := range a.shapes {
		c.raw(`<path id="d`, strconv.Itoa(i), `" d="`, path(shape), `"/>`, "\n")
	}
	c.raw(`<g id="ground">`)
	for i := range a.shapes {
		c.raw(`<use href="#d`, strconv.Itoa(i), `"/>`)
	}
	c.raw("</g>\n<g id=\"cells\" stroke=\"none\">")
	for l := data.Low; l <= data.Major; l++ {
		if d := a.cells(l); d != "" {
			c.raw(`<path fill="`, colour(l), `" d="`, d, `"/>`)
		}
	}
	c.raw("</g>\n</defs></svg>\n")
}

// path writes rings as moves from point to point.
func path(m orb.MultiPolygon) string {
	var b strings.Builder
	write := func(v float64) { b.WriteString(strconv.Itoa(int(v))) }
	for _, polygon := range m {
		for _, ring := range polygon {
			for i, p := range ring[:len(ring)-1] {
				if i == 0 {
					b.WriteByte('M')
					write(p[0])
					b.WriteByte(' ')
					write(p[1])
					b.WriteByte('l')
					continue
				}
				dx, dy := p[0]-ring[i-1][0], p[1]-ring[i-1][1]
				if i > 1 && dx >= 0 {
					b.WriteByte(' ')
				}
				write(dx)
				if dy >= 0 {
					b.WriteByte(' ')
				}
				write(dy)
			}
			b.WriteByte('z')
		}
	}
	return b.String()
}

// cells gives the outline of the cells of a level: runs along rows, joined
// downwards where they are equal.
func (a *atlas) cells(l data.Level) string {
	k := a.ground.Window
	if k.W <= 0 || len(k.Level) < k.W*k.H {
		return ""
	}
	var b strings.Builder
	type run struct{ from, to int }
	open := map[run]int{} // run to its first row
	column := func(x int) float64 { return math.Round((float64(k.X+x)/math.Exp2(float64(k.Zoom)) - a.x0) * a.scale) }
	row := func(y int) float64 { return math.Round((float64(k.Y+y)/math.Exp2(float64(k.Zoom)) - a.y0) * a.scale) }
	close := func(r run, from, to int) {
		x, y := column(r.from), row(from)
		w, h := strconv.Itoa(int(column(r.to)-x)), strconv.Itoa(int(row(to)-y))
		b.WriteString("M" + strconv.Itoa(int(x)) + " " + strconv.Itoa(int(y)) + "h" + w + "v" + h + "h-" + w + "z")
	}
	var previous []run
	for y := 0; y <= k.H; y++ {
		var runs []run
		for x := 0; y < k.H && x < k.W; x++ {
			if k.Level[y*k.W+x] != l {
				continue
			}
			from := x
			for x < k.W && k.Level[y*k.W+x] == l {
				x++
			}
			runs = append(runs, run{from, x})
		}
		still := map[run]bool{}
		for _, r := range runs {
			still[r] = true
		}
		for _, r := range previous { // in order: the bytes are the same each time
			if !still[r] {
				close(r, open[r], y)
				delete(open, r)
			}
		}
		for _, r := range runs {
			if _, ok := open[r]; !ok {
				open[r] = y
			}
		}
		previous = runs
	}
	return b.String()
}
