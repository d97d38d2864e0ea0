package data

import (
	"fmt"
	"strings"
)

// ID names a record: 1 to 64 of the characters A-Z a-z 0-9 . _ : -
// It is unique in a store and never changes.
type ID string

// Validate reports whether the id has the allowed form.
func (id ID) Validate() error {
	if len(id) == 0 || len(id) > 64 {
		return &Invalid{Field: "id", Value: string(id), Want: "1 to 64 characters"}
	}
	for i := range len(id) {
		c := id[i]
		switch {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
		case c == '.', c == '_', c == ':', c == '-':
		default:
			return &Invalid{Field: "id", Value: string(id), Want: "only the characters A-Z a-z 0-9 . _ : -"}
		}
	}
	return nil
}

// Revision numbers the states of a store: 0 is the empty store, and each
// applied batch adds one. There are no gaps.
type Revision uint64

// Invalid is the error for a value that breaks a rule. It always names the
// field, the value and what would be right.
type Invalid struct {
	Field   string   // the property or parameter, as the sender spells it
	Value   string   // the value as sent
	Want    string   // what would be right, one phrase
	Allowed []string // the whole allowed set where it is small enough to print; may be nil
}

func (e *Invalid) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %q: want %s", e.Field, shorten(e.Value), e.Want)
	if len(e.Allowed) > 0 {
		b.WriteString(": ")
		b.WriteString(strings.Join(e.Allowed, ", "))
	}
	return b.String()
}

// shorten keeps hostile or huge values from filling a log or an answer.
func shorten(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return s[:cut] + "…"
}
