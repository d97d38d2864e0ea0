package ingest

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"riskatlas/data"
	"riskatlas/data/city"
)

func readCoverage(t *testing.T, text string) (*Coverage, error) {
	t.Helper()
	p, err := city.Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	return ReadCoverage(t.Context(), "c.csv", strings.NewReader(text), p)
}

const chineseCoverage = "行业,区县,状态,应有数量,调研部门,调研日期,反馈日期,核实日期,备注\n" +
	"加油站,西湖区,已核实,12,市商务局,2019-10-11,2019/11/20,2019年12月3日,'=1+1\n" +
	"I06,330106,asked,,市公安局,2019-10-17,,,\n" +
	"Petrol-Station,滨江,不涉及,0,,,,,\n"

// The same table under every encoding and in English gives the same rows.
func TestReadCoverage(t *testing.T) {
	want, err := readCoverage(t, chineseCoverage)
	if err != nil {
		t.Fatal(err)
	}
	if want.Report.Rejected > 0 || len(want.Rows) != 3 {
		t.Fatalf("%+v", want.Report.Problems)
	}
	first := want.Rows[0]
	if first.Status != data.Verified || *first.Expected != 12 || first.Body != "市商务局" || first.Asked != 20191011 || first.Received != 20191120 ||
		first.Verified != 20191203 || first.Note != "=1+1" || want.Rows[2].Status != data.NoneHere || want.Rows[2].Industry != first.Industry {
		t.Errorf("%+v", want.Rows)
	}
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(chineseCoverage)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(chineseCoverage)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"GB18030": gb, "UTF-16": wide, "BOM": "\ufeff" + chineseCoverage, "semicolons": strings.ReplaceAll(chineseCoverage, ",", ";"),
		"English": "industry,district,status,expected,body,asked,received,verified,note\nI04,330106,verified,12,市商务局,2019-10-11,2019-11-20,2019-12-03,=1+1\n" +
			"I06,330106,asked,,市公安局,2019-10-17,,,\nI04,330108,none_here,0,,,,,\n"} {
		got, err := readCoverage(t, text)
		if err != nil || !reflect.DeepEqual(got.Rows, want.Rows) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// What our own table writes is read back as it was.
func TestCoverageRoundTrip(t *testing.T) {
	want, err := readCoverage(t, chineseCoverage)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := city.Load("hangzhou")
	var b bytes.Buffer
	found := func(data.Industry, data.District) (int, bool) { return 3, true }
	if err := p.Taxonomy.WriteCoverage(&b, want.Rows, found, data.Harmless); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "'=1+1") {
		t.Errorf("a formula stands in %s", b.String())
	}
	got, err := readCoverage(t, b.String())
	if err != nil || !reflect.DeepEqual(got.Rows, want.Rows) || len(got.Report.Files[0].Unused) > 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// Every row is accounted for, and each wrong one says what would be right.
func TestCoverageRejects(t *testing.T) {
	got, err := readCoverage(t, "industry,district,status,expected,asked,received,verified,vintage,other\n"+
		"I04,330106,verified,,,,,2021,x\n"+
		"I99,330106,asked,,,,,,\n"+
		"I04,330103,asked,,,,,,\n"+
		"I05,330106,done,,,,,,\n"+
		"I05,330106,asked,many,,,,,\n"+
		"I05,330106,asked,,2019-02-30,,,,\n"+
		"I05,330106,asked,,,2019-12-01,,,\n"+
		"I05,330106,none_here,3,,,,,\n"+
		"I05,330106,asked,,,,,2019,\n"+
		"I05,330106,asked\n"+
		"I04,330106,asked,,,,,,\n"+
		",,,,,,,,\n")
	if err != nil {
		t.Fatal(err)
	}
	r := got.Report
	if r.Read != 11 || r.Accepted != 1 || r.Rejected != 10 || len(got.Rows) != 1 || r.Files[0].Blank != 1 {
		t.Errorf("%s, %d blank", r.Totals(), r.Files[0].Blank)
	}
	want := []string{"industry", "district", "status", "expected", "asked", "received", "expected", "vintage", "row", "row"}
	for i, p := range r.Problems {
		if p.Field != want[i] || p.Line != i+3 || p.Want == "" {
			t.Errorf("problem %d: %+v, want one of %s", i, p, want[i])
		}
	}
	for name, text := range map[string]string{"nothing": "", "no status": "industry,district\nI04,330106\n", "two of a kind": "industry,district,status,状态,status\nI04,330106,asked,asked,asked\n",
		"an open quote": "industry,district,status\nI04,330106,\"asked\n", "JSON": `{"type":"FeatureCollection","features":[]}`} {
		if _, err := readCoverage(t, text); err == nil {
			t.Errorf("%s is a table", name)
		}
	}
}
