package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/schollz/progressbar/v3"

	"riskatlas/data/city"
	"riskatlas/data/export"
)

type exportCommand struct {
	storeFlags
	Out           string   `short:"o" help:"The file to write; - is the standard output. Default: sources and the format's ending." placeholder:"FILE"`
	Format        string   `help:"csv, xlsx, geojson or gpkg. Default: by the ending of -o, else csv." enum:"csv,xlsx,geojson,gpkg," default:""`
	View          string   `help:"Who may see it: public or internal." enum:"public,internal" default:"public"`
	Manifest      string   `help:"Write there what the file holds, with its hash, as JSON." placeholder:"FILE.json"`
	WithRevisions bool     `help:"Each source with the revision that wrote it."`
	BOM           bool     `help:"Begin a CSV file with the mark by which spreadsheets know UTF-8." name:"bom" default:"true" negatable:""`
	Industry      []string `help:"Only these industries (codes or slugs)."`
	Group         []string `help:"Only these groups."`
	District      []string `help:"Only these districts (codes of --vintage)."`
	Vintage       string   `help:"The division into districts that --district is of. Default: the city's."`
	Level         []string `help:"Only these levels (1 to 4 or keys)."`
	Status        []string `help:"Only these states: active, suspended, closed, planned."`
	Regulator     []string `help:"Only sources that these bodies answer for, by name." sep:"none"`
}

// Run writes the file whole or not at all.
func (c *exportCommand) Run(p *process) error {
	if err := c.settle(); err != nil {
		return err
	}
	if err := c.mustExist(); err != nil {
		return err
	}
	store, profile, err := c.open()
	if err != nil {
		return err
	}
	defer store.Close()
	seen := city.Wrap(store, profile, city.View(c.View))
	filter := export.Filter{Industries: c.Industry, Groups: c.Group, Districts: c.District, Vintage: c.Vintage,
		Levels: c.Level, Statuses: c.Status, Regulators: c.Regulator}
	keep, err := filter.Keep(profile.Taxonomy)
	if err != nil {
		return err
	}
	progress, end := counting(p, "writing")
	var contents *export.Contents
	sum, err := c.write(p, func(w io.Writer) error {
		contents, err = export.City(p, w, seen, keep, export.Options{Format: c.Format, Revisions: c.WithRevisions, Plain: !c.BOM},
			func(c *export.Contents) error { progress(c.Records); return nil })
		return err
	})
	end()
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	made := export.Manifest{Format: export.ManifestFormat, Program: "riskatlas " + version, City: profile.Key, View: c.View,
		Filter: filter, Contents: *contents,
		Files: []export.File{{Name: filepath.Base(c.Out), Format: c.Format, Bytes: sum.Bytes(), SHA256: hex.EncodeToString(sum.SHA256())}}}
	if c.Manifest != "" {
		if _, err := written(c.Manifest, func(w io.Writer) error { return writeJSON(w, made) }); err != nil {
			return fmt.Errorf("--manifest: %w", err)
		}
	}
	if c.Out != "-" {
		fmt.Fprintf(p.out, "%s: %d sources, revision %d, %s view\n", c.Out, contents.Records, contents.Revision, c.View)
	}
	return nil
}

// settle decides format and name.
func (c *exportCommand) settle() error {
	ending := strings.TrimPrefix(strings.ToLower(filepath.Ext(c.Out)), ".")
	switch {
	case c.Format != "":
	case c.Out == "" || c.Out == "-":
		c.Format = "csv"
	case ending == "json":
		c.Format = "geojson"
	case slices.Contains(export.Formats, ending):
		c.Format = ending
	default:
		return fmt.Errorf("-o %s: want --format, or a name that ends in one of %s", c.Out, strings.Join(export.Formats, ", "))
	}
	if c.Out == "" {
		c.Out = "sources." + c.Format
	}
	return nil
}

func (c *exportCommand) write(p *process, make func(io.Writer) error) (*export.Sum, error) {
	if c.Out == "-" {
		sum := export.NewSum(p.out)
		return sum, make(sum)
	}
	return written(c.Out, make)
}

// mustExist refuses a store that is not there, which opening would make.
func (f *storeFlags) mustExist() error {
	if f.Store == "" {
		return nil // open says it
	}
	if _, err := os.Stat(f.Store); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("--store %s: there is no such file", f.Store)
	}
	return nil
}

// written makes a file that is there whole, on the disk, or not at all: what was
// there before stays until then.
func written(path string, make func(io.Writer) error) (sum *export.Sum, err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	sum = export.NewSum(f)
	if err := make(sum); err != nil {
		return nil, err
	}
	if err := errors.Join(f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return nil, err
	}
	return sum, syncFolder(dir)
}

// syncFolder makes the names in a folder last.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// counting shows how many sources are done: a bar on a terminal, a line of log
// for every hundred thousand elsewhere.
func counting(p *process, what string) (done func(int), end func()) {
	if isTerminal(p.err) {
		bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(p.err), progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
		return func(n int) { _ = bar.Set(n) }, func() { _ = bar.Finish() }
	}
	log := p.log(slog.LevelInfo)
	return func(n int) {
		if n > 0 && n%100_000 == 0 {
			log.Info(what, "sources", n)
		}
	}, func() {}
}
