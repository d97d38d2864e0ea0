package main

import (
	"fmt"
	"slices"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/gpkg"
	"riskatlas/riskgrid"
)

type checkCommand struct {
	storeFlags
}

// Run reads everything as serve would, says what is there, and checks the file
// and its log.
func (c *checkCommand) Run(p *process) error {
	if err := c.mustExist(); err != nil {
		return err
	}
	store, profile, err := c.open()
	if err != nil {
		return err
	}
	defer store.Close()
	seen := city.Wrap(store, profile, city.InternalView)
	revision, hazards := seen.Load(p)
	var byLevel [5]int
	var byStatus [len(data.StatusKeys)]int
	outside, total := 0, 0
	var active []*data.Hazard
	v := &profile.Taxonomy.Vintages[profile.Taxonomy.Default]
	for h, err := range hazards {
		if err != nil {
			return fmt.Errorf("check %s: %w", c.Store, err)
		}
		total++
		byLevel[h.Level]++
		byStatus[h.Status]++
		if h.Districts[profile.Taxonomy.Default] == v.Outside() {
			outside++
		}
		if h.Status == data.Active {
			active = append(active, h)
		}
	}
	if err := riskgrid.CheckTotal(slices.Values(active)); err != nil {
		return fmt.Errorf("check %s: %w", c.Store, err)
	}
	fmt.Fprintf(p.out, "revision %d, %d sources: %d major, %d significant, %d general, %d low\n",
		revision, total, byLevel[data.Major], byLevel[data.Significant], byLevel[data.General], byLevel[data.Low])
	for s, n := range byStatus {
		fmt.Fprintf(p.out, "  %-10s %d\n", data.StatusKeys[s], n)
	}
	fmt.Fprintf(p.out, "  %d in no district of vintage %s\n", outside, v.Name)
	kinds, err := seen.Kinds(p)
	if err != nil {
		return err
	}
	for _, kind := range kinds {
		n := 0
		for _, err := range seen.Units(p, kind) {
			if err != nil {
				return err
			}
			n++
		}
		fmt.Fprintf(p.out, "  %-20s %d\n", kind, n)
	}
	if file, ok := store.(*gpkg.Store); ok {
		in, err := file.Inspect(p)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "digest %s at revision %d; the file and its log of every revision are whole\n", digestText(in.Digest), in.Revision)
	}
	return nil
}
