package index

import (
	"maps"
	"runtime"
	"slices"
	"sync"

	"github.com/tidwall/btree"
	"github.com/tidwall/rtree"

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
		hazards:      btree.NewMap[data.ID, item](0),
		shapes:       &rtree.RTreeG[item]{},
		extents:      &rtree.RTreeG[item]{},
		classes:      newClasses(),
		units:        map[string]*unitSet{},
	}
	for g := range s.prints {
		s.prints[g] = btree.NewMap[uint32, []entry](0)
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
		hazards: s.hazards.Copy(), shapes: s.shapes.Copy(), extents: s.extents.Copy(),
		prints: s.prints, classes: s.classes, counts: s.counts, units: s.units, reach: s.reach,
	}
	for g := range n.prints {
		n.prints[g] = s.prints[g].Copy()
	}
	n.clusters = s.clusters.Copy()
	return n
}

// next is the state after the changes: the one code path of loading, following
// and what-if. The trees are written side by side.
func (s *Snapshot) next(changes []Change) *Snapshot {
	n := s.fork()
	n.classes = s.classes.with(changes)
	n.counts = slices.Concat(s.counts, make([]int, len(n.classes.list)-len(s.counts)))
	n.reach = slices.Clone(s.reach)

	var work sync.WaitGroup
	work.Go(func() {
		for _, c := range changes {
			n.count(c.Old, -1)
			n.count(c.New, 1)
		}
		n.writeTrees(changes)
	})
	total := n.tally(changes)
	for g := range n.prints {
		apply(n.prints[g], total.sums[g])
	}
	for i, v := range total.reach {
		n.reach[i] += v
	}
	work.Wait()
	n.cluster(changes)
	return n
}

func (s *Snapshot) count(h *data.Hazard, by int) {
	if h != nil && h.Status == data.Active {
		s.counts[s.classes.numbers[h.Class]] += by
	}
}

// rebuildShare says when the R-trees are made anew: when more than one hazard in
// so many changes. A copied R-tree copies the nodes on its way at every write,
// not once a batch, so that many writes cost more than a new tree.
const rebuildShare = 300

func rebuilds(changes, hazards int) bool { return changes > 32 && changes > hazards/rebuildShare }

func (s *Snapshot) writeTrees(changes []Change) {
	for _, c := range changes {
		if c.New == nil {
			s.hazards.Delete(c.Old.ID)
		} else {
			s.hazards.Load(c.New.ID, s.item(c.New))
		}
	}
	if rebuilds(len(changes), s.hazards.Len()) {
		s.rebuildTrees()
		return
	}
	for _, c := range changes {
		if h := c.Old; h != nil && h.Status == data.Active {
			s.shapes.Delete(h.Bound().Min, h.Bound().Max, s.item(h))
			s.extents.Delete(h.Extent().Min, h.Extent().Max, s.item(h))
		}
		if h := c.New; h != nil && h.Status == data.Active {
			s.shapes.Insert(h.Bound().Min, h.Bound().Max, s.item(h))
			s.extents.Insert(h.Extent().Min, h.Extent().Max, s.item(h))
		}
	}
}

func (s *Snapshot) rebuildTrees() {
	s.shapes, s.extents = &rtree.RTreeG[item]{}, &rtree.RTreeG[item]{}
	s.hazards.Scan(func(_ data.ID, it item) bool {
		if it.hazard.Status == data.Active {
			b, e := it.hazard.Bound(), it.hazard.Extent()
			s.shapes.Insert(b.Min, b.Max, it)
			s.extents.Insert(e.Min, e.Max, it)
		}
		return true
	})
}

func (s *Snapshot) item(h *data.Hazard) item { return item{h, s.classes.numbers[h.Class]} }

// tally adds up what the changes do to the sums, on all cores when there are
// many of them.
func (s *Snapshot) tally(changes []Change) *tally {
	districts := s.units[s.districtKind]
	workers := max(1, min(runtime.GOMAXPROCS(0), len(changes)/256))
	tallies := make([]*tally, workers)
	var work sync.WaitGroup
	for w := range tallies {
		tallies[w] = newTally(s.classes, districts)
		work.Go(func() {
			for _, c := range changes[len(changes)*w/workers : len(changes)*(w+1)/workers] {
				tallies[w].change(c)
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
	var active []*data.Hazard
	s.extents.Scan(func(_, _ [2]float64, it item) bool {
		active = append(active, it.hazard)
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
				t.addReach(h, h.Digest(data.LayerRisk))
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
