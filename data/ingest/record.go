package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"

	"riskatlas/data"
	"riskatlas/data/forms"
	"riskatlas/data/grading"
)

// builder turns rows into records or units and accounts for them.
type builder struct {
	ctx     context.Context
	opts    *Options
	tax     *data.Taxonomy
	rules   *grading.Rules
	forms   *forms.Book // nil: of units
	bounds  *boundaries
	table   []fieldInfo               // the fields that rows may have
	unread  []field                   // fields that a property of GeoJSON never gives
	beside  []field                   // fields that a column beside a shape never gives
	most    int                       // vertices of one shape
	rule    func(field, string) error // of values that many rows share
	build   func() (keep func())      // makes a row's result; nil when a problem keeps it out
	mapping *mapping
	given   []given // by field
	frame   frame
	name    string // of the whole file
	file    FileReport
	skipped []skippedSheet
	shaped  bool // rows have shapes beside their columns
	samples samples
	layers  []string // names of the files, sheets and layers that were begun
	report  *Report
	batch   *Batch
	bytes   int64

	seen       map[data.ID]int // accepted id to its line or feature
	equals     map[[16]byte]int
	places     map[samePlace]bool
	industries map[string]data.Industry
	suggested  map[string]string // for an industry that is not known
	first      int               // record of this file or layer
	tested     []testedPlace

	row     *row
	pending []Problem
}

// samePlace finds rows that look like one source surveyed twice: a name and
// industry within 1e-4 degrees.
type samePlace struct {
	name     string
	industry data.Industry
	x, y     int32
}

// rowSteps is how many rows pass between two looks at the context.
const rowSteps = 1000

// take accounts for one row.
func (b *builder) take(r *row) error {
	if b.isExample(r) {
		b.file.Examples++
		return nil
	}
	b.report.Read++
	if b.report.Read > b.opts.maxRows() {
		return &data.Invalid{Field: "rows", Value: fmt.Sprintf("over %d", b.opts.maxRows()), Want: fmt.Sprintf("at most %d: split the file", b.opts.maxRows())}
	}
	if b.report.Read%rowSteps == 0 {
		if err := b.ctx.Err(); err != nil {
			return err
		}
		if b.opts.Progress != nil {
			b.opts.Progress(b.bytes, b.report.Read)
		}
	}
	b.row, b.pending = r, b.pending[:0]
	if r.broken == nil {
		b.samples.take(r)
	}
	var keep func()
	if r.broken != nil {
		b.reject("row_unreadable", r.broken.Field, r.broken.Value, want(r.broken))
	} else {
		for _, p := range r.odd {
			b.note(p.Kind, p.Severity, p.Field, p.Value, p.Want)
		}
		keep = b.build()
	}
	worst := Warning
	for i := range b.pending {
		if s := b.pending[i].Severity; s == Quarantined || s == Rejected && worst == Warning {
			worst = s
		}
	}
	switch worst {
	case Rejected:
		b.report.Rejected++
		b.keepRow(worst)
		b.missed()
	case Quarantined:
		b.report.Quarantined++
		b.keepRow(worst)
		b.missed()
	default:
		b.report.Accepted++
		keep()
	}
	for _, p := range b.pending {
		// What is merely odd about a row that is kept out is not worth a line.
		if worst == Warning || p.Severity != Warning {
			b.report.add(p)
		}
	}
	return nil
}

func (b *builder) accept(rec *data.Record) {
	b.seen[rec.Hazard.ID] = b.at()
	b.batch.Records = append(b.batch.Records, rec)
	from := origin{file: b.file.Name, line: b.row.line, feature: b.row.feature, byContent: b.id() == ""}
	if from.district, from.located = b.bounds.code(rec.Hazard.Label()); from.located {
		b.report.Districts[from.district]++
	}
	b.batch.origins = append(b.batch.origins, from)
}

// at is where the row stands: its layer, and there its line or feature.
func (b *builder) at() int { return len(b.layers)<<32 | b.row.line | b.row.feature }

func (b *builder) where(at int) string {
	file := b.layers[at>>32-1]
	if b.row.line > 0 {
		return fmt.Sprintf("%s line %d", file, at&math.MaxUint32)
	}
	return fmt.Sprintf("%s feature %d", file, at&math.MaxUint32)
}

func (b *builder) note(kind string, s Severity, f, value, want string) {
	b.pending = append(b.pending, Problem{File: b.file.Name, Line: b.row.line, Feature: b.row.feature, ID: shorten(b.id()),
		Kind: kind, Severity: s, Field: f, Value: value, Want: want})
}

func (b *builder) reject(kind, f, value, want string) { b.note(kind, Rejected, f, value, want) }
func (b *builder) warn(kind, f, value, want string)   { b.note(kind, Warning, f, value, want) }

func (b *builder) found(f Finding) { b.warn(f.Kind, f.Field, f.Value, f.Want) }

// rejectError rejects the row for an error, keeping what an Invalid says.
func (b *builder) rejectError(kind string, f string, err error) {
	var bad *data.Invalid
	if errors.As(err, &bad) {
		b.reject(kind, bad.Field, bad.Value, want(bad))
		return
	}
	b.reject(kind, f, "", err.Error())
}

// want is the right value of an Invalid with what is allowed.
func want(e *data.Invalid) string {
	if len(e.Allowed) == 0 {
		return e.Want
	}
	return e.Want + ": " + strings.Join(e.Allowed, ", ")
}

// id is the id that the row itself gives, or "".
func (b *builder) id() string {
	if f, ok := b.value(fieldID); ok && f != "" {
		return f
	}
	return b.row.id
}

// value is the row's text of a field after --set and value tables; ok is false
// when the value table lacks it.
func (b *builder) value(f field) (text string, ok bool) {
	g := &b.given[f]
	if g.fixed {
		return g.value, true
	}
	text = b.row.values[f]
	if g.table == nil {
		return text, true
	}
	to, known := g.table.To[text]
	if text == "" && !known {
		return "", true
	}
	return to, known && to != ""
}

// untranslated quarantines the row for every field whose table lacks its value.
func (b *builder) untranslated() {
	for i := range b.given {
		if _, ok := b.value(field(i)); !ok {
			name, value := b.table[i].name, b.row.values[i]
			b.report.untranslated(name, shorten(value))
			b.note(name+"_untranslated", Quarantined, name, value, "a value that table "+b.given[i].table.Name+" translates")
		}
	}
}

// source makes the row's record. Problems go to pending.
func (b *builder) source() (keep func()) {
	b.untranslated()
	rec := &data.Record{}
	h := data.Hazard{}
	b.place(&h, &rec.Detail)
	b.classify(&h)
	b.detail(&h, &rec.Detail)
	b.scenarios(&h)
	b.collected(&h, &rec.Detail)
	if d := b.opts.Delivery; d != nil {
		rec.Detail.DataSource = d.Source
	}
	if b.kept() {
		return nil
	}
	h.ID = b.identify()
	if h.Name == "" {
		h.Name = b.tax.Industries[h.Industry].Name + " " + string(h.ID)
	}
	sealed, err := h.Seal()
	if err != nil {
		b.rejectError(kindOf(err), "row", err)
		return nil
	}
	if err := rec.Detail.Check(); err != nil {
		b.rejectError("number_range", "row", err)
		return nil
	}
	if b.checkLevel(sealed, &rec.Detail); b.kept() {
		return nil
	}
	if at, twice := b.seen[sealed.ID]; twice {
		b.reject("duplicate_id", "id", string(sealed.ID), "an id that stands once: "+b.where(at)+" has it too")
		return nil
	}
	rec.Hazard = sealed
	b.derive(rec)
	b.lookAround(sealed)
	return func() { b.accept(rec) }
}

// kept reports whether a problem keeps the row out.
func (b *builder) kept() bool {
	for i := range b.pending {
		if b.pending[i].Severity != Warning {
			return true
		}
	}
	return false
}

// kindOf names the kind of a record's broken rule.
func kindOf(err error) string {
	var bad *data.Invalid
	if errors.As(err, &bad) {
		switch {
		case bad.Field == "id":
			return "id_invalid"
		case strings.HasPrefix(bad.Field, "geometry"):
			return "geometry_invalid"
		case strings.HasPrefix(bad.Field, "scenario"), strings.HasPrefix(bad.Field, "footprint"):
			return "scenario_invalid"
		}
	}
	return "number_range"
}

// identify gives the row's id, or one made of its content.
func (b *builder) identify() data.ID {
	if id := b.id(); id != "" {
		return b.keyed(id)
	}
	digest := b.row.digest()
	if d := b.opts.Delivery; d != nil {
		digest = d.own(digest)
	}
	b.equals[digest]++
	return data.ID(contentID(digest, b.equals[digest]))
}

// scenarios reads the scenarios, those that were derived left out, zones brought
// to WGS 84.
func (b *builder) scenarios(h *data.Hazard) {
	text, _ := b.value(fieldScenarios)
	if text == "" {
		return
	}
	var raws []json.RawMessage
	if err := decode("scenarios", text, "a JSON list of scenarios", &raws); err != nil {
		b.rejectError("scenario_invalid", "scenarios", err)
		return
	}
	for _, raw := range raws {
		var s data.Scenario
		err := json.Unmarshal(raw, &s)
		if err == nil && s.Derived {
			continue
		}
		if err == nil && s.Footprint.Kind == data.Zone {
			s.Footprint, err = b.zones(s.Footprint)
		}
		if err != nil {
			b.rejectError("scenario_invalid", "scenarios", err)
			return
		}
		h.Scenarios = append(h.Scenarios, s)
	}
}

func (b *builder) zones(f *data.Footprint) (*data.Footprint, error) {
	made := *f
	made.Zones = make([]data.ZonePiece, len(f.Zones))
	for i, z := range f.Zones {
		made.Zones[i] = data.ZonePiece{Shape: b.frame.convert(z.Shape), Lethality: z.Lethality}
		if err := checkValid(made.Zones[i].Shape); err != nil {
			return nil, err
		}
	}
	return data.NewFootprint(made)
}

// lookAround warns of what is odd about a good record's place.
func (b *builder) lookAround(h *data.Hazard) {
	p := h.Label()
	key := samePlace{h.Name, h.Industry, int32(math.Round(p[0] * 1e4)), int32(math.Round(p[1] * 1e4))}
	if b.places[key] {
		b.warn("same_place", "geometry", point(p), "one record of a source: another row has this name, industry and place")
	}
	b.places[key] = true
	b.checkDistrict(h)
}
