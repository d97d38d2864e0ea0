package api

import (
	"context"
	"fmt"

	"github.com/maypok86/otter/v2"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/riskgrid"
	"riskatlas/tiles"
)

// DefaultBriefBytes is the memory for briefs that Options take when they name
// none.
const DefaultBriefBytes = 64 << 20

// briefKey names what a record said at one revision of its own. It never
// changes, so nothing is ever taken back.
type briefKey struct {
	id  data.ID
	rev data.Revision
}

// briefs holds what records say of the sources that risks come from: reading
// ten of them from a store costs more than finding the ten. Safe for concurrent
// use; each brief is read by one at a time.
type briefs struct {
	city  *city.City
	whole func(context.Context, *tiles.View, ...data.ID) ([]*data.Record, error)
	cache *otter.Cache[briefKey, *data.Brief]
}

func newBriefs(c *city.City, bytes int64, whole func(context.Context, *tiles.View, ...data.ID) ([]*data.Record, error)) (*briefs, error) {
	if bytes <= 0 {
		bytes = DefaultBriefBytes
	}
	cache, err := otter.New(&otter.Options[briefKey, *data.Brief]{
		MaximumWeight: uint64(bytes),
		Weigher:       func(k briefKey, b *data.Brief) uint32 { return uint32(briefBytes(b) + len(k.id)) },
	})
	if err != nil {
		return nil, fmt.Errorf("cache of briefs, %d bytes: %w", bytes, err)
	}
	return &briefs{c, whole, cache}, nil
}

// briefBytes is about what a brief takes, with its entry.
func briefBytes(b *data.Brief) int {
	n := 256 + len(b.Enterprise) + len(b.Responsible)
	if b.Measures != nil && !b.Shared {
		for _, list := range [...][]string{b.Measures.Engineering, b.Measures.Management, b.Measures.Emergency, b.Measures.Monitoring} {
			for _, s := range list {
				n += 16 + len(s)
			}
		}
	}
	return n
}

// of gives the briefs of the hazards of shares, which are of the view; nil where
// the record has been removed since.
func (c *briefs) of(ctx context.Context, v *tiles.View, shares []riskgrid.Share) ([]*data.Brief, error) {
	out := make([]*data.Brief, len(shares))
	var missing []*data.Hazard
	for i := range shares {
		h := shares[i].Hazard
		if r, ok := v.Supposed(h.ID); ok {
			if r != nil {
				out[i] = r.Brief()
			}
			continue
		}
		b, ok := c.cache.GetIfPresent(briefKey{h.ID, h.Rev})
		if out[i] = b; !ok {
			missing = append(missing, h)
		}
	}
	if len(missing) == 0 {
		return out, nil
	}
	found, err := c.load(ctx, missing)
	if err != nil {
		return nil, err
	}
	for i := range shares {
		h := shares[i].Hazard
		if out[i] != nil {
			continue
		}
		if _, ok := v.Supposed(h.ID); ok {
			continue
		}
		if out[i] = found[briefKey{h.ID, h.Rev}]; out[i] == nil {
			// Changed or removed since the view: as the record is now.
			records, err := c.whole(ctx, v, h.ID)
			if err != nil {
				return nil, err
			}
			if records[0] != nil {
				out[i] = records[0].Brief()
			}
		}
	}
	return out, nil
}

// load reads briefs, those that another request is reading by waiting for it.
func (c *briefs) load(ctx context.Context, hazards []*data.Hazard) (map[briefKey]*data.Brief, error) {
	keys := make([]briefKey, len(hazards))
	byKey := make(map[briefKey]*data.Hazard, len(hazards))
	for i, h := range hazards {
		keys[i] = briefKey{h.ID, h.Rev}
		byKey[keys[i]] = h
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// Who leaves must not take the answer from those who wait for it.
	return c.cache.BulkGet(context.WithoutCancel(ctx), keys, otter.BulkLoaderFunc[briefKey, *data.Brief](
		func(ctx context.Context, keys []briefKey) (map[briefKey]*data.Brief, error) {
			asked := make([]*data.Hazard, len(keys))
			for i, k := range keys {
				asked[i] = byKey[k]
			}
			read, err := c.city.Brief(ctx, asked...)
			if err != nil {
				return nil, err
			}
			found := make(map[briefKey]*data.Brief, len(keys))
			for i, b := range read {
				if b != nil {
					found[keys[i]] = b
				}
			}
			return found, nil
		}))
}
