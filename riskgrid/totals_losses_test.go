package riskgrid

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"riskatlas/data"
	"riskatlas/data/citytest"
)

// kept is a history of a random city: its fields and totals, none of whose losses
// are there yet, and what it holds at the end.
func keptHistory(t *testing.T, seed uint64, rounds int) (land Land, all []*Totals, field *Field, now map[data.ID]*data.Hazard) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 12))
	land = landOf(t, crowds(rng, 60, town), town)
	m := citytest.NewMaker(rng, town)
	now = map[data.ID]*data.Hazard{}
	for i := range 40 {
		now[citytest.ID(i)] = exposing(rng, m.Hazard(citytest.ID(i)))
	}
	field = NewField(hangzhouCuts, maps.Values(now))
	all = []*Totals{NewTotals(land, field, maps.Values(now))}
	for range rounds {
		id := citytest.ID(rng.IntN(50)) // the same one again and again
		s := Swap{Old: now[id]}
		if s.Old == nil || rng.IntN(4) > 0 {
			s.New = exposing(rng, m.Hazard(id))
			now[id] = s.New
		} else {
			delete(now, id)
		}
		field = field.Apply(s)
		all = append(all, all[len(all)-1].Apply(field, s))
	}
	return land, all, field, now
}

// Totals to which changes were applied before any losses were there end as those
// made anew, whichever is asked first, and asking many at once makes each once.
func TestLossesAskedBeforeTheyAreThere(t *testing.T) {
	for seed := range uint64(many(3)) {
		land, all, field, now := keptHistory(t, 70+seed, 12)
		want := NewTotals(land, field, maps.Values(now))
		middle := all[6]
		newest := all[len(all)-1]
		if newest.Ready() || middle.Ready() {
			t.Fatal("losses are there before anybody asked")
		}
		var wait sync.WaitGroup
		got := make([]Loss, 8)
		for i := range got {
			wait.Go(func() { got[i] = newest.Loss(data.All()) })
		}
		wait.Wait()
		for _, l := range got {
			if l != want.Loss(data.All()) {
				t.Fatalf("asked by many: %v, anew %v", l, want.Loss(data.All()))
			}
		}
		if middle.Ready() {
			t.Error("a revision that nobody asks for was made")
		}
		sameTotals(t, newest, want)
		sameTotals(t, newest.Apply(field), want)
		// One that newer ones have overtaken, after them.
		back := slices.Clone(all[7:])
		slices.Reverse(back)
		for _, later := range back {
			later.book()
		}
		var again *Totals
		_, again7, _, _ := keptHistory(t, 70+seed, 12)
		for _, each := range again7[:7] { // step by step
			each.book()
			again = each
		}
		if diff := again.Loss(data.All()); diff != middle.Loss(data.All()) || diff.IsZero() {
			t.Errorf("in the middle: %v, step by step %v", middle.Loss(data.All()), diff)
		}
	}
}

// Who waits with a context that ends gets its error; what was begun is then made by
// the next one, whole.
func TestLossesGivenUp(t *testing.T) {
	land, all, field, now := keptHistory(t, 80, 5)
	newest := all[len(all)-1]
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newest.Wait(gone); !errors.Is(err, context.Canceled) || newest.Ready() {
		t.Fatalf("got %v, ready %v", err, newest.Ready())
	}
	// While somebody else has the turn, too.
	newest.losses.turn <- struct{}{}
	if err := newest.Wait(gone); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	<-newest.losses.turn
	if err := newest.Wait(t.Context()); err != nil || !newest.Ready() {
		t.Fatalf("got %v, ready %v", err, newest.Ready())
	}
	sameTotals(t, newest, NewTotals(land, field, maps.Values(now)))
	if err := newest.Wait(gone); err != nil {
		t.Errorf("what is there is given to everybody: %v", err)
	}
}

func TestSumIsExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 13))
	hs := citytest.Hazards(rng, 200, town)
	var s Sum
	for _, h := range hs {
		s = s.Plus(h)
	}
	rng.Shuffle(len(hs), func(i, j int) { hs[i], hs[j] = hs[j], hs[i] })
	if s == (Sum{}) {
		t.Fatal("nothing was added")
	}
	for _, h := range hs {
		s = s.Minus(h)
	}
	if s != (Sum{}) {
		t.Errorf("all taken back, %v is left", s)
	}
}

// Blocks of few and of many different numbers keep them all.
func TestCrowdedKeepsNumbers(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 14))
	for _, different := range []int{1, 2, 256, 257, blockCells} {
		var cells, back [blockCells]uint32
		for i := range cells {
			cells[i] = uint32(i%different) * 2654435761
		}
		rng.Shuffle(blockCells, func(i, j int) { cells[i], cells[j] = cells[j], cells[i] })
		c := newCrowded(&cells)
		if (c.which == nil) != (different > 256) {
			t.Errorf("%d different numbers: packed %v", different, c.which != nil)
		}
		for i, n := range cells {
			if c.at(i) != Headcount(n) {
				t.Fatalf("%d different numbers: cell %d holds %d, want %d", different, i, c.at(i), n)
			}
		}
		if c.spread(&back); back != cells {
			t.Errorf("%d different numbers: spread differs", different)
		}
	}
}

func TestShardKeepsLosses(t *testing.T) {
	many := []loss{{0, 0, Loss{0, 1}}, {0, 65535, Loss{7, 0}}, {65535, 3, Loss{1 << 49, 1<<64 - 1}}}
	a := (*shard)(nil).with(map[data.ID][]byte{"b": appendLosses(nil, many), "a": appendLosses(nil, many[:1]), "c": nil})
	b := a.with(map[data.ID][]byte{"aa": appendLosses(nil, many[1:]), "b": nil})
	for _, c := range []struct {
		s    *shard
		id   data.ID
		want []loss
	}{{a, "a", many[:1]}, {a, "b", many}, {a, "c", nil}, {b, "a", many[:1]}, {b, "aa", many[1:]}, {b, "b", nil}} {
		if got := slices.Collect(unpacked(c.s.raw(c.id))); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.id, got, c.want)
		}
	}
	if len(a.ids) != 2 || b.with(map[data.ID][]byte{"a": nil, "aa": nil}) != nil {
		t.Error("sources of no loss are kept")
	}
}
