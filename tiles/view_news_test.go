package tiles

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"riskatlas/data"
)

// Whoever waits for a revision gets it, or is told why it cannot be shown.
func TestReachedWaitsForARevision(t *testing.T) {
	w := compactTown(t, 43, 6)
	now := w.viewer.View().Revision()
	if err := w.viewer.Reached(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.viewer.Reached(ended, now); err != nil {
		t.Errorf("what is there needs no time: %v", err)
	}
	if err := w.viewer.Reached(ended, now+1); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "revision") {
		t.Errorf("a wait that ended: %v", err)
	}
	const many = 20
	var work sync.WaitGroup
	for i := range data.Revision(many) {
		work.Go(func() {
			err := w.viewer.Reached(t.Context(), now+1+i)
			if got := w.viewer.View().Revision(); err != nil || got <= now+i {
				t.Errorf("revision %d: %v with the view at %d", now+1+i, err, got)
			}
		})
	}
	for i := range many {
		h := *w.hazards[i%len(w.hazards)]
		h.Name = strings.Repeat("x", i+1)
		sealed, err := h.Seal()
		if err != nil {
			t.Fatal(err)
		}
		w.apply(data.Change{ID: h.ID, If: data.Any, New: &data.Record{Hazard: sealed}})
	}
	work.Wait()
}
