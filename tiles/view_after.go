package tiles

import (
	"context"
	"sync"
	"time"
)

// afterwards makes, in the background, what a view may have moments after it was
// published: at most one goroutine, which ends when nothing is left to make.
type afterwards struct {
	ctx    context.Context
	cancel context.CancelFunc

	mu   sync.Mutex
	busy bool
	left sync.WaitGroup
}

func (a *afterwards) begin() { a.ctx, a.cancel = context.WithCancel(context.Background()) }

// make sees to it that the newest view gets its losses. Views that newer ones have
// overtaken get theirs when they are asked.
func (a *afterwards) make(v *Viewer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.busy || a.ctx.Err() != nil {
		return // it will look at the newest view when it is done
	}
	a.busy = true
	a.left.Go(func() {
		for a.more(v) {
			a.pause(v.View())
			newest := v.View()
			if newest.Totals.Follow(a.ctx) == nil {
				newest.answering.settle(newest)
			}
		}
	})
}

// pileUp is how long the losses of a change wait for more changes, so that one step
// counts all of them: each step copies what is kept by block and class.
const pileUp = 250 * time.Millisecond

// pause lets changes pile up, where there are losses that they change.
func (a *afterwards) pause(v *View) {
	if !v.Totals.Follows() {
		return
	}
	timer := time.NewTimer(pileUp)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-a.ctx.Done():
	}
}

// more reports whether the newest view waits for anything; if not, the goroutine
// must end.
func (a *afterwards) more(v *Viewer) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	newest := v.View()
	a.busy = a.ctx.Err() == nil && !(newest.Totals.Ready() && newest.answering.settled())
	return a.busy
}

// Close ends what the viewer does in the background and waits for it. Views go on
// answering; whoever asks for losses that are not there makes them himself. Nothing
// may be published after it.
func (v *Viewer) Close() {
	v.after.end()
	v.after.left.Wait()
}

// end lets nothing begin any more.
func (a *afterwards) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.cancel()
}

// LossesReady reports whether the view has what its sources cost, so that no
// question about it waits.
func (v *View) LossesReady() bool { return v.Totals.Ready() }

// Wait returns when the view has what its sources cost. The error is the
// context's. Every question about losses waits by itself, but knows no context.
func (v *View) Wait(ctx context.Context) error { return v.Totals.Wait(ctx) }
