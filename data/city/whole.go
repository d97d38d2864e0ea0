package city

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"riskatlas/data"
)

// Kept is a record as it is stored, less the personal fields that the view may
// not see, beside its hazard as the city shows it.
type Kept struct {
	*data.Record
	Shown *data.Hazard
}

// errNotWhole is of a store that cannot give all records of one state.
var errNotWhole = errors.New("this store does not give all of its records at once")

// Records calls f once with every stored record that the view may see, as of one
// revision and in the order of ids, and gives f's error and how many records the
// view left out. The sequence can be ranged over once, before f returns; an error
// ends it. Hazards are placed by the districts as Detail places them.
func (c *City) Records(ctx context.Context, f func(data.Revision, iter.Seq2[Kept, error]) error) (hidden int, err error) {
	whole, ok := c.store.(data.Whole)
	if !ok {
		return 0, errNotWhole
	}
	pl, err := c.placer(ctx)
	if err != nil {
		return 0, err
	}
	err = whole.Records(ctx, func(rev data.Revision, records data.RecordSeq) error {
		return f(rev, func(yield func(Kept, error) bool) {
			for r, err := range records {
				var shown *data.Hazard
				if err == nil {
					shown, err = c.show(pl, nil, r.Hazard)
				}
				switch {
				case err != nil:
					yield(Kept{}, fmt.Errorf("read records of the city: %w", err))
					return
				case !c.sees(shown):
					hidden++
					continue
				}
				if c.view != InternalView {
					r = &data.Record{Hazard: r.Hazard, Detail: r.Detail.WithoutPersonal()}
				}
				if !yield(Kept{r, shown}, nil) {
					return
				}
			}
		})
	})
	return hidden, err
}
