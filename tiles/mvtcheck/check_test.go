package mvtcheck

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
)

// The pieces of a tile, to break one rule at a time.

func field(number int, b []byte) []byte {
	out := binary.AppendUvarint(nil, uint64(number)<<3|wireBytes)
	return append(binary.AppendUvarint(out, uint64(len(b))), b...)
}

func number(n int, v uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(nil, uint64(n)<<3), v)
}

func join(parts ...[]byte) (out []byte) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func packedField(n int, vs ...uint32) []byte {
	var b []byte
	for _, v := range vs {
		b = binary.AppendUvarint(b, uint64(v))
	}
	return field(n, b)
}

func layer(parts ...[]byte) []byte {
	return field(3, join(append([][]byte{number(15, 2), field(1, []byte("l"))}, parts...)...))
}

func feature(t Type, geometry ...uint32) []byte {
	return field(2, join(number(1, 7), number(3, uint64(t)), packedField(4, geometry...)))
}

// path encodes points: MoveTo, LineTo, and ClosePath when closed.
func path(closed bool, from Point, ps ...Point) ([]uint32, Point) {
	at := from
	var out []uint32
	for i, p := range ps {
		if i == 0 {
			out = append(out, 1<<3|1)
		}
		if i == 1 {
			out = append(out, uint32(len(ps)-1)<<3|2)
		}
		dx, dy := int32(p.X-at.X), int32(p.Y-at.Y)
		out = append(out, uint32(dx<<1^dx>>31), uint32(dy<<1^dy>>31))
		at = p
	}
	if closed {
		out = append(out, 1<<3|7)
	}
	return out, at
}

func polygon(rings ...Ring) []uint32 {
	var out []uint32
	at := Point{}
	for _, r := range rings {
		var p []uint32
		p, at = path(true, at, r...)
		out = append(out, p...)
	}
	return out
}

func square(x, y, size int64) Ring {
	return Ring{{x, y}, {x + size, y}, {x + size, y + size}, {x, y + size}}
}

func reversed(r Ring) (out Ring) {
	for i := range r {
		out = append(out, r[len(r)-1-i])
	}
	return out
}

var tags = join(field(3, []byte("k")), field(4, field(1, []byte("v"))))

func tagged(ts ...uint32) []byte {
	return field(2, join(packedField(2, ts...), number(3, 1), packedField(4, 9, 0, 0)))
}

func TestRules(t *testing.T) {
	good := map[string][]byte{
		"no bytes":              nil,
		"a point":               layer(feature(Points, 9, 50, 34)),
		"points":                layer(feature(Points, 17, 10, 14, 3, 9)),
		"a line":                layer(feature(Lines, 9, 4, 4, 18, 0, 16, 16, 0)),
		"a polygon":             layer(feature(Polygons, polygon(square(0, 0, 10))...)),
		"with a hole":           layer(feature(Polygons, polygon(square(0, 0, 10), reversed(square(2, 2, 3)))...)),
		"two holes that touch":  layer(feature(Polygons, polygon(square(0, 0, 10), reversed(square(2, 2, 3)), reversed(square(5, 5, 3)))...)),
		"a hole on the border":  layer(feature(Polygons, polygon(square(0, 0, 10), Ring{{0, 5}, {3, 6}, {3, 4}})...)),
		"an island in a hole":   layer(feature(Polygons, polygon(square(0, 0, 20), reversed(square(2, 2, 10)), square(4, 4, 2))...)),
		"tags":                  layer(tagged(0, 0), tags),
		"an extension":          join(layer(feature(Points, 9, 0, 0)), field(16, []byte("x"))),
		"a bool and a double":   layer(feature(Points, 9, 0, 0), field(4, number(7, 1)), field(4, append([]byte{3<<3 | 1}, make([]byte, 8)...))),
		"an unknown experiment": layer(feature(Unknown, 1, 2, 3)),
	}
	for name, b := range good {
		if err := Check(b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	bad := []struct {
		name, want string
		tile       []byte
	}{
		{"a layer without version", "no version", field(3, field(1, []byte("l")))},
		{"version 3", "version 3", field(3, join(number(15, 3), field(1, []byte("l"))))},
		{"no name", "no name", field(3, number(15, 2))},
		{"a name twice", "second layer", join(layer(), layer())},
		{"extent 0", "extent of 0", layer(number(5, 0))},
		{"a field twice", "twice", layer(number(5, 8), number(5, 8))},
		{"a wrong wire type", "wire type", layer(field(5, nil))},
		{"bytes that end", "bytes end", layer(feature(Points, 9, 0, 0))[:9]},
		{"a name that is not UTF-8", "UTF-8", field(3, join(number(15, 2), field(1, []byte{0xff})))},
		{"an unknown field of a tile", "unknown field", field(4, nil)},
		{"a value of two types", "exactly one", layer(field(4, join(number(5, 1), number(6, 1))))},
		{"a value of none", "exactly one", layer(field(4, nil))},
		{"no geometry", "no geometry", layer(field(2, number(3, 1)))},
		{"no type", "no type", layer(field(2, packedField(4, 9, 0, 0)))},
		{"type 4", "type 4", layer(feature(4, 9, 0, 0))},
		{"one tag", "pairs", layer(tagged(0), tags)},
		{"a key that is not there", "tag 1, 0", layer(tagged(1, 0), tags)},
		{"a value that is not there", "tag 0, 1", layer(tagged(0, 1), tags)},
		{"a key twice", "twice", layer(tagged(0, 0, 0, 0), tags)},
		{"command 3", "command 3", layer(feature(Points, 1<<3|3, 0, 0))},
		{"a count of 0", "count of 0", layer(feature(Points, 1))},
		{"missing parameters", "parameters after it", layer(feature(Points, 17, 0, 0))},
		{"a huge count", "parameters after it", layer(feature(Points, 1<<31|1, 0, 0))},
		{"two MoveTo of a point", "more than one", layer(feature(Points, 9, 0, 0, 9, 1, 1))},
		{"a line of one point", "nothing after it", layer(feature(Lines, 9, 0, 0))},
		{"a line that stands", "LineTo by 0, 0", layer(feature(Lines, 9, 0, 0, 10, 0, 0))},
		{"a line with ClosePath", "want a MoveTo", layer(feature(Lines, 9, 0, 0, 10, 2, 2, 15))},
		{"a ring of two points", "LineTo of 2", layer(feature(Polygons, 9, 0, 0, 10, 2, 2, 15))},
		{"a ring left open", "without ClosePath", layer(feature(Polygons, polygon(square(0, 0, 9))[:10]...))},
		{"ClosePath twice", "count of 2", layer(feature(Polygons, append(polygon(square(0, 0, 9))[:10], 23)...))},
		{"a hole first", "before any exterior", layer(feature(Polygons, polygon(reversed(square(0, 0, 9)))...))},
		{"a ring without area", "without area", layer(feature(Polygons, polygon(Ring{{0, 0}, {5, 5}, {9, 9}})...))},
		{"a ring that repeats its start", "repeats the first", layer(feature(Polygons, polygon(append(square(0, 0, 9), Point{}))...))},
		{"a far ring", "2^28", layer(feature(Polygons, polygon(square(1<<29, 0, 9))...))},
		{"a ring that crosses itself", "meets itself", layer(feature(Polygons, polygon(Ring{{0, 0}, {10, 0}, {10, 10}, {5, -3}})...))},
		{"a ring that touches itself", "meets itself", layer(feature(Polygons, polygon(Ring{{0, 0}, {5, 5}, {10, 0}, {10, 10}, {5, 5}, {0, 10}})...))},
		{"a ring with a spike", "meets itself", layer(feature(Polygons, polygon(Ring{{0, 0}, {20, 0}, {10, 0}, {10, 10}, {0, 10}})...))},
		{"a hole outside", "not inside", layer(feature(Polygons, polygon(square(0, 0, 10), reversed(square(20, 0, 3)))...))},
		{"a hole that crosses", "cross", layer(feature(Polygons, polygon(square(0, 0, 10), reversed(square(8, 2, 5)))...))},
		{"a hole along the border", "cross", layer(feature(Polygons, polygon(square(0, 0, 10), reversed(square(0, 2, 3)))...))},
		{"a hole in a hole", "lies in hole", layer(feature(Polygons, polygon(square(0, 0, 20), reversed(square(2, 2, 10)), reversed(square(4, 4, 2)))...))},
	}
	for _, c := range bad {
		err := Check(c.tile)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an *Error with %q", c.name, err, c.want)
		}
	}
}

func TestStrict(t *testing.T) {
	whole := func(parts ...[]byte) []byte { return layer(append(parts, number(5, 4096))...) }
	if _, err := Strict(whole(tagged(0, 0), tags), 0); err != nil {
		t.Error(err)
	}
	second := field(2, join(number(1, 8), number(3, 1), packedField(4, 9, 0, 0)))
	for want, b := range map[string][]byte{
		"no extent":          layer(tagged(0, 0), tags),
		"no features":        whole(),
		"unused":             whole(tagged(0, 0), tags, field(3, []byte("other"))),
		"twice":              whole(tagged(0, 0), tagged(0, 1), tags, field(4, field(1, []byte("v")))),
		"id 7":               whole(feature(Points, 9, 0, 0), feature(Points, 9, 2, 2)),
		"below 2^53":         whole(field(2, join(number(1, 1<<53), number(3, 1), packedField(4, 9, 0, 0)))),
		"the point 4097":     whole(second, feature(Points, 9, 4097*2, 0)),
		"not the first":      field(3, join(field(1, []byte("l")), number(15, 2), number(5, 9), second)),
		"version 1":          field(3, join(number(15, 1), field(1, []byte("l")), number(5, 9), second)),
		"the point 0, -2001": whole(feature(Polygons, polygon(Ring{{0, -2001}, {5, 0}, {0, 5}})...)),
	} {
		if _, err := Strict(b, 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestDecodeGives(t *testing.T) {
	b := layer(
		field(2, join(number(1, 9), packedField(2, 0, 0, 1, 1, 2, 2), number(3, 3), packedField(4, polygon(square(-5, 3, 10), reversed(square(0, 5, 2)))...))),
		field(3, []byte("a")), field(3, []byte("b")), field(3, []byte("c")),
		field(4, number(5, 300)), field(4, number(6, 3)), field(4, number(4, 1<<64-1)), number(5, 512))
	tile, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	l := tile.Layer("l")
	f := l.Features[0]
	if l.Extent != 512 || f.ID != 9 || f.Properties["a"] != uint64(300) || f.Properties["b"] != Sint(-2) || f.Properties["c"] != int64(-1) {
		t.Errorf("%+v", f)
	}
	if p := f.Polygons[0]; len(p) != 2 || p[0].Area() != 200 || p[1].Area() != -8 || p[0][0] != (Point{-5, 3}) {
		t.Errorf("%v", f.Polygons)
	}
	for q, want := range map[Point][2]bool{{1, 6}: {}, {-4, 4}: {true}, {-5, 3}: {false, true}, {0, 6}: {false, true}, {9, 9}: {}} {
		if in, on := f.Polygons[0].Contains(q); in != want[0] || on != want[1] {
			t.Errorf("%v in %t, on %t", q, in, on)
		}
	}
	if tile.Layer("none") != nil {
		t.Error("a layer that is not there")
	}
}
