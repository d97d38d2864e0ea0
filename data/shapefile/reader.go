package shapefile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Record is one shape with its attributes. Values are the reader's own memory
// until the next record.
type Record struct {
	Number  int           // counted from 1
	Shape   orb.Geometry  // nil: a null shape
	Deleted bool          // marked as deleted in the table: to be left out
	Broken  *data.Invalid // why the shape cannot be read; nil where it can
	Values  [][]byte      // by field, as Field.Text gives them
}

// Reader reads a Shapefile. It is for one goroutine.
type Reader struct {
	shp   *bufio.Reader
	table *table
	left  int64 // bytes of shapes that the header promises
	kind  int   // of shape
	most  int   // vertices of one shape
	n     int
	buf   []byte
}

// Kinds of shapes (page 4 of the description). Those with Z and M are 10 and 20
// more than the plain ones.
const (
	nullShape  = 0
	point      = 1
	polyLine   = 3
	polygon    = 5
	multiPoint = 8
)

// Open reads the heads of both files. most bounds the vertices of one shape.
func Open(shp, dbf io.Reader, most int) (*Reader, error) {
	r := &Reader{shp: bufio.NewReaderSize(shp, 64<<10), most: most}
	var head [100]byte
	if _, err := io.ReadFull(r.shp, head[:]); err != nil {
		return nil, fmt.Errorf(".shp: %w", short(err))
	}
	if code, version := binary.BigEndian.Uint32(head[:]), binary.LittleEndian.Uint32(head[28:]); code != 9994 || version != 1000 {
		return nil, &data.Invalid{Field: ".shp", Value: fmt.Sprintf("file code %d, version %d", code, version), Want: "a Shapefile: file code 9994, version 1000"}
	}
	r.left = int64(binary.BigEndian.Uint32(head[24:]))*2 - 100
	r.kind = int(binary.LittleEndian.Uint32(head[32:]))
	if !known(r.kind) {
		return nil, &data.Invalid{Field: ".shp", Value: fmt.Sprintf("shapes of type %d", r.kind), Want: "points, lines or polygons (types 1, 3, 5, 8 and those with Z or M)"}
	}
	var err error
	if r.table, err = openTable(dbf); err != nil {
		return nil, fmt.Errorf(".dbf: %w", err)
	}
	return r, nil
}

func known(kind int) bool {
	if kind == nullShape {
		return true
	}
	switch kind % 10 {
	case point, polyLine, polygon, multiPoint:
		return kind < 30
	}
	return false
}

// Fields are the columns of the table.
func (r *Reader) Fields() []Field { return r.table.fields }

// Len is how many records the table promises.
func (r *Reader) Len() int { return r.table.rows }

// Language is the table's language driver byte, 0 where it says nothing.
func (r *Reader) Language() byte { return r.table.language }

// Next gives the next record, io.EOF after the last. Shapes without a row of
// attributes, rows without a shape, and files that end too early are errors:
// whatever follows could not be told apart.
func (r *Reader) Next() (*Record, error) {
	rec := &Record{Number: r.n + 1}
	err := r.shape(rec)
	if errors.Is(err, io.EOF) {
		if r.n < r.table.rows {
			return nil, &data.Invalid{Field: ".shp", Value: fmt.Sprintf("%d shapes", r.n), Want: fmt.Sprintf("one for each of the %d rows of the .dbf", r.table.rows)}
		}
		return nil, io.EOF
	}
	if err != nil {
		return nil, fmt.Errorf(".shp, after record %d: %w", r.n, err)
	}
	if r.n == r.table.rows {
		return nil, &data.Invalid{Field: ".dbf", Value: fmt.Sprintf("%d rows", r.n), Want: "one for each shape of the .shp, which has more"}
	}
	if rec.Values, rec.Deleted, err = r.table.next(); err != nil {
		return nil, fmt.Errorf(".dbf, after record %d: %w", r.n, err)
	}
	r.n++
	return rec, nil
}

// shape reads one record of the .shp.
func (r *Reader) shape(rec *Record) error {
	if r.left <= 0 {
		return io.EOF
	}
	var head [8]byte
	if _, err := io.ReadFull(r.shp, head[:]); err != nil {
		return short(err)
	}
	number, size := binary.BigEndian.Uint32(head[:]), int64(binary.BigEndian.Uint32(head[4:]))*2
	if int64(number) != int64(rec.Number) {
		return &data.Invalid{Field: "record number", Value: fmt.Sprint(number), Want: fmt.Sprintf("%d: records in order", rec.Number)}
	}
	if r.left -= 8 + size; r.left < 0 || size < 4 {
		return &data.Invalid{Field: "record length", Value: fmt.Sprintf("%d bytes", size), Want: "a length within the file"}
	}
	// x, y, z, m and, at worst, a part for every vertex.
	if most := 64 + int64(r.most)*(4*8+4); size > most {
		rec.Broken = tooMany(r.most)
		_, err := io.CopyN(io.Discard, r.shp, size)
		return short(err)
	}
	if int64(cap(r.buf)) < size {
		r.buf = make([]byte, size)
	}
	b := r.buf[:size]
	if _, err := io.ReadFull(r.shp, b); err != nil {
		return short(err)
	}
	kind := int(binary.LittleEndian.Uint32(b))
	if kind != nullShape && kind != r.kind {
		rec.Broken = &data.Invalid{Field: "geometry", Value: fmt.Sprintf("type %d", kind), Want: fmt.Sprintf("type %d, as the head of the file says", r.kind)}
		return nil
	}
	rec.Shape, rec.Broken = r.decode(kind%10, b[4:])
	return nil
}

func tooMany(most int) *data.Invalid {
	return &data.Invalid{Field: "geometry", Value: fmt.Sprint("over ", most, " vertices"), Want: fmt.Sprintf("at most %d vertices", most)}
}

// short turns the end of a stream into a message: here there must be more.
func short(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the file is cut short")
	}
	return err
}

// decode reads the content of a record after its type.
func (r *Reader) decode(kind int, b []byte) (orb.Geometry, *data.Invalid) {
	torn := &data.Invalid{Field: "geometry", Value: fmt.Sprintf("%d bytes", len(b)), Want: "as many bytes as its numbers of parts and vertices need"}
	switch kind {
	case nullShape:
		return nil, nil
	case point:
		if len(b) < 16 {
			return nil, torn
		}
		return pointAt(b, 0), nil
	case multiPoint:
		if len(b) < 36 {
			return nil, torn
		}
		points, bad := r.points(b[36:], binary.LittleEndian.Uint32(b[32:]), torn)
		return orb.MultiPoint(points), bad
	}
	if len(b) < 40 {
		return nil, torn
	}
	parts, n := binary.LittleEndian.Uint32(b[32:]), binary.LittleEndian.Uint32(b[36:])
	b = b[40:]
	if uint64(len(b)) < 4*uint64(parts) {
		return nil, torn
	}
	points, bad := r.points(b[4*parts:], n, torn)
	if bad != nil {
		return nil, bad
	}
	lines := make([][]orb.Point, parts)
	end := n
	for i := int(parts) - 1; i >= 0; i-- {
		start := binary.LittleEndian.Uint32(b[4*i:])
		if start > end || i == 0 && start != 0 {
			return nil, &data.Invalid{Field: "geometry", Value: fmt.Sprintf("part %d begins at vertex %d", i+1, start), Want: "parts in order, the first at 0"}
		}
		lines[i], end = points[start:end:end], start
	}
	if kind == polyLine {
		return lineOf(lines), nil
	}
	return areaOf(lines)
}

func (r *Reader) points(b []byte, n uint32, torn *data.Invalid) ([]orb.Point, *data.Invalid) {
	if int64(n) > int64(r.most) {
		return nil, tooMany(r.most)
	}
	if int64(len(b)) < 16*int64(n) {
		return nil, torn
	}
	points := make([]orb.Point, n)
	for i := range points {
		points[i] = pointAt(b, 16*i)
	}
	return points, nil
}

func pointAt(b []byte, at int) orb.Point {
	return orb.Point{math.Float64frombits(binary.LittleEndian.Uint64(b[at:])), math.Float64frombits(binary.LittleEndian.Uint64(b[at+8:]))}
}
