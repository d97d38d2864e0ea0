package api

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/citytest"
	"riskatlas/data/demo"
)

// theirs is what encoding/json writes of a value, as huma asks it to.
func theirs(t interface{ Fatal(...any) }, v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTextsAreAppendedAsEncodingJSONDoes(t *testing.T) {
	check := func(t interface{ Fatal(...any) }, s string) {
		want := bytes.TrimSuffix(theirs(t, s), []byte("\n"))
		if got := appendText([]byte("x"), s); string(got) != "x"+string(want) {
			t.Fatal(s, string(got), string(want))
		}
	}
	for _, s := range []string{"", "a<b>&c", "\u2028\u2029\u2027", "\xff\xfe", "\xe2\x80", "危险\"源\\", "\x7f", "\ufffd", "a\xe2\x80\xa8b"} {
		check(t, s)
	}
	for c := range 256 {
		check(t, "a"+string([]byte{byte(c)})+"b")
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.String().Draw(t, "text"))
		check(t, string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")))
	})
	if got := appendTexts(nil, []string{"a", `"`}); string(got) != `["a","\""]` {
		t.Error(string(got))
	}
	if string(appendTexts(nil, nil)) != "null" || string(appendTexts(nil, []string{})) != "[]" {
		t.Error("a nil list is null, an empty one is []")
	}
}

func TestNumbersAreAppendedAsEncodingJSONDoes(t *testing.T) {
	short := 0
	check := func(t interface{ Fatal(...any) }, x float64) {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return
		}
		if got, want := appendNumber([]byte("x"), x), "x"+strings.TrimSpace(string(theirs(t, x))); string(got) != want {
			t.Fatal(x, string(got), want)
		}
		got := string(appendShape(nil, orb.Point{x, -x}))
		if want := string(data.AppendGeometry(nil, orb.Point{x, -x})); got != want {
			t.Fatal(x, got, want)
		}
		if _, ok := appendDecimal(nil, x); ok {
			short++
		}
	}
	for _, x := range []float64{0, math.Copysign(0, -1), 1e-6, 9.999999e-7, 1e-7, 1e-9, 1e20, 1e21, 1e22, 123456789, 12345678.9999999, 99999999.99999999,
		1e8, 1e8 - 1e-7, math.MaxFloat64, math.SmallestNonzeroFloat64, 120.1551, 0.1, 0.3, 0.1 + 0.2, 1.0 / 3, 4.1e-5, 0.0000411, 359.99, 1e15} {
		for _, y := range []float64{x, -x, math.Nextafter(x, 2*x), math.Nextafter(x, 0)} {
			check(t, y)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.Float64().Draw(t, "any"))
		check(t, rapid.Float64Range(-180, 180).Draw(t, "degrees"))
		check(t, math.Round(rapid.Float64Range(-180, 180).Draw(t, "place")*1e6)/1e6)
		check(t, millimetres(rapid.Float64Range(0, 1e6).Draw(t, "metres")))
		check(t, hundredths(rapid.Float64Range(0, 360).Draw(t, "bearing")))
		check(t, float64(rapid.Int64().Draw(t, "risk"))/1e15)
		check(t, math.Float64frombits(rapid.Uint64().Draw(t, "bits")))
	})
	if short < 150 {
		t.Errorf("%d numbers took the short way, want hundreds", short)
	}
}

// What is appended reads as the struct that the document describes, and the
// struct written by encoding/json is those bytes.
func sameAsStruct[T any](t *testing.T, target string, answer []byte) (v T) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(answer))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%s: %v in %s", target, err, answer)
	}
	if want := theirs(t, v); !bytes.Equal(answer, want) {
		t.Fatalf("%s: answered\n%s\nencoding/json writes\n%s", target, answer, want)
	}
	return v
}

// oddCity has sources of every shape, with texts that need care.
func oddCity(t *testing.T, view city.View) *world {
	rng := rand.New(rand.NewPCG(7, 7))
	var records []*data.Record
	for r := range demo.Hazards(hangzhou(t), 1500, 1) {
		h := *r.Hazard
		switch rng.IntN(8) {
		case 0:
			h.Name, h.Regulator = "<a href=\"x\">&\t\u2028", "局\\\"<>"
		case 1:
			h.NameEn, h.Exposed = "", data.Exposed{}
		case 2:
			h.Shape = citytest.NewMaker(rng, citytest.Bound).Shaped("x", h.Label()).Shape
		}
		sealed, err := h.Seal()
		if err != nil {
			continue // an accident that the new shape cannot have
		}
		d := r.Detail
		switch rng.IntN(6) {
		case 0:
			d.Measures, d.Enterprise = nil, "<&>\u2029"
		case 1:
			d.Measures = &data.Measures{Engineering: []string{"a\"b", ""}, Emergency: []string{}}
		case 2:
			d.Responsible = ""
		}
		records = append(records, &data.Record{Hazard: sealed, Detail: d})
	}
	if len(records) < 1200 {
		t.Fatalf("%d records are left", len(records))
	}
	return newWorld(t, view, records, nil, func(o *Options) { o.Synthetic = view == city.PublicView })
}

func TestNearbyIsAppendedAsItsStruct(t *testing.T) {
	for _, view := range []city.View{city.InternalView, city.PublicView} {
		w := oddCity(t, view)
		rng := rand.New(rand.NewPCG(8, 8))
		more, listed := 0, 0
		for range 300 {
			target := "/api/v1/nearby?" + at(orb.Point{120.05 + rng.Float64()*0.25, 30.15 + rng.Float64()*0.2}) +
				[]string{"", "&radius=20000", "&reach=true", "&reach=true&radius=900", "&radius=5000&level=3,4"}[rng.IntN(5)] +
				[]string{"", "&limit=1", "&limit=7", "&limit=10000"}[rng.IntN(4)] + []string{"", "&crs=gcj02", "&crs=bd09"}[rng.IntN(3)]
			got := sameAsStruct[Nearby](t, target, w.get(target).Body.Bytes())
			listed += len(got.Features)
			if got.More {
				more++
			}
		}
		if more < 50 || listed < 1000 {
			t.Errorf("%d answers were cut, %d sources listed: want many", more, listed)
		}
	}
}

func TestRiskIsAppendedAsItsStruct(t *testing.T) {
	for _, view := range []city.View{city.InternalView, city.PublicView} {
		w := oddCity(t, view)
		rng := rand.New(rand.NewPCG(9, 9))
		var places []orb.Point
		for h := range w.viewer.View().All(data.All(), "") {
			places = append(places, h.Label())
		}
		cells, measured := 0, 0
		for range 200 {
			target := "/api/v1/risk?" + at(places[rng.IntN(len(places))]) +
				[]string{"", "&zoom=8", "&zoom=12&stat=share", "&zoom=16", "&level=3,4&cuts=new-build"}[rng.IntN(5)] +
				[]string{"", "&limit=1", "&limit=3"}[rng.IntN(3)] + []string{"", "&crs=gcj02"}[rng.IntN(2)]
			got := sameAsStruct[Risk](t, target, w.get(target).Body.Bytes())
			if got.Cell != nil {
				cells++
			}
			for _, c := range got.Contributions {
				if c.Measures != nil {
					measured++
				}
			}
		}
		if cells < 50 || measured < 50 {
			t.Errorf("%d answers with a cell, %d measures: want many", cells, measured)
		}
	}
}
