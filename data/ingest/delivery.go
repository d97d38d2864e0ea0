package ingest

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"riskatlas/data"
)

// Delivery says whose the rows are. They are matched with what the store holds
// of that body, record by record, and change only what the files speak of: a
// field for which a file has no column stays as it is.
//
// A row is the record of its id; with Key, of the body's own key. A row without
// one is the record that says the same, else the one record of the body that has
// its name within MatchMetres. Where that leaves a doubt the row is quarantined,
// unless Confirm takes the likeliest.
type Delivery struct {
	Source   string // the body: data_source of every record
	Key      string // the column with the body's own key; "": ids, where there are any
	Complete bool   // the files are all that the body has: what they lack is suspended, never removed
	Confirm  bool   // doubtful matches by name and place are taken as they are shown
}

// MatchMetres is how near a row lies to the record that it is taken for, and to
// one of another body that may be the same place.
const MatchMetres = 50

// check refuses a delivery that names nobody, and makes the key the id column.
func (o *Options) checkDelivery() error {
	d := o.Delivery
	if d == nil {
		return nil
	}
	if s := d.Source; s != strings.TrimSpace(s) || s == "" || utf8.RuneCountInString(s) > 200 || !utf8.ValidString(s) || strings.ContainsFunc(s, isControl) {
		return &data.Invalid{Field: "source", Value: shorten(s), Want: "the name of the body that delivers, 1 to 200 characters"}
	}
	if d.Key == "" {
		return nil
	}
	if column, asked := o.Map["id"]; asked && column != d.Key {
		return &data.Invalid{Field: "key", Value: d.Key, Want: "no id column beside it: --map id=" + column + " names another"}
	}
	with := map[string]string{"id": d.Key}
	for field, column := range o.Map {
		with[field] = column
	}
	o.Map = with
	return nil
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

var (
	sourceForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,24}$`)
	keyForm    = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,39}$`)
)

// id is the id of the body's record of a key: BODY:KEY, where a part that an id
// cannot hold stands as its hash. Two bodies' keys never meet.
func (d *Delivery) id(key string) data.ID {
	source := d.Source
	if !sourceForm.MatchString(source) {
		source = "body-" + hashed(source)[:12]
	}
	if !keyForm.MatchString(key) {
		key = "key-" + hashed(key)[:26]
	}
	return data.ID(source + ":" + key)
}

func hashed(text string) string {
	sum := sha256.Sum256([]byte(text))
	return idEncoding.EncodeToString(sum[:])
}

// own makes the content of a row the body's own, so that two bodies that say the
// same have a record each.
func (d *Delivery) own(digest [16]byte) [16]byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s", digest[:], d.Source))
	return [16]byte(sum[:16])
}

// absent begins the reason of what a complete delivery suspended.
const absent = "not in the complete delivery of "

// DeliveryReport says what a delivery was matched with.
type DeliveryReport struct {
	Source   string `json:"source"`
	Key      string `json:"key,omitempty"`
	Complete bool   `json:"complete"`
	Held     int    `json:"held"`     // records of the body in the store, before
	Matched  int    `json:"matched"`  // rows that name and place alone led to their record
	Returned int    `json:"returned"` // of the changed: suspended for their absence, and active again
	Gone     int    `json:"gone"`     // records that a complete delivery lacks and that are suspended for it
	Absent   int    `json:"absent"`   // further records that it lacks, which were not active
	Spared   int    `json:"spared"`   // records that it lacks, but that a row which was kept out may mean: left as they are
}

// What became of a row or record.
const (
	isNew       = "new"
	isChanged   = "changed"
	isUnchanged = "unchanged"
	isReturned  = "returned"
	isGone      = "gone"
	isSpared    = "spared"
)

// RowReport says what became of an accepted row, or of a record that a complete
// delivery lacks. Match says how it was found where that was not by an id.
type RowReport struct {
	File    string        `json:"file,omitempty"`
	Line    int           `json:"line,omitempty"`
	Feature int           `json:"feature,omitempty"`
	ID      string        `json:"id"`
	Name    string        `json:"name,omitempty"`
	What    string        `json:"what"` // new, changed, returned, unchanged; gone, spared
	Match   string        `json:"match,omitempty"`
	Why     string        `json:"why,omitempty"`
	Fields  []FieldChange `json:"fields,omitempty"`
}

// Duplicate is a place that two bodies report. Both records are kept.
type Duplicate struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Other       string  `json:"other"`
	OtherName   string  `json:"other_name"`
	OtherSource string  `json:"other_source,omitempty"`
	Metres      float64 `json:"metres"`
	Likeness    float64 `json:"likeness"` // of the names, 0 to 1
}

// mostRows bounds the rows of one outcome that a report lists.
const mostRows = 100_000

func (r *Report) tellRow(row RowReport) {
	key := "row_" + row.What
	if r.listed[key] >= mostRows {
		r.NotListed[key]++
		return
	}
	r.listed[key]++
	r.Rows = append(r.Rows, row)
}
