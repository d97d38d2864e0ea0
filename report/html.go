package report

import (
	"bufio"
	_ "embed"
	"io"
	"strconv"
	"strings"
)

//go:embed report.css
var sheetCSS string

// HTML writes the report as one page that needs nothing else: no script, no
// font and no picture from elsewhere; ready to print on A4. lang is zh or en,
// else the error is *data.Invalid. The markup is well-formed XML too, and the
// same report gives the same bytes.
func HTML(w io.Writer, r *Report, lang string) error {
	c, err := newComposer(r, lang)
	if err != nil {
		return err
	}
	c.atlas = newAtlas(r.Map)
	out := bufio.NewWriterSize(w, 1<<16)
	page := &canvas{w: out, lang: c.language}
	page.document(c.compose(), c.atlas)
	if page.err != nil {
		return page.err
	}
	return out.Flush()
}

func (c *canvas) document(d *document, a *atlas) {
	c.raw("<!DOCTYPE html>\n", `<html xmlns="http://www.w3.org/1999/xhtml" lang="`, c.lang.tag(), `"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/><title>`)
	c.text(d.title)
	c.raw("</title>\n<style>\n", strings.TrimSpace(sheetCSS), "\n</style></head>\n<body>\n")
	if a != nil {
		a.define(c)
	}
	c.raw(`<div class="paper">`, "\n")
	c.cover(d)
	c.contents(d.chapters)
	c.raw("<main>\n")
	for _, s := range d.chapters {
		c.section(s, 2)
	}
	c.raw("</main>\n<footer>")
	c.text(c.lang.say("坐标系 WGS 84，墨卡托投影，比例尺以各图中心为准。等级与颜色按安委办〔2016〕11号：红、橙、黄、蓝，蓝为最低。",
		"Coordinates WGS 84, Mercator; scale bars hold at the middle of each map. Levels and colours after 安委办〔2016〕11号: red, orange, yellow and blue, the lowest."))
	c.raw("</footer>\n</div>\n</body></html>\n")
}

func (c *canvas) cover(d *document) {
	c.raw(`<header class="cover"><p class="city">`)
	c.text(d.city)
	c.raw("</p><h1>")
	c.text(c.lang.say("城市安全风险评估报告", "City safety risk assessment"))
	c.raw("</h1>\n")
	for _, n := range d.notices {
		c.raw(`<p class="band" role="note">`)
		c.text(n)
		c.raw("</p>\n")
	}
	c.raw("<dl>")
	for _, f := range d.facts {
		c.raw("<dt>")
		c.text(f.label)
		c.raw("</dt><dd>")
		c.value(f.value)
		c.raw("</dd>")
	}
	c.raw("</dl></header>\n")
}

func (c *canvas) contents(chapters []*section) {
	name := c.lang.say("目录", "Contents")
	c.raw(`<nav aria-label="`, name, `"><p>`, name, "</p>\n<ol>")
	for _, s := range chapters {
		c.raw("<li>")
		c.entry(s)
		if len(s.parts) > 0 {
			c.raw("<ol>")
			for _, p := range s.parts {
				c.raw("<li>")
				c.entry(p)
				c.raw("</li>")
			}
			c.raw("</ol>")
		}
		c.raw("</li>\n")
	}
	c.raw("</ol></nav>\n")
}

func (c *canvas) entry(s *section) {
	c.raw(`<a href="#`, s.id, `"><span class="no">`, s.number, "</span>")
	c.text(s.title)
	c.raw("</a>")
}

// section writes a section with a heading of a rank, 2 for chapters.
func (c *canvas) section(s *section, rank int) {
	h := "h" + strconv.Itoa(min(rank, 6))
	c.raw(`<section id="`, s.id, `"`)
	if rank == 2 {
		c.raw(` class="chapter"`)
	}
	c.raw("><", h, `><span class="no">`, s.number, "</span>")
	c.text(s.title)
	c.raw("</", h, ">\n")
	for _, b := range s.blocks {
		c.block(b)
	}
	for _, p := range s.parts {
		c.section(p, rank+1)
	}
	c.raw("</section>\n")
}

func (c *canvas) block(b block) {
	switch b := b.(type) {
	case para:
		c.raw("<p>")
		c.text(string(b))
		c.raw("</p>\n")
	case note:
		c.raw(`<p class="note">`)
		c.text(string(b))
		c.raw("</p>\n")
	case facts:
		c.facts(b)
	case figure:
		c.raw("<figure><figcaption>")
		c.text(b.caption)
		c.raw("</figcaption>\n")
		b.draw(c)
		c.raw("</figure>\n")
	case *table:
		c.table(b)
	}
}

func (c *canvas) facts(list facts) {
	c.raw(`<dl class="facts">`)
	for _, f := range list {
		c.raw("<div><dt>")
		c.text(f.label)
		c.raw("</dt><dd")
		if !f.value.kind.numeric() {
			c.raw(` class="w"`)
		}
		c.raw(">")
		c.value(f.value)
		if f.hint != "" {
			c.raw("<small>")
			c.text(f.hint)
			c.raw("</small>")
		}
		c.raw("</dd></div>")
	}
	c.raw("</dl>\n")
}

func (c *canvas) table(t *table) {
	if len(t.rows) == 0 {
		return
	}
	c.raw(`<div class="scroll" tabindex="0" role="region" aria-label="`)
	c.text(t.caption)
	c.raw(`"><table`)
	switch {
	case len(t.columns) > 10:
		c.raw(` class="long wide"`)
	case t.long:
		c.raw(` class="long"`)
	case t.narrow():
		c.raw(` class="few"`)
	}
	c.raw("><caption>")
	c.text(t.caption)
	c.raw("</caption><thead><tr>")
	for _, k := range t.columns {
		c.raw(`<th scope="col"`)
		if k.kind.numeric() {
			c.raw(` class="n"`)
		}
		c.raw(">")
		c.text(k.title)
		c.raw("</th>")
	}
	c.raw("</tr></thead><tbody>\n")
	for i, row := range t.rows {
		c.raw("<tr")
		if t.total && i == len(t.rows)-1 {
			c.raw(` class="sum"`)
		}
		c.raw(">")
		for j, v := range row {
			c.cell(t, j, v)
		}
		c.raw("</tr>\n")
	}
	c.raw("</tbody></table></div>\n")
}

// shortCode is how long a code may be and not be broken within a word.
const shortCode = 24

func (c *canvas) cell(t *table, column int, v cell) {
	name, class := "td", ""
	switch {
	case t.columns[column].kind.numeric():
		class = "n"
	case v.kind == kindLevel:
		class = "l"
	case v.kind == kindCode && len(v.text) <= shortCode:
		class = "c k"
	case v.kind == kindCode:
		class = "c"
	}
	c.raw("<")
	if column == t.head {
		name = "th"
		c.raw(`th scope="row"`)
	} else {
		c.raw(name)
	}
	if class != "" {
		c.raw(` class="`, class, `"`)
	}
	c.raw(">")
	c.value(v)
	c.raw("</", name, ">")
}

// value writes a cell: a level as its colour, its mark and its name.
func (c *canvas) value(v cell) {
	if v.link != "" {
		c.raw(`<a href="#`, v.link, `">`)
	}
	if v.kind == kindLevel {
		l := inside(v.level)
		c.raw(`<span class="lv"><i class="v`, strconv.Itoa(int(l)), `" aria-hidden="true">`, c.lang.mark(l), "</i>")
		c.text(c.lang.level(l))
		c.raw("</span>")
	} else {
		c.text(v.write(c.lang))
	}
	if v.link != "" {
		c.raw("</a>")
	}
}
