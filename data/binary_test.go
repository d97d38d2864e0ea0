package data_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"runtime"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

func hazards(n int) []*data.Hazard {
	hs := citytest.Hazards(rand.New(rand.NewPCG(5, 6)), n, citytest.Bound)
	for i, h := range hs {
		peopled := *h
		if i%3 > 0 {
			peopled.Exposed = data.Exposed{Day: int32(i * i), Night: int32(i), Known: true}
		}
		peopled.Protection = data.Protection(i % len(data.ProtectionKeys))
		hs[i] = &peopled
	}
	return hs
}

// decodeHot gives what the bytes say of a hazard.
func decodeHot(b []byte, in *data.Intern) (data.Hazard, error) {
	var h data.Hazard
	err := data.DecodeHot(b, &h, in)
	return h, err
}

func TestScenariosRoundTrip(t *testing.T) {
	var in data.Intern
	first := map[[32]byte]*data.Footprint{}
	for _, h := range hazards(500) {
		b := data.AppendHot([]byte("before"), h)[len("before"):]
		read, err := decodeHot(b, &in)
		if err != nil {
			t.Fatalf("%s: %v", h.ID, err)
		}
		if read.Exposed != h.Exposed || read.Protection != h.Protection {
			t.Errorf("%s: %+v, %v, want %+v, %v", h.ID, read.Exposed, read.Protection, h.Exposed, h.Protection)
		}
		for i, s := range read.Scenarios {
			want := h.Scenarios[i]
			f := s.Footprint
			if s.Footprint = want.Footprint; s != want {
				t.Errorf("%s: %+v, want %+v", h.ID, s, want)
			}
			if f.Digest() != want.Footprint.Digest() || f.Reach() != want.Footprint.Reach() {
				t.Errorf("%s: another footprint", h.ID)
			}
			if held := first[f.Digest()]; held != nil && held != f {
				t.Errorf("%s: equal footprints at two places", h.ID)
			}
			first[f.Digest()] = f
		}
	}
	if len(first) < 50 || in.Len() != len(first) {
		t.Errorf("%d footprints, %d interned", len(first), in.Len())
	}
	if got, err := decodeHot(data.AppendHot(nil, &data.Hazard{}), &in); got.Scenarios != nil || err != nil {
		t.Errorf("no scenarios became %v, %v", got.Scenarios, err)
	}
}

func TestScenariosRefuseDamage(t *testing.T) {
	var in data.Intern
	refused, cut := 0, 0
	for _, h := range hazards(60) {
		b := data.AppendHot(nil, h)
		for n := range min(len(b), 200) {
			if _, err := decodeHot(b[:n], &in); err == nil {
				t.Fatalf("%s: %d of %d bytes taken", h.ID, n, len(b))
			}
			cut++
		}
		if _, err := decodeHot(append(bytes.Clone(b), 0), &in); err == nil {
			t.Fatalf("%s: a byte past the end taken", h.ID)
		}
		for n := range min(len(b), 200) {
			spoilt := bytes.Clone(b)
			spoilt[n] ^= 0x80
			// A changed frequency or lethality may still be one: what is taken must be whole.
			got, err := decodeHot(spoilt, &in)
			if err != nil {
				refused++
			} else if !bytes.Equal(data.AppendHot(nil, &got), spoilt) {
				t.Fatalf("%s: byte %d spoilt: read as something else", h.ID, n)
			}
		}
	}
	if refused == 0 || cut == 0 {
		t.Error("nothing was tried")
	}
	huge := []byte{2, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}
	if _, err := decodeHot(huge, &in); err == nil {
		t.Error("2^62 scenarios taken")
	}
}

func TestInternLetsGo(t *testing.T) {
	var in data.Intern
	hs := hazards(200)
	var held [][]data.Scenario
	for _, h := range hs {
		read, err := decodeHot(data.AppendHot(nil, h), &in)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, read.Scenarios)
	}
	most := in.Len()
	runtime.KeepAlive(held)
	held = held[:1]
	one := len(held[0])
	clear(held[1:cap(held)])
	// Cleanups run soon after a collection, in their own time.
	for range 200 {
		runtime.GC()
		if in.Len() <= one {
			break
		}
	}
	if got := in.Len(); got > one || most < 50 {
		t.Errorf("%d of %d footprints held after all but one record was let go", got, most)
	}
	runtime.KeepAlive(held)
}

func TestInternIsSafeForConcurrentUse(t *testing.T) {
	var in data.Intern
	hs := hazards(100)
	got := make([][][]data.Scenario, 4)
	var wg sync.WaitGroup
	for w := range got {
		wg.Go(func() {
			for _, h := range hs {
				read, err := decodeHot(data.AppendHot(nil, h), &in)
				if err != nil {
					t.Error(err)
				}
				got[w] = append(got[w], read.Scenarios)
			}
		})
	}
	wg.Wait()
	for i := range hs {
		for k := range got[0][i] {
			if got[0][i][k].Footprint != got[3][i][k].Footprint {
				t.Fatalf("%s: equal footprints at two places", hs[i].ID)
			}
		}
	}
}

func TestShapesRoundTrip(t *testing.T) {
	kinds := map[string]bool{}
	for _, h := range hazards(300) {
		b := data.AppendShape(nil, h.Shape)
		got, err := data.DecodeShape(b)
		if err != nil || !reflect.DeepEqual(got, h.Shape) {
			t.Fatalf("%s: %v, %v", h.ID, got, err)
		}
		kinds[got.GeoJSONType()] = true
		for n := range min(len(b), 100) {
			if _, err := data.DecodeShape(b[:n]); err == nil {
				t.Fatalf("%s: %d of %d bytes taken", h.ID, n, len(b))
			}
		}
	}
	if len(kinds) != 6 {
		t.Errorf("only %v", kinds)
	}
}

func TestDetailFromProperties(t *testing.T) {
	tax := citytest.Taxonomy()
	staff, accuracy := 12, 1.5
	d := data.Detail{Address: "测试路 1 号", Staff: &staff, CoordAccuracyM: &accuracy, Synthetic: true,
		SourceCoords: json.RawMessage(`{"type":"Point","coordinates":[1,2]}`),
		Measures:     &data.Measures{Engineering: []string{"a<b>&c"}}, LevelInputs: map[string]any{"L": 3.0},
		Substances: []data.Substance{{Name: "氯", CAS: "7782-50-5", MaxT: 2.5}}}
	r := &data.Record{Hazard: hazards(1)[0], Detail: d}
	b, err := tax.AppendProperties(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	got, err := data.ParseDetail(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&d, got); diff != "" {
		t.Error(diff)
	}
	if _, err := data.ParseDetail([]byte(`{"staff":"many"}`)); err == nil {
		t.Error("a word for a number taken")
	}
}

func TestContentDigestSeesAllButTheRevision(t *testing.T) {
	tax := citytest.Taxonomy()
	h := *hazards(1)[0]
	digest := func(h data.Hazard, d data.Detail) uint64 {
		sum, err := tax.ContentDigest(&data.Record{Hazard: citytest.Seal(h), Detail: d})
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	want := digest(h, data.Detail{})
	h.Rev = 77
	if digest(h, data.Detail{}) != want {
		t.Error("the revision is in it")
	}
	if digest(h, data.Detail{DutyPhone: "1"}) == want {
		t.Error("the detail is not in it")
	}
	h.Status = data.Planned
	if digest(h, data.Detail{}) == want {
		t.Error("the status is not in it")
	}
}

func FuzzDecodeHot(f *testing.F) {
	for _, h := range hazards(40) {
		f.Add(data.AppendHot(nil, h))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var in data.Intern
		got, err := decodeHot(b, &in)
		if err != nil {
			return
		}
		again, err := decodeHot(data.AppendHot(nil, &got), &in)
		if err != nil || !reflect.DeepEqual(got, again) {
			t.Fatalf("%v became %v, %v", got, again, err)
		}
	})
}

func FuzzDecodeShape(f *testing.F) {
	for _, h := range hazards(40) {
		f.Add(data.AppendShape(nil, h.Shape))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := data.DecodeShape(b)
		if err != nil {
			return
		}
		if out := data.AppendShape(nil, g); len(out) > len(b) {
			t.Fatalf("%x became %x", b, out)
		}
		if data.CheckShape(g) == nil {
			if again, err := data.DecodeShape(data.AppendShape(nil, g)); err != nil || !orb.Equal(g, again) {
				t.Fatalf("%v became %v, %v", g, again, err)
			}
		}
	})
}

// BenchmarkDecodeHot reads scenarios from the binary form, and for its
// ratio from the interchange's JSON.
func BenchmarkDecodeHot(b *testing.B) {
	hs := hazards(1000)
	var in data.Intern
	binary, text := make([][]byte, len(hs)), make([][]byte, len(hs))
	for i, h := range hs {
		binary[i] = data.AppendHot(nil, h)
		text[i], _ = json.Marshal(h.Scenarios)
	}
	b.Run("json", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			var s []data.Scenario
			if err := json.Unmarshal(text[i%len(text)], &s); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("binary", func(b *testing.B) {
		b.ReportAllocs()
		var keep [1000]data.Hazard
		for i := 0; b.Loop(); i++ {
			var err error
			if keep[i%len(hs)], err = decodeHot(binary[i%len(hs)], &in); err != nil {
				b.Fatal(err)
			}
		}
	})
}
