package city

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Covering is what Cover is to put into the table of coverage.
type Covering struct {
	Rows []data.Coverage // each pair once
	// Whole says that the rows are the whole table: pairs that they do not have are
	// not started. Else those stay as they are.
	Whole bool
	// Hold, where it is not nil, is asked for each row with what the table holds of
	// its pair, before anything is written; its error ends the whole.
	Hold func(row, held *data.Coverage) error
	Try  bool // count what would change, write nothing
}

// Covered says what Cover did: numbers of pairs.
type Covered struct {
	Revision                           data.Revision // that the table is of; the current one where nothing was written
	Added, Changed, Unchanged, Removed int
}

// Cover puts rows into the table of coverage, all of them or none, as one revision;
// rows that change nothing make none. The error is an *data.Invalid for a row that
// contradicts itself or comes twice, and wraps errors.ErrUnsupported for a store
// that keeps no units.
func (c *City) Cover(ctx context.Context, n data.Note, what Covering) (did Covered, err error) {
	store, ok := c.store.(data.Revising)
	if !ok {
		return did, fmt.Errorf("the store keeps no table of coverage: %w", errors.ErrUnsupported)
	}
	if err := c.checkRows(what.Rows); err != nil {
		return did, err
	}
	points, err := c.districtPoints(ctx)
	if err != nil {
		return did, err
	}
	change := func(held []data.Unit) ([]data.Unit, bool, error) {
		did = Covered{} // a store may ask again
		return c.cover(&did, held, &what, points)
	}
	did.Revision, err = store.Revise(ctx, n, data.CoverageKind, change)
	if err != nil {
		return Covered{}, fmt.Errorf("write the table of coverage: %w", err)
	}
	return did, nil
}

func (c *City) checkRows(rows []data.Coverage) error {
	tax := c.profile.Taxonomy
	v := &tax.Vintages[tax.Default]
	type pair struct {
		in data.Industry
		d  data.District
	}
	seen := map[pair]bool{}
	for i := range rows {
		r := &rows[i]
		if int(r.Industry) >= len(tax.Industries) || !v.Holds(r.District) || r.District == v.Outside() {
			return &data.Invalid{Field: "row", Value: fmt.Sprint(i + 1), Want: "an industry and a district of vintage " + v.Name}
		}
		code := tax.CoverageCode(r.Industry, r.District)
		if err := r.Check(); err != nil {
			return fmt.Errorf("row %s: %w", code, err)
		}
		if seen[pair{r.Industry, r.District}] {
			return &data.Invalid{Field: "row", Value: code, Want: "one row for an industry and a district"}
		}
		seen[pair{r.Industry, r.District}] = true
	}
	return nil
}

// districtPoints gives a point in each district of the default vintage by its code;
// one without an outline has the city's centre.
func (c *City) districtPoints(ctx context.Context) (map[string]orb.Point, error) {
	tax := c.profile.Taxonomy
	v := &tax.Vintages[tax.Default]
	points := map[string]orb.Point{}
	for _, d := range v.Districts {
		points[d.Code] = c.profile.Centre
	}
	for u, err := range c.Units(ctx, data.DistrictKind(v.Name)) {
		if err != nil {
			return nil, err
		}
		points[u.Code] = data.LabelPoint(u.Shape)
	}
	return points, nil
}

// cover makes the next table of the units that the store holds. What is no row of
// the table is kept as it is.
func (c *City) cover(did *Covered, held []data.Unit, what *Covering, points map[string]orb.Point) (next []data.Unit, same bool, err error) {
	tax := c.profile.Taxonomy
	rows := make(map[string]*data.Coverage, len(what.Rows))
	for i := range what.Rows {
		r := &what.Rows[i]
		rows[tax.CoverageCode(r.Industry, r.District)] = r
	}
	for i := range held {
		u := &held[i]
		row, asked := rows[u.Code]
		delete(rows, u.Code)
		was, unreadable := tax.ParseCoverage(u)
		switch {
		case !asked && !what.Whole:
			next = append(next, *u)
			continue
		case !asked:
			row = &data.Coverage{}
		case unreadable != nil:
			was = data.Coverage{Industry: row.Industry, District: row.District}
		}
		if asked && what.Hold != nil {
			if err := what.Hold(row, &was); err != nil {
				return nil, false, err
			}
		}
		switch {
		case row.Bare():
			did.Removed++
			continue
		case unreadable == nil && row.Equal(&was):
			did.Unchanged++
			next = append(next, *u)
			continue
		}
		did.Changed++
		next = append(next, tax.CoverageUnit(row, points[tax.DistrictCode(row.District)]))
	}
	for _, code := range sortedCodes(rows) {
		row := rows[code]
		if what.Hold != nil {
			if err := what.Hold(row, &data.Coverage{Industry: row.Industry, District: row.District}); err != nil {
				return nil, false, err
			}
		}
		if row.Bare() {
			did.Unchanged++
			continue
		}
		did.Added++
		next = append(next, tax.CoverageUnit(row, points[tax.DistrictCode(row.District)]))
	}
	return next, what.Try || did.Added+did.Changed+did.Removed == 0, nil
}

func sortedCodes(rows map[string]*data.Coverage) []string {
	codes := make([]string, 0, len(rows))
	for code := range rows {
		codes = append(codes, code)
	}
	slices.SortFunc(codes, strings.Compare)
	return codes
}

// openCoverage is a row of the table as the public view may see it: how far the
// survey has come and since when, but not who was asked, what was noted, nor how
// many sources there should be, some of which the view may hide.
func openCoverage(u *data.Unit) *data.Unit {
	open := *u
	open.Props = map[string]string{}
	for _, name := range []string{"industry", "district", "vintage", "asked", "received", "verified", "due"} {
		if text, ok := u.Props[name]; ok {
			open.Props[name] = text
		}
	}
	return &open
}
