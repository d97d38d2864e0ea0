package api

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"riskatlas/data"
)

const eventStreamType = "text/event-stream"

// The times of a stream.
const (
	heartbeat    = 15 * time.Second
	streamWrite  = 10 * time.Second // a listener that takes no byte for so long is cut
	retryLeast   = time.Second      // before a browser comes back
	retrySpread  = 2 * time.Second  // so that not all come back at once
	streamsRetry = 10               // seconds, for those that find no place
)

// eventStream answers /api/v1/events: a stream of server-sent events (HTML
// standard, 9.2) until the client leaves.
func (s *Server) eventStream(w http.ResponseWriter, r *http.Request) {
	l, err := s.listen(r)
	if err != nil {
		fail(w, err)
		return
	}
	e := s.opts.Events
	if res, ok := w.(*response); ok {
		if res.patience = e.patience; res.head {
			streamHeader(w.Header())
			w.WriteHeader(http.StatusOK)
			return
		}
	}
	if !e.enter() {
		p := retry(fmt.Sprintf("%d streams are open, which is the most; come back later", e.streams))
		p.retryAfter = streamsRetry
		fail(w, p)
		return
	}
	defer e.leave()
	out := &stream{w: w, control: http.NewResponseController(w), patience: e.patience}
	if err := out.begin(); err != nil {
		fail(w, err)
		return
	}
	if err := s.stream(r, l, out); err != nil {
		e.cut.Add(1)
	}
}

// listen makes the listener that a request asks for.
func (s *Server) listen(r *http.Request) (*listener, error) {
	if s.draining.Load() {
		return nil, retry("the server is stopping")
	}
	v, err := s.view()
	if err != nil {
		return nil, err
	}
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, malformed(r.URL.RawQuery, err)
	}
	l := &listener{events: s.opts.Events, newest: s.opts.View, answer: s.answer}
	if l.sub, err = parseSubscription(v, q); err != nil {
		return nil, err
	}
	since, header := q.Get("since"), r.Header.Get("Last-Event-ID")
	if header != "" {
		since = header
	}
	if since != "" {
		n, err := strconv.ParseUint(since, 10, 64)
		if err != nil {
			n = uint64(data.Any) // of another server: what this one did since is not known
		}
		l.since, l.known = data.Revision(n), true
	}
	return l, nil
}

// stream writes what the listener hears until the client leaves or the server
// stops. The error is that of a client that took nothing any more.
func (s *Server) stream(r *http.Request, l *listener, out *stream) error {
	beat := time.NewTicker(s.opts.Events.beat)
	defer beat.Stop()
	for {
		messages, more, err := l.next()
		if err != nil {
			return err
		}
		if len(messages) > 0 {
			if err := out.send(messages); err != nil {
				return err
			}
			s.opts.Events.sent.Add(uint64(len(messages)))
			beat.Reset(s.opts.Events.beat)
		}
		if more == nil {
			continue
		}
		select {
		case <-more:
		case <-beat.C:
			// An id alone is no event, but what the browser comes back with.
			if err := out.write(fmt.Appendf(nil, ": \nid: %d\n\n", l.since)); err != nil {
				return err
			}
		case <-r.Context().Done():
			return nil
		case <-s.opts.Events.done:
			return nil
		}
	}
}

// stream is one answer that has no end.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController

	patience time.Duration
	buf      []byte
}

func streamHeader(h http.Header) {
	h.Set("Content-Type", eventStreamType)
	h.Set("Cache-Control", "no-cache, no-transform") // proxies that compress hold events back
	h.Set("X-Accel-Buffering", "no")
}

// begin sends the header, and how long to wait before coming back.
func (s *stream) begin() error {
	// The reading deadline is for the request, which is read; past it the server
	// would take the client for gone.
	if err := s.control.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	streamHeader(s.w.Header())
	s.w.WriteHeader(http.StatusOK)
	wait := retryLeast + rand.N(retrySpread)
	return s.write(fmt.Appendf(nil, "retry: %d\n\n", wait.Milliseconds()))
}

// send writes messages, whose bodies are JSON and so of one line.
func (s *stream) send(messages []message) error {
	s.buf = s.buf[:0]
	for _, m := range messages {
		s.buf = fmt.Appendf(s.buf, "id: %d\nevent: %s\ndata: %s\n\n", m.revision, m.name, m.body)
	}
	return s.write(s.buf)
}

// write sends bytes at once.
func (s *stream) write(b []byte) error {
	if err := s.control.SetWriteDeadline(time.Now().Add(s.patience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := s.w.Write(b); err != nil {
		return err
	}
	if err := s.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}
