package index

import (
	"testing"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

func TestFingerprintBySum(t *testing.T) {
	rng, tax := newRand(11), citytest.Taxonomy()
	hs := citytest.Hazards(rng, 300, citytest.Bound)
	s := cityOf(t, hs)
	some := 0
	for range 600 {
		tile, l, f := randomTile(rng, hs), hazardLayers[rng.IntN(len(hazardLayers))], randomFilter(rng, tax)
		got := s.Fingerprint(tile, l, f)
		if !isSum(got, hs, tile, l, f) {
			t.Errorf("%v %s %+v: %x is not the sum of what it shows", tile, l, f, got)
		}
		if got != 0 {
			some++
		}
	}
	if some < 200 {
		t.Errorf("only %d of the questions had anything to sum", some)
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
