package data

import (
	"context"
	"encoding/json"
	"regexp"
	"time"
)

// Day is what is kept of one local day: the totals of the city at one revision,
// as one view sees them.
type Day struct {
	Day      string // YYYY-MM-DD, of the city's time zone
	View     string // whose totals they are
	Revision Revision
	At       time.Time       // when they were counted, UTC
	Totals   json.RawMessage // as whoever keeps them writes them
}

// Days keeps a row for each local day, beside the log: keeping one is no
// revision. Stores may implement it beside Store.
type Days interface {
	// KeepDay keeps the row of its day and view. One that is there already stays
	// when it is of a later revision, and is replaced otherwise.
	KeepDay(ctx context.Context, day Day) error
	// KeptDays gives the rows of a view from one day to another, both included, in
	// their order.
	KeptDays(ctx context.Context, view, from, to string) ([]Day, error)
}

// DateForm is the form of a date, as YYYY-MM-DD.
const DateForm = "2006-01-02"

var dateForm = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)

// ParseDate reads a date that exists, YYYY-MM-DD: midnight of it in the zone.
func ParseDate(field, text string, zone *time.Location) (time.Time, error) {
	if dateForm.MatchString(text) {
		if t, err := time.ParseInLocation(DateForm, text, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, &Invalid{Field: field, Value: text, Want: "a date, YYYY-MM-DD"}
}

// Check reports what is wrong with a row.
func (d *Day) Check() error {
	if _, err := ParseDate("day", d.Day, time.UTC); err != nil {
		return err
	}
	if d.View == "" {
		return &Invalid{Field: "view", Value: d.View, Want: "a view's name"}
	}
	if !json.Valid(d.Totals) {
		return &Invalid{Field: "totals", Value: string(d.Totals), Want: "JSON"}
	}
	return nil
}
