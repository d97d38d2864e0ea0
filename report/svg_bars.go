package report

import (
	"math"

	"riskatlas/data"
)

// sheet is the width of drawings, in pixels of CSS at full size.
const sheet = 720.0

// bar is one row of a bar chart.
type bar struct {
	label string
	value float64
	words string // what stands after the bar
}

const (
	barHeight = 22.0
	barFont   = 12.0
)

// bars draws horizontal bars from one base line, the widest the largest value.
func (c *canvas) bars(title, description string, rows []bar) {
	most, tail, barLabel := 0.0, 0.0, 0.0
	for _, b := range rows {
		barLabel = labelled(barLabel, b.label)
		most = math.Max(most, b.value)
		tail = math.Max(tail, measure(b.words, barFont))
	}
	room := sheet - barLabel - tail - 20
	c.begin(sheet, barHeight*float64(len(rows))+6, title, description)
	for i, b := range rows {
		y := barHeight * float64(i)
		w := 0.0
		if most > 0 {
			w = room * b.value / most
		}
		c.label(barLabel-8, y+15, "t", "end", shorten(b.label, barFont, barLabel-12))
		c.rect(barLabel, y+4, math.Max(w, 0.6), barHeight-8, `class="bar"`)
		c.label(barLabel+w+6, y+15, "t n", "", b.words)
		c.raw("\n")
	}
	c.line(barLabel, 0, barLabel, barHeight*float64(len(rows))+6, "axis")
	c.end()
}

// labelled widens the room for labels to hold one more, within bounds.
func labelled(room float64, label string) float64 {
	return math.Max(room, math.Min(math.Max(measure(label, barFont)+16, 90), 250))
}

// stack is one row of a chart of counts by level.
type stack struct {
	label  string
	counts Counts
}

// stacks draws counts by level, the worst first. Each part that has room says
// its level's mark and its count, so that no part is told by its colour alone.
func (c *canvas) stacks(title, description string, rows []stack) {
	const top = 26.0
	most, barLabel := 0, 0.0
	for _, s := range rows {
		barLabel = labelled(barLabel, s.label)
		most = max(most, sum(s.counts))
	}
	tail := measure(whole(float64(most)), barFont)
	room := sheet - barLabel - tail - 20
	c.begin(sheet, top+barHeight*float64(len(rows))+6, title, description)
	c.legend(4, 0)
	for i, s := range rows {
		y, x := top+barHeight*float64(i), barLabel
		c.label(barLabel-8, y+15, "t", "end", shorten(s.label, barFont, barLabel-12))
		for l := data.Major; l >= data.Low; l-- {
			if s.counts[l] == 0 {
				continue
			}
			w := room * float64(s.counts[l]) / float64(most)
			c.rect(x, y+3, math.Max(w, 0.4), barHeight-6, `fill="`+colour(l)+`" class="edge"`)
			if words := c.lang.mark(l) + " " + whole(float64(s.counts[l])); measure(words, 10.5)+6 < w {
				c.label(x+w/2, y+15, on(l), "middle", words)
			}
			x += w
		}
		c.label(x+6, y+15, "t n", "", whole(float64(sum(s.counts))))
		c.raw("\n")
	}
	c.line(barLabel, top, barLabel, top+barHeight*float64(len(rows))+6, "axis")
	c.end()
}

// legend writes the four levels with their marks in a row, the worst first.
func (c *canvas) legend(x, y float64) {
	for l := data.Major; l >= data.Low; l-- {
		c.rect(x, y, 16, 16, `fill="`+colour(l)+`" class="edge"`)
		c.label(x+8, y+12, on(l)+" b", "middle", c.lang.mark(l))
		words := c.lang.level(l) + c.lang.say("（", " (") + c.lang.colour(l) + c.lang.say("）", ")")
		c.label(x+21, y+12.5, "t", "", words)
		x += 21 + measure(words, barFont) + 18
	}
}

// on is the class of words that stand on a level's colour.
func on(l data.Level) string {
	if l == data.Major {
		return "s inv"
	}
	return "s"
}

func sum(n Counts) int { return n[1] + n[2] + n[3] + n[4] }
