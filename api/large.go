package api

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"

	"riskatlas/tiles"
)

// DefaultAnswerBytes is the memory for long answers that Options take when they
// name none.
const DefaultAnswerBytes = 128 << 20

const (
	manySources = 500             // from which a list is long
	sourceBytes = 2 << 10         // about what a listed source takes while its answer is made
	largeWait   = 2 * time.Second // for memory, then the question is refused
)

// large bounds the memory of long answers, from when they are made until the
// last byte has left: a client that asks for much and reads slowly holds a part
// of it, and nobody else's. Safe for concurrent use.
type large struct {
	bytes int64
	wait  time.Duration // for memory
	free  *semaphore.Weighted
}

func newLarge(bytes int64) *large {
	if bytes <= 0 {
		bytes = DefaultAnswerBytes
	}
	return &large{bytes, largeWait, semaphore.NewWeighted(bytes)}
}

// reserve takes the memory of an answer that lists so many sources, until the
// end of the exchange. The error is tiles.ErrBusy when there is none for too
// long, or the context's.
func (l *large) reserve(ctx context.Context, w http.ResponseWriter, sources int) error {
	res, ok := w.(*response)
	if sources <= manySources || !ok {
		return nil
	}
	bytes := min(int64(sources)*sourceBytes, l.bytes) // who asks for more than there is has it all
	if !l.free.TryAcquire(bytes) {
		waiting, cancel := context.WithTimeout(ctx, l.wait)
		defer cancel()
		if l.free.Acquire(waiting, bytes) != nil {
			if err := ctx.Err(); err != nil {
				return err
			}
			return tiles.ErrBusy
		}
	}
	res.release = append(res.release, func() { l.free.Release(bytes) })
	return nil
}

// lister is a question whose answer lists up to so many sources.
type lister interface{ most() int }

func (q *NearbyQuery) most() int { return q.Limit }
func (q *RiskQuery) most() int   { return q.Limit }
