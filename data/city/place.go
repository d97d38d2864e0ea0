package city

import (
	"context"
	"fmt"
	"sync"

	"riskatlas/data"
)

// placer completes hazards: it has the districts of every vintage as they were
// at one time. Immutable.
type placer struct {
	profile *Profile
	grounds []ground // by vintage
}

// ground is the districts of one vintage on the ground.
type ground struct {
	*Locator
	districts []data.District // by the locator's areas
}

// footprints makes equal footprints one. A nil one leaves them as they are. Safe
// for concurrent use.
type footprints struct {
	mu    sync.RWMutex
	known map[*data.Footprint]*data.Footprint // those met, and the one of each content
	first map[[32]byte]*data.Footprint
}

func newFootprints() *footprints {
	return &footprints{known: map[*data.Footprint]*data.Footprint{}, first: map[[32]byte]*data.Footprint{}}
}

func (f *footprints) one(p *data.Footprint) *data.Footprint {
	if f == nil {
		return p
	}
	f.mu.RLock()
	one, ok := f.known[p]
	f.mu.RUnlock()
	if ok {
		return one
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if one, ok = f.first[p.Digest()]; !ok {
		f.first[p.Digest()], one = p, p
	}
	f.known[p] = one
	return one
}

// refresh reads the districts again and makes the placer of them the city's.
func (c *City) refresh(ctx context.Context) (*placer, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	t := c.profile.Taxonomy
	pl := &placer{profile: c.profile}
	for i := range t.Vintages {
		v := &t.Vintages[i]
		var units []data.Unit
		at := map[string]data.District{}
		for u, err := range c.Units(ctx, data.DistrictKind(v.Name)) {
			if err != nil {
				return nil, err
			}
			// A code that the vintage does not have places nothing.
			if d, err := v.District(u.Code); err == nil {
				units = append(units, *u)
				at[u.Code] = d
			}
		}
		g := ground{Locator: NewLocator(units)}
		for i := range g.areas {
			g.districts = append(g.districts, at[g.areas[i].code])
		}
		pl.grounds = append(pl.grounds, g)
	}
	c.placing.Store(pl)
	return pl, nil
}

// placer gives the districts as last read, or reads them.
func (c *City) placer(ctx context.Context) (*placer, error) {
	if pl := c.placing.Load(); pl != nil {
		return pl, nil
	}
	return c.refresh(ctx)
}

// sensitivity gives a hazard's own sensitivity or its industry's.
func (p *Profile) sensitivity(h *data.Hazard) (data.Sensitivity, error) {
	if int(h.Industry) >= len(p.Taxonomy.Industries) {
		return 0, &data.Invalid{Field: "industry", Value: fmt.Sprint(uint8(h.Industry)),
			Want: fmt.Sprintf("a position below %d, the industries of profile %s", len(p.Taxonomy.Industries), p.Key)}
	}
	if h.Sensitivity == data.Unstated {
		return p.Taxonomy.Industries[h.Industry].Sensitivity, nil
	}
	return h.Sensitivity, nil
}

// complete gives the hazard its defaults, its derived scenario where it has none
// of its own, and its district in every vintage. It is a data.Complete.
func (pl *placer) complete(h *data.Hazard, prints *footprints) error {
	var err error
	if h.Sensitivity, err = pl.profile.sensitivity(h); err != nil {
		return err
	}
	industry := &pl.profile.Taxonomy.Industries[h.Industry]
	if h.Protection == data.Unprotected {
		h.Protection = industry.Protection
	}
	if h.Regulator == "" {
		h.Regulator = industry.Regulator
	}
	h.Scenarios = pl.profile.scenarios(h, prints)
	h.Districts = pl.districts(h)
	return nil
}

// scenarios gives the hazard's own, each footprint the one of its content, or
// the one that its level stands for.
func (p *Profile) scenarios(h *data.Hazard, prints *footprints) []data.Scenario {
	if len(h.Scenarios) == 0 {
		return p.Derived(h.Industry, h.Level)
	}
	out := h.Scenarios
	for i := range h.Scenarios {
		one := prints.one(h.Scenarios[i].Footprint)
		if one == out[i].Footprint {
			continue
		}
		if &out[0] == &h.Scenarios[0] {
			out = append([]data.Scenario(nil), h.Scenarios...) // what is stored is not ours to change
		}
		out[i].Footprint = one
	}
	return out
}

// districts places a hazard in every vintage: where it is stated, as stated;
// elsewhere by the rule from the stated district where that is sure, else by
// the unit that holds its label point; in no unit it is outside.
func (pl *placer) districts(h *data.Hazard) [data.MaxVintages]data.District {
	var out [data.MaxVintages]data.District
	t := pl.profile.Taxonomy
	stated := -1
	for i := range t.Vintages {
		if h.Stated != 0 && t.Vintages[i].Holds(h.Stated) {
			stated = i
		}
	}
	for i := range t.Vintages {
		v := &t.Vintages[i]
		switch {
		case i == stated:
			out[i] = h.Stated
			continue
		case stated >= 0 && h.Stated != t.Vintages[stated].Outside():
			if d := pl.profile.sure[stated][i][h.Stated-t.Vintages[stated].First]; d != 0 {
				out[i] = d
				continue
			}
		}
		out[i] = v.Outside()
		if at := pl.grounds[i].locate(h.Label()); at >= 0 {
			out[i] = pl.grounds[i].districts[at]
		}
	}
	for i := len(t.Vintages); i < data.MaxVintages; i++ {
		out[i] = out[0]
	}
	return out
}
