package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/demo"
	"riskatlas/report"
	"riskatlas/riskgrid"
	"riskatlas/tiles"
)

// member reads a place in a JSON answer: names, [position], [name=value] for the
// first entry of a list whose member is so, and .length of a list, as in
// rows[key=I14].pll_share.
func member(v any, path string) (any, error) {
	for path != "" {
		path = strings.TrimPrefix(path, ".")
		if rest, ok := strings.CutPrefix(path, "["); ok {
			inside, after, closed := strings.Cut(rest, "]")
			list, isList := v.([]any)
			if !closed || !isList {
				return nil, fmt.Errorf("%q of %T", path, v)
			}
			path = after
			name, want, named := strings.Cut(inside, "=")
			if !named {
				i, err := strconv.Atoi(inside)
				if err != nil || i < 0 || i >= len(list) {
					return nil, fmt.Errorf("[%s] of %d", inside, len(list))
				}
				v = list[i]
				continue
			}
			found := false
			for _, e := range list {
				if m, ok := e.(map[string]any); ok && fmt.Sprint(m[name]) == want {
					v, found = e, true
					break
				}
			}
			if !found {
				return nil, fmt.Errorf("no entry has %s", inside)
			}
			continue
		}
		end := strings.IndexAny(path, ".[")
		if end < 0 {
			end = len(path)
		}
		name := path[:end]
		path = path[end:]
		if list, ok := v.([]any); ok && name == "length" {
			v = float64(len(list))
			continue
		}
		m, ok := v.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s of %T", name, v)
		}
		if v, ok = m[name]; !ok {
			return nil, fmt.Errorf("there is no %s", name)
		}
	}
	return v, nil
}

// cityUnits are people all over the middle of the city and two zones that
// overlap.
func cityUnits() map[string][]data.Unit {
	square := func(lon, lat, half float64) orb.Polygon {
		return orb.Bound{Min: orb.Point{lon - half, lat - half}, Max: orb.Point{lon + half, lat + half}}.ToPolygon()
	}
	var people []data.Unit
	for i := range 30 {
		for j := range 30 {
			people = append(people, data.Unit{Code: fmt.Sprintf("p%02d%02d", i, j), Shape: square(119.9+0.02*float64(i), 30.1+0.013*float64(j), 0.006),
				Props: map[string]string{data.PeopleProp: fmt.Sprint(900 + 37*i + 11*j)}})
		}
	}
	return map[string][]data.Unit{data.PeopleKind: people, data.ZoneKind("parks"): {
		{Code: "a", Name: "甲", NameEn: "A", Shape: square(120.15, 30.27, 0.05)}, {Code: "b", Name: "乙", Shape: square(120.17, 30.27, 0.05)}}}
}

// poor are sources of which much is missing, so that findings of what is missing
// hold: no measures, late reviews, open dangers, a major hazard of the first
// grade, and industries that nobody surveyed.
func poor(t testing.TB) []*data.Record {
	five := 5
	out := []*data.Record{
		source(t, "P1", "I01", data.Major, orb.Point{120.15, 30.27}, scenario(t, 1e-4, step(900))),
		source(t, "P2", "I02", data.Significant, orb.Point{120.16, 30.27}, scenario(t, 1e-5, step(300))),
		source(t, "P3", "C09", data.Low, orb.Point{120.152, 30.271}),
		source(t, "P4", "C02", data.General, orb.Point{120.17, 30.28}),
		source(t, "P5", "I05", data.Low, orb.Point{120.18, 30.28}, func(h *data.Hazard) { h.Status = data.Closed }),
	}
	out[0].Detail = data.Detail{MajorHazardGrade: 1, AssessedAt: "2020-01-01", NextReview: "2022-01-01", HiddenDangersOpen: &five}
	out[3].Detail.MajorHazardGrade = 4
	return out
}

// Each suggestion's number is found again through the API.
func TestSuggestionsAreFoundAgain(t *testing.T) {
	var records []*data.Record
	for r := range demo.Hazards(hangzhou(t), 600, 1) {
		records = append(records, r)
	}
	for name, c := range map[string]struct {
		records []*data.Record
		units   map[string][]data.Unit
		view    city.View
		least   int
		want    []string
	}{
		"demonstration":          {records, cityUnits(), city.InternalView, 14, []string{"largest-industry", "densest-district", "societal", "targets-over-new-build"}},
		"public, without people": {records, nil, city.PublicView, 12, []string{"heaviest-district"}},
		"poorly known": {poor(t), cityUnits(), city.InternalView, 16, []string{"industries-not-surveyed", "gap-measures", "gap-review",
			"gap-late_review", "gap-hidden_dangers", "first-grade-hazards", "gap-emergency_plan", "zone-parks"}},
		"nothing": {nil, nil, city.InternalView, 1, []string{"industries-not-surveyed"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.view, c.records, c.units)
			for _, cuts := range []string{"in-service", "new-build"} {
				r := read[report.Report](w, "/api/v1/report?cuts="+cuts)
				n, seen := 0, map[string]bool{}
				for _, h := range r.Suggestions {
					for _, s := range h.Suggestions {
						n++
						seen[s.Finding] = true
						answer := read[any](w, s.Query)
						got, err := member(answer, s.Member)
						if err != nil {
							t.Errorf("%s: %s %s: %v", s.Finding, s.Query, s.Member, err)
						} else if got != s.Number {
							t.Errorf("%s: %s %s answers %v, the suggestion says %v", s.Finding, s.Query, s.Member, got, s.Number)
						}
					}
				}
				if n < c.least {
					t.Errorf("%d suggestions: %v", n, seen)
				}
				for _, f := range c.want {
					if !seen[f] {
						t.Errorf("no suggestion by %s: %v", f, seen)
					}
				}
			}
		})
	}
}

// The report of a what-if is of the city as it would be, its suggestions too.
func TestReportOfAWhatIf(t *testing.T) {
	w := newWorld(t, city.InternalView, poor(t), cityUnits())
	before := w.get("/api/v1/report").Body.String()
	added := source(t, "P9", "I04", data.Major, orb.Point{120.2, 30.3}, scenario(t, 1e-4, step(500)))
	added.Detail.Enterprise = "thought of"
	lens := "whatif=" + w.whatIf(thought{Add: features(t, added), Remove: []string{"P1"}})
	r := read[report.Report](w, "/api/v1/report?"+lens)
	if !r.WhatIf || r.Main.Matched != 3 || r.Main.Sources[0].ID != "P9" || r.Main.Sources[0].Enterprise != "thought of" || r.Quality.Changed != 0 {
		t.Errorf("%+v, quality %+v", r.Main, r.Quality)
	}
	n := 0
	for _, h := range r.Suggestions {
		for _, s := range h.Suggestions {
			query := s.Query + "?" + lens
			if strings.Contains(s.Query, "?") {
				query = s.Query + "&" + lens
			}
			if got, err := member(read[any](w, query), s.Member); err != nil || got != s.Number {
				t.Errorf("%s: %s answers %v, the suggestion says %v: %v", s.Finding, query, got, s.Number, err)
			}
			n++
		}
	}
	if n < 10 {
		t.Errorf("%d suggestions", n)
	}
	if page := w.get("/api/v1/report?format=html&" + lens); !strings.Contains(page.Body.String(), "假设情景") || !strings.Contains(page.Header().Get("Content-Disposition"), "what-if") {
		t.Error("the page does not say that it is of a what-if")
	}
	if w.get("/api/v1/report").Body.String() != before {
		t.Error("the city's own report has changed")
	}
	w.problem("/api/v1/report?whatif=unknown", http.StatusNotFound)
}

func TestReportForms(t *testing.T) {
	w := newWorld(t, city.InternalView, poor(t), cityUnits())
	for _, c := range []struct{ query, kind, begins, file string }{
		{"", "application/json", "{", "hangzhou-risk-report-r3-internal.json"},
		{"?format=html", "text/html; charset=utf-8", "<", "hangzhou-risk-report-r3-internal-zh.html"},
		{"?format=md&lang=en&cuts=new-build", "text/markdown; charset=utf-8", "#", "hangzhou-risk-report-new-build-r3-internal-en.md"},
		{"?format=xlsx", xlsxType, "PK", "hangzhou-risk-report-r3-internal-zh.xlsx"},
		{"?format=xlsx&part=main_list&lang=en", xlsxType, "PK", "hangzhou-main-list-r3-internal-en.xlsx"},
		{"?part=main_list", "application/json", "{", "hangzhou-main-list-r3-internal.json"},
	} {
		rec := w.get("/api/v1/report" + c.query)
		if rec.Code != http.StatusOK || rec.Header().Get("Content-Type") != c.kind || !strings.HasPrefix(strings.TrimSpace(rec.Body.String()), c.begins) ||
			!strings.Contains(rec.Header().Get("Content-Disposition"), `filename="`+c.file+`"`) {
			t.Errorf("%s: %d %v %.80s", c.query, rec.Code, rec.Header(), rec.Body)
		}
		if again := w.get("/api/v1/report" + c.query); again.Body.String() != rec.Body.String() {
			t.Errorf("%s: two answers differ", c.query)
		}
		policy := rec.Header().Get("Content-Security-Policy")
		if html := strings.Contains(c.query, "html"); strings.Contains(policy, "style-src 'unsafe-inline'") != html || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "script") {
			t.Errorf("%s: policy %q", c.query, policy)
		}
	}
	for query, parameter := range map[string]string{"?format=pdf": "format", "?lang=fr": "lang", "?part=all": "part", "?format=html&part=fn": "part",
		"?format=xlsx&part=fn": "part", "?cuts=old": "cuts", "?industry=I01": "industry"} {
		if p := w.problem("/api/v1/report"+query, http.StatusBadRequest); p.Parameter != parameter {
			t.Errorf("%s: %+v", query, p)
		}
	}
}

// One part is that member of the whole.
func TestReportParts(t *testing.T) {
	w := newWorld(t, city.InternalView, poor(t), cityUnits())
	whole := read[map[string]json.RawMessage](w, "/api/v1/report")
	for _, part := range []string{"overall", "composition", "fn", "top_sources", "districts", "zones", "groups", "industries", "main_list", "targets", "suggestions", "methods", "quality"} {
		got := read[map[string]json.RawMessage](w, "/api/v1/report?part="+part)
		if string(got[part]) != string(whole[part]) || len(got[part]) < 3 || string(got["data_revision"]) != string(whole["data_revision"]) || len(got) > 6 {
			t.Errorf("%s: %.200s, want %.200s", part, got[part], whole[part])
		}
	}
}

// A report is made once for a view and criterion, again for the next view, and
// one whose client leaves is made by the next who waits.
func TestReportsAreMadeOnce(t *testing.T) {
	c := reportCache{turn: make(chan struct{}, 1)}
	v, made := &tiles.View{}, 0
	gather := func(ctx context.Context) (*report.Report, error) {
		made++
		return &report.Report{}, ctx.Err()
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := c.of(gone, v, riskgrid.InService, gather); !errors.Is(err, context.Canceled) {
		t.Errorf("a client that left gets %v", err)
	}
	made = 0
	first, err := c.of(t.Context(), v, riskgrid.InService, gather)
	again, err2 := c.of(t.Context(), v, riskgrid.InService, gather)
	if err != nil || err2 != nil || first != again || made != 1 {
		t.Errorf("made %d times: %v, %v", made, err, err2)
	}
	if _, err := c.of(t.Context(), v, riskgrid.NewBuild, gather); err != nil || made != 2 {
		t.Errorf("by another criterion made %d times: %v", made, err)
	}
	if _, err := c.of(t.Context(), &tiles.View{}, riskgrid.InService, gather); err != nil || made != 3 {
		t.Errorf("of another view made %d times: %v", made, err)
	}
}

func TestReportFollowsTheCity(t *testing.T) {
	w := newWorld(t, city.InternalView, poor(t), nil)
	before := read[report.Report](w, "/api/v1/report")
	w.apply(puts(source(t, "P9", "I04", data.Major, orb.Point{120.2, 30.3}))...)
	after := read[report.Report](w, "/api/v1/report")
	if after.Revision != before.Revision+1 || after.Main.Matched != before.Main.Matched+1 || after.Overall.Counts.Sum() != before.Overall.Counts.Sum()+1 {
		t.Errorf("%d sources in revision %d, then %d in %d", before.Overall.Counts.Sum(), before.Revision, after.Overall.Counts.Sum(), after.Revision)
	}
	r := httptest.NewRequest(http.MethodGet, "/api/v1/report?cuts=new-build", nil)
	ctx, leave := context.WithCancel(r.Context())
	leave()
	rec := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(rec, r.WithContext(ctx))
	if rec.Code != statusClientClosed {
		t.Errorf("a client that left gets %d", rec.Code)
	}
}

// All the report's totals equal those of the other routes, to the bit.
func TestReportEqualsTheRoutes(t *testing.T) {
	var records []*data.Record
	for r := range demo.Hazards(hangzhou(t), 400, 1) {
		records = append(records, r)
	}
	for name, units := range map[string]map[string][]data.Unit{"people": cityUnits(), "no people": nil} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, city.InternalView, append(poor(t), records...), units)
			r := read[report.Report](w, "/api/v1/report")
			whole := read[Summary](w, "/api/v1/summary?by=district").Total
			o := r.Overall
			if o.PLL != whole.PLL || o.QRA != whole.ByBasis.QRA || o.Equivalent != whole.ByBasis.Equivalent || o.Level != whole.Level ||
				countOf(o.Counts) != whole.Count || o.GroundKM2[4] != whole.GroundKM2.Major || o.GroundKM2[0] != whole.GroundKM2.Rest || o.Rule.ID != whole.Rule.ID ||
				o.PeopleFrom != whole.People.From || whole.MeanIR != nil && *whole.MeanIR != o.MeanIR {
				t.Errorf("the report says %+v, the summary %+v", o, whole)
			}
			for _, c := range r.Composition {
				if c.By == "outcome" || c.By == "basis" {
					continue
				}
				rows := map[string]SummaryRow{}
				for _, row := range read[Summary](w, "/api/v1/summary?by="+c.By).Rows {
					rows[row.Key] = row
				}
				for _, p := range c.Rows {
					if row, ok := rows[p.Key]; !ok || row.PLL != p.PLL || row.Share != p.Share || row.Count.Count != p.Count {
						t.Errorf("by %s: %+v, the summary %+v", c.By, p, row)
					}
					delete(rows, p.Key)
				}
				for key, row := range rows {
					if row.PLL != 0 || row.Count.Count != 0 {
						t.Errorf("by %s: the report lacks %s: %+v", c.By, key, row)
					}
				}
			}
			for by, chapters := range map[string][]report.Chapter{"industry": r.Industries, "group": r.Groups, "district": r.Districts} {
				rows := read[Summary](w, "/api/v1/summary?by="+by).Rows
				for i, c := range chapters {
					row := rows[i]
					if row.Key != c.Key || row.PLL != c.PLL || row.Count != countOf(c.Counts) ||
						by == "district" && (row.Level != c.Level || row.GroundKM2.Low != c.GroundKM2[1] || row.PerHeads != nil && *row.PerHeads != c.Per10000) {
						t.Errorf("%s: %+v, the summary %+v", by, c, row)
					}
				}
			}
			if fn := read[FN](w, "/api/v1/fn"); fn.Zone != r.Curve.Zone || fn.At.PerYear != r.Curve.Worst.F || len(fn.Points) < len(r.Curve.Points) {
				t.Errorf("the curve: %+v, the route %+v", r.Curve.Worst, fn.At)
			}
		})
	}
}
