package ingest

import (
	"fmt"

	"riskatlas/data"
	"riskatlas/data/datum"
)

// drift watches how far records move that the store holds already: where most of
// them move by what another datum differs, that is the datum of the file.
type drift struct {
	met int                 // records that the store holds
	by  map[datum.Datum]int // of them, those that moved as far
}

// driftMetres is how exactly a record has to move by the difference.
const driftMetres = 20

func (d *drift) look(held, made *data.Hazard) {
	d.met++
	was, is := held.Label(), made.Label()
	if data.Distance(was, is) <= driftMetres {
		return
	}
	for _, other := range []datum.Datum{datum.GCJ02, datum.BD09} {
		if data.Distance(other.FromWGS84(was), is) <= driftMetres {
			if d.by == nil {
				d.by = map[datum.Datum]int{}
			}
			d.by[other]++
		}
	}
}

// suspect gives the problem of every row where the records drift together.
func (d *drift) suspect() *Problem {
	for _, other := range []datum.Datum{datum.GCJ02, datum.BD09} {
		if n := d.by[other]; n >= suspectLeast && float64(n) > suspectShare*float64(d.met) {
			return &Problem{Kind: "datum_wrong", Field: "datum", Value: datum.WGS84.String(),
				Want: fmt.Sprintf("another datum; the file looks like %[1]s: %[2]d of the %[3]d records that the store holds would move by just what %[1]s differs; use --datum %[1]s, or --datum %[4]s if it is right",
					other, n, d.met, datum.WGS84)}
		}
	}
	return nil
}
