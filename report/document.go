package report

import (
	"strconv"
	"strings"

	"riskatlas/data"
)

// document is a report put into words of one language: what HTML and Markdown
// both write. It holds numbers beside their text, so that a workbook may take
// its tables as numbers.
type document struct {
	lang     language
	city     string
	title    string
	facts    []fact   // of the title page
	notices  []string // that must not be missed: demonstration data, what is left out
	chapters []*section
}

// section is a numbered part of the document.
type section struct {
	id     string // of its anchor
	number string // 10.3
	title  string
	blocks []block
	parts  []*section
}

// block is one of para, note, facts, figure, *table.
type block interface{ block() }

type (
	para string // running text
	note string // a caution, set apart
	fact struct {
		label string
		value cell
		hint  string
	}
	facts  []fact // key figures
	figure struct {
		caption string
		draw    func(*canvas) // writes one <svg>
	}
	table struct {
		caption string
		columns []column
		rows    [][]cell
		total   bool // the last row is a sum
		head    int  // column that names the row
		long    bool // small print: many columns
	}
	column struct {
		title string
		kind  kind
		width float64 // in a workbook, characters; 0: by its kind
	}
)

func (para) block()   {}
func (note) block()   {}
func (facts) block()  {}
func (figure) block() {}
func (*table) block() {}

// narrow reports whether a table needs no more than part of a page's width.
func (t *table) narrow() bool {
	sum := 0.0
	for _, k := range t.columns {
		sum += k.width
	}
	return len(t.columns) <= 3 && sum <= 80
}

// kind says how a cell is written and aligned.
type kind uint8

const (
	kindText    kind = iota
	kindCode         // identifiers and questions to the API
	kindLevel        // colour and label
	kindCount        // whole number
	kindPeople       // whole number of people
	kindLoss         // expected deaths a year
	kindPower        // risk or frequency a year
	kindShare        // 0 to 1
	kindArea         // km²
	kindNumber       // of any unit
	kindDegrees      // longitude or latitude
)

func (k kind) numeric() bool { return k >= kindCount }

// cell is a value with the way in which it is written.
type cell struct {
	kind  kind
	text  string // of kindText and kindCode; of a number that is not known, what stands for it
	value float64
	level data.Level
	link  string // anchor in the document
}

func text(s string) cell         { return cell{kind: kindText, text: s} }
func code(s string) cell         { return cell{kind: kindCode, text: s} }
func count(n int) cell           { return cell{kind: kindCount, value: float64(n)} }
func people(v float64) cell      { return cell{kind: kindPeople, value: v} }
func losses(v float64) cell      { return cell{kind: kindLoss, value: v} }
func risk(v float64) cell        { return cell{kind: kindPower, value: v} }
func part(v float64) cell        { return cell{kind: kindShare, value: v} }
func ground(v float64) cell      { return cell{kind: kindArea, value: v} }
func number(v float64) cell      { return cell{kind: kindNumber, value: v} }
func degrees(v float64) cell     { return cell{kind: kindDegrees, value: v} }
func graded(l data.Level) cell   { return cell{kind: kindLevel, level: l} }
func missing() cell              { return cell{kind: kindText, text: unknown} }
func (c cell) to(id string) cell { c.link = id; return c }

// or gives a dash where the value is nought, which here means not known.
func (c cell) or() cell {
	if c.value == 0 {
		return missing()
	}
	return c
}

// write gives the cell's text.
func (c cell) write(l language) string {
	switch c.kind {
	case kindLevel:
		return l.level(c.level)
	case kindCount, kindPeople:
		return whole(c.value)
	case kindLoss:
		return loss(c.value)
	case kindPower:
		return power(c.value)
	case kindShare:
		return share(c.value)
	case kindArea:
		return area(c.value)
	case kindNumber:
		return round(c.value)
	case kindDegrees:
		return strconv.FormatFloat(c.value, 'f', 6, 64)
	}
	return c.text
}

// anchor makes an identifier of words: letters, digits and hyphens stay, any
// other character becomes its number, so that different words stay different.
func anchor(words ...string) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte('-')
		}
		for _, r := range w {
			if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
				b.WriteRune(r)
			} else {
				b.WriteString("_" + strconv.FormatInt(int64(r), 16))
			}
		}
	}
	return b.String()
}

func (s *section) add(blocks ...block) { s.blocks = append(s.blocks, blocks...) }
