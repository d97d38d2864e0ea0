package data

import "context"

// Brief is the part of a record that an answer about many sources shows: who
// runs one, who is responsible, and what controls it.
type Brief struct {
	Rev         Revision // that wrote the record
	Enterprise  string
	Responsible string // personal
	Measures    *Measures
	Shared      bool // the measures are those of another brief too
}

// Briefer is a store that reads briefs for less than whole records.
type Briefer interface {
	// Brief gives the briefs of the ids as the store holds them now; nil where
	// there is no such record. Briefs may share measures: they are not to be
	// changed.
	Brief(ctx context.Context, ids ...ID) ([]*Brief, error)
}

// Brief is the detail's.
func (r *Record) Brief() *Brief {
	return &Brief{Rev: r.Hazard.Rev, Enterprise: r.Detail.Enterprise, Responsible: r.Detail.Responsible, Measures: r.Detail.Measures}
}

// BriefParser reads briefs out of properties that AppendProperties wrote.
// Records with the same measures, as those of one industry often have, share
// them. The zero value is ready; safe for concurrent use.
type BriefParser struct{ seen measuresSeen }
