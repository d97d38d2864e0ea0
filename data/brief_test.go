package data

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A brief is what the whole parser reads of the same properties.
func TestBriefIsPartOfTheDetail(t *testing.T) {
	var p BriefParser
	check := func(t interface{ Fatalf(string, ...any) }, raw string) {
		want, wantErr := ParseDetail([]byte(raw))
		for range 2 { // the second time measures are remembered
			got, err := p.Parse(raw)
			if wantErr != nil {
				if err == nil && strings.Contains(raw, `"bad"`) {
					t.Fatalf("%s: read as %+v, want an error", raw, got)
				}
				return
			}
			if err != nil {
				t.Fatalf("%s: %v", raw, err)
			}
			brief := Brief{Enterprise: want.Enterprise, Responsible: want.Responsible, Measures: want.Measures, Shared: got.Shared}
			if !reflect.DeepEqual(*got, brief) {
				t.Fatalf("%s: %+v, want %+v", raw, got, brief)
			}
		}
	}
	whole := `{"name":"a \"measures\":{ \\","scenarios":[{"x":[1,{"enterprise":"no"}]},[]],"indicators":{"measures":null,"s":"}]\\\""},` +
		`"measures":{"engineering":["喷淋","\"]}"],"management":null,"emergency":[],"monitoring":["\u2028<"]},"enterprise":"企业 \"\\","responsible":"\ud83d\ude00"}`
	for _, raw := range []string{whole, strings.ReplaceAll(whole, ",", " ,\n\t"), `{}`, ` { } `, `{"enterprise":"a"}x`, `{"enterprise":null,"measures":null}`,
		`{"Enterprise":"folded","responsible":"r"}`, `{"enterprise":"one","enterprise":"two"}`, `{"\u0065nterprise":"escaped"}`,
		`{"measures":{"engineering":["a"]},"measures":{"emergency":["b"]}}`, `{"synthetic":true,"staff":1.0e0,"enterprise":"x"}`,
		`[]`, `"bad"`, `{"enterprise":"bad"`, `{"enterprise":1,"x":"bad"}`, `{"measures":"bad"}`, `{"a":1,}`, `{"a"}`, ``, `{"enterprise":"x`, `{"a":`, `{"a":}`} {
		check(t, raw)
	}
	members := []string{`"enterprise":"a"`, `"enterprise":"\\"`, `"responsible":"\""`, `"measures":{"management":["x"]}`, `"measures":null`, `"a":[[],{}]`,
		`"name":"\\\\"`, `"b":-1.5e3`, `"c":true`, `"MEASURES":{"monitoring":["up"]}`}
	rapid.Check(t, func(t *rapid.T) {
		check(t, "{"+strings.Join(rapid.SliceOfN(rapid.SampledFrom(members), 0, 6).Draw(t, "members"), ",")+"}")
	})
}

func TestBriefsShareMeasures(t *testing.T) {
	var p BriefParser
	a, err := p.Parse(`{"measures":{"engineering":["x"]},"enterprise":"a"}`)
	if err != nil {
		t.Fatal(err)
	}
	b, err := p.Parse(`{"enterprise":"b","measures":{"engineering":["x"]}}`)
	if err != nil {
		t.Fatal(err)
	}
	if a.Shared || !b.Shared || a.Measures != b.Measures {
		t.Errorf("%+v %+v", a, b)
	}
}
