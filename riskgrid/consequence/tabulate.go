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
// straight pieces are within tableError of v. At the joints, rising distances, v
// may step down: the table steps there too.
func tabulate(v func(metres float64) float64, from, to float64, joints ...float64) (*data.Footprint, error) {
	if !(to > from) { // the whole footprint is the ground where it is 1
		return data.NewFootprint(data.Footprint{Kind: data.Step, V0: 1, R1: from, R2: from})
	}
	t := table{f: data.Footprint{Kind: data.Table, Metres: []float64{0}, Lethality: []float64{1}}, least: 1}
	if from > 0 { // the inner value holds at the joint
		t.f.Metres, t.f.Lethality = append(t.f.Metres, from), append(t.f.Lethality, 1)
	}
	t.add(from, v(math.Nextafter(from, to)))
	for i := 1; i <= pieces; i++ {
		x := to
		if i < pieces {
			x = math.Round((from+(to-from)*float64(i)/pieces)*1e3) / 1e3 // whole millimetres keep records short
		}
		for len(joints) > 0 && joints[0] < x {
			if j := joints[0]; j > from {
				t.add(j, v(j*(1-besideJoint)))
				t.end()
				t.add(j, v(j*(1+besideJoint)))
			}
			joints = joints[1:]
		}
		if i == pieces || x > t.metres[len(t.metres)-1] && x < to {
			t.add(x, v(x))
		}
	}
	t.end()
	return data.NewFootprint(t.f)
}

// besideJoint is how near a joint, as a part of it, the values at its sides are
// taken.
const besideJoint = 1e-12

// table is a table footprint in the making.
type table struct {
	f      data.Footprint
	metres []float64 // of the piece without a step that is being added
	rows   [][]float64
	least  float64
}

// add adds a point. Where a lethality rises all the same, as where the pieces of
// a fit do not quite meet, the less holds.
func (t *table) add(metres, lethality float64) {
	t.least = min(t.least, clamp(lethality))
	t.metres, t.rows = append(t.metres, metres), append(t.rows, []float64{t.least})
}

// end puts what was added into the footprint, without the points that lie on the
// lines between others.
func (t *table) end() {
	for _, k := range thin(t.metres, t.rows, 0, tableError) {
		metres, lethality, last := t.metres[k], round(t.rows[k][0]), len(t.f.Metres)-1
		if metres == t.f.Metres[last] && lethality == t.f.Lethality[last] && len(t.f.Metres) > 2 {
			continue // a joint without a step
		}
		t.f.Metres, t.f.Lethality = append(t.f.Metres, metres), append(t.f.Lethality, lethality)
	}
	t.metres, t.rows = t.metres[:0], t.rows[:0]
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
