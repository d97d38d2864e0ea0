package tiles

import (
	"iter"
	"maps"
	"slices"
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
	none    census                           // active sources that count in no zone
	several census                           // active sources that count in more than one
	grounds []atomic.Pointer[riskgrid.Tally] // by unit; nil: not looked at yet
	patches []atomic.Pointer[riskgrid.Patch] // likewise, with what it costs
}

// zoneRow is the numbers of active sources of one zone, by class.
type zoneRow struct {
	inside  census // whose label point lies in it
	meeting census // any part of which lies in it
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
			t.add(h, 1)
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
		grounds: make([]atomic.Pointer[riskgrid.Tally], len(units)), patches: make([]atomic.Pointer[riskgrid.Patch], len(units))}
	for i := range units {
		t.bounds[i] = units[i].Shape.Bound()
	}
	return t
}

// add counts a hazard n times.
func (t *zoneTable) add(h *data.Hazard, n int) {
	if h = atWork(h); h == nil {
		return
	}
	held := 0
	t.zoning.Of(h, func(i int, holds, meets bool) {
		if holds {
			held++
			t.rows[i].inside.add(h.Class, n)
		}
		if meets {
			t.rows[i].meeting.add(h.Class, n)
		}
	})
	switch {
	case held == 0:
		t.none.add(h.Class, n)
	case held > 1:
		t.several.add(h.Class, n)
	}
}

// follow gives the next view what the changes leave of the last one's tables. It
// never waits for a table that is being made.
func (m *zoneMemo) follow(next *View, changes []index.Change, swaps []riskgrid.Swap) *zoneMemo {
	out := &zoneMemo{}
	if len(changes) > mostFollowed || !m.mu.TryLock() {
		return out
	}
	tables := maps.Clone(m.tables)
	m.mu.Unlock()
	for kind, t := range tables {
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
	n := &zoneTable{zoning: t.zoning, bounds: t.bounds, rows: slices.Clone(t.rows), none: t.none, several: t.several,
		grounds: make([]atomic.Pointer[riskgrid.Tally], len(t.rows)), patches: make([]atomic.Pointer[riskgrid.Patch], len(t.rows))}
	n.none.share()
	n.several.share()
	for i := range n.rows {
		n.rows[i].inside.share()
		n.rows[i].meeting.share()
	}
	for _, c := range changes {
		n.add(c.Old, -1)
		n.add(c.New, 1)
	}
	for i := range n.rows {
		if touches(t.bounds[i], swaps) {
			continue
		}
		n.grounds[i].Store(t.grounds[i].Load())
		n.patches[i].Store(t.patches[i].Load())
	}
	return n
}

// ground is what lies on a zone but for what it costs, by the unfiltered field.
func (t *zoneTable) ground(v *View, i int) *riskgrid.Tally {
	if known := t.grounds[i].Load(); known != nil {
		return known
	}
	g := v.Totals.GroundWithin(polygons(t.zoning.Units()[i].Shape))
	t.grounds[i].Store(&g)
	return &g
}

// patch is what lies on a zone, by the unfiltered field.
func (t *zoneTable) patch(v *View, i int) riskgrid.Patch {
	if known := t.patches[i].Load(); known != nil {
		return *known
	}
	p := v.Totals.Within(polygons(t.zoning.Units()[i].Shape))
	t.patches[i].Store(&p)
	t.grounds[i].Store(&p.Tally)
	return p
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
		None: t.none.byLevel(f), Several: t.several.byLevel(f)}
	for i, r := range t.rows {
		c.Inside[i], c.Meeting[i] = r.inside.byLevel(f), r.meeting.byLevel(f)
	}
	return c
}

// CountInZones is CountZones of any active sources, one by one.
func (v *View) CountInZones(name string, hazards iter.Seq[*data.Hazard]) *ZoneCounts {
	t := newZoneTable(v.Zoning(data.ZoneKind(name)))
	for h := range hazards {
		t.add(h, 1)
	}
	c := &ZoneCounts{None: t.none.byLevel(data.All()), Several: t.several.byLevel(data.All())}
	for _, r := range t.rows {
		c.Inside = append(c.Inside, r.inside.byLevel(data.All()))
		c.Meeting = append(c.Meeting, r.meeting.byLevel(data.All()))
	}
	return c
}

// ZoneSources counts the active sources of one zone of a set, unfiltered.
func (v *View) ZoneSources(name string, unit int) (inside, meeting [5]int) {
	r := v.zones(data.ZoneKind(name)).rows[unit]
	return r.inside.byLevel(data.All()), r.meeting.byLevel(data.All())
}

// ZoneGround is what lies on a zone: its ground and people by level, and what
// they lose, by the unfiltered field. Found when it is first asked for; it waits
// for the losses.
func (v *View) ZoneGround(name string, unit int) riskgrid.Patch {
	return v.zones(data.ZoneKind(name)).patch(v, unit)
}

// ZoneLevel is the level of a zone by the district rule, from the unfiltered
// field.
func (v *View) ZoneLevel(name string, unit int) data.Level {
	return v.zones(data.ZoneKind(name)).level(v, unit)
}

func (t *zoneTable) level(v *View, i int) data.Level {
	return v.Judge(*t.ground(v, i), t.rows[i].inside.byLevel(data.All()), riskgrid.InService).Level
}
