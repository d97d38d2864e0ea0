package api

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

// retold is a history in words: each version's op and fields.
func retold(h History) []string {
	var out []string
	for _, v := range h.Versions {
		words := v.Op
		for _, c := range v.Changes {
			words += fmt.Sprintf(" %s %s>%s", c.Field, c.Before, c.After)
		}
		out = append(out, words)
	}
	return out
}

func TestHistoryTellsWhatEachRevisionDid(t *testing.T) {
	w := newWorld(t, city.InternalView, []*data.Record{source(t, "other", "C02", 1, orb.Point{120.1, 30.2})}, nil)
	at := orb.Point{120.15, 30.27}
	version := func(level data.Level, p orb.Point, measures ...string) *data.Record {
		r := source(t, "S-1", "I04", level, p, scenario(t, 1e-5, step(500)))
		r.Detail.Measures = &data.Measures{Engineering: measures, Management: []string{}, Emergency: []string{}, Monitoring: []string{}}
		return r
	}
	const id = "S-1"
	put := func(r *data.Record) {
		h := *r.Hazard
		h.ID = id
		sealed, err := h.Seal()
		if err != nil {
			t.Fatal(err)
		}
		w.apply(data.Change{ID: id, If: data.Any, New: &data.Record{Hazard: sealed, Detail: r.Detail}})
	}
	w.problem("/api/v1/hazards/"+id+"/history", http.StatusNotFound)
	put(version(1, at, "a"))
	put(version(3, at, "a", "b"))
	put(version(3, orb.Point{120.151, 30.27}, "a", "c"))
	w.apply(data.Change{ID: id, If: data.Any})
	put(version(2, at))
	w.apply(data.Change{ID: "other", If: data.Any}) // not its affair

	h := read[History](w, "/api/v1/hazards/"+id+"/history")
	got := retold(h)
	if len(got) != 5 {
		t.Fatalf("%d versions: %q", len(got), got)
	}
	for i, want := range []string{"restored", "removed",
		`changed /geometry/coordinates [120.15,30.27]>[120.151,30.27] /properties/measures/engineering/1 "b">"c"`,
		`changed /properties/level 1>3 /properties/measures/engineering ["a"]>["a","b"]`, "created"} {
		if got[i] != want && !(strings.HasPrefix(got[i], want+" ") && !strings.HasPrefix(want, "changed")) {
			t.Errorf("version %d: %s\nwant %s", i, got[i], want)
		}
	}
	if !strings.Contains(got[4], ` /properties/level >1`) || !strings.Contains(got[1], ` /properties/level 3>`) || !strings.Contains(got[0], ` /properties/level >2`) {
		t.Errorf("%q", got)
	}
	for i, v := range h.Versions {
		if _, err := time.Parse(time.RFC3339, v.At); err != nil || !strings.HasSuffix(v.At, "+08:00") || v.Why != "change" || i > 0 && v.Revision >= h.Versions[i-1].Revision {
			t.Errorf("%+v", v)
		}
	}
	// Pages hold each version once.
	var paged []string
	for next := uint64(0); ; {
		page := "/api/v1/hazards/" + id + "/history?limit=2"
		if next > 0 {
			page += fmt.Sprint("&before=", next)
		}
		p := read[History](w, page)
		paged = append(paged, retold(p)...)
		if next = p.Next; next == 0 {
			break
		}
	}
	if diff := cmp.Diff(got, paged); diff != "" {
		t.Error(diff)
	}
	w.problem("/api/v1/hazards/never/history", http.StatusNotFound)
	w.problem("/api/v1/hazards/"+id+"/history?limit=0", http.StatusBadRequest)
}

// Who changed what is for this machine where there are no tokens.
func TestHistoryKeepsNames(t *testing.T) {
	r := source(t, "S-1", "I04", 1, orb.Point{120.15, 30.27})
	for _, view := range []city.View{city.InternalView, city.PublicView} {
		w := newWorld(t, view, []*data.Record{r}, nil)
		for peer, host := range map[string]string{"127.0.0.1:9": "localhost:8080", "192.0.2.7:9": "localhost:8080", "[::1]:9": "evil.example"} {
			q := httptest.NewRequest(http.MethodGet, "/api/v1/hazards/S-1/history", nil)
			q.RemoteAddr, q.Host = peer, host
			rec := httptest.NewRecorder()
			w.server.Handler().ServeHTTP(rec, q)
			var h History
			if err := json.Unmarshal(rec.Body.Bytes(), &h); err != nil || len(h.Versions) != 1 {
				t.Fatal(err, rec.Body)
			}
			want := ""
			if view == city.InternalView && peer == "127.0.0.1:9" {
				want = "test"
			}
			if h.Versions[0].Who != want || (h.Versions[0].Why == "") != (view == city.PublicView) {
				t.Errorf("%s to %s as %s: %+v, want who %q", peer, host, view, h.Versions[0], want)
			}
		}
	}
}

// The public view's history has its public versions alone: what was internal in
// between is a record that was not there, and what only the internal view sees of
// a change is no change.
func TestPublicHistoryHidesWhatWasHidden(t *testing.T) {
	version := func(level data.Level, s data.Sensitivity, person string) *data.Record {
		r := source(t, "S-1", "I04", level, orb.Point{120.15, 30.27}, func(h *data.Hazard) { h.Sensitivity = s })
		r.Detail.Responsible, r.Detail.Address = person, fmt.Sprint("address ", level)
		return r
	}
	w := newWorld(t, city.PublicView, []*data.Record{version(1, data.Internal, canary)}, nil)
	const path = "/api/v1/hazards/S-1/history"
	w.problem(path, http.StatusNotFound) // never seen by this view
	for _, r := range []*data.Record{version(2, data.Public, canary), version(2, data.Public, canary+"2"), version(3, data.Secret, canary), version(4, data.Internal, canary), version(2, data.Public, canary)} {
		w.apply(data.Change{ID: "S-1", If: data.Any, New: r})
	}
	w.apply(data.Change{ID: "S-1", If: data.Any})
	rec := w.get(path)
	if strings.Contains(rec.Body.String(), canary) || strings.Contains(rec.Body.String(), "address 1") || strings.Contains(rec.Body.String(), "address 3") || strings.Contains(rec.Body.String(), "address 4") {
		t.Error(rec.Body)
	}
	h := read[History](w, path)
	var ops []string
	for _, v := range h.Versions {
		ops = append(ops, fmt.Sprint(v.Op, " ", v.Revision))
	}
	if diff := cmp.Diff([]string{"removed 7", "restored 6", "removed 4", "created 2"}, ops); diff != "" {
		t.Error(diff)
	}
}

// What differs between two times is what a scan of both finds.
func TestChangesAreThoseOfAScan(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	industries := []string{"I04", "C02", "P01"}
	make1 := func(i int) *data.Record {
		at := orb.Point{120.1 + 0.1*rng.Float64(), 30.2 + 0.1*rng.Float64()}
		return source(t, fmt.Sprintf("S-%02d", i), industries[rng.IntN(3)], data.Level(1+rng.IntN(4)), at,
			func(h *data.Hazard) { h.Status = []data.Status{data.Active, data.Active, data.Suspended}[rng.IntN(3)] })
	}
	var first []*data.Record
	for i := range 30 {
		first = append(first, make1(i))
	}
	w := newWorld(t, city.InternalView, first, nil)
	for range 12 {
		c := data.Change{ID: data.ID(fmt.Sprintf("S-%02d", rng.IntN(40))), If: data.Any}
		if rng.IntN(4) > 0 {
			var n int
			fmt.Sscanf(string(c.ID), "S-%d", &n)
			c.New = make1(n)
		} else if _, there := w.viewer.View().Get(c.ID); !there {
			continue
		}
		w.apply(c)
	}
	newest := int(w.viewer.View().Revision())
	tax := w.city.Profile().Taxonomy
	for _, c := range []struct {
		since, until int
		query        string
		f            data.Selection
	}{
		{1, 0, "", data.Selection{}}, {3, 7, "", data.Selection{}}, {5, 5, "", data.Selection{}}, {newest, 0, "", data.Selection{}},
		{1, 0, "&industry=I04", data.Selection{Industries: []string{"I04"}}}, {2, 9, "&level=3,4&district=330106", data.Selection{Levels: []string{"3", "4"}, Districts: []string{"330106"}}},
		{2, 0, "&group=crowded", data.Selection{Groups: []string{"crowded"}}},
	} {
		f, err := tax.Filter(c.f)
		if err != nil {
			t.Fatal(err)
		}
		before, after := w.stateAt(c.since), w.stateAt(c.until)
		var want []string
		var counts [2][5]int
		for id := range eitherOf(before, after) {
			old, now := before[id], after[id]
			if !(old != nil && f.Match(old) || now != nil && f.Match(now)) {
				continue
			}
			for side, h := range []*data.Hazard{old, now} {
				if h != nil && h.Status == data.Active && f.Match(h) {
					counts[side][h.Level]++
				}
			}
			switch {
			case old == nil:
				want = append(want, string(id)+" new")
			case now == nil:
				want = append(want, string(id)+" gone")
			case old.Rev != now.Rev:
				words := string(id) + " changed"
				if a, b := effective(old), effective(now); a < b {
					words += " rise"
				} else if a > b {
					words += " fall"
				}
				want = append(want, words)
			}
		}
		slices.Sort(want)
		path := fmt.Sprintf("/api/v1/changes?limit=4&since=%d%s", c.since, c.query)
		if c.until > 0 {
			path += fmt.Sprint("&until=", c.until)
		}
		var got []string
		var whole Changes
		for next := ""; ; {
			page := read[Changes](w, path+next)
			for _, ch := range page.Changes {
				got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s", ch.ID, ch.Op, ch.Change)))
			}
			whole = page
			if page.Next == "" {
				break
			}
			next = "&cursor=" + page.Next
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
		if whole.Total.Before != countOf(counts[0]) || whole.Total.After != countOf(counts[1]) {
			t.Errorf("%s: %+v, want %v", path, whole.Total, counts)
		}
		for name, rows := range map[string][]ChangeRow{"level": whole.Levels, "industry": whole.Trades, "district": whole.Places} {
			n := 0
			for _, r := range rows {
				n += r.Before.Count - r.After.Count
			}
			if n != whole.Total.Before.Count-whole.Total.After.Count {
				t.Errorf("%s: rows of %s do not sum to the total: %+v", path, name, rows)
			}
		}
		if n := whole.Numbers; n.New+n.Changed+n.Gone != len(want) {
			t.Errorf("%s: %+v of %d", path, n, len(want))
		}
	}
	rises := read[Changes](w, "/api/v1/changes?since=1&op=rise&limit=1000")
	if len(rises.Changes) != rises.Numbers.Rise || rises.Numbers.Rise == 0 {
		t.Errorf("%d of %+v", len(rises.Changes), rises.Numbers)
	}
	for query, name := range map[string]string{"": "since", "?since=9999": "since", "?since=tomorrow": "since", "?since=2099-01-01": "since", "?since=2099-01-01T00:00:00Z": "since",
		"?since=5&until=3": "since", "?since=1&op=up": "op", "?since=1&until=x": "until", "?since=1&what=1": "what", "?since=1&industry=X": "industry"} {
		if p := w.problem("/api/v1/changes"+query, http.StatusBadRequest); p.Parameter != name {
			t.Errorf("%q: %+v, want parameter %s", query, p, name)
		}
	}
}

// stateAt replays the store's log: what was there, 0: now.
func (w *world) stateAt(rev int) map[data.ID]*data.Hazard {
	out := map[data.ID]*data.Hazard{}
	n := int(w.viewer.View().Revision())
	if rev == 0 && n > 0 {
		rev = n
	}
	for b, err := range w.city.Watch(w.t.Context(), 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		if int(b.Revision) > rev {
			break
		}
		for _, c := range b.Changes {
			if delete(out, c.ID); c.New != nil {
				out[c.ID] = c.New.Hazard
			}
		}
		if int(b.Revision) == n {
			break
		}
	}
	return out
}

func eitherOf(a, b map[data.ID]*data.Hazard) map[data.ID]*data.Hazard {
	out := map[data.ID]*data.Hazard{}
	for id, h := range a {
		out[id] = h
	}
	for id, h := range b {
		out[id] = h
	}
	return out
}

func effective(h *data.Hazard) data.Level {
	if h.Status == data.Active {
		return h.Level
	}
	return 0
}
