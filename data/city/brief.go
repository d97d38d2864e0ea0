package city

import (
	"context"
	"fmt"

	"riskatlas/data"
)

// Brief gives the briefs of hazards that the view was shown, as their records
// said when it was shown them; nil of a record that has been changed or removed
// since, and is not known any more as it was.
func (c *City) Brief(ctx context.Context, hazards ...*data.Hazard) ([]*data.Brief, error) {
	briefer, ok := c.store.(data.Briefer)
	if !ok {
		return make([]*data.Brief, len(hazards)), nil
	}
	ids := make([]data.ID, len(hazards))
	for i, h := range hazards {
		ids[i] = h.ID
	}
	briefs, err := briefer.Brief(ctx, ids...)
	if err != nil {
		return nil, fmt.Errorf("read records of the city: %w", err)
	}
	for i, b := range briefs {
		switch {
		case b == nil:
		case b.Rev != hazards[i].Rev:
			briefs[i] = nil
		case c.view != InternalView: // personal
			shown := *b
			shown.Responsible = ""
			briefs[i] = &shown
		}
	}
	return briefs, nil
}
