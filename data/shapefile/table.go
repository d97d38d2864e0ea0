package shapefile

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"

	"riskatlas/data"
)

// Field is a column of the table. Name holds at most 10 bytes of the file: what
// was longer has been cut off, in the middle of a character too.
type Field struct {
	Name  []byte
	Kind  byte // C text, N and F number, L logical, D date; others are not read
	width int
	at    int
}

// Full reports whether a value fills its column, so that it may have been cut.
func (f *Field) Full(value []byte) bool { return len(value) == f.width }

// table reads a .dbf forward.
type table struct {
	r        *bufio.Reader
	rows     int
	read     int
	fields   []Field
	values   [][]byte
	buf      []byte
	language byte
}

// mostFields bounds the columns: the format's own limit is 255, some writers
// have more.
const mostFields = 2048

func openTable(r io.Reader) (*table, error) {
	t := &table{r: bufio.NewReaderSize(r, 64<<10)}
	var head [32]byte
	if _, err := io.ReadFull(t.r, head[:]); err != nil {
		return nil, short(err)
	}
	t.rows, t.language = int(binary.LittleEndian.Uint32(head[4:])), head[29]
	length, width := int(binary.LittleEndian.Uint16(head[8:])), int(binary.LittleEndian.Uint16(head[10:]))
	if length < 33 || width < 1 {
		return nil, &data.Invalid{Field: "head", Value: fmt.Sprintf("%d bytes, rows of %d", length, width), Want: "a dBASE table"}
	}
	rest := make([]byte, length-32)
	if _, err := io.ReadFull(t.r, rest); err != nil {
		return nil, short(err)
	}
	at := 1
	for len(rest) >= 32 && rest[0] != 0x0D {
		d := rest[:32]
		name, _, _ := bytes.Cut(d[:11], []byte{0})
		f := Field{Name: bytes.Clone(bytes.TrimSpace(name)), Kind: d[11], width: int(d[16]), at: at}
		if f.Kind == 'C' {
			f.width += int(d[17]) << 8 // long texts of Clipper and FoxPro
		}
		t.fields = append(t.fields, f)
		at += f.width
		rest = rest[32:]
	}
	if at > width || len(t.fields) == 0 || len(t.fields) > mostFields {
		return nil, &data.Invalid{Field: "fields", Value: fmt.Sprintf("%d of %d bytes", len(t.fields), at), Want: fmt.Sprintf("1 to %d that fit into rows of %d bytes", mostFields, width)}
	}
	t.buf, t.values = make([]byte, width), make([][]byte, len(t.fields))
	return t, nil
}

// next reads one row. The values are valid until the next one.
func (t *table) next() (values [][]byte, deleted bool, err error) {
	if _, err := io.ReadFull(t.r, t.buf); err != nil {
		return nil, false, short(err)
	}
	if mark := t.buf[0]; mark != ' ' && mark != '*' {
		return nil, false, &data.Invalid{Field: "row", Value: fmt.Sprintf("mark %#x", mark), Want: "a blank, or * for a deleted row"}
	}
	for i := range t.fields {
		f := &t.fields[i]
		t.values[i] = f.text(t.buf[f.at : f.at+f.width])
	}
	t.read++
	return t.values, t.buf[0] == '*', nil
}

// text gives a value as other formats would have it: without padding, numbers
// without trailing zeros, dates as 2019-11-20, logicals as true and false, and
// nothing where the table has nothing (blanks, ****, ?).
func (f *Field) text(b []byte) []byte {
	b = bytes.TrimSpace(bytes.TrimRight(b, "\x00 "))
	if len(b) == 0 {
		return nil
	}
	switch f.Kind {
	case 'C':
		return b
	case 'N', 'F':
		return number(b)
	case 'D':
		if len(b) != 8 || strings.Trim(string(b), "0123456789") != "" {
			return b // for the date's own check to refuse
		}
		if string(b) == "00000000" {
			return nil
		}
		return []byte(fmt.Sprintf("%s-%s-%s", b[:4], b[4:6], b[6:]))
	case 'L':
		switch b[0] {
		case 'T', 't', 'Y', 'y':
			return []byte("true")
		case 'F', 'f', 'N', 'n':
			return []byte("false")
		}
	}
	return nil
}

// number gives a number without the zeros and exponent that its column's width
// gave it. Digits stay as they are: a code is a number to many tables.
func number(b []byte) []byte {
	if b[0] == '*' {
		return nil
	}
	if bytes.IndexAny(b, ".eE") < 0 {
		return b
	}
	if whole, zeros, ok := bytes.Cut(b, []byte(".")); ok && len(bytes.Trim(zeros, "0")) == 0 && len(whole) > 0 {
		return whole
	}
	v, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return b
	}
	return strconv.AppendFloat(nil, v, 'f', -1, 64)
}

// Texts writes the names of a table's columns and all its texts to w, each with
// a line break after it, and gives its language driver byte.
func Texts(dbf io.Reader, w io.Writer) (language byte, err error) {
	t, err := openTable(dbf)
	if err != nil {
		return 0, fmt.Errorf(".dbf: %w", err)
	}
	for _, f := range t.fields {
		if _, err := w.Write(append(bytes.Clone(f.Name), '\n')); err != nil {
			return 0, err
		}
	}
	var line []byte
	for t.read < t.rows {
		values, _, err := t.next()
		if err != nil {
			return 0, fmt.Errorf(".dbf, after record %d: %w", t.read, err)
		}
		line = line[:0]
		for i, f := range t.fields {
			if f.Kind == 'C' {
				line = append(append(line, values[i]...), '\n')
			}
		}
		if _, err := w.Write(line); err != nil {
			return 0, err
		}
	}
	return t.language, nil
}
