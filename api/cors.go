package api

import (
	"net/http"
	"slices"
	"strings"
)

// cors says which origins a browser may read answers from (Fetch standard, CORS
// protocol). Answers carry no credentials, so any origin is safe by default.
type cors struct {
	any     bool
	origins []string
}

func newCORS(list string) cors {
	var c cors
	for origin := range strings.SplitSeq(list, ",") {
		switch origin = strings.TrimSpace(origin); origin {
		case "":
		case "*":
			c.any = true
		default:
			c.origins = append(c.origins, strings.TrimSuffix(origin, "/"))
		}
	}
	return c
}

var (
	anyOrigin = []string{"*"}
	exposed   = []string{"ETag, Link, Retry-After, Data-Revision"}
)

// allow sets the headers of an answer. A map's own code has no use for a tile's
// headers, so those are not exposed.
func (c *cors) allow(h http.Header, r *http.Request, tile bool) {
	switch {
	case c.any:
		h["Access-Control-Allow-Origin"] = anyOrigin
	case len(c.origins) > 0:
		h.Add("Vary", "Origin")
		origin := r.Header.Get("Origin")
		if !slices.Contains(c.origins, origin) {
			return
		}
		h.Set("Access-Control-Allow-Origin", origin)
	default:
		return
	}
	if !tile {
		h["Access-Control-Expose-Headers"] = exposed
	}
}

// preflight adds what OPTIONS asks before a request that is not simple.
func (c *cors) preflight(h http.Header, r *http.Request, methods string) {
	if h.Get("Access-Control-Allow-Origin") == "" || r.Header.Get("Access-Control-Request-Method") == "" {
		return
	}
	h.Set("Access-Control-Allow-Methods", methods)
	headers := "Accept, Accept-Language, Cache-Control, Content-Type, If-Match, If-None-Match, Last-Event-ID, Range"
	if slices.Contains(c.origins, r.Header.Get("Origin")) { // only those that are named may write
		headers += ", Authorization, Idempotency-Key"
	}
	h.Set("Access-Control-Allow-Headers", headers)
	h.Set("Access-Control-Max-Age", "86400")
}
