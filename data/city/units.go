package city

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"riskatlas/data"
)

// vintageOf finds the vintage whose districts are of the kind.
func (p *Profile) vintageOf(kind string) (int, *data.Vintage, bool) {
	for i := range p.Taxonomy.Vintages {
		v := &p.Taxonomy.Vintages[i]
		if data.DistrictKind(v.Name) == kind {
			return i, v, true
		}
	}
	return 0, nil, false
}

// Kinds is data.Units'. The profile's own outlines are among them.
func (c *City) Kinds(ctx context.Context) ([]string, error) {
	kinds := slices.Collect(maps.Keys(c.profile.outlines))
	if units, ok := c.store.(data.Units); ok {
		stored, err := units.Kinds(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the units of the city: %w", err)
		}
		kinds = append(kinds, stored...)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds), nil
}

// Units is data.Units'. Districts and zones that the store does not hold are
// the profile's own outlines, where it has any.
func (c *City) Units(ctx context.Context, kind string) iter.Seq2[*data.Unit, error] {
	return func(yield func(*data.Unit, error) bool) {
		held := false
		if units, ok := c.store.(data.Units); ok {
			for u, err := range units.Units(ctx, kind) {
				if err != nil {
					yield(nil, fmt.Errorf("read the units %s: %w", kind, err))
					return
				}
				held = true
				if kind == data.CoverageKind && c.view != InternalView {
					u = openCoverage(u)
				}
				if !yield(u, nil) {
					return
				}
			}
		}
		if held {
			return
		}
		own := c.profile.outlines[kind]
		for i := range own {
			if !yield(&own[i], nil) {
				return
			}
		}
	}
}

// Replace is data.Units'. The districts of a vintage must have its codes, and
// units of coverage must be rows of the table. A store that keeps no units gives
// an error that wraps errors.ErrUnsupported.
func (c *City) Replace(ctx context.Context, n data.Note, kind string, us []data.Unit) (data.Revision, error) {
	if _, v, ok := c.profile.vintageOf(kind); ok {
		for i := range us {
			if _, err := v.District(us[i].Code); err != nil {
				return 0, fmt.Errorf("replace the units %s: %w", kind, err)
			}
		}
	} else if name, district := strings.CutPrefix(kind, data.DistrictKind("")); district {
		if _, err := c.profile.Taxonomy.Vintage(name); err != nil || name == "" {
			return 0, fmt.Errorf("replace the units %s: %w", kind, err)
		}
	}
	if kind == data.CoverageKind {
		for i := range us {
			if _, err := c.profile.Taxonomy.ParseCoverage(&us[i]); err != nil {
				return 0, fmt.Errorf("replace the units %s: %s: %w", kind, us[i].Code, err)
			}
		}
	}
	units, ok := c.store.(data.Units)
	if !ok {
		return 0, fmt.Errorf("replace the units %s: the store keeps no units: %w", kind, errors.ErrUnsupported)
	}
	return units.Replace(ctx, n, kind, us)
}
