package tiles

import (
	"math"
	"slices"
	"strings"
	"sync"

	"riskatlas/data"
)

// pointSet gathers what falls in a tile. It keeps its buffers between tiles and
// is not safe for concurrent use.
type pointSet struct {
	c      *canvas
	near   nearMercator
	points []hazardPoint
	text   int // bytes of their ids and names

	keys, other []uint64 // by which the points are sorted
	warm        float64  // keeps reading ahead from being left out as useless

	// The numbers in the layer's table of what many hazards share, + 1.
	industries [data.MaxIndustries]uint32
	districts  [data.MaxDistricts]uint32
	levels     [data.Major + 1]uint32
}

type hazardPoint struct {
	h  *data.Hazard
	at vertex
}

var pointSets = sync.Pool{New: func() any { return new(pointSet) }}

// newPointSet gives an empty set for a tile; release takes it back.
func newPointSet(c *canvas) *pointSet {
	s := pointSets.Get().(*pointSet)
	s.c, s.near = c, newNearMercator(c)
	clear(s.industries[:])
	clear(s.districts[:])
	clear(s.levels[:])
	return s
}

func (s *pointSet) release() {
	clear(s.points) // no hazard is held by the pool
	s.c, s.points, s.text = nil, s.points[:0], 0
	pointSets.Put(s)
}

// place gives the hazards their places in the tile and takes out those that fall
// elsewhere.
func (s *pointSet) place() {
	s.warmPlaces()
	kept := s.points[:0]
	for _, p := range s.points {
		p.at = s.near.round(s.c, p.h.Label())
		if p.at.x < -buffer || p.at.y < -buffer || p.at.x >= extent+buffer || p.at.y >= extent+buffer {
			continue
		}
		kept = append(kept, p)
		s.text += len(p.h.ID) + len(p.h.Name)
	}
	clear(s.points[len(kept):]) // no hazard is held by the pool
	s.points = kept
}

// The sorting key of a point: its level, y and x from the buffer's corner, then its
// number in the set.
const (
	keyAxis  = 13 // bits of a coordinate: extent and two buffers
	keyRank  = 32 // bits of the number
	keyRadix = 10 // bits sorted at a time
	keyBits  = 2*keyAxis + 3
)

// sort gives the numbers of the points, in the low keyRank bits, ordered by level,
// then from north to south, from west to east, then by id: like places stand
// together, which compresses well.
func (s *pointSet) sort() []uint64 {
	s.keys = s.keys[:0]
	for i := range s.points {
		p := &s.points[i]
		key := uint64(p.h.Level)<<(2*keyAxis) | uint64(p.at.y+buffer)<<keyAxis | uint64(p.at.x+buffer)
		s.keys = append(s.keys, key<<keyRank|uint64(i))
	}
	if len(s.keys) < 1<<keyRadix/4 {
		slices.Sort(s.keys)
	} else {
		s.radix()
	}
	for i := 0; i < len(s.keys); {
		n := i + 1
		for n < len(s.keys) && s.keys[n]>>keyRank == s.keys[i]>>keyRank {
			n++
		}
		if n > i+1 {
			slices.SortFunc(s.keys[i:n], func(a, b uint64) int {
				return strings.Compare(string(s.points[uint32(a)].h.ID), string(s.points[uint32(b)].h.ID))
			})
		}
		i = n
	}
	return s.keys
}

// radix sorts the keys digit by digit, from the least.
func (s *pointSet) radix() {
	s.other = slices.Grow(s.other[:0], len(s.keys))[:len(s.keys)]
	for shift := keyRank; shift < keyRank+keyBits; shift += keyRadix {
		var at [1 << keyRadix]uint32
		for _, k := range s.keys {
			at[k>>shift&(1<<keyRadix-1)]++
		}
		sum := uint32(0)
		for i, n := range at {
			at[i], sum = sum, sum+n
		}
		for _, k := range s.keys {
			digit := k >> shift & (1<<keyRadix - 1)
			s.other[at[digit]] = k
			at[digit]++
		}
		s.keys, s.other = s.other, s.keys
	}
}

// warmPlaces and warmTexts read what placing and writing read first, and do nothing
// with it. In a large city each hazard is somewhere else in memory, and a processor
// waits for many such reads at once when nothing else comes between them.
func (s *pointSet) warmPlaces() {
	warm := 0.0
	for i := range s.points {
		warm += s.points[i].h.Label()[1]
	}
	s.warm += warm
}

func (s *pointSet) warmTexts() {
	warm := byte(0)
	for i := range s.points {
		h := s.points[i].h
		warm ^= h.ID[0]
		if h.Name != "" {
			warm ^= h.Name[0]
		}
	}
	s.warm += float64(warm)
}

// plain writes every point.
func (s *pointSet) plain(w *layerWriter, tax *data.Taxonomy) {
	s.warmTexts()
	for _, key := range s.sort() {
		s.write(w, s.points[uint32(key)], tax)
	}
}

func (s *pointSet) write(w *layerWriter, p hazardPoint, tax *data.Taxonomy) {
	w.feature(featureID(p.h.ID))
	s.describe(w, p.h, tax)
	w.dot(p.at)
}

// describe is describe, with what hazards share looked up once.
func (s *pointSet) describe(w *layerWriter, h *data.Hazard, tax *data.Taxonomy) {
	w.text(hazardID, string(h.ID))
	if h.Name != "" {
		w.text(hazardName, h.Name)
	}
	industry := &s.industries[h.Industry]
	if *industry == 0 {
		*industry = w.values.text(tax.Industries[h.Industry].Code) + 1
	}
	w.tag(hazardIndustry, *industry-1)
	district := &s.districts[h.Districts[tax.Default]&(data.MaxDistricts-1)]
	if *district == 0 {
		code := tax.DistrictCode(h.Districts[tax.Default])
		if code == "" {
			*district = math.MaxUint32
		} else {
			*district = w.values.text(code) + 1
		}
	}
	if *district != math.MaxUint32 {
		w.tag(hazardDistrict, *district-1)
	}
	level := &s.levels[h.Level]
	if *level == 0 {
		*level = w.values.number(uint64(h.Level)) + 1
	}
	w.tag(hazardLevel, *level-1)
}
