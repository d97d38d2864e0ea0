package tiles

import (
	"cmp"
	"sync/atomic"
)

// keyed is a canonical request's key, with all that an answer needs of it.
// Immutable, and so are the header values.
type keyed struct {
	of   Request
	key  Key
	void bool // see keyOf

	etag, zipped []string // header values: the ETag, and that of the gzipped answer
}

// newKeyed makes the key of a canonical request on a view.
func newKeyed(v *View, r Request, program string) *keyed {
	k := &keyed{of: r}
	k.key, k.void = keyOf(v, r, program)
	text := k.key.String()
	k.etag, k.zipped = []string{`"` + text + `"`}, []string{`"` + text + `-gzip"`}
	return k
}

// keyMemo remembers keys of one view, which never change: past z14 a fingerprint
// asks every source in reach. Each request has one place, and takes it from the
// one that was there; places are made a leaf at a time. The zero value is ready;
// safe for concurrent use, and a reader never waits.
type keyMemo struct {
	leaves [memoLeaves]atomic.Pointer[memoLeaf]
	most   int // keys remembered; 0: mostKeys
}

type memoLeaf [leafKeys]atomic.Pointer[keyed]

// mostKeys bounds a memo to some megabytes.
const (
	mostKeys   = 1 << 15
	leafKeys   = 1 << 7
	memoLeaves = mostKeys / leafKeys
)

// hash spreads canonical requests over places; equal ones have equal hashes.
func (r *Request) hash() uint64 {
	const odd = 0x9e3779b97f4a7c15 // 2^64 over the golden ratio
	h := uint64(r.Tile.X)<<32 | uint64(r.Tile.Y)
	for _, w := range [...]uint64{
		uint64(r.Tile.Z) | uint64(r.Stat)<<8 | uint64(r.Criterion)<<16 | uint64(r.Datum)<<24 | uint64(r.Layers)<<32 | uint64(r.Vintage)<<48,
		uint64(r.Filter.Industries), uint64(r.Filter.Levels),
		r.Filter.Districts[0], r.Filter.Districts[1], r.Filter.Districts[2], r.Filter.Districts[3],
	} {
		h = (h ^ h>>29 ^ w) * odd
	}
	return h ^ h>>32
}

// place is where the request's key is remembered.
func (m *keyMemo) place(r *Request) *atomic.Pointer[keyed] {
	at := r.hash() % uint64(min(cmp.Or(m.most, mostKeys), mostKeys))
	leaf := &m.leaves[at/leafKeys]
	l := leaf.Load()
	if l == nil {
		leaf.CompareAndSwap(nil, new(memoLeaf))
		l = leaf.Load()
	}
	return &l[at%leafKeys]
}

// keyed is newKeyed, remembered. A view is asked by one program only.
func (v *View) keyed(r Request, program string) *keyed {
	if v.memo == nil {
		return newKeyed(v, r, program)
	}
	place := v.memo.place(&r)
	if k := place.Load(); k != nil && k.of == r {
		return k
	}
	k := newKeyed(v, r, program)
	place.Store(k)
	return k
}

// key is keyOf, remembered.
func (v *View) key(r Request, program string) (Key, bool) {
	k := v.keyed(r, program)
	return k.key, k.void
}
