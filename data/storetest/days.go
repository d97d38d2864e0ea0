package storetest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"riskatlas/data"
)

// days wants one row of each day and view, of the latest revision told, whatever
// the order, and no revision of the log for it.
func days(t *testing.T, s *suite) {
	store := s.fresh(t)
	keeper, ok := store.(data.Days)
	if !ok {
		t.Skip("it keeps no days")
	}
	apply(t, store, put("a", 0, 1))
	rng := rand.New(rand.NewPCG(3, 3))
	model := map[string]map[string]data.Day{"public": {}, "internal": {}}
	for n := range 60 {
		d := data.Day{Day: fmt.Sprintf("2026-0%d-%02d", 1+rng.IntN(2), 1+rng.IntN(9)), View: []string{"public", "internal"}[rng.IntN(2)],
			Revision: data.Revision(rng.IntN(4)), At: time.UnixMilli(int64(1_700_000_000_000 + n)).UTC(), Totals: json.RawMessage(fmt.Sprintf(`{"n":%d}`, n))}
		if err := keeper.KeepDay(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if was, ok := model[d.View][d.Day]; !ok || d.Revision >= was.Revision {
			model[d.View][d.Day] = d
		}
	}
	for view, of := range model {
		for _, c := range [][2]string{{"2026-01-01", "2026-12-31"}, {"2026-01-03", "2026-02-02"}, {"2026-01-05", "2026-01-05"}, {"2026-02-05", "2026-01-05"}} {
			var want []data.Day
			for at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() == 2026; at = at.AddDate(0, 0, 1) {
				if d, ok := of[at.Format(data.DateForm)]; ok && d.Day >= c[0] && d.Day <= c[1] {
					want = append(want, d)
				}
			}
			got, err := keeper.KeptDays(t.Context(), view, c[0], c[1])
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%s from %s to %s: %v %s", view, c[0], c[1], err, diff)
			}
		}
	}
	for _, bad := range []data.Day{{Day: "2026-02-30", View: "v", Totals: json.RawMessage("1")}, {Day: "2026-2-3", View: "v", Totals: json.RawMessage("1")},
		{Day: "2026-02-03", Totals: json.RawMessage("1")}, {Day: "2026-02-03", View: "v", Totals: json.RawMessage("{")}} {
		if err := keeper.KeepDay(t.Context(), bad); err == nil {
			t.Errorf("%+v was kept", bad)
		}
	}
	if rev, _ := load(t, store); rev != 1 {
		t.Errorf("revision %d: days are no revisions", rev)
	}
}
