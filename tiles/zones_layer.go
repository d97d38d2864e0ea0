package tiles

import (
	"encoding/binary"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// ZoneShape is a zone as the layer zones shows it.
type ZoneShape struct {
	Set   string // name of its set
	Unit  *data.Unit
	Level data.Level // by the district rule; LevelNone leaves the property out
	Count int        // sources that count in it
}

const (
	zoneSet = iota
	zoneCode
	zoneName
	zoneNameEn
	zoneLevel
	zoneCount
	zoneSchematic
)

var zoneKeys = []string{"set", "code", "name", "name_en", "level", "count", "schematic"}

// appendZones appends the layer zones: the ground of each that meets the tile or
// its buffer, in the order given. Zones may lie over one another. One whose outline is a sketch
// says so, as districts do.
func appendZones(dst []byte, c *canvas, zs []ZoneShape) []byte {
	w := newLayer(zoneKeys)
	d := newDrawer(c, w)
	defer d.release()
	for i := range zs {
		z := &zs[i]
		if !z.Unit.Shape.Bound().Intersects(c.bounds) {
			continue
		}
		w.feature(featureID(z.Set + "\x00" + z.Unit.Code))
		if !d.areas(z.Unit.Shape) {
			continue
		}
		w.text(zoneSet, z.Set)
		w.text(zoneCode, z.Unit.Code)
		if z.Unit.Name != "" {
			w.text(zoneName, z.Unit.Name)
		}
		if z.Unit.NameEn != "" {
			w.text(zoneNameEn, z.Unit.NameEn)
		}
		if z.Level != data.LevelNone {
			w.number(zoneLevel, uint64(z.Level))
		}
		w.number(zoneCount, uint64(z.Count))
		if z.Unit.Props["schematic"] == "true" {
			w.yes(zoneSchematic)
		}
		w.end(polygonGeometry)
	}
	return w.finish(dst, data.LayerZones)
}

// shownZones gives the zones of all sets whose box meets the bound as the layer
// shows them: with the city's level where nothing is filtered, else with counts
// alone.
func (v *View) shownZones(b orb.Bound, f data.Filter) []ZoneShape {
	var out []ZoneShape
	for _, name := range v.ZoneNames() {
		t := v.zones(data.ZoneKind(name))
		units := t.zoning.Units()
		for i := range units {
			if !t.bounds[i].Intersects(b) {
				continue
			}
			z := ZoneShape{Set: name, Unit: &units[i]}
			for _, n := range t.rows[i].inside.byLevel(f) {
				z.Count += n
			}
			if f == data.All() && !v.part {
				z.Level = t.level(v, i)
			}
			out = append(out, z)
		}
	}
	return out
}

// appendZoneKey adds what the tile shows of zones, and reports whether it shows
// any.
func (v *View) appendZoneKey(b []byte, r Request) ([]byte, bool) {
	shown := v.shownZones(newCanvas(r.Tile, r.Datum).bound(), r.Filter)
	set := ""
	for _, z := range shown {
		if z.Set != set {
			set = z.Set
			b = binary.LittleEndian.AppendUint64(appendText(b, set), v.UnitsDigest(data.ZoneKind(set)))
		}
		b = appendText(b, z.Unit.Code)
		b = binary.AppendUvarint(append(b, byte(z.Level)), uint64(z.Count))
	}
	return b, len(shown) > 0
}
