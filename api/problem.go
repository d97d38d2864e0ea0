package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"riskatlas/data"
	"riskatlas/tiles"
)

// Problem is the body of every answer with a status of 400 or more (RFC 9457).
// Parameter, Value and Allowed are there when one value of the request is at
// fault.
type Problem struct {
	Type      string   `json:"type" doc:"Always about:blank: title and status say it all."`
	Title     string   `json:"title" doc:"The status in words."`
	Status    int      `json:"status"`
	Detail    string   `json:"detail" doc:"What is wrong with this request, and what would be right."`
	Parameter string   `json:"parameter,omitempty" doc:"The parameter at fault."`
	Value     string   `json:"value,omitempty" doc:"Its value as sent, cut when it is long."`
	Allowed   []string `json:"allowed,omitempty" doc:"What is allowed, where that can be listed."`

	retryAfter int    // seconds; 0: no Retry-After
	allow      string // methods for a 405
	challenge  string // how to say who asks, for a 401 or 403
	cause      error  // for the log alone
	want       string // what would be right, of one value at fault
}

const problemType = "application/problem+json"

// statusClientClosed is for the log and the metrics: the client left before its
// answer. Nobody reads it.
const statusClientClosed = 499

// errNotReady says that no revision of the city is loaded yet.
var errNotReady = errors.New("the city is still loading")

func (p *Problem) Error() string { return p.Detail }

// GetStatus and ContentType let huma write a problem as it is.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType gives the media type of a problem.
func (p *Problem) ContentType(string) string { return problemType }

// GetHeaders gives the headers that go with the problem.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{"Cache-Control": {"no-store"}}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	if p.allow != "" {
		h.Set("Allow", p.allow)
	}
	if p.challenge != "" {
		h.Set("WWW-Authenticate", p.challenge)
	}
	return h
}

func newProblem(status int, detail string) *Problem {
	title := http.StatusText(status)
	if status == statusClientClosed {
		title = "Client Closed Request"
	}
	return &Problem{Type: "about:blank", Title: title, Status: status, Detail: detail}
}

// badValue is a 400 that names the parameter, its value and what would be right.
func badValue(parameter, value, want string, allowed ...string) *Problem {
	value = shorten(value)
	detail := fmt.Sprintf("%s: %q: want %s", parameter, value, want)
	if len(allowed) > 0 {
		detail += ": " + strings.Join(allowed, ", ")
	}
	p := newProblem(http.StatusBadRequest, detail)
	p.Parameter, p.Value, p.Allowed, p.want = parameter, value, allowed, want
	return p
}

func notFound(detail string) *Problem { return newProblem(http.StatusNotFound, detail) }

// shorten keeps a hostile or huge value from filling an answer.
func shorten(s string) string {
	const most = 80
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return s[:cut] + "…"
}

// problemOf is the table from errors to problems.
func problemOf(err error) *Problem {
	var (
		problem *Problem
		invalid *data.Invalid
		tooLong *http.MaxBytesError
	)
	switch {
	case errors.As(err, &problem):
		return problem
	case errors.As(err, &invalid):
		return badValue(invalid.Field, invalid.Value, invalid.Want, invalid.Allowed...)
	case errors.As(err, &tooLong):
		return newProblem(http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is over %d bytes", tooLong.Limit))
	case errors.Is(err, data.ErrForgotten):
		return forgotten(err)
	case errors.Is(err, context.Canceled):
		return newProblem(statusClientClosed, "the client left")
	case errors.Is(err, errNotReady), errors.Is(err, tiles.ErrNotReady):
		return retry(errNotReady.Error() + "; ask again in a moment")
	case errors.Is(err, tiles.ErrNotHeld):
		return notFound("this server serves a frozen map, which does not hold this: " + err.Error())
	case errors.Is(err, tiles.ErrBusy):
		return retry("the server is building as many answers as it can; ask again in a moment")
	case errors.Is(err, context.DeadlineExceeded):
		return retry("the answer took too long; ask again in a moment")
	}
	p := newProblem(http.StatusInternalServerError, "the server failed; the operator's log says why")
	p.cause = err
	return p
}

func retry(detail string) *Problem {
	p := newProblem(http.StatusServiceUnavailable, detail)
	p.retryAfter = 1
	return p
}

// fail writes the problem of an error. It is the only place outside huma's own
// writer that sets a status of 400 or more, and huma is given problems alone.
func fail(w http.ResponseWriter, err error) {
	p := problemOf(err)
	if r, ok := w.(*response); ok && p.cause != nil {
		r.err = p.cause
	}
	body, marshalErr := json.Marshal(p)
	if marshalErr != nil { // strings and numbers only: cannot happen
		body = []byte(`{"type":"about:blank","status":500}`)
	}
	h := w.Header()
	for _, name := range []string{"ETag", "Content-Encoding", "Content-Disposition"} {
		h.Del(name)
	}
	for name, values := range p.GetHeaders() {
		h[name] = values
	}
	h.Set("Content-Type", problemType)
	h.Set("Content-Length", strconv.Itoa(len(body)+1))
	w.WriteHeader(p.Status)
	w.Write(append(body, '\n'))
}
