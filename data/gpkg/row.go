package gpkg

import (
	"database/sql/driver"
	"fmt"
	"strings"

	"riskatlas/data"
)

// versionColumns are a record's columns but for its revision, which is rev in
// hazards and was in changes.
const versionColumns = "geom, name, name_en, industry, level, district, vintage, status, sensitivity, regulator, scenarios"

// hotColumns are what loading reads, hotCount how many they are.
const (
	hotColumns = "id, rev, " + versionColumns
	hotCount   = 13
)

// row is hotColumns as SQLite gives them, and the record when it was asked for.
// Its texts and bytes are SQLite's own where a scan fills it.
type row struct {
	id                                                                   string
	rev, level                                                           int64
	geom, scenarios                                                      []byte
	name, nameEn, industry, district, vintage, status, sensitivity, body string
	record                                                               string
}

// take fills the row from a driver's values, which it keeps.
func (r *row) take(v []driver.Value) {
	r.id, r.rev, r.geom = text(v[0]), number(v[1]), blob(v[2])
	r.name, r.nameEn, r.industry, r.level = text(v[3]), text(v[4]), text(v[5]), number(v[6])
	r.district, r.vintage, r.status = text(v[7]), text(v[8]), text(v[9])
	r.sensitivity, r.body, r.scenarios = text(v[10]), text(v[11]), blob(v[12])
	if len(v) > hotCount {
		r.record = text(v[hotCount])
	}
}

func text(v driver.Value) string  { s, _ := v.(string); return s }
func number(v driver.Value) int64 { n, _ := v.(int64); return n }
func blob(v driver.Value) []byte  { b, _ := v.([]byte); return b }

// orNull keeps what is unstated out of the file.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// codes turns stored codes into positions. It is made for one taxonomy and safe
// for concurrent use.
type codes struct {
	industries    map[string]data.Industry
	districts     map[[2]string]data.District // by vintage and code
	statuses      map[string]data.Status
	sensitivities map[string]data.Sensitivity
	bodies        map[string]string // one string for each of the industries' regulators
}

func newCodes(tax *data.Taxonomy) *codes {
	c := &codes{map[string]data.Industry{}, map[[2]string]data.District{}, map[string]data.Status{}, map[string]data.Sensitivity{}, map[string]string{"": ""}}
	for i, in := range tax.Industries {
		c.industries[in.Code] = data.Industry(i)
		c.bodies[in.Regulator] = in.Regulator
	}
	for _, v := range tax.Vintages {
		for i, d := range v.Districts {
			c.districts[[2]string{v.Name, d.Code}] = v.First + data.District(i)
		}
	}
	for i, k := range data.StatusKeys {
		c.statuses[k] = data.Status(i)
	}
	for i, k := range data.SensitivityKeys {
		c.sensitivities[k] = data.Sensitivity(i)
	}
	return c
}

// textSlabBytes is how many bytes the texts of neighbouring rows share one piece
// of memory. It stays while one of some fifty hazards does, so that the texts of
// what was replaced take at most what the whole city's took when it was loaded.
const textSlabBytes = 4096

// texts copies texts into slabs, or each alone where slab is 0.
type texts struct {
	slab int
	b    strings.Builder
}

func (t *texts) keep(s string) string {
	if t.b.Cap()-t.b.Len() < len(s) {
		t.b.Reset()
		t.b.Grow(max(len(s), t.slab))
	}
	at := t.b.Len()
	t.b.WriteString(s)
	return t.b.String()[at:]
}

// slabHazards is how many hazards of neighbouring rows share one piece of memory,
// which stays while one of them does.
const slabHazards = 32

// decoder turns rows into hazards on one goroutine. It keeps nothing of a row.
type decoder struct {
	*codes
	slab     int           // how many hazards are made at once; 0 is one
	made     []data.Hazard // that are still free
	hot      *data.HotReader
	texts    texts
	complete data.Complete
}

// hazard decodes the row and seals it. The error names the id, or is
// data.ErrLeftOut.
func (d *decoder) hazard(r *row) (*data.Hazard, error) {
	if len(d.made) == 0 {
		d.made = make([]data.Hazard, max(1, d.slab))
	}
	h := &d.made[0]
	err := d.unsealed(r, h)
	if err == nil {
		err = h.SealHere(d.complete)
	}
	switch err {
	case nil:
		d.made = d.made[1:]
		return h, nil
	case data.ErrLeftOut:
		return nil, err
	}
	return nil, fmt.Errorf("record %s: %w", r.id, err)
}

// unsealed fills all of h.
func (d *decoder) unsealed(r *row, h *data.Hazard) (err error) {
	*h = data.Hazard{ID: data.ID(d.texts.keep(r.id)), Name: d.texts.keep(r.name), NameEn: d.texts.keep(r.nameEn), Rev: data.Revision(r.rev)}
	var ok bool
	if h.Regulator, ok = d.bodies[r.body]; !ok {
		h.Regulator = d.texts.keep(r.body)
	}
	if h.Industry, ok = d.industries[r.industry]; !ok {
		return fmt.Errorf("industry %q is not in the city's profile", r.industry)
	}
	if r.district != "" {
		if h.Stated, ok = d.districts[[2]string{r.vintage, r.district}]; !ok {
			return fmt.Errorf("district %q of vintage %q is not in the city's profile", r.district, r.vintage)
		}
	}
	if h.Status, ok = d.statuses[r.status]; !ok {
		return fmt.Errorf("status %q: want one of %v", r.status, data.StatusKeys)
	}
	if h.Sensitivity, ok = d.sensitivities[r.sensitivity]; !ok {
		return fmt.Errorf("sensitivity %q: want one of %v", r.sensitivity, data.SensitivityKeys[1:])
	}
	if r.level < int64(data.Low) || r.level > int64(data.Major) {
		return fmt.Errorf("level %d: want 1 to 4", r.level)
	}
	h.Level = data.Level(r.level)
	if h.Shape, err = decode(r.geom); err != nil {
		return err
	}
	return d.hot.Decode(r.scenarios, h)
}

// full decodes the row with its detail.
func (d *decoder) full(r *row) (*data.Record, error) {
	h, err := d.hazard(r)
	if err != nil {
		return nil, err
	}
	detail, err := data.ParseDetail([]byte(r.record))
	if err != nil {
		return nil, fmt.Errorf("record %s: %w", r.id, err)
	}
	return &data.Record{Hazard: h, Detail: *detail}, nil
}

// values are the columns of a stored record: id, rev, versionColumns, record.
func values(tax *data.Taxonomy, r *data.Record) ([]any, error) {
	h := r.Hazard
	record, err := tax.AppendProperties(nil, r)
	if err != nil {
		return nil, err
	}
	var district, vintage string
	if v, info, ok := tax.DistrictInfo(h.Stated); ok {
		district, vintage = info.Code, v.Name
	}
	return []any{string(h.ID), int64(h.Rev), encode(h.Shape), h.Name, orNull(h.NameEn), tax.Industries[h.Industry].Code,
		int64(h.Level), orNull(district), orNull(vintage), h.Status.String(), orNull(h.Sensitivity.String()), orNull(h.Regulator),
		data.AppendHot(nil, h), string(record)}, nil
}
