package tiles

import (
	"encoding/binary"
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
		w.use(key)
	}
	w.tags = append(w.tags, w.used[key]-1) // under 16: a varint of one byte
	w.tags = binary.AppendUvarint(w.tags, uint64(value))
}

// use puts a key in the table.
func (w *layerWriter) use(key int) {
	w.count++
	w.used[key] = uint8(w.count)
	w.keys = append(w.keys, tagLayerKey)
	w.keys = binary.AppendUvarint(w.keys, uint64(len(w.names[key])))
	w.keys = append(w.keys, w.names[key]...)
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

// dot ends the feature in hand, which is a point. It is what most features are:
// end with the lengths known to be of one byte.
func (w *layerWriter) dot(p vertex) {
	if len(w.tags) == 0 || len(w.tags) > 64 {
		w.point(p)
		w.end(pointGeometry)
		return
	}
	var buf [128]byte // an id of 10 bytes, 64 of tags, 10 of geometry and their heads
	buf[0], buf[2] = tagLayerFeature, tagFeatureID
	n := 3 + binary.PutUvarint(buf[3:], w.id)
	buf[n], buf[n+1] = tagFeatureTags, byte(len(w.tags))
	n += 2
	n += copy(buf[n:n+64], w.tags)
	buf[n], buf[n+1], buf[n+2] = tagFeatureType, byte(pointGeometry), tagFeatureGeom
	buf[n+4] = 1<<3 | commandMoveTo
	size := n + 3
	n += 5
	n += binary.PutUvarint(buf[n:], uint64(uint32(p.x<<1^p.x>>31)))
	n += binary.PutUvarint(buf[n:], uint64(uint32(p.y<<1^p.y>>31)))
	buf[size], buf[1] = byte(n-size-1), byte(n-2)
	w.features = append(w.features, buf[:n]...)
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
