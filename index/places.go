package index

// placeSet is a set of places: a table with open addressing. The zero value is
// empty.
type placeSet struct {
	slots []uint32 // place + 1; 0 where free; a power of two
	n     int
}

// add puts a place in and reports whether it was new.
func (s *placeSet) add(place uint32) bool {
	if 2*s.n >= len(s.slots) {
		old := s.slots
		s.slots, s.n = make([]uint32, max(64, 2*len(old))), 0
		for _, v := range old {
			if v != 0 {
				s.add(v - 1)
			}
		}
	}
	mask := uint32(len(s.slots) - 1)
	for at := place * 0x9e3779b1 >> 9; ; at++ { // 2^32 over the golden ratio
		switch slot := &s.slots[at&mask]; *slot {
		case 0:
			*slot = place + 1
			s.n++
			return true
		case place + 1:
			return false
		}
	}
}

// reset empties the set and keeps its memory, unless it is much.
func (s *placeSet) reset() {
	if len(s.slots) > 1<<12 {
		s.slots = nil
	}
	if s.n > 0 {
		clear(s.slots)
	}
	s.n = 0
}
