package index

import (
	"hash/maphash"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// swept is what making a state needs of its hazards, read once: they lie all over
// the memory, and each look at one that was not looked at just before waits for
// it. Of active hazards it is in arrays by their number, in the order of ids.
type swept struct {
	items  []item // of every status, by id
	hashes []uint64
	active []uint32 // positions in items, by number

	bounds, extents []orb.Bound
	exposed         []data.Exposed
	facts           []fact
}

// fact is what an active hazard adds to sums, and where.
type fact struct {
	risk, show uint64 // digests
	label      orb.Point
	metres     float64 // of a point that is its only ground: as ground has it; else -1
}

func (f *fact) take(h *data.Hazard) {
	*f = fact{h.Digest(data.LayerRisk), h.Digest(data.LayerHazards), h.Label(), -1}
	if _, point := h.Shape.(orb.Point); !point || len(h.Scenarios) == 0 {
		return
	}
	for i := range h.Scenarios {
		if h.Scenarios[i].Footprint.Kind == data.Zone {
			return
		}
	}
	f.metres = allow(h.Reach(), h.Bound())
}

// sweep reads items that are given by id, and hashes their ids.
func sweep(items []item, seed maphash.Seed) *swept {
	s := newSwept(items)
	s.read(seed, func(int) func(*item) { return func(*item) {} })
	return s
}

// sweepNew is sweep of hazards, in any order, that get their classes by it.
func sweepNew(hazards []*data.Hazard, seed maphash.Seed) (*swept, *classes) {
	items := make([]item, len(hazards))
	for i, h := range hazards {
		items[i].hazard = h
	}
	s := newSwept(items)
	var numbers [mostSweepers]*classes
	inOrder, bounds := s.read(seed, func(worker int) func(*item) {
		c := newClasses()
		numbers[worker] = c
		return func(it *item) { it.class = c.number(it.hazard.Class) }
	})
	if !inOrder {
		hazards = slices.Clone(hazards)
		slices.SortFunc(hazards, func(a, b *data.Hazard) int { return strings.Compare(string(a.ID), string(b.ID)) })
		return sweepNew(hazards, seed)
	}
	// The numbers of all are as if one had given them: by the first hazard.
	all := numbers[0]
	var work sync.WaitGroup
	for w, c := range numbers[1 : len(bounds)-1] {
		to := make([]uint32, len(c.list))
		for i, class := range c.list {
			to[i] = all.number(class)
		}
		work.Go(func() {
			part := items[bounds[w+1]:bounds[w+2]]
			for i := range part {
				part[i].class = to[part[i].class]
			}
		})
	}
	work.Wait()
	return s, all
}

func newSwept(items []item) *swept {
	n := len(items)
	return &swept{items: items, hashes: make([]uint64, n), active: make([]uint32, n), bounds: make([]orb.Bound, n),
		extents: make([]orb.Bound, n), exposed: make([]data.Exposed, n), facts: make([]fact, n)}
}

const (
	// mostSweepers is past what memory is read faster by.
	mostSweepers = 32
	sweepLeast   = 2048 // for each
)

// read fills all by items, and calls for each what also gives a worker. It
// reports whether the ids are in order, and where the workers' parts begin and end.
func (s *swept) read(seed maphash.Seed, also func(worker int) func(*item)) (inOrder bool, bounds []int) {
	n := len(s.items)
	workers := max(1, min(runtime.GOMAXPROCS(0), mostSweepers, n/sweepLeast))
	ends, rises := make([]int, workers), make([]bool, workers)
	var work sync.WaitGroup
	for w := range workers {
		from, to := n*w/workers, n*(w+1)/workers
		bounds = append(bounds, from)
		each := also(w)
		work.Go(func() { ends[w], rises[w] = s.part(from, to, seed, each) })
	}
	bounds = append(bounds, n)
	work.Wait()
	total, inOrder := 0, true
	for w, end := range ends { // the parts close up where some are not active
		inOrder = inOrder && rises[w]
		from := bounds[w]
		if total != from {
			copy(s.active[total:], s.active[from:end])
			copy(s.bounds[total:], s.bounds[from:end])
			copy(s.extents[total:], s.extents[from:end])
			copy(s.exposed[total:], s.exposed[from:end])
			copy(s.facts[total:], s.facts[from:end])
		}
		total += end - from
	}
	s.active, s.bounds, s.extents = s.active[:total], s.bounds[:total], s.extents[:total]
	s.exposed, s.facts = s.exposed[:total], s.facts[:total]
	return inOrder, bounds
}

// part reads the items from one up to another; those that are active go to the
// first places of the part, up to end.
func (s *swept) part(from, to int, seed maphash.Seed, also func(*item)) (end int, rises bool) {
	end, rises = from, true
	last := data.ID("")
	if from > 0 {
		last = s.items[from-1].hazard.ID
	}
	for i := from; i < to; i++ {
		h := s.items[i].hazard
		s.hashes[i] = maphash.String(seed, string(h.ID))
		rises = rises && last <= h.ID
		last = h.ID
		also(&s.items[i])
		if h.Status != data.Active {
			continue
		}
		s.active[end] = uint32(i)
		s.bounds[end], s.extents[end], s.exposed[end] = h.Bound(), h.Extent(), h.Exposed
		s.facts[end].take(h)
		end++
	}
	return end, rises
}

// standing is the active hazards for clusters.
func (s *swept) standing() *standing {
	all := &standing{items: s.items, places: make([][2]float64, len(s.active))}
	if len(s.active) < len(s.items) {
		all.items = make([]item, len(s.active))
	}
	inParallel(len(s.active), func(from, to int) {
		for i := from; i < to; i++ {
			all.places[i][0], all.places[i][1] = Mercator(s.facts[i].label)
			if len(s.active) < len(s.items) {
				all.items[i] = s.items[s.active[i]]
			}
		}
	})
	return all
}
