package tiles

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"riskatlas/data"
	"riskatlas/riskgrid"
)

// What bodies answer for, followed change by change, is what a count of every
// source gives, and sums to the city's.
func TestBodiesAreFollowed(t *testing.T) {
	w := randomTown(t, 33, 60)
	rng := rand.New(rand.NewPCG(33, 1))
	answered := func(h *data.Hazard) *data.Record {
		given := *h
		given.Regulator = fmt.Sprint("body ", rng.IntN(4))
		if !given.Exposed.Known { // so that there are losses without a grid
			given.Exposed = data.Exposed{Day: 20, Night: 10, Known: true}
		}
		sealed, err := given.Seal()
		if err != nil {
			t.Fatal(err)
		}
		return &data.Record{Hazard: sealed}
	}
	var first []data.Change
	for _, h := range w.hazards {
		first = append(first, data.Change{ID: h.ID, If: data.Any, New: answered(h)})
	}
	v, err := w.viewer.View().With(first...)
	if err != nil {
		t.Fatal(err)
	}
	for round := range 25 {
		before := v.Bodies()
		fresh := func(v *View) map[string]*Body {
			again := *v
			again.answering = &bodyMemo{}
			return again.Bodies()
		}
		kept := fresh(v)
		changes := thought(w, rng, 7)
		for i := range changes {
			if changes[i].New != nil {
				changes[i].New = answered(changes[i].New.Hazard)
			}
		}
		next, err := v.With(changes...)
		if err != nil {
			t.Fatal(err)
		}
		if next.answering.settled() {
			t.Fatal("bodies were not followed")
		}
		if !reflect.DeepEqual(next.Bodies(), fresh(next)) {
			t.Fatalf("round %d: followed bodies differ from counted ones", round)
		}
		if !reflect.DeepEqual(before, kept) {
			t.Fatalf("round %d: the view before was changed", round)
		}
		var sum riskgrid.Loss
		sources := 0
		for _, b := range next.Bodies() {
			for p := range b.Parts(data.All()) {
				sum = sum.Plus(p.Loss)
			}
			for _, kinds := range b.Kinds(data.All()) {
				for _, n := range kinds {
					sources += n
				}
			}
		}
		all := next.Count(data.All())
		if sum != next.Totals.Loss(data.All()) || sum.IsZero() || sources != all[1]+all[2]+all[3]+all[4] {
			t.Fatalf("round %d: bodies cost %v with %d sources, the city %v with %v", round, sum, sources, next.Totals.Loss(data.All()), all)
		}
		v = next
	}
}
