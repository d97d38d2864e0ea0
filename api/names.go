package api

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"riskatlas/data"
	"riskatlas/tiles"
)

// names is what a revision's sources, districts and places are called, folded
// for searching, with the bodies that answer for sources. Immutable.
type names struct {
	revision   data.Revision
	hazards    []namedHazard // by id
	units      []namedUnit
	regulators []string // sorted
}

// namedHazard is a source and its name, English name and id, folded, with a
// zero byte before each.
type namedHazard struct {
	hazard *data.Hazard
	text   string
}

// namedUnit is a district or place likewise.
type namedUnit struct {
	unit    *data.Unit
	vintage string // of a district; "" for a place
	text    string
}

// nameCache holds the names of the newest revision that was asked for.
type nameCache struct {
	newest atomic.Pointer[names]
	making sync.Mutex
}

// of gives the view's names. The first to ask after a change makes them, from
// those before: only what changed is folded again.
func (c *nameCache) of(v *tiles.View) *names {
	if v.Partial() { // its names are not the revision's
		return makeNames(v, c.newest.Load())
	}
	if base := v.Base(); base != nil {
		return makeNames(v, c.of(base)) // nobody else's
	}
	if n := c.newest.Load(); n != nil && n.revision == v.Revision() {
		return n
	}
	c.making.Lock()
	defer c.making.Unlock()
	before := c.newest.Load()
	if before != nil && before.revision == v.Revision() {
		return before
	}
	n := makeNames(v, before)
	if before == nil || before.revision < n.revision {
		c.newest.Store(n) // a request that is late with an old view does not turn the cache back
	}
	return n
}

func makeNames(v *tiles.View, before *names) *names {
	n := &names{revision: v.Revision(), hazards: make([]namedHazard, 0, v.Len())}
	var old []namedHazard
	if before != nil {
		old = before.hazards
	}
	bodies := map[string]bool{}
	for h := range v.All(data.All(), "") {
		for len(old) > 0 && old[0].hazard.ID < h.ID {
			old = old[1:]
		}
		if len(old) > 0 && old[0].hazard == h {
			n.hazards = append(n.hazards, old[0])
		} else {
			n.hazards = append(n.hazards, namedHazard{h, folded(h.Name, h.NameEn, string(h.ID))})
		}
		bodies[h.Regulator] = true
	}
	tax := v.City.Taxonomy
	for _, in := range tax.Industries {
		bodies[in.Regulator], bodies[in.Assistant] = true, true
	}
	delete(bodies, "")
	for body := range bodies {
		n.regulators = append(n.regulators, body)
	}
	slices.Sort(n.regulators)
	for i := range tax.Vintages {
		n.addUnits(v.Units(data.DistrictKind(tax.Vintages[i].Name)), tax.Vintages[i].Name)
	}
	n.addUnits(v.Units(data.PlaceKind), "")
	return n
}

func (n *names) addUnits(units []data.Unit, vintage string) {
	for i := range units {
		u := &units[i]
		n.units = append(n.units, namedUnit{u, vintage, folded(u.Name, u.NameEn, u.Code)})
	}
}

func folded(words ...string) string {
	var b strings.Builder
	for _, w := range words {
		if w != "" {
			b.WriteByte(0)
			b.WriteString(fold(w))
		}
	}
	return b.String()
}

// fold makes spellings equal that differ in case or width alone.
func fold(s string) string { return cases.Fold().String(norm.NFKC.String(s)) }

// regulators gives the test that a list of bodies asks for. A body that nobody
// in the city answers to is refused.
func (s *Server) regulators(v *tiles.View, list []string) (func(string) bool, error) {
	if len(list) == 0 {
		return func(string) bool { return true }, nil
	}
	if v.Partial() {
		// A body of the city that has no source in the part is no mistake.
		v = s.opts.View()
	}
	known := s.names.of(v).regulators
	for _, body := range list {
		if _, ok := slices.BinarySearch(known, body); !ok {
			return nil, badValue("regulator", body, "one of", known...)
		}
	}
	return func(body string) bool { return slices.Contains(list, body) }, nil
}
