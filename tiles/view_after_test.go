package tiles

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/citytest"
	"riskatlas/index"
	"riskatlas/riskgrid"
)

// A viewer that is closed while it counts losses leaves no goroutine behind, and
// its view still answers, in full.
func TestCloseWhileCounting(t *testing.T) {
	w := compactTown(t, 54, 150)
	w.wait(w.replace(data.PeopleKind, homes(rand.New(rand.NewPCG(54, 1)), 60)))
	s := w.viewer.View().Snapshot
	if err := w.viewer.View().Wait(t.Context()); err != nil || !w.viewer.View().LossesReady() {
		t.Fatal(err)
	}
	want := figures(w.viewer.View())
	w.viewer.Close()
	before := goleak.IgnoreCurrent()
	for range 4 {
		v := NewViewer(w.profile, city.InternalView)
		v.Publish(index.Update{Snapshot: s, Full: true})
		view := v.View()
		asked := make(chan string)
		go func() { asked <- figures(view) }() // who asks meanwhile waits, and gets all
		v.Close()
		if got := <-asked; got != want || figures(view) != want {
			t.Fatal("asked while the viewer closed: not the city's figures")
		}
		v.Close() // again
		goleak.VerifyNone(t, before)
	}
}

// Readers who ask while changes go on get each view's own figures, and in the end
// the newest view has them without being asked.
func TestLossesWhileChangesGoOn(t *testing.T) {
	w := compactTown(t, 55, 60)
	rng := rand.New(rand.NewPCG(55, 1))
	m := citytest.NewMaker(rng, downtown)
	w.wait(w.replace(data.PeopleKind, homes(rng, 40)))
	w.viewer.View().Bodies()
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for last := (*View)(nil); ; {
				select {
				case <-done:
					return
				default:
				}
				v := w.viewer.View()
				if v == last {
					continue
				}
				last = v
				if got, want := v.Totals.Loss(data.All()), lossOfBodies(v); got != want {
					t.Errorf("revision %d: the city loses %v, its bodies %v", v.Revision(), got, want)
				}
			}
		})
	}
	for range 15 {
		h := m.Changed(w.hazards[rng.IntN(len(w.hazards))])
		w.apply(data.Change{ID: h.ID, If: data.Any, New: &data.Record{Hazard: h}})
	}
	close(done)
	readers.Wait()
	v := w.viewer.View()
	w.viewer.after.left.Wait() // nobody asks
	if !v.LossesReady() || !v.answering.settled() {
		t.Error("the newest view is not counted")
	}
	fresh := NewViewer(w.profile, city.InternalView)
	if got, want := figures(v), figures(fresh.next(nil, v.Snapshot, nil, nil)); got != want {
		t.Errorf("%.2000s\nafresh\n%.2000s", got, want)
	}
}

func lossOfBodies(v *View) (sum riskgrid.Loss) {
	for _, b := range v.Bodies() {
		for p := range b.Parts(data.All()) {
			sum = sum.Plus(p.Loss)
		}
	}
	return sum
}

// Waiting for losses ends with the context.
func TestWaitEndsWithItsContext(t *testing.T) {
	w := compactTown(t, 56, 20)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	fresh := NewViewer(w.profile, city.InternalView)
	v := fresh.next(nil, w.viewer.View().Snapshot, nil, nil)
	if err := v.Wait(gone); err != context.Canceled || v.LossesReady() {
		t.Errorf("got %v, ready %v", err, v.LossesReady())
	}
}
