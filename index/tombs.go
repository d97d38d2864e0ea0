package index

// tombs is a set of places, in chunks that are copied when written to. The zero
// value is the empty set of no places.
type tombs struct {
	chunks []*[tombWords]uint64 // nil: none of it
	n      int                  // how many are in the set
}

// A chunk has 4096 places in 512 bytes.
const tombWords = 64

func newTombs(places int) tombs {
	return tombs{chunks: make([]*[tombWords]uint64, (places+tombWords*64-1)/(tombWords*64))}
}

// fork is a copy that may be added to.
func (t *tombs) fork() tombs {
	return tombs{chunks: append([]*[tombWords]uint64(nil), t.chunks...), n: t.n}
}

func (t *tombs) has(place uint32) bool {
	if t.n == 0 {
		return false
	}
	c := t.chunks[place/(tombWords*64)]
	return c != nil && c[place/64%tombWords]>>(place%64)&1 != 0
}

func (t *tombs) add(place uint32) {
	if t.has(place) {
		return
	}
	c := new([tombWords]uint64)
	if old := t.chunks[place/(tombWords*64)]; old != nil {
		*c = *old
	}
	c[place/64%tombWords] |= 1 << (place % 64)
	t.chunks[place/(tombWords*64)] = c
	t.n++
}
