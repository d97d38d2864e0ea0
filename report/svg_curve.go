package report

import (
	"math"
	"strconv"
	"strings"
)

// plane is the log-log plane of an F-N curve: decades along both axes.
type plane struct {
	left, top, width, height float64
	n0, n1, f0, f1           float64 // exponents of ten at the edges
}

func (p plane) x(n float64) float64 {
	return p.left + p.width*clamp((math.Log10(n)-p.n0)/(p.n1-p.n0))
}

func (p plane) y(f float64) float64 {
	return p.top + p.height*clamp((p.f1-math.Log10(f))/(p.f1-p.f0))
}

func clamp(v float64) float64 { return math.Max(0, math.Min(1, v)) }

// newPlane finds the decades that hold the curve and its lines: at least from
// one death to a thousand.
func newPlane(c *Curve) plane {
	p := plane{left: 66, top: 12, width: sheet - 66 - 20, height: 400, n0: 0, n1: 3, f0: -8, f1: -2}
	widen := func(n, f float64) {
		if n > 0 && f > 0 && finite(n) && finite(f) {
			p.n0 = math.Max(-2, math.Min(p.n0, math.Floor(math.Log10(n))))
			p.n1 = math.Max(p.n1, math.Ceil(math.Log10(n)))
			p.f0 = math.Max(-12, math.Min(p.f0, math.Floor(math.Log10(f))))
			p.f1 = math.Max(p.f1, math.Ceil(math.Log10(f)))
		}
	}
	for _, q := range c.Points {
		widen(q.N, q.F)
	}
	for _, line := range [][][2]float64{c.Upper, c.Lower} {
		for _, q := range line {
			widen(q[0], q[1])
		}
	}
	return p
}

// curve draws the F-N curve of a city with its criterion lines and its zones.
func (c *canvas) curve(f *Curve, title, description string) {
	p := newPlane(f)
	c.begin(sheet, p.top+p.height+50, title, description)
	c.zones(p, f)
	c.axes(p)
	c.criterion(p, f.Upper, c.lang.say("上限（不可容许线）", "upper line"))
	c.criterion(p, f.Lower, c.lang.say("下限（可容许线）", "lower line"))
	c.steps(p, f.Points)
	c.zoneNames(p, f)
	c.end()
}

func (c *canvas) axes(p plane) {
	c.rect(p.left, p.top, p.width, p.height, `class="frame"`)
	for e := p.n0; e <= p.n1; e++ {
		x := p.x(math.Pow(10, e))
		c.line(x, p.top, x, p.top+p.height, "grid")
		c.label(x, p.top+p.height+16, "s", "middle", round(math.Pow(10, e)))
	}
	for e := p.f0; e <= p.f1; e++ {
		y := p.y(math.Pow(10, e))
		c.line(p.left, y, p.left+p.width, y, "grid")
		c.label(p.left-6, y+4, "s", "end", "10"+superscripts.Replace(strconv.Itoa(int(e))))
	}
	c.label(p.left+p.width/2, p.top+p.height+40, "t", "middle", c.lang.say("死亡人数 N（人）", "deaths N"))
	c.raw(`<text class="t" text-anchor="middle" transform="translate(16 `, num(p.top+p.height/2), `) rotate(-90)">`)
	c.text(c.lang.say("N 人及以上死亡的累积频率 F（次/年）", "frequency F of N deaths or more (1/yr)"))
	c.raw("</text>\n")
}

// zones fills the ground above the upper line, between the two and below the
// lower, where the lines are.
func (c *canvas) zones(p plane, f *Curve) {
	if len(f.Upper) < 2 || len(f.Lower) < 2 {
		return
	}
	top, bottom := p.edge(f.Upper, p.f1), p.edge(f.Lower, p.f0)
	fill := func(class string, a, b [][2]float64) {
		var d strings.Builder
		for i, q := range a {
			d.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + num(p.x(q[0])) + " " + num(p.y(q[1])))
		}
		for i := len(b) - 1; i >= 0; i-- {
			d.WriteString("L" + num(p.x(b[i][0])) + " " + num(p.y(b[i][1])))
		}
		c.raw(`<path class="`, class, `" d="`, d.String(), `z"/>`)
	}
	fill("zu", top, f.Upper)
	fill("za", f.Upper, f.Lower)
	fill("zl", f.Lower, bottom)
	c.raw("\n")
}

// zoneNames writes the names of the zones, above all else.
func (c *canvas) zoneNames(p plane, f *Curve) {
	if len(f.Upper) < 2 || len(f.Lower) < 2 {
		return
	}
	last := f.Upper[len(f.Upper)-1]
	c.label(p.x(last[0])-10, p.top+24, "z", "end", c.lang.say("不可容许区", "intolerable"))
	c.label(p.x(f.Lower[0][0])+12, p.top+p.height-14, "z", "", c.lang.say("可容许区", "acceptable"))
	u, l := f.Upper[0], f.Lower[0]
	middle := math.Sqrt(u[1] * l[1])
	c.label(p.x(u[0])+12, p.y(middle)+4, "z", "", c.lang.say("尽可能降低区（ALARP）", "ALARP"))
}

// edge is a straight line at an exponent of F, over a line's span of N.
func (p plane) edge(over [][2]float64, exponent float64) [][2]float64 {
	f := math.Pow(10, exponent)
	return [][2]float64{{over[0][0], f}, {over[len(over)-1][0], f}}
}

func (c *canvas) criterion(p plane, line [][2]float64, name string) {
	if len(line) < 2 {
		return
	}
	var d strings.Builder
	for i, q := range line {
		d.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + num(p.x(q[0])) + " " + num(p.y(q[1])))
	}
	c.raw(`<path class="limit" d="`, d.String(), `"/>`)
	// Lines fall to the right: what starts at one stands clear above it.
	first, last := line[0], line[len(line)-1]
	x, y := p.x(math.Sqrt(first[0]*last[0])), p.y(math.Sqrt(first[1]*last[1]))
	c.label(x, y-6, "s halo", "", name)
	c.raw("\n")
}

// steps draws the curve itself: F holds from the N before up to its own.
func (c *canvas) steps(p plane, points []Point) {
	var d strings.Builder
	x := p.left
	for _, q := range points {
		if !(q.N > 0 && q.F > 0) {
			continue
		}
		y := num(p.y(q.F))
		d.WriteString(map[bool]string{true: "M", false: "L"}[d.Len() == 0] + num(x) + " " + y)
		x = p.x(q.N)
		d.WriteString("H" + num(x))
	}
	if d.Len() == 0 {
		c.label(p.left+p.width/2, p.top+p.height/2, "z", "middle", c.lang.say("没有可计入的事故情景", "no scenario counts"))
		return
	}
	c.raw(`<path class="fn" d="`, d.String(), `"/>`, "\n")
	if len(points) > 60 {
		return // the steps are the points
	}
	for _, q := range points {
		if q.N > 0 && q.F > 0 {
			c.raw(`<circle class="fnp" r="3" cx="`, num(p.x(q.N)), `" cy="`, num(p.y(q.F)), `"><title>`)
			c.text("N " + round(q.N) + ", F " + power(q.F) + ", " + c.lang.word(q.Zone))
			c.raw("</title></circle>")
		}
	}
	c.raw("\n")
}
