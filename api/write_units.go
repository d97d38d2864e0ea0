package api

import (
	"context"
	"iter"

	"riskatlas/data"
	"riskatlas/tiles"
)

// viewUnits are a view's units as a data.Units that is only read.
type viewUnits struct{ v *tiles.View }

// Kinds is data.Units's.
func (u viewUnits) Kinds(context.Context) ([]string, error) { return u.v.Kinds(), nil }

// Units is data.Units's.
func (u viewUnits) Units(_ context.Context, kind string) iter.Seq2[*data.Unit, error] {
	return func(yield func(*data.Unit, error) bool) {
		units := u.v.Units(kind)
		for i := range units {
			if !yield(&units[i], nil) {
				return
			}
		}
	}
}

// Replace is data.Units's; a view takes no changes.
func (u viewUnits) Replace(context.Context, data.Note, string, []data.Unit) (data.Revision, error) {
	return 0, data.ErrReadOnly
}
