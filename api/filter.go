package api

import (
	"math"
	"net/url"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/datum"
	"riskatlas/riskgrid"
	"riskatlas/tiles"
)

// FilterQuery selects sources. Each list takes codes or slugs, comma-joined or
// repeated; lists of different parameters intersect, group unites with industry.
type FilterQuery struct {
	Industry []string `query:"industry" doc:"Industries, by code or slug." example:"I04,C02"`
	Group    []string `query:"group" doc:"Groups of industries; united with industry."`
	District []string `query:"district" doc:"Districts of the vintage, by code."`
	Level    []string `query:"level" doc:"Assessed levels: 1 to 4, or low, general, significant, major."`
	Vintage  string   `query:"vintage" doc:"The division into districts that district codes are of, and that the layers districts and labels show; the city's default when left out."`
	LensQuery
}

func (q *FilterQuery) filter(t *data.Taxonomy) (data.Filter, error) {
	return t.Filter(data.Selection{Industries: q.Industry, Groups: q.Group, Districts: q.District,
		Levels: q.Level, Vintage: q.Vintage})
}

// CRSQuery names the coordinate system of a question and its answer.
type CRSQuery struct {
	CRS string `query:"crs" enum:"wgs84,gcj02,bd09" default:"wgs84" doc:"Coordinate system of every longitude and latitude, asked and answered."`
}

func (q *CRSQuery) datum() datum.Datum {
	switch q.CRS {
	case "gcj02":
		return datum.GCJ02
	case "bd09":
		return datum.BD09
	}
	return datum.WGS84
}

// PlaceQuery is a place in the query's coordinate system.
type PlaceQuery struct {
	Lon float64 `query:"lon" required:"true" minimum:"-180" maximum:"180" doc:"Longitude, degrees." example:"120.1551"`
	Lat float64 `query:"lat" required:"true" minimum:"-85" maximum:"85" doc:"Latitude, degrees." example:"30.2741"`
	CRSQuery
}

// place is the asked place in WGS 84.
func (q *PlaceQuery) place() orb.Point { return q.datum().ToWGS84(orb.Point{q.Lon, q.Lat}) }

// StatQuery names what colours a cell below zoom 14.
type StatQuery struct {
	Stat string `query:"stat" enum:"worst,share" default:"worst" doc:"Below zoom 14 a cell has the level of its worst ground (worst), or the level that the district rule gives to the shares of its ground (share)."`
}

func (q *StatQuery) stat() tiles.Stat {
	if q.Stat == "share" {
		return tiles.Share
	}
	return tiles.Worst
}

// CutsQuery names the criterion by whose cuts ground has its level.
type CutsQuery struct {
	Cuts string `query:"cuts" enum:"in-service,new-build" default:"in-service" doc:"The limits by which ground has its level: those for what is in service, or the stricter ones for what is new, rebuilt or extended (GB 36894-2018, table 1). The numbers are in the taxonomy."`
}

// criterion reads what the router has checked.
func (q *CutsQuery) criterion() riskgrid.Criterion {
	c, _ := riskgrid.ParseCriterion(q.Cuts)
	return c
}

// MapQuery is everything that changes what a map shows.
type MapQuery struct {
	FilterQuery
	CRSQuery
	StatQuery
	CutsQuery
	SinceQuery
}

// check refuses what the city does not know.
func (q *MapQuery) check(v *tiles.View) error {
	if _, err := q.filter(v.City.Taxonomy); err != nil {
		return err
	}
	if _, err := v.CutsOf(q.criterion()); err != nil {
		return err
	}
	return checkLens(v, &q.LensQuery)
}

// encode is the query that asks for the same map.
func (q *MapQuery) encode() string {
	v := url.Values{}
	for name, list := range map[string][]string{"industry": q.Industry, "group": q.Group, "district": q.District, "level": q.Level,
		"zone": q.Zone} {
		if len(list) > 0 {
			v.Set(name, strings.Join(list, ","))
		}
	}
	for name, word := range map[string]string{"vintage": q.Vintage, "crs": q.CRS, "stat": q.Stat,
		"cuts": q.Cuts, "whatif": q.WhatIf, "as_of": q.AsOf, "since": q.Since} {
		if word != "" && word != "wgs84" && word != "worst" && word != "in-service" {
			v.Set(name, word)
		}
	}
	// A comma needs no escape in a query, and lists read better without.
	return strings.ReplaceAll(v.Encode(), "%2C", ",")
}

// mapQuery reads the query of a plain handler, which the router has checked.
func mapQuery(raw string) (q MapQuery, err error) {
	if raw == "" {
		return q, nil
	}
	v, err := url.ParseQuery(raw)
	if err != nil {
		return q, err
	}
	list := func(name string) []string {
		if s := v.Get(name); s != "" {
			return strings.Split(s, ",")
		}
		return nil
	}
	q.Industry, q.Group, q.District, q.Level = list("industry"), list("group"), list("district"), list("level")
	q.Zone = list("zone")
	q.Vintage, q.CRS, q.Stat = v.Get("vintage"), v.Get("crs"), v.Get("stat")
	q.Cuts, q.WhatIf = v.Get("cuts"), v.Get("whatif")
	q.AsOf, q.Since = v.Get("as_of"), v.Get("since")
	return q, nil
}

// shown gives a place as the answer's coordinate system has it. Converted
// coordinates are rounded to 1e-9 degrees (0.1 mm), which is finer than the
// conversion.
func shown(p orb.Point, d datum.Datum) orb.Point {
	if d == datum.WGS84 {
		return p
	}
	q := d.FromWGS84(p)
	return orb.Point{math.Round(q[0]*1e9) / 1e9, math.Round(q[1]*1e9) / 1e9}
}

func shownShape(g orb.Geometry, d datum.Datum) orb.Geometry {
	if d == datum.WGS84 {
		return g
	}
	return datum.Geometry(g, func(p orb.Point) orb.Point { return shown(p, d) })
}

// box is a bounding box as asked, and one in WGS 84 that holds it.
type box struct {
	asked, wgs84 orb.Bound
	datum        datum.Datum
}

// parseBox reads west,south,east,north in the coordinate system.
func parseBox(raw string, d datum.Datum) (*box, error) {
	if raw == "" {
		return nil, nil
	}
	const want = "west,south,east,north in degrees, west <= east, south <= north, longitude -180 to 180, latitude -85 to 85"
	parts := strings.Split(raw, ",")
	if len(parts) != 4 {
		return nil, badValue("bbox", raw, want)
	}
	var v [4]float64
	for i, part := range parts {
		x, err := strconv.ParseFloat(part, 64)
		if err != nil || !isDecimal(part) {
			return nil, badValue("bbox", raw, want)
		}
		v[i] = x
	}
	b := orb.Bound{Min: orb.Point{v[0], v[1]}, Max: orb.Point{v[2], v[3]}}
	if !(v[0] <= v[2] && v[1] <= v[3] && v[0] >= -180 && v[2] <= 180 && v[1] >= -85 && v[3] <= 85) {
		return nil, badValue("bbox", raw, want)
	}
	if d == datum.WGS84 {
		return &box{b, b, d}, nil
	}
	// The offset varies by some metres along an edge: the box of the four
	// corners, grown, holds the whole.
	corners := orb.MultiPoint{b.Min, b.Max, {b.Min[0], b.Max[1]}, {b.Max[0], b.Min[1]}}
	for i := range corners {
		corners[i] = d.ToWGS84(corners[i])
	}
	return &box{b, data.PadMetres(corners.Bound(), 2000), d}, nil
}

// meets reports whether the shape has a point in the box.
func (b *box) meets(shape orb.Geometry, bound orb.Bound) bool {
	if b == nil {
		return true
	}
	if !b.wgs84.Intersects(bound) {
		return false
	}
	if b.datum != datum.WGS84 {
		shape = datum.Geometry(shape, b.datum.FromWGS84)
	}
	return meets(shape, b.asked)
}
