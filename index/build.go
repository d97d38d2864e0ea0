package index

import (
	"hash/maphash"
	"maps"
	"runtime"
	"slices"
	"sync"

	"github.com/tidwall/btree"

	"riskatlas/data"
)

// newSnapshot is the empty state of a city.
func newSnapshot(tax *data.Taxonomy) *Snapshot {
	return emptySnapshot(tax.Default, data.DistrictKind(tax.Vintages[tax.Default].Name))
}

func emptySnapshot(vintage int, districtKind string) *Snapshot {
	s := &Snapshot{
		vintage:      vintage,
		districtKind: districtKind,
		roll:         newRoll(newPacked(nil)),
		classes:      newClasses(),
		units:        map[string]*unitSet{},
	}
	for g := range s.prints {
		s.prints[g] = btree.NewMap[uint64, []entry](0)
	}
	s.clusters = emptyClusters()
	return s
}

// resolve turns a batch's changes into what each hazard was before and is after
// it: one Change an id, in the order of first mention, without those that change
// nothing.
func (s *Snapshot) resolve(batch []data.Change) []Change {
	changes := make([]Change, 0, len(batch))
	seen := make(map[data.ID]int, len(batch))
	for _, c := range batch {
		i, ok := seen[c.ID]
		if !ok {
			i = len(changes)
			seen[c.ID] = i
			old, _ := s.Get(c.ID)
			changes = append(changes, Change{Old: old})
		}
		changes[i].New = nil
		if c.New != nil {
			changes[i].New = c.New.Hazard
		}
	}
	return slices.DeleteFunc(changes, func(c Change) bool { return c.Old == c.New })
}

// fork is a copy that shares everything; its trees may be written to.
func (s *Snapshot) fork() *Snapshot {
	s.copying.Lock()
	defer s.copying.Unlock()
	n := &Snapshot{
		revision: s.revision, at: s.at, vintage: s.vintage, districtKind: s.districtKind,
		roll: s.roll.fork(), prints: s.prints, classes: s.classes, counts: s.counts, units: s.units, reach: s.reach,
	}
	for g := range n.prints {
		n.prints[g] = s.prints[g].Copy()
	}
	n.clusters = s.clusters.Copy()
	return n
}

// next is the state after the changes: the one code path of following and what-if.
func (s *Snapshot) next(changes []Change) *Snapshot {
	n := s.fork()
	var now []item // of New, by change
	n.classes, now = s.classes.with(changes)
	n.counts = slices.Concat(s.counts, make([]int, len(n.classes.list)-len(s.counts)))
	n.reach = slices.Clone(s.reach)
	for i, c := range changes {
		if h := c.Old; h != nil && h.Status == data.Active {
			n.counts[n.classes.numbers[h.Class]]--
		}
		if h := c.New; h != nil && h.Status == data.Active {
			n.counts[now[i].class]++
		}
	}
	n.enroll(changes, now)
	n.take(n.tally(len(changes), func(t *tally, i int) { t.change(changes[i]) }))
	n.cluster(changes)
	return n
}

// fill is an empty state with hazards in it: what next would give of as many new
// ones.
func (s *Snapshot) fill(hazards []*data.Hazard) *Snapshot {
	n := s.fork()
	seed := maphash.MakeSeed()
	all, classes := sweepNew(hazards, seed)
	n.classes = classes
	base := pack(all, seed)
	var work sync.WaitGroup
	work.Go(func() { n.clusters = all.standing().clusters(classes.list) })
	work.Go(base.grow)
	n.reach = slices.Clone(s.reach)
	// In the order of the base, neighbours one after the other.
	n.take(n.tally(base.active, func(t *tally, i int) { t.addFact(base.items[i], &all.facts[uint32(base.order[i])]) }))
	work.Wait()
	n.roll = newRoll(base.packed)
	n.counts = make([]int, len(classes.list))
	for class := range n.counts {
		n.counts[class] = len(base.ofClass(uint32(class)))
	}
	return n
}

// take puts a tally into the sums, which are a copy of those of the state before.
func (s *Snapshot) take(t *tally) {
	for g := range s.prints {
		t.sums[g].apply(s.prints[g])
	}
	for i, v := range t.reach {
		s.reach[i] += v
	}
}

// enroll writes the changes into the roll, or packs it anew when they are many.
func (s *Snapshot) enroll(changes []Change, now []item) {
	if repacks(s.roll.delta()+len(changes), s.roll.len()) {
		s.roll = newRoll(s.roll.repackedWith(changes, now))
		return
	}
	for i, c := range changes {
		s.roll.replace(c.Old, now[i])
	}
}

// item is the hazard with its class; the zero item of none.
func (s *Snapshot) item(h *data.Hazard) item {
	if h == nil {
		return item{}
	}
	return item{h, s.classes.numbers[h.Class]}
}

// tally adds up what n things do to the sums, on all cores when there are many
// of them.
func (s *Snapshot) tally(n int, add func(t *tally, i int)) *tally {
	districts := s.units[s.districtKind]
	workers := max(1, min(runtime.GOMAXPROCS(0), n/256))
	tallies := make([]*tally, workers)
	var work sync.WaitGroup
	for w := range tallies {
		tallies[w] = newTally(s.classes, districts)
		work.Go(func() {
			for i := n * w / workers; i < n*(w+1)/workers; i++ {
				add(tallies[w], i)
			}
		})
	}
	work.Wait()
	for _, t := range tallies[1:] {
		tallies[0].merge(t)
	}
	return tallies[0]
}

// withUnits is the state with other units of a kind; none drop the kind.
func (s *Snapshot) withUnits(tax *data.Taxonomy, kind string, units []data.Unit) (*Snapshot, error) {
	var vintage *data.Vintage
	if kind == s.districtKind {
		vintage = &tax.Vintages[tax.Default]
	}
	set, err := newUnitSet(units, vintage)
	if err != nil {
		return nil, err
	}
	if kind == data.CoverageKind {
		set.coverage = data.NewCoverageTable(tax, units)
	}
	n := s.fork()
	n.units = maps.Clone(s.units)
	n.units[kind] = set
	if len(units) == 0 {
		delete(n.units, kind)
	}
	if kind == s.districtKind {
		n.measureReach()
	}
	return n, nil
}

// measureReach adds up anew which hazards reach the districts.
func (s *Snapshot) measureReach() {
	s.reach = nil
	set := s.units[s.districtKind]
	if set == nil {
		return
	}
	active := make([]*data.Hazard, 0, s.roll.len())
	s.roll.scan("", func(it item) bool {
		if it.hazard.Status == data.Active {
			active = append(active, it.hazard)
		}
		return true
	})
	s.reach = make([]uint64, len(set.units))
	var work sync.WaitGroup
	var adding sync.Mutex
	workers := max(1, min(runtime.GOMAXPROCS(0), len(active)/256))
	for w := range workers {
		work.Go(func() {
			t := newTally(s.classes, set)
			for _, h := range active[len(active)*w/workers : len(active)*(w+1)/workers] {
				t.grounds = grounds(t.grounds[:0], h, districtExtra)
				t.addReach(h.Digest(data.LayerRisk))
			}
			adding.Lock()
			defer adding.Unlock()
			for i, v := range t.reach {
				s.reach[i] += v
			}
		})
	}
	work.Wait()
}
