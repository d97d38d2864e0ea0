package data

import (
	"encoding/csv"
	"io"
	"strconv"
)

// CoverageColumns are the columns of the table of coverage as a CSV file; all but
// the names are read back.
var CoverageColumns = []string{"industry", "industry_name", "district", "district_name", "status", "expected", "found", "body", "asked", "received",
	"verified", "due", "note"}

// WriteCoverage writes rows as RFC 4180 text with CoverageColumns. found gives the
// number of active sources of a pair; false leaves it out. text makes a text safe
// for spreadsheets.
func (t *Taxonomy) WriteCoverage(w io.Writer, rows []Coverage, found func(Industry, District) (int, bool), text func(string) string) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(CoverageColumns); err != nil {
		return err
	}
	for i := range rows {
		c := &rows[i]
		_, district, _ := t.DistrictInfo(c.District)
		expected, count := "", ""
		if c.Expected != nil {
			expected = strconv.Itoa(*c.Expected)
		}
		if n, ok := found(c.Industry, c.District); ok {
			count = strconv.Itoa(n)
		}
		in := &t.Industries[c.Industry]
		if err := out.Write([]string{in.Code, in.Name, district.Code, district.Name, c.Status.String(), expected, count, text(c.Body), c.Asked.String(),
			c.Received.String(), c.Verified.String(), c.Due.String(), text(c.Note)}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// AllPairs gives a row for every industry and every district of the default
// vintage, in the taxonomy's order: those of the table, and bare ones for the
// others.
func (c *CoverageTable) AllPairs(t *Taxonomy) []Coverage {
	v := &t.Vintages[t.Default]
	known := map[[2]int]*Coverage{}
	rows := c.Rows()
	for i := range rows {
		known[[2]int{int(rows[i].Industry), int(rows[i].District)}] = &rows[i]
	}
	out := make([]Coverage, 0, len(t.Industries)*len(v.Districts))
	for in := range t.Industries {
		for d := v.First; d < v.Outside(); d++ {
			if row := known[[2]int{in, int(d)}]; row != nil {
				out = append(out, *row)
				continue
			}
			out = append(out, Coverage{Industry: Industry(in), District: d})
		}
	}
	return out
}
