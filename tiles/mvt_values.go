package tiles

import (
	"encoding/binary"
	"math"
	"math/bits"
	"math/rand/v2"
)

// valueTable is a layer's table of values, each once, in the order of their
// first use.
type valueTable struct {
	bytes []byte // the table as MVT has it
	spans []span // of each value in bytes
	slots []slot // open addressing by hash; a slot of another generation is free
	age   uint32
	seed  uint64
	small [256]slot // of the small numbers, by themselves
}

// span is where a value's encoding lies, without the tag and the length before it.
type span struct{ from, to, hash uint32 }

type slot struct{ age, value uint32 }

func (t *valueTable) reset() {
	t.bytes, t.spans = t.bytes[:0], t.spans[:0]
	t.age++
	if t.age == 0 || t.slots == nil {
		// The seed decides only where a value is looked for, never its number.
		t.seed = rand.Uint64()
		t.slots, t.age = make([]slot, 256), 1
		clear(t.small[:])
	}
}

func (t *valueTable) text(s string) uint32 {
	hash := t.hash(s)
	mask := uint32(len(t.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		at := &t.slots[i]
		if at.age != t.age {
			return t.put(at, t.appendText(s), hash)
		}
		if v := &t.spans[at.value]; v.hash == hash && t.isText(v, s) {
			return at.value
		}
	}
}

// appendText appends a string's encoding and says where it begins.
func (t *valueTable) appendText(s string) (from int) {
	if n := len(s); n < 126 {
		t.bytes = append(t.bytes, tagLayerValue, byte(n+2), tagValueString, byte(n))
		from = len(t.bytes) - 2
	} else {
		t.bytes = append(t.bytes, tagLayerValue)
		t.bytes = binary.AppendUvarint(t.bytes, uint64(lengthLen(n)))
		from = len(t.bytes)
		t.bytes = binary.AppendUvarint(append(t.bytes, tagValueString), uint64(n))
	}
	t.bytes = append(t.bytes, s...)
	return from
}

func (t *valueTable) isText(v *span, s string) bool {
	b := t.bytes[v.from:v.to]
	return b[0] == tagValueString && len(b) == lengthLen(len(s)) && string(b[len(b)-len(s):]) == s
}

// hash of a string: eight bytes at a time by a product folded onto itself, after
// W. Yi's wyhash (public domain).
func (t *valueTable) hash(s string) uint32 {
	const odd = 0x9e3779b97f4a7c15 // 2^64 over the golden ratio
	h, b := t.seed^uint64(len(s)), []byte(s)
	for ; len(b) >= 8; b = b[8:] {
		high, low := bits.Mul64(h^binary.LittleEndian.Uint64(b), odd)
		h = high ^ low
	}
	rest := uint64(0)
	for i, c := range b {
		rest |= uint64(c) << (8 * i)
	}
	high, low := bits.Mul64(h^rest, odd)
	return uint32(high ^ low)
}

func (t *valueTable) number(v uint64) uint32 {
	if v >= uint64(len(t.small)) {
		return t.large(v)
	}
	at := &t.small[v]
	if at.age != t.age {
		*at = slot{t.age, t.large(v)}
	}
	return at.value
}

func (t *valueTable) large(v uint64) uint32 {
	t.bytes = append(t.bytes, tagLayerValue, byte(1+uvarintLen(v)), tagValueUint)
	from := len(t.bytes) - 1
	t.bytes = binary.AppendUvarint(t.bytes, v)
	return t.intern(from, mixed(v))
}

func (t *valueTable) double(v float64) uint32 {
	t.bytes = append(t.bytes, tagLayerValue, 9, tagValueDouble)
	from := len(t.bytes) - 1
	t.bytes = binary.LittleEndian.AppendUint64(t.bytes, math.Float64bits(v))
	return t.intern(from, mixed(math.Float64bits(v)))
}

func (t *valueTable) yes() uint32 {
	t.bytes = append(t.bytes, tagLayerValue, 2, tagValueBool, 1)
	return t.intern(len(t.bytes)-2, 1)
}

// mixed is a hash of a number.
func mixed(v uint64) uint32 {
	v *= 0x9e3779b97f4a7c15 // 2^64 over the golden ratio
	return uint32(v >> 32)
}

// intern gives the number of the value whose encoding was just appended at
// from, and takes the bytes away again when the table has it.
func (t *valueTable) intern(from int, hash uint32) uint32 {
	b := t.bytes[from:]
	mask := uint32(len(t.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		s := &t.slots[i]
		if s.age != t.age {
			return t.put(s, from, hash)
		}
		if v := &t.spans[s.value]; v.hash == hash && string(t.bytes[v.from:v.to]) == string(b) {
			// The tag and the length go too.
			t.bytes = t.bytes[:from-1-uvarintLen(uint64(len(b)))]
			return s.value
		}
	}
}

// put numbers the value whose encoding is the last in bytes, at from, and puts it
// in a free slot.
func (t *valueTable) put(s *slot, from int, hash uint32) uint32 {
	n := uint32(len(t.spans))
	*s = slot{t.age, n}
	t.spans = append(t.spans, span{uint32(from), uint32(len(t.bytes)), hash})
	if len(t.spans)*2 > len(t.slots) {
		t.grow()
	}
	return n
}

func (t *valueTable) grow() {
	t.slots = make([]slot, len(t.slots)*4)
	mask := uint32(len(t.slots) - 1)
	for n, v := range t.spans {
		i := v.hash & mask
		for t.slots[i].age == t.age {
			i = (i + 1) & mask
		}
		t.slots[i] = slot{t.age, uint32(n)}
	}
}
