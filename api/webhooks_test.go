package api

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

const hookSecret = "a secret of enough characters"

// receiver is a real server that web hooks post to. answer decides how; it gets the
// number of the request, from 1 on.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	requests int
	taken    chan delivery // answered 2xx
	bodies   map[string][]byte
}

func receive(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) *receiver {
	t.Helper()
	rec := &receiver{taken: make(chan delivery, 100), bodies: map[string][]byte{}}
	rec.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		mac := hmac.New(sha256.New, []byte(hookSecret))
		mac.Write(body)
		if got, want := r.Header.Get("X-Riskatlas-Signature"), "sha256="+hex.EncodeToString(mac.Sum(nil)); got != want {
			t.Errorf("signature %s, want %s", got, want)
		}
		var d delivery
		if err := json.Unmarshal(body, &d); err != nil || d.Event != r.Header.Get("X-Riskatlas-Event") || d.SentAt == "" {
			t.Errorf("%v: %s", err, body)
		}
		if at, err := time.Parse(time.RFC3339Nano, d.SentAt); err != nil || fmt.Sprint(at.Unix()) != r.Header.Get("X-Riskatlas-Timestamp") {
			t.Errorf("sent at %s, timestamp %s", d.SentAt, r.Header.Get("X-Riskatlas-Timestamp"))
		}
		rec.mu.Lock()
		rec.requests++
		n, id := rec.requests, r.Header.Get("X-Riskatlas-Delivery")
		if before, again := rec.bodies[id]; again && string(before) != string(body) {
			t.Errorf("the same delivery has another body: %s, %s", before, body)
		}
		rec.bodies[id] = body
		rec.mu.Unlock()
		status := &statusWriter{ResponseWriter: w}
		answer(n, status, r)
		if status.code == 0 || status.code/100 == 2 {
			rec.taken <- d
		}
	}))
	t.Cleanup(rec.Close)
	return rec
}

type statusWriter struct {
	http.ResponseWriter
	code int
}

func (w *statusWriter) WriteHeader(code int) {
	w.code = code
	w.ResponseWriter.WriteHeader(code)
}

func hookWorld(t *testing.T, d *deliverer, hooks ...Webhook) *world {
	t.Helper()
	w := newWorld(t, city.InternalView, town(t, 10, 1), nil, func(o *Options) { o.Webhooks = hooks })
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); w.server.deliver(ctx, d) }()
	t.Cleanup(func() { cancel(); <-done })
	return w
}

// quickly is a deliverer without patience.
func quickly(attempts int) *deliverer {
	d := newDeliverer()
	d.attempts, d.pause, d.most = attempts, time.Millisecond, 4*time.Millisecond
	d.client.Timeout = 200 * time.Millisecond
	return d
}

func (r *receiver) next(t *testing.T, event string, rev data.Revision) delivery {
	t.Helper()
	select {
	case d := <-r.taken:
		if d.Event != event || d.ID != uint64(rev) {
			t.Fatalf("%s %d %s, want %s %d", d.Event, d.ID, d.Data, event, rev)
		}
		return d
	case <-time.After(20 * time.Second):
		t.Fatalf("no %s of revision %d comes", event, rev)
		panic("not reached")
	}
}

// A receiver that fails, hangs and redirects for a while hears of every event in
// the end, in order, and nobody follows where it points to.
func TestWebhooksDeliverInOrder(t *testing.T) {
	elsewhere := receive(t, func(int, http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") })
	held := make(chan struct{})
	rec := receive(t, func(n int, w http.ResponseWriter, r *http.Request) {
		switch n % 5 {
		case 1:
			w.WriteHeader(http.StatusInternalServerError)
		case 2:
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		case 3:
			w.WriteHeader(http.StatusTooManyRequests)
		case 4:
			if n == 4 { // it hangs until the client has gone
				select {
				case <-r.Context().Done():
				case <-held:
				}
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		}
	})
	defer close(held)
	w := hookWorld(t, quickly(10), Webhook{Name: "all", URL: rec.URL, Secret: hookSecret})
	first := w.viewer.View().Revision()
	if d := rec.next(t, eventReset, first); !strings.Contains(string(d.Data), `"all":true`) {
		t.Errorf("%s", d.Data)
	}
	for i := range 5 {
		w.apply(puts(source(t, fmt.Sprint("new-", i), "I04", 2, orb.Point{120.15, 30.27}))...)
	}
	for i := range 5 {
		d := rec.next(t, eventChange, first+1+data.Revision(i))
		var c ChangeEvent
		if err := json.Unmarshal(d.Data, &c); err != nil || c.IDs[0] != data.ID(fmt.Sprint("new-", i)) {
			t.Errorf("%v: %s", err, d.Data)
		}
	}
	metrics := w.get("/metrics").Body.String()
	if !strings.Contains(metrics, `riskatlas_webhook_given_up_total{hook="all"} 0`) || !strings.Contains(metrics, `riskatlas_webhook_failed_attempts_total{hook="all"}`) {
		t.Error("the metrics do not count what is delivered")
	}
	if strings.Contains(w.logs.String()+metrics, hookSecret) {
		t.Error("the secret stands in the log or the metrics")
	}
}

// Who takes nothing for too long is told to begin anew; a place's subscriber hears
// of its level alone.
func TestWebhooksGiveUpAndBeginAnew(t *testing.T) {
	rec := receive(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		if n == 2 || n == 3 { // both attempts to tell of the change
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	level := receive(t, func(int, http.ResponseWriter, *http.Request) {})
	p := orb.Point{121.5, 30.9}
	w := hookWorld(t, quickly(2), Webhook{Name: "deaf", URL: rec.URL, Secret: hookSecret},
		Webhook{Name: "place", URL: level.URL, Secret: hookSecret, Subscribe: "event=level&" + at(p)})
	first := w.viewer.View().Revision()
	rec.next(t, eventReset, first)
	level.next(t, eventReset, first)
	rev := w.apply(puts(source(t, "new", "I04", 4, p, scenario(t, 1e-3, step(100))))...)
	var l LevelEvent
	if d := level.next(t, eventLevel, rev); json.Unmarshal(d.Data, &l) != nil || l.Was.Level != 0 || l.Is.Level != data.Major {
		t.Errorf("%+v", l)
	}
	rec.next(t, eventReset, rev)
	if n := w.server.hooks[0].givenUp.Load(); n != 1 {
		t.Errorf("given up %d times, want once", n)
	}
	rev = w.apply(puts(source(t, "far", "I04", 2, orb.Point{120.15, 30.27}))...)
	rec.next(t, eventChange, rev)
	if n := len(level.taken); n > 0 {
		t.Errorf("the place heard of %d more", n)
	}
}

func TestWebhooksThatCannotBe(t *testing.T) {
	good := Webhook{Name: "a", URL: "https://example.org/hook", Secret: hookSecret, Subscribe: "industry=I04&event=change"}
	w := newWorld(t, city.InternalView, town(t, 3, 1), nil)
	try := func(hooks ...Webhook) error {
		opts := w.server.opts
		opts.Webhooks = hooks
		_, err := New(opts)
		return err
	}
	if err := try(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Webhook){
		"name":      func(h *Webhook) { h.Name = "a b" },
		"secret":    func(h *Webhook) { h.Secret = "too short" },
		"url":       func(h *Webhook) { h.URL = "http://example.org/hook" },
		"a.url":     func(h *Webhook) { h.URL = "https://user:pass@example.org/" },
		"(not show": func(h *Webhook) { h.URL = "ftp://127.0.0.1/" },
		"loopback":  func(h *Webhook) { h.URL = "http://127.0.0.1.example.org/" },
		"industry":  func(h *Webhook) { h.Subscribe = "industry=X" },
		"colour":    func(h *Webhook) { h.Subscribe = "colour=red" },
		"lat":       func(h *Webhook) { h.Subscribe = "lon=120" },
		"since":     func(h *Webhook) { h.Subscribe = "since=4" },
	} {
		h := good
		change(&h)
		err := try(h)
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), h.Secret) || strings.Contains(err.Error(), "pass@") {
			t.Errorf("%s: %v", name, err)
		}
	}
	var invalid *data.Invalid
	if err := try(good, good); !errors.As(err, &invalid) || invalid.Field != "name" {
		t.Errorf("two of one name: %v", err)
	}
	if s := fmt.Sprintf("%v %+v %#v", good, good, good); strings.Contains(s, hookSecret) || strings.Contains(s, "example.org") {
		t.Errorf("%s", s)
	}
}
