package tiles

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"sync"

	"riskatlas/data"
)

// Field tags of the protocol buffers of MVT 2.1 (vector_tile.proto): field
// number and wire type (2 with a length, 1 of eight bytes, 0 a varint) in a byte.
const (
	tagTileLayer      = 3<<3 | 2
	tagLayerVersion   = 15 << 3
	tagLayerName      = 1<<3 | 2
	tagLayerFeature   = 2<<3 | 2
	tagLayerKey       = 3<<3 | 2
	tagLayerValue     = 4<<3 | 2
	tagLayerExtent    = 5 << 3
	tagFeatureID      = 1 << 3
	tagFeatureTags    = 2<<3 | 2
	tagFeatureType    = 3 << 3
	tagFeatureGeom    = 4<<3 | 2
	tagValueString    = 1<<3 | 2
	tagValueDouble    = 3<<3 | 1
	tagValueUint      = 5 << 3
	tagValueBool      = 7 << 3
	commandMoveTo     = 1
	commandLineTo     = 2
	commandClosePath  = 7
	mvtVersion        = 2
	largestLayerStart = 64 // bytes that a layer's head takes at most
)

// geometryType is the type of a feature's geometry in MVT.
type geometryType uint8

const (
	pointGeometry geometryType = 1 + iota
	lineGeometry
	polygonGeometry
)

// vertex is a place in whole units of the tile.
type vertex struct{ x, y int32 }

// layerWriter writes the features of one layer one after the other: feature,
// then its properties in the order of the layer's keys, then its geometry, then
// end. The same calls give the same bytes: keys and values stand in their tables
// in the order of their first use. It is not safe for concurrent use.
type layerWriter struct {
	names  []string  // the layer's keys, in their fixed order
	used   [16]uint8 // by key: its position in the layer's table + 1
	keys   []byte
	count  uint32 // keys in the table
	values valueTable

	id       uint64
	tags     []byte // of the feature in hand, like geometry
	geometry []byte
	at       vertex // the cursor
	features []byte
}

// writers keeps layerWriters with their buffers between layers.
var writers = sync.Pool{New: func() any { return new(layerWriter) }}

// newLayer gives an empty writer for a layer with these keys; finish takes it back.
func newLayer(keys []string) *layerWriter {
	w := writers.Get().(*layerWriter)
	w.names, w.count = keys, 0
	clear(w.used[:])
	w.keys, w.features = w.keys[:0], w.features[:0]
	w.values.reset()
	return w
}

// feature begins a feature.
func (w *layerWriter) feature(id uint64) {
	w.id, w.at = id, vertex{}
	w.tags, w.geometry = w.tags[:0], w.geometry[:0]
}

func (w *layerWriter) tag(key int, value uint32) {
	if w.used[key] == 0 {
		w.count++
		w.used[key] = uint8(w.count)
		w.keys = append(w.keys, tagLayerKey)
		w.keys = binary.AppendUvarint(w.keys, uint64(len(w.names[key])))
		w.keys = append(w.keys, w.names[key]...)
	}
	w.tags = binary.AppendUvarint(w.tags, uint64(w.used[key]-1))
	w.tags = binary.AppendUvarint(w.tags, uint64(value))
}

// text gives the feature a string property.
func (w *layerWriter) text(key int, s string) { w.tag(key, w.values.text(s)) }

// number gives the feature an unsigned integer property.
func (w *layerWriter) number(key int, v uint64) { w.tag(key, w.values.number(v)) }

// double gives the feature a floating-point property.
func (w *layerWriter) double(key int, v float64) { w.tag(key, w.values.double(v)) }

// yes gives the feature a boolean property that is true.
func (w *layerWriter) yes(key int) { w.tag(key, w.values.yes()) }

func (w *layerWriter) command(command, count int) {
	w.geometry = binary.AppendUvarint(w.geometry, uint64(count)<<3|uint64(command))
}

func (w *layerWriter) move(to vertex) {
	dx, dy := to.x-w.at.x, to.y-w.at.y
	w.geometry = binary.AppendUvarint(w.geometry, uint64(uint32(dx<<1^dx>>31)))
	w.geometry = binary.AppendUvarint(w.geometry, uint64(uint32(dy<<1^dy>>31)))
	w.at = to
}

// point draws a point.
func (w *layerWriter) point(p vertex) {
	w.command(commandMoveTo, 1)
	w.move(p)
}

// line draws a line of two or more vertices, no two successive ones equal.
func (w *layerWriter) line(l []vertex) {
	w.point(l[0])
	w.command(commandLineTo, len(l)-1)
	for _, p := range l[1:] {
		w.move(p)
	}
}

// ring draws a ring of three or more vertices, the first not repeated at the
// end: an exterior ring when its area by signedArea is over zero, else a hole in
// the exterior ring before it.
func (w *layerWriter) ring(r []vertex) {
	w.line(r)
	w.command(commandClosePath, 1)
}

// end ends the feature in hand.
func (w *layerWriter) end(t geometryType) {
	size := 1 + uvarintLen(w.id) + 2 + lengthLen(len(w.geometry))
	if len(w.tags) > 0 {
		size += lengthLen(len(w.tags))
	}
	b := append(w.features, tagLayerFeature)
	b = binary.AppendUvarint(b, uint64(size))
	b = binary.AppendUvarint(append(b, tagFeatureID), w.id)
	if len(w.tags) > 0 {
		b = binary.AppendUvarint(append(b, tagFeatureTags), uint64(len(w.tags)))
		b = append(b, w.tags...)
	}
	b = append(b, tagFeatureType, byte(t), tagFeatureGeom)
	b = binary.AppendUvarint(b, uint64(len(w.geometry)))
	w.features = append(b, w.geometry...)
}

// reverse puts the features, which begin at these places of w.features, in the
// reverse order. It uses room and gives it back for the next time.
func (w *layerWriter) reverse(starts []int, room []byte) []byte {
	room = append(room[:0], w.features...)
	w.features = w.features[:0]
	end := len(room)
	for i := len(starts) - 1; i >= 0; i-- {
		w.features = append(w.features, room[starts[i]:end]...)
		end = starts[i]
	}
	return room
}

// finish appends the layer to a tile, or nothing when it has no feature, and
// gives the writer back: it must not be used any more.
func (w *layerWriter) finish(dst []byte, l data.Layer) []byte {
	defer writers.Put(w)
	if len(w.features) == 0 {
		return dst
	}
	name := data.Layers[l].Name
	var head [largestLayerStart]byte
	h := append(head[:0], tagLayerVersion, mvtVersion, tagLayerName, byte(len(name)))
	h = append(h, name...)
	size := len(h) + len(w.features) + len(w.keys) + len(w.values.bytes) + 1 + uvarintLen(extent)
	dst = append(dst, tagTileLayer)
	dst = binary.AppendUvarint(dst, uint64(size))
	dst = append(dst, h...)
	dst = append(dst, w.features...)
	dst = append(dst, w.keys...)
	dst = append(dst, w.values.bytes...)
	return binary.AppendUvarint(append(dst, tagLayerExtent), extent)
}

func uvarintLen(v uint64) int {
	n := 1
	for ; v >= 0x80; v >>= 7 {
		n++
	}
	return n
}

// lengthLen is the size of a length-delimited field with n bytes in it.
func lengthLen(n int) int { return 1 + uvarintLen(uint64(n)) + n }

// valueTable is a layer's table of values, each once, in the order of their
// first use.
type valueTable struct {
	bytes []byte // the table as MVT has it
	spans []span // of each value in bytes
	slots []slot // open addressing by hash; a slot of another generation is free
	age   uint32
	seed  maphash.Seed
}

type span struct{ from, to uint32 }

type slot struct{ age, value uint32 }

func (t *valueTable) reset() {
	t.bytes, t.spans = t.bytes[:0], t.spans[:0]
	t.age++
	if t.age == 0 || t.slots == nil {
		// The seed decides only where a value is looked for, never its number.
		t.seed = maphash.MakeSeed()
		t.slots, t.age = make([]slot, 256), 1
	}
}

func (t *valueTable) text(s string) uint32 {
	t.bytes = append(t.bytes, tagLayerValue)
	t.bytes = binary.AppendUvarint(t.bytes, uint64(lengthLen(len(s))))
	from := len(t.bytes)
	t.bytes = binary.AppendUvarint(append(t.bytes, tagValueString), uint64(len(s)))
	t.bytes = append(t.bytes, s...)
	return t.intern(from)
}

func (t *valueTable) number(v uint64) uint32 {
	t.bytes = append(t.bytes, tagLayerValue, byte(1+uvarintLen(v)), tagValueUint)
	from := len(t.bytes) - 1
	t.bytes = binary.AppendUvarint(t.bytes, v)
	return t.intern(from)
}

func (t *valueTable) double(v float64) uint32 {
	t.bytes = append(t.bytes, tagLayerValue, 9, tagValueDouble)
	from := len(t.bytes) - 1
	t.bytes = binary.LittleEndian.AppendUint64(t.bytes, math.Float64bits(v))
	return t.intern(from)
}

func (t *valueTable) yes() uint32 {
	t.bytes = append(t.bytes, tagLayerValue, 2, tagValueBool, 1)
	return t.intern(len(t.bytes) - 2)
}

// intern gives the number of the value whose encoding was just appended at
// from, and takes the bytes away again when the table has it.
func (t *valueTable) intern(from int) uint32 {
	b := t.bytes[from:]
	mask := uint32(len(t.slots) - 1)
	for i := uint32(maphash.Bytes(t.seed, b)) & mask; ; i = (i + 1) & mask {
		s := &t.slots[i]
		if s.age != t.age {
			*s = slot{t.age, uint32(len(t.spans))}
			t.spans = append(t.spans, span{uint32(from), uint32(len(t.bytes))})
			if len(t.spans)*2 > len(t.slots) {
				t.grow()
			}
			return uint32(len(t.spans) - 1)
		}
		if v := t.spans[s.value]; string(t.bytes[v.from:v.to]) == string(b) {
			// The tag and the length go too.
			t.bytes = t.bytes[:from-1-uvarintLen(uint64(len(b)))]
			return s.value
		}
	}
}

func (t *valueTable) grow() {
	t.slots, t.age = make([]slot, len(t.slots)*4), 1
	mask := uint32(len(t.slots) - 1)
	for n, v := range t.spans {
		i := uint32(maphash.Bytes(t.seed, t.bytes[v.from:v.to])) & mask
		for t.slots[i].age == t.age {
			i = (i + 1) & mask
		}
		t.slots[i] = slot{t.age, uint32(n)}
	}
}

// featureID is the MVT feature id of what has this id: a 53-bit hash, so that it
// is exact as a JavaScript number. FNV-1a, its bits then mixed by the finalizer
// of MurmurHash3 (A. Appleby, public domain).
func featureID[S ~string](id S) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(id) {
		h = (h ^ uint64(id[i])) * 1099511628211
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return (h ^ h>>33) >> 11
}
