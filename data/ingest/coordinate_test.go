package ingest

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

func TestDegrees(t *testing.T) {
	const want = 120 + 9.0/60 + 18.4/3600
	for _, text := range []string{`120°9'18.4"`, `120° 9' 18.4" E`, `E120°9′18.4″`, `东经120度9分18.4秒`, `120º09’18.4’’`, `120:9:18.4`, `１２０°９′１８．４″`, `120˚9'18.4''e`, `120°9'18.4”`, `120°9.306666666666667'`} {
		if v, ok := parseDegrees(text, false); !ok || math.Abs(v-want) > 1e-12 {
			t.Errorf("%s is %.15g, %v", text, v, ok)
		}
	}
	for text, want := range map[string]float64{`30°S`: -30, `南纬30°15′`: -30.25, `-30°15'`: -30.25, `30.5°N`: 30.5, `90°`: 90, `0°0'36"`: 0.01} {
		if v, ok := parseDegrees(text, true); !ok || math.Abs(v-want) > 1e-12 {
			t.Errorf("%s is %.15g, %v", text, v, ok)
		}
	}
	for _, text := range []string{"", "°", "120", "E", `30.5°15'`, `30°60'`, `30°15'60"`, `91°`, `30°15'20"10`, `30°15`, `30°N15'`, `30°E`, `N30°S`, `30°''`, `30°15''`, "30::15", "1e1°", "30°-15'", "NaN°"} {
		if v, ok := parseDegrees(text, true); ok {
			t.Errorf("%q was read as %g", text, v)
		}
	}
}

func FuzzDegrees(f *testing.F) {
	f.Add(`120°9'18.4"E`)
	f.Add("北纬30度16分")
	f.Fuzz(func(t *testing.T, text string) {
		for _, lat := range []bool{false, true} {
			if v, ok := parseDegrees(text, lat); ok && !(math.Abs(v) <= 180) {
				t.Errorf("%q is %g", text, v)
			}
		}
		parsePair(text)
	})
}

// TestPlacesInOneCell reads every form of a place that a cell may have.
func TestPlacesInOneCell(t *testing.T) {
	p := profile(t, "hangzhou")
	for _, cell := range []string{"120.1551,30.2741", "120.1551， 30.2741", "(120.1551, 30.2741)", "120.1551 30.2741", "POINT(120.1551 30.2741)",
		`{"type":"Point","coordinates":[120.1551,30.2741]}`, `120°9'18.36"E, 30°16'26.76"N`} {
		text := "名称,行业,等级,经纬度\nx,I04,2,\"" + strings.ReplaceAll(cell, `"`, `""`) + "\"\n"
		b := parse(t, "a.csv", text, Options{Profile: p})
		if b.Report.Accepted != 1 {
			t.Errorf("%s: %v", cell, b.Report.Problems)
			continue
		}
		if q := b.Records[0].Hazard.Shape.(orb.Point); math.Hypot(q[0]-120.1551, q[1]-30.2741) > 1e-12 {
			t.Errorf("%s is %v", cell, q)
		}
	}
}

// TestSwapped keeps aside what lies in the city only as latitude, longitude.
func TestSwapped(t *testing.T) {
	p := profile(t, "hangzhou")
	for name, text := range map[string]string{
		"a.csv":     csvOf(map[string]string{"lon": "30.2741", "lat": "120.1551"}),
		"b.csv":     csvOf(map[string]string{"lon": "", "lat": "", "geometry": "30.2741,120.1551"}),
		"a.geojson": collection("", featureText(`1`, `{"type":"LineString","coordinates":[[30.2741,120.1551],[30.3,120.3]]}`, propsText)),
	} {
		b := parse(t, name, text, Options{Profile: p})
		totals(t, b, "read 1 accepted 0 rejected 0 quarantined 1")
		for _, q := range b.Report.Problems {
			if q.Kind != "geometry_swapped" || q.Severity != Quarantined || !strings.Contains(q.Want, "120.1551,30.2741 would lie in the city") {
				t.Errorf("%s: %+v", name, q)
			}
		}
	}
}

func TestUnitsOfColumns(t *testing.T) {
	p := profile(t, "hangzhou")
	read := func(column string) (*Batch, Mapping) {
		b := parse(t, "a.csv", fmt.Sprintf("id,行业*,等级(必填),经度（°）,纬度（度）,主要危险物质,%s\na,I04,2,120.1551,30.2741,汽油,5\n", column), Options{Profile: p})
		for _, m := range b.Report.Files[0].Mapping {
			if m.Field == "max_t" {
				return b, m
			}
		}
		return b, Mapping{}
	}
	for column, how := range map[string]How{"max_t": ByName, "最大储量（t）": BySynonym, "最大储存量 [吨]": BySynonym, "设计最大储量/吨": BySynonym, "最大储量（单位：吨）": BySynonym} {
		b, m := read(column)
		if m.Column != column || m.How != how || len(m.Samples) != 1 || m.Samples[0] != "5" || b.Report.Accepted != 1 {
			t.Errorf("%s: %+v, %v", column, m, b.Report.Problems)
		}
	}
	for _, column := range []string{"最大储量（kg）", "最大储存量（万吨）", "设计最大储量/m3"} {
		b, m := read(column)
		if m.Field != "" || b.Report.Kinds["unit_differs"] != 1 {
			t.Errorf("%s was read as tonnes: %+v, %v", column, m, b.Report.Kinds)
		}
	}
}

func TestPreview(t *testing.T) {
	p := profile(t, "hangzhou")
	table := &ValueTable{Name: "kinds.csv", To: map[string]string{"油": "I04"}}
	b := parse(t, "a.csv", "station,level,经度,纬度,kind,负责人,indicators.pumps,备注\n甲站,2,120.1551,30.2741,油,某人,4,x\n乙站,2,120.1552,30.2741,油,另一人,4,y\n",
		Options{Profile: p, Map: map[string]string{"name": "station", "industry": "kind"}, Values: map[string]*ValueTable{"industry": table}, Set: map[string]string{"status": "active"}})
	var text strings.Builder
	if err := b.Report.WriteMapping(&text); err != nil {
		t.Fatal(err)
	}
	const want = `a.csv
  FIELD             COLUMN            FOUND BY                VALUES
  name              station           map                     甲站 | 乙站
  lon               经度              synonym                 120.1551 | 120.1552
  lat               纬度              synonym                 30.2741
  industry          kind              map, through kinds.csv  油
  level             level             exact                   2
  status                              set                     active
  responsible       负责人            synonym                 (personal)
  indicators.pumps  indicators.pumps  named                   4
  -                 备注              not used
`
	if text.String() != want {
		t.Errorf("got\n%s\nwant\n%s", text.String(), want)
	}
	var json strings.Builder
	if err := b.Report.WriteJSON(&json); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(json.String(), `"how": "synonym"`) || strings.Contains(json.String(), "某人") {
		t.Error(json.String())
	}
}
