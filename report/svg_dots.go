package report

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// mostSymbols is how many symbols a map draws before it gathers sources.
const mostSymbols = 1500

// symbol stands for the sources of one level near each other.
type symbol struct {
	level data.Level
	x, y  int // tenths of a pixel
	n     int
}

// gather gives the symbols of sources at places in tenths of a pixel: one each
// while they are few, else one to a square and level, in the widest squares
// that it takes. It also gives the square's side in pixels, 0 where none was
// needed. A symbol stands at one of its members; counts are kept.
func (a *atlas) gather(sources []int, f frame) ([]symbol, float64) {
	each := make([]symbol, len(sources))
	for i, s := range sources {
		p := f.tenths(a.at[s])
		each[i] = symbol{inside(a.ground.Sources[s].Level), int(math.Round(p[0])), int(math.Round(p[1])), 1}
	}
	if len(each) <= mostSymbols {
		order(each)
		return each, 0
	}
	for side := 40; ; side += side / 3 {
		type place struct {
			level data.Level
			x, y  int
		}
		at := map[place]int{}
		var out []symbol
		for _, s := range each {
			k := place{s.level, floor(s.x, side), floor(s.y, side)}
			i, ok := at[k]
			if !ok {
				at[k] = len(out)
				out = append(out, s)
				continue
			}
			out[i].n++
		}
		if len(out) <= mostSymbols {
			order(out)
			return out, float64(side) / 10
		}
	}
}

func floor(v, side int) int { return int(math.Floor(float64(v) / float64(side))) }

// order puts the worst last, on top, and those of one size together.
func order(s []symbol) {
	slices.SortFunc(s, func(a, b symbol) int {
		return cmp.Or(cmp.Compare(a.level, b.level), cmp.Compare(step(a.n), step(b.n)), cmp.Compare(a.y, b.y), cmp.Compare(a.x, b.x))
	})
}

// step is the size of a symbol: of one source, of up to five, of more.
func step(n int) int {
	switch {
	case n <= 1:
		return 0
	case n <= 5:
		return 1
	}
	return 2
}

// sizes are half the widths of symbols in tenths of a pixel, by level and step:
// the worse, the larger.
var sizes = [5][3]int{{20, 28, 38}, {20, 28, 38}, {21, 30, 41}, {31, 42, 55}, {40, 52, 66}}

// dots draws symbols: a circle is low, a square general, a triangle significant
// and a diamond major, so that shape tells what colour tells.
func (c *canvas) dots(symbols []symbol) {
	for i := 0; i < len(symbols); {
		l, s := symbols[i].level, step(symbols[i].n)
		var b strings.Builder
		for ; i < len(symbols) && symbols[i].level == l && step(symbols[i].n) == s; i++ {
			outline(&b, l, symbols[i].x, symbols[i].y, sizes[l][s])
		}
		if l <= data.Low {
			// A line of no length with round ends is a circle, in few bytes.
			c.raw(`<path class="dot" stroke="`, colour(l), `" stroke-width="`, strconv.Itoa(2*sizes[l][s]), `" d="`, b.String(), `"/>`)
			continue
		}
		c.raw(`<path class="sym" fill="`, colour(l), `" d="`, b.String(), `"/>`)
	}
	c.raw("\n")
}

func outline(b *strings.Builder, l data.Level, x, y, r int) {
	n := strconv.Itoa
	switch l {
	case data.General:
		b.WriteString("M" + n(x-r) + " " + n(y-r) + "h" + n(2*r) + "v" + n(2*r) + "h-" + n(2*r) + "z")
	case data.Significant:
		b.WriteString("M" + n(x) + " " + n(y-r) + "l" + n(r) + " " + n(r*7/4) + "h-" + n(2*r) + "z")
	case data.Major:
		b.WriteString("M" + n(x) + " " + n(y-r) + "l" + n(r) + " " + n(r) + "l-" + n(r) + " " + n(r) + "l-" + n(r) + "-" + n(r) + "z")
	default:
		b.WriteString("M" + n(x) + " " + n(y) + "h0")
	}
}

// frame is the part of the ground that a map shows, and where on the sheet.
type frame struct {
	part orb.Bound // units
	size float64   // pixels to a unit
	h    float64   // pixels; the width is that of the sheet
}

// frame fits a part of the ground into the width of the sheet, at most as high
// as given, with a margin, widened to the sheet's form.
func (a *atlas) frame(part orb.Bound, most float64) frame {
	const margin = 14.0
	w, h := math.Max(part.Max[0]-part.Min[0], 20), math.Max(part.Max[1]-part.Min[1], 20)
	size := math.Min((sheet-2*margin)/w, (most-2*margin)/h)
	if part == a.whole() {
		size = sheet / w
	}
	high := math.Min(most, math.Max(h*size+2*margin, 240))
	if part == a.whole() {
		high = h * size
	}
	middle := part.Center()
	half := orb.Point{sheet / size / 2, high / size / 2}
	return frame{
		part: orb.Bound{Min: orb.Point{middle[0] - half[0], middle[1] - half[1]}, Max: orb.Point{middle[0] + half[0], middle[1] + half[1]}},
		size: size, h: high,
	}
}

func (f frame) pixels(p orb.Point) orb.Point {
	return orb.Point{(p[0] - f.part.Min[0]) * f.size, (p[1] - f.part.Min[1]) * f.size}
}

func (f frame) tenths(p orb.Point) orb.Point {
	q := f.pixels(p)
	return orb.Point{q[0] * 10, q[1] * 10}
}
