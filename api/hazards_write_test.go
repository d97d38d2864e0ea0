package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

// local is a request of this machine's own.
func (w *world) local(method, target, body string, header ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	if method == http.MethodPatch {
		header = append([]string{"Content-Type", mergePatchType}, header...)
	}
	return w.ask(method, target, body, "127.0.0.1:9", "localhost:8080", header...)
}

// answered is an answer to a write, for tests.
type answered struct {
	ID         string
	Geometry   json.RawMessage
	Properties map[string]any
	Written
}

func readWritten(t testing.TB, rec *httptest.ResponseRecorder, status int) answered {
	t.Helper()
	var a answered
	if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil || rec.Code != status {
		t.Fatalf("%d %s, want %d", rec.Code, rec.Body, status)
	}
	return a
}

// featureWith is the example with other members; a nil takes one away.
func featureWith(t testing.TB, changes map[string]any) string {
	t.Helper()
	f := exampleFeature()
	properties := f["properties"].(map[string]any)
	for name, v := range changes {
		to := properties
		if name == "geometry" || name == "id" || name == "datum" || name == "crs" || name == "type" {
			to = f
		}
		if to[name] = v; v == nil {
			delete(to, name)
		}
	}
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestSourcesAreStoredChangedAndRemoved(t *testing.T) {
	w := newWorld(t, city.InternalView, []*data.Record{source(t, "HZ-I04-000041", "I04", data.Low, orb.Point{120.2, 30.2})}, nil)
	start := w.viewer.View().Revision()

	// Created under the next free id, and at once to be read.
	rec := w.local("POST", "/api/v1/hazards?why="+escape("新设加油站"), featureWith(t, nil))
	made := readWritten(t, rec, http.StatusCreated)
	tag := rec.Header().Get("ETag")
	if made.ID != "HZ-I04-000042" || made.DataRevision != uint64(start)+1 || made.Properties["rev"] != float64(start+1) || len(made.Warnings) != 0 ||
		rec.Header().Get("Location") != "/api/v1/hazards/HZ-I04-000042" || tag != fmt.Sprintf(`"rev-%d"`, start+1) || made.Completeness <= 0.4 || made.Completeness >= 1 {
		t.Fatalf("%s\n%v", rec.Body, rec.Header())
	}
	got := w.get("/api/v1/hazards/HZ-I04-000042")
	if got.Code != 200 || got.Header().Get("ETag") != tag || !strings.Contains(got.Body.String(), "示例加油站") {
		t.Fatalf("read: %d %q %s", got.Code, got.Header(), got.Body)
	}

	// A change without a condition is not taken; with it, it is.
	target := "/api/v1/hazards/HZ-I04-000042"
	for _, method := range []string{"PUT", "PATCH", "DELETE"} {
		if p := checkProblem(t, method, w.local(method, target, map[string]string{"PUT": featureWith(t, nil), "PATCH": "{}"}[method]), 428); p.Parameter != "If-Match" {
			t.Errorf("%s: %+v", method, p)
		}
	}
	rec = w.local("PATCH", target, `{"properties":{"level":3,"level_inputs":{"L":3},"measures":{"management":["每班巡检"]},"address":null}}`, "If-Match", tag)
	changed := readWritten(t, rec, http.StatusOK)
	if changed.Properties["level"] != 3.0 || changed.Properties["address"] != nil || changed.Properties["name"] != "示例加油站" ||
		fmt.Sprint(changed.Properties["level_inputs"]) != "map[C:15 E:6 L:3]" {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	newTag := rec.Header().Get("ETag")

	// The old tag is of another state: the answer has the one that is.
	for _, old := range []string{tag, "W/" + newTag, `"other"`} {
		rec = w.local("PATCH", target, `{"properties":{"level":4}}`, "If-Match", old)
		p := checkProblem(t, old, rec, http.StatusPreconditionFailed)
		if rec.Header().Get("ETag") != newTag || !strings.Contains(string(p.Current), `"level":3`) {
			t.Errorf("%s: %s %v", old, rec.Body, rec.Header())
		}
	}

	// Removed, and brought back.
	rec = w.local("DELETE", target+"?why=closed", "", "If-Match", `"other", `+newTag)
	if rec.Code != 200 || !strings.Contains(rec.Body.String(), `"removed":"HZ-I04-000042"`) {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	w.problem(target, 404)
	checkProblem(t, "gone", w.local("DELETE", target, "", "If-Match", "*"), 404)
	checkProblem(t, "gone", w.local("PATCH", target, "{}", "If-Match", "*"), 404)
	checkProblem(t, "gone", w.local("PUT", target, featureWith(t, nil), "If-Match", newTag), 412)
	rec = w.local("PUT", target, featureWith(t, map[string]any{"id": "HZ-I04-000042"}), "If-None-Match", "*")
	if back := readWritten(t, rec, http.StatusCreated); back.ID != "HZ-I04-000042" {
		t.Fatalf("%+v", back)
	}
	if p := checkProblem(t, "twice", w.local("PUT", target, featureWith(t, nil), "If-None-Match", "*"), 412); len(p.Current) == 0 {
		t.Errorf("%+v", p)
	}
	readWritten(t, w.local("PUT", target, featureWith(t, map[string]any{"name": "改名"}), "If-Match", "*"), 200)

	// The store's log says who, why and what.
	var notes []string
	for b, err := range w.store.Watch(t.Context(), start) {
		if err != nil {
			t.Fatal(err)
		}
		notes = append(notes, b.Note.Who+" "+b.Note.Why)
		if b.Revision == start+5 {
			break
		}
	}
	if got := strings.Join(notes, "; "); got != "local 新设加油站; local ; local closed; local ; local " {
		t.Errorf("the log says %q", got)
	}
	if logs := w.logs.String(); !strings.Contains(logs, "msg=write who=local ids=1 revision=") {
		t.Error("a write has no line in the log")
	}
}

func TestWrongWritesChangeNothing(t *testing.T) {
	w := newWorld(t, city.InternalView, []*data.Record{source(t, "a", "I04", data.Low, orb.Point{120.2, 30.2})}, nil)
	before := w.viewer.View().Revision()
	digest, err := w.store.Digest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	point := func(lon, lat float64) map[string]any {
		return map[string]any{"type": "Point", "coordinates": []float64{lon, lat}}
	}
	bowtie := map[string]any{"type": "Polygon", "coordinates": [][][]float64{{{120.1, 30.1}, {120.2, 30.2}, {120.2, 30.1}, {120.1, 30.2}, {120.1, 30.1}}}}
	for _, c := range []struct {
		changes map[string]any
		field   string
		want    string
	}{
		{map[string]any{"geometry": nil}, "geometry", "a geometry"},
		{map[string]any{"geometry": point(116.4, 39.9)}, "geometry", "outside the city"},
		{map[string]any{"geometry": point(30.27, 120.16)}, "geometry", "latitude"}, // 120 is no latitude
		{map[string]any{"geometry": bowtie}, "geometry", "cross"},
		{map[string]any{"geometry": map[string]any{"type": "Point", "coordinates": "x"}}, "geometry.coordinates", ""},
		{map[string]any{"industry": "I99"}, "industry", "I04"},
		{map[string]any{"industry": nil}, "industry", ""},
		{map[string]any{"level": 0}, "level", "1 to 4"},
		{map[string]any{"level": 5}, "level", "1 to 4"},
		{map[string]any{"level": nil}, "level", "1 to 4"},
		{map[string]any{"level": 4}, "level", "override_reason"}, // L E C give 2
		{map[string]any{"status": "open"}, "status", "active"},
		{map[string]any{"exposed_day": -1}, "exposed_day", "0 to 1000000"},
		{map[string]any{"exposed_day": 1.5}, "exposed_day", ""},
		{map[string]any{"effect_radius_m": map[string]any{"death": 9, "serious": 5, "minor": 20}}, "effect_radius_m", "death <= serious"},
		{map[string]any{"id": "no id"}, "id", "characters"},
		{map[string]any{"id": "a"}, "", "no source has"},
		{map[string]any{"colour": "red"}, "properties", "properties"},
		{map[string]any{"datum": "gcj02"}, "datum", "WGS 84"},
		{map[string]any{"type": "Point"}, "type", "Feature"},
	} {
		body := featureWith(t, c.changes)
		rec := w.local("POST", "/api/v1/hazards", body)
		var p Problem
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || rec.Code/100 != 4 || p.Parameter != c.field || !strings.Contains(p.Detail, c.want) {
			t.Errorf("%v: %d %s\nwant %s: %s", c.changes, rec.Code, rec.Body, c.field, c.want)
		}
		if c.changes["id"] == "a" {
			continue
		}
		rec = w.local("POST", "/api/v1/hazards?dry_run=true", body)
		var dry Judgement
		if err := json.Unmarshal(rec.Body.Bytes(), &dry); err != nil || rec.Code != 200 || len(dry.Refused) == 0 || dry.Refused[0].Field != c.field || dry.Refused[0].Want == "" {
			t.Errorf("dry %v: %d %s", c.changes, rec.Code, rec.Body)
		}
	}
	// All faults at once.
	p := checkProblem(t, "many", w.local("POST", "/api/v1/hazards", featureWith(t, map[string]any{"geometry": point(116.4, 39.9), "level": 4})), 400)
	if len(p.Errors) != 2 || p.Errors[0].Field != "geometry" || p.Errors[1].Field != "level" {
		t.Errorf("%+v", p)
	}
	for _, body := range []string{"", "{", "[]", "null", "1", `{"type":"Feature"}`, strings.Repeat(`{"a":`, 70) + "1" + strings.Repeat("}", 70), "{}{}", "\xff"} {
		for _, method := range []string{"POST", "PUT", "PATCH"} {
			target := map[string]string{"POST": "/api/v1/hazards"}[method]
			if target == "" {
				target = "/api/v1/hazards/a"
			}
			if method == "PATCH" && body == `{"type":"Feature"}` {
				continue // changes nothing, and may
			}
			if rec := w.local(method, target, body, "Content-Type", map[bool]string{true: mergePatchType, false: jsonType}[method == "PATCH"], "If-Match", "*"); rec.Code/100 != 4 {
				t.Errorf("%s %q: %d %s", method, body, rec.Code, rec.Body)
			}
		}
	}
	for _, c := range []struct {
		header []string
		field  string
	}{
		{[]string{"If-Match", `rev-1`}, "If-Match"}, {[]string{"If-Match", `""x`}, "If-Match"}, {[]string{"If-Match", `"a" "b"`}, "If-Match"},
		{[]string{"If-None-Match", `"rev-1"`}, "If-None-Match"}, {[]string{"If-Match", "*", "If-None-Match", "*"}, "If-Match"},
		{[]string{"If-Match", "*", "Idempotency-Key", "a b"}, "Idempotency-Key"},
		{[]string{"If-Match", "*", "Idempotency-Key", strings.Repeat("k", 256)}, ""},
	} {
		rec := w.local("PUT", "/api/v1/hazards/a", featureWith(t, nil), c.header...)
		if p := checkProblem(t, fmt.Sprint(c.header), rec, 400); c.field != "" && p.Parameter != c.field {
			t.Errorf("%v: %+v", c.header, p)
		}
	}
	if p := checkProblem(t, "id", w.local("PUT", "/api/v1/hazards/a", featureWith(t, map[string]any{"id": "b"}), "If-Match", "*"), 400); p.Parameter != "id" {
		t.Errorf("%+v", p)
	}
	if p := checkProblem(t, "id", w.local("PATCH", "/api/v1/hazards/a", `{"id":"b"}`, "If-Match", "*"), 400); p.Parameter != "id" {
		t.Errorf("%+v", p)
	}
	checkProblem(t, "why", w.local("POST", "/api/v1/hazards?why="+strings.Repeat("y", 501), featureWith(t, nil)), 400)
	checkProblem(t, "too large", w.local("POST", "/api/v1/hazards", strings.Repeat(" ", maxBodyBytes+1)), 413)
	if after, err := w.store.Digest(t.Context()); err != nil || after != digest || w.viewer.View().Revision() != before {
		t.Errorf("the store is another: %v, revision %d", err, w.viewer.View().Revision())
	}
}
