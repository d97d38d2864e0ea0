package consequence

import (
	"math"
	"slices"

	"riskatlas/data"
)

// offAxis are the angles off its axis at which a plume's footprint is tabulated,
// degrees: narrow plumes are about 2 degrees wide.
var offAxis = [...]float64{0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 18, 20, 22, 25, 28, 32, 36, 40, 45, 50, 56, 62, 70, 80, 90}

// footprint is the polar table of one plume along a bearing, to a distance.
func (c *cloud) footprint(axis, to float64) (*data.Footprint, error) {
	type turn struct{ bearing, off float64 }
	turns := make([]turn, 0, 2*len(offAxis))
	for _, off := range offAxis {
		turns = append(turns, turn{math.Mod(axis+off, 360), off})
		if off > 0 {
			turns = append(turns, turn{math.Mod(axis-off+360, 360), off})
		}
	}
	slices.SortFunc(turns, func(a, b turn) int {
		if a.bearing < b.bearing {
			return -1
		}
		return 1
	})
	bearings := make([]float64, len(turns))
	for i, t := range turns {
		bearings[i] = t.bearing
	}
	row := func(metres float64) []float64 {
		out := make([]float64, len(turns))
		for i, t := range turns {
			if v := c.kill(metres, t.off); v >= Cut {
				out[i] = v
			}
		}
		return out
	}
	return polar(bearings, row, to, 0, 0.01)
}

// polar makes a polar footprint from rows of lethality by bearing, one for a
// distance, to a distance. Rows are added until straight lines between them are
// within relative of the value or absolute of it, whichever is more.
func polar(bearings []float64, row func(metres float64) []float64, to, relative, absolute float64) (*data.Footprint, error) {
	if !(to > 0) { // nowhere lethal
		return data.NewFootprint(data.Footprint{Kind: data.Step})
	}
	p := rows{row: row, relative: relative, absolute: absolute}
	start := min(1, to)
	first := row(start)
	p.metres, p.values = []float64{0}, [][]float64{first} // nearer than 1 m counts as 1 m
	if to > start {
		p.metres, p.values = append(p.metres, start), append(p.values, first)
	}
	a, va := start, first
	for b := a * 2; a < to; b *= 2 {
		b = min(b, to)
		vb := row(b)
		p.between(a, b, va, vb, 5)
		a, va = b, vb
	}
	if to <= start {
		p.metres, p.values = append(p.metres, to), append(p.values, first)
	}
	flat := make([]float64, 0, len(bearings)*len(p.metres))
	for i := range bearings {
		for _, v := range p.values {
			flat = append(flat, round(v[i]))
		}
	}
	return data.NewFootprint(data.Footprint{Kind: data.Polar, Metres: p.metres, Bearings: bearings, Lethality: flat})
}

// round keeps seven places, so that records stay short: with frequencies of at
// most 1e-2 that is 1e-9 per year.
func round(v float64) float64 { return math.Round(clamp(v)*1e7) / 1e7 }

type rows struct {
	row                func(float64) []float64
	relative, absolute float64
	metres             []float64
	values             [][]float64
}

func (p *rows) between(a, b float64, va, vb []float64, depth int) {
	if depth > 0 {
		middle := (a + b) / 2
		vm := p.row(middle)
		if p.bent(va, vm, vb) {
			p.between(a, middle, va, vm, depth-1)
			p.between(middle, b, vm, vb, depth-1)
			return
		}
	}
	p.metres, p.values = append(p.metres, b), append(p.values, vb)
}

func (p *rows) bent(va, vm, vb []float64) bool {
	for i := range vm {
		if math.Abs((va[i]+vb[i])/2-vm[i]) > max(p.relative*vm[i], p.absolute) {
			return true
		}
	}
	return false
}
