package api

import (
	"context"
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/riskgrid"
	"riskatlas/tiles"
)

// RiskQuery asks for the risk at a place and, with a zoom, of the cell that a
// map shows there.
type RiskQuery struct {
	PlaceQuery
	FilterQuery
	StatQuery
	CutsQuery
	Zoom  float64 `query:"zoom" minimum:"5" maximum:"24" doc:"Zoom of a map: adds the cell that it shows at the place. A fraction is cut."`
	Limit int     `query:"limit" minimum:"1" maximum:"10000" default:"100" doc:"Most contributions to list, greatest first; the rest is summed in others."`
}

// ByBasis splits a risk by where its frequencies come from. The parts sum to
// the whole exactly.
type ByBasis struct {
	QRA        float64 `json:"qra" doc:"From quantitative risk assessment, 1/yr."`
	Equivalent float64 `json:"equivalent" doc:"From the city's table for assessed levels, 1/yr."`
}

// Contribution is one source's part of a risk. All is exact in decimal: the
// listed ir and that of others sum to the risk's ir to the last digit.
type Contribution struct {
	ID          data.ID        `json:"id"`
	Name        string         `json:"name"`
	NameEn      string         `json:"name_en,omitempty"`
	Industry    string         `json:"industry" doc:"Code."`
	Level       data.Level     `json:"level" doc:"Assessed level of the source, 1 to 4."`
	IR          float64        `json:"ir" doc:"Its part of the individual risk, 1/yr."`
	Share       float64        `json:"share" doc:"The same as a part of the whole, 0 to 1."`
	ByBasis     ByBasis        `json:"by_basis"`
	Regulator   string         `json:"regulator,omitempty" doc:"The body that answers for it."`
	Enterprise  string         `json:"enterprise,omitempty"`
	Responsible string         `json:"responsible,omitempty" doc:"Never in the public view."`
	Measures    *data.Measures `json:"measures,omitempty"`
	DistanceM   float64        `json:"distance_m" doc:"Ground distance from the place to the nearest point of the source, metres."`
	Bearing     float64        `json:"bearing" doc:"Direction there, degrees clockwise from north."`
}

// Others sums the contributions past the limit.
type Others struct {
	Count int     `json:"count"`
	IR    float64 `json:"ir" doc:"1/yr."`
}

// Sum is a risk and whose it is.
type Sum struct {
	IR            float64        `json:"ir" doc:"Individual risk, 1/yr."`
	Level         data.Level     `json:"level" doc:"0 none, 1 low (blue) to 4 major (red)."`
	LevelText     string         `json:"level_text" enum:"none,low,general,significant,major,unknown" doc:"The level in words: unknown where it is 0 or 1 and the ground is not assessed for what is asked. Unknown is not low."`
	ByBasis       ByBasis        `json:"by_basis"`
	Contributions []Contribution `json:"contributions" doc:"Greatest first, then by id."`
	Others        *Others        `json:"others,omitempty" doc:"There when the limit cut the list."`
}

// CellRisk is the cell that a map shows at the place.
type CellRisk struct {
	Zoom   int             `json:"zoom" doc:"Zoom of the cell in the quadtree of Web Mercator."`
	Bounds []float64       `json:"bounds" doc:"West, south, east, north; degrees."`
	Stat   string          `json:"stat" doc:"What gives the cell its level."`
	Shares *ShareBreakdown `json:"shares,omitempty" doc:"With stat=share below map zoom 14: what the level comes from."`
	Worst  []float64       `json:"worst_at" doc:"Longitude, latitude of the centre of the base cell with the greatest risk, whose ir and contributions these are; from map zoom 14 of the cell itself."`
	Sum
}

// ShareBreakdown is the shares of a cell's base cells by level.
type ShareBreakdown struct {
	AtLeast1 float64 `json:"level_1_and_up"`
	AtLeast2 float64 `json:"level_2_and_up"`
	AtLeast3 float64 `json:"level_3_and_up"`
	AtLeast4 float64 `json:"level_4"`
	Cells    int     `json:"base_cells"`
}

// Risk answers RiskQuery.
type Risk struct {
	Answer
	Lon      float64  `json:"lon"`
	Lat      float64  `json:"lat"`
	Unit     string   `json:"unit" doc:"Of every ir." example:"1/yr"`
	Cuts     string   `json:"cuts" enum:"in-service,new-build" doc:"The limits that give the ground its level."`
	Assessed Assessed `json:"assessed" doc:"Whether the ground of the place's district was looked at; with a filter that leaves that district out, the filter's districts."`
	Sum
	Cell *CellRisk `json:"cell,omitempty"`

	assessed tiles.Assessed // what Assessed is written of
}

// RiskOutput carries a Risk.
type RiskOutput struct{ Body Risk }

// risk appends the answer.
func (s *Server) risk(ctx context.Context, q *RiskQuery, b []byte) ([]byte, error) {
	v, f, err := s.asked(&q.FilterQuery)
	if err != nil {
		return nil, err
	}
	cuts, err := v.CutsOf(q.criterion())
	if err != nil {
		return nil, err
	}
	p := q.place()
	whole, shares := riskgrid.Most(p, v.Reaching(orb.Bound{Min: p, Max: p}, f), q.Limit)
	out := Risk{Answer: s.answer(v), Lon: q.Lon, Lat: q.Lat, Unit: "1/yr"}
	if out.Sum, err = s.sum(ctx, v, p, whole, shares); err != nil {
		return nil, err
	}
	out.Level, out.Cuts = cuts.Level(whole.Risk), q.criterion().String()
	a := assessedAt(v, p, f)
	out.assessed, out.LevelText = a, levelText(out.Level, &a)
	if q.Zoom > 0 {
		if out.Cell, err = s.cell(ctx, v, p, f, q); err != nil {
			return nil, err
		}
	}
	return out.append(b, v.City.Taxonomy), nil
}

// cell explains the cell that a map of the asked zoom shows at the place.
func (s *Server) cell(ctx context.Context, v *tiles.View, p orb.Point, f data.Filter, q *RiskQuery) (*CellRisk, error) {
	if q.Zoom < directZoom {
		release, err := s.hold(ctx)
		if err != nil {
			return nil, err
		}
		defer release()
	}
	cuts, err := v.CutsOf(q.criterion())
	if err != nil {
		return nil, err
	}
	found := findCell(v, p, f, uint8(q.Zoom), q.criterion())
	whole, shares := riskgrid.MostOfCell(found.worst, v.Reaching(found.worst.Bound(), f), q.Limit)
	at := found.worst.Centre()
	sum, err := s.sum(ctx, v, at, whole, shares)
	if err != nil {
		return nil, err
	}
	sum.Level = cuts.Level(whole.Risk)
	b := shownShape(found.cell.Bound(), q.datum()).Bound()
	worst := shown(at, q.datum())
	out := &CellRisk{Zoom: int(found.cell.Zoom), Bounds: []float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]},
		Stat: tiles.Worst.String(), Worst: worst[:], Sum: sum}
	if found.pooled != nil && q.stat() == tiles.Share {
		out.Stat = tiles.Share.String()
		out.Shares = breakdown(found.pooled)
		out.Level = v.ShareLevel(found.pooled, found.cell.Zoom)
	}
	bound := found.cell.Bound()
	a := assessedWithin(v, bound.Center(), data.Distance(bound.Center(), bound.Min), f)
	out.LevelText = levelText(out.Level, &a)
	return out, nil
}

// sum lists the greatest shares of a risk with what the records say of the
// sources. Distances count from p.
func (s *Server) sum(ctx context.Context, v *tiles.View, p orb.Point, whole riskgrid.Whole, shares []riskgrid.Share) (Sum, error) {
	out := Sum{IR: whole.Risk.PerYear(), Level: v.Cuts.Level(whole.Risk), ByBasis: byBasis(whole.ByBasis)}
	rest := whole.Risk
	for i := range shares {
		rest -= shares[i].Risk
	}
	var err error
	if out.Contributions, err = s.contributions(ctx, v, p, whole.Risk, shares); err != nil {
		return out, err
	}
	if n := whole.Count - len(shares); n > 0 {
		out.Others = &Others{n, rest.PerYear()}
	}
	return out, nil
}

// contributions describes shares of a risk, with what the records say of the
// sources. Distances count from p.
func (s *Server) contributions(ctx context.Context, v *tiles.View, p orb.Point, ir riskgrid.Risk, shares []riskgrid.Share) ([]Contribution, error) {
	briefs, err := s.briefs.of(ctx, v, shares)
	if err != nil {
		return nil, err
	}
	out := make([]Contribution, len(shares))
	for i := range shares {
		out[i] = contribution(v.City, p, ir, &shares[i], briefs[i])
	}
	return out, nil
}

// contribution describes one share; the brief is nil when the source has been
// removed since the view.
func contribution(c *city.Profile, p orb.Point, ir riskgrid.Risk, share *riskgrid.Share, r *data.Brief) Contribution {
	h := share.Hazard
	at, metres := data.Nearest(h.Shape, p)
	out := Contribution{ID: h.ID, Name: h.Name, NameEn: h.NameEn, Industry: c.Taxonomy.Industries[h.Industry].Code,
		Level: h.Level, IR: share.Risk.PerYear(), ByBasis: byBasis(share.ByBasis), Regulator: h.Regulator,
		DistanceM: millimetres(metres), Bearing: hundredths(data.Bearing(p, at))}
	if ir > 0 {
		out.Share = float64(share.Risk) / float64(ir)
	}
	if r != nil {
		out.Measures, out.Enterprise, out.Responsible = r.Measures, r.Enterprise, r.Responsible
	}
	return out
}

func byBasis(r [2]riskgrid.Risk) ByBasis {
	return ByBasis{QRA: r[data.QRA].PerYear(), Equivalent: r[data.Equivalent].PerYear()}
}

func millimetres(m float64) float64 { return math.Round(m*1000) / 1000 }

// hundredths rounds a bearing, which stays under 360.
func hundredths(deg float64) float64 { return math.Mod(math.Round(deg*100)/100, 360) }
