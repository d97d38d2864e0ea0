package data

import "math/bits"

// CoverageTable is what is known of the survey, prepared for questions: for each
// district of the default vintage a set of the industries that are done, so that
// a filter's answer is a mask test. A nil table is that of a city that keeps none:
// nothing is recorded of it. Immutable, safe for concurrent use.
type CoverageTable struct {
	tax   *Taxonomy
	first District
	rows  []Coverage // in the order of their units
	done  []Set      // by district, from first
	days  [][]Date   // by district, then industry, of what is done; 0: without a date
	wrong int
}

// NewCoverageTable makes the table of units of CoverageKind; nil of none. A unit
// that cannot be read is counted and else not looked at, as if nobody had written
// it: what is not known to be done is not done.
func NewCoverageTable(t *Taxonomy, units []Unit) *CoverageTable {
	if len(units) == 0 {
		return nil
	}
	v := &t.Vintages[t.Default]
	n := len(v.Districts)
	c := &CoverageTable{tax: t, first: v.First, rows: make([]Coverage, 0, len(units)), done: make([]Set, n), days: make([][]Date, n)}
	for d := range c.days {
		c.days[d] = make([]Date, len(t.Industries))
	}
	for i := range units {
		row, err := t.ParseCoverage(&units[i])
		if err != nil {
			c.wrong++
			continue
		}
		c.rows = append(c.rows, row)
		if row.Status.Done() {
			d := row.District - c.first
			c.done[d] |= 1 << row.Industry
			c.days[d][row.Industry] = row.AsOf()
		}
	}
	return c
}

// Rows are the rows that there are, by code; shared and not to be changed.
func (c *CoverageTable) Rows() []Coverage {
	if c == nil {
		return nil
	}
	return c.rows
}

// Wrong is the number of units that could not be read.
func (c *CoverageTable) Wrong() int {
	if c == nil {
		return 0
	}
	return c.wrong
}

// Done is the set of industries that are done in a district of the default
// vintage; empty for any other position.
func (c *CoverageTable) Done(d District) Set {
	if c == nil || d < c.first || int(d-c.first) >= len(c.done) {
		return 0
	}
	return c.done[d-c.first]
}

// Asked is the set of industries of the taxonomy that a filter asks for.
func (t *Taxonomy) Asked(f Filter) Set { return f.Industries & lowBits(len(t.Industries)) }

// Codes are the codes of a set of industries, in the taxonomy's order.
func (t *Taxonomy) Codes(s Set) []string {
	codes := make([]string, 0, s.Len())
	for i := range t.Industries {
		if s.Has(uint8(i)) {
			codes = append(codes, t.Industries[i].Code)
		}
	}
	return codes
}

// Oldest is the oldest date of what is done of the industries in a district; dated
// is false where one of them has no date.
func (c *CoverageTable) Oldest(d District, industries Set) (oldest Date, dated bool) {
	dated = true
	for rest := c.Done(d) & industries; rest != 0; rest &= rest - 1 {
		day := c.days[d-c.first][bits.TrailingZeros64(uint64(rest))]
		switch {
		case day == 0:
			dated = false
		case oldest == 0 || day < oldest:
			oldest = day
		}
	}
	return oldest, dated
}

// Len is the number of industries in the set.
func (s Set) Len() int { return bits.OnesCount64(uint64(s)) }
