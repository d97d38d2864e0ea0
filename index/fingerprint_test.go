package index

import (
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

func TestFingerprintBySum(t *testing.T) {
	// The second city lies where four tiles of every zoom from 5 meet.
	corner := orb.Point{112.5, latitude(13.0 / 32)}
	for _, bound := range []orb.Bound{citytest.Bound, {Min: orb.Point{corner[0] - 0.1, corner[1] - 0.1}, Max: orb.Point{corner[0] + 0.1, corner[1] + 0.1}}} {
		rng, tax := newRand(11), citytest.Taxonomy()
		hs := citytest.Hazards(rng, 150, bound)
		s := cityOf(t, hs)
		some := 0
		for range 200 {
			tile, l, f := randomTile(rng, hs), hazardLayers[rng.IntN(len(hazardLayers))], randomFilter(rng, tax)
			got := s.Fingerprint(tile, l, f)
			if !isSum(got, hs, tile, l, f) {
				t.Errorf("%v %s %+v: %x is not the sum of what it shows", tile, l, f, got)
			}
			if got != 0 {
				some++
			}
		}
		if some < 60 {
			t.Errorf("only %d of the questions had anything to sum", some)
		}
	}
}

// A change renews the tiles that show it and no other.
func TestFingerprintChangesWithWhatIsShown(t *testing.T) {
	rng := newRand(12)
	hs := citytest.Hazards(rng, 200, citytest.Bound)
	s := cityOf(t, hs)
	m := citytest.NewMaker(rng, citytest.Bound)
	renewed, kept := 0, 0
	for range 300 {
		old := hs[rng.IntN(len(hs))]
		h := m.Changed(old)
		n := s.With(record(h))
		for range 6 {
			tile, l := randomTile(rng, []*data.Hazard{old, h}), hazardLayers[rng.IntN(len(hazardLayers))]
			was, is := belongs(old, tile, l), belongs(h, tile, l)
			if was == maybe || is == maybe {
				continue
			}
			want := was != is || was == yes && old.Digest(l) != h.Digest(l)
			got := s.Fingerprint(tile, l, data.All()) != n.Fingerprint(tile, l, data.All())
			if got != want {
				t.Errorf("%v %s: renewed %t, want %t: %+v to %+v", tile, l, got, want, old, h)
			}
			if want {
				renewed++
			} else {
				kept++
			}
		}
	}
	if renewed < 100 || kept < 100 {
		t.Errorf("renewed %d, kept %d: want many of each", renewed, kept)
	}
}

// A box that is no tile renews with all that reaches it and with nothing far off.
func TestFingerprintOverCoversItsBox(t *testing.T) {
	rng := newRand(13)
	hs := citytest.Hazards(rng, 150, citytest.Bound)
	s := cityOf(t, hs)
	m := citytest.NewMaker(rng, citytest.Bound)
	renewed, kept := 0, 0
	for range 250 {
		old := hs[rng.IntN(len(hs))]
		h := m.Hazard(old.ID)
		n := s.With(record(h))
		l := hazardLayers[rng.IntN(len(hazardLayers))]
		at, size := old.Label(), 0.002*float64(int(1)<<rng.IntN(8))
		if rng.IntN(2) == 0 {
			at[0] += size * 6
		}
		lo := orb.Point{at[0] - size*(rng.Float64()*2-0.5), at[1] - size*(rng.Float64()*2-0.5)}
		box := orb.Bound{Min: lo, Max: orb.Point{lo[0] + size, lo[1] + size*0.8}}
		got := s.FingerprintOver(box, l, data.All()) != n.FingerprintOver(box, l, data.All())
		switch {
		case inBox(old, box, l) || inBox(h, box, l):
			if !got && old.Digest(l) != h.Digest(l) {
				t.Errorf("%v %s: not renewed by %s", box, l, h.ID)
			}
			renewed++
		case !inBox(old, wider(box), l) && !inBox(h, wider(box), l):
			if got {
				t.Errorf("%v %s: renewed by %s, which is far off", box, l, h.ID)
			}
			kept++
		}
	}
	if renewed < 40 || kept < 40 {
		t.Errorf("renewed %d, kept %d: want many of each", renewed, kept)
	}
}

// inBox is the oracle's view of what a layer takes of a hazard in a box.
func inBox(h *data.Hazard, box orb.Bound, l data.Layer) bool {
	if h.Status != data.Active {
		return false
	}
	if l != data.LayerRisk && l != data.LayerGrid {
		g := shownIn(h, l)
		return g != nil && planeDistance(g, box) == 0
	}
	for _, g := range grounds(nil, h, 0) {
		if planeDistance(g.shape, box) <= g.metres*0.998 {
			return true
		}
	}
	return false
}

// wider is the box and more than two tiles of its size on every side.
func wider(b orb.Bound) orb.Bound {
	w := 3 * max(b.Max[0]-b.Min[0], b.Max[1]-b.Min[1])
	return b.Pad(w)
}
