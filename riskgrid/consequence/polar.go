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

// candidates is the number of distances from which a polar table's are chosen;
// they crowd near the source: the last two are 1.6 % of the reach apart.
const candidates = 128

// polar makes a polar footprint from rows of lethality by bearing, one for a
// distance, to a distance. Its rows are the fewest of the candidates between which
// straight lines pass the left-out ones within relative of the value or absolute
// of it, whichever is more.
func polar(bearings []float64, row func(metres float64) []float64, to, relative, absolute float64) (*data.Footprint, error) {
	if !(to > 0) { // nowhere lethal
		return data.NewFootprint(data.Footprint{Kind: data.Step})
	}
	metres, rows := make([]float64, candidates+1), make([][]float64, candidates+1)
	for i := range rows {
		part := float64(i) / candidates
		metres[i] = to * part * part
		rows[i] = row(metres[i])
	}
	kept := thin(metres, rows, relative, absolute)
	f := data.Footprint{Kind: data.Polar, Bearings: bearings}
	for _, k := range kept {
		f.Metres = append(f.Metres, metres[k])
	}
	for i := range bearings {
		for _, k := range kept {
			f.Lethality = append(f.Lethality, round(rows[k][i]))
		}
	}
	return data.NewFootprint(f)
}

// thin chooses the rows to keep: each as far from the last as a straight line
// between the two passes all between them. The first and the last are kept.
func thin(metres []float64, rows [][]float64, relative, absolute float64) []int {
	kept, end := []int{0}, len(rows)-1
	for at := 0; at < end; at = kept[len(kept)-1] {
		next := at + 1
		for next < end && straight(metres[at:next+2], rows[at:next+2], relative, absolute) {
			next++
		}
		kept = append(kept, next)
	}
	return kept
}

// straight reports whether the line from the first to the last row passes those
// between.
func straight(metres []float64, rows [][]float64, relative, absolute float64) bool {
	end := len(rows) - 1
	for j := 1; j < end; j++ {
		t := (metres[j] - metres[0]) / (metres[end] - metres[0])
		for i, v := range rows[j] {
			if math.Abs(rows[0][i]+t*(rows[end][i]-rows[0][i])-v) > max(relative*v, absolute) {
				return false
			}
		}
	}
	return true
}

// round keeps seven places, so that records stay short: with frequencies of at
// most 1e-2 that is 1e-9 per year.
func round(v float64) float64 { return math.Round(clamp(v)*1e7) / 1e7 }
