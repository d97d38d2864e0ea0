package riskgrid

import (
	"encoding/binary"
	"iter"
	"maps"
	"slices"

	"riskatlas/data"
)

// shards is how many parts the sources are kept in, so that a change copies one.
const shards = 1024

func shardOf(id data.ID) int {
	h := uint32(2166136261) // FNV-1a
	for i := range len(id) {
		h = (h ^ uint32(id[i])) * 16777619
	}
	return int(h % shards)
}

// loss is what one scenario costs in one region.
type loss struct {
	scenario uint16
	region   uint16 // its number; 0 where people are not known: the source's own districts
	loss     Loss
}

// regionOf is where a loss of a source counts.
func (l *Land) regionOf(h *data.Hazard, number uint16) Region {
	if l.People == nil {
		return Region(h.Districts)
	}
	return l.Regions.region(number)
}

// shard is the losses of some sources: of those that cost anything. Immutable.
type shard struct {
	ids    []data.ID // ascending
	ends   []uint32  // by id: where its losses end in packed
	packed []byte
}

// appendLosses packs losses: scenario, twice the region and 1 where the number
// takes more than 64 bits, the number.
func appendLosses(b []byte, losses []loss) []byte {
	for _, l := range losses {
		b = binary.AppendUvarint(b, uint64(l.scenario))
		if l.loss.hi == 0 {
			b = binary.AppendUvarint(b, uint64(l.region)<<1)
		} else {
			b = binary.AppendUvarint(b, uint64(l.region)<<1|1)
			b = binary.AppendUvarint(b, l.loss.hi)
		}
		b = binary.AppendUvarint(b, l.loss.lo)
	}
	return b
}

// unpacked gives packed losses.
func unpacked(b []byte) iter.Seq[loss] {
	return func(yield func(loss) bool) {
		next := func() uint64 {
			v, n := binary.Uvarint(b)
			b = b[n:]
			return v
		}
		for len(b) > 0 {
			l := loss{scenario: uint16(next())}
			region := next()
			l.region = uint16(region >> 1)
			if region&1 != 0 {
				l.loss.hi = next()
			}
			l.loss.lo = next()
			if !yield(l) {
				return
			}
		}
	}
}

// raw is what is packed of a source, empty where it costs nothing.
func (s *shard) raw(id data.ID) []byte {
	if s == nil {
		return nil
	}
	i, ok := slices.BinarySearch(s.ids, id)
	if !ok {
		return nil
	}
	return s.at(i)
}

func (s *shard) at(i int) []byte {
	from := uint32(0)
	if i > 0 {
		from = s.ends[i-1]
	}
	return s.packed[from:s.ends[i]]
}

// of gives the losses of a source.
func (l *ledger) of(id data.ID) iter.Seq[loss] {
	if l.sources == nil {
		return unpacked(nil)
	}
	return unpacked(l.sources[shardOf(id)].raw(id))
}

// with gives the shard with other losses of some sources, packed; empty takes the
// source out. nil is a shard of none.
func (s *shard) with(changed map[data.ID][]byte) *shard {
	order := slices.Sorted(maps.Keys(changed))
	if s == nil {
		s = &shard{}
	}
	sources, size := len(s.ids)+len(order), len(s.packed)
	for _, b := range changed {
		size += len(b)
	}
	out := &shard{make([]data.ID, 0, sources), make([]uint32, 0, sources), make([]byte, 0, size)}
	put := func(id data.ID, b []byte) {
		if len(b) > 0 {
			out.ids, out.packed = append(out.ids, id), append(out.packed, b...)
			out.ends = append(out.ends, uint32(len(out.packed)))
		}
	}
	i := 0
	for _, id := range order {
		for ; i < len(s.ids) && s.ids[i] < id; i++ {
			put(s.ids[i], s.at(i))
		}
		if i < len(s.ids) && s.ids[i] == id {
			i++
		}
		put(id, changed[id])
	}
	for ; i < len(s.ids); i++ {
		put(s.ids[i], s.at(i))
	}
	if len(out.ids) == 0 {
		return nil
	}
	return out
}

// bytes is about how much memory the shard takes.
func (s *shard) bytes() int64 {
	const id, end = 16, 4
	return int64(cap(s.ids))*id + int64(cap(s.ends))*end + int64(cap(s.packed))
}
