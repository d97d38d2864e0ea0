package api

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// response is the writer that handlers get: it remembers what the edge logs and
// counts, and sends no body for HEAD.
type response struct {
	http.ResponseWriter
	status   int
	bytes    int64
	head     bool
	route    string        // template of the route, "" where none matched
	traffic  bool          // one of many like it: logged at debug level
	who      string        // the name of who asked, where the route had to know it
	err      error         // why the server failed, for the log
	patience time.Duration // how long one stride may take; 0: writeTimeout

	release []func() // what is to be given back after the exchange

	path tilePath // of the request, if it asks for a tile
	tile bool
}

func (w *response) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if w.head {
		return len(b), nil
	}
	if len(b) <= stride && w.bytes < stride {
		n, err := w.ResponseWriter.Write(b)
		w.bytes += int64(n)
		return n, err
	}
	return w.writeLong(b)
}

// stride is how many bytes of an answer may take one write timeout.
const stride = 128 << 10

// writeLong gives each stride a deadline of its own: a long answer ends when it
// stands still, not when it is long.
func (w *response) writeLong(b []byte) (n int, err error) {
	control := http.NewResponseController(w.ResponseWriter)
	for len(b) > 0 && err == nil {
		// A writer without deadlines, as a test's, has none to move.
		if e := control.SetWriteDeadline(time.Now().Add(cmp.Or(w.patience, writeTimeout))); e != nil && !errors.Is(e, http.ErrNotSupported) {
			return n, e
		}
		var m int
		m, err = w.ResponseWriter.Write(b[:min(stride, len(b))])
		n, b = n+m, b[m:]
		w.bytes += int64(m)
	}
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// serve is the edge: headers, limits, the answer, its count and its log line.
func (s *Server) serve(rw http.ResponseWriter, r *http.Request) {
	start := time.Now()
	w := &response{ResponseWriter: rw}
	s.metrics.inFlight.Inc()
	defer func() {
		cut := s.recovered(w, recover())
		for _, give := range w.release {
			give()
		}
		s.metrics.inFlight.Dec()
		s.metrics.observe(w, r.Method, time.Since(start))
		s.log(w, r, time.Since(start))
		if cut {
			panic(http.ErrAbortHandler) // the only way to tell the client that the answer is not whole
		}
	}()
	w.path, w.tile = cutTilePath(r.URL.Path)
	header := w.Header()
	secure(header, w.tile)
	s.cors.allow(header, r, w.tile)
	if len(r.RequestURI) > maxURLBytes {
		fail(w, newProblem(http.StatusRequestURITooLong, fmt.Sprintf("the URL has %d bytes: %d is the most", len(r.RequestURI), maxURLBytes)))
		return
	}
	most := s.router.mostBody(r)
	if r.ContentLength > most {
		fail(w, newProblem(http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has %d bytes: %d is the most", r.ContentLength, most)))
		return
	}
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = http.MaxBytesReader(w, r.Body, most)
		if most > maxBodyBytes {
			r.Body = &upload{r.Body, http.NewResponseController(rw), 0}
		}
	}
	if r.Method == http.MethodHead {
		// Routes know GET alone; what a GET would say is all that HEAD asks.
		get := *r
		get.Method, w.head = http.MethodGet, true
		r = &get
	}
	s.handler.ServeHTTP(w, r)
}

// recovered ends a panic: with a problem where nothing is sent yet, else by
// reporting that the answer must be cut.
func (s *Server) recovered(w *response, cause any) (cut bool) {
	if cause == nil {
		return false
	}
	if cause == http.ErrAbortHandler {
		return true
	}
	err := fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
	if w.status != 0 {
		w.err = err
		return true
	}
	fail(w, err)
	return false
}

// log writes the request's line. It holds no query: places are rounded to 0.01°
// (1 km), and what else was asked stays between the client and the answer.
func (s *Server) log(w *response, r *http.Request, took time.Duration) {
	level := slog.LevelInfo
	switch {
	case w.err != nil:
		level = slog.LevelError
	case w.traffic:
		level = slog.LevelDebug
	}
	if !s.opts.Log.Enabled(r.Context(), level) {
		return
	}
	attrs := []slog.Attr{slog.String("method", methodLabel(r.Method)), slog.String("route", routeLabel(w.route)),
		slog.Int("status", max(w.status, http.StatusOK)), slog.Int64("bytes", w.bytes), slog.Duration("took", took.Round(time.Microsecond))}
	if w.who != "" {
		attrs = append(attrs, slog.String("who", w.who))
	}
	if place, ok := roundedPlace(r.URL); ok {
		attrs = append(attrs, slog.String("place", place))
	}
	if w.err != nil {
		attrs = append(attrs, slog.String("err", w.err.Error()))
	}
	s.opts.Log.LogAttrs(r.Context(), level, "request", attrs...)
}

func roundedPlace(u *url.URL) (string, bool) {
	if !strings.Contains(u.RawQuery, "lon=") {
		return "", false
	}
	q := u.Query()
	lon, lonErr := strconv.ParseFloat(q.Get("lon"), 64)
	lat, latErr := strconv.ParseFloat(q.Get("lat"), 64)
	if lonErr != nil || latErr != nil || math.Abs(lon) > 360 || math.Abs(lat) > 360 {
		return "", false
	}
	return fmt.Sprintf("%.2f,%.2f", lon, lat), true
}

// Header values are shared: net/http reads them, and Header.Add copies.
var (
	noSniff   = []string{"nosniff"}
	deny      = []string{"DENY"}
	noReferer = []string{"no-referrer"}
	apiPolicy = []string{"default-src 'none'; frame-ancestors 'none'"}
	// Pages load from here alone; the map's worker may start from a blob.
	pagePolicy = []string{"default-src 'self'; script-src 'self'; worker-src 'self' blob:; child-src 'self' blob:; " +
		"style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
)

// secure sets what keeps an answer from being misused by a page. No browser
// shows a tile or follows it anywhere, and each header adds to a cached tile's
// cost, so tiles have the one that tells their type apart.
func secure(h http.Header, tile bool) {
	h["X-Content-Type-Options"] = noSniff
	if tile {
		return
	}
	h["X-Frame-Options"] = deny
	h["Referrer-Policy"] = noReferer
	h["Content-Security-Policy"] = apiPolicy
}
