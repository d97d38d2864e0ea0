package api

import (
	"context"
	"net/http"
	"strconv"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/klauspost/compress/gzip"
)

// The questions that maps and phones ask most cost less to answer than huma's
// and encoding/json's reflection cost around them. Their routes are declared to
// huma like all others, for the OpenAPI document and the rules of their query;
// what is asked is read by a reader, and the answer is appended to a buffer.

// buffers holds buffers for answers.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// mostKept is the capacity up to which a buffer is kept for another answer.
const mostKept = 1 << 20

// zippers holds compressors for answers. Level 1 takes a third of the time of
// the usual one for a tenth more bytes.
var zippers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // a level that there is
	return z
}}

// leastZipped is from how many bytes an answer is compressed: what is less
// leaves in the first flight of a connection, ten segments (RFC 6928), and
// arrives as fast as it is.
const leastZipped = 14_000

// appended declares a GET route whose answer, described by O's Body, is appended
// to a buffer by answer.
func appended[O, Q any](r *router, path, id, summary, mediaType string, answer func(context.Context, *Q, []byte) ([]byte, error)) {
	var asked *reader[Q]
	contentType := []string{mediaType}
	handle := func(w http.ResponseWriter, req *http.Request) {
		setRoute(w, path)
		if res, ok := w.(*response); ok {
			res.traffic = true // a line on stderr costs as much as finding the answer
		}
		q, problem := asked.read(req.URL.RawQuery)
		if problem != nil {
			fail(w, problem)
			return
		}
		if l, ok := any(&q).(lister); ok {
			if err := r.large.reserve(req.Context(), w, l.most()); err != nil {
				fail(w, err)
				return
			}
		}
		buffer := buffers.Get().(*[]byte)
		b, err := answer(req.Context(), &q, (*buffer)[:0])
		if err != nil {
			buffers.Put(buffer)
			w.Header()["Vary"] = addedValue(w.Header()["Vary"], byEncoding)
			fail(w, err)
			return
		}
		b = append(b, '\n')
		writeAppended(w, req, contentType, b)
		if cap(b) <= mostKept {
			*buffer = b
			buffers.Put(buffer)
		}
	}
	r.raw = func(known *params) http.HandlerFunc {
		asked = newReader[Q](known)
		return handle
	}
	defer func() { r.raw = nil }()
	huma.Register(r.api, huma.Operation{Method: http.MethodGet, Path: path, OperationID: id, Summary: summary,
		Tags: []string{tagOf(path)}, Responses: problems()},
		func(context.Context, *Q) (*O, error) { return nil, nil })
	r.hot[path] = r.handlers[path]
}

// writeAppended sends a whole answer, compressed where that pays.
func writeAppended(w http.ResponseWriter, req *http.Request, contentType []string, b []byte) {
	h := w.Header()
	h["Vary"] = addedValue(h["Vary"], byEncoding)
	h["Cache-Control"] = revalidate
	h["Content-Type"] = contentType
	if len(b) < leastZipped || !acceptsGzip(req.Header.Get("Accept-Encoding")) {
		h["Content-Length"] = []string{strconv.Itoa(len(b))}
		w.Write(b)
		return
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	out := writerTo{(*buffer)[:0]}
	z := zippers.Get().(*gzip.Writer)
	z.Reset(&out)
	z.Write(b) // a buffer takes everything
	z.Close()
	zippers.Put(z)
	h["Content-Encoding"] = gzipCoding
	h["Content-Length"] = []string{strconv.Itoa(len(out.b))}
	w.Write(out.b)
	if cap(out.b) <= mostKept {
		*buffer = out.b
	}
}

// writerTo is a buffer as a writer.
type writerTo struct{ b []byte }

func (w *writerTo) Write(p []byte) (int, error) {
	w.b = append(w.b, p...)
	return len(p), nil
}

// addedValue adds to a header's shared values without changing them.
func addedValue(values, more []string) []string {
	if len(values) == 0 {
		return more
	}
	return append(values[:len(values):len(values)], more...)
}
