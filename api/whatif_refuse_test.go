package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

func TestBadWhatIfsNameTheFault(t *testing.T) {
	p := orb.Point{120.15, 30.27}
	w := newWorld(t, city.InternalView, []*data.Record{source(t, "a", "I04", 2, p), source(t, "b", "I04", 2, p)}, nil)
	good := string(features(t, source(t, "n", "I04", 2, p))[0])
	with := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%s is not in %s", old, good)
		}
		return strings.Replace(good, old, new, 1)
	}
	many := make([]string, 1001)
	for i := range many {
		many[i] = fmt.Sprint("x", i)
	}
	crowd, err := json.Marshal(thought{Remove: many})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		body      string
		status    int
		parameter string
	}{
		{`{}`, 400, "body"},
		{`{"planned": false}`, 400, "body"},
		{`{"planned": "all"}`, 400, "planned"},
		{`{"planned": ["a"]}`, 400, "planned[0]"},
		{`{"planned": ["zz"]}`, 404, "planned[0]"},
		{`{"remove": ["a", "zz"]}`, 404, "remove[1]"},
		{`{"remove": ["a", "a"]}`, 400, "remove[1]"},
		{`{"remove": ["no id"]}`, 400, "remove[0].id"},
		{`{"delete": ["a"]}`, 400, "delete"},
		{string(crowd), 400, "body"},
		{`{"add": [` + good + `, ` + good + `]}`, 400, "add[1].id"},
		{`{"add": [` + with(`"n"`, `"a"`) + `]}`, 400, "add[0].id"},
		{`{"change": [` + good + `]}`, 404, "change[0].id"},
		{`{"add": [` + good + `], "remove": ["n"]}`, 400, "remove[0]"},
		{`{"add": [` + good + `, ` + with(`"level":2`, `"level":7`) + `]}`, 400, "add[1].level"},
		{`{"add": [` + with(`"I04"`, `"I99"`) + `]}`, 400, "add[0].industry"},
		{`{"add": [` + with(`"Point"`, `"Circle"`) + `]}`, 400, "add[0].geometry.type"},
		{`{"add": [` + with(`"level":2`, `"level":2,"colour":1`) + `]}`, 400, "add[0].properties"},
		{`{"add": [` + with(`"level":2`, `"level":2,"exposed_day":-3`) + `]}`, 400, "add[0].exposed_day"},
		{`{"add": [` + with(`"level":2`, `"level":2,"level_method":"LEC","level_inputs":{"L":6,"E":6,"C":15}`) + `]}`, 400, "add[0].level"},
		{`{"add": [7]}`, 400, "add[0].type"},
		{`{"add": [` + with(`"level":2`, `"level":2,"scenarios":[{"outcome":"pool_fire","per_year":5,"basis":"qra","footprint":{"kind":"step","r":10}}]`) + `]}`, 400, "add[0].scenarios.per_year"},
	} {
		got := checkProblem(t, c.body, w.give(http.MethodPost, "/api/v1/whatif", c.body), c.status)
		if got.Parameter != c.parameter {
			t.Errorf("%.200s: %+v, want %s", c.body, got, c.parameter)
		}
	}
	if n := len(w.server.whatIfs.byID); n != 0 {
		t.Errorf("%d what-ifs are held", n)
	}
}

// In the public view a what-if cannot tell whether a hidden source is there,
// nor show it, and gives no personal field back.
func TestWhatIfsKeepTheSecretsOfThePublicView(t *testing.T) {
	p := orb.Point{120.15, 30.27}
	hidden := source(t, "hidden", "I04", 4, p, scenario(t, 1e-3, step(500)), func(h *data.Hazard) { h.Sensitivity, h.Status = data.Internal, data.Planned })
	w := newWorld(t, city.PublicView, []*data.Record{source(t, "a", "I04", 2, p), hidden}, nil)
	for _, form := range []string{`{"remove": [%q]}`, `{"planned": [%q]}`, `{"change": [` + strings.Replace(string(features(t, source(t, "ID", "I04", 2, p))[0]), `"ID"`, `%q`, 1) + `]}`} {
		a := checkProblem(t, form, w.give(http.MethodPost, "/api/v1/whatif", fmt.Sprintf(form, "hidden")), 404)
		b := checkProblem(t, form, w.give(http.MethodPost, "/api/v1/whatif", fmt.Sprintf(form, "nobody")), 404)
		if strings.ReplaceAll(a.Detail, "hidden", "nobody") != b.Detail || a.Parameter != b.Parameter {
			t.Errorf("%+v and %+v differ", a, b)
		}
	}
	before := read[Risk](w, "/api/v1/risk?"+at(p)).IR
	if got := read[Risk](w, "/api/v1/risk?"+at(p)+"&whatif="+w.whatIf(thought{Planned: true})).IR; got != before {
		t.Errorf("a hidden planned source shows: %v", got)
	}
	// A hidden source's id is as good as new, and any sensitivity may be thought.
	own := source(t, "hidden", "I04", 2, p, scenario(t, 1e-6, step(10)), func(h *data.Hazard) { h.Sensitivity = data.Secret })
	own.Detail.Responsible, own.Detail.Enterprise = canary, "somebody's"
	id := w.whatIf(thought{Add: features(t, own)})
	got := read[Risk](w, "/api/v1/risk?"+at(p)+"&whatif="+id)
	if got.IR <= before || got.View == nil {
		t.Errorf("%+v", got)
	}
	for _, target := range []string{"/api/v1/hazards/hidden?", "/api/v1/hazards?", "/api/v1/hazards?format=csv&", "/api/v1/risk?" + at(p) + "&"} {
		body := w.get(target + "whatif=" + id).Body.Bytes()
		if bytes.Contains(body, []byte(canary)) || !bytes.Contains(body, []byte("somebody's")) {
			t.Errorf("%s: %s", target, body)
		}
	}
	w.problem("/api/v1/hazards/hidden", http.StatusNotFound)
}
