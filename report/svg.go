package report

import (
	"html"
	"io"
	"math"
	"strconv"
	"strings"

	"riskatlas/data"
	"riskatlas/styles"
)

// canvas writes markup: HTML and SVG that are also well-formed XML. The first
// error of the writer stays and ends the writing.
type canvas struct {
	w    io.Writer
	lang language
	err  error
	ids  int // of titles, counted
}

// raw writes markup as it stands.
func (c *canvas) raw(parts ...string) {
	for _, p := range parts {
		if c.err == nil {
			_, c.err = io.WriteString(c.w, p)
		}
	}
}

// text writes words, escaped.
func (c *canvas) text(s string) { c.raw(escape(s)) }

// escape makes text safe within elements and quoted attributes, and drops the
// control characters that XML has no way to write.
func escape(s string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "�")))
}

// num writes a length to a tenth.
func num(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10+0, 'f', -1, 64)
}

// begin opens a drawing of a width and height, with its name and its
// description for readers who do not see it.
func (c *canvas) begin(width, height float64, title, description string) {
	c.ids++
	id := "g" + strconv.Itoa(c.ids)
	c.raw(`<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 `, num(width), " ", num(height), `" aria-labelledby="`, id, "t ", id, `d"><title id="`, id, `t">`)
	c.text(title)
	c.raw(`</title><desc id="`, id, `d">`)
	c.text(description)
	c.raw("</desc>\n")
}

func (c *canvas) end() { c.raw("</svg>\n") }

// label writes words at a place; class says size and colour, anchor start,
// middle or end.
func (c *canvas) label(x, y float64, class, anchor, words string) {
	c.raw(`<text x="`, num(x), `" y="`, num(y), `" class="`, class, `"`)
	if anchor != "" && anchor != "start" {
		c.raw(` text-anchor="`, anchor, `"`)
	}
	c.raw(">")
	c.text(words)
	c.raw("</text>")
}

func (c *canvas) rect(x, y, w, h float64, attributes string) {
	c.raw(`<rect x="`, num(x), `" y="`, num(y), `" width="`, num(w), `" height="`, num(h), `" `, attributes, "/>")
}

func (c *canvas) line(x1, y1, x2, y2 float64, class string) {
	c.raw(`<line x1="`, num(x1), `" y1="`, num(y1), `" x2="`, num(x2), `" y2="`, num(y2), `" class="`, class, `"/>`)
}

// colour is the fill of a level in drawings.
func colour(l data.Level) string {
	p, _ := styles.Colours("day")
	if l = inside(l); l == data.LevelNone {
		return "#E3E7EC"
	}
	return p.Levels[l]
}

// measure estimates the width of words in a font of a size: a Chinese character
// is as wide as it is high, a Latin letter a little over half.
func measure(words string, size float64) float64 {
	w := 0.0
	for _, r := range words {
		switch {
		case r >= 0x2e80:
			w++
		case strings.ContainsRune("iljtfr.,:;|'()[] ", r):
			w += 0.34
		case r >= 'A' && r <= 'Z' || r == 'm' || r == 'w':
			w += 0.72
		default:
			w += 0.56
		}
	}
	return w * size
}

// shorten cuts words to a width.
func shorten(words string, size, width float64) string {
	if measure(words, size) <= width {
		return words
	}
	runes := []rune(words)
	for n := len(runes) - 1; n > 0; n-- {
		if s := strings.TrimRight(string(runes[:n]), " (（,，") + "…"; measure(s, size) <= width {
			return s
		}
	}
	return "…"
}
