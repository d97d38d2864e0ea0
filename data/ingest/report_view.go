package ingest

// WithoutHeld is the report without what the store held before: for a view that
// may not show all of it. What was sent stays, as do all counts.
func (r *Report) WithoutHeld() *Report {
	c := r.clone()
	c.Rows, c.Duplicates, c.Problems = nil, nil, nil
	for _, row := range r.Rows {
		if row.File == "" {
			continue // a record that was not sent
		}
		if row.Match != "" {
			row.Match = "by name and place"
		}
		fields := row.Fields
		row.Fields = nil
		for _, f := range fields {
			f.Before = ""
			row.Fields = append(row.Fields, f)
		}
		c.Rows = append(c.Rows, row)
	}
	for _, p := range r.Problems {
		switch p.Kind {
		case "match_unconfirmed":
			p.Want = "the id of the record that it is, or a new one: --confirm takes the likeliest"
		case "id_of_another":
			p.Want = "an id of the body's own"
		}
		c.Problems = append(c.Problems, p)
	}
	return c
}

// Bytes is about how much memory the report takes.
func (r *Report) Bytes() int64 {
	n := int64(r.keptBytes) + 400*int64(len(r.Problems)+len(r.Rows)+len(r.Duplicates)) + 4096
	for _, row := range r.Rows {
		n += 300 * int64(len(row.Fields))
	}
	return n
}
