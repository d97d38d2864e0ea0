package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"riskatlas/data"
)

// frame is all that a store held at one revision, as its model has it.
type frame struct {
	records map[data.ID]string // describe's words, with the revision that wrote them
	units   map[string][]data.Unit
	log     data.Batch // that led here, its changes apart
}

func (f *frame) next() *frame {
	n := &frame{records: map[data.ID]string{}, units: map[string][]data.Unit{}}
	for id, words := range f.records {
		n.records[id] = words
	}
	for kind, set := range f.units {
		n.units[kind] = set
	}
	return n
}

// worded is a record in words, with its revision; "none" of nil.
func worded(r *data.Record) string {
	if r == nil {
		return "none"
	}
	return fmt.Sprintf("%s at %d", describe(r), r.Hazard.Rev)
}

const historyIDs = 7

func historyID(i int) data.ID { return data.ID(fmt.Sprint("id", i)) }

// live makes random changes of records and units and gives the model of every
// revision, 0 first.
func live(t *testing.T, store data.Remembering, rng *rand.Rand, steps int) []*frame {
	frames := []*frame{{}}
	for step := range steps {
		f := frames[len(frames)-1].next()
		rev := data.Revision(len(frames))
		note := data.Note{Who: fmt.Sprint("who", step%3), Why: fmt.Sprint("why ", step)}
		if rng.IntN(4) == 0 {
			kind := []string{data.PlaceKind, data.DistrictKind("2021"), data.ZoneKind("z")}[rng.IntN(3)]
			set := someUnits(rng.IntN(4))[rng.IntN(3):]
			if rng.IntN(5) == 0 {
				set = nil
			}
			if got, err := store.Replace(t.Context(), note, kind, set); err != nil || got != rev {
				t.Fatal(got, err)
			}
			if f.units[kind] = byCode(set); len(set) == 0 {
				delete(f.units, kind)
			}
			f.log = data.Batch{Revision: rev, Note: note, Kind: kind}
			frames = append(frames, f)
			continue
		}
		var changes []data.Change
		for _, i := range rng.Perm(historyIDs)[:1+rng.IntN(3)] {
			c := data.Change{ID: historyID(i), If: data.Any}
			if rng.IntN(3) > 0 {
				c.New = Record(c.ID, rng.IntN(200))
			}
			if _, there := f.records[c.ID]; !there && c.New == nil {
				continue // no change
			}
			changes = append(changes, c)
			if delete(f.records, c.ID); c.New != nil {
				f.records[c.ID] = fmt.Sprintf("%s at %d", describe(c.New), rev)
			}
		}
		got, err := store.Apply(t.Context(), note, changes...)
		if err != nil {
			t.Fatal(err)
		}
		if len(changes) == 0 {
			continue
		}
		if got != rev {
			t.Fatalf("revision %d, want %d", got, rev)
		}
		f.log = data.Batch{Revision: rev, Note: note, Changes: changes}
		frames = append(frames, f)
	}
	return frames
}

// history puts every question about the past of a store to the model of it.
func history(t *testing.T, s *suite) {
	for seed := range uint64(3) {
		store := remembering(t, s)
		frames := live(t, store, rand.New(rand.NewPCG(seed, 5)), 40)
		newest := data.Revision(len(frames) - 1)
		for rev, f := range frames {
			checkThen(t, store, data.Revision(rev), f)
			checkBack(t, store, data.Revision(rev), f, frames[newest])
		}
		checkLog(t, store, frames)
		for i := range historyIDs {
			checkVersions(t, store, historyID(i), frames)
		}
	}
}

func remembering(t *testing.T, s *suite) data.Remembering {
	t.Helper()
	store, ok := s.fresh(t).(data.Remembering)
	if !ok {
		t.Skip("it remembers nothing")
	}
	return store
}

// checkThen wants the store as it was to be what it was.
func checkThen(t *testing.T, store data.Remembering, rev data.Revision, want *frame) {
	t.Helper()
	then := data.NewThen(store, rev)
	got, hs := load(t, then)
	if got != rev || len(hs) != len(want.records) {
		t.Fatalf("revision %d: loaded %d with %d records, want %d", rev, got, len(hs), len(want.records))
	}
	var ids []data.ID
	for i := range historyIDs + 1 { // one of them never was
		ids = append(ids, historyID(i))
	}
	records := detail(t, then, append(ids, ids[0])...)
	briefs, err := then.Brief(t.Context(), ids...)
	if err != nil {
		t.Fatal(err)
	}
	byID := map[data.ID]*data.Hazard{}
	for _, h := range hs {
		byID[h.ID] = h
	}
	for i, id := range ids {
		r, words := records[i], want.records[id]
		if words == "" {
			words = "none"
		}
		if worded(r) != words || (r == nil) != (byID[id] == nil) || (r == nil) != (briefs[i] == nil) {
			t.Fatalf("revision %d, %s: %s\nwant %s", rev, id, worded(r), words)
		}
		if r != nil && (hot(r.Hazard) != hot(byID[id]) || byID[id].Rev != r.Hazard.Rev || briefs[i].Rev != r.Hazard.Rev) {
			t.Fatalf("revision %d, %s: loaded %s", rev, id, hot(byID[id]))
		}
	}
	if worded(records[len(ids)]) != worded(records[0]) {
		t.Errorf("revision %d: asked twice, %s the second time", rev, worded(records[len(ids)]))
	}
	kinds, err := then.Kinds(t.Context())
	if err != nil || len(kinds) != len(want.units) || !slices.IsSorted(kinds) {
		t.Fatalf("revision %d: kinds %q, %v, want %d", rev, kinds, err, len(want.units))
	}
	for _, kind := range []string{data.PlaceKind, data.DistrictKind("2021"), data.ZoneKind("z"), "never"} {
		if diff := cmp.Diff(want.units[kind], unitsOf(t, then, kind)); diff != "" {
			t.Fatalf("revision %d, %s: %s", rev, kind, diff)
		}
	}
}

// checkBack wants what leads back to name what has changed, once, and to lead
// there.
func checkBack(t *testing.T, store data.Remembering, to data.Revision, want, now *frame) {
	t.Helper()
	newest, back := store.Back(t.Context(), to)
	if newest != now.log.Revision {
		t.Fatalf("back from revision %d, want %d", newest, now.log.Revision)
	}
	state := now.next().records
	last := data.ID("")
	for c, err := range back {
		if err != nil {
			t.Fatal(err)
		}
		if c.ID <= last {
			t.Fatalf("back to %d: %s after %s", to, c.ID, last)
		}
		last = c.ID
		if have := state[c.ID]; (have == "") != (c.If == 0) || c.If != 0 && !endsWithRevision(have, c.If) {
			t.Fatalf("back to %d: %s is expected at %d, it is %s", to, c.ID, c.If, have)
		}
		if delete(state, c.ID); c.New != nil {
			state[c.ID] = worded(c.New)
		}
	}
	if diff := cmp.Diff(want.records, state); diff != "" && len(want.records)+len(state) > 0 {
		t.Fatalf("back to %d: %s", to, diff)
	}
}

func endsWithRevision(words string, rev data.Revision) bool {
	tail := fmt.Sprintf(" at %d", rev)
	return len(words) > len(tail) && words[len(words)-len(tail):] == tail
}

// checkLog wants any stretch of the log to be as a watch tells it, and its heads
// to be that without the changes.
func checkLog(t *testing.T, store data.Remembering, frames []*frame) {
	t.Helper()
	newest := len(frames) - 1
	all := batches(t, store.Watch(t.Context(), 0), newest)
	for _, c := range [][2]int{{0, 0}, {0, newest}, {3, 9}, {newest - 1, 0}, {newest, 0}, {5, 5}} {
		since, until := c[0], c[1]
		end := until
		if until == 0 {
			end = newest
		}
		for whole, log := range map[bool]iter.Seq2[data.Batch, error]{
			true:  store.Log(t.Context(), data.Revision(since), data.Revision(until)),
			false: store.Heads(t.Context(), data.Revision(since), data.Revision(until)),
		} {
			at := since
			for b, err := range log {
				if err != nil {
					t.Fatal(err)
				}
				want, model := all[at], frames[at+1].log
				if b.Revision != want.Revision || !b.At.Equal(want.At) || b.Note != model.Note || b.Kind != model.Kind {
					t.Fatalf("log after %d: %+v, want %+v", at, b, want)
				}
				if whole != (len(b.Changes) == len(want.Changes)) && len(want.Changes) > 0 || !whole && len(b.Changes) > 0 {
					t.Fatalf("log after %d: %d changes of %d", at, len(b.Changes), len(want.Changes))
				}
				for i := range b.Changes {
					got, want := b.Changes[i], want.Changes[i]
					if got.ID != want.ID || got.If != want.If || worded(got.New) != worded(want.New) {
						t.Fatalf("log after %d: %+v, want %+v", at, got, want)
					}
				}
				at++
			}
			if at != end {
				t.Fatalf("log from %d to %d ended at %d", since, until, at)
			}
		}
	}
}

// checkVersions wants every version of a record, the newest first.
func checkVersions(t *testing.T, store data.Remembering, id data.ID, frames []*frame) {
	t.Helper()
	got, err := store.Of(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for rev := len(frames) - 1; rev > 0; rev-- {
		f := frames[rev]
		i := slices.IndexFunc(f.log.Changes, func(c data.Change) bool { return c.ID == id })
		if i < 0 {
			continue
		}
		want := f.records[id]
		if want == "" {
			want = "none"
		}
		if len(got) == 0 || got[0].Revision != data.Revision(rev) || got[0].Note != f.log.Note || worded(got[0].Record) != want || got[0].At.IsZero() {
			t.Fatalf("%s, revision %d: %+v, want %s", id, rev, got, want)
		}
		got = got[1:]
	}
	if len(got) > 0 {
		t.Fatalf("%s: %d versions too many", id, len(got))
	}
}

// noHistory asks for what is not there.
func noHistory(t *testing.T, s *suite) {
	store := remembering(t, s)
	apply(t, store, put("a", 0, 1))
	if got, err := store.Of(t.Context(), "b"); err != nil || len(got) != 0 {
		t.Errorf("versions of nothing: %v, %v", got, err)
	}
	const past = 2
	errs := map[string]error{}
	_, errs["detail"] = store.DetailAt(t.Context(), past, "a")
	_, errs["kinds"] = store.KindsAt(t.Context(), past)
	_, back := store.Back(t.Context(), past)
	for _, errs["back"] = range back {
	}
	for _, errs["units"] = range store.UnitsAt(t.Context(), past, data.PlaceKind) {
	}
	for _, errs["log"] = range store.Log(t.Context(), 0, past) {
	}
	for _, errs["heads"] = range store.Heads(t.Context(), past, 0) {
	}
	_, all := data.NewThen(store, past).Load(t.Context())
	for _, errs["load"] = range all {
	}
	for _, what := range []string{"detail", "kinds", "back", "units", "log", "heads", "load"} {
		if wrong := (*data.Invalid)(nil); !errors.As(errs[what], &wrong) {
			t.Errorf("%s of a revision to come: %v", what, errs[what])
		}
	}
	then := data.NewThen(store, 1)
	if _, err := then.Apply(t.Context(), data.Note{}, put("b", 0, 1)); !errors.Is(err, data.ErrReadOnly) {
		t.Errorf("the past was changed: %v", err)
	}
	if _, err := then.Replace(t.Context(), data.Note{}, data.PlaceKind, nil); !errors.Is(err, data.ErrReadOnly) {
		t.Errorf("the past was changed: %v", err)
	}
	// A watch of the past ends with its context, after the log.
	ctx, cancel := context.WithCancel(within(t))
	seen := 0
	for _, err := range then.Watch(ctx, 0) {
		if err != nil {
			t.Error(err)
		}
		seen++
		cancel()
	}
	if cancel(); seen != 1 {
		t.Errorf("%d batches", seen)
	}
}

// revisionAt wants the newest revision that was there, by the stamps in the log.
func revisionAt(t *testing.T, s *suite) {
	store := remembering(t, s)
	if rev, err := store.RevisionAt(t.Context(), time.Now()); err != nil || rev != 0 {
		t.Errorf("an empty store: %d, %v", rev, err)
	}
	for n := range 12 {
		apply(t, store, put("a", data.Any, n))
	}
	log := batches(t, store.Watch(t.Context(), 0), 12)
	for _, b := range log {
		for _, off := range []time.Duration{-time.Millisecond, -time.Microsecond, 0, 999 * time.Microsecond, time.Hour} {
			at := b.At.Add(off).In(time.FixedZone("", 8*3600))
			want := data.Revision(0)
			for _, b := range log {
				if !b.At.After(at) {
					want = b.Revision
				}
			}
			if got, err := store.RevisionAt(t.Context(), at); err != nil || got != want {
				t.Errorf("at %v: revision %d, %v, want %d", at, got, err, want)
			}
		}
	}
}
