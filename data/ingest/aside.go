package ingest

import "riskatlas/data"

// quarantine takes an accepted record back, with what it says.
func (b *Batch) quarantine(tax *data.Taxonomy, x *planned, p Problem) error {
	cells, err := cellsOf(tax, x.rec)
	if err != nil {
		return err
	}
	if x.from.byContent {
		cells = cells[1:] // the id was made of the content and names nothing
	} else {
		p.ID = string(x.rec.Hazard.ID)
	}
	r := b.Report
	p.File, p.Line, p.Feature, p.Severity = x.from.file, x.from.line, x.from.feature, Quarantined
	if n := r.Districts[x.from.district]; x.from.located && n > 1 {
		r.Districts[x.from.district] = n - 1
	} else if x.from.located {
		delete(r.Districts, x.from.district)
	}
	r.Accepted--
	r.Quarantined++
	r.add(p)
	r.keep(KeptRow{File: p.File, Line: p.Line, Feature: p.Feature, Severity: Quarantined, Cells: cells})
	return nil
}

// setAside quarantines the accepted rows from the first given one on for one
// reason.
func (b *Batch) setAside(tax *data.Taxonomy, first int, p Problem) error {
	for i := first; i < len(b.Records); i++ {
		if err := b.quarantine(tax, &planned{rec: b.Records[i], from: &b.origins[i]}, p); err != nil {
			return err
		}
	}
	b.Records, b.origins, b.whole = b.Records[:first], b.origins[:first], true
	return nil
}
