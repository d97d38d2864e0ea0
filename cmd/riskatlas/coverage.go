package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/ingest"
)

type coverageCommand struct {
	File string `arg:"" optional:"" help:"CSV of rows: industry, district, status, and expected, body, asked, received, verified, due, note where known. Left out: print the table that the store holds."`
	storeFlags
	Whole  bool   `help:"The file is the whole table: pairs that it does not have are not started. All its rows or none. Else those stay as they are."`
	CSV    bool   `name:"csv" help:"Print the table as CSV, which can be edited and read again."`
	Report string `help:"Write the whole report of a file there, as JSON." placeholder:"FILE"`
	DryRun bool   `help:"Check and report, write nothing."`
	Strict bool   `help:"End with status 2 if any row was refused. Good rows are written all the same, unless --whole."`
	Who    string `help:"Who writes, for the store's log." default:"riskatlas" env:"RISKATLAS_WHO"`
	Why    string `help:"Why, for the store's log. Default: the name of the file."`
}

// Run writes a file's rows into the table of coverage, or prints the table.
func (c *coverageCommand) Run(p *process) error {
	if c.File == "" {
		return c.print(p)
	}
	read := readFlags{DryRun: c.DryRun, Report: c.Report, Who: c.Who, Why: c.Why}
	store, profile, err := read.openFor(&c.storeFlags)
	if err != nil {
		return err
	}
	defer store.Close()
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	got, err := ingest.ReadCoverage(p, filepath.Base(c.File), f, profile)
	if err != nil {
		return err
	}
	if c.Whole && got.Report.Rejected > 0 {
		err = errors.New("coverage: nothing was written, since --whole replaces the table: " + got.Report.Totals())
	} else {
		err = c.write(p, city.Wrap(store, profile, city.InternalView), got, read.note(data.CoverageKind, c.File))
	}
	if told := read.tell(p, got.Report); err == nil {
		err = told
	}
	if err == nil && c.Strict && got.Report.Rejected > 0 {
		return &exitError{2, got.Report.Totals()}
	}
	return err
}

func (c *coverageCommand) write(p *process, seen *city.City, got *ingest.Coverage, note data.Note) error {
	did, err := seen.Cover(p, note, city.Covering{Rows: got.Rows, Whole: c.Whole, Try: c.DryRun})
	if err != nil {
		return err
	}
	r := got.Report
	r.Added, r.Changed, r.Unchanged = did.Added, did.Changed+did.Removed, did.Unchanged
	if !c.DryRun && did.Added+did.Changed+did.Removed > 0 {
		r.Revision = did.Revision
	}
	return nil
}

// print writes the table: by district, then the rows that are not done.
func (c *coverageCommand) print(p *process) error {
	if _, err := os.Stat(c.Store); c.Store != "" && err != nil {
		return fmt.Errorf("--store: %w", err) // printing makes no store
	}
	store, profile, err := c.open()
	if err != nil {
		return err
	}
	defer store.Close()
	var units []data.Unit
	for u, err := range store.Units(p, data.CoverageKind) {
		if err != nil {
			return err
		}
		units = append(units, *u)
	}
	tax := profile.Taxonomy
	table := data.NewCoverageTable(tax, units)
	if c.CSV {
		fmt.Fprint(p.out, "\ufeff") // tells spreadsheets that it is UTF-8
		unknown := func(data.Industry, data.District) (int, bool) { return 0, false }
		return tax.WriteCoverage(p.out, table.AllPairs(tax), unknown, data.Harmless)
	}
	if table == nil {
		fmt.Fprintln(p.out, "no coverage is recorded: it is not known which ground was assessed")
		return nil
	}
	if n := table.Wrong(); n > 0 {
		fmt.Fprintf(p.out, "%d rows cannot be read and do not count\n", n)
	}
	return printCoverage(p.out, tax, table)
}

func printCoverage(out io.Writer, tax *data.Taxonomy, table *data.CoverageTable) error {
	v := &tax.Vintages[tax.Default]
	w := tabwriter.NewWriter(out, 2, 8, 2, ' ', 0)
	fmt.Fprint(w, "district\tname")
	for _, status := range data.CoverageKeys {
		fmt.Fprint(w, "\t", status)
	}
	fmt.Fprintln(w, "\tdone\toldest\tmissing")
	all := ^data.Set(0)
	rows := table.AllPairs(tax)
	for d, info := range v.Districts {
		at := v.First + data.District(d)
		var counts [len(data.CoverageKeys)]int
		for i := range rows {
			if rows[i].District == at {
				counts[rows[i].Status]++
			}
		}
		fmt.Fprint(w, info.Code, "\t", info.Name)
		for _, n := range counts {
			fmt.Fprint(w, "\t", n)
		}
		oldest, _ := table.Oldest(at, all)
		done := table.Done(at)
		missing := tax.Codes(tax.Asked(data.All()) &^ done)
		fmt.Fprintf(w, "\t%d/%d\t%s\t%s\n", done.Len(), len(tax.Industries), cmp.Or(oldest.String(), "-"), few(missing, 8))
	}
	return w.Flush()
}

// few lists the first of some codes.
func few(codes []string, most int) string {
	text := "-"
	for i, code := range codes {
		switch {
		case i == 0:
			text = code
		case i == most:
			return fmt.Sprintf("%s and %d more", text, len(codes)-most)
		default:
			text += " " + code
		}
	}
	return text
}
