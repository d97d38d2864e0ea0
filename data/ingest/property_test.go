package ingest

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"riskatlas/data"
	"riskatlas/data/memory"
)

// cellsFor are cells of every kind, good and bad, by column.
var cellsFor = map[string][]string{
	"id":       {"", "", "A-1", "A-2", "甲", "A-3", "1.5"},
	"名称":       {"", "加油站", "x,\"y\"\nz", "汉字", strings.Repeat("长", 300)},
	"industry": {"I04", "I04", "加油站", "C09", "bank", ""},
	"level":    {"1", "2", "红", "较大风险", "一级", "", "9"},
	"lon":      {"120.1551", "120.2", "30.27", "NaN", "", "1e9", "abc"},
	"lat":      {"30.2741", "30.3", "120.15", "", "91", "-0"},
	"district": {"", "330106", "西湖区", "330199", "330103"},
	"status":   {"", "active", "closed", "open"},
	"staff":    {"", "5", "-1", "many"},
	"x":        {"", "1", "\t"},
}

func drawTable(t *rapid.T) [][]string {
	columns := sortedKeys(cellsFor)
	rows := [][]string{columns}
	for range rapid.IntRange(0, 12).Draw(t, "rows") {
		row := make([]string, len(columns))
		for i, c := range columns {
			row[i] = rapid.SampledFrom(cellsFor[c]).Draw(t, c)
		}
		rows = append(rows, row)
	}
	return rows
}

func writeCSV(rows [][]string, comma rune) string {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = comma
	_ = w.WriteAll(rows)
	return b.String()
}

// Whatever a table holds, its rows add up, every row that was kept out is
// listed, and every encoding and delimiter gives the same records.
func TestRowsAlwaysAddUp(t *testing.T) {
	p := profile(t, "hangzhou")
	table := &ValueTable{Name: "v.csv", To: map[string]string{"I04": "I04", "加油站": "I04", "C09": ""}}
	rapid.Check(t, func(t *rapid.T) {
		rows := drawTable(t)
		opts := Options{Profile: p}
		if rapid.Bool().Draw(t, "values") {
			opts.Values = map[string]*ValueTable{"industry": table}
		}
		read := func(text string) *Batch {
			b, err := Read(context.Background(), "a.csv", strings.NewReader(text), -1, opts)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		b := read(writeCSV(rows, ','))
		r := b.Report
		if r.Read != r.Accepted+r.Rejected+r.Quarantined || len(b.Records) != r.Accepted || r.Read+r.Files[0].Blank != len(rows)-1 {
			t.Fatalf("%s, %d blank of %d rows, %d records", r.Totals(), r.Files[0].Blank, len(rows)-1, len(b.Records))
		}
		out := map[int]bool{}
		counted := map[string]int{}
		for _, q := range r.Problems {
			counted[q.Kind]++
			if q.Severity != Warning {
				out[q.Line] = true
			}
		}
		if len(out) != r.Rejected+r.Quarantined {
			t.Fatalf("%d rows listed as kept out, %s", len(out), r.Totals())
		}
		for kind, n := range counted {
			if r.Kinds[kind] != n {
				t.Fatalf("%s %d times listed, %d counted", kind, n, r.Kinds[kind])
			}
		}
		ids := map[data.ID]bool{}
		for _, rec := range b.Records {
			ids[rec.Hazard.ID] = true
		}
		if len(ids) != len(b.Records) {
			t.Fatalf("%d ids for %d records", len(ids), len(b.Records))
		}
		gb, err := simplifiedchinese.GB18030.NewEncoder().String(writeCSV(rows, ';'))
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"\ufeff" + writeCSV(rows, '\t'), gb} {
			if other := read(text); !equalRecords(t, p.Taxonomy, b, other) || other.Report.Totals() != r.Totals() {
				t.Fatalf("%s, in another encoding %s", r.Totals(), other.Report.Totals())
			}
		}
		// The same table as GeoJSON, its rows' places as geometry.
		if g := read(writeCSV(rows, ',')); !equalRecords(t, p.Taxonomy, b, g) {
			t.Fatal("the same file gave other records")
		}
	})
}

func equalRecords(t *rapid.T, tax *data.Taxonomy, a, b *Batch) bool {
	return slices.EqualFunc(a.Records, b.Records, func(x, y *data.Record) bool {
		same, err := sameRecord(tax, x, y)
		if err != nil {
			t.Fatal(err)
		}
		return same
	})
}

// Importing a table twice, or in two halves, leaves the same city.
func TestImportIsIdempotent(t *testing.T) {
	p := profile(t, "hangzhou")
	rapid.Check(t, func(t *rapid.T) {
		ctx, store := context.Background(), memory.New(p.Taxonomy)
		text := writeCSV(drawTable(t), ',')
		var first data.Revision
		for i := range 3 {
			r, err := Import(ctx, store, "a.csv", strings.NewReader(text), -1, Options{Profile: p, Units: store}, data.Note{Who: "test"})
			if err != nil {
				t.Fatal(err)
			}
			rev, _ := store.Load(ctx)
			if i == 0 {
				first = rev
				if r.Added != r.Accepted {
					t.Fatalf("added %d of %d", r.Added, r.Accepted)
				}
			} else if rev != first || r.Unchanged != r.Accepted || r.Added+r.Changed != 0 || r.Revision != 0 {
				t.Fatalf("again: revision %d, %d unchanged of %d", rev, r.Unchanged, r.Accepted)
			}
		}
	})
}

// A store's records written as GeoJSON and read again are the same records.
func TestRoundTrip(t *testing.T) {
	p := profile(t, "hangzhou")
	rapid.Check(t, func(t *rapid.T) {
		b, err := Read(context.Background(), "a.csv", strings.NewReader(writeCSV(drawTable(t), ',')), -1, Options{Profile: p})
		if err != nil {
			t.Fatal(err)
		}
		var parts []string
		for _, r := range b.Records {
			text, err := p.Taxonomy.AppendFeature(nil, r)
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, string(text))
		}
		again, err := Read(context.Background(), "a.json", strings.NewReader(collection("", parts...)), -1, Options{Profile: p})
		if err != nil {
			t.Fatal(err)
		}
		if again.Report.Rejected+again.Report.Quarantined > 0 || !equalRecords(t, p.Taxonomy, b, again) {
			t.Fatalf("%d records came back as %s: %v", len(b.Records), again.Report.Totals(), again.Report.Problems)
		}
	})
}

func checkFuzzed(t *testing.T, b *Batch, tax *data.Taxonomy) {
	addsUp(t, b)
	var text bytes.Buffer
	if err := b.Report.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text.String()) {
		if strings.HasPrefix(line, "read ") {
			t.Fatalf("a line of the report looks like the totals: %q", line)
		}
	}
	text.Reset()
	if err := b.Report.WriteJSON(&text); err != nil || !json.Valid(text.Bytes()) {
		t.Fatalf("the report is no JSON: %v", err)
	}
	for _, r := range b.Records {
		if _, err := tax.Stored(&data.Change{ID: r.Hazard.ID, New: r}, 1); err != nil {
			t.Fatalf("a store would refuse an accepted record: %v", err)
		}
	}
}

func FuzzCSV(f *testing.F) {
	p := profile(f, "hangzhou")
	f.Add([]byte(list))
	f.Add([]byte("\ufeffid;lon;lat;level;industry\n1;120.1;30.2;1;I04\n"))
	f.Add([]byte("geometry,level,industry\n\"POLYGON((120.2 30.2,120.3 30.3,120.3 30.2,120.2 30.2))\",1,I05\n"))
	f.Add([]byte("sep=;\nlon;lat\n\"1"))
	f.Add([]byte("lon,lat,scenarios,level,industry\n120.1,30.2,\"[{\"\"outcome\"\":\"\"toxic\"\"}]\",1,I04\n"))
	gb, _ := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(list))
	f.Add(gb)
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := Read(context.Background(), "a.csv", bytes.NewReader(text), -1, Options{Profile: p, MaxRows: 10_000})
		if err == nil {
			checkFuzzed(t, b, p.Taxonomy)
		}
	})
}

func FuzzGeoJSON(f *testing.F) {
	p := profile(f, "hangzhou")
	f.Add([]byte(collection("", featureText(`"a"`, pointText, propsText))))
	f.Add([]byte(featureText(`7`, `{"type":"Polygon","coordinates":[[[120.2,30.2],[120.3,30.3],[120.3,30.2],[120.2,30.2]]]}`, propsText) + "\n\x1e" + featureText(`8`, pointText, `null`)))
	f.Add([]byte(`{"features":[` + featureText(`1`, `{"type":"LineString","coordinates":[[514923,3350508],[514924,3350508]]}`, propsText) + `],"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:4549"}}}`))
	f.Add([]byte(collection("", `{"type":"Feature","properties":{"scenarios":[{"outcome":"flood","per_year":1e-5,"basis":"qra","footprint":{"kind":"zone","zones":[{"geometry":null}]}}]},"geometry":null}`)))
	f.Add([]byte(strings.Repeat(`{"features":[`, 70)))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := Read(context.Background(), "a.json", bytes.NewReader(text), -1, Options{Profile: p, MaxRows: 10_000})
		if err == nil {
			checkFuzzed(t, b, p.Taxonomy)
		}
		checkFuzzedUnits(t, func() (*Units, error) {
			return ReadZones(context.Background(), "a.json", bytes.NewReader(text), -1, Options{Profile: p}, "z")
		})
		checkFuzzedUnits(t, func() (*Units, error) {
			return ReadPlaces(context.Background(), "a.json", bytes.NewReader(text), -1, Options{Profile: p}, "road")
		})
		checkFuzzedUnits(t, func() (*Units, error) {
			return ReadPeople(context.Background(), "a.json", bytes.NewReader(text), -1, Options{Profile: p, Map: map[string]string{"people": "level"}})
		})
	})
}

// checkFuzzedUnits: all rows are accounted for, and a store takes what was read.
func checkFuzzedUnits(t *testing.T, read func() (*Units, error)) {
	t.Helper()
	u, err := read()
	if err != nil {
		return
	}
	if r := u.Report; r.Read != r.Accepted+r.Rejected+r.Quarantined || len(u.Units)+r.Empty != r.Accepted {
		t.Fatal(r.Totals())
	}
	if _, err := data.CheckUnits(u.Kind, u.Units); err != nil {
		t.Fatal(err)
	}
}

// Every name of a field leads to that field alone.
func TestNamesAreUnique(t *testing.T) {
	for _, table := range [][]fieldInfo{sourceFields, unitFields, placeFields, peopleFields} {
		owner := map[string]string{}
		for _, f := range table {
			for i, word := range append([]string{f.name}, f.words...) {
				if f.name == "" {
					t.Fatalf("a field has no name: %+v", f)
				}
				if other, taken := owner[fold(word)]; taken {
					t.Errorf("%q (number %d) is a name of %s and of %s", word, i, f.name, other)
				}
				owner[fold(word)] = f.name
			}
		}
	}
	// The interchange's own names are all known.
	p := profile(t, "hangzhou")
	b := parse(t, "a.csv", csvOf(map[string]string{"status": "active"}), Options{Profile: p})
	text := features(t, p.Taxonomy, b)[0]
	var f struct{ Properties map[string]any }
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		t.Fatal(err)
	}
	for name := range f.Properties {
		if _, err := fieldNamed(sourceFields, "", name); err != nil {
			t.Errorf("property %s is no field", name)
		}
	}
}

func TestLevels(t *testing.T) {
	for l, texts := range map[data.Level]string{
		data.Major: "4 重大 重大风险 红 红色 MAJOR red ４ 4.0", data.Significant: "3 较大 较大风险 橙色 Orange significant",
		data.General: "2 一般 一般风险 黄 yellow general", data.Low: "1 低 低风险 蓝色 blue Low",
	} {
		for _, text := range strings.Fields(texts) {
			if got, err := parseLevel(text); err != nil || got != l {
				t.Errorf("%s: %v %v, want %v", text, got, err, l)
			}
		}
	}
	for _, text := range strings.Fields("0 5 -1 1.5 一级 二级 三级 四级 1级 Ⅰ Ⅰ级 IV IV级 I 第一级 绿 高 较低 none 一 1e0x NaN") {
		if got, err := parseLevel(text); err == nil {
			t.Errorf("%s was read as %v", text, got)
		}
	}
}

func TestParsers(t *testing.T) {
	for text, want := range map[string]string{"2019-11-20": "2019-11-20", "2019/1/2": "2019-01-02", "2019年11月2日": "2019-11-02", "2019.3.4": "2019-03-04",
		"２０１９-11-20": "2019-11-20", "2019-11-20T10:00:00Z": "2019-11-20", "20/11/2019": "", "2019-13-01": "", "2019-02-29": "", "": "", "2019": ""} {
		if got, ok := parseDate(text); got != want || ok != (want != "") {
			t.Errorf("date %q: %q %v", text, got, ok)
		}
	}
	for text, want := range map[string]string{"a；b、c": "a|b|c", `["a, b","c"]`: "a, b|c", " a ;; ": "a", "a,b": "a,b", "[a": "[a", "": ""} {
		if got := strings.Join(parseList(text), "|"); got != want {
			t.Errorf("list %q: %q", text, got)
		}
	}
	// Codes with the right check character, of the standard and made up by its rule.
	for code, want := range map[string]bool{"91350100M000100Y43": true, "91350100M000100Y44": false, "91350100M000100Y4": false, "9135010OM000100Y43": false} {
		if validUSCC(code) != want {
			t.Errorf("code %s: %v", code, !want)
		}
	}
	for n := range 20 {
		text := strings.Repeat("汉", n)
		if got, cut := cleanText(text, 10); cut != (n > 10) || len([]rune(got)) != min(n, 10) {
			t.Errorf("%d characters became %d, cut %v", n, len([]rune(got)), cut)
		}
	}
	if got, _ := cleanText(" a\x00b\nc\x7f ", 10); got != "a b c" {
		t.Errorf("%q", got)
	}
	if got := fmt.Sprint(point([2]float64{1e-7, 120.5})); got != "0.0000001,120.5" {
		t.Errorf("%q", got)
	}
}
