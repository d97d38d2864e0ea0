package api

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/export"
)

func ids[P any](features []Feature[P]) []string {
	out := []string{}
	for _, f := range features {
		out = append(out, f.ID)
	}
	return out
}

// question is a random filter, in the words of a query and as a plain test.
type question struct {
	query string
	match func(*data.Hazard) bool // sealed hazards as the view has them
}

func randomQuestion(rng *rand.Rand, tax *data.Taxonomy) question {
	var parts []string
	tests := []func(*data.Hazard) bool{}
	pick := func(all ...string) []string {
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		return all[:1+rng.IntN(2)]
	}
	add := func(name string, values []string) {
		if rng.IntN(2) == 0 {
			parts = append(parts, name+"="+strings.Join(values, ","))
			return
		}
		for _, v := range values {
			parts = append(parts, name+"="+v)
		}
	}
	var industries, groups []string
	if rng.IntN(2) == 0 {
		industries = pick("I01", "petrol-station", "i14", "C02", "P07")
		add("industry", industries)
	}
	if rng.IntN(3) == 0 {
		groups = pick("industrial", "crowded", "public")
		add("group", groups)
	}
	if len(industries)+len(groups) > 0 {
		tests = append(tests, func(h *data.Hazard) bool {
			in := tax.Industries[h.Industry]
			return slices.ContainsFunc(industries, func(s string) bool { return strings.EqualFold(s, in.Code) || s == in.Slug }) ||
				slices.Contains(groups, tax.Groups[in.Group].Key)
		})
	}
	if rng.IntN(2) == 0 {
		levels := pick("1", "general", "3", "major")
		add("level", levels)
		tests = append(tests, func(h *data.Hazard) bool {
			return slices.Contains(levels, fmt.Sprint(h.Level)) || slices.Contains(levels, fmt.Sprint(uint8(h.Level)))
		})
	}
	if rng.IntN(2) == 0 {
		vintage := rng.IntN(len(tax.Vintages))
		v := &tax.Vintages[vintage]
		codes := pick(v.Districts[0].Code, v.Districts[1].Code, v.Districts[2].Code, v.Districts[3].Code)
		add("district", codes)
		parts = append(parts, "vintage="+v.Name)
		tests = append(tests, func(h *data.Hazard) bool { return slices.Contains(codes, tax.DistrictCode(h.Districts[vintage])) })
	}
	return question{strings.Join(parts, "&"), func(h *data.Hazard) bool {
		for _, test := range tests {
			if !test(h) {
				return false
			}
		}
		return true
	}}
}

func TestFiltersEqualALinearScan(t *testing.T) {
	w, _ := theTown(t)
	rng := rand.New(rand.NewPCG(11, 12))
	tax := w.city.Profile().Taxonomy
	var all []*data.Hazard
	for h := range w.viewer.View().All(data.All(), "") {
		all = append(all, h)
	}
	empty, some := 0, 0
	for range 50 {
		q := randomQuestion(rng, tax)
		want, active, levels := []string{}, 0, [5]int{}
		for _, h := range all {
			if q.match(h) {
				want = append(want, string(h.ID))
				if h.Status == data.Active {
					active++
					levels[h.Level]++
				}
			}
		}
		if len(want) == 0 {
			empty++
		} else {
			some++
		}
		list := read[hazardList](w, "/api/v1/hazards?limit=10000&"+q.query)
		if !slices.Equal(ids(list.Features), want) || *list.Matched != len(want) {
			t.Fatalf("%s: %d of %d sources, want %d", q.query, len(list.Features), *list.Matched, len(want))
		}
		for _, by := range []string{"industry", "group", "district", "level", "regulator"} {
			sum := read[Summary](w, "/api/v1/summary?by="+by+"&"+q.query)
			rows := [5]int{}
			for _, r := range sum.Rows {
				for l, n := range []int{0, r.Levels.Low, r.Levels.General, r.Levels.Significant, r.Levels.Major} {
					rows[l] += n
				}
				if by == "level" && r.Count.Count != levels[r.Key[0]-'0'] {
					t.Errorf("%s: level %s has %d, want %d", q.query, r.Key, r.Count.Count, levels[r.Key[0]-'0'])
				}
			}
			if rows != levels || sum.Total.Count.Count != active {
				t.Errorf("%s by %s: rows sum to %v, total %d, want %v, %d", q.query, by, rows, sum.Total.Count.Count, levels, active)
			}
		}
		near := read[Nearby](w, "/api/v1/nearby?lon=120.15&lat=30.27&radius=20000&limit=10000&"+q.query)
		if near.Returned != active {
			t.Errorf("%s: %d nearby, want %d", q.query, near.Returned, active)
		}
		tile := w.get("/tiles/hazards,risk/9/426/210.mvt?" + q.query)
		if (tile.Code == http.StatusNoContent) != (active == 0) || tile.Code != 200 && tile.Code != 204 {
			t.Errorf("%s: tile %d with %d active sources", q.query, tile.Code, active)
		}
	}
	if empty == 0 || some < 10 {
		t.Errorf("%d empty and %d other answers: the questions test too little", empty, some)
	}
}

func TestGroupUnitesWithIndustryAndLevelsIntersect(t *testing.T) {
	w := newWorld(t, city.InternalView, []*data.Record{
		source(t, "petrol4", "I04", 4, orb.Point{120.15, 30.27}), source(t, "petrol1", "I04", 1, orb.Point{120.15, 30.27}),
		source(t, "metro", "P07", 4, orb.Point{120.15, 30.27}), source(t, "mall", "C02", 4, orb.Point{120.15, 30.27})}, nil)
	for query, want := range map[string][]string{
		"group=public&industry=I04":         {"metro", "petrol1", "petrol4"},
		"group=public&industry=I04&level=4": {"metro", "petrol4"},
		"group=public&group=crowded":        {"mall", "metro"},
		"industry=I05":                      {},
	} {
		if got := ids(read[hazardList](w, "/api/v1/hazards?"+query).Features); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
}

func TestPagesVisitEverySourceOnceWhileOthersChange(t *testing.T) {
	for _, sort := range []string{"id", "name", "-level"} {
		t.Run(sort, func(t *testing.T) {
			records := town(t, 60, 3)
			w := newWorld(t, city.InternalView, records, nil)
			rng := rand.New(rand.NewPCG(1, 1))
			// Odd sources stay; even ones come, go and move all the time.
			seen := map[string]int{}
			next := "/api/v1/hazards?limit=7&sort=" + sort
			for page := 0; next != ""; page++ {
				rec := w.get(next)
				var got hazardList
				if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil || rec.Code != 200 {
					t.Fatal(rec.Code, rec.Body)
				}
				if (got.Matched == nil) != (page > 0) {
					t.Errorf("page %d: number_matched %v", page, got.Matched)
				}
				for _, f := range got.Features {
					seen[f.ID]++
				}
				next = ""
				if len(got.Links) > 0 {
					next = strings.TrimPrefix(got.Links[0].Href, "http://example.com")
					if link := rec.Header().Get("Link"); link != "<"+got.Links[0].Href+`>; rel="next"` {
						t.Errorf("Link: %s", link)
					}
				}
				i := 2 * rng.IntN(30)
				if _, held := w.viewer.View().Get(records[i].Hazard.ID); held {
					w.apply(data.Change{ID: records[i].Hazard.ID, If: data.Any})
				} else {
					w.apply(puts(records[i])...)
				}
			}
			for i := 1; i < len(records); i += 2 {
				if n := seen[string(records[i].Hazard.ID)]; n != 1 {
					t.Errorf("%s was on %d pages", records[i].Hazard.ID, n)
				}
			}
		})
	}
}

// Names that are long, hold what JSON escapes, or end in the middle of a
// character still page by name.
func TestCursorsCarryAnyName(t *testing.T) {
	var records []*data.Record
	for i := range 6 {
		name := strings.Repeat("<", 255-i) + strings.Repeat("险", 300) + fmt.Sprint(i)
		records = append(records, source(t, fmt.Sprint("n", i), "I04", 1, orb.Point{120.15, 30.27}, func(h *data.Hazard) { h.Name = name }))
	}
	w := newWorld(t, city.InternalView, records, nil)
	seen := []string{}
	for next := "/api/v1/hazards?limit=1&sort=name"; next != ""; {
		got := read[hazardList](w, next)
		seen = append(seen, ids(got.Features)...)
		next = ""
		if len(got.Links) > 0 {
			next = strings.TrimPrefix(got.Links[0].Href, "http://example.com")
		}
	}
	if !slices.Equal(seen, []string{"n0", "n1", "n2", "n3", "n4", "n5"}) {
		t.Errorf("%v", seen)
	}
}

func TestSortsOrderTheList(t *testing.T) {
	w, _ := theTown(t)
	tax := w.city.Profile().Taxonomy
	for _, sort := range []string{"id", "name", "-name", "level", "-level", "industry", "-industry", "district", "-district"} {
		o := orderOf(sort, tax)
		list := read[hazardList](w, "/api/v1/hazards?limit=10000&sort="+sort)
		last := row{}
		for i, f := range list.Features {
			h, ok := w.viewer.View().Get(data.ID(f.ID))
			if !ok {
				t.Fatal(f.ID)
			}
			r := row{hazard: h}
			if o.key != nil {
				r.key = o.key(h)
			}
			if i > 0 && o.compare(last.key, last.hazard.ID, r.key, h.ID) >= 0 {
				t.Fatalf("%s: %s before %s", sort, last.hazard.ID, h.ID)
			}
			last = r
		}
	}
}

func TestBoxHoldsWhatTouchesIt(t *testing.T) {
	square := orb.Polygon{{{120.10, 30.20}, {120.20, 30.20}, {120.20, 30.30}, {120.10, 30.30}, {120.10, 30.20}},
		{{120.14, 30.24}, {120.14, 30.26}, {120.16, 30.26}, {120.16, 30.24}, {120.14, 30.24}}}
	w := newWorld(t, city.InternalView, []*data.Record{
		source(t, "area", "I05", 1, square),
		source(t, "line", "P03", 1, orb.LineString{{120.10, 30.31}, {120.20, 30.41}}),
		source(t, "point", "I04", 1, orb.Point{120.15, 30.25})}, nil)
	for box, want := range map[string][]string{
		"120.149,30.249,120.151,30.251": {"point"}, // in the hole of the area
		"120.12,30.22,120.13,30.23":     {"area"},  // inside, far from its edges
		"120.14,30.31,120.16,30.33":     {},        // in the line's box, off the line
		"120.14,30.34,120.16,30.37":     {"line"},  // across
		"120.15,30.25,120.15,30.25":     {"point"}, // a box of one point
		"120.0,30.0,120.5,30.5":         {"area", "line", "point"},
		"120.20,30.20,120.30,30.30":     {"area"}, // its edge
	} {
		if got := ids(read[hazardList](w, "/api/v1/hazards?bbox="+box).Features); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", box, got, want)
		}
	}
}

func TestCSVIsSafeAndReadable(t *testing.T) {
	record := source(t, "x1", "I04", 3, orb.Point{120.15, 30.27}, func(h *data.Hazard) { h.Name = `=HYPERLINK("http://x","a, b")` })
	record.Detail = data.Detail{Address: "-1+2", Enterprise: "@cmd", Responsible: "+SUM(1)", Measures: &data.Measures{
		Engineering: []string{"围堰", "=x"}, Management: []string{}, Emergency: []string{}, Monitoring: []string{}}, AccidentTypes: []string{"FIRE", "EXPL"}}
	line := source(t, "x2", "P03", 1, orb.LineString{{120.1, 30.2}, {120.2, 30.2}})
	w := newWorld(t, city.InternalView, []*data.Record{record, line}, nil)
	columns := export.NewTable(hangzhou(t).Taxonomy, true).Names()
	for _, ask := range [][]string{{"/api/v1/hazards?format=csv"}, {"/api/v1/hazards", "Accept", "text/csv"},
		{"/api/v1/hazards", "Accept", "application/geo+json;q=0.1, text/csv;q=0.9"}} {
		rec := w.get(ask[0], ask[1:]...)
		if got := rec.Header().Get("Content-Type"); got != "text/csv; charset=utf-8; header=present" {
			t.Fatalf("%v: %q", ask, got)
		}
		if rec.Header().Get("Data-Revision") == "" || !strings.Contains(rec.Header().Get("Content-Disposition"), "attachment") {
			t.Errorf("%v: %v", ask, rec.Header())
		}
		body, ok := bytes.CutPrefix(rec.Body.Bytes(), []byte(byteOrderMark))
		if !ok {
			t.Error("no byte order mark")
		}
		rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
		if err != nil || len(rows) != 3 || !slices.Equal(rows[0], columns) {
			t.Fatal(err, rows)
		}
		cell := func(row int, column string) string { return rows[row][slices.Index(columns, column)] }
		for column, want := range map[string]string{"id": "x1", "name": `'=HYPERLINK("http://x","a, b")`, "address": "'-1+2",
			"enterprise": "'@cmd", "responsible": "'+SUM(1)", "measures.engineering": "围堰;=x", "accident_types": "FIRE;EXPL",
			"industry": "I04", "level": "3", "lon": "120.15", "lat": "30.27", "geometry": "", "status": "active", "district": "330105"} {
			if got := cell(1, column); got != want && column != "district" {
				t.Errorf("%s is %q, want %q", column, got, want)
			}
		}
		if got := cell(2, "geometry"); got != "LINESTRING(120.1 30.2,120.2 30.2)" {
			t.Errorf("geometry is %q", got)
		}
		for _, row := range rows[1:] {
			for i, text := range row {
				if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
					t.Errorf("%s begins a formula: %q", columns[i], text)
				}
			}
		}
	}
	if got := w.get("/api/v1/hazards", "Accept", "image/png"); got.Code != http.StatusNotAcceptable {
		t.Errorf("image/png: %d", got.Code)
	}
	for _, accept := range []string{"", "*/*", "application/json", "application/*;q=0.2", "text/html, */*;q=0.1", "a;q,b,*/*"} {
		if got := w.get("/api/v1/hazards", "Accept", accept).Header().Get("Content-Type"); got != geoJSONType {
			t.Errorf("%q: %q", accept, got)
		}
	}
}

// A list's features are the interchange form: they parse back into the records.
func TestFeaturesParseBack(t *testing.T) {
	w, records := theTown(t)
	tax := w.city.Profile().Taxonomy
	var list struct{ Features []json.RawMessage }
	if err := json.Unmarshal(w.get("/api/v1/hazards?limit=10000").Body.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Features) != len(records) {
		t.Fatalf("%d features, want %d", len(list.Features), len(records))
	}
	for i, raw := range list.Features {
		r, err := tax.ParseFeature(raw)
		if err != nil {
			t.Fatal(err)
		}
		want := records[i].Hazard
		if r.Hazard.Digest(data.LayerRisk) != want.Digest(data.LayerRisk) || r.Hazard.Name != want.Name || r.Hazard.Status != want.Status ||
			r.Detail.Enterprise != records[i].Detail.Enterprise {
			t.Errorf("%s came back as %+v", want.ID, r.Hazard)
		}
		var one struct {
			ID           string
			DataRevision uint64 `json:"data_revision"`
		}
		if err := json.Unmarshal(w.get("/api/v1/hazards/"+string(want.ID)).Body.Bytes(), &one); err != nil || one.ID != string(want.ID) || one.DataRevision == 0 {
			t.Errorf("%s: %v %+v", want.ID, err, one)
		}
	}
}
