package storetest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"

	"pgregory.net/rapid"

	"riskatlas/data"
)

// city is the simplest store there is: what every other must look like.
type city struct {
	records map[data.ID]string // describe's words
	revs    map[data.ID]data.Revision
	rev     data.Revision
	keys    map[string]data.Revision
}

func newCity() *city {
	return &city{map[data.ID]string{}, map[data.ID]data.Revision{}, 0, map[string]data.Revision{}}
}

// apply says what Apply must answer, and does it when it must succeed.
func (c *city) apply(key string, changes []data.Change) (rev data.Revision, conflict bool) {
	if seen, ok := c.keys[key]; ok {
		return seen, false
	}
	effect := 0
	for _, ch := range changes {
		if ch.If != data.Any && ch.If != c.revs[ch.ID] {
			return 0, true
		}
		if ch.New != nil || c.revs[ch.ID] != 0 {
			effect++
		}
	}
	if effect == 0 {
		return c.rev, false
	}
	c.rev++
	for _, ch := range changes {
		c.put(ch)
	}
	if key != "" {
		c.keys[key] = c.rev
	}
	return c.rev, false
}

func (c *city) put(ch data.Change) {
	if ch.New == nil {
		delete(c.records, ch.ID)
		delete(c.revs, ch.ID)
		return
	}
	c.records[ch.ID], c.revs[ch.ID] = describe(ch.New), c.rev
}

// check compares a loaded state and its details with the city.
func (c *city) check(t *rapid.T, store data.Store) {
	rev, hs := load(t, store)
	if rev != c.rev || len(hs) != len(c.records) {
		t.Fatalf("revision %d, %d hazards, want %d, %d", rev, len(hs), c.rev, len(c.records))
	}
	for _, h := range hs {
		r := detail(t, store, h.ID)[0]
		if describe(r) != c.records[h.ID] || h.Rev != c.revs[h.ID] || hot(h) != hot(r.Hazard) {
			t.Fatalf("%s: %s at %d\nwant %s at %d", h.ID, describe(r), h.Rev, c.records[h.ID], c.revs[h.ID])
		}
	}
}

// follow builds a city from what a watch tells.
func follow(t *rapid.T, store data.Store, from *city) *city {
	rev, _ := load(t, store)
	for _, b := range batches(t, store.Watch(context.Background(), from.rev), int(rev-from.rev)) {
		for _, ch := range b.Changes {
			if from.revs[ch.ID] != ch.If {
				t.Fatalf("revision %d: %s was at %d, the log says %d", b.Revision, ch.ID, from.revs[ch.ID], ch.If)
			}
		}
		from.rev = b.Revision
		for _, ch := range b.Changes {
			from.put(ch)
		}
	}
	return from
}

func model(t *testing.T, s *suite) {
	fewer(t, "20")
	rapid.Check(t, func(rt *rapid.T) {
		store := s.open(t)
		defer store.Close()
		want, follower := newCity(), newCity()
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			changes, key := draw(rt, want)
			rev, conflict := want.apply(key, changes)
			got, err := store.Apply(context.Background(), data.Note{Key: key}, changes...)
			switch {
			case conflict && !errors.Is(err, data.ErrConflict):
				rt.Fatalf("%v: %d, %v, want a conflict", changes, got, err)
			case !conflict && (err != nil || got != rev):
				rt.Fatalf("%v: %d, %v, want %d", changes, got, err, rev)
			}
			if rapid.IntRange(0, 4).Draw(rt, "look") == 0 {
				follower = follow(rt, store, follower) // resumes where it was
			}
		}
		want.check(rt, store)
		follow(rt, store, newCity()).check(rt, store)
		follow(rt, store, follower).check(rt, store)
	})
}

// fewer lets rapid make so many checks, since each opens a store, unless the
// command line or a soak asks for its own number.
func fewer(t *testing.T, checks string) {
	f := flag.Lookup("rapid.checks")
	if f == nil || f.Value.String() != f.DefValue || os.Getenv("RISKATLAS_SOAK") == "1" {
		return
	}
	if err := f.Value.Set(checks); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(f.DefValue) })
}

// draw makes a batch over few ids, most of whose conditions hold.
func draw(t *rapid.T, now *city) ([]data.Change, string) {
	ids := rapid.SliceOfNDistinct(rapid.IntRange(0, 5), 0, 3, rapid.ID[int]).Draw(t, "ids")
	var out []data.Change
	for _, i := range ids {
		ch := data.Change{ID: data.ID(fmt.Sprint("id", i))}
		switch rapid.IntRange(0, 9).Draw(t, "if") {
		case 0:
			ch.If = data.Revision(rapid.IntRange(0, 9).Draw(t, "rev"))
		case 1, 2, 3:
			ch.If = data.Any
		default:
			ch.If = now.revs[ch.ID]
		}
		if rapid.IntRange(0, 3).Draw(t, "new") > 0 {
			ch.New = Record(ch.ID, rapid.IntRange(0, 200).Draw(t, "n"))
		}
		out = append(out, ch)
	}
	return out, rapid.SampledFrom([]string{"", "", "", "k1", "k2"}).Draw(t, "key")
}
