package ingest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"riskatlas/data/forms"
)

// Columns that are named by an indicator's key or by its name in either language
// give it; what its field does not take keeps the row out.
func TestColumnsGiveIndicators(t *testing.T) {
	p := profile(t, "hangzhou")
	head := "编号,名称,行业,风险等级,经度,纬度,"
	row := ",一号站,I04,一般,120.1551,30.2741,"
	b := parse(t, "a.csv", head+"加油加气站等级,汽油罐总容积 (m³),Diesel tank volume (m3),dispensers,可燃有毒气体报警,最近一次安全检查日期,indicators.tank_count\n"+
		"A"+row+"二级,90,30000升,8台,有,2019年10月12日,6\nB"+row+",,,,,,\n", Options{Profile: p})
	totals(t, b, "read 2 accepted 2 rejected 0 quarantined 0")
	want := map[string]any{"station_grade": "2", "petrol_tank_m3": 90.0, "diesel_tank_m3": 30.0, "dispensers": 8.0, "gas_alarm": true, "last_inspection": "2019-10-12", "tank_count": 6.0}
	if d := cmp.Diff(want, b.Records[0].Detail.Indicators); d != "" {
		t.Error(d)
	}
	if b.Records[1].Detail.Indicators != nil || len(b.Report.Files[0].Unused) > 0 {
		t.Errorf("%v, unused %v", b.Records[1].Detail.Indicators, b.Report.Files[0].Unused)
	}
	for _, c := range []struct{ column, value, kind, field, totals string }{
		{"汽油罐总容积", "lots", "indicator_invalid", "indicators.petrol_tank_m3", "read 1 accepted 0 rejected 1 quarantined 0"},
		{"petrol_tank_m3", "1001", "indicator_invalid", "indicators.petrol_tank_m3", "read 1 accepted 0 rejected 1 quarantined 0"},
		{"加油加气站等级", "五级", "indicator_invalid", "indicators.station_grade", "read 1 accepted 0 rejected 1 quarantined 0"},
		{"坝高", "38", "indicator_of_another_industry", "indicators.坝高", "read 1 accepted 1 rejected 0 quarantined 0"},
		{"indicators.tank_cout", "6", "indicator_unknown", "indicators.tank_cout", "read 1 accepted 1 rejected 0 quarantined 0"},
	} {
		b := parse(t, "a.csv", head+c.column+"\nA"+row+c.value+"\n", Options{Profile: p})
		totals(t, b, c.totals)
		var fields []string
		for _, x := range b.Report.Problems {
			if x.Kind == c.kind {
				fields = append(fields, x.Field)
			}
		}
		if d := cmp.Diff([]string{c.field}, fields); d != "" {
			t.Errorf("%s: %s %v", c.column, d, b.Report.Problems)
		}
	}
}

// The head that a form writes over a column is read as that column's field.
func TestHeadsOfFormsAreTheirFields(t *testing.T) {
	p := profile(t, "hangzhou")
	book, err := forms.New(p)
	if err != nil {
		t.Fatal(err)
	}
	m, err := newMapping(sourceFields, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	m.given = make([]given, len(sourceFields))
	m.ask(book)
	n := 0
	for _, form := range book.Forms() {
		for _, lang := range []string{"zh", "en"} {
			for _, f := range form.Columns() {
				n++
				column := f.Header(lang)
				at := m.find(column)
				if f.Indicator {
					// Two are fields of flat lists too, and come to the same.
					if !m.named(column, at) && !strings.HasPrefix(f.Key, "dust_") {
						t.Errorf("%s: %q is no indicator but field %v", form.Industry.Code, column, sourceFields[at.field].name)
					}
					continue
				}
				if !at.ok || sourceFields[at.field].name != f.Key {
					t.Errorf("%s: %q is %v, want %s", form.Industry.Code, column, at, f.Key)
				}
			}
		}
	}
	if n < 39*2*40 {
		t.Error(n, "columns")
	}
}

func TestExampleRowsAreNoRows(t *testing.T) {
	p := profile(t, "hangzhou")
	for _, lang := range []string{"zh", "en"} {
		b := parse(t, "a.csv", "id,name,industry,level,lon,lat\n"+forms.ExampleMark(lang)+",x,,,,\nA,站,I04,2,120.1551,30.2741\n", Options{Profile: p})
		totals(t, b, "read 1 accepted 1 rejected 0 quarantined 0")
		if b.Report.Files[0].Examples != 1 {
			t.Error(b.Report.Files[0])
		}
	}
}
