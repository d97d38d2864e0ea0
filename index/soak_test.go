package index

import (
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// After ten thousand changes, a million hazards in the long way that they came to
// be are those that a fresh load gives.
func TestMillionAfterManyChangesIsItselfLoaded(t *testing.T) {
	if os.Getenv("RISKATLAS_SOAK") == "" {
		t.Skip("takes minutes: RISKATLAS_SOAK=1")
	}
	c := demoCity(t, 1_000_000)
	rng, s := newRand(95), c.Snapshot
	city := map[data.ID]*data.Hazard{}
	for _, h := range c.hazards {
		city[h.ID] = h
	}
	merges := newMerging((*roll).wantsMerge)
	defer merges.wait()
	const changes = 10_000
	took, bases := make([]time.Duration, 0, changes), map[*packed]bool{}
	busy := time.Duration(0)
	for range changes {
		old, other := c.hazards[rng.IntN(len(c.hazards))], c.hazards[rng.IntN(len(c.hazards))]
		batch := data.Change{ID: old.ID}
		switch rng.IntN(4) {
		case 0:
			delete(city, old.ID)
		case 1: // a new one, where another is
			h := *other
			h.ID = citytest.ID(rng.IntN(1 << 30))
			batch = record(citytest.Seal(h))
			city[h.ID] = batch.New.Hazard
		default:
			h := *old
			h.Shape, h.Scenarios, h.Districts = other.Shape, other.Scenarios, other.Districts
			batch = record(citytest.Seal(h))
			city[h.ID] = batch.New.Hazard
		}
		start, cpu := time.Now(), processTime()
		s = merges.finished(s)
		resolved := s.resolve([]data.Change{batch})
		s = s.next(resolved)
		merges.saw(s, resolved)
		took = append(took, time.Since(start))
		busy += processTime() - cpu
		bases[s.roll.base] = true
	}
	slices.Sort(took)
	t.Logf("a change: p50 %v, p99 %v, %v of the processor with the merges; %d bases", took[changes/2], took[changes*99/100], busy/changes, len(bases))
	if len(bases) < 3 {
		t.Errorf("%d bases: merges were not taken over", len(bases))
	}
	fresh := newSnapshot(c.tax)
	for _, kind := range c.Kinds() {
		fresh, _ = fresh.withUnits(c.tax, kind, c.Units(kind))
	}
	sameAnswers(t, fresh.next(news(slices.SortedFunc(maps.Values(city), byID))), s, c)
}

// sameAnswers asks two states many questions.
func sameAnswers(t *testing.T, a, b *Snapshot, c *benchCity) {
	rng := newRand(96)
	if a.Len() != b.Len() || !slices.Equal(a.reach, b.reach) {
		t.Errorf("%d and %d hazards, or they reach other districts", a.Len(), b.Len())
	}
	asked := 0
	for range 2000 {
		p := c.hazards[rng.IntN(len(c.hazards))].Label()
		f := randomFilter(rng, c.tax)
		tile := maptile.At(p, maptile.Zoom(5+rng.IntN(13)))
		for l := range data.LayerCount {
			if x := a.Fingerprint(tile, l, f); x != b.Fingerprint(tile, l, f) {
				t.Errorf("%v %s %+v: another fingerprint", tile, l, f)
			} else if x != 0 {
				asked++
			}
		}
		if a.Count(f) != b.Count(f) {
			t.Errorf("%+v: another count", f)
		}
		if tile.Z >= 12 && (!slices.Equal(sortedIDs(a.Within(tile.Bound(), f)), sortedIDs(b.Within(tile.Bound(), f))) ||
			!slices.Equal(sortedIDs(a.Reaching(tile.Bound(), f)), sortedIDs(b.Reaching(tile.Bound(), f)))) {
			t.Errorf("%v %+v: others within or reaching", tile, f)
		}
		if x, y := firstOf(a, p, f), firstOf(b, p, f); !slices.Equal(x, y) {
			t.Errorf("%v %+v: others are nearest: %v and %v", p, f, x, y)
		}
	}
	if asked < 1000 {
		t.Errorf("%d fingerprints of something, want many", asked)
	}
}

// firstOf is the twenty nearest.
func firstOf(s *Snapshot, p [2]float64, f data.Filter) (ids []data.ID) {
	for h := range s.Nearest(p, f) {
		if ids = append(ids, h.ID); len(ids) == 20 {
			break
		}
	}
	return ids
}
