package main

import (
	"fmt"
	"log/slog"

	"github.com/schollz/progressbar/v3"
)

type demoCommand struct {
	storeFlags
	Hazards int    `help:"How many sources." default:"12000"`
	Seed    uint64 `help:"The same seed gives the same city." default:"1"`
}

func (c *demoCommand) Run(p *process) error {
	if c.Hazards < 1 || c.Hazards > 5_000_000 {
		return fmt.Errorf("--hazards %d: want 1 to 5000000", c.Hazards)
	}
	store, profile, err := c.open()
	if err != nil {
		return err
	}
	defer store.Close()
	progress := tenths(c.Hazards, func(n int) { p.log(slog.LevelInfo).Info("made", "sources", n) })
	if isTerminal(p.err) {
		bar := progressbar.NewOptions(c.Hazards, progressbar.OptionSetWriter(p.err), progressbar.OptionSetDescription("making"), progressbar.OptionClearOnFinish())
		progress = func(n int) { _ = bar.Set(n) }
	}
	if err := fillDemo(p, store, profile, c.Hazards, c.Seed, progress); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%s holds a synthetic demonstration city of %d sources, seed %d\n", c.Store, c.Hazards, c.Seed)
	return nil
}
