package features

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// text gives a value as other formats would have it; a blob has none.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// decode reads a GeoPackageBinary (2.1.3). A null shape and an empty one are nil.
func decode(b []byte, vertices, system int) (orb.Geometry, *data.Invalid) {
	bad := func(value, want string) (orb.Geometry, *data.Invalid) {
		return nil, &data.Invalid{Field: "geometry", Value: value, Want: want}
	}
	if len(b) < 8 || b[0] != 'G' || b[1] != 'P' || b[2] != 0 {
		return bad(fmt.Sprintf("% x", b[:min(len(b), 8)]), "a GeoPackage geometry of version 1")
	}
	flags := b[3]
	if flags&0x20 != 0 {
		return bad("an extended geometry", "a Point, LineString, Polygon or a Multi of one")
	}
	var order binary.ByteOrder = binary.BigEndian
	if flags&1 != 0 {
		order = binary.LittleEndian
	}
	if id := int(int32(order.Uint32(b[4:]))); id != system {
		return bad(fmt.Sprintf("srs_id %d", id), fmt.Sprintf("the layer's, %d", system))
	}
	envelope := [8]int{0, 32, 48, 48, 64, -1, -1, -1}[flags>>1&7]
	if envelope < 0 || len(b) < 8+envelope {
		return bad("an envelope of another form", "a GeoPackage geometry of version 1")
	}
	if flags&0x10 != 0 {
		return nil, nil
	}
	r := wkb{rest: b[8+envelope:], left: vertices, most: vertices}
	g := r.geometry(0)
	if r.bad != nil {
		return nil, r.bad
	}
	return g, nil
}

// wkb reads well-known binary of either order, with or without Z and M (OGC
// 06-103r4, clause 8). After an error all it gives is zero.
type wkb struct {
	rest       []byte
	order      binary.ByteOrder
	extra      int // ordinates after x and y
	left, most int // vertices
	bad        *data.Invalid
}

func (r *wkb) fail(value, want string) {
	if r.bad == nil {
		r.bad = &data.Invalid{Field: "geometry", Value: value, Want: want}
	}
	r.rest = nil
}

func (r *wkb) uint32() uint32 {
	if len(r.rest) < 4 {
		r.fail("WKB that is cut short", "a whole geometry")
		return 0
	}
	v := r.order.Uint32(r.rest)
	r.rest = r.rest[4:]
	return v
}

// head reads the order of bytes and the kind, whose parent is that of a Multi.
func (r *wkb) head(parent uint32) uint32 {
	if len(r.rest) < 5 {
		r.fail("WKB that is cut short", "a whole geometry")
		return 0
	}
	r.order = binary.BigEndian
	if r.rest[0] == 1 {
		r.order = binary.LittleEndian
	}
	r.rest = r.rest[1:]
	code := r.uint32()
	kind := code % 1000
	if code >= 4000 || parent != 0 && kind != parent-3 || parent == 0 && (kind < 1 || kind > 6) {
		r.fail(fmt.Sprintf("WKB of type %d", code), "a Point, LineString, Polygon or a Multi of one")
		return 0
	}
	r.extra = [4]int{0, 1, 1, 2}[code/1000]
	return kind
}

// count reads a number of things that take at least so many bytes each.
func (r *wkb) count(least int) int {
	n := r.uint32()
	if int64(n)*int64(least) > int64(len(r.rest)) {
		r.fail(fmt.Sprintf("%d parts in %d bytes", n, len(r.rest)), "a whole geometry")
		return 0
	}
	return int(n)
}

func (r *wkb) point() orb.Point {
	size := 16 + 8*r.extra
	if len(r.rest) < size {
		r.fail("WKB that is cut short", "a whole geometry")
		return orb.Point{}
	}
	if r.left--; r.left < 0 {
		r.fail(fmt.Sprint("over ", r.most, " vertices"), fmt.Sprintf("at most %d vertices", r.most))
		return orb.Point{}
	}
	p := orb.Point{math.Float64frombits(r.order.Uint64(r.rest)), math.Float64frombits(r.order.Uint64(r.rest[8:]))}
	r.rest = r.rest[size:]
	return p
}

func (r *wkb) points() []orb.Point {
	n := r.count(16 + 8*r.extra)
	if n > r.left {
		r.fail(fmt.Sprint("over ", r.most, " vertices"), fmt.Sprintf("at most %d vertices", r.most))
		return nil
	}
	points := make([]orb.Point, n)
	for i := range points {
		points[i] = r.point()
	}
	return points
}

func (r *wkb) polygon() orb.Polygon {
	n := r.count(4)
	area := make(orb.Polygon, 0, min(n, 1000))
	for range n {
		area = append(area, r.points())
		if r.bad != nil {
			return nil
		}
	}
	return area
}

func (r *wkb) geometry(parent uint32) orb.Geometry {
	switch kind := r.head(parent); kind {
	case 1:
		return r.point()
	case 2:
		return orb.LineString(r.points())
	case 3:
		return r.polygon()
	case 4:
		return gather[orb.MultiPoint, orb.Point](r, kind)
	case 5:
		return gather[orb.MultiLineString, orb.LineString](r, kind)
	case 6:
		return gather[orb.MultiPolygon, orb.Polygon](r, kind)
	}
	return nil
}

// gather reads the parts of a Multi.
func gather[M ~[]P, P orb.Geometry](r *wkb, kind uint32) M {
	n := r.count(9)
	many := make(M, 0, min(n, 1000))
	for range n {
		p, ok := r.geometry(kind).(P)
		if !ok {
			r.fail("WKB that is cut short", "a whole geometry")
			return nil
		}
		many = append(many, p)
	}
	return many
}
