package data_test

import (
	"errors"
	"math"
	"testing"
	"unsafe"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// A city holds a million hazards: a field more is a decision.
func TestHazardIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(data.Hazard{}); size != 192 {
		t.Errorf("a hazard takes %d bytes, want 192, a size that Go allocates without loss", size)
	}
}

// The extent is kept as the little that it goes beyond the shape: it still holds
// all that the scenarios reach, and not a metre more in 20 km.
func TestExtentHoldsTheReach(t *testing.T) {
	for _, h := range hazards(2000) {
		want := h.Shape.Bound()
		for _, s := range h.Scenarios {
			if s.Footprint.Kind == data.Zone {
				for _, z := range s.Footprint.Zones {
					want = want.Union(data.PadMetres(z.Shape.Bound(), s.Footprint.Reach()))
				}
			}
		}
		want = want.Union(data.PadMetres(h.Shape.Bound(), h.Reach()))
		got := h.Extent()
		if got.Union(want) != got {
			t.Fatalf("%s: %v, want at least %v", h.ID, got, want)
		}
		for i := range 2 {
			for _, more := range []float64{want.Min[i] - got.Min[i], got.Max[i] - want.Max[i]} {
				if most := 1e-11 + 2e-7*(want.Max[i]-want.Min[i]); more > most {
					t.Fatalf("%s: %v goes %v degrees beyond %v, want at most %v", h.ID, got, more, want, most)
				}
			}
		}
		if h.Bound() != h.Shape.Bound() || h.Label() != data.LabelPoint(h.Shape) {
			t.Fatalf("%s: bound %v, label %v", h.ID, h.Bound(), h.Label())
		}
	}
}

func TestSealAsSealsWhatIsComplete(t *testing.T) {
	for _, h := range hazards(200) {
		other, none := *h, *h
		other.Districts[1]++
		want, err := other.Seal()
		if err != nil {
			t.Fatal(err)
		}
		got, err := h.SealAs(func(h *data.Hazard) error {
			if h.Label() != want.Label() || h.Bound() != want.Bound() {
				t.Errorf("%s is not measured before it is completed", h.ID)
			}
			h.Districts[1]++
			return nil
		})
		if err != nil || got.Digest(data.LayerHazards) != want.Digest(data.LayerHazards) || got.Digest(data.LayerHazards) == h.Digest(data.LayerHazards) ||
			got.Digest(data.LayerRisk) != h.Digest(data.LayerRisk) || got.Districts != want.Districts {
			t.Errorf("%s: %v", h.ID, err)
		}
		if again, err := none.SealAs(func(*data.Hazard) error { return data.ErrLeftOut }); again != nil || !errors.Is(err, data.ErrLeftOut) {
			t.Errorf("%s: %v, %v", h.ID, again, err)
		}
	}
}

// The digests are parts of cache keys: these are what they were.
func TestDigestsStay(t *testing.T) {
	f, err := data.NewFootprint(data.Footprint{Kind: data.Linear, V0: 1, R1: 30, R2: 100})
	if err != nil {
		t.Fatal(err)
	}
	line := make(orb.LineString, 60) // more than the bytes that a seal sets aside
	for i := range line {
		line[i] = orb.Point{120 + float64(i)/1024, 30 + math.Sqrt(float64(i))/1024}
	}
	for _, c := range []struct {
		shape      orb.Geometry
		risk, show uint64
	}{
		{orb.Point{120.25, 30.125}, 0x1e3ca129ad697e8, 0x40d0db1cc7daf291},
		{line, 0x38c5f5fc84659f08, 0x539ede678fe4964d},
	} {
		h, err := data.Hazard{ID: "HZ-1", Name: "名", Class: data.Class{Industry: 3, Level: data.Major, Districts: [4]data.District{1, 5, 1, 1}}, Shape: c.shape,
			Scenarios: []data.Scenario{{Outcome: data.OutcomeIndex, Basis: data.Equivalent, PerYear: 2e-5, Footprint: f}}}.Seal()
		if err != nil {
			t.Fatal(err)
		}
		if risk, show := h.Digest(data.LayerRisk), h.Digest(data.LayerHazards); risk != c.risk || show != c.show {
			t.Errorf("%T: %#x, %#x, want %#x, %#x", c.shape, risk, show, c.risk, c.show)
		}
	}
}

func TestHotReaderReadsAsDecodeHot(t *testing.T) {
	var in data.Intern
	r := data.NewHotReader(&in)
	for range 2 { // met, then known
		for _, h := range hazards(300) {
			b := data.AppendHot(nil, h)
			want, err := decodeHot(b, &in)
			if err != nil {
				t.Fatal(err)
			}
			var got data.Hazard
			if err := r.Decode(b, &got); err != nil || len(got.Scenarios) != len(want.Scenarios) || got.Exposed != want.Exposed {
				t.Fatalf("%s: %+v, want %+v, %v", h.ID, got, want, err)
			}
			for i := range want.Scenarios {
				if got.Scenarios[i] != want.Scenarios[i] {
					t.Errorf("%s: %+v, want %+v", h.ID, got.Scenarios[i], want.Scenarios[i])
				}
			}
			if err := r.Decode(b[:len(b)-1], &got); err == nil {
				t.Errorf("%s: cut bytes were taken", h.ID)
			}
		}
	}
}

// BenchmarkSeal seals hazards of all shapes: two digests and one allocation, and
// one more where the shape is no point.
func BenchmarkSeal(b *testing.B) {
	hs := hazards(1000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := hs[i%len(hs)].Seal(); err != nil {
			b.Fatal(err)
		}
	}
}
