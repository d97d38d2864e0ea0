package main

import (
	"fmt"

	"github.com/schollz/progressbar/v3"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/tiles"
	"riskatlas/tiles/archive"
)

type bakeCommand struct {
	Out string `arg:"" help:"The PMTiles file to write." placeholder:"OUT.pmtiles"`

	storeFlags
	Demo     int      `help:"Bake a demonstration city of that many sources in the place of a store." placeholder:"N"`
	Seed     uint64   `help:"The demonstration city's seed." default:"1"`
	View     string   `help:"Who may see it: public or internal." enum:"public,internal" default:"public"`
	Layers   string   `help:"The layers to bake, comma-joined." default:"risk,hazards,lines,areas,districts,labels"`
	Stat     string   `help:"What colours a cell below zoom 14: worst or share." enum:"worst,share" default:"worst"`
	Zoom     string   `help:"The zooms, first-last." default:"5-14"`
	Industry []string `help:"Only these industries (codes or slugs)."`
	Group    []string `help:"Only these groups."`
	District []string `help:"Only these districts (codes of the default vintage)."`
	Level    []string `help:"Only these levels (1 to 4 or keys)."`
}

// What an archive says of its origin, in its metadata.
const (
	viewMember      = "view"      // who may see it: public or internal
	syntheticMember = "synthetic" // true: the demonstration city
)

func (c *bakeCommand) Run(p *process) error {
	opts, err := c.options()
	if err != nil {
		return err
	}
	store, profile, err := openCity(&c.storeFlags, demoFlags{On: c.Demo > 0, Hazards: c.Demo, Seed: c.Seed})
	if err != nil {
		return err
	}
	defer store.Close()
	if opts.Filter, err = profile.Taxonomy.Filter(data.Selection{
		Industries: c.Industry, Groups: c.Group, Districts: c.District, Levels: c.Level}); err != nil {
		return fmt.Errorf("--filter: %w", err)
	}
	live, stop, err := startLive(p, city.Wrap(store, profile, city.View(c.View)), tiles.Options{})
	if err != nil {
		return err
	}
	defer stop()
	opts.Bound = profile.Bound
	opts.Metadata = map[string]any{"name": profile.Name, viewMember: c.View, syntheticMember: c.Demo > 0}
	bar := progressbar.NewOptions64(-1, progressbar.OptionSetWriter(p.err), progressbar.OptionSetDescription("baking"),
		progressbar.OptionSetVisibility(isTerminal(p.err)), progressbar.OptionClearOnFinish())
	stats, err := archive.Bake(p, c.Out, live.renderer, opts, func(done, total int64) {
		bar.ChangeMax64(total)
		_ = bar.Set64(done)
	})
	if err != nil {
		return fmt.Errorf("bake %s: %w", c.Out, err)
	}
	fmt.Fprintf(p.out, "%s: %d tiles addressed, %d distinct\n", c.Out, stats.Addressed, stats.Distinct)
	return nil
}

func (c *bakeCommand) options() (archive.Options, error) {
	var o archive.Options
	var first, last uint8
	if n, err := fmt.Sscanf(c.Zoom, "%d-%d", &first, &last); err != nil || n != 2 || first > last || last > 18 {
		return o, fmt.Errorf("--zoom %q: want first-last within 0-18, for example 5-14", c.Zoom)
	}
	o.MinZoom, o.MaxZoom = first, last
	var err error
	if o.Layers, err = tiles.ParseLayers(c.Layers); err != nil {
		return o, fmt.Errorf("--layers: %w", err)
	}
	o.Stat, err = tiles.ParseStat(c.Stat)
	return o, err
}
