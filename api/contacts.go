package api

import (
	"cmp"
	"context"
	"slices"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/tiles"
)

// ContactsQuery asks who is responsible: for a source, a district, or a place.
type ContactsQuery struct {
	Source   string  `query:"source" maxLength:"64" doc:"Id of a source."`
	District string  `query:"district" maxLength:"32" doc:"Code of a district of the vintage."`
	Vintage  string  `query:"vintage" doc:"The division into districts that the code is of; the city's default when left out."`
	Lon      float64 `query:"lon" minimum:"-180" maximum:"180" doc:"Longitude of a place, degrees."`
	Lat      float64 `query:"lat" minimum:"-85" maximum:"85" doc:"Latitude of a place, degrees."`
	CRSQuery
	LensQuery
}

// Contact is one who answers. Persons and telephones are in the internal view
// alone.
type Contact struct {
	Role     string            `json:"role" enum:"enterprise,regulator,assistant,grid_officer,duty_room" doc:"For what: the source itself, the body that answers for its industry, the one that assists, its officer of grid governance, the duty room of the district."`
	Body     string            `json:"body,omitempty" doc:"Enterprise, authority or duty room, by name."`
	Person   string            `json:"person,omitempty" doc:"Never in the public view."`
	Phone    string            `json:"phone,omitempty" doc:"Never in the public view."`
	Source   data.ID           `json:"source,omitempty" doc:"The source that it is for."`
	Sources  int               `json:"sources,omitempty" doc:"Of a district's regulator: how many active sources there it answers for."`
	Place    string            `json:"place,omitempty" doc:"Of a duty room: its code among the places."`
	Point    []float64         `json:"point,omitempty" doc:"Of a duty room: longitude, latitude."`
	Distance *float64          `json:"distance,omitempty" doc:"Of a duty room: ground distance, metres."`
	Found    string            `json:"found,omitempty" enum:"by district,by distance" doc:"Of a duty room: whether it names the district, or is the nearest."`
	More     map[string]string `json:"more,omitempty" doc:"Of a duty room: what else the list of places says; not in the public view."`
}

// ContactSource is the source that contacts are for.
type ContactSource struct {
	ID             data.ID    `json:"id"`
	Name           string     `json:"name"`
	NameEn         string     `json:"name_en,omitempty"`
	Industry       string     `json:"industry" doc:"Code."`
	Level          data.Level `json:"level" doc:"Assessed level, 1 to 4."`
	LevelOfControl string     `json:"level_of_control,omitempty" doc:"Who controls it: city, district, street or enterprise."`
	Distance       *float64   `json:"distance,omitempty" doc:"From the asked place, metres."`
}

// ContactDistrict is the district that contacts are for.
type ContactDistrict struct {
	Code    string `json:"code"`
	Name    string `json:"name"`
	NameEn  string `json:"name_en,omitempty"`
	Vintage string `json:"vintage"`
}

// Contacts answers ContactsQuery.
type Contacts struct {
	Answer
	Screened
	Source   *ContactSource   `json:"source,omitempty" doc:"The asked source or, of a place, the nearest within 500 m."`
	District *ContactDistrict `json:"district,omitempty" doc:"Where it lies."`
	Contacts []Contact        `json:"contacts"`
}

// ContactsOutput carries a Contacts.
type ContactsOutput struct{ Body Contacts }

const contactsModel = "bodies as the records and the city's profile name them; the duty room is the one whose list names the district, else the nearest"

// siteMetres is how far from an asked place its source may be.
const siteMetres = 500

func (s *Server) contacts(ctx context.Context, q *ContactsQuery) (*ContactsOutput, error) {
	v, err := s.through(&q.LensQuery)
	if err != nil {
		return nil, err
	}
	out := Contacts{Answer: s.answer(v), Contacts: []Contact{}, Screened: screened(contactsModel, "distance", "m")}
	c := &directory{s: s, v: v, out: &out, crs: q.CRSQuery}
	given := exchangeOf(ctx).r.URL.Query()
	place := given.Has("lon") || given.Has("lat")
	switch {
	case q.Source != "" && (q.District != "" || place), q.District != "" && place:
		return nil, badValue("source", "beside another", "one of", "source", "district", "lon and lat")
	case q.Vintage != "" && q.District == "":
		return nil, badValue("vintage", q.Vintage, "a district= beside it")
	case q.Source != "":
		err = c.source(ctx, data.ID(q.Source))
	case q.District != "":
		err = c.district(q.District, q.Vintage)
	case given.Has("lon") && given.Has("lat"):
		err = c.place(ctx, q.datum().ToWGS84(orb.Point{q.Lon, q.Lat}))
	default:
		err = badValue("source", "none", "whose contacts are asked, by one of", "source", "district", "lon and lat")
	}
	if err != nil {
		return nil, err
	}
	return &ContactsOutput{out}, ctx.Err()
}

// directory gathers contacts.
type directory struct {
	s   *Server
	v   *tiles.View
	out *Contacts
	crs CRSQuery
}

func (c *directory) add(x Contact) {
	if c.v.Who != city.InternalView {
		x.Person, x.Phone, x.More = "", "", nil
	}
	if x.Body != "" || x.Person != "" || x.Phone != "" {
		c.out.Contacts = append(c.out.Contacts, x)
	}
}

func (c *directory) source(ctx context.Context, id data.ID) error {
	h, ok := c.v.Get(id)
	if !ok {
		return notFound("there is no source with this id")
	}
	if err := c.site(ctx, h, nil); err != nil {
		return err
	}
	c.within(h.Districts[c.v.City.Taxonomy.Default])
	c.dutyRoom(h.Label())
	return nil
}

// site adds those who answer for one source.
func (c *directory) site(ctx context.Context, h *data.Hazard, metres *float64) error {
	records, err := c.s.details(ctx, c.v, h.ID)
	if err != nil {
		return err
	}
	industry := &c.v.City.Taxonomy.Industries[h.Industry]
	c.out.Source = &ContactSource{ID: h.ID, Name: h.Name, NameEn: h.NameEn, Industry: industry.Code, Level: h.Level, Distance: metres}
	var d data.Detail
	if records[0] != nil { // nil: removed since the view
		d = records[0].Detail
	}
	c.out.Source.LevelOfControl = d.LevelOfControl
	c.add(Contact{Role: "enterprise", Body: d.Enterprise, Person: d.Responsible, Phone: d.DutyPhone, Source: h.ID})
	c.add(Contact{Role: "regulator", Body: h.Regulator, Person: d.RegulatorContact, Source: h.ID})
	c.add(Contact{Role: "assistant", Body: industry.Assistant, Source: h.ID})
	c.add(Contact{Role: "grid_officer", Person: d.GridOfficer, Source: h.ID})
	return nil
}

// within names the district of a position.
func (c *directory) within(position data.District) {
	if vintage, info, ok := c.v.City.Taxonomy.DistrictInfo(position); ok {
		c.out.District = &ContactDistrict{info.Code, info.Name, info.NameEn, vintage.Name}
	}
}

func (c *directory) district(code, vintageName string) error {
	vintage, at, err := vintageOf(c.v.City.Taxonomy, vintageName)
	if err != nil {
		return err
	}
	position, err := vintage.District(code)
	if err != nil {
		return err
	}
	c.within(position)
	c.bodies(position, at)
	var from orb.Point
	if unit := unitOf(c.v.Units(data.DistrictKind(vintage.Name)), code); unit != nil {
		from = data.LabelPoint(unit.Shape)
	}
	c.dutyRoom(from)
	return nil
}

// bodies adds those who answer for a district's sources, most sources first.
func (c *directory) bodies(position data.District, at int) {
	counts := map[string]int{}
	for h := range c.v.All(data.All(), "") {
		if h.Status == data.Active && h.Districts[at] == position && h.Regulator != "" {
			counts[h.Regulator]++
		}
	}
	var list []Contact
	for body, n := range counts {
		list = append(list, Contact{Role: "regulator", Body: body, Sources: n})
	}
	slices.SortFunc(list, func(a, b Contact) int {
		return cmp.Or(cmp.Compare(b.Sources, a.Sources), cmp.Compare(a.Body, b.Body))
	})
	for _, x := range list {
		c.add(x)
	}
}

func (c *directory) place(ctx context.Context, p orb.Point) error {
	for h, metres := range c.v.Nearest(p, data.All()) {
		if metres <= siteMetres {
			m := millimetres(metres)
			if err := c.site(ctx, h, &m); err != nil {
				return err
			}
		}
		break
	}
	tax := c.v.City.Taxonomy
	vintage := &tax.Vintages[tax.Default]
	for u := range c.v.UnitsWithin(data.DistrictKind(vintage.Name), p.Bound()) {
		if position, err := vintage.District(u.Code); err == nil && areaHolds(u.Shape, p) {
			c.within(position)
		}
	}
	c.dutyRoom(p)
	return nil
}

// dutyRoom adds the district's duty room: of those that name the district the
// nearest to p, else the nearest of all. A district without an outline has no p.
func (c *directory) dutyRoom(p orb.Point) {
	for _, named := range []bool{true, false} {
		if named && c.out.District == nil || !named && p == (orb.Point{}) {
			continue
		}
		found := map[bool]string{true: "by district", false: "by distance"}[named]
		wanted := func(u *data.Unit) bool {
			return u.Class == dutyRoomClass && (!named || u.Props["district"] == c.out.District.Code)
		}
		for u, metres := range c.v.NearestUnits(data.PlaceKind, p, wanted) {
			d := millimetres(metres)
			point := shown(data.LabelPoint(u.Shape), c.crs.datum())
			x := Contact{Role: "duty_room", Body: cmp.Or(u.Name, u.Code), Place: u.Code, Point: point[:], Found: found, More: u.Props,
				Person: u.Props["contact"], Phone: cmp.Or(u.Props["phone"], u.Props["duty_phone"])}
			if p != (orb.Point{}) {
				x.Distance = &d
			}
			c.add(x)
			return
		}
	}
}

const dutyRoomClass = "duty_room"
