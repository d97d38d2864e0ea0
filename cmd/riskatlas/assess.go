package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/riskgrid/assess"
)

type assessCommand struct {
	storeFlags
	libraryFlags
	Industry []string `help:"Only these industries, by code or slug." placeholder:"CODE,…"`
	DryRun   bool     `help:"Derive and report, write nothing."`
	Report   string   `help:"Write the whole report there, as JSON." placeholder:"FILE"`
	Strict   bool     `help:"End with status 2 if any record could not be assessed. The others are written all the same."`
	Who      string   `help:"Who assesses, for the store's log." default:"riskatlas" env:"RISKATLAS_WHO"`
	Why      string   `help:"Why, for the store's log." default:"scenarios derived from inventories"`
}

// Run derives the scenarios of every record with an inventory and writes those
// that are new or differ as one revision.
func (c *assessCommand) Run(p *process) error {
	if _, err := os.Stat(c.Store); c.Store != "" && err != nil {
		return fmt.Errorf("--store: %w", err) // assessing makes no store
	}
	store, profile, err := c.open()
	if err != nil {
		return err
	}
	defer store.Close()
	library, err := c.library(profile)
	if err != nil {
		return err
	}
	only := map[data.Industry]bool{}
	for _, word := range c.Industry {
		i, err := profile.Taxonomy.Industry(word)
		if err != nil {
			return fmt.Errorf("--industry: %w", err)
		}
		only[i] = true
	}
	report, err := c.assess(p, store, profile, library, only)
	if err != nil {
		return err
	}
	if err := c.tell(p, report); err != nil {
		return err
	}
	if n := len(report.Failed); c.Strict && n > 0 {
		return &exitError{2, fmt.Sprintf("%d records could not be assessed", n)}
	}
	return nil
}

// mostAssessTries bounds how often assessing starts again when others change the
// same records meanwhile.
const mostAssessTries = 3

func (c *assessCommand) assess(ctx context.Context, store data.Store, profile *city.Profile, library *assess.Library, only map[data.Industry]bool) (*assessReport, error) {
	for try := 1; ; try++ {
		report := newAssessReport(profile.Taxonomy)
		changes, err := report.derive(ctx, store, library, only)
		if err != nil || c.DryRun || len(changes) == 0 {
			return report, err
		}
		report.Revision, err = store.Apply(ctx, data.Note{Who: c.Who, Why: c.Why}, changes...)
		if err == nil || !errors.Is(err, data.ErrConflict) || try == mostAssessTries {
			return report, err
		}
	}
}

// tell prints the table and writes the report's file.
func (c *assessCommand) tell(p *process, r *assessReport) error {
	r.write(p.out, c.DryRun)
	if c.Report == "" {
		return nil
	}
	f, err := os.Create(c.Report)
	if err != nil {
		return fmt.Errorf("--report: %w", err)
	}
	enc := json.NewEncoder(f)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := errors.Join(enc.Encode(r), f.Close()); err != nil {
		return fmt.Errorf("--report: %w", err)
	}
	return nil
}
