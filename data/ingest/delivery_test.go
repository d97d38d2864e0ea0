package ingest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"riskatlas/data"
	"riskatlas/data/memory"
)

// melbourne is the real list of 734 stations as features that a test may change.
func melbourne(t *testing.T) []map[string]any {
	t.Helper()
	f, _ := realFile(t, "melbourne/Petrol_Stations.geojson")
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Features []map[string]any `json:"features"`
	}
	if err := json.Unmarshal(text, &c); err != nil || len(c.Features) != 734 {
		t.Fatalf("%d stations, %v", len(c.Features), err)
	}
	return c.Features
}

func asGeoJSON(t *testing.T, features []map[string]any) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func prop(f map[string]any, name string) any { return f["properties"].(map[string]any)[name] }

// idsOf lists the ids of one outcome.
func idsOf(r *Report, what string) []string {
	var ids []string
	for _, row := range r.Rows {
		if row.What == what {
			ids = append(ids, row.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// deliver reads and writes a delivery into the store.
func deliver(t *testing.T, store data.Store, name, text string, opts Options) *Report {
	t.Helper()
	b, err := Read(context.Background(), name, strings.NewReader(text), -1, opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Write(context.Background(), store, opts.Profile.Taxonomy, data.Note{Who: "test", Why: name}); err != nil {
		t.Fatal(err)
	}
	r := b.Report
	if r.Read != r.Accepted+r.Rejected+r.Quarantined || r.Accepted != r.Added+r.Changed+r.Unchanged+r.Same || len(r.Kept) != r.Rejected+r.Quarantined {
		t.Fatalf("%s; %d new, %d changed, %d unchanged, %d same, %d kept", r.Totals(), r.Added, r.Changed, r.Unchanged, r.Same, len(r.Kept))
	}
	return r
}

func revision(t *testing.T, store data.Store) data.Revision {
	t.Helper()
	rev, _ := store.Load(context.Background())
	return rev
}

// The next delivery of the real list, its rows shuffled, three stations changed,
// two gone and one new: report and revision say exactly that, with the body's key
// and without one. The third time nothing changes.
func TestMelbourneDeliveries(t *testing.T) {
	for _, key := range []string{"objectid", ""} {
		t.Run("key "+key, func(t *testing.T) {
			stations := melbourne(t)
			p := profile(t, "generic")
			store := memory.New(p.Taxonomy)
			opts := Options{Profile: p, Set: map[string]string{"industry": "I04", "level": "2"},
				Map:      map[string]string{"name": "station_name", "address": "station_address", "collected_at": "station_revised_date"},
				Delivery: &Delivery{Source: "Geoscience Australia", Key: key, Complete: true}}
			r := deliver(t, store, "first.geojson", asGeoJSON(t, stations), opts)
			if r.Added != 734 || r.Delivery.Gone != 0 || revision(t, store) != 1 {
				t.Fatalf("first delivery: %s, %d new", r.Totals(), r.Added)
			}
			before := idsByObject(t, store, stations, r)

			random := rand.New(rand.NewPCG(1, 2))
			next := slices.Clone(stations)
			random.Shuffle(len(next), func(i, j int) { next[i], next[j] = next[j], next[i] })
			lone := aloneByName(next)
			gone, changed := lone[:2], lone[2:5]
			for i, f := range changed {
				next[slices.IndexFunc(next, func(x map[string]any) bool { return prop(x, "objectid") == prop(f, "objectid") })] = altered(f, i)
			}
			next = slices.DeleteFunc(next, func(f map[string]any) bool {
				return prop(f, "objectid") == prop(gone[0], "objectid") || prop(f, "objectid") == prop(gone[1], "objectid")
			})
			fresh := altered(stations[0], 0)
			fresh["properties"].(map[string]any)["objectid"], fresh["properties"].(map[string]any)["station_name"] = 999999.0, "A NEW ONE"
			fresh["geometry"] = map[string]any{"type": "Point", "coordinates": []any{144.5, -37.5}}
			next = append(next, fresh)

			r = deliver(t, store, "second.geojson", asGeoJSON(t, next), opts)
			if r.Added != 1 || r.Changed != 3 || r.Unchanged != 729 || r.Delivery.Gone != 2 || r.Read != 733 || r.Quarantined+r.Rejected != 0 {
				t.Fatalf("second delivery: %s; %d new %d changed %d unchanged; %+v", r.Totals(), r.Added, r.Changed, r.Unchanged, r.Delivery)
			}
			want := []string{}
			for _, f := range changed {
				want = append(want, before[fmt.Sprint(prop(f, "objectid"))])
			}
			slices.Sort(want)
			if got := idsOf(r, isChanged); !slices.Equal(got, want) {
				t.Errorf("changed %v, want %v", got, want)
			}
			goneIDs := []string{before[fmt.Sprint(prop(gone[0], "objectid"))], before[fmt.Sprint(prop(gone[1], "objectid"))]}
			slices.Sort(goneIDs)
			if got := idsOf(r, isGone); !slices.Equal(got, goneIDs) {
				t.Errorf("gone %v, want %v", got, goneIDs)
			}
			fields := map[string]bool{}
			for _, row := range r.Rows {
				for _, c := range row.Fields {
					fields[row.What+" "+c.Field] = true
				}
			}
			if len(fields) != 2 || !fields["changed address"] || !fields["changed geometry"] {
				t.Errorf("fields that changed: %v", fields)
			}
			checkRevision(t, store, 2, 6, goneIDs)

			random.Shuffle(len(next), func(i, j int) { next[i], next[j] = next[j], next[i] })
			r = deliver(t, store, "third.geojson", asGeoJSON(t, next), opts)
			if r.Added+r.Changed+r.Delivery.Gone != 0 || r.Unchanged != 733 || r.Delivery.Absent != 2 || r.Revision != 0 || revision(t, store) != 2 {
				t.Fatalf("third delivery: %+v %+v at revision %d", r.Totals(), r.Delivery, revision(t, store))
			}
			// The first list again: the two are active again, the new one is gone.
			r = deliver(t, store, "fourth.geojson", asGeoJSON(t, stations), opts)
			if r.Delivery.Returned != 2 || r.Delivery.Gone != 1 || r.Changed != 5 || r.Unchanged != 729 {
				t.Fatalf("fourth delivery: %d changed %+v", r.Changed, r.Delivery)
			}
			checkRevision(t, store, 3, 6, idsOf(r, isGone))
			for _, rec := range detailsOf(t, store, goneIDs) {
				if rec.Hazard.Status != data.Active || rec.Detail.StatusReason != "" {
					t.Errorf("%s is %v: %q", rec.Hazard.ID, rec.Hazard.Status, rec.Detail.StatusReason)
				}
			}
		})
	}
}

// idsByObject gives the ids under which a first delivery was written.
func idsByObject(t *testing.T, store data.Store, stations []map[string]any, r *Report) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, row := range r.Rows {
		out[fmt.Sprint(prop(stations[row.Feature-1], "objectid"))] = row.ID
	}
	if len(out) != len(stations) {
		t.Fatalf("%d of %d rows are accounted for", len(out), len(stations))
	}
	return out
}

// aloneByName are the stations whose name no other has, in their order.
func aloneByName(stations []map[string]any) []map[string]any {
	count := map[any]int{}
	for _, f := range stations {
		count[prop(f, "station_name")]++
	}
	var out []map[string]any
	for _, f := range stations {
		if count[prop(f, "station_name")] == 1 {
			out = append(out, f)
		}
	}
	return out
}

// altered is a copy of a station with another address or, for i = 2, moved north
// by 30 m.
func altered(f map[string]any, i int) map[string]any {
	text, _ := json.Marshal(f)
	var c map[string]any
	_ = json.Unmarshal(text, &c)
	if i == 2 {
		at := c["geometry"].(map[string]any)["coordinates"].([]any)
		at[1] = at[1].(float64) + 0.00027
	} else {
		c["properties"].(map[string]any)["station_address"] = fmt.Sprintf("%d NEW ROAD", i)
	}
	return c
}

// checkRevision wants the newest revision to hold so many changes, and these
// records suspended in it with the reason.
func checkRevision(t *testing.T, store data.Store, rev data.Revision, n int, suspended []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for batch, err := range store.Watch(ctx, rev-1) {
		if err != nil || batch.Revision != rev || len(batch.Changes) != n {
			t.Errorf("revision %d has %d changes, want %d in %d: %v", batch.Revision, len(batch.Changes), n, rev, err)
		}
		break
	}
	if got := revision(t, store); got != rev {
		t.Errorf("revision %d, want %d", got, rev)
	}
	for _, rec := range detailsOf(t, store, suspended) {
		if rec.Hazard.Status != data.Suspended || !strings.Contains(rec.Detail.StatusReason, "Geoscience Australia") {
			t.Errorf("%s is %v: %q", rec.Hazard.ID, rec.Hazard.Status, rec.Detail.StatusReason)
		}
	}
}

func detailsOf(t *testing.T, store data.Store, ids []string) []*data.Record {
	t.Helper()
	var all []data.ID
	for _, id := range ids {
		all = append(all, data.ID(id))
	}
	out, err := store.Detail(context.Background(), all...)
	if err != nil || slices.Contains(out, nil) {
		t.Fatalf("%v: %v", ids, err)
	}
	return out
}
