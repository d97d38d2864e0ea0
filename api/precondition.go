package api

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"riskatlas/data"
)

// recordTag is the entity tag of a record: the revision that wrote it.
func recordTag(rev data.Revision) string { return fmt.Sprintf(`"rev-%d"`, uint64(rev)) }

// parseTag reads a recordTag; false for any other tag, which no record has.
func parseTag(tag string) (data.Revision, bool) {
	digits, ok := strings.CutPrefix(strings.TrimSuffix(tag, `"`), `"rev-`)
	n, err := strconv.ParseUint(digits, 10, 63)
	return data.Revision(n), ok && err == nil && recordTag(data.Revision(n)) == tag
}

// conditions is what a request says of the state in which it wants a record
// (RFC 9110, 13.1).
type conditions struct {
	given bool
	none  bool            // If-None-Match: *: there must be none
	any   bool            // If-Match: *: there must be one
	revs  []data.Revision // If-Match: one of these
}

// readConditions reads If-Match, or If-None-Match with a star.
func readConditions(r *http.Request) (c conditions, err error) {
	match, none := strings.Join(r.Header.Values("If-Match"), ","), strings.Join(r.Header.Values("If-None-Match"), ",")
	const want = `If-Match with the ETag of the source as it was read, or If-None-Match: * for one that is new`
	switch {
	case match != "" && none != "":
		return c, badValue("If-Match", match, "this or If-None-Match, not both")
	case none != "" && strings.TrimSpace(none) != "*":
		return c, badValue("If-None-Match", none, "* and no tag: "+want)
	case none != "":
		return conditions{given: true, none: true}, nil
	case match == "":
		return c, nil
	case strings.TrimSpace(match) == "*":
		return conditions{given: true, any: true}, nil
	}
	c.given = true
	for tag := range strings.SplitSeq(match, ",") {
		tag = strings.TrimSpace(tag)
		weak := strings.TrimPrefix(tag, "W/")
		if len(weak) < 2 || weak[0] != '"' || weak[len(weak)-1] != '"' || strings.Contains(weak[1:len(weak)-1], `"`) {
			return c, badValue("If-Match", match, `* or tags as "rev-7"`)
		}
		// A weak tag matches nothing: comparison is strong.
		if rev, ok := parseTag(tag); ok {
			c.revs = append(c.revs, rev)
		}
	}
	return c, nil
}

// hold reports whether a record at a revision, 0 where there is none, is as wanted.
func (c *conditions) hold(have data.Revision) bool {
	switch {
	case c.none:
		return have == 0
	case c.any:
		return have != 0
	}
	for _, rev := range c.revs {
		if rev == have && have != 0 {
			return true
		}
	}
	return false
}

// needed refuses a change of a record without a condition: it could undo what
// another has written meanwhile (RFC 6585, 3).
func (c *conditions) needed(what string) error {
	if c.given {
		return nil
	}
	p := newProblem(http.StatusPreconditionRequired, "this needs "+what)
	p.Parameter = "If-Match"
	return p
}
