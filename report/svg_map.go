package report

import (
	"math"
	"strconv"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// chart is one map: what of the ground it shows and what stands on it.
type chart struct {
	title, description string
	part               orb.Bound
	cells              bool  // the four colours of the ground
	here               int   // an outline to set apart, -1 for none
	levels             bool  // write each district's level beside its name
	sources            []int // positions in Map.Sources
	drawn              bool  // show them
}

// chart draws a map with its names, scale, north and legend.
func (c *canvas) chart(a *atlas, m chart) {
	f := a.frame(m.part, 520)
	foot := 30.0
	if m.cells && m.drawn {
		foot = 54
	}
	c.begin(sheet, f.h+foot, m.title, m.description)
	c.ground(a, m, f)
	var side float64
	if m.drawn {
		var symbols []symbol
		symbols, side = a.gather(m.sources, f)
		c.raw(`<g transform="scale(.1)">`)
		c.dots(symbols)
		c.raw("</g>\n")
	}
	c.names(a, m, f)
	c.bar(a, f)
	c.north()
	c.rect(0.5, 0.5, sheet-1, f.h-1, `class="frame"`)
	y := f.h + 8
	if m.cells {
		c.legend(4, y)
		if !m.drawn {
			c.label(sheet-4, y+12.5, "s", "end", c.lang.say("无色：未达低风险，或无风险源", "no colour: below low, or no source"))
		}
		y += 24
	}
	if m.drawn {
		c.shapes(y, side)
	}
	c.end()
}

// ground draws the outlines and the cells of the part shown.
func (c *canvas) ground(a *atlas, m chart, f frame) {
	wide, high := f.part.Max[0]-f.part.Min[0], f.part.Max[1]-f.part.Min[1]
	c.raw(`<svg x="0" y="0" width="`, num(sheet), `" height="`, num(f.h), `" viewBox="`, num(f.part.Min[0]), " ", num(f.part.Min[1]), " ", num(wide), " ", num(high), `">`)
	stroke := func(pixels float64) string { return num(math.Max(pixels/f.size, 0.1)) }
	c.raw(`<use href="#ground" class="land"/>`)
	if m.here >= 0 {
		c.raw(`<use href="#d`, strconv.Itoa(m.here), `" class="here"/>`)
	}
	if m.cells {
		c.raw(`<use href="#cells" class="`, map[bool]string{true: "pale", false: "risk"}[m.drawn], `"/>`)
	}
	c.raw(`<use href="#ground" class="border" stroke-width="`, stroke(0.7), `"/>`)
	if m.here >= 0 {
		c.raw(`<use href="#d`, strconv.Itoa(m.here), `" class="mine" stroke-width="`, stroke(1.8), `"/>`)
	}
	c.raw("</svg>\n")
}

// names writes the districts' names where there is room: a little up or down,
// else not at all.
func (c *canvas) names(a *atlas, m chart, f frame) {
	const font = 11.5
	taken := []orb.Bound{ // by the scale and by the arrow
		{Min: orb.Point{0, f.h - 34}, Max: orb.Point{200, f.h}}, {Min: orb.Point{sheet - 40, 0}, Max: orb.Point{sheet, 50}}}
	for i, d := range a.ground.Districts {
		words := c.lang.name(d.Title)
		if m.levels && d.Level != data.LevelNone {
			words += c.lang.say("·", " · ") + c.lang.mark(d.Level)
		}
		p := f.pixels(a.place(d.Label))
		half := measure(words, font)/2 + 2
		x := math.Max(half+2, math.Min(sheet-half-2, p[0]))
		if i != m.here && (p[0] < 0 || p[0] > sheet || p[1] < 0 || p[1] > f.h) {
			continue
		}
		for _, dy := range []float64{0, 13, -13, 26, -26, 39, -39} {
			y := p[1] + dy
			box := orb.Bound{Min: orb.Point{x - half, y - 9}, Max: orb.Point{x + half, y + 4}}
			if y < 14 || y > f.h-6 || meets(taken, box) {
				continue
			}
			taken = append(taken, box)
			c.label(x, y, map[bool]string{true: "d b", false: "d"}[i == m.here], "middle", words)
			break
		}
	}
	c.raw("\n")
}

func meets(taken []orb.Bound, b orb.Bound) bool {
	for _, t := range taken {
		if t.Intersects(b) {
			return true
		}
	}
	return false
}

// bar draws a scale of a round length, right at the middle of the map.
func (c *canvas) bar(a *atlas, f frame) {
	metres := a.metres(f.part) / f.size // to a pixel
	length := 1.0
	for _, m := range []float64{100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000} {
		if m/metres <= 130 {
			length = m
		}
	}
	w, y := length/metres, f.h-14
	words := round(length/1000) + c.lang.say(" 千米", " km")
	c.rect(8, y-16, w+measure(words, 10.5)+24, 24, `class="plate"`)
	c.raw(`<path class="scale" d="M14 `, num(y-5), "v5h", num(w), `v-5"/>`)
	c.label(w+20, y, "s", "", words)
}

// north draws an arrow that points up, as the maps do.
func (c *canvas) north() {
	c.raw(`<g transform="translate(`, num(sheet-24), ` 12)"><path class="north" d="M0 0l7 20-7-5-7 5z"/>`)
	c.label(0, 33, "s b halo", "middle", c.lang.say("北", "N"))
	c.raw("</g>\n")
}

// shapes writes what the symbols mean.
func (c *canvas) shapes(y, side float64) {
	x := 6.0
	for l := data.Major; l >= data.Low; l-- {
		c.raw(`<g transform="translate(`, num(x+6), " ", num(y+8), `) scale(.1)">`)
		c.dots([]symbol{{level: l, n: 1}})
		c.raw("</g>")
		words := c.lang.level(l)
		c.label(x+16, y+12.5, "t", "", words)
		x += 16 + measure(words, barFont) + 18
	}
	if side > 0 {
		c.label(sheet-4, y+12.5, "s", "end", c.lang.say(
			"相近的同级风险源合为一个符号：小 1 个，中 2–5 个，大 6 个以上",
			"near sources of a level share a symbol: small 1, middle 2–5, large 6 or more"))
	}
}
