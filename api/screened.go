package api

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/index"
	"riskatlas/tiles"
)

// Screened is what every answer to a question of emergency command says of its
// figures.
type Screened struct {
	Model string            `json:"model" doc:"How the figures are found."`
	Units map[string]string `json:"units" doc:"Unit of each figure, by the name of its member."`
	Note  string            `json:"note" example:"screening value, not an evacuation order"`
}

const screeningNote = "screening value, not an evacuation order"

// groundModel is the model of answers that measure and count alone.
const groundModel = "ground distance on the sphere of radius 6371008.8 m; people as the sources' records give them"

// screened fills in the note; units are pairs of a member's name and its unit.
func screened(model string, units ...string) Screened {
	s := Screened{Model: model, Note: screeningNote, Units: map[string]string{}}
	for i := 0; i+1 < len(units); i += 2 {
		s.Units[units[i]] = units[i+1]
	}
	return s
}

// sightUnits are the units of a sighted thing's members.
var sightUnits = []string{"distance", "m", "bearing", "deg clockwise from north", "off_axis", "deg", "downwind", "m", "crosswind", "m", "people", "persons"}

// People counts those whom sources expose, each by its own record. Where two
// sources' records mean the same people, they count twice.
type People struct {
	Day     *int64 `json:"day,omitempty" doc:"By day; left out when only the night is asked."`
	Night   *int64 `json:"night,omitempty" doc:"By night; left out when only the day is asked."`
	Known   int    `json:"sources_known" doc:"Sources whose record gives a number of people."`
	Unknown int    `json:"sources_unknown" doc:"Sources whose record gives none: they add nothing."`
}

// crowd adds up people.
type crowd index.Crowd

func (c *crowd) add(h *data.Hazard) { (*index.Crowd)(c).Add(h) }

func (c *crowd) count() int { return c.Known + c.Unknown }

// people gives the sums at a time: day, night, or both.
func (c *crowd) people(time string) People {
	p := People{Day: &c.Day, Night: &c.Night, Known: c.Known, Unknown: c.Unknown}
	switch time {
	case "day":
		p.Night = nil
	case "night":
		p.Day = nil
	}
	return p
}

// SightedPeople are those whom one source exposes.
type SightedPeople struct {
	Day   int32 `json:"day"`
	Night int32 `json:"night"`
}

// sight is a source seen from a place.
type sight struct {
	hazard *data.Hazard
	at     orb.Point // its nearest place
	metres float64
}

func (a sight) compare(b sight) int {
	if c := cmp.Compare(a.metres, b.metres); c != 0 {
		return c // which is nearly always so, and asks no hazard for its id
	}
	return cmp.Compare(a.hazard.ID, b.hazard.ID)
}

// sensitiveFirst orders sights with those of high sensitivity first, each part by
// distance and id, so that a limit never cuts a school off for a shop.
func sensitiveFirst(a, b sight) int {
	rank := func(s sight) int {
		if s.hazard.Protection == data.HighSensitive {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), a.compare(b))
}

// firsts keeps the first of many things in an order: as many as limit, the last
// of them at list[0], as a binary heap.
type firsts[T any] struct {
	limit int
	order func(a, b T) int
	list  []T
}

func (f *firsts[T]) add(x T) {
	switch {
	case len(f.list) < f.limit:
		f.list = append(f.list, x)
		for i := len(f.list) - 1; i > 0; {
			up := (i - 1) / 2
			if f.order(f.list[i], f.list[up]) <= 0 {
				return
			}
			f.list[i], f.list[up] = f.list[up], f.list[i]
			i = up
		}
	case f.limit > 0 && f.order(x, f.list[0]) < 0:
		f.list[0] = x
		f.sink()
	}
}

// sink puts list[0] in its place.
func (f *firsts[T]) sink() {
	for i := 0; ; {
		last := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(f.list); child++ {
			if f.order(f.list[child], f.list[last]) > 0 {
				last = child
			}
		}
		if last == i {
			return
		}
		f.list[i], f.list[last] = f.list[last], f.list[i]
		i = last
	}
}

// sorted gives them in order; nothing may be added afterwards.
func (f *firsts[T]) sorted() []T {
	slices.SortFunc(f.list, f.order)
	return f.list
}

// described is a sight in words, seen from p.
func described(v *tiles.View, s sight, p orb.Point) NearbyProperties {
	tax, h := v.City.Taxonomy, s.hazard
	industry := &tax.Industries[h.Industry]
	out := NearbyProperties{Name: h.Name, NameEn: h.NameEn, Industry: industry.Code, Group: tax.Groups[industry.Group].Key,
		District: tax.DistrictCode(h.Districts[tax.Default]), Level: h.Level, Regulator: h.Regulator,
		Protection: data.ProtectionKeys[h.Protection], Sensitive: h.Protection == data.HighSensitive,
		Distance: millimetres(s.metres), Bearing: hundredths(data.Bearing(p, s.at))}
	if h.Exposed.Known {
		out.People = &SightedPeople{h.Exposed.Day, h.Exposed.Night}
	}
	return out
}

// SightedPlace is an emergency place seen from the asked one.
type SightedPlace struct {
	PlaceProperties
	Distance  float64  `json:"distance" doc:"Ground distance to the nearest point of the place, metres."`
	Bearing   float64  `json:"bearing" doc:"Direction there, degrees clockwise from north."`
	OffAxis   *float64 `json:"off_axis,omitempty" doc:"Angle between that direction and the one that the wind blows to, degrees."`
	Downwind  *float64 `json:"downwind,omitempty" doc:"How far it lies along the wind, metres."`
	Crosswind *float64 `json:"crosswind,omitempty" doc:"How far it lies beside the wind's line, metres; right is over 0."`
}

// placed describes a unit of places as the view may see it.
func placed(v *tiles.View, u *data.Unit, p, at orb.Point, metres float64) SightedPlace {
	out := SightedPlace{PlaceProperties: placeProperties(v, u), Distance: millimetres(metres), Bearing: hundredths(data.Bearing(p, at))}
	return out
}

func placeProperties(v *tiles.View, u *data.Unit) PlaceProperties {
	p := PlaceProperties{Name: u.Name, NameEn: u.NameEn, Kind: u.Class}
	if v.Who == city.InternalView { // lists of places name people and telephones in columns of their own
		p.More = u.Props
	}
	return p
}
