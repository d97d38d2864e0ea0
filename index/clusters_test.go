package index

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// crowded makes hazards of few classes, many of them where squares of some zoom
// meet: a few units or parts of one from a corner.
func crowded(rng *rand.Rand, m *citytest.Maker, id data.ID) *data.Hazard {
	if rng.IntN(4) == 0 {
		return m.Hazard(id)
	}
	z := MinClustered + rng.IntN(MaxClustered-MinClustered+1)
	size := math.Ldexp(4096, z)
	corner := func(f float64) float64 {
		units := math.Round(f*size/256)*256 + []float64{-1, -0.75, -0.5, -0.25, 0, 0.5, 1}[rng.IntN(7)] + (rng.Float64()-0.5)*1e-6
		return units / size
	}
	middle := citytest.Bound.Center()
	fx, fy := Mercator(orb.Point{middle[0] + rng.NormFloat64()*0.05, middle[1] + rng.NormFloat64()*0.05})
	h := *m.Shaped(id, orb.Point{corner(fx)*360 - 180, latitude(corner(fy))})
	h.Class = data.Class{Industry: data.Industry(rng.IntN(2)), Level: data.Low + data.Level(rng.IntN(2)), Districts: h.Districts}
	for i := range h.Districts {
		h.Districts[i] = 0
	}
	h.Stated = 0
	return citytest.Seal(h)
}

// flat is all that clusters hold.
func flat(s *Snapshot, c *clusters) map[string]*data.Hazard {
	out := map[string]*data.Hazard{}
	c.Scan(func(key uint32, t *clusterTile) bool {
		empty := true
		for y, row := range t {
			for _, q := range row {
				empty = false
				for i, m := range q.members {
					if i > 0 && q.members[i-1].compare(m) >= 0 {
						panic("members out of order")
					}
					out[fmt.Sprintf("%x/%d/%d %v × %d", key, q.x, y, s.classes.list[m.class], m.count)] = m.first
				}
				if len(q.members) == 0 {
					panic("an empty square is kept")
				}
			}
		}
		if empty {
			panic("an empty tile is kept")
		}
		return true
	})
	return out
}

// Clusters kept by increments are those made anew, and those of the snapshot
// before stay as they were.
func TestClustersFollowChanges(t *testing.T) {
	tax := citytest.Taxonomy()
	for seed := range uint64(4) {
		rng := newRand(seed)
		m := citytest.NewMaker(rng, citytest.Bound)
		city := map[data.ID]*data.Hazard{}
		s := newSnapshot(tax)
		searched := 0
		for _, size := range []int{600, 1, 40, 64, 5, 64, 30, 64, 64, 1, 64} {
			var batch []data.Change
			for range size {
				id := citytest.ID(rng.IntN(700))
				switch old := city[id]; {
				case old != nil && rng.IntN(2) == 0:
					delete(city, id)
					batch = append(batch, data.Change{ID: id})
					continue
				case old != nil && rng.IntN(2) == 0:
					city[id] = m.Changed(old)
				default:
					city[id] = crowded(rng, m, id)
				}
				batch = append(batch, record(city[id]))
			}
			before, was := s, flat(s, s.clusters)
			s = s.next(s.resolve(batch))
			want, got := flat(s, s.newClusters()), flat(s, s.clusters)
			if !maps.Equal(want, got) {
				t.Fatalf("seed %d: %d changes left %d clusters, made anew they are %d", seed, size, len(got), len(want))
			}
			if !maps.Equal(was, flat(before, before.clusters)) {
				t.Fatalf("seed %d: the snapshot before changed", seed)
			}
			for k, h := range was {
				if now, ok := got[k]; ok && now.ID != h.ID {
					searched++
				}
			}
		}
		if searched == 0 {
			t.Errorf("seed %d: no first of a square was ever another", seed)
		}
	}
}

// Clusters of a tile under a filter are a count of all hazards.
func TestClustersAreCounts(t *testing.T) {
	tax := citytest.Taxonomy()
	rng := newRand(11)
	m := citytest.NewMaker(rng, citytest.Bound)
	var hs []*data.Hazard
	for i := range 3000 {
		hs = append(hs, crowded(rng, m, citytest.ID(i)))
	}
	s := newSnapshot(tax).next(news(hs))
	met := 0
	for range 300 {
		at, f := randomTile(rng, hs), randomFilter(rng, tax)
		var got, want Clusters
		if kept := s.Clusters(at, f, &got); kept != (at.Z >= MinClustered && at.Z <= MaxClustered) {
			t.Fatalf("%v: kept %v", at, kept)
		} else if !kept {
			continue
		}
		for _, h := range hs {
			fx, fy := Mercator(h.Label())
			size := math.Ldexp(4096, int(at.Z))
			x, y := math.Floor(fx*size+0.5)-float64(at.X)*4096, math.Floor(fy*size+0.5)-float64(at.Y)*4096
			if h.Status != data.Active || !f.Match(h) || x < 0 || y < 0 || x >= 4096 || y >= 4096 {
				continue
			}
			c := &want[int(y)/256*16+int(x)/256]
			c.Count[h.Level]++
			if c.First == nil || h.Level > c.First.Level || h.Level == c.First.Level && h.ID < c.First.ID {
				c.First = h
			}
			met++
		}
		if got != want {
			t.Fatalf("%v %+v: clusters differ from a count", at, f)
		}
	}
	if met < 10_000 {
		t.Errorf("only %d hazards counted", met)
	}
	if got := new(Clusters); !s.Clusters(maptile.New(3, 3, 9), data.All(), got) || *got != (Clusters{}) {
		t.Error("a tile far away is not empty")
	}
}

// BenchmarkClustersChange takes one hazard away and puts it back.
func BenchmarkClustersChange(b *testing.B) {
	benchOver(b, func(b *testing.B, c *benchCity) {
		against(b, func(i int) {
			h := c.hazards[i%len(c.hazards)]
			n := c.fork()
			n.cluster([]Change{{Old: h, New: h}})
		}, func(int) { c.newClusters() })
	})
}

// BenchmarkClustersAnew makes them from all hazards, and says how many bytes they
// take.
func BenchmarkClustersAnew(b *testing.B) {
	benchOver(b, func(b *testing.B, c *benchCity) {
		var made *clusters
		for b.Loop() {
			made = c.newClusters()
		}
		bytes, members := 0, 0
		made.Scan(func(_ uint32, t *clusterTile) bool {
			bytes += int(unsafe.Sizeof(*t))
			for _, row := range t {
				bytes += len(row) * int(unsafe.Sizeof(square{}))
				for _, q := range row {
					members += len(q.members)
				}
			}
			return true
		})
		b.ReportMetric(float64(bytes+members*int(unsafe.Sizeof(member{}))), "kept-B")
		b.ReportMetric(float64(members), "members")
	})
}
