package api

import (
	"sync"

	"golang.org/x/time/rate"
)

// DefaultWritesPerSecond is how many writes a second one name may send when the
// options say nothing.
const DefaultWritesPerSecond = 200

// burstSeconds is how many seconds' writes may come at once after a pause.
const burstSeconds = 10

// rates counts what each name sends, so that one that runs wild leaves room for the
// others. Names are those of tokens, and few. The zero value is ready.
type rates struct {
	mu     sync.Mutex
	byName map[string]*rate.Limiter
}

// allow reports whether a name may send one more now.
func (r *rates) allow(name string, perSecond float64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	limit := r.byName[name]
	if limit == nil {
		limit = rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond*burstSeconds)))
		if r.byName == nil {
			r.byName = map[string]*rate.Limiter{}
		}
		r.byName[name] = limit
	}
	return limit.Allow()
}
