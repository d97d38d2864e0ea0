package api

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

// A write that is sent again with its key is done once, whatever happened since.
func TestKeysAreDoneOnce(t *testing.T) {
	tokens, known := team(t, map[string]Role{"wang": Editor, "li": Editor})
	w := newWorld(t, city.InternalView, []*data.Record{source(t, "a", "I04", data.Low, orb.Point{120.2001, 30.2001})}, nil, func(o *Options) { o.Tokens = known })
	as := func(who, method, target, body string, header ...string) (int, string, string) {
		if method == "PATCH" {
			header = append(header, "Content-Type", mergePatchType)
		}
		rec := w.ask(method, target, body, "192.0.2.1:9", "map.example", append(header, "Authorization", "Bearer "+tokens[who])...)
		return rec.Code, rec.Header().Get("ETag"), rec.Body.String()
	}
	body := featureWith(t, nil)
	code, tag, first := as("wang", "POST", "/api/v1/hazards", body, "Idempotency-Key", "k/1")
	if code != 201 {
		t.Fatal(code, first)
	}
	created := w.viewer.View().Revision()
	if code, tag2, again := as("wang", "POST", "/api/v1/hazards", body, "Idempotency-Key", "k/1"); code != 201 || tag2 != tag || again != first {
		t.Errorf("again: %d %s\n%s\n%s", code, tag2, first, again)
	}
	// Changed since: the first write is still what its key did.
	if code, _, s := as("li", "PATCH", "/api/v1/hazards/HZ-I04-000001", `{"properties":{"name":"新"}}`, "If-Match", tag, "Idempotency-Key", "k/1"); code != 200 {
		t.Fatal(code, s)
	}
	for range 2 { // the condition held when it was done
		if code, _, s := as("li", "PATCH", "/api/v1/hazards/HZ-I04-000001", `{"properties":{"name":"新"}}`, "If-Match", tag, "Idempotency-Key", "k/1"); code != 200 || !strings.Contains(s, `"name":"新"`) {
			t.Errorf("again: %d %s", code, s)
		}
		if code, tag2, s := as("wang", "POST", "/api/v1/hazards", body, "Idempotency-Key", "k/1"); code != 201 || tag2 != tag || !strings.Contains(s, "示例加油站") {
			t.Errorf("again: %d %s %s", code, tag2, s)
		}
	}
	if got := w.viewer.View().Revision(); got != created+1 {
		t.Errorf("revision %d, want %d", got, created+1)
	}
	// Another body, method or place under the same key is a slip.
	for _, c := range [][3]string{{"POST", "/api/v1/hazards", featureWith(t, map[string]any{"name": "其他"})}, {"PUT", "/api/v1/hazards/a", body}, {"DELETE", "/api/v1/hazards/a", ""}} {
		if code, _, s := as("wang", c[0], c[1], c[2], "Idempotency-Key", "k/1", "If-Match", "*"); code != 422 || !strings.Contains(s, "Idempotency-Key") {
			t.Errorf("%v: %d %s", c, code, s)
		}
	}
	// What was refused used no key up.
	if code, _, s := as("wang", "POST", "/api/v1/hazards", `{"type":"Feature"}`, "Idempotency-Key", "k2"); code != 400 {
		t.Error(code, s)
	}
	if code, _, s := as("wang", "DELETE", "/api/v1/hazards/a", "", "Idempotency-Key", "k2", "If-Match", "*"); code != 200 {
		t.Error(code, s)
	}
	if code, _, s := as("wang", "DELETE", "/api/v1/hazards/a", "", "Idempotency-Key", "k2", "If-Match", "*"); code != 200 || !strings.Contains(s, `"removed":"a"`) {
		t.Error(code, s)
	}
	// Many at once are one.
	before := w.viewer.View().Revision()
	var work sync.WaitGroup
	answers := make([]string, 16)
	for i := range answers {
		work.Go(func() {
			code, _, s := as("li", "POST", "/api/v1/hazards/batch", `{"changes":[{"op":"create","feature":`+body+`},{"op":"create","feature":`+body+`}]}`, "Idempotency-Key", "many")
			if code == 503 { // too many batches at once: it says so
				return
			}
			answers[i] = fmt.Sprint(code, s[strings.Index(s, `"created"`):strings.Index(s, `"warnings"`)])
		})
	}
	work.Wait()
	seen := map[string]bool{}
	for _, a := range answers {
		if a != "" {
			seen[a] = true
		}
	}
	if len(seen) != 1 || w.viewer.View().Revision() != before+1 {
		t.Errorf("%v at revision %d, before %d", seen, w.viewer.View().Revision(), before)
	}
}
