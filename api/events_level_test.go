package api

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

// A subscription by place tells of just the revisions that change the level there,
// or the ir: what /api/v1/risk answers before and after each of many random
// edits says which. Who comes back after any revision hears the same.
func TestLevelEventsAreExact(t *testing.T) {
	edits := 250
	if soaking() {
		edits = 1000
	}
	records := town(t, 40, 11)
	w, address := eventWorld(t, records)
	p := records[0].Hazard.Label()
	q := records[8].Hazard.Label()
	spots := []string{at(p), at(p) + "&on=ir", at(q) + "&zoom=16", at(q) + "&zoom=12&on=ir", at(p) + "&zoom=9&stat=share", at(p) + "&zoom=10&industry=I04,I01,C02",
		at(p) + "&cuts=new-build&level=2,3", at(q) + "&zoom=13"}
	state := func(spot string) PlaceState {
		got := read[Risk](w, "/api/v1/risk?"+strings.ReplaceAll(spot, "&on=ir", ""))
		if got.Cell != nil {
			return PlaceState{got.Cell.Level, got.Cell.IR}
		}
		return PlaceState{got.Level, got.IR}
	}
	type fired struct {
		rev     uint64
		was, is PlaceState
	}
	ears, last, want := make([]*ear, len(spots)), make([]PlaceState, len(spots)), make([][]fired, len(spots))
	for i, spot := range spots {
		ears[i], last[i] = listenTo(t, address, "?event=level&"+spot), state(spot)
		if got := parsed[NowEvent](t, ears[i].event(eventNow)); got.Place == nil || *got.Place != last[i] {
			t.Errorf("%s: now %+v, want %+v", spot, got.Place, last[i])
		}
	}
	first := w.viewer.View().Revision()
	rng := rand.New(rand.NewPCG(11, 2))
	for n := range edits {
		i := rng.IntN(len(records))
		if rng.IntN(2) == 0 {
			i = []int{0, 8}[rng.IntN(2)]
		}
		c := data.Change{ID: records[i].Hazard.ID, If: data.Any}
		if rng.IntN(5) > 0 {
			about := []orb.Point{p, q, {120.10 + 0.1*rng.Float64(), 30.22 + 0.1*rng.Float64()}}[rng.IntN(3)]
			to := orb.Point{about[0] + 0.004*(rng.Float64()-0.5), about[1] + 0.004*(rng.Float64()-0.5)}
			c.New = changedRecord(t, town(t, 10, uint64(n))[rng.IntN(10)], func(h *data.Hazard) {
				h.ID = c.ID
				if _, point := h.Shape.(orb.Point); point {
					h.Shape = to
				}
			})
		}
		rev := w.apply(c)
		for i, spot := range spots {
			is := state(spot)
			if is.Level != last[i].Level || strings.Contains(spot, "on=ir") && is.IR != last[i].IR {
				want[i] = append(want[i], fired{uint64(rev), last[i], is})
			}
			last[i] = is
		}
	}
	rev := w.viewer.View().Revision()
	heard := func(events []told) (out []fired) {
		for _, m := range events {
			if m.name == eventNow {
				continue
			}
			e := parsed[LevelEvent](t, m)
			if m.name != eventLevel || m.id != fmt.Sprint(e.DataRevision) {
				t.Fatalf("%+v", m)
			}
			out = append(out, fired{e.DataRevision, e.Was, e.Is})
		}
		return out
	}
	for i, spot := range spots {
		got := heard(ears[i].until(rev))
		if !reflect.DeepEqual(got, want[i]) {
			t.Errorf("%s: heard\n%v, want\n%v", spot, got, want[i])
		}
		if len(got) < 5 {
			t.Errorf("%s: told %d times: nothing is tested", spot, len(got))
		}
		since := uint64(first) + uint64(rng.IntN(int(rev-first)))
		var rest []fired
		for _, f := range want[i] {
			if f.rev > since {
				rest = append(rest, f)
			}
		}
		events := listenTo(t, address, "?event=level&"+spot, "Last-Event-ID", fmt.Sprint(since)).until(rev)
		if got := heard(events); !reflect.DeepEqual(got, rest) {
			t.Errorf("%s since %d: heard\n%v, want\n%v", spot, since, got, rest)
		}
		if now := parsed[NowEvent](t, events[len(events)-1]); now.Place == nil || *now.Place != last[i] {
			t.Errorf("%s: now %+v, want %+v", spot, now.Place, last[i])
		}
	}
}

// The public view hears that the revision moved, and nothing of what it may not
// see: no id, no ground, no time, no tile.
func TestPublicEventsTellNothingOfWhatIsHidden(t *testing.T) {
	open := source(t, "open-1", "I04", data.General, orb.Point{120.152, 30.271}, scenario(t, 1e-5, step(500)))
	w := newWorld(t, city.PublicView, []*data.Record{open, hiddenRecord(t, 1, data.Internal, "I04")}, nil)
	address := overLoopback(t, w, nil)
	e := listenTo(t, address, "")
	spot := listenTo(t, address, "?on=ir&"+at(orb.Point{120.15, 30.27}))
	first := e.event(eventNow)
	if now := parsed[NowEvent](t, first); now.View == nil || now.View.LeftOut != 1 {
		t.Errorf("%+v", now)
	}
	spot.event(eventNow)
	moved := changedRecord(t, hiddenRecord(t, 1, data.Internal, "I04"), func(h *data.Hazard) { h.Shape = orb.Point{120.1521, 30.271} })
	gone := data.Change{ID: moved.Hazard.ID, If: data.Any}
	for _, c := range []data.Change{puts(moved)[0], puts(hiddenRecord(t, 2, data.Secret, "C02"))[0], gone} {
		rev := w.apply(c)
		m := e.event(eventChange)
		if want := fmt.Sprintf(`{"data_revision":%d,"ids":[],"layers":[]}`, rev); m.data != want || m.id != fmt.Sprint(rev) {
			t.Errorf("%+v, want %s", m, want)
		}
	}
	// One that turns internal is gone, one that turns public is new.
	turned := changedRecord(t, open, func(h *data.Hazard) { h.Sensitivity, h.Name = data.Internal, canary })
	w.apply(puts(turned)...)
	got := parsed[ChangeEvent](t, e.event(eventChange))
	if len(got.IDs) != 1 || got.IDs[0] != "open-1" || len(got.Tiles) == 0 {
		t.Errorf("%+v", got)
	}
	// The place hears of that alone.
	if m := spot.event(eventChange); parsed[ChangeEvent](t, m).DataRevision != got.DataRevision || strings.Contains(m.data, canary) {
		t.Errorf("%+v", m)
	}
	if l := parsed[LevelEvent](t, spot.event(eventLevel)); l.Was.IR != 1e-5 || l.Is.IR != 0 || l.Is.Level != 0 {
		t.Errorf("%+v", l)
	}
	for _, m := range listenTo(t, address, "?since="+first.id).until(w.viewer.View().Revision()) {
		if strings.Contains(m.data, canary) {
			t.Errorf("%+v", m)
		}
	}
}
