package api

import (
	"strconv"

	"riskatlas/data/datum"
	"riskatlas/riskgrid"
)

// nearbyScreened is what every Nearby says of its figures, written.
var nearbyScreened = appendJSON(screened(groundModel, append(sightUnits, "ir", "1/yr")...))

// append writes the whole answer, a Nearby.
func (n *neighbours) append(b []byte, head Collection) []byte {
	b = append(b, `{"type":"FeatureCollection",`...)
	b = head.Answer.append(b)
	b = append(append(append(b, `"datum":"`...), head.CRS...), `",`...)
	b = append(b, nearbyScreened[1:len(nearbyScreened)-1]...)
	b = appendNumber(append(b, `,"lon":`...), n.q.Lon)
	b = appendNumber(append(b, `,"lat":`...), n.q.Lat)
	if n.radius != 0 {
		b = appendNumber(append(b, `,"radius":`...), n.radius)
	}
	b = appendCount(append(b, `,"number_returned":`...), len(n.listed))
	b = strconv.AppendBool(append(b, `,"more":`...), n.more)
	var listed crowd
	for i := range n.listed {
		listed.add(n.listed[i].hazard)
	}
	b = listed.append(append(b, `,"people_listed":`...))
	b = n.all.append(append(b, `,"people":`...))
	if n.q.Reach {
		b = appendNumber(append(b, `,"ir":`...), n.ir.PerYear())
		b = appendCount(append(b, `,"level":`...), n.v.Cuts.Level(n.ir))
		b = appendText(append(b, `,"level_text":`...), levelText(n.v.Cuts.Level(n.ir), &n.assessed))
	}
	b = appendAssessed(append(b, `,"assessed":`...), n.v.City.Taxonomy, &n.assessed)
	b = append(b, `,"features":[`...)
	d := n.q.datum()
	for i := range n.listed {
		if i > 0 {
			b = append(b, ',')
		}
		b = n.feature(b, i, d)
	}
	return append(b, ']', '}')
}

// feature writes one of those listed.
func (n *neighbours) feature(b []byte, i int, d datum.Datum) []byte {
	s := &n.listed[i]
	b = appendText(append(b, `{"type":"Feature","id":`...), string(s.hazard.ID))
	b = appendShape(append(b, `,"geometry":`...), shownShape(s.hazard.Shape, d))
	p := described(n.v, *s, n.p)
	if n.q.Reach {
		perYear := n.shares[i].Risk.PerYear()
		part := float64(n.shares[i].Risk) / float64(max(n.ir, riskgrid.Risk(1)))
		p.IR, p.Share = &perYear, &part
	}
	b = p.append(append(b, `,"properties":`...))
	return append(b, '}')
}

// append writes the properties as an object.
func (p *NearbyProperties) append(b []byte) []byte {
	b = appendText(append(b, `{"name":`...), p.Name)
	b = appendOptional(b, `,"name_en":`, p.NameEn)
	b = appendText(append(b, `,"industry":`...), p.Industry)
	b = appendText(append(b, `,"group":`...), p.Group)
	b = appendOptional(b, `,"district":`, p.District)
	b = appendCount(append(b, `,"level":`...), p.Level)
	b = appendOptional(b, `,"regulator":`, p.Regulator)
	b = appendOptional(b, `,"protection_class":`, p.Protection)
	if p.Sensitive {
		b = append(b, `,"high_sensitive":true`...)
	}
	if p.People != nil {
		b = appendCount(append(b, `,"people":{"day":`...), p.People.Day)
		b = append(appendCount(append(b, `,"night":`...), p.People.Night), '}')
	}
	b = appendNumber(append(b, `,"distance":`...), p.Distance)
	b = appendNumber(append(b, `,"bearing":`...), p.Bearing)
	for _, f := range [...]struct {
		name  string
		value *float64
	}{{`,"off_axis":`, p.OffAxis}, {`,"downwind":`, p.Downwind}, {`,"crosswind":`, p.Crosswind}, {`,"ir":`, p.IR}, {`,"share":`, p.Share}} {
		if f.value != nil {
			b = appendNumber(append(b, f.name...), *f.value)
		}
	}
	return append(b, '}')
}

// appendOptional appends a member, unless it is empty.
func appendOptional(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return appendText(append(b, name...), value)
}
