package xlsx

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"riskatlas/data"
)

// merge is a merged range: columns from 0, rows from 1, ends included.
type merge struct {
	left, right, top, bottom int
	text                     string // of its first cell, once that was read
}

// merges finds the merged ranges (18.3.1.55), which stand behind the data that
// they are needed for.
func (w *Workbook) merges(s Sheet) ([]merge, error) {
	part, err := w.sheet(s)
	if err != nil {
		return nil, err
	}
	defer part.Close()
	rest, err := past(part, []byte("sheetData>"))
	if err != nil || rest == nil {
		return nil, err
	}
	d := newDecoder(s.part, rest, mostElement)
	d.depth = 1 // the sheet's own element has begun
	var list []merge
	for {
		t, err := d.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		start, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		d.more()
		if start.Name.Local == "mergeCell" {
			m, err := mergeOf(attribute(start, "ref"))
			if err != nil {
				return nil, err
			}
			if list = append(list, m); len(list) > mostMerges {
				return nil, &data.Invalid{Field: s.part, Value: fmt.Sprintf("over %d merged cells", mostMerges), Want: "at most that many"}
			}
		}
	}
	slices.SortFunc(list, func(a, b merge) int { return cmp.Or(cmp.Compare(a.top, b.top), cmp.Compare(a.left, b.left)) })
	return list, nil
}

// past gives what stands behind the closing tag of an element, whatever its
// prefix; nil where there is none, since data that is one empty tag has no merged
// cell that matters.
func past(r io.Reader, tag []byte) (io.Reader, error) {
	buf := make([]byte, 0, 64<<10)
	for {
		if len(buf) == cap(buf) {
			// A tag may lie across two readings.
			keep := copy(buf, buf[len(buf)-64:])
			buf = buf[:keep]
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		from := max(0, len(buf)-64)
		buf = buf[:len(buf)+n]
		for {
			i := bytes.Index(buf[from:], tag)
			if i < 0 {
				break
			}
			open := bytes.LastIndexByte(buf[:from+i], '<')
			if from += i + len(tag); open >= 0 && open+1 < len(buf) && buf[open+1] == '/' && !bytes.ContainsAny(buf[open:from-1], "> ") {
				return io.MultiReader(bytes.NewReader(buf[from:]), r), nil
			}
		}
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func mergeOf(ref string) (merge, error) {
	bad := &data.Invalid{Field: "mergeCell", Value: ref, Want: "a range such as A1:C2"}
	first, last, ok := strings.Cut(ref, ":")
	if !ok {
		return merge{}, bad
	}
	left, err1 := columnOf(first)
	right, err2 := columnOf(last)
	top, err3 := strconv.Atoi(strings.TrimLeft(first, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
	bottom, err4 := strconv.Atoi(strings.TrimLeft(last, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
	if errors.Join(err1, err2, err3, err4) != nil || right < left || bottom < top || right >= mostColumns {
		return merge{}, bad
	}
	return merge{left: left, right: right, top: top, bottom: bottom}, nil
}

// cover puts the values of merged cells into the row. A row that has nothing but
// what merged cells of rows above put there is none: its texts stay blank.
func (r *Rows) cover() error {
	n := r.row.Number
	r.active = slices.DeleteFunc(r.active, func(m merge) bool { return m.bottom < n })
	own := slices.ContainsFunc(r.row.Texts, func(t string) bool { return strings.TrimSpace(t) != "" })
	for len(r.merges) > 0 && r.merges[0].top <= n {
		m := r.merges[0]
		r.merges = r.merges[1:]
		if m.top == n && m.left < len(r.row.Texts) {
			m.text = r.row.Texts[m.left]
		}
		if m.bottom >= n && m.text != "" {
			r.active = append(r.active, m)
		}
	}
	if len(r.active) > mostColumns {
		return &data.Invalid{Field: r.d.name, Value: fmt.Sprintf("row %d: %d merged cells", n, len(r.active)), Want: "merged cells that do not overlap"}
	}
	if !own {
		return nil
	}
	cells := 0
	for _, m := range r.active {
		if cells += m.right - m.left + 1; cells > mostColumns {
			return &data.Invalid{Field: r.d.name, Value: fmt.Sprintf("row %d", n), Want: "merged cells that do not overlap"}
		}
		for c := m.left; c <= m.right; c++ {
			if c >= len(r.row.Texts) || r.row.Texts[c] == "" {
				r.set(c, m.text)
			}
		}
	}
	return nil
}
