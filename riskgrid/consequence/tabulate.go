package consequence

import (
	"math"

	"riskatlas/data"
)

// tableError bounds how far a table's straight lines may be from the lethality.
const tableError = 2e-5

// pieces is the number of distances from which a radial table's are chosen.
const pieces = 1000

// tabulate makes a table footprint of a lethality that does not rise between
// two distances: 1 up to from, v from there to the distance to, 0 past it. Its
// straight pieces are within tableError of v.
func tabulate(v func(metres float64) float64, from, to float64) (*data.Footprint, error) {
	if !(to > from) { // the whole footprint is the ground where it is 1
		return data.NewFootprint(data.Footprint{Kind: data.Step, V0: 1, R1: from, R2: from})
	}
	metres, rows := make([]float64, 0, pieces+1), make([][]float64, 0, pieces+1)
	least := 1.0
	for i := range pieces + 1 {
		x := from + (to-from)*float64(i)/pieces
		switch i {
		case 0:
			x = from
			least = clamp(v(math.Nextafter(from, to)))
		case pieces:
			x = to
			least = min(least, clamp(v(x)))
		default:
			x = math.Round(x*1e3) / 1e3 // whole millimetres keep records short
			if x <= metres[len(metres)-1] || x >= to {
				continue
			}
			// Where the pieces of a fit do not quite meet, the less holds.
			least = min(least, clamp(v(x)))
		}
		metres, rows = append(metres, x), append(rows, []float64{least})
	}
	f := data.Footprint{Kind: data.Table, Metres: []float64{0}, Lethality: []float64{1}}
	if from > 0 { // the inner value holds at the joint
		f.Metres, f.Lethality = append(f.Metres, from), append(f.Lethality, 1)
	}
	for _, k := range thin(metres, rows, 0, tableError) {
		f.Metres, f.Lethality = append(f.Metres, metres[k]), append(f.Lethality, round(rows[k][0]))
	}
	return data.NewFootprint(f)
}

func clamp(v float64) float64 { return min(max(v, 0), 1) }

// last is the furthest x in [lo, hi] at which a function that falls over [lo, hi]
// is at least value; false if it is less at lo.
func last(f func(float64) float64, lo, hi, value float64) (float64, bool) {
	switch {
	case f(lo) < value:
		return 0, false
	case f(hi) >= value:
		return hi, true
	}
	for range 100 {
		middle := (lo + hi) / 2
		if middle == lo || middle == hi {
			break
		}
		if f(middle) >= value {
			lo = middle
		} else {
			hi = middle
		}
	}
	return lo, true
}
