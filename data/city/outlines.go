package city

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// collection is a GeoJSON FeatureCollection as profiles may hold it.
type collection struct {
	Type     string `json:"type"`
	Features []struct {
		Geometry   json.RawMessage            `json:"geometry"`
		Properties map[string]json.RawMessage `json:"properties"`
	} `json:"features"`
}

// read gives the set's own outlines, nil when it has none.
func (s *UnitSet) read(files fs.FS) ([]data.Unit, error) {
	raw, err := part[json.RawMessage](files, "outlines", s.Outlines)
	if err != nil || raw == nil {
		return nil, err
	}
	var c collection
	if err := json.Unmarshal(*raw, &c); err != nil || c.Type != "FeatureCollection" {
		return nil, invalid("outlines.type", c.Type, "a GeoJSON FeatureCollection")
	}
	var units []data.Unit
	for i, f := range c.Features {
		where := fmt.Sprintf("outlines.features[%d]", i)
		code := word(f.Properties["code"])
		d, ok := s.district(code)
		if !ok || slices.ContainsFunc(units, func(u data.Unit) bool { return u.Code == code }) {
			return nil, invalid(where+".properties.code", code, "the code of a district of "+s.Name+" that no other feature has")
		}
		shape, err := data.ParseGeometry(f.Geometry)
		if err != nil {
			return nil, within(where, err)
		}
		switch shape.(type) {
		case orb.Polygon, orb.MultiPolygon:
		default:
			return nil, invalid(where+".geometry.type", shape.GeoJSONType(), "Polygon or MultiPolygon")
		}
		props := map[string]string{}
		if string(f.Properties["schematic"]) != "false" {
			props["schematic"] = "true"
		}
		units = append(units, data.Unit{Code: d.Code, Name: d.Name, NameEn: d.NameEn, Shape: shape, Props: props})
	}
	sortByCode(units)
	return units, nil
}

// word reads a JSON string or a number's digits.
func word(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

func (s *UnitSet) district(code string) (District, bool) {
	i := slices.IndexFunc(s.Districts, func(d District) bool { return d.Code == code })
	if i < 0 {
		return District{}, false
	}
	return s.Districts[i], true
}

func sortByCode(units []data.Unit) {
	slices.SortFunc(units, func(a, b data.Unit) int { return strings.Compare(a.Code, b.Code) })
}

// units puts the drawing's pieces together, for each kind by the code that the
// piece names there: arcs that two pieces of a unit share drop out.
func (d *Drawing) units(kinds map[string]*UnitSet) (map[string][]data.Unit, error) {
	members := map[string]map[string][]*Piece{}
	for i := range d.Pieces {
		piece := &d.Pieces[i]
		for kind, code := range piece.In {
			set := kinds[kind]
			if set == nil {
				return nil, invalid("pieces."+piece.Name+".in", kind, "the kind of a vintage or of a set of zones")
			}
			if _, ok := set.district(code); !ok {
				return nil, invalid("pieces."+piece.Name+".in", code, "a code of "+kind)
			}
			if members[kind] == nil {
				members[kind] = map[string][]*Piece{}
			}
			members[kind][code] = append(members[kind][code], piece)
		}
	}
	out := map[string][]data.Unit{}
	for kind, byCode := range members {
		for code, pieces := range byCode {
			shape, err := d.union(pieces)
			if err != nil {
				return nil, within(kind+" "+code, err)
			}
			info, _ := kinds[kind].district(code)
			out[kind] = append(out[kind], data.Unit{Code: code, Name: info.Name, NameEn: info.NameEn, Shape: shape,
				Props: map[string]string{"schematic": "true"}})
		}
		sortByCode(out[kind])
	}
	return out, nil
}

// union gives the outline of pieces taken together.
func (d *Drawing) union(pieces []*Piece) (orb.Geometry, error) {
	var arcs []string // in the order of the rings, so that the result is the same each time
	used := map[string]bool{}
	for _, p := range pieces {
		for _, arc := range p.Ring {
			if _, err := d.arc(arc); err != nil {
				return nil, within("pieces."+p.Name, err)
			}
			if used[arc] {
				return nil, invalid("pieces."+p.Name+".ring", arc, "an arc that no other piece runs in that direction")
			}
			used[arc] = true
			arcs = append(arcs, arc)
		}
	}
	arcs = slices.DeleteFunc(arcs, func(arc string) bool { return used[reverse(arc)] })
	var polygons orb.MultiPolygon
	for len(arcs) > 0 {
		var ring orb.Ring
		var err error
		if ring, arcs, err = d.ring(arcs); err != nil {
			return nil, err
		}
		if ring.Orientation() != orb.CCW {
			return nil, invalid("pieces."+pieces[0].Name+".ring", "clockwise", "a counterclockwise ring, and no hole in a unit")
		}
		polygons = append(polygons, orb.Polygon{ring})
	}
	if len(polygons) == 0 {
		return nil, invalid("pieces."+pieces[0].Name+".ring", "empty", "a ring of arcs")
	}
	if len(polygons) == 1 {
		return polygons[0], data.CheckShape(polygons[0])
	}
	return polygons, data.CheckShape(polygons)
}

// ring joins arcs end to end from the first one until they close, and gives
// the arcs that are left.
func (d *Drawing) ring(arcs []string) (orb.Ring, []string, error) {
	first, err := d.arc(arcs[0])
	if err != nil {
		return nil, nil, err
	}
	ring, name := orb.Ring(slices.Clone(first)), arcs[0]
	arcs = arcs[1:]
	for ring[0] != ring[len(ring)-1] {
		next := slices.IndexFunc(arcs, func(arc string) bool {
			line, err := d.arc(arc)
			return err == nil && line[0] == ring[len(ring)-1]
		})
		if next < 0 {
			return nil, nil, invalid("arcs."+name, fmt.Sprint(ring[len(ring)-1]), "an end at which another arc of the ring begins")
		}
		name = arcs[next]
		line, err := d.arc(name)
		if err != nil {
			return nil, nil, err
		}
		ring = append(ring, line[1:]...)
		arcs = slices.Delete(arcs, next, next+1)
	}
	return ring, arcs, nil
}

// arc gives an arc's points in the direction that its name asks for.
func (d *Drawing) arc(name string) ([]orb.Point, error) {
	bare, back := strings.CutPrefix(name, "-")
	raw, ok := d.Arcs[bare]
	if !ok || len(raw) < 2 {
		return nil, invalid("ring", name, "the name of an arc of at least two points")
	}
	line := make([]orb.Point, len(raw))
	for i, p := range raw {
		line[i] = orb.Point(p)
	}
	if back {
		slices.Reverse(line)
	}
	return line, nil
}

func reverse(arc string) string {
	if bare, back := strings.CutPrefix(arc, "-"); back {
		return bare
	}
	return "-" + arc
}
