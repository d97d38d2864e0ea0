package ingest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/datum"
	"riskatlas/data/memory"
)

// An industry that is not known keeps its row aside, with those that it may be.
func TestUnknownIndustry(t *testing.T) {
	p := profile(t, "hangzhou")
	for _, c := range []struct{ text, want string }{
		{"加油加气站", "I04 加油站"},
		{"中小学校", "C09 学校"},
		{"医院", "C05 医院等医疗机构"},
		{"petrol stations", "I04 加油站"},
		{"Petrol-Station ", ""}, // is known
		{"bank", "I01, I02"},
		{"=1+1", "I01, I02"},
	} {
		b := parse(t, "a.csv", csvOf(map[string]string{"industry": c.text}), Options{Profile: p})
		if c.want == "" {
			totals(t, b, "read 1 accepted 1 rejected 0 quarantined 0")
			continue
		}
		totals(t, b, "read 1 accepted 0 rejected 0 quarantined 1")
		q, kept := b.Report.Problems[0], b.Report.Kept[0]
		if q.Kind != "industry_unknown" || q.Severity != Quarantined || q.Value != c.text || q.Line != 2 || !strings.Contains(q.Want, c.want) {
			t.Errorf("%s: %+v", c.text, q)
		}
		if kept.Line != 2 || kept.Severity != Quarantined || fmt.Sprint(kept.Cells) != "[[id A-1] [industry "+strings.TrimSpace(c.text)+"] [lat 30.2741] [level 2] [lon 120.1551] [name n]]" {
			t.Errorf("%s: kept %+v", c.text, kept)
		}
	}
}

// A district of another time is turned into today's where the street or the place
// is sure, and keeps its row aside where neither is.
func TestDistrictsOfAnotherTime(t *testing.T) {
	p := profile(t, "hangzhou")
	xiasha, linping, yuhang := []string{"120.345", "30.305"}, []string{"120.300", "30.420"}, []string{"119.935", "30.275"}
	jiubao, hezhuang, xiaoshan, wulin := []string{"120.270", "30.312"}, []string{"120.470", "30.310"}, []string{"120.264", "30.184"}, []string{"120.163", "30.272"}
	for _, c := range []struct {
		district, vintage, street string
		at                        []string
		stated, said              string // the district that the record states; "" is quarantined
	}{
		{"下城区", "", "", wulin, "330105", "the whole of it"},
		{"330103", "", "", wulin, "330105", "the whole of it"},
		{"江干区", "", "下沙街道", xiasha, "330114", "by its street"},
		{"江干", "", "", xiasha, "330114", "by its place"},
		{"330104", "", "九堡街道", jiubao, "330102", "by its street"},
		{"330104", "", "", jiubao, "330102", "by its place"},
		{"330104", "", "", linping, "", "330114 (street 下沙, 白杨)"},
		{"330104", "2019", "", linping, "330104", "it lies in 330113"}, // kept and warned of
		{"330104", "2019", "", xiasha, "330104", ""},                   // a named vintage is kept
		{"330104", "2019", "下沙", linping, "330104", ""},
		{"萧山区", "", "河庄街道", hezhuang, "330114", "by its street"},
		{"330109", "", "", hezhuang, "330114", "by its place"},
		{"330109", "", "", xiaoshan, "330109", ""},
		{"330109", "2021", "", hezhuang, "330109", ""}, // and is said to be wrong
		{"余杭区", "", "", linping, "330113", "by its place"},
		{"余杭区", "", "塘栖镇", linping, "330113", "by its street"},
		{"余杭区", "", "", yuhang, "330110", ""},
		{"330106", "", "", xiasha, "330106", ""}, // wrong now as then
	} {
		b := parse(t, "a.csv", csvOf(map[string]string{"district": c.district, "district_vintage": c.vintage, "street": c.street, "lon": c.at[0], "lat": c.at[1]}), Options{Profile: p})
		want := ""
		for _, q := range b.Report.Problems {
			if q.Kind == "district_converted" || q.Kind == "district_undecided" {
				want = q.Want
			}
		}
		stated := ""
		if len(b.Records) == 1 {
			stated = p.Taxonomy.DistrictCode(b.Records[0].Hazard.Stated)
		}
		if stated != c.stated || !strings.Contains(want, c.said) || (c.said == "") != (want == "") {
			t.Errorf("%+v: stated %q, said %q; %s", c, stated, want, b.Report.Totals())
		}
	}
}

// scattered draws places of the city with the district of the surveyed
// boundaries that each lies in.
func scattered(t *testing.T, store data.Units, n int, seed uint64) (places []orb.Point, codes []string) {
	t.Helper()
	p := profile(t, "hangzhou")
	bounds, err := newBoundaries(context.Background(), p, store)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(seed, 1))
	for len(places) < n {
		at := orb.Point{119.6 + random.Float64(), 29.9 + 0.6*random.Float64()}
		if code, _ := bounds.code(at); code != "" {
			places, codes = append(places, at), append(codes, code)
		}
	}
	return places, codes
}

func listOf(places []orb.Point, codes []string, as datum.Datum) string {
	var text strings.Builder
	text.WriteString("id,name,industry,level,lon,lat,district,district_vintage\n")
	for i, at := range places {
		q := as.FromWGS84(at)
		fmt.Fprintf(&text, "S%d,s%d,C01,1,%.7f,%.7f,%s,2021\n", i, i, q[0], q[1], codes[i])
	}
	return text.String()
}

// A list in another datum than it is read in is kept aside whole, with the datum
// that it looks like; what is said with --datum is believed, and a list that is
// right, or only full of slips, is not suspected.
func TestDatumOfAWholeList(t *testing.T) {
	store, p := withDistricts(t)
	const n = 600
	places, codes := scattered(t, store, n, 7)
	slips := append([]string(nil), codes...)
	for i := range 40 { // stated wrongly, wherever they lie
		slips[i] = codes[(i+300)%n]
	}
	for _, c := range []struct {
		codes     []string
		as        datum.Datum
		said      string
		looksLike string
	}{
		{codes, datum.WGS84, "", ""},
		{slips, datum.WGS84, "", ""},
		{codes, datum.GCJ02, "", "gcj02"},
		{slips[:300], datum.GCJ02, "gcj02", ""},
		{codes, datum.GCJ02, "wgs84", ""},
		{codes, datum.BD09, "", "bd09"},
		{codes, datum.BD09, "bd09", ""},
	} {
		text := listOf(places[:len(c.codes)], c.codes, c.as)
		b := parse(t, "a.csv", text, Options{Profile: p, Units: store, Datum: c.said})
		r := b.Report
		if c.looksLike == "" {
			if r.Accepted != len(c.codes) || b.whole {
				t.Errorf("%v said %q: %s %v", c.as, c.said, r.Totals(), r.Kinds)
			}
			continue
		}
		if r.Quarantined != n || len(b.Records) != 0 || r.Kinds["datum_wrong"] != n || len(r.Kept) != n {
			t.Errorf("%v: %s %v", c.as, r.Totals(), r.Kinds)
		}
		if q := r.Problems[len(r.Problems)-1]; !strings.Contains(q.Want, "use --datum "+c.looksLike) || q.Line != n+1 {
			t.Errorf("%v: %+v", c.as, q)
		}
	}
	// Nothing of it is written, and a complete delivery of it suspends nothing.
	held := memory.New(p.Taxonomy)
	opts := Options{Profile: p, Units: store, Delivery: &Delivery{Source: "body", Complete: true}}
	deliver(t, held, "a.csv", listOf(places, codes, datum.WGS84), opts)
	if r := deliver(t, held, "b.csv", listOf(places, codes, datum.GCJ02), opts); r.Delivery.Gone != 0 || r.Revision != 0 || r.Kinds["gone_unknown"] != 1 || r.Quarantined != n {
		t.Errorf("%s %+v", r.Totals(), r.Delivery)
	}
}

// Records that the store holds and that all move by what a datum differs tell the
// datum too, where no district is stated.
func TestDatumByWhatIsHeld(t *testing.T) {
	p := profile(t, "hangzhou")
	places := []orb.Point{{120.15, 30.27}, {120.16, 30.28}, {120.17, 30.26}, {120.18, 30.25}, {120.19, 30.29}, {120.2, 30.3}}
	list := func(as datum.Datum) string {
		var b strings.Builder
		b.WriteString("id,name,industry,level,lon,lat\n")
		for i, at := range places {
			q := as.FromWGS84(at)
			fmt.Fprintf(&b, "S%d,s,C01,1,%.7f,%.7f\n", i, q[0], q[1])
		}
		return b.String()
	}
	store := memory.New(p.Taxonomy)
	deliver(t, store, "a.csv", list(datum.WGS84), Options{Profile: p})
	for range 2 {
		r := deliver(t, store, "b.csv", list(datum.GCJ02), Options{Profile: p})
		if r.Quarantined != len(places) || r.Revision != 0 || !strings.Contains(r.Problems[len(r.Problems)-1].Want, "6 of the 6") {
			t.Fatalf("%s %v", r.Totals(), r.Problems)
		}
	}
	if r := deliver(t, store, "b.csv", list(datum.GCJ02), Options{Profile: p, Datum: "gcj02"}); r.Quarantined != 0 {
		t.Errorf("said: %s", r.Totals())
	}
	if r := deliver(t, store, "b.csv", list(datum.BD09), Options{Profile: p, Datum: "wgs84"}); r.Changed != len(places) {
		t.Errorf("insisted on: %s", r.Totals())
	}
}
