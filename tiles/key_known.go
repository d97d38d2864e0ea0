package tiles

import "strings"

// Known reports whether an If-None-Match value names the tile (RFC 9110, 13.1.2):
// a list of entity tags or *, compared weakly. A suffix that an encoding on the
// way put behind a tag ("…-gzip") does not count.
func (k Key) Known(header string) bool { return header != "" && names(header, k.ETag()) }

// names is Known of an entity tag as ETag gives it.
func names(header, etag string) bool {
	for rest := strings.TrimSpace(header); rest != ""; {
		if rest[0] == '*' {
			return true
		}
		if rest[0] == ',' || rest[0] == ' ' || rest[0] == '\t' {
			rest = rest[1:]
			continue
		}
		rest = strings.TrimPrefix(rest, "W/")
		if rest == "" || rest[0] != '"' {
			return false // not a list of tags: as if it had not been sent
		}
		tag, more, closed := strings.Cut(rest[1:], `"`)
		if !closed {
			return false
		}
		name, _, _ := strings.Cut(tag, "-")
		if name == etag[1:len(etag)-1] {
			return true
		}
		rest = more
	}
	return false
}
