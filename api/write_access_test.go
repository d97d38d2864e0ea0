package api

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/mux"
	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

// writeRoutes lists, from the router, every route that asks for a role.
func writeRoutes(t testing.TB, s *Server) (out []struct{ method, path string }) {
	err := s.router.mux.Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		path, err := route.GetPathTemplate()
		if err != nil {
			return nil // the pages
		}
		methods, err := route.GetMethods()
		for _, method := range methods {
			op := s.router.operation(method, path)
			asks, _ := op.Metadata[questionKey].(bool)
			if demandOf(op) != Nobody {
				out = append(out, struct{ method, path string }{method, path})
			} else if method != http.MethodGet && !asks {
				t.Errorf("%s %s is neither a question nor a write", method, path)
			}
		}
		return err
	})
	if err != nil || len(out) < 5 {
		t.Fatalf("%v: %d routes that write", err, len(out))
	}
	return out
}

// Every route that writes, without a token, with a reader's and with a wrong one,
// is refused and changes nothing.
func TestNobodyElseWrites(t *testing.T) {
	tokens, known := team(t, map[string]Role{"wang": Editor, "li": Reader})
	bodies := map[string]string{"POST /api/v1/hazards": featureWith(t, nil), "PUT /api/v1/hazards/{id}": featureWith(t, nil), "PATCH /api/v1/hazards/{id}": `{"properties":{"name":"x"}}`,
		"POST /api/v1/hazards/batch": `{"changes":[{"op":"remove","id":"a","if":1}]}`}
	for _, view := range []city.View{city.InternalView, city.PublicView} {
		for _, with := range []*Tokens{known, nil} {
			w := newWorld(t, view, []*data.Record{source(t, "a", "I04", data.Low, orb.Point{120.2, 30.2})}, nil, func(o *Options) { o.Tokens = with })
			before := w.viewer.View().Revision()
			digest, err := w.store.Digest(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, route := range writeRoutes(t, w.server) {
				target := strings.NewReplacer("{id}", "a", "{industry}", "I04", "{district}", "330105", "{code}", "a", "{name}", "a").Replace(route.path)
				body := cmp.Or(bodies[route.method+" "+route.path], "{}")
				for token, want := range map[string]int{"": 401, "Bearer " + tokens["li"]: 403, "Bearer wrong": 401, "Basic " + tokens["wang"]: 401, "Bearer": 401} {
					if with == nil {
						want = map[bool]int{true: 403, false: 401}[token == ""] // nobody has a token here
					}
					peer := "192.0.2.7:9"
					header := []string{"Authorization", token, "If-Match", "*", "Content-Type", map[bool]string{true: mergePatchType, false: jsonType}[route.method == "PATCH"]}
					rec := w.ask(route.method, target, body, peer, "map.example", header...)
					p := checkProblem(t, route.method+" "+target, rec, want)
					if want == 401 && !strings.HasPrefix(rec.Header().Get("WWW-Authenticate"), "Bearer ") {
						t.Errorf("%s %s: no WWW-Authenticate", route.method, target)
					}
					if strings.Contains(fmt.Sprint(p), tokens["wang"]) || strings.Contains(fmt.Sprint(p), tokens["li"]) {
						t.Errorf("%s %s: the problem holds a token", route.method, target)
					}
				}
			}
			if after, err := w.store.Digest(t.Context()); err != nil || after != digest || w.viewer.View().Revision() != before {
				t.Errorf("the store is another: %v, revision %d", err, w.viewer.View().Revision())
			}
			if with == nil {
				continue
			}
			// With the right one it is taken, and history names who.
			rec := w.ask("DELETE", "/api/v1/hazards/a", "", "192.0.2.7:9", "map.example", "If-Match", "*", "Authorization", "Bearer "+tokens["wang"])
			if rec.Code != 200 {
				t.Fatalf("%d %s", rec.Code, rec.Body)
			}
			for b := range w.store.Watch(t.Context(), before) {
				if b.Note.Who != "wang" {
					t.Errorf("the log names %q", b.Note.Who)
				}
				break
			}
			if logs := w.logs.String(); strings.Contains(logs, tokens["wang"]) || strings.Contains(logs, tokens["li"]) {
				t.Error("the log holds a token")
			}
		}
	}
}

// 50 editors change 20 sources at once, each what he has read. What is
// acknowledged is there: the end is a serial order of the acknowledged writes, in
// which each was made of the state that the one before left.
func TestNoUpdateIsLost(t *testing.T) {
	const editors, sources, rounds = 50, 20, 6
	var records []*data.Record
	for i := range sources {
		records = append(records, source(t, fmt.Sprintf("s%02d", i), "I04", data.Low, orb.Point{120.2 + float64(i)*1e-3, 30.2}))
	}
	w := newWorld(t, city.InternalView, records, nil)
	type ack struct {
		id, mark string
		rev, was uint64
	}
	acks, refusals := make([][]ack, editors), make([]int, editors)
	var work sync.WaitGroup
	for e := range editors {
		work.Go(func() {
			rng := rand.New(rand.NewPCG(5, uint64(e)))
			for round := range rounds {
				id := fmt.Sprintf("s%02d", rng.IntN(sources))
				got := w.get("/api/v1/hazards/" + id)
				tag := got.Header().Get("ETag")
				var read struct{ Properties struct{ Address string } }
				if err := json.Unmarshal(got.Body.Bytes(), &read); err != nil || got.Code != 200 {
					t.Errorf("read %s: %d %v", id, got.Code, err)
					return
				}
				mark := fmt.Sprintf("%d.%d", e, round)
				patch := fmt.Sprintf(`{"properties":{"address":%q}}`, strings.TrimSpace(read.Properties.Address+" "+mark))
				rec := w.local("PATCH", "/api/v1/hazards/"+id, patch, "If-Match", tag)
				switch rec.Code {
				case 200:
					rev, _ := parseTag(rec.Header().Get("ETag"))
					was, _ := parseTag(tag)
					acks[e] = append(acks[e], ack{id, mark, uint64(rev), uint64(was)})
					// What one has written one reads at once, or what came after it.
					after, _ := parseTag(w.get("/api/v1/hazards/" + id).Header().Get("ETag"))
					if after < rev {
						t.Errorf("%s: written at %d, read at %d", id, rev, after)
					}
				case 412:
					refusals[e]++
				default:
					t.Errorf("%s: %d %s", id, rec.Code, rec.Body)
				}
			}
		})
	}
	work.Wait()
	byID, refused, acked := map[string][]ack{}, 0, 0
	for e := range editors {
		refused += refusals[e]
		for _, a := range acks[e] {
			byID[a.id] = append(byID[a.id], a)
			acked++
		}
	}
	if acked+refused != editors*rounds || refused == 0 || acked == 0 {
		t.Fatalf("%d acknowledged, %d refused", acked, refused)
	}
	for id, list := range byID {
		slices.SortFunc(list, func(a, b ack) int { return cmp.Compare(a.rev, b.rev) })
		marks, before := []string{}, uint64(1)
		for _, a := range list {
			if a.was != before {
				t.Errorf("%s: revision %d was made of %d, and %d stood before it", id, a.rev, a.was, before)
			}
			marks, before = append(marks, a.mark), a.rev
		}
		held, err := w.store.Detail(t.Context(), data.ID(id))
		if err != nil || held[0].Detail.Address != strings.Join(marks, " ") {
			t.Errorf("%s holds %q, acknowledged were %q: %v", id, held[0].Detail.Address, marks, err)
		}
	}
	t.Logf("%d acknowledged, %d refused with 412", acked, refused)
}

// What is written is at once in every answer, and in the tile that shows it.
func TestWritersReadTheirWrites(t *testing.T) {
	at, far := orb.Point{120.1634, 30.2723}, orb.Point{119.1, 29.6}
	w := newWorld(t, city.InternalView, []*data.Record{source(t, "far", "I04", data.Low, far)}, nil)
	tile, other := "/tiles/risk,grid,hazards/"+tileAt(at, 14)+".mvt", "/tiles/risk,grid,hazards/"+tileAt(far, 14)+".mvt"
	target, tag := "", ""
	for i, step := range []struct {
		method, body string
		sources      int
	}{
		{"POST", featureWith(t, nil), 1},
		{"PATCH", `{"geometry":{"coordinates":[120.1637,30.2721]}}`, 1},
		{"PUT", featureWith(t, map[string]any{"name": "另一名"}), 1},
		{"DELETE", "", 0},
	} {
		before, stays := w.get(tile).Header().Get("ETag"), w.get(other)
		header := []string{}
		if tag != "" {
			header = []string{"If-Match", tag}
		}
		rec := w.local(step.method, cmp.Or(target, "/api/v1/hazards"), step.body, header...)
		if rec.Code/100 != 2 {
			t.Fatalf("step %d: %d %s", i, rec.Code, rec.Body)
		}
		target, tag = cmp.Or(rec.Header().Get("Location"), target), rec.Header().Get("ETag")
		if after := w.get(tile).Header().Get("ETag"); after == before {
			t.Errorf("step %d: the tile is still %s", i, after)
		}
		if now := w.get(other); now.Header().Get("ETag") != stays.Header().Get("ETag") || !bytes.Equal(now.Body.Bytes(), stays.Body.Bytes()) {
			t.Errorf("step %d: a tile that the change does not touch is another", i)
		}
		near := read[Nearby](w, "/api/v1/nearby?lon=120.1634&lat=30.2723&radius=200")
		list := read[hazardList](w, "/api/v1/hazards")
		if len(near.Features) != step.sources || len(list.Features) != step.sources+1 || near.DataRevision < uint64(i)+2 {
			t.Errorf("step %d: %d near, %d in all, revision %d", i, len(near.Features), len(list.Features), near.DataRevision)
		}
	}
}
