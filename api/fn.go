package api

import (
	"context"
	"fmt"
	"math"

	"riskatlas/data"
	"riskatlas/data/grading"
	"riskatlas/riskgrid"
	"riskatlas/tiles"
)

// FNQuery asks for the societal risk of sources.
type FNQuery struct {
	FilterQuery
	Regulator []string `query:"regulator" doc:"Bodies that answer for the sources, by name."`
}

// FNPoint is a point of the F-N curve.
type FNPoint struct {
	Deaths  float64 `json:"n" doc:"Expected deaths in one accident."`
	PerYear float64 `json:"f" doc:"Frequency of accidents with so many deaths or more, 1/yr."`
	Zone    string  `json:"zone" enum:"acceptable,alarp,unacceptable"`
}

// FNLines are the lines that part the zones.
type FNLines struct {
	Upper []FNPair `json:"upper" doc:"Over it is unacceptable."`
	Lower []FNPair `json:"lower" doc:"Up to it is acceptable; between the lines as low as reasonably practicable."`
}

// FNPair is a point of a line.
type FNPair struct {
	Deaths  float64 `json:"n"`
	PerYear float64 `json:"f" doc:"1/yr"`
}

// SeverityCount is the scenarios of one class of accidents by what they cost. It
// is no level.
type SeverityCount struct {
	Key       string  `json:"key"`
	Name      string  `json:"name"`
	NameEn    string  `json:"name_en"`
	Deaths    float64 `json:"deaths" doc:"Expected deaths from which the class begins."`
	Scenarios int     `json:"scenarios"`
	PerYear   float64 `json:"per_year" doc:"Their frequencies together, 1/yr."`
}

// FN answers FNQuery.
type FN struct {
	Answer
	Scenarios int             `json:"scenarios" doc:"Of the active sources asked for."`
	PLL       float64         `json:"pll" doc:"Expected deaths per year, scenarios of less than one death included, 1/yr."`
	People    PeopleBasis     `json:"people"`
	Points    []FNPoint       `json:"points" doc:"Rising in deaths. The curve between two points is the second's. Scenarios of less than one death are not on it."`
	Thinned   bool            `json:"thinned,omitempty" doc:"True when points were left out between others; those given are exact."`
	Zone      string          `json:"zone" enum:",acceptable,alarp,unacceptable" doc:"The worst zone that the whole curve meets; empty where no accident has a death."`
	At        *FNPoint        `json:"at,omitempty" doc:"The first point in it."`
	Lines     FNLines         `json:"lines"`
	Severity  []SeverityCount `json:"severity" doc:"Scenarios by expected deaths (State Council Order 493, art. 3), worst first."`
	Note      string          `json:"note"`
}

// FNOutput carries an FN.
type FNOutput struct{ Body FN }

const fnNote = "The lines of GB 36894-2018 figure 1 are for one installation: beside a whole city's curve they are a reference and not a limit. Deaths are expected values of unprotected people who are there all day; severity goes by them and is no level."

func (s *Server) fn(ctx context.Context, q *FNQuery) (*FNOutput, error) {
	v, f, err := s.asked(&q.FilterQuery)
	if err != nil {
		return nil, err
	}
	answers, err := s.regulators(v, q.Regulator)
	if err != nil {
		return nil, err
	}
	if err := v.Wait(ctx); err != nil {
		return nil, err
	}
	release, err := s.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	found, loss := tolls(ctx, v, f, answers)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	curve, err := grading.Curve(found)
	if err != nil {
		return nil, fmt.Errorf("the F-N curve: %w", err)
	}
	out := FN{Answer: s.answer(v), Scenarios: len(found), PLL: loss.all.PerYear(), People: peopleOf(v, f), Note: fnNote}
	worst, where := s.rules.Judge(curve)
	if out.Zone = worst.String(); worst != grading.Unjudged {
		at := s.point(where)
		out.At = &at
	}
	points := thin(curve)
	out.Thinned = len(points) < len(curve)
	out.Points = make([]FNPoint, len(points))
	for i, p := range points {
		out.Points[i] = s.point(p)
	}
	upper, lower := s.rules.Lines()
	out.Lines = FNLines{pairs(upper), pairs(lower)}
	if out.Severity, err = s.severities(found); err != nil {
		return nil, err
	}
	return &FNOutput{out}, nil
}

// tolls gives every scenario of the active sources with its expected deaths, and
// their whole loss.
func tolls(ctx context.Context, v *tiles.View, f data.Filter, answers func(string) bool) (found []grading.FN, loss lossSum) {
	seen, buf := 0, []riskgrid.Expected(nil)
	for h := range v.All(f, "") {
		if seen++; seen&0xfff == 0 && ctx.Err() != nil {
			return nil, loss
		}
		if h.Status != data.Active || !answers(h.Regulator) {
			continue
		}
		buf = v.Totals.Expected(buf[:0], h)
		for _, e := range buf {
			found = append(found, grading.FN{Deaths: e.Deaths, PerYear: e.PerYear})
			loss.all = loss.all.Plus(e.Loss)
		}
	}
	return found, loss
}

func (s *Server) point(p grading.FN) FNPoint {
	return FNPoint{p.Deaths, p.PerYear, s.rules.Zone(p.Deaths, p.PerYear).String()}
}

func pairs(line []grading.FN) []FNPair {
	out := make([]FNPair, len(line))
	for i, p := range line {
		out[i] = FNPair(p)
	}
	return out
}

// severities counts scenarios by the class of their expected deaths.
func (s *Server) severities(found []grading.FN) ([]SeverityCount, error) {
	classes := s.rules.Severities()
	out := make([]SeverityCount, len(classes))
	place := map[string]int{}
	for i, c := range classes {
		out[i] = SeverityCount{Key: c.Key, Name: c.Name, NameEn: c.NameEn, Deaths: c.Deaths}
		place[c.Key] = i
	}
	for _, p := range found {
		c, err := s.rules.Severity(grading.Toll{Deaths: p.Deaths})
		if err != nil {
			return nil, fmt.Errorf("the severity of a scenario: %w", err)
		}
		n := &out[place[c.Key]]
		n.Scenarios++
		n.PerYear += p.PerYear
	}
	return out, nil
}

// Bounds of a curve's points in an answer.
const (
	mostPoints = 1000
	perDecade  = 100 // past mostPoints: pairs of points in a tenfold of deaths
)

// thin leaves the first and the last point of each of equal parts of the axis,
// when there are too many.
func thin(curve []grading.FN) []grading.FN {
	if len(curve) <= mostPoints {
		return curve
	}
	part := func(p grading.FN) float64 { return math.Floor(perDecade * math.Log10(p.Deaths)) }
	var out []grading.FN
	for i, p := range curve {
		if i == 0 || i == len(curve)-1 || part(curve[i-1]) != part(p) || part(curve[i+1]) != part(p) {
			out = append(out, p)
		}
	}
	return out
}
