package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"riskatlas/data/city"
	"riskatlas/data/grading"
	"riskatlas/report"
	"riskatlas/riskgrid"
	"riskatlas/tiles"
)

type reportCommand struct {
	storeFlags
	Demo        bool   `help:"Report on the built-in synthetic demonstration city."`
	DemoHazards int    `help:"How many sources the demonstration city has." default:"12000"`
	DemoSeed    uint64 `help:"The demonstration city's seed." default:"1"`

	Format   string `help:"html, md, xlsx or json. Default: html; of the list of main sources xlsx." enum:"html,md,xlsx,json," default:""`
	Lang     string `help:"Language of html, md and xlsx: zh or en." enum:"zh,en" default:"zh"`
	Cuts     string `help:"The limits by which ground is judged: in-service or new-build." enum:"in-service,new-build" default:"in-service"`
	View     string `help:"Who may see it: public or internal." enum:"public,internal" default:"public"`
	MainList bool   `help:"Only the list of main sources: xlsx or json."`
	Out      string `short:"o" help:"The file to write; - is standard output. Default: a name by city, revision and view." placeholder:"FILE"`
}

func (c *reportCommand) Run(p *process) error {
	if c.Format == "" {
		c.Format = "html"
		if c.MainList {
			c.Format = "xlsx"
		}
	}
	write, err := c.writer()
	if err != nil {
		return err
	}
	made, err := c.gather(p)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := write(&out, made, c.Lang); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	part := ""
	if c.MainList {
		part = report.MainListPart
	}
	name := c.Out
	switch name {
	case "-":
		_, err := p.out.Write(out.Bytes())
		return err
	case "":
		name = report.FileName(made, part, c.Lang, c.Format)
	}
	if err := os.WriteFile(name, out.Bytes(), 0o644); err != nil {
		return fmt.Errorf("-o: %w", err)
	}
	fmt.Fprintf(p.out, "%s: %d active sources, revision %d, %s view, %d suggestions to edit\n", name, made.Quality.Active, made.Revision, made.View, suggestions(made))
	return nil
}

// gather loads the city and puts its report together.
func (c *reportCommand) gather(p *process) (*report.Report, error) {
	criterion, err := riskgrid.ParseCriterion(c.Cuts)
	if err != nil {
		return nil, fmt.Errorf("--cuts: %w", err)
	}
	rules, err := grading.Load()
	if err != nil {
		return nil, err
	}
	if err := c.stands(); err != nil {
		return nil, err
	}
	store, profile, err := openCity(&c.storeFlags, demoFlags{On: c.Demo, Hazards: c.DemoHazards, Seed: c.DemoSeed})
	if err != nil {
		return nil, err
	}
	defer store.Close()
	seen := city.Wrap(store, profile, city.View(c.View))
	live, stop, err := startLive(p, seen, tiles.Options{})
	if err != nil {
		return nil, err
	}
	defer stop()
	return report.Gather(p, report.Input{View: live.viewer.View(), City: seen, Rules: rules, Criterion: criterion, Synthetic: c.Demo})
}

// stands refuses a store that is not there: a report of nothing helps nobody.
func (c *reportCommand) stands() error {
	if c.Demo || c.Store == "" {
		return nil
	}
	if _, err := os.Stat(c.Store); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("--store %s: there is no such file", c.Store)
	}
	return nil
}

func (c *reportCommand) writer() (func(io.Writer, *report.Report, string) error, error) {
	switch {
	case c.MainList && c.Format == "xlsx":
		return report.MainListXLSX, nil
	case c.MainList && c.Format == "json":
		return func(w io.Writer, r *report.Report, _ string) error { return writeJSON(w, r.Main) }, nil
	case c.MainList:
		return nil, fmt.Errorf("--main-list --format %s: want xlsx or json", c.Format)
	case c.Format == "html":
		return report.HTML, nil
	case c.Format == "md":
		return report.Markdown, nil
	case c.Format == "xlsx":
		return report.XLSX, nil
	}
	return func(w io.Writer, r *report.Report, _ string) error { return writeJSON(w, r) }, nil
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(v)
}

func suggestions(r *report.Report) int {
	n := 0
	for _, h := range r.Suggestions {
		n += len(h.Suggestions)
	}
	return n
}
