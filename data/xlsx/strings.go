package xlsx

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"riskatlas/data"
)

// texts are the shared texts, one behind the other in pieces, so that a million
// short ones cost little more than their characters.
type texts struct {
	pieces [][]byte
	starts []uint32 // of each text, counted over all pieces; the last is the end
	total  int
}

const pieceBytes = 1 << 20

func (t *texts) add(s string) error {
	if len(t.starts) == 0 {
		t.starts = append(t.starts, 0)
	}
	if t.total += len(s); t.total > mostStrings || len(t.starts) > mostStrings/8 {
		return &data.Invalid{Field: "workbook", Value: fmt.Sprintf("over %d texts of %d bytes", len(t.starts), mostStrings), Want: "less text in one workbook: split it"}
	}
	for len(s) > 0 {
		last := len(t.pieces) - 1
		if last < 0 || len(t.pieces[last]) == pieceBytes {
			t.pieces = append(t.pieces, make([]byte, 0, pieceBytes))
			last++
		}
		n := min(len(s), pieceBytes-len(t.pieces[last]))
		t.pieces[last] = append(t.pieces[last], s[:n]...)
		s = s[n:]
	}
	t.starts = append(t.starts, uint32(t.total))
	return nil
}

func (t *texts) get(i int) (string, bool) {
	if i < 0 || i+1 >= len(t.starts) {
		return "", false
	}
	var b strings.Builder
	for at, end := int(t.starts[i]), int(t.starts[i+1]); at < end; {
		piece := t.pieces[at/pieceBytes][at%pieceBytes:]
		n := min(len(piece), end-at)
		b.Write(piece[:n])
		at += n
	}
	return b.String(), true
}

// readStrings reads the shared texts (18.4.9). A workbook without any has no
// part of them.
func (w *Workbook) readStrings() error {
	const name = "xl/sharedStrings.xml"
	r, err := w.open(name)
	if err != nil || r == nil {
		return nil
	}
	defer r.Close()
	d := newDecoder(name, r, mostElement)
	for {
		t, err := d.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if s, ok := t.(xml.StartElement); ok && s.Name.Local == "si" {
			d.more()
			text, err := d.text("si")
			if err != nil {
				return err
			}
			if err := w.strings.add(text); err != nil {
				return err
			}
		}
	}
}

// text reads a string item (18.4.8, 18.4.12) to its end: its own text or its
// runs', without phonetic hints.
func (d *decoder) text(end string) (string, error) {
	var b strings.Builder
	in, hints := false, 0
	for {
		t, err := d.next()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "t":
				in = true
			case "rPh":
				hints++
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "t":
				in = false
			case "rPh":
				hints--
			case end:
				return unescape(b.String()), nil
			}
		case xml.CharData:
			if in && hints == 0 {
				b.Write(t)
			}
		}
	}
}

// unescape reads _xHHHH_ (22.9.2.19), which stands for a character that XML does
// not carry.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for {
		i := strings.Index(s, "_x")
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		s = s[i:]
		if len(s) >= 7 && s[6] == '_' {
			if v, err := strconv.ParseUint(s[2:6], 16, 16); err == nil {
				b.WriteRune(rune(v))
				s = s[7:]
				continue
			}
		}
		b.WriteString("_x")
		s = s[2:]
	}
	b.WriteString(s)
	return b.String()
}
