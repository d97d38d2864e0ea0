package main

import (
	"context"
	"fmt"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/demo"
)

// demoCensus counts the demonstration's sources as they are made, by industry and
// district, for the table of coverage.
type demoCensus struct {
	city     *city.City
	vintage  *data.Vintage
	located  *city.Locator
	numbers  map[demoPair]int
	position map[string]data.District
}

type demoPair struct {
	in data.Industry
	d  data.District
}

func newDemoCensus(ctx context.Context, store unitStore, p *city.Profile) (*demoCensus, error) {
	c := &demoCensus{city: city.Wrap(store, p, city.InternalView), vintage: &p.Taxonomy.Vintages[p.Taxonomy.Default],
		numbers: map[demoPair]int{}, position: map[string]data.District{}}
	for i, d := range c.vintage.Districts {
		c.position[d.Code] = c.vintage.First + data.District(i)
	}
	var outlines []data.Unit
	for u, err := range c.city.Units(ctx, data.DistrictKind(c.vintage.Name)) {
		if err != nil {
			return nil, fmt.Errorf("demonstration coverage: %w", err)
		}
		outlines = append(outlines, *u)
	}
	c.located = city.NewLocator(outlines)
	return c, nil
}

func (c *demoCensus) add(h *data.Hazard) {
	if code, ok := c.located.Locate(h.Label()); ok && h.Status == data.Active {
		c.numbers[demoPair{h.Industry, c.position[code]}]++
	}
}

// cover writes the table of coverage.
func (c *demoCensus) cover(ctx context.Context, note data.Note, seed uint64) error {
	rows := demo.Coverage(c.city.Profile(), func(in data.Industry, d data.District) int { return c.numbers[demoPair{in, d}] }, seed)
	if len(rows) == 0 { // a city without districts
		return nil
	}
	if _, err := c.city.Cover(ctx, note, city.Covering{Rows: rows, Whole: true}); err != nil {
		return fmt.Errorf("demonstration coverage: %w", err)
	}
	return nil
}
