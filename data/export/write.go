package export

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"iter"

	"riskatlas/data"
)

// Formats are the formats of files.
var Formats = []string{"csv", "xlsx", "geojson", "gpkg"}

// MediaTypes are the formats' media types.
var MediaTypes = map[string]string{
	"csv":     "text/csv; charset=utf-8; header=present",
	"xlsx":    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"geojson": "application/geo+json",
	"gpkg":    "application/geopackage+sqlite3",
}

// Options say what a file is like.
type Options struct {
	Format    string // one of Formats
	Revisions bool   // each record with the revision that wrote it
	Plain     bool   // CSV without the byte order mark by which spreadsheets know UTF-8
}

// Records are stored records in the order of their ids.
type Records = iter.Seq2[*data.Record, error]

// byteOrderMark tells spreadsheets that the text is UTF-8.
const byteOrderMark = "\ufeff"

// Write writes the records and counts them. CSV and GeoJSON are written as the
// records come; an XLSX or GeoPackage file is made whole first, in the temporary
// folder. The error is an *data.Invalid where the format does not exist, or
// cannot carry what a record holds.
func Write(w io.Writer, tax *data.Taxonomy, records Records, opts Options) (n int, err error) {
	counted := func(yield func(*data.Record, error) bool) {
		for r, err := range records {
			if err == nil {
				n, r = n+1, interchange(r, opts.Revisions)
			}
			if !yield(r, err) {
				return
			}
		}
	}
	switch opts.Format {
	case "csv":
		err = writeCSV(w, tax, counted, opts)
	case "geojson":
		err = writeGeoJSON(w, tax, counted)
	case "xlsx":
		err = writeXLSX(w, tax, counted, opts)
	case "gpkg":
		err = writeGeoPackage(w, tax, counted, opts)
	default:
		err = &data.Invalid{Field: "format", Value: opts.Format, Want: "one of", Allowed: Formats}
	}
	return n, err
}

// interchange is the record as files say it: no derived scenario, no district but
// the stated one, no revision unless it is wanted, and what can be written in two
// ways in the one that import writes.
func interchange(r *data.Record, revision bool) *data.Record {
	h := *r.Hazard
	h.Districts = [data.MaxVintages]data.District{}
	if !revision {
		h.Rev = 0
	}
	h.Scenarios = nil
	for _, s := range r.Hazard.Scenarios {
		if !s.Derived {
			h.Scenarios = append(h.Scenarios, s)
		}
	}
	d := r.Detail
	if d.Measures != nil {
		m := *d.Measures
		for _, list := range []*[]string{&m.Engineering, &m.Management, &m.Emergency, &m.Monitoring} {
			if *list == nil {
				*list = []string{}
			}
		}
		d.Measures = &m
	}
	if d.Flood != nil {
		if ground, err := d.Flood.Ground(); err == nil {
			f := *d.Flood
			f.Geometry = data.AppendGeometry(nil, ground)
			d.Flood = &f
		}
	}
	return &data.Record{Hazard: &h, Detail: d}
}

// writeCSV writes RFC 4180 text in UTF-8.
func writeCSV(w io.Writer, tax *data.Taxonomy, records Records, opts Options) error {
	if !opts.Plain {
		if _, err := io.WriteString(w, byteOrderMark); err != nil {
			return err
		}
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	table := NewTable(tax, opts.Revisions)
	if err := out.Write(table.Names()); err != nil {
		return err
	}
	for r, err := range records {
		if err != nil {
			return err
		}
		cells, err := table.HarmlessRow(r)
		if err != nil {
			return err
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// HarmlessRow is Row with every text made harmless: a row of a CSV file.
func (t *Table) HarmlessRow(r *data.Record) ([]string, error) {
	cells, err := t.Row(r)
	if err != nil {
		return nil, err
	}
	for i, c := range t.columns {
		if c.kind.guarded() {
			cells[i] = data.Harmless(cells[i])
		}
	}
	return cells, nil
}

// writeGeoJSON writes a FeatureCollection (RFC 7946), one feature a line.
func writeGeoJSON(w io.Writer, tax *data.Taxonomy, records Records) error {
	out := bufio.NewWriterSize(w, 64<<10)
	_, _ = out.WriteString(`{"type":"FeatureCollection","features":[`) // Flush says what failed
	var line []byte
	between := "\n"
	for r, err := range records {
		if err != nil {
			return err
		}
		if line, err = tax.AppendFeature(append(line[:0], between...), r); err != nil {
			return fmt.Errorf("record %s: %w", r.Hazard.ID, err)
		}
		if _, err := out.Write(line); err != nil {
			return err
		}
		between = ",\n"
	}
	_, _ = out.WriteString("\n]}\n")
	return out.Flush()
}
