package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"

	"riskatlas/data"
	"riskatlas/data/forms"
	"riskatlas/data/grading"
)

// Batch is what a file, or several, gave: its good records and the account of
// all rows. Every id stands once.
type Batch struct {
	Records []*data.Record // hazards sealed, districts not yet placed
	Report  *Report

	origins  []origin  // of the records, by position
	out      []keptOut // of a delivery: what is known of the rows that were kept out
	whole    bool      // a file is quarantined as a whole
	delivery *Delivery // nil: the rows are nobody's in particular
	assumed  bool      // nobody said the datum, and coordinates are degrees
	read     *Report   // what reading found, once a plan was made
}

// Read reads a file of sources and checks it whole. Its format is found by what
// it holds, then by the ending of its name (format.go). It touches no store but for the
// district boundaries in Options.Units. size is the file's in bytes, or less
// than 0 when it is not known. A reader that is no io.ReadSeeker is held in
// memory.
//
// Rows with problems are in the report. The error is for a file that cannot be
// accounted for: unreadable, too large, of another format, with columns that
// give no place, or options that contradict it.
func Read(ctx context.Context, name string, r io.Reader, size int64, opts Options) (*Batch, error) {
	b, err := read(ctx, name, r, size, &opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return b, nil
}

func read(ctx context.Context, name string, r io.Reader, size int64, opts *Options) (*Batch, error) {
	if opts.Profile == nil {
		return nil, errors.New("no city profile")
	}
	rules := opts.Rules
	if rules == nil {
		var err error
		if rules, err = grading.Load(); err != nil {
			return nil, err
		}
	}
	if err := opts.checkDelivery(); err != nil {
		return nil, err
	}
	book := opts.Forms
	if book == nil {
		var err error
		if book, err = forms.New(opts.Profile); err != nil {
			return nil, err
		}
	}
	var batch *Batch
	err := passes(r, name, size, opts, func(c *content, late []byte) error {
		bounds, err := newBoundaries(ctx, opts.Profile, opts.Units)
		if err != nil {
			return err
		}
		b := &builder{ctx: ctx, opts: opts, tax: opts.Profile.Taxonomy, rules: rules, bounds: bounds, table: sourceFields, most: data.MaxVertices,
			unread: []field{fieldID, fieldLon, fieldLat, fieldGeometry}, beside: []field{fieldLon, fieldLat, fieldGeometry}, report: newReport(), seen: map[data.ID]int{},
			equals: map[[16]byte]int{}, places: map[samePlace]bool{}, industries: map[string]data.Industry{}}
		b.rule, b.build, b.forms = b.sourceRule, b.source, book
		b.file.Name, b.batch = name, &Batch{Report: b.report, delivery: opts.Delivery}
		batch = b.batch
		return b.read(c, late, maxRecordBytes)
	})
	return batch, err
}

// passes opens the file and calls pass, and once more when the first finds a crs
// member after the features that it is for.
func passes(r io.Reader, name string, size int64, opts *Options, pass func(c *content, late []byte) error) error {
	if opts.Profile == nil {
		return errors.New("no city profile")
	}
	if size > opts.maxBytes() {
		return &data.Invalid{Field: "file size", Value: fmt.Sprintf("%d bytes", size), Want: fmt.Sprintf("at most %d bytes", opts.maxBytes())}
	}
	c, err := open(r, name, opts)
	if err != nil {
		return err
	}
	err = pass(c, nil)
	var again *errLateCRS
	if errors.As(err, &again) {
		err = pass(c, again.raw)
	}
	return err
}

// read reads all rows once. late is a crs member known from an earlier pass;
// most bounds the bytes of one feature.
func (b *builder) read(c *content, late []byte, most int) error {
	var err error
	if b.given, err = fieldValues(b.table, b.opts, b.rule); err != nil {
		return err
	}
	b.name = b.file.Name
	if alone := c.format == csvFormat || c.format == geoJSONFormat || c.format == kmlFormat; alone && len(b.opts.Sheets) > 0 {
		return &data.Invalid{Field: "--sheet", Value: b.opts.Sheets[0], Want: "none: " + c.format + " has no sheets or layers"}
	}
	switch c.format {
	case csvFormat:
		err = b.csv(c)
	case gpkgFormat:
		err = b.geoPackage(c, most)
	case xlsxFormat:
		err = b.xlsx(c)
	case kmlFormat:
		err = b.kml(c, most)
	case shapefileFormat:
		err = b.shapefiles(c)
	default:
		err = b.geoJSON(c, late, most)
	}
	if err == nil && b.opts.Progress != nil {
		b.opts.Progress(b.bytes, b.report.Read)
	}
	return err
}

// begin starts the account of a file, or of one sheet or layer of it, whose name
// is then not "". unread are fields that its rows have beside their columns.
func (b *builder) begin(format, layer, encoding string, unread ...field) error {
	b.file = FileReport{Name: b.name, Format: format, Encoding: encoding}
	if layer != "" {
		b.file.Name += ": " + layer
	}
	b.layers = append(b.layers, b.file.Name)
	b.samples, b.shaped = samples{}, len(unread) > 0
	if b.batch != nil {
		b.first = len(b.batch.Records)
	}
	var err error
	if b.mapping, err = newMapping(b.table, b.opts.Map, b.given, unread...); err != nil {
		return err
	}
	if b.forms != nil {
		b.mapping.ask(b.forms)
	}
	return nil
}

// end closes the account that begin started.
func (b *builder) end() error {
	wrong := b.suspect()
	b.tested = nil
	b.foreignUnits()
	b.preview()
	b.mapping.describe(&b.file)
	if b.batch != nil {
		b.batch.assumed = b.opts.Datum == "" && !b.frame.projected && (b.batch.assumed || len(b.layers) == 1)
		b.carry()
		if wrong != nil {
			if err := b.batch.setAside(b.tax, b.first, *wrong); err != nil {
				return err
			}
		}
	}
	b.file.Datum = b.frame.name
	b.report.Files = append(b.report.Files, b.file)
	return nil
}

// settle decides what coordinates mean, before the first row.
func (b *builder) settle(crs []byte) error {
	var err error
	b.frame, err = chooseFrame(b.opts.Datum, crs)
	return err
}

// progress counts bytes of the file that are read.
func (b *builder) progress(n int) { b.bytes += int64(n) }

// Merge adds another file's batch to this one. A record whose id this batch
// holds with another content is rejected as a duplicate; with the same content
// it is the same record and stays accepted.
func (b *Batch) Merge(o *Batch, tax *data.Taxonomy) error {
	b.Report.Merge(o.Report)
	b.out, b.whole, b.read = append(b.out, o.out...), b.whole || o.whole, nil
	b.assumed = b.assumed && o.assumed
	have := make(map[data.ID]int, len(b.Records))
	for i, r := range b.Records {
		have[r.Hazard.ID] = i
	}
	for i, r := range o.Records {
		id, from := r.Hazard.ID, &o.origins[i]
		at, twice := have[id]
		if !twice {
			b.Records, b.origins = append(b.Records, r), append(b.origins, *from)
			continue
		}
		same, err := sameRecord(tax, b.Records[at], r)
		if err != nil {
			return err
		}
		first := b.origins[at].String()
		p := Problem{File: from.file, Line: from.line, Feature: from.feature, ID: string(id), Field: "id", Value: string(id)}
		if same {
			p.Kind, p.Severity, p.Want = "same_record", Warning, "one of them: "+first+" has the same record"
			b.Report.Same++
		} else {
			p.Kind, p.Severity, p.Want = "duplicate_id", Rejected, "an id that stands once: "+first+" has it too"
			b.Report.Accepted--
			b.Report.Rejected++
			cells, err := cellsOf(tax, r)
			if err != nil {
				return err
			}
			b.Report.keep(KeptRow{File: p.File, Line: p.Line, Feature: p.Feature, Severity: Rejected, Cells: cells})
		}
		b.Report.add(p)
	}
	return nil
}
