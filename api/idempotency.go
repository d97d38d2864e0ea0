package api

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash/maphash"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"riskatlas/data"
)

// keyLocks keep two requests of one key from being done at once.
type keyLocks struct {
	seed  maphash.Seed
	locks [64]sync.Mutex
}

func (k *keyLocks) of(key string) *sync.Mutex {
	return &k.locks[maphash.String(k.seed, key)%uint64(len(k.locks))]
}

// KeyQuery names a write, so that it is done once however often it is sent.
type KeyQuery struct {
	Key string `header:"Idempotency-Key" doc:"A name for this write, 1 to 255 visible characters, as a UUID. Sent again with the same body, it changes nothing and is answered what it did; with another body it is refused. Keys are the caller's own and are kept as long as history is."`
	Why string `query:"why" maxLength:"500" doc:"Why, for the history."`
}

// once does a write whose key is new, and answers again what it did where the
// caller has used the key before: in the store, so that it holds over restarts.
func once[O any](ctx context.Context, s *Server, q *KeyQuery, body []byte, again func(data.Batch) (*O, error), do func(data.Note) (*O, error)) (*O, error) {
	note := data.Note{Who: whoOf(ctx), Why: strings.TrimSpace(q.Why)}
	if q.Key == "" {
		return do(note)
	}
	if strings.ContainsFunc(q.Key, func(r rune) bool { return r <= ' ' || r > '~' }) || len(q.Key) > 255 {
		return nil, badValue("Idempotency-Key", q.Key, "1 to 255 visible ASCII characters")
	}
	r := exchangeOf(ctx).r
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n%s\n%d\n", r.Method, r.URL.Path, len(body))
	sum.Write(body)
	prefix := "http/" + url.PathEscape(note.Who) + "/" + url.PathEscape(q.Key) + "/"
	note.Key = prefix + fmt.Sprintf("%x", sum.Sum(nil)[:16])

	lock := s.keyLocks.of(prefix)
	lock.Lock()
	defer lock.Unlock()
	b, done, err := s.opts.City.Done(ctx, prefix)
	switch {
	case err != nil:
		return nil, err
	case !done:
		return do(note)
	case b.Note.Key != note.Key:
		p := newProblem(http.StatusUnprocessableEntity, "Idempotency-Key: it was used for another request: want a new key for what is new")
		p.Parameter, p.Value = "Idempotency-Key", shorten(q.Key)
		return nil, p
	}
	return again(b)
}
