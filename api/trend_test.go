package api

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

// A day's row is the summary of the city at its end, kept once, whenever that is
// done; today is the city as it is.
func TestTrendIsTheSummaryOfEachDay(t *testing.T) {
	for _, view := range []city.View{city.InternalView, city.PublicView} {
		now := time.Now().AddDate(0, 0, 3) // three days after all that the store holds
		w := newWorld(t, view, commandFixture(t), nil, func(o *Options) { o.Now = func() time.Time { return now } })
		w.apply(data.Change{ID: "S1", If: data.Any}, data.Change{ID: "H", New: source(t, "H", "I06", 4, orb.Point{120.15, 30.27})}) // internal by its industry
		before := read[Summary](w, "/api/v1/summary?by=industry")
		districts := read[Summary](w, "/api/v1/summary?by=district")
		for range 2 { // the second time there is nothing to do
			if err := w.server.KeepDays(t.Context(), now); err != nil {
				t.Fatal(err)
			}
		}
		zone := w.city.Profile().Zone
		day := func(n int) string { return now.In(zone).AddDate(0, 0, n).Format(data.DateForm) }
		trend := read[Trend](w, "/api/v1/trend?by=industry&from="+day(-5))
		if diff := cmp.Diff([]string{day(-5), day(-4)}, trend.Missing); diff != "" {
			t.Errorf("missing: %s", diff)
		}
		if len(trend.Days) != 4 || !trend.Days[3].Today || trend.Days[0].Today || trend.Days[0].Day != day(-3) {
			t.Fatalf("%+v", trend.Days)
		}
		for _, d := range trend.Days {
			if d.Count != before.Total.Count || d.PLL != before.Total.PLL || d.GroundKM2 != before.Total.GroundKM2 || d.Level != before.Total.Level || d.Revision != 2 || d.Districts != nil {
				t.Errorf("%s %s: %+v, want %+v", view, d.Day, d, before.Total)
			}
			for _, r := range before.Rows {
				if got := d.Industries[r.Key]; got.Count != r.Count || r.Count.Count > 0 && got.PLL != r.PLL {
					t.Errorf("%s %s: %+v, want %+v", d.Day, r.Key, got, r)
				}
			}
		}
		for _, d := range read[Trend](w, "/api/v1/trend?by=district&from="+day(-3)).Days {
			for _, r := range districts.Rows {
				if got := d.Districts[r.Key]; got.Count != r.Count || got.PLL != r.PLL || got.GroundKM2 != r.GroundKM2 || got.Level != r.Level {
					t.Errorf("%s %s: %+v, want %+v", d.Day, r.Key, got, r)
				}
			}
		}
		// What changes today does not change the days that have ended.
		w.apply(data.Change{ID: "S5", If: data.Any})
		after := read[Trend](w, "/api/v1/trend?from="+day(-3))
		if diff := cmp.Diff(trend.Days[0].Count, after.Days[0].Count); diff != "" || after.Days[3].Count.Count != before.Total.Count.Count-1 || after.Days[3].Industries != nil {
			t.Errorf("%s %+v", diff, after.Days)
		}
		for query, name := range map[string]string{"?from=2026-1-1": "from", "?to=" + day(1): "to", "?from=" + day(0) + "&to=" + day(-1): "from", "?by=week": "by", "?from=2001-01-01": "from", "?day=1": "day"} {
			if p := w.problem("/api/v1/trend"+query, http.StatusBadRequest); p.Parameter != name {
				t.Errorf("%q: %+v", query, p)
			}
		}
		if kept, err := w.store.KeptDays(t.Context(), string(view), "2000-01-01", "2100-01-01"); err != nil || len(kept) != 3 {
			t.Errorf("%d rows, %v", len(kept), err)
		} else if other, err := w.store.KeptDays(t.Context(), fmt.Sprint(view, "x"), "2000-01-01", "2100-01-01"); err != nil || len(other) != 0 {
			t.Errorf("%d rows of another view, %v", len(other), err)
		}
	}
}
