package forms

import (
	"bufio"
	_ "embed"
	"html/template"
	"io"
)

//go:embed handbook.html
var handbookPage string

//go:embed handbook.css
var handbookSheet string

// HandbookHTML writes the handbook as one page that needs nothing else, ready to
// print: every field with its meaning, unit, range, example and source in both
// languages, that of lang ("zh" or "en") first. The same city gives the same
// bytes.
func (b *Book) HandbookHTML(w io.Writer, lang string) error {
	h, err := b.handbook(lang)
	if err != nil {
		return err
	}
	h.CSS = template.CSS(handbookSheet)
	page, err := template.New("handbook").Parse(handbookPage)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	if err := page.Execute(out, h); err != nil {
		return err
	}
	return out.Flush()
}

// Table is what the table of a chapter is made of.
func (h *handbook) Table(c chapter) any {
	return struct {
		Words map[string]string
		Rows  []entry
	}{h.Words, c.Rows}
}

// Number is the number of what stands at a position.
func (h *handbook) Number(i int) int { return i + 1 }
