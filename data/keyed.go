package data

import "context"

// Keyed is a store that finds a revision by the key of its note. Stores may
// implement it beside Store.
type Keyed interface {
	// Keyed gives the first key, in the order of bytes, that begins with prefix,
	// and the revision that it made; "" and 0 where there is none. prefix is not
	// empty.
	Keyed(ctx context.Context, prefix string) (key string, rev Revision, err error)
}
