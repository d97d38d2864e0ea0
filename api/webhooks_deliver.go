package api

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	randv2 "math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"riskatlas/data"
)

// The patience of deliveries.
const (
	hookTimeout  = 10 * time.Second // of one attempt
	hookAttempts = 10
	hookPause    = time.Second // before the second attempt; doubled before each further one
	hookMost     = time.Minute // longest pause
)

// deliverer posts to web hooks. Its times are those above but in tests.
type deliverer struct {
	client      *http.Client
	attempts    int
	pause, most time.Duration
}

func newDeliverer() *deliverer {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil // what was configured, and no other
	return &deliverer{attempts: hookAttempts, pause: hookPause, most: hookMost,
		client: &http.Client{Transport: transport, Timeout: hookTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// delivery is the body of a request to a web hook.
type delivery struct {
	Event  string          `json:"event"`
	ID     uint64          `json:"id"` // the revision
	Hook   string          `json:"hook"`
	SentAt string          `json:"sent_at"` // when it was made, the same at every attempt
	Data   json.RawMessage `json:"data"`
}

// DeliverWebhooks tells the web hooks what they subscribe to until ctx ends: first
// a reset, since what happened before this server began is not known, then every
// event at least once and in order. An event is tried ten times over some minutes;
// a hook that never takes it hears of a reset next. It is to be called once.
func (s *Server) DeliverWebhooks(ctx context.Context) { s.deliver(ctx, newDeliverer()) }

func (s *Server) deliver(ctx context.Context, d *deliverer) {
	defer d.client.CloseIdleConnections()
	var all sync.WaitGroup
	for _, h := range s.hooks {
		all.Go(func() { s.serveHook(ctx, d, h) })
	}
	all.Wait()
}

// unknownRevision is later than any: whoever is there is told to begin anew.
const unknownRevision = data.Any

func (s *Server) serveHook(ctx context.Context, d *deliverer, h *hook) {
	anew := func() *listener {
		return &listener{events: s.opts.Events, newest: s.opts.View, answer: s.answer, sub: h.sub, since: unknownRevision, known: true}
	}
	l := anew()
	for ctx.Err() == nil {
		messages, more, err := l.next()
		if err != nil {
			s.opts.Log.Error("a webhook's events cannot be written", "hook", h.Name, "err", err)
			return
		}
		for _, m := range messages {
			if m.name == eventNow {
				continue // a stream's, for who comes back
			}
			if err := d.send(ctx, h, m); err != nil {
				if ctx.Err() != nil {
					return
				}
				h.givenUp.Add(1)
				s.opts.Log.Warn("a webhook takes nothing; it will be told to begin anew", "hook", h.Name, "revision", uint64(m.revision), "err", err)
				l, more = anew(), nil
				break
			}
			h.delivered.Add(1)
			h.mu.Lock()
			h.last = m.revision
			h.mu.Unlock()
		}
		if more == nil {
			continue
		}
		select {
		case <-more:
		case <-ctx.Done():
		}
	}
}

// send delivers a message, or gives up.
func (d *deliverer) send(ctx context.Context, h *hook, m message) (err error) {
	now := time.Now()
	body, err := json.Marshal(delivery{m.name, uint64(m.revision), h.Name, now.UTC().Format(time.RFC3339Nano), m.body})
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, []byte(h.Secret))
	mac.Write(body)
	header := http.Header{
		"Content-Type":          {jsonType},
		"User-Agent":            {"riskatlas"},
		"X-Riskatlas-Event":     {m.name},
		"X-Riskatlas-Delivery":  {rand.Text()},
		"X-Riskatlas-Timestamp": {strconv.FormatInt(now.Unix(), 10)},
		"X-Riskatlas-Signature": {"sha256=" + hex.EncodeToString(mac.Sum(nil))},
	}
	pause := d.pause
	for attempt := 1; ; attempt++ {
		if err = d.post(ctx, h, header, body); err == nil {
			return nil
		}
		h.failed.Add(1)
		if attempt == d.attempts || ctx.Err() != nil {
			return err
		}
		// Between half and all of the pause, so that not all come at once.
		wait := time.NewTimer(pause/2 + randv2.N(pause/2+1))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return ctx.Err()
		}
		pause = min(2*pause, d.most)
	}
}

// post is one attempt. Its error names no URL, which may hold a secret.
func (d *deliverer) post(ctx context.Context, h *hook, header http.Header, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return errors.New("the url makes no request")
	}
	r.Header = header
	resp, err := d.client.Do(r)
	if err != nil {
		var of *url.Error
		if errors.As(err, &of) {
			err = of.Err
		}
		return err
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("it answers %d", resp.StatusCode)
	}
	return nil
}
