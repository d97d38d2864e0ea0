package tiles

import (
	"iter"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/index"
	"riskatlas/riskgrid"
)

// zoneMemo keeps what was counted of one view's sets of zones, each from the
// first time that it was asked for. The zero value is ready; safe for concurrent
// use.
type zoneMemo struct {
	mu     sync.Mutex
	tables map[string]*zoneTable // by kind
}

// zoneTable is one set of zones in one view. Immutable but for the levels, which
// are found when first asked for.
type zoneTable struct {
	zoning  *index.Zoning
	bounds  []orb.Bound // by unit
	rows    []zoneRow
	none    map[data.Class]int               // active sources that count in no zone
	several map[data.Class]int               // active sources that count in more than one
	grounds []atomic.Pointer[riskgrid.Patch] // by unit; nil: not looked at yet
}

// zoneRow is the numbers of active sources of one zone, by class.
type zoneRow struct {
	inside  map[data.Class]int // whose label point lies in it
	meeting map[data.Class]int // any part of which lies in it
}

// mostFollowed is how many changes at once a table follows; past them it is made
// anew when it is next asked for.
const mostFollowed = 2000

// zones gives the table of a kind; nil when there are no units of it.
func (v *View) zones(kind string) *zoneTable {
	zoning := v.Zoning(kind)
	if zoning == nil {
		return nil
	}
	v.zoned.mu.Lock()
	defer v.zoned.mu.Unlock()
	t := v.zoned.tables[kind]
	if t == nil {
		t = newZoneTable(zoning)
		for h := range active(v.Snapshot) {
			t.add(h, 1, nil)
		}
		if v.zoned.tables == nil {
			v.zoned.tables = map[string]*zoneTable{}
		}
		v.zoned.tables[kind] = t
	}
	return t
}

func newZoneTable(z *index.Zoning) *zoneTable {
	units := z.Units()
	t := &zoneTable{zoning: z, bounds: make([]orb.Bound, len(units)), rows: make([]zoneRow, len(units)),
		none: map[data.Class]int{}, several: map[data.Class]int{}, grounds: make([]atomic.Pointer[riskgrid.Patch], len(units))}
	for i := range units {
		t.bounds[i] = units[i].Shape.Bound()
		t.rows[i] = zoneRow{map[data.Class]int{}, map[data.Class]int{}}
	}
	return t
}

// add counts a hazard n times. own says which rows are the table's own already
// and not another's; nil: all are.
func (t *zoneTable) add(h *data.Hazard, n int, own map[int]bool) {
	if h = atWork(h); h == nil {
		return
	}
	held := 0
	t.zoning.Of(h, func(i int, holds, meets bool) {
		if own != nil && !own[i] {
			own[i] = true
			t.rows[i] = zoneRow{maps.Clone(t.rows[i].inside), maps.Clone(t.rows[i].meeting)}
		}
		if holds {
			held++
			bump(t.rows[i].inside, h.Class, n)
		}
		if meets {
			bump(t.rows[i].meeting, h.Class, n)
		}
	})
	switch {
	case held == 0:
		bump(t.none, h.Class, n)
	case held > 1:
		bump(t.several, h.Class, n)
	}
}

func bump(counts map[data.Class]int, c data.Class, n int) {
	if counts[c] += n; counts[c] == 0 {
		delete(counts, c)
	}
}

// follow gives the next view what the changes leave of the last one's tables. It
// never waits for a table that is being made.
func (m *zoneMemo) follow(next *View, changes []index.Change, swaps []riskgrid.Swap) *zoneMemo {
	out := &zoneMemo{}
	if len(changes) > mostFollowed || !m.mu.TryLock() {
		return out
	}
	defer m.mu.Unlock()
	for kind, t := range m.tables {
		if next.Zoning(kind) == t.zoning {
			if out.tables == nil {
				out.tables = map[string]*zoneTable{}
			}
			out.tables[kind] = t.after(changes, swaps)
		}
	}
	return out
}

func (t *zoneTable) after(changes []index.Change, swaps []riskgrid.Swap) *zoneTable {
	n := &zoneTable{zoning: t.zoning, bounds: t.bounds, rows: append([]zoneRow(nil), t.rows...),
		none: maps.Clone(t.none), several: maps.Clone(t.several), grounds: make([]atomic.Pointer[riskgrid.Patch], len(t.grounds))}
	own := map[int]bool{}
	for _, c := range changes {
		n.add(c.Old, -1, own)
		n.add(c.New, 1, own)
	}
	for i := range n.grounds {
		if known := t.grounds[i].Load(); known != nil && !touches(t.bounds[i], swaps) {
			n.grounds[i].Store(known)
		}
	}
	return n
}

// ground is what lies on a zone, by the unfiltered field.
func (t *zoneTable) ground(v *View, i int) riskgrid.Patch {
	if known := t.grounds[i].Load(); known != nil {
		return *known
	}
	p := v.Totals.Within(polygons(t.zoning.Units()[i].Shape))
	t.grounds[i].Store(&p)
	return p
}

// byLevel adds up the classes that match.
func byLevel(counts map[data.Class]int, f data.Filter) (n [5]int) {
	for c, k := range counts {
		if f.MatchClass(c) && c.Level <= data.Major {
			n[c.Level] += k
		}
	}
	return n
}

// ZoneNames lists the sets of zones that there are, sorted.
func (v *View) ZoneNames() []string {
	var names []string
	for _, kind := range v.Kinds() {
		if name, ok := data.ZoneName(kind); ok {
			names = append(names, name)
		}
	}
	return names
}

// ZoneCounts is the numbers of active sources of one set of zones, by assessed
// level. Zones may overlap: a source counts in full in each that it lies in.
type ZoneCounts struct {
	Inside  [][5]int // by unit: whose label point lies in it, by the rule of districts
	Meeting [][5]int // by unit: any part of which lies in it, its border included
	None    [5]int   // that count in no zone
	Several [5]int   // that count in more than one
}

// CountZones counts the active sources that match in each zone of a set, which
// must be one of ZoneNames. It costs one look at each class of each zone.
func (v *View) CountZones(name string, f data.Filter) *ZoneCounts {
	t := v.zones(data.ZoneKind(name))
	c := &ZoneCounts{Inside: make([][5]int, len(t.rows)), Meeting: make([][5]int, len(t.rows)),
		None: byLevel(t.none, f), Several: byLevel(t.several, f)}
	for i, r := range t.rows {
		c.Inside[i], c.Meeting[i] = byLevel(r.inside, f), byLevel(r.meeting, f)
	}
	return c
}

// CountInZones is CountZones of any active sources, one by one.
func (v *View) CountInZones(name string, hazards iter.Seq[*data.Hazard]) *ZoneCounts {
	t := newZoneTable(v.Zoning(data.ZoneKind(name)))
	for h := range hazards {
		t.add(h, 1, nil)
	}
	c := &ZoneCounts{None: byLevel(t.none, data.All()), Several: byLevel(t.several, data.All())}
	for _, r := range t.rows {
		c.Inside = append(c.Inside, byLevel(r.inside, data.All()))
		c.Meeting = append(c.Meeting, byLevel(r.meeting, data.All()))
	}
	return c
}

// ZoneSources counts the active sources of one zone of a set, unfiltered.
func (v *View) ZoneSources(name string, unit int) (inside, meeting [5]int) {
	r := v.zones(data.ZoneKind(name)).rows[unit]
	return byLevel(r.inside, data.All()), byLevel(r.meeting, data.All())
}

// ZoneGround is what lies on a zone: its ground and people by level, and what
// they lose, by the unfiltered field. Found when it is first asked for.
func (v *View) ZoneGround(name string, unit int) riskgrid.Patch {
	return v.zones(data.ZoneKind(name)).ground(v, unit)
}

// ZoneLevel is the level of a zone by the district rule, from the unfiltered
// field.
func (v *View) ZoneLevel(name string, unit int) data.Level {
	return v.zones(data.ZoneKind(name)).level(v, unit)
}

func (t *zoneTable) level(v *View, i int) data.Level {
	return v.Judge(t.ground(v, i).Tally, byLevel(t.rows[i].inside, data.All()), riskgrid.InService).Level
}
