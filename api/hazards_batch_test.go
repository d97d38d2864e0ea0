package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

// A batch is stored whole or not at all, and each fault is named by its place.
func TestBatchesAreWholeOrNothing(t *testing.T) {
	var records []*data.Record
	for _, id := range []string{"a", "b", "c"} {
		records = append(records, source(t, id, "I04", data.Low, orb.Point{120.2001, 30.2001}))
	}
	w := newWorld(t, city.InternalView, records, nil)
	start := w.viewer.View().Revision()
	post := func(changes ...string) (int, string) {
		rec := w.local("POST", "/api/v1/hazards/batch?why=round", `{"changes":[`+strings.Join(changes, ",")+`]}`)
		return rec.Code, rec.Body.String()
	}
	feature := featureWith(t, nil)
	good := []string{
		`{"op":"create","feature":` + feature + `}`,
		`{"op":"create","id":"mine","feature":` + feature + `}`,
		`{"op":"change","id":"a","if":1,"patch":{"properties":{"name":"A"}}}`,
		`{"op":"remove","id":"b","if":1}`,
	}
	code, body := post(append(good,
		`{"op":"change","id":"c","if":9,"patch":{}}`,
		`{"op":"create","feature":`+featureWith(t, map[string]any{"level": 9})+`}`,
		`{"op":"create","id":"a","feature":`+feature+`}`,
		`{"op":"remove","id":"nowhere","if":1}`,
		`{"op":"replace","id":"c","feature":`+feature+`}`,
		`{"op":"fly","id":"c","if":1}`,
		`{"op":"remove","id":"mine","if":1}`)...)
	var p Problem
	if err := json.Unmarshal([]byte(body), &p); err != nil || code != http.StatusPreconditionFailed {
		t.Fatalf("%d %s", code, body)
	}
	var got []string
	for _, f := range p.Errors {
		got = append(got, fmt.Sprintf("%d:%d:%s", *f.Index, f.Status, f.Field))
	}
	if s := strings.Join(got, " "); s != "4:412: 5:400:level 6:409: 6:400:id 7:404: 8:428:if 8:400:id 9:400:op 9:400:id 10:404: 10:400:id" {
		t.Errorf("faults %s\n%s", s, body)
	}
	if p.Errors[0].Rev != 1 || w.viewer.View().Revision() != start {
		t.Errorf("rev %d, the city at %d", p.Errors[0].Rev, w.viewer.View().Revision())
	}
	code, body = post(good...)
	var a BatchAnswer
	if err := json.Unmarshal([]byte(body), &a); err != nil || code != 200 {
		t.Fatalf("%d %s", code, body)
	}
	if fmt.Sprint(a.Created, a.Replaced, a.Removed) != "[HZ-I04-000004 mine] [a] [b]" && fmt.Sprint(a.Replaced, a.Removed) != "[a] [b]" {
		t.Errorf("%s", body)
	}
	if len(a.Created) != 2 || a.Created[1] != "mine" || !strings.HasPrefix(string(a.Created[0]), "HZ-I04-0000") || a.Rev != uint64(start)+1 ||
		w.viewer.View().Revision() != start+1 || len(a.Warnings) == 0 || a.Warnings[0].Index != 2 {
		t.Errorf("%s", body)
	}
	if list := read[hazardList](w, "/api/v1/hazards"); len(list.Features) != 4 {
		t.Errorf("%d sources, want 4", len(list.Features))
	}
	for _, wrong := range []string{`{}`, `{"changes":[]}`, `{"changes":{}}`, `{"changes":[{"op":"create","colour":1}]}`, `[]`, ``, `{"changes":[` + strings.Repeat(`{"op":"remove","id":"a","if":1},`, mostBatch) + `{}]}`} {
		if rec := w.local("POST", "/api/v1/hazards/batch", wrong, "Content-Type", jsonType); rec.Code != 400 {
			t.Errorf("%.60q: %d %.300s", wrong, rec.Code, rec.Body)
		}
	}
}

// The public view takes the writes of who may write, and shows and erases nothing
// that it does not see.
func TestPublicViewWritesUnseen(t *testing.T) {
	open := source(t, "open", "I04", data.Low, orb.Point{120.2001, 30.2001})
	open.Detail = data.Detail{Responsible: canary, DutyPhone: canary, Enterprise: "seen"}
	tokens, known := team(t, map[string]Role{"wang": Editor})
	w := newWorld(t, city.PublicView, []*data.Record{open, hiddenRecord(t, 1, data.Internal, "I04")}, nil, func(o *Options) { o.Tokens = known })
	hidden := "/api/v1/hazards/" + canary + "-1"
	seen := ""
	ask := func(method, target, body string, header ...string) (int, string) {
		if method == "PATCH" {
			header = append(header, "Content-Type", mergePatchType)
		}
		rec := w.ask(method, target, body, "192.0.2.1:9", "map.example", append(header, "Authorization", "Bearer "+tokens["wang"])...)
		seen += rec.Body.String() + fmt.Sprint(rec.Header())
		return rec.Code, rec.Body.String()
	}
	for _, c := range []struct {
		method, target, body string
		header               []string
		want                 int
	}{
		{"PATCH", "/api/v1/hazards/open", `{"properties":{"enterprise":"new"}}`, []string{"If-Match", "*"}, 200},
		{"PATCH", "/api/v1/hazards/open", `{"properties":{"enterprise":"lost"}}`, []string{"If-Match", `"rev-1"`}, 412},
		{"PUT", "/api/v1/hazards/open", featureWith(t, nil), []string{"If-Match", "*", "Idempotency-Key", "one"}, 200},
		{"PUT", "/api/v1/hazards/open", featureWith(t, nil), []string{"If-Match", "*", "Idempotency-Key", "one"}, 200},
		{"PATCH", hidden, `{}`, []string{"If-Match", "*"}, 404},
		{"DELETE", hidden, "", []string{"If-Match", "*"}, 404},
		{"PUT", hidden, featureWith(t, nil), []string{"If-Match", "*"}, 412},
		{"PUT", hidden, featureWith(t, nil), []string{"If-None-Match", "*"}, 412},
		{"POST", "/api/v1/hazards", featureWith(t, map[string]any{"id": canary + "-1"}), nil, 409},
		{"POST", "/api/v1/hazards/batch", `{"changes":[{"op":"remove","id":"open","if":99}]}`, nil, 412},
	} {
		if code, body := ask(c.method, c.target, c.body, c.header...); code != c.want {
			t.Errorf("%s %s: %d %s, want %d", c.method, c.target, code, body, c.want)
		}
	}
	// A source that this view does not show is stored, and not shown.
	for range 2 {
		code, body := ask("POST", "/api/v1/hazards", featureWith(t, map[string]any{"id": "secret-one", "sensitivity": "internal", "responsible": canary}), "Idempotency-Key", "two")
		if code != 201 || !strings.Contains(body, `"hidden":true`) || strings.Contains(body, "geometry\":{") {
			t.Errorf("%d %s", code, body)
		}
	}
	// What was sent comes back in no answer; only the id that was asked for by name.
	if rest := strings.ReplaceAll(seen, canary+"-1", ""); strings.Contains(rest, canary) {
		t.Errorf("the canary is in the answers: %s", rest)
	}
	kept, err := w.store.Detail(t.Context(), "open", "secret-one")
	if err != nil || kept[0].Detail.Responsible != canary || kept[0].Detail.DutyPhone != canary || kept[0].Detail.Enterprise != "" || kept[1] == nil || kept[1].Detail.Responsible != canary {
		t.Errorf("%v %+v", err, kept)
	}
}
