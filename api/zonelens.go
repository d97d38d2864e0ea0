package api

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/index"
	"riskatlas/tiles"
)

// zoneOf is one named zone of a view.
type zoneOf struct {
	set    string
	unit   int
	bound  orb.Bound
	zoning *index.Zoning
}

func (z *zoneOf) code() string { return z.zoning.Units()[z.unit].Code }

// zonesOf reads a list of SET:CODE: sorted, each once.
func zonesOf(v *tiles.View, list []string) ([]zoneOf, error) {
	var out []zoneOf
	for _, text := range list {
		z, err := findZone(v, text)
		if err != nil {
			return nil, err
		}
		out = append(out, z)
	}
	slices.SortFunc(out, func(a, b zoneOf) int {
		if a.set != b.set {
			return strings.Compare(a.set, b.set)
		}
		return a.unit - b.unit
	})
	return slices.CompactFunc(out, func(a, b zoneOf) bool { return a.set == b.set && a.unit == b.unit }), nil
}

// findZone finds a zone by SET:CODE. A set's name may have a colon in it too:
// of several readings the one with the longest name of a set counts.
func findZone(v *tiles.View, text string) (zoneOf, error) {
	names := v.ZoneNames()
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) })
	within := ""
	for _, name := range names {
		code, ok := strings.CutPrefix(text, name+":")
		if !ok {
			continue
		}
		zoning := v.Zoning(data.ZoneKind(name))
		units := zoning.Units()
		at, found := slices.BinarySearchFunc(units, code, func(u data.Unit, code string) int { return strings.Compare(u.Code, code) })
		if found {
			return zoneOf{name, at, units[at].Shape.Bound(), zoning}, nil
		}
		within = name
	}
	switch {
	case len(names) == 0:
		return zoneOf{}, badValue("zone", text, "none: this city has no zones")
	case within == "":
		slices.Sort(names)
		for i := range names {
			names[i] += ":CODE"
		}
		return zoneOf{}, badValue("zone", text, "SET:CODE, the set one of", capped(names)...)
	}
	var codes []string
	for _, u := range v.Units(data.ZoneKind(within)) {
		codes = append(codes, within+":"+u.Code)
	}
	return zoneOf{}, badValue("zone", text, "a code of set "+within+", one of", capped(codes)...)
}

// capped keeps a list of what is allowed readable.
func capped(list []string) []string {
	const most = 40
	if len(list) <= most {
		return list
	}
	return append(list[:most:most], fmt.Sprintf("and %d more", len(list)-most))
}

// inZones gives the view of the sources in any of the zones: the view itself
// when none are named.
func (s *Server) inZones(v *tiles.View, list []string) (*tiles.View, error) {
	if len(list) == 0 {
		return v, nil
	}
	zones, err := zonesOf(v, list)
	if err != nil {
		return nil, err
	}
	hold := func() (release func(), err error) { return s.hold(context.Background()) }
	if _, past := v.Past(); past {
		return s.pastParts.of(v, zones, hold)
	}
	base := v.Base()
	if base == nil {
		return s.parts.of(v, zones, hold)
	}
	// The city's first: that of the what-if is made of it by what differs.
	city, err := s.parts.of(base, zones, hold)
	if err != nil {
		return nil, err
	}
	part, err := s.parts.of(v, zones, hold)
	if err != nil {
		return nil, err
	}
	return part.Against(city), nil
}

// The bounds of what is kept of views of zones.
const (
	mostParts      = 12
	mostPartBlocks = 6000 // z14 tiles of ground with risk, 52 kB each: 310 MB
)

// partCache keeps the views of the zones that were asked for last. The zero
// value is ready; safe for concurrent use.
type partCache struct {
	alone bool // no part is made of another

	mu   sync.Mutex
	kept []*zonePart // the last asked for first
}

// zonePart is the view of some zones: of base, or of a base that the city has
// left behind. That one is shown no more, and is kept because the next is made of
// it by what has changed.
type zonePart struct {
	base  *tiles.View // nil: left behind
	zones string
	ready chan struct{} // closed when view or err is set
	view  *tiles.View
	err   error
}

// of gives the view of the zones, from what is kept or made by one caller while
// the others wait. hold bounds how many are made at once.
func (c *partCache) of(base *tiles.View, zones []zoneOf, hold func() (func(), error)) (*tiles.View, error) {
	name := ""
	for i := range zones {
		name += zones[i].set + "\x00" + zones[i].code() + "\x00"
	}
	p, last, mine := c.take(base, name)
	if !mine {
		<-p.ready
		return p.view, p.err
	}
	p.err = tiles.ErrBusy // should the making end in a panic
	defer func() {
		close(p.ready)
		c.settle(p, base)
	}()
	release, err := hold()
	if err != nil {
		p.err = err
		return nil, err
	}
	defer release()
	p.view, p.err = base.Part(last, keeping(zones)), nil
	return p.view, nil
}

// take finds a part, or puts a new one in its place that the caller is to make
// (mine) of the last one of its zones, nil when there is none.
func (c *partCache) take(base *tiles.View, name string) (p *zonePart, last *tiles.View, mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, k := range c.kept {
		if k.zones == name && k.base == base {
			copy(c.kept[1:i+1], c.kept[:i])
			c.kept[0] = k
			return k, nil, false
		}
	}
	for _, k := range c.kept {
		if k.zones == name && k.done() && !c.alone {
			last = k.view
			break
		}
	}
	p = &zonePart{base: base, zones: name, ready: make(chan struct{})}
	c.kept = slices.Insert(c.kept, 0, p)
	return p, last, true
}

// settle drops what the part replaces and what is too much, and lets go of bases
// of other revisions.
func (c *partCache) settle(made *zonePart, base *tiles.View) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range c.kept {
		if k.base != nil && k.done() && k.base.Revision() < base.Revision() && !c.alone {
			k.base = nil
		}
	}
	blocks, n := 0, 0
	c.kept = slices.DeleteFunc(c.kept, func(k *zonePart) bool {
		if !k.done() {
			n++
			return false
		}
		if k.err != nil || k != made && k.base == nil && k.zones == made.zones {
			return true
		}
		more := k.view.Blocks()
		if n > 0 && (n >= mostParts || blocks+more > mostPartBlocks) {
			return true
		}
		n, blocks = n+1, blocks+more
		return false
	})
}

func (p *zonePart) done() bool {
	select {
	case <-p.ready:
		return true
	default:
		return false
	}
}

// keeping is the test for a source in any of the zones.
func keeping(zones []zoneOf) func(*data.Hazard) bool {
	return func(h *data.Hazard) bool {
		at := h.Label()
		for i := range zones {
			if z := &zones[i]; z.bound.Contains(at) && z.zoning.Holds(z.unit, at) {
				return true
			}
		}
		return false
	}
}
