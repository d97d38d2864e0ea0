package xlsx

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"riskatlas/data"
)

// Bounds of what a workbook may have.
const (
	mostPart    = 8 << 20  // bytes of a part that is read whole: the list of sheets, the styles
	mostElement = 4 << 20  // bytes of one row or one shared text
	mostStrings = 32 << 20 // bytes of all shared texts
	mostSheets  = 1000
	mostMerges  = 100_000
	mostColumns = 16_384 // the format's own limit, XFD
)

// Workbook is an open workbook. It is for one goroutine.
type Workbook struct {
	open    func(part string) (io.ReadCloser, error)
	sheets  []Sheet
	strings texts
	styles  []format
	since04 bool // dates count from 1904
}

// Sheet is one sheet with cells, in the workbook's order.
type Sheet struct {
	Name   string
	Hidden bool
	part   string
}

// Open reads the list of sheets, the styles and the shared texts. open gives a
// part by its name in the archive, such as xl/workbook.xml; fs.ErrNotExist or a
// nil reader says that there is none.
func Open(open func(part string) (io.ReadCloser, error)) (*Workbook, error) {
	w := &Workbook{open: open}
	targets := map[string]string{}
	err := w.part("xl/_rels/workbook.xml.rels", true, func(s xml.StartElement, _ []string) {
		if kind := attribute(s, "Type"); s.Name.Local == "Relationship" && strings.HasSuffix(kind, "/worksheet") {
			targets[attribute(s, "Id")] = resolve(attribute(s, "Target"))
		}
	})
	if err != nil {
		return nil, err
	}
	err = w.part("xl/workbook.xml", true, func(s xml.StartElement, _ []string) {
		switch s.Name.Local {
		case "workbookPr":
			v := attribute(s, "date1904")
			w.since04 = v == "1" || v == "true"
		case "sheet":
			part, ok := targets[attribute(s, "id")]
			if ok && len(w.sheets) < mostSheets {
				state := attribute(s, "state")
				w.sheets = append(w.sheets, Sheet{Name: attribute(s, "name"), Hidden: state == "hidden" || state == "veryHidden", part: part})
			}
		}
	})
	if err != nil {
		return nil, err
	}
	if len(w.sheets) == 0 {
		return nil, &data.Invalid{Field: "workbook", Value: "no sheet", Want: "at least one sheet with cells"}
	}
	if err := w.readStyles(); err != nil {
		return nil, err
	}
	return w, w.readStrings()
}

// Sheets are the sheets that have cells, hidden ones too.
func (w *Workbook) Sheets() []Sheet { return w.sheets }

// resolve makes a relationship's target, relative to xl/, the name of a part.
func resolve(target string) string {
	if rest, ok := strings.CutPrefix(target, "/"); ok {
		return rest
	}
	return path.Join("xl", target)
}

// part calls each for every element of a part that is small, with the names of
// the elements around it.
func (w *Workbook) part(name string, needed bool, each func(s xml.StartElement, around []string)) error {
	r, err := w.open(name)
	if err != nil || r == nil {
		if !needed {
			return nil
		}
		return &data.Invalid{Field: "workbook", Value: "no " + name, Want: "a whole .xlsx"}
	}
	defer r.Close()
	d := newDecoder(name, r, mostPart)
	var around []string
	for {
		t, err := d.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			each(t, around)
			around = append(around, t.Name.Local)
		case xml.EndElement:
			around = around[:len(around)-1]
		}
	}
}

// decoder reads the XML of one part, so much of it at a time as limit allows.
type decoder struct {
	xml   *xml.Decoder
	limit *limited
	name  string
	depth int
}

// maxDepth bounds nested elements; those of a sheet are six deep.
const maxDepth = 64

func newDecoder(name string, r io.Reader, most int) *decoder {
	l := &limited{r: r, most: most, left: most, name: name}
	d := &decoder{xml: xml.NewDecoder(l), limit: l, name: name}
	return d
}

// next gives the next token; its memory is the decoder's until the next one.
func (d *decoder) next() (xml.Token, error) {
	t, err := d.xml.RawToken()
	if err != nil {
		var syntax *xml.SyntaxError
		switch {
		case errors.As(err, &syntax):
			return nil, &data.Invalid{Field: d.name, Value: fmt.Sprintf("line %d", syntax.Line), Want: "well-formed XML: " + syntax.Msg}
		case errors.Is(err, io.EOF) && d.depth == 0:
			return nil, io.EOF
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil, &data.Invalid{Field: d.name, Value: "the end of the part inside an element", Want: "a workbook that is whole"}
		}
		return nil, err
	}
	switch t.(type) {
	case xml.StartElement:
		if d.depth++; d.depth > maxDepth {
			return nil, &data.Invalid{Field: d.name, Value: fmt.Sprintf("nested deeper than %d", maxDepth), Want: "at most that depth"}
		}
	case xml.EndElement:
		if d.depth--; d.depth < 0 {
			return nil, &data.Invalid{Field: d.name, Value: "an element that ends before it begins", Want: "well-formed XML"}
		}
	}
	return t, nil
}

// more lets as much be read again.
func (d *decoder) more() { d.limit.left = d.limit.most }

func attribute(s xml.StartElement, name string) string {
	for _, a := range s.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// limited fails when more bytes are read than are left.
type limited struct {
	r          io.Reader
	most, left int
	name       string
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, &data.Invalid{Field: l.name, Value: fmt.Sprintf("over %d bytes in one piece", l.most), Want: "rows and texts of at most that size"}
	}
	n, err := l.r.Read(p[:min(len(p), 32<<10)])
	l.left -= n
	return n, err
}
