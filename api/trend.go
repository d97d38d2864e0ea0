package api

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"riskatlas/data"
)

// TrendQuery asks for totals day by day.
type TrendQuery struct {
	From string `query:"from" maxLength:"10" doc:"The first local day, YYYY-MM-DD; 30 days before the last when left out."`
	To   string `query:"to" maxLength:"10" doc:"The last local day; today when left out."`
	By   string `query:"by" enum:"total,industry,district" default:"total" doc:"Whether each day is told by industry or district too."`
}

// mostTrendDays bounds one answer.
const mostTrendDays = 1100

// TrendDay is one day.
type TrendDay struct {
	Day      string `json:"day" doc:"Local, YYYY-MM-DD."`
	Revision uint64 `json:"revision" doc:"The newest at the end of the day; of today the newest there is."`
	Today    bool   `json:"today,omitempty" doc:"True of the day that has not ended: the city as it is."`
	DayTotals
}

// Trend is the series. What is kept of a day is what was counted at its end, by
// the cuts and districts of that time.
type Trend struct {
	Answer
	From    string     `json:"from"`
	To      string     `json:"to"`
	Days    []TrendDay `json:"days" doc:"In their order."`
	Missing []string   `json:"missing" doc:"Days of the series that have no totals: they are before the first revision, not counted yet, or something of them was not kept."`
}

// TrendOutput carries a Trend.
type TrendOutput struct{ Body Trend }

func (s *Server) trend(ctx context.Context, q *TrendQuery) (*TrendOutput, error) {
	v, err := s.view()
	if err != nil {
		return nil, err
	}
	days := s.opts.City.Days()
	if days == nil {
		return nil, notFound("this server's store keeps no days")
	}
	from, to, today, err := s.span(q)
	if err != nil {
		return nil, err
	}
	out := Trend{Answer: s.answer(v), From: from.Format(data.DateForm), To: to.Format(data.DateForm), Days: []TrendDay{}, Missing: []string{}}
	rows, err := days.KeptDays(ctx, string(s.opts.City.View()), out.From, out.To)
	if err != nil {
		return nil, err
	}
	for at := from; !at.After(to); at = at.AddDate(0, 0, 1) {
		day := TrendDay{Day: at.Format(data.DateForm)}
		switch {
		case at.Equal(today):
			made, err := s.dayTotals(ctx, v)
			if err != nil {
				return nil, err
			}
			day.Today, day.Revision, day.DayTotals = true, uint64(v.Revision()), *made
		case len(rows) > 0 && rows[0].Day == day.Day:
			day.Revision = uint64(rows[0].Revision)
			if err := json.Unmarshal(rows[0].Totals, &day.DayTotals); err != nil {
				return nil, fmt.Errorf("the totals of %s: %w", day.Day, err)
			}
			rows = rows[1:]
		default:
			out.Missing = append(out.Missing, day.Day)
			continue
		}
		if q.By != "industry" {
			day.Industries = nil
		}
		if q.By != "district" {
			day.Districts = nil
		}
		out.Days = append(out.Days, day)
	}
	return &TrendOutput{out}, nil
}

// span reads the days that are asked for, at their midnights.
func (s *Server) span(q *TrendQuery) (from, to, today time.Time, err error) {
	zone := s.opts.City.Profile().Zone
	today = s.midnight(s.now())
	to = today
	if q.To != "" {
		if to, err = data.ParseDate("to", q.To, zone); err == nil && to.After(today) {
			err = badValue("to", q.To, "a day that has begun")
		}
		if err != nil {
			return from, to, today, err
		}
	}
	from = to.AddDate(0, 0, -30)
	if q.From != "" {
		if from, err = data.ParseDate("from", q.From, zone); err != nil {
			return from, to, today, err
		}
	}
	switch {
	case from.After(to):
		err = badValue("from", q.From, "a day that is not after to")
	case to.AddDate(0, 0, -mostTrendDays).After(from):
		err = badValue("from", q.From, fmt.Sprintf("at most %d days", mostTrendDays))
	}
	return from, to, today, err
}
