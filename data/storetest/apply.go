package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"riskatlas/data"
)

func empty(t *testing.T, s *suite) {
	store := s.fresh(t)
	if rev, hs := load(t, store); rev != 0 || len(hs) != 0 {
		t.Errorf("revision %d, %d hazards", rev, len(hs))
	}
	if r := detail(t, store, "a")[0]; r != nil {
		t.Errorf("a record from nowhere: %v", r)
	}
	if rev := apply(t, store); rev != 0 {
		t.Errorf("no changes made revision %d", rev)
	}
	if rs := detail(t, store); len(rs) != 0 {
		t.Errorf("%d records for no ids", len(rs))
	}
}

func roundTrip(t *testing.T, s *suite) {
	store := s.fresh(t)
	ctx := context.Background()
	full := Detail(2)
	v := reflect.ValueOf(full)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("the test's detail lacks %s", v.Type().Field(i).Name)
		}
	}
	const records = 60 // all pairs of shape, footprint, district and detail
	for n := range records {
		id := data.ID(fmt.Sprintf("r%d._:-Z", n))
		want := Record(id, n)
		rev := apply(t, store, data.Change{ID: id, If: 0, New: want})
		got := detail(t, store, id)[0]
		if describe(got) != describe(want) || got.Hazard.Rev != rev {
			t.Fatalf("detail: got  %s at %d\nwant %s at %d", describe(got), got.Hazard.Rev, describe(want), rev)
		}
		if diff := cmp.Diff(want.Detail, got.Detail); diff != "" {
			t.Fatal(diff)
		}
		people := data.Exposed{}
		if day := want.Detail.ExposedDay; day != nil {
			people = data.Exposed{Day: int32(*day), Night: int32(*want.Detail.ExposedNight), Known: true}
		}
		if h := got.Hazard; h.Exposed != people || h.Protection.String() != want.Detail.ProtectionClass {
			t.Fatalf("%s: the hazard has %+v, %q, want %+v, %q", id, h.Exposed, h.Protection, people, want.Detail.ProtectionClass)
		}
		b := batches(t, store.Watch(ctx, rev-1), 1)[0]
		if c := b.Changes[0]; c.ID != id || c.If != 0 || describe(c.New) != describe(want) || c.New.Hazard.Rev != rev {
			t.Fatalf("watch: got %+v, want %s", c, describe(want))
		}
	}
	rev, hs := load(t, store)
	if rev != records || len(hs) != records {
		t.Fatalf("revision %d, %d hazards", rev, len(hs))
	}
	for _, h := range hs {
		want := detail(t, store, h.ID)[0].Hazard
		if hot(h) != hot(want) || h.Rev != want.Rev || h.Stated != want.Stated || len(h.Scenarios) != len(want.Scenarios) {
			t.Errorf("load: got  %s\nwant %s", hot(h), hot(want))
		}
		for i := range h.Scenarios {
			a, b := h.Scenarios[i], want.Scenarios[i]
			if a.Footprint.Digest() != b.Footprint.Digest() || a.Outcome != b.Outcome || a.Basis != b.Basis || a.Per != b.Per || a.PerYear != b.PerYear {
				t.Errorf("load: %s: scenario %+v, want %+v", h.ID, a, b)
			}
		}
	}
}

func gapless(t *testing.T, s *suite) {
	store := s.fresh(t)
	began := time.Now().Add(-time.Second)
	for n := range 12 {
		if rev := apply(t, store, put("a", data.Any, n), put(data.ID(fmt.Sprint("b", n)), 0, n)); rev != data.Revision(n+1) {
			t.Fatalf("revision %d, want %d", rev, n+1)
		}
		if _, err := store.Apply(context.Background(), data.Note{}, put("a", 99, n)); err == nil {
			t.Fatal("a conflict passed")
		}
		if rev := apply(t, store); rev != data.Revision(n+1) {
			t.Fatalf("no changes: revision %d, want %d", rev, n+1)
		}
	}
	last := began
	for i, b := range batches(t, store.Watch(context.Background(), 0), 12) {
		if b.Revision != data.Revision(i+1) || b.At.Before(last) || b.At.After(time.Now().Add(time.Second)) || b.Note.Who != "test" {
			t.Errorf("batch %d: %d at %v by %q", i, b.Revision, b.At, b.Note.Who)
		}
		last = b.At
	}
}

func allOrNothing(t *testing.T, s *suite) {
	store := s.fresh(t)
	rev := apply(t, store, put("a", 0, 1), put("b", 0, 2))
	wrong := *Record("x", 1).Hazard
	for name, bad := range map[string]data.Change{
		"conflict":     put("b", 7, 9),
		"there":        put("a", 0, 9),
		"not there":    put("z", 1, 9),
		"other id":     {ID: "y", New: &data.Record{Hazard: &wrong}},
		"malformed id": {ID: "y y", New: Record("y", 1)},
		"bad detail":   {ID: "y", New: &data.Record{Hazard: Record("y", 1).Hazard, Detail: data.Detail{MajorHazardGrade: 9}}},
		"no hazard":    {ID: "y", New: &data.Record{}},
		"twice":        put("c", data.Any, 3),
		"remove other": {ID: "z", If: 1},
	} {
		_, err := store.Apply(context.Background(), data.Note{Key: "k"}, put("c", 0, 3), data.Change{ID: "a", If: data.Any}, bad)
		if err == nil {
			t.Fatalf("%s: passed", name)
		}
		if now, hs := load(t, store); now != rev || len(hs) != 2 || hot(hs[0]) != hot(Record("a", 1).Hazard) {
			t.Fatalf("%s: revision %d, %d hazards", name, now, len(hs))
		}
	}
	// The key of a batch that failed is free.
	if got, err := store.Apply(context.Background(), data.Note{Key: "k"}, put("c", 0, 3)); err != nil || got != rev+1 {
		t.Errorf("%d, %v", got, err)
	}
}

func ifHolds(t *testing.T, s *suite) {
	store := s.fresh(t)
	ctx := context.Background()
	if rev := apply(t, store, put("a", data.Any, 1)); rev != 1 { // Any where nothing is
		t.Fatal(rev)
	}
	apply(t, store, put("other", 0, 1))
	for _, c := range []struct {
		change data.Change
		ok     bool
	}{
		{put("a", 0, 2), false}, {put("a", 2, 2), false}, {data.Change{ID: "a", If: 2}, false}, {data.Change{ID: "a", If: 0}, false},
		{put("b", 1, 2), false}, {put("a", 1, 2), true}, {put("a", 1, 3), false}, {put("a", 3, 3), true},
		{put("a", data.Any, 4), true}, {data.Change{ID: "a", If: 5}, true}, {put("a", 5, 5), false}, {put("a", 0, 5), true},
	} {
		_, err := store.Apply(ctx, data.Note{}, c.change)
		switch {
		case c.ok && err != nil:
			t.Errorf("%s if %d: %v", c.change.ID, c.change.If, err)
		case !c.ok && (!errors.Is(err, data.ErrConflict) || !strings.Contains(err.Error(), string(c.change.ID))):
			t.Errorf("%s if %d: %v, want a conflict that names it", c.change.ID, c.change.If, err)
		}
	}
}

func key(t *testing.T, s *suite) {
	store := s.fresh(t)
	ctx := context.Background()
	for i, c := range []struct {
		key  string
		n    int
		want data.Revision
	}{{"k1", 1, 1}, {"k1", 2, 1}, {"", 3, 2}, {"", 4, 3}, {"k2", 5, 4}, {"k1", 6, 1}, {"k2", 7, 4}} {
		rev, err := store.Apply(ctx, data.Note{Who: "w", Why: "原因", Key: c.key}, put("a", data.Any, c.n))
		if err != nil || rev != c.want {
			t.Fatalf("step %d: revision %d, %v, want %d", i, rev, err, c.want)
		}
	}
	// A seen key is answered before the changes are looked at.
	if rev, err := store.Apply(ctx, data.Note{Key: "k2"}, put("a", 99, 8)); err != nil || rev != 4 {
		t.Errorf("revision %d, %v", rev, err)
	}
	if got := detail(t, store, "a")[0]; describe(got) != describe(Record("a", 5)) {
		t.Errorf("a repeated key changed it: %s", describe(got))
	}
	if b := batches(t, store.Watch(ctx, 3), 1)[0]; b.Note != (data.Note{Who: "w", Why: "原因", Key: "k2"}) {
		t.Errorf("note %+v", b.Note)
	}
}

func remove(t *testing.T, s *suite) {
	store := s.fresh(t)
	apply(t, store, put("a", 0, 1), put("b", 0, 2), put("c", 0, 3))
	if rev := apply(t, store, data.Change{ID: "b", If: 1}, data.Change{ID: "nowhere", If: data.Any}); rev != 2 {
		t.Fatalf("revision %d", rev)
	}
	if _, hs := load(t, store); len(hs) != 2 || hs[0].ID != "a" || hs[1].ID != "c" {
		t.Errorf("left: %v", hs)
	}
	if got := detail(t, store, "b")[0]; got != nil {
		t.Errorf("%v is still there", got)
	}
	b := batches(t, store.Watch(context.Background(), 1), 1)[0]
	if len(b.Changes) != 1 || b.Changes[0].ID != "b" || b.Changes[0].New != nil || b.Changes[0].If != 1 {
		t.Errorf("watch: %+v", b.Changes)
	}
	// Removing what is not there is no change, and no changes are no revision.
	if rev := apply(t, store, data.Change{ID: "nowhere", If: data.Any}, data.Change{ID: "b", If: 0}); rev != 2 {
		t.Errorf("revision %d", rev)
	}
	if rev := apply(t, store, put("b", 0, 5)); rev != 3 || describe(detail(t, store, "b")[0]) != describe(Record("b", 5)) {
		t.Errorf("revision %d, %s", rev, describe(detail(t, store, "b")[0]))
	}
}

func unplaced(t *testing.T, s *suite) {
	store := s.fresh(t)
	h := *Record("a", 7).Hazard
	want := describe(&data.Record{Hazard: &h})
	h.Districts = [data.MaxVintages]data.District{1, 4, 1, 1}
	derived := h.Scenarios[0]
	derived.Derived = true
	h.Scenarios = append([]data.Scenario{derived}, h.Scenarios...)
	h.Rev = 55
	apply(t, store, data.Change{ID: "a", New: &data.Record{Hazard: seal(h)}})
	if got := detail(t, store, "a")[0]; describe(got) != want || got.Hazard.Rev != 1 {
		t.Errorf("got  %s\nwant %s", describe(got), want)
	}
}

func detailOrder(t *testing.T, s *suite) {
	store := s.fresh(t)
	apply(t, store, put("a", 0, 1), put("b", 0, 2), put("c", 0, 3))
	got := detail(t, store, "c", "none", "a", "c", "", "b")
	for i, want := range []data.ID{"c", "", "a", "c", "", "b"} {
		if want == "" && got[i] != nil || want != "" && (got[i] == nil || got[i].Hazard.ID != want) {
			t.Errorf("position %d: %v, want %q", i, got[i], want)
		}
	}
}

// writers count up one record, each on what it has just read.
func writers(t *testing.T, s *suite) {
	store := s.fresh(t)
	apply(t, store, data.Change{ID: "n", New: counter(0)})
	const each, workers = 8, 4
	var wg sync.WaitGroup
	var mu sync.Mutex
	revs := map[data.Revision]bool{}
	for range workers {
		wg.Go(func() {
			for done := 0; done < each; {
				rs, err := store.Detail(context.Background(), "n")
				if err != nil {
					t.Error(err)
					return
				}
				now := rs[0]
				rev, err := store.Apply(context.Background(), data.Note{}, data.Change{ID: "n", If: now.Hazard.Rev, New: counter(*now.Detail.Staff + 1)})
				if errors.Is(err, data.ErrConflict) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				done++
				mu.Lock()
				if revs[rev] {
					t.Errorf("revision %d was given twice", rev)
				}
				revs[rev] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if got := *detail(t, store, "n")[0].Detail.Staff; got != each*workers {
		t.Errorf("counted %d, want %d", got, each*workers)
	}
	if rev, _ := load(t, store); rev != each*workers+1 || len(revs) != each*workers {
		t.Errorf("revision %d, %d answers", rev, len(revs))
	}
}

func counter(n int) *data.Record {
	return &data.Record{Hazard: Record("n", 0).Hazard, Detail: data.Detail{Staff: &n}}
}

func cancelled(t *testing.T, s *suite) {
	store := s.fresh(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := store.Apply(ctx, data.Note{}, put("a", 0, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("apply: %v", err)
	}
	if _, err := store.Detail(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("detail: %v", err)
	}
	if rev := apply(t, store, put("b", 0, 1)); rev != 1 {
		t.Errorf("revision %d: the cancelled one left something", rev)
	}
	var failed error
	_, all := store.Load(ctx)
	for _, err := range all {
		failed = err
	}
	if !errors.Is(failed, context.Canceled) {
		t.Errorf("load: %v", failed)
	}
}
