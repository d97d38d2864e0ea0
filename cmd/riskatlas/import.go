package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/schollz/progressbar/v3"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/ingest"
	"riskatlas/data/memory"
)

// readFlags say how files are read and what becomes of what they give.
type readFlags struct {
	Datum    string            `help:"What the file's coordinates are: wgs84, cgcs2000, gcj02, bd09 or epsg:CODE. Default: what the file says (crs member, .prj, GeoPackage), else wgs84; a Shapefile or GeoPackage that says nothing needs it." placeholder:"DATUM"`
	Encoding string            `help:"Encoding of a text or of a Shapefile's table, such as gb18030 or utf-16le. Default: found by content." placeholder:"ENCODING"`
	Sheet    []string          `help:"Sheet of a workbook, layer of a GeoPackage or Shapefile of an archive that is read; repeat it for several. Default: all that name their columns." sep:"none" placeholder:"NAME"`
	Map      map[string]string `help:"Column or property that gives a field; beats names and synonyms." mapsep:"none" placeholder:"FIELD=COLUMN"`
	Values   map[string]string `help:"CSV of value,replacement through which a field's values go. Rows with a value that it lacks are quarantined." mapsep:"none" placeholder:"FIELD=FILE"`
	Report   string            `help:"Write the whole report there: a workbook where the name ends in .xlsx, else JSON." placeholder:"FILE"`
	DryRun   bool              `help:"Check and report, write nothing."`
	Who      string            `help:"Who imports, for the store's log." default:"riskatlas" env:"RISKATLAS_WHO"`
	Why      string            `help:"Why, for the store's log. Default: the names of the files."`
}

type importCommand struct {
	Files []string `arg:"" name:"file" help:"Files of sources: CSV, XLSX, GeoJSON, GeoPackage, Shapefile (.shp or zipped), KML or KMZ."`
	storeFlags
	readFlags
	libraryFlags
	Assess bool              `help:"Derive the scenarios of rows with an inventory." default:"true" negatable:""`
	Set    map[string]string `help:"Value of a field in every row; beats columns." mapsep:"none" placeholder:"FIELD=VALUE"`
	Strict bool              `help:"End with status 2 if any row was kept out: rejected or quarantined. Good rows are written all the same."`

	Source   string `help:"The body whose delivery the files are: rows are matched with what it delivered before, and change only the fields that the files have." placeholder:"BODY"`
	Key      string `help:"Column with the body's own key of each source. Default: the id column; rows without an id are matched by name and place within 50 m." placeholder:"COLUMN"`
	Complete bool   `help:"The files are all that the body has: sources of its that they lack are suspended, and active again once they are delivered."`
	Confirm  bool   `help:"Take the likeliest match where name and place leave a doubt. Default: such rows are quarantined."`
}

// Run reads all files, then writes their good rows as one revision. Nothing is
// written when a file cannot be read.
func (c *importCommand) Run(p *process) error {
	store, profile, err := c.openFor(&c.storeFlags)
	if err != nil {
		return err
	}
	defer store.Close()
	opts, err := c.options(profile, store)
	if err != nil {
		return err
	}
	opts.Set = c.Set
	if opts.Delivery, err = c.delivery(); err != nil {
		return err
	}
	if c.Assess {
		library, err := c.library(profile)
		if err != nil {
			return err
		}
		opts.Derive = deriving(library)
	}
	var all *ingest.Batch
	for _, file := range c.Files {
		err := reading(p, file, &opts, func(f *os.File, size int64) error {
			b, err := ingest.Read(p, filepath.Base(file), f, size, opts)
			if err != nil || all == nil {
				all = b
				return err
			}
			return all.Merge(b, profile.Taxonomy)
		})
		if err != nil {
			return err
		}
	}
	if c.DryRun {
		_, err = all.Plan(p, store, profile.Taxonomy)
	} else {
		err = all.Write(p, store, profile.Taxonomy, c.note("import", c.Files...))
	}
	if err := errors.Join(err, c.tell(p, all.Report)); err != nil {
		return err
	}
	if out := all.Report.Rejected + all.Report.Quarantined; c.Strict && out > 0 {
		return &exitError{2, fmt.Sprintf("%d rows were refused", out)}
	}
	return nil
}

// delivery is what the flags say of whose the files are.
func (c *importCommand) delivery() (*ingest.Delivery, error) {
	if c.Source != "" {
		return &ingest.Delivery{Source: c.Source, Key: c.Key, Complete: c.Complete, Confirm: c.Confirm}, nil
	}
	if c.Key != "" || c.Complete || c.Confirm {
		return nil, errors.New("--key, --complete and --confirm are of a delivery: say whose it is with --source BODY")
	}
	return nil, nil
}

// openFor opens the store. A dry run never makes one: where there is none it
// compares with an empty one in memory.
func (r *readFlags) openFor(f *storeFlags) (unitStore, *city.Profile, error) {
	if r.DryRun {
		if _, err := os.Stat(f.Store); f.Store == "" || errors.Is(err, fs.ErrNotExist) {
			profile, err := city.Load(f.City)
			if err != nil {
				return nil, nil, err
			}
			return memory.New(profile.Taxonomy), profile, nil
		}
	}
	return f.open()
}

func (r *readFlags) options(profile *city.Profile, units data.Units) (ingest.Options, error) {
	opts := ingest.Options{Profile: profile, Units: units, Datum: r.Datum, Encoding: r.Encoding, Sheets: r.Sheet, Map: r.Map, Values: map[string]*ingest.ValueTable{}}
	for field, path := range r.Values {
		f, err := os.Open(path)
		if err != nil {
			return opts, fmt.Errorf("--values %s: %w", field, err)
		}
		opts.Values[field], err = ingest.ReadValues(filepath.Base(path), field, f)
		f.Close()
		if err != nil {
			return opts, err
		}
	}
	return opts, nil
}

func (r *readFlags) note(what string, files ...string) data.Note {
	why := r.Why
	if why == "" {
		names := make([]string, len(files))
		for i, f := range files {
			names[i] = filepath.Base(f)
		}
		why = what + " of " + strings.Join(names, ", ")
	}
	return data.Note{Who: r.Who, Why: why}
}

// reading opens the file and lets read read it under a progress bar, or log
// lines where there is no terminal.
func reading(p *process, path string, opts *ingest.Options, read func(f *os.File, size int64) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: want a file", path)
	}
	// A Shapefile's other files lie beside it.
	folder, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer folder.Close()
	opts.Beside = folder.FS()
	if isTerminal(p.err) {
		bar := progressbar.NewOptions64(info.Size(), progressbar.OptionSetWriter(p.err), progressbar.OptionSetDescription("reading "+filepath.Base(path)),
			progressbar.OptionShowBytes(true), progressbar.OptionClearOnFinish())
		defer bar.Finish() //nolint:errcheck // a bar that cannot be drawn is no failure
		opts.Progress = func(done int64, _ int) { _ = bar.Set64(done) }
	} else {
		log, next := p.log(slog.LevelInfo), int64(1)
		opts.Progress = func(done int64, rows int) {
			if tenth := done * 10 / max(info.Size(), 1); tenth >= next {
				next = tenth + 1
				log.Info("reading", "file", filepath.Base(path), "bytes", done, "rows", rows)
			}
		}
	}
	return read(f, info.Size())
}

// tell prints the report, ends with the line of totals, and writes the report's
// file.
func (r *readFlags) tell(p *process, report *ingest.Report) error {
	if r.DryRun {
		if err := report.WriteMapping(p.out); err != nil {
			return err
		}
	}
	if err := report.WriteText(p.out); err != nil {
		return err
	}
	did := "wrote"
	if r.DryRun {
		did = "would write"
	}
	fmt.Fprintf(p.out, "%s %d new, %d changed; %d unchanged", did, report.Added, report.Changed, report.Unchanged)
	if d := report.Delivery; d != nil && d.Complete {
		fmt.Fprintf(p.out, "; %d gone and suspended", d.Gone)
	}
	if report.Revision > 0 {
		fmt.Fprintf(p.out, "; revision %d", report.Revision)
	}
	fmt.Fprintln(p.out)
	if r.Report != "" {
		// It holds rows as they were sent, which are the sender's and the reader's.
		f, err := os.OpenFile(r.Report, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return fmt.Errorf("--report: %w", err)
		}
		write := report.WriteJSON
		if strings.EqualFold(filepath.Ext(r.Report), ".xlsx") {
			write = report.WriteXLSX
		}
		if err := errors.Join(write(f), f.Close()); err != nil {
			return fmt.Errorf("--report: %w", err)
		}
	}
	fmt.Fprintln(p.out, report.Totals())
	return nil
}
