package ingest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"

	"riskatlas/data"
)

// pair is a row and a record of the body that may be one.
type pair struct {
	row    int
	held   *holding
	metres float64
	like   float64 // of the names; 1: equal
}

// matching pairs rows without ids with records that no row claims by id.
type matching struct {
	pairs    []pair
	of       map[int]pair // the row's record, decided
	doubtful map[int][]pair
	taken    map[*holding]bool
}

// match decides which rows are which records by name and place. A row is sure
// where exactly one free record has its name within MatchMetres, and that record
// no other row. What else lies as near, with the same name or in the same
// industry with one alike, is a doubt; confirm takes the likeliest pairs first.
func match(records []*data.Record, rows []int, free []*holding, confirm bool) *matching {
	m := &matching{of: map[int]pair{}, doubtful: map[int][]pair{}, taken: map[*holding]bool{}}
	m.pairs = near(records, rows, free)
	exact, claims := map[int]int{}, map[*holding]int{}
	for _, p := range m.pairs {
		if p.like == 1 {
			exact[p.row]++
			claims[p.held]++
		}
	}
	for _, p := range m.pairs {
		if p.like == 1 && exact[p.row] == 1 && claims[p.held] == 1 {
			m.decide(p)
		}
	}
	slices.SortStableFunc(m.pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.like, a.like), cmp.Compare(a.metres, b.metres), cmp.Compare(a.row, b.row), cmp.Compare(a.held.id, b.held.id))
	})
	for _, p := range m.pairs {
		if _, decided := m.of[p.row]; decided || m.taken[p.held] {
			continue
		}
		if confirm {
			m.decide(p)
		} else {
			m.doubtful[p.row] = append(m.doubtful[p.row], p)
		}
	}
	return m
}

func (m *matching) decide(p pair) {
	m.of[p.row], m.taken[p.held] = p, true
}

// near lists the pairs within MatchMetres whose names are equal, or alike in one
// industry.
func near(records []*data.Record, rows []int, free []*holding) []pair {
	if len(rows) == 0 || len(free) == 0 {
		return nil
	}
	var tree rtree.RTreeG[*holding]
	for _, h := range free {
		tree.Insert(h.place, h.place, h)
	}
	var out []pair
	for _, row := range rows {
		h := records[row].Hazard
		name, place := plainName(h.Name), h.Label()
		box := data.PadMetres(orb.Bound{Min: place, Max: place}, MatchMetres)
		tree.Search(box.Min, box.Max, func(_, _ [2]float64, held *holding) bool {
			like := likeness(name, held.name)
			d := data.Distance(place, held.place)
			if d <= MatchMetres && (like == 1 || like >= alike && held.industry == h.Industry) {
				out = append(out, pair{row, held, d, like})
			}
			return true
		})
	}
	return out
}

// String names the record of a pair for the one who is to decide.
func (p pair) String() string {
	return fmt.Sprintf("%s (%s, %.0f m)", p.held.id, p.held.shown, p.metres)
}

// doubt says what would decide which record a row is.
func doubt(pairs []pair) string {
	const most = 5
	names := make([]string, 0, most)
	for _, p := range pairs[:min(len(pairs), most)] {
		names = append(names, p.String())
	}
	more := ""
	if n := len(pairs) - most; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return "the id of the record that it is, or a new one; it may be " + strings.Join(names, ", ") + more + ": --confirm takes the likeliest"
}
