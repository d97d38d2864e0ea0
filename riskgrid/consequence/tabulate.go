package consequence

import (
	"math"

	"riskatlas/data"
)

// tableError bounds how far a table's straight lines may be from the lethality.
const tableError = 2e-5

// tabulate makes a table footprint of a lethality that does not rise between
// two distances: 1 up to from, v from there to the distance to, 0 past it. Its
// straight pieces are within tableError of v.
func tabulate(v func(metres float64) float64, from, to float64) (*data.Footprint, error) {
	if !(to > from) { // the whole footprint is the ground where it is 1
		return data.NewFootprint(data.Footprint{Kind: data.Step, V0: 1, R1: from, R2: from})
	}
	t := table{v: v}
	t.add(0, 1)
	if from > 0 {
		t.add(from, 1)
	}
	start := clamp(v(math.Nextafter(from, to)))
	if start < 1 {
		t.add(from, start) // a jump: the inner value holds at the joint
	}
	// Even pieces first: a bisection alone could take a bend for a straight.
	const pieces = 16
	a, va := from, start
	for i := 1; i <= pieces; i++ {
		b := from + (to-from)*float64(i)/pieces
		if i == pieces {
			b = to
		}
		vb := clamp(v(b))
		t.between(a, b, va, vb, 8)
		a, va = b, vb
	}
	return data.NewFootprint(data.Footprint{Kind: data.Table, Metres: t.metres, Lethality: t.lethality})
}

type table struct {
	v                 func(float64) float64
	metres, lethality []float64
}

// add never rises: where the pieces of a fit do not quite meet, the less holds.
func (t *table) add(metres, lethality float64) {
	if n := len(t.lethality); n > 0 {
		lethality = min(lethality, t.lethality[n-1])
	}
	t.metres, t.lethality = append(t.metres, metres), append(t.lethality, lethality)
}

// between adds what lies after a, to b.
func (t *table) between(a, b, va, vb float64, depth int) {
	bent := false
	for _, part := range []float64{0.25, 0.5, 0.75} {
		straight := va + part*(vb-va)
		bent = bent || math.Abs(clamp(t.v(a+part*(b-a)))-straight) > tableError
	}
	if bent && depth > 0 {
		middle := (a + b) / 2
		vm := clamp(t.v(middle))
		t.between(a, middle, va, vm, depth-1)
		t.between(middle, b, vm, vb, depth-1)
		return
	}
	t.add(b, vb)
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
