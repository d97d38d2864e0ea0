package city

import (
	"context"
	"iter"

	"riskatlas/data"
)

// View is who looks: it decides which records are dropped on loading.
type View string

// The two views.
const (
	PublicView   View = "public"
	InternalView View = "internal"
)

// City is a store as a view may see it: it derives scenarios from levels, places
// every hazard in a district of every vintage, gives default sensitivities and
// regulators, and drops what the view may not see. Everything above the stores
// reads through it. It is a data.Store and data.Units.
type City struct{}

// Wrap makes the city of a store.
func Wrap(store data.Store, p *Profile, v View) *City { panic("unwritten") }

// Profile gives the city's profile.
func (c *City) Profile() *Profile { panic("unwritten") }

// View gives the view through which the city is seen.
func (c *City) View() View { panic("unwritten") }

// LeftOut is the number of records that the view hides at present.
func (c *City) LeftOut() int { panic("unwritten") }

func (c *City) Load(ctx context.Context) (data.Revision, iter.Seq2[*data.Hazard, error]) {
	panic("unwritten")
}
func (c *City) Detail(ctx context.Context, ids ...data.ID) ([]*data.Record, error) {
	panic("unwritten")
}
func (c *City) Apply(ctx context.Context, n data.Note, cs ...data.Change) (data.Revision, error) {
	panic("unwritten")
}
func (c *City) Watch(ctx context.Context, since data.Revision) iter.Seq2[data.Batch, error] {
	panic("unwritten")
}
func (c *City) Close() error { panic("unwritten") }

// Kinds, Units and Replace are data.Units. Units falls back to the profile's
// schematic outlines for districts that the store does not hold, and Kinds
// lists those too.
func (c *City) Kinds(ctx context.Context) ([]string, error) { panic("unwritten") }
func (c *City) Units(ctx context.Context, kind string) iter.Seq2[*data.Unit, error] {
	panic("unwritten")
}
func (c *City) Replace(ctx context.Context, n data.Note, kind string, us []data.Unit) (data.Revision, error) {
	panic("unwritten")
}
