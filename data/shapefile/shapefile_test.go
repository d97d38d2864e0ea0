package shapefile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

// shp makes a .shp of a kind from the contents of its records, each without its
// type, which is the file's; nil is a null shape.
func shp(kind int, records ...[]byte) []byte {
	var body []byte
	for i, r := range records {
		k := kind
		if r == nil {
			k = 0
		}
		body = binary.BigEndian.AppendUint32(body, uint32(i+1))
		body = binary.BigEndian.AppendUint32(body, uint32(4+len(r))/2)
		body = append(binary.LittleEndian.AppendUint32(body, uint32(k)), r...)
	}
	head := make([]byte, 100)
	binary.BigEndian.PutUint32(head, 9994)
	binary.BigEndian.PutUint32(head[24:], uint32(100+len(body))/2)
	binary.LittleEndian.PutUint32(head[28:], 1000)
	binary.LittleEndian.PutUint32(head[32:], uint32(kind))
	return append(head, body...)
}

func floats(v ...float64) (b []byte) {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	return b
}

// parted is the content of a line or polygon.
func parted(parts ...[]orb.Point) []byte {
	b := floats(0, 0, 0, 0)
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(parts)))
	b = binary.LittleEndian.AppendUint32(b, uint32(n))
	n = 0
	for _, p := range parts {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
		n += len(p)
	}
	for _, p := range parts {
		for _, q := range p {
			b = append(b, floats(q[0], q[1])...)
		}
	}
	return b
}

// column is one of a table: name, kind, width.
type column struct {
	name  string
	kind  byte
	width int
}

// dbf makes a table; a row that begins with * is deleted.
func dbf(language byte, columns []column, rows ...[]string) []byte {
	width := 1
	for _, c := range columns {
		width += c.width
	}
	head := make([]byte, 32)
	head[0], head[29] = 3, language
	binary.LittleEndian.PutUint32(head[4:], uint32(len(rows)))
	binary.LittleEndian.PutUint16(head[8:], uint16(33+32*len(columns)))
	binary.LittleEndian.PutUint16(head[10:], uint16(width))
	for _, c := range columns {
		d := make([]byte, 32)
		copy(d[:10], c.name)
		d[11], d[16], d[17] = c.kind, byte(c.width), byte(c.width>>8)
		head = append(head, d...)
	}
	head = append(head, '\r')
	for _, row := range rows {
		mark := byte(' ')
		if row[0] == "*" {
			mark, row = '*', row[1:]
		}
		head = append(head, mark)
		for i, c := range columns {
			head = append(head, fmt.Sprintf("%-*s", c.width, row[i])[:c.width]...)
		}
	}
	return append(head, 0x1A)
}

var oneColumn = []column{{"ID", 'C', 4}}

func rowsOf(n int) [][]string {
	rows := make([][]string, n)
	for i := range rows {
		rows[i] = []string{fmt.Sprint(i + 1)}
	}
	return rows
}

// read gives the records as text.
func read(shp, dbf []byte) (out []string, err error) {
	r, err := Open(bytes.NewReader(shp), bytes.NewReader(dbf), 100)
	if err != nil {
		return nil, err
	}
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		s := fmt.Sprintf("%d", rec.Number)
		switch {
		case rec.Deleted:
			s += " deleted"
		case rec.Broken != nil:
			s += " broken: " + rec.Broken.Error()
		case rec.Shape != nil:
			s += fmt.Sprintf(" %s %v", rec.Shape.GeoJSONType(), rec.Shape)
		}
		out = append(out, fmt.Sprintf("%s %q", s, bytes.Join(rec.Values, []byte("|"))))
	}
}

func box(x, y, w float64, clockwise bool) []orb.Point {
	r := []orb.Point{{x, y}, {x + w, y}, {x + w, y + w}, {x, y + w}, {x, y}}
	if clockwise {
		r[1], r[3] = r[3], r[1]
	}
	return r
}

func TestShapes(t *testing.T) {
	line := []orb.Point{{1, 2}, {3, 4}}
	many := func(points ...orb.Point) []byte {
		b := binary.LittleEndian.AppendUint32(floats(0, 0, 0, 0), uint32(len(points)))
		for _, p := range points {
			b = append(b, floats(p[0], p[1])...)
		}
		return b
	}
	for name, c := range map[string]struct {
		kind    int
		content []byte
		want    string
	}{
		"point":        {1, floats(1, 2), `1 Point [1 2] "1"`},
		"point with z": {11, floats(1, 2, 3, 4), `1 Point [1 2] "1"`},
		"point with m": {21, floats(1, 2, 3), `1 Point [1 2] "1"`},
		"null":         {1, nil, `1 "1"`},
		"points":       {8, many(orb.Point{1, 2}, orb.Point{3, 4}), `1 MultiPoint [[1 2] [3 4]] "1"`},
		"line":         {3, parted(line), `1 LineString [[1 2] [3 4]] "1"`},
		"lines":        {13, append(parted(line, line), floats(0, 0, 1, 1, 1, 1)...), `1 MultiLineString [[[1 2] [3 4]] [[1 2] [3 4]]] "1"`},
		"short point":  {1, floats(1), `1 broken: geometry: "8 bytes": want as many bytes as its numbers of parts and vertices need "1"`},
		"short line":   {3, parted(line)[:60], `1 broken: geometry: "60 bytes": want as many bytes as its numbers of parts and vertices need "1"`},
		"vertices":     {3, parted(make([]orb.Point, 101)), `1 broken: geometry: "over 100 vertices": want at most 100 vertices "1"`},
		"parts":        {3, append(append(floats(0, 0, 0, 0), 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0), floats(1, 2, 3, 4)...), `1 broken: geometry: "part 2 begins at vertex 9": want parts in order, the first at 0 "1"`},
		"huge parts":   {5, append(floats(0, 0, 0, 0), 255, 255, 255, 255, 255, 255, 255, 255), `1 broken: geometry: "40 bytes": want as many bytes as its numbers of parts and vertices need "1"`},
	} {
		got, err := read(shp(c.kind, c.content), dbf(0, oneColumn, rowsOf(1)...))
		if err != nil || len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, c.want)
		}
	}
}

// TestRings puts an outline, its hole, an island in the hole and another outline
// in every order and every direction, and wants the same ground.
func TestRings(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		rings := [][]orb.Point{
			box(0, 0, 9, random.IntN(2) == 0), box(1, 1, 7, random.IntN(2) == 0),
			box(2, 2, 5, random.IntN(2) == 0), box(20, 0, 3, random.IntN(2) == 0), box(3, 3, 1, random.IntN(2) == 0)}
		random.Shuffle(len(rings), func(i, j int) { rings[i], rings[j] = rings[j], rings[i] })
		g, bad := areaOf(rings)
		m, ok := g.(orb.MultiPolygon)
		if bad != nil || !ok || len(m) != 3 {
			t.Fatalf("%v, %v", g, bad)
		}
		for _, p := range m {
			holes := map[orb.Point]int{{0, 0}: 1, {2, 2}: 1, {20, 0}: 0}[p[0][0]]
			inner := map[orb.Point]orb.Point{{0, 0}: {1, 1}, {2, 2}: {3, 3}}[p[0][0]]
			if len(p) != 1+holes || holes == 1 && p[1][0] != inner {
				t.Fatalf("outline at %v has %d rings, of %v", p[0][0], len(p), rings)
			}
		}
	}
	// A hole that shares vertices with its outline.
	g, _ := areaOf([][]orb.Point{{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}}, {{0, 0}, {4, 0}, {2, 3}, {0, 0}}})
	if p, ok := g.(orb.Polygon); !ok || len(p) != 2 {
		t.Errorf("a hole at the outline: %v", g)
	}
	if _, bad := areaOf(make([][]orb.Point, mostRings+1)); bad == nil {
		t.Error("rings without bound")
	}
}

func TestTable(t *testing.T) {
	columns := []column{{"TEXT", 'C', 300}, {"NUM", 'N', 24}, {"DAY", 'D', 8}, {"YES", 'L', 1}, {"MEMO", 'M', 10}}
	got, err := read(shp(1, floats(1, 2), floats(3, 4), floats(5, 6)), dbf(0x4D, columns,
		[]string{"  \xbc\xd7 ", "14.000000000000000", "20191120", "Y", "1"},
		[]string{"*", "gone", "1", "20191120", "F", ""},
		[]string{strings.Repeat("x", 300), "************************", "00000000", "?", ""}))
	want := []string{`1 Point [1 2] "` + `\xbc\xd7|14|2019-11-20|true|"`, `2 deleted "gone|1|2019-11-20|false|"`, `3 Point [5 6] "` + strings.Repeat("x", 300) + `||||"`}
	if err != nil || len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("got\n%s\nwant\n%s\n%v", strings.Join(got, "\n"), strings.Join(want, "\n"), err)
	}
	for text, want := range map[string]string{"7": "7", "007": "007", "3.50": "3.5", "14.300000000000001": "14.3", "1e3": "1000", "91330100123456789.00": "91330100123456789", "x.y": "x.y"} {
		if got := string(number([]byte(text))); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

func TestRefused(t *testing.T) {
	good, table := shp(1, floats(1, 2), floats(3, 4)), dbf(0, oneColumn, rowsOf(2)...)
	change := func(b []byte, at int, v byte) []byte {
		b = bytes.Clone(b)
		b[at] = v
		return b
	}
	for name, c := range map[string]struct {
		shp, dbf []byte
		want     string
	}{
		"no head":      {good[:50], table, "cut short"},
		"another file": {table, table, "cut short"},
		"code":         {change(good, 3, 1), table, "9994"},
		"patches":      {change(good, 32, 31), table, "type 31"},
		"cut":          {good[:120], table, "cut short"},
		"number":       {change(good, 103, 7), table, "records in order"},
		"length":       {change(good, 106, 200), table, "within the file"},
		"more shapes":  {good, dbf(0, oneColumn, rowsOf(1)...), "has more"},
		"more rows":    {good, dbf(0, oneColumn, rowsOf(3)...), "each of the 3 rows"},
		"table cut":    {good, table[:70], "cut short"},
		"no table":     {good, nil, "cut short"},
		"width":        {good, change(table, 10, 1), "fit into rows"},
		"mark":         {good, change(table, 65, 'x'), "deleted row"},
	} {
		if got, err := read(c.shp, c.dbf); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %q, %v, want %q", name, got, err, c.want)
		}
	}
	// Another type than the file's is that record's fault alone.
	got, err := read(change(good, 108, 3), table)
	if err != nil || len(got) != 2 || !strings.Contains(got[0], "broken") || !strings.Contains(got[1], "Point [3 4]") {
		t.Errorf("%q, %v", got, err)
	}
}

func FuzzShapefile(f *testing.F) {
	f.Add(shp(5, parted(box(0, 0, 9, true), box(1, 1, 2, false))), dbf(0, oneColumn, rowsOf(1)...))
	f.Add(shp(1, floats(1, 2), nil), dbf(0, []column{{"N", 'N', 9}, {"D", 'D', 8}}, []string{"1.0", "20191120"}, []string{"*", "1", "2"}))
	f.Fuzz(func(t *testing.T, shp, dbf []byte) {
		got, _ := read(shp, dbf)
		if len(got) > len(shp) {
			t.Errorf("%d records of %d bytes", len(got), len(shp))
		}
		_, _ = Texts(bytes.NewReader(dbf), io.Discard)
	})
}
