package ingest

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/forms"
	"riskatlas/data/grading"
)

// Bounds of what is read.
const (
	DefaultMaxBytes = 200_000_000 // of one file
	DefaultMaxRows  = 2_000_000   // of one file
	maxRecordBytes  = 4 << 20     // of one CSV record or GeoJSON feature of a source
	maxUnitBytes    = 64 << 20    // of one feature of a unit
	maxDepth        = 64          // of nested JSON
	maxTableRows    = 100_000     // of a value table
)

// Options say how files are read. Profile is required; the zero value of the
// rest reads a file in WGS 84, or in the datum of its crs member, with columns
// found by their names.
type Options struct {
	Profile *city.Profile
	Units   data.Units // holds district boundaries; nil, or none of a vintage: the profile's outlines

	// Datum is the file's: wgs84, cgcs2000, gcj02, bd09 or epsg:CODE. "" takes
	// what the file says (a crs member, a .prj, a GeoPackage's own system); CSV,
	// XLSX, KML and GeoJSON that say nothing are in WGS 84, Shapefiles and
	// GeoPackages that say nothing are refused.
	Datum  string
	Map    map[string]string      // field to the column that gives it; beats names and synonyms
	Values map[string]*ValueTable // field to the table through which its values go
	Set    map[string]string      // field to the value of every row; beats columns

	// Delivery says that the file is a body's delivery; nil: nobody's in particular.
	Delivery *Delivery

	// Encoding is a text's or a Shapefile table's: utf-8, gb18030, utf-16le or
	// another label of the WHATWG's. "" finds UTF-8, UTF-16 and GB18030.
	Encoding string

	// Sheets are the sheets of a workbook, the layers of a GeoPackage or the
	// Shapefiles of an archive that are read; none names all that have a header.
	Sheets []string

	// Beside is the folder of the file: a Shapefile's .dbf, .prj and .cpg are read
	// from there. nil: there is none.
	Beside fs.FS

	// Rules are those that levels are checked by; nil takes the embedded ones.
	Rules *grading.Rules

	// Forms are what indicators are checked by; nil takes those of the profile.
	Forms *forms.Book

	// Derive gives a good record the scenarios that follow from its inventory, in
	// place. Its notes and its error, which says why there are none, become
	// warnings; nil derives nothing. It is called by the goroutine that reads.
	Derive func(*data.Record) (notes []string, err error)

	MaxBytes int64 // of one file; 0 is DefaultMaxBytes
	MaxRows  int   // of one file; 0 is DefaultMaxRows

	// Progress is told from time to time how many bytes and rows are done; nil
	// for none. It is called by the goroutine that reads.
	Progress func(bytes int64, rows int)
}

func (o *Options) maxBytes() int64 {
	if o.MaxBytes > 0 {
		return o.MaxBytes
	}
	return DefaultMaxBytes
}

func (o *Options) maxRows() int {
	if o.MaxRows > 0 {
		return o.MaxRows
	}
	return DefaultMaxRows
}

// ValueTable translates a column's values into a field's. A value that it lacks
// quarantines its row.
type ValueTable struct {
	Name string // the file it came from, for messages
	To   map[string]string
}

// ReadValues reads a value table: CSV (encoding and delimiter as Read finds
// them) of two columns, value and replacement. A first row whose second cell is
// replacement, value, code or the field's name is a header.
func ReadValues(name, field string, r io.Reader) (*ValueTable, error) {
	text, err := readText(name, r, DefaultMaxBytes/10)
	if err != nil {
		return nil, fmt.Errorf("value table %s: %w", name, err)
	}
	comma, body, err := sniffDelimiter(text)
	if err != nil {
		return nil, fmt.Errorf("value table %s: %w", name, err)
	}
	rows := csv.NewReader(body)
	rows.Comma, rows.FieldsPerRecord, rows.ReuseRecord = comma, -1, true
	t := &ValueTable{Name: name, To: map[string]string{}}
	for first := true; ; first = false {
		rec, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("value table %s: %w", name, err)
		}
		line, _ := rows.FieldPos(0)
		if len(rec) < 2 || strings.TrimSpace(strings.Join(rec[2:], "")) != "" {
			return nil, fmt.Errorf("value table %s line %d: %w", name, line,
				&data.Invalid{Field: field, Value: strings.Join(rec, string(comma)), Want: "two columns: value and replacement"})
		}
		from, to := strings.TrimSpace(rec[0]), strings.TrimSpace(rec[1])
		if first && isTableHeader(to, field) {
			continue
		}
		if other, twice := t.To[from]; twice && other != to {
			return nil, fmt.Errorf("value table %s line %d: %w", name, line,
				&data.Invalid{Field: field, Value: from, Want: "one replacement for a value; it has " + other + " already"})
		}
		if len(t.To) >= maxTableRows {
			return nil, fmt.Errorf("value table %s: want at most %d rows", name, maxTableRows)
		}
		t.To[from] = to
	}
	return t, nil
}

func isTableHeader(cell, field string) bool {
	for _, w := range []string{"replacement", "value", "code", "to", "代码", field} {
		if strings.EqualFold(cell, w) {
			return true
		}
	}
	return false
}

// ownToRows are the fields that --set may not give: every row has its own.
var ownToRows = map[field]bool{fieldID: true, fieldLon: true, fieldLat: true, fieldGeometry: true}

// given is what the options give a field beside its column.
type given struct {
	table *ValueTable // nil: none
	fixed bool        // --set gives the value of every row
	value string
}

// fieldValues gives the options' value tables and fixed values by field, and
// checks with rule that every value is one that the field can have.
func fieldValues(table []fieldInfo, o *Options, rule func(field, string) error) ([]given, error) {
	out := make([]given, len(table))
	for _, name := range sortedKeys(o.Set) {
		f, err := fieldNamed(table, "--set", name)
		if err != nil {
			return nil, err
		}
		if ownToRows[f] {
			return nil, &data.Invalid{Field: "--set", Value: name, Want: "a field that many rows may share"}
		}
		if err := rule(f, o.Set[name]); err != nil {
			return nil, fmt.Errorf("--set %s: %w", name, err)
		}
		out[f].fixed, out[f].value = true, o.Set[name]
	}
	for _, name := range sortedKeys(o.Values) {
		f, err := fieldNamed(table, "--values", name)
		if err != nil {
			return nil, err
		}
		t := o.Values[name]
		for _, from := range sortedKeys(t.To) {
			if to := t.To[from]; to != "" {
				if err := rule(f, to); err != nil {
					return nil, fmt.Errorf("value table %s, value %q: %w", t.Name, from, err)
				}
			}
		}
		out[f].table = t
	}
	return out, nil
}
