package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"riskatlas/data"
	"riskatlas/tiles"
)

// DayTotals is what is kept of one day: the city's sources, what they cost and its
// ground by level. Its JSON is that of data.Day.Totals.
type DayTotals struct {
	Count
	PLL float64 `json:"pll" doc:"Expected deaths per year, 1/yr."`
	Terrain
	Level      data.Level         `json:"level,omitempty" doc:"Of the whole city by the district rule; absent where none."`
	Industries map[string]DayPart `json:"industries,omitempty" doc:"Those with active sources, by code."`
	Districts  map[string]DayPart `json:"districts,omitempty" doc:"Of the default vintage, by code; outside for sources and ground in none."`
	Synthetic  bool               `json:"synthetic,omitempty" doc:"True of the demonstration city."`
}

// DayPart is the totals of one industry or district.
type DayPart struct {
	Count
	PLL float64 `json:"pll"`
	*Terrain
	Level data.Level `json:"level,omitempty"`
}

// dayTotals counts a view.
func (s *Server) dayTotals(ctx context.Context, v *tiles.View) (*DayTotals, error) {
	if err := v.Wait(ctx); err != nil {
		return nil, err
	}
	tax, all := v.City.Taxonomy, data.All()
	q := SummaryQuery{}
	c := q.criterion()
	out := &DayTotals{Industries: map[string]DayPart{}, Districts: map[string]DayPart{}, Synthetic: s.opts.Synthetic}
	for _, by := range []string{"industry", "district"} {
		t := newTable(tax, &tax.Vintages[tax.Default], tax.Default, by)
		t.classes(v, all)
		rows := t.list()
		if by == "industry" {
			whole := t.whole(v, all, c)
			out.Count, out.PLL, out.Terrain, out.Level = whole.Count, whole.PLL, whole.Terrain, whole.Level
			for _, r := range rows {
				if r.Count.Count > 0 {
					out.Industries[r.Key] = DayPart{Count: r.Count, PLL: r.PLL}
				}
			}
			continue
		}
		t.grounds(v, c, rows)
		for _, r := range rows {
			out.Districts[r.Key] = DayPart{Count: r.Count, PLL: r.PLL, Terrain: &r.DistrictFigures.Terrain, Level: r.DistrictFigures.Level}
		}
	}
	return out, ctx.Err()
}

// mostDaysKept is how far back KeepDays looks for days without a row.
const mostDaysKept = 400

// KeepDays keeps the totals of every local day that has ended and has no row yet,
// the newest first, as the view saw the city at the end of it: exactly, whenever
// it is called. A day is counted once, by whichever server comes first; one of
// which something was not kept has no row. Days before the first revision have
// none. It does nothing where the store keeps no days.
func (s *Server) KeepDays(ctx context.Context, now time.Time) error {
	days := s.opts.City.Days()
	if days == nil || !s.opts.City.Remembers() {
		return nil
	}
	view, today := string(s.opts.City.View()), s.midnight(now)
	kept, err := days.KeptDays(ctx, view, "0000-00-00", "9999-99-99")
	if err != nil {
		return err
	}
	have := map[string]bool{}
	totals := map[data.Revision]json.RawMessage{}
	for _, d := range kept {
		have[d.Day], totals[d.Revision] = true, d.Totals
	}
	for back := 1; back <= mostDaysKept && ctx.Err() == nil; back++ {
		day := today.AddDate(0, 0, -back)
		rev, err := s.opts.City.RevisionAt(ctx, endOfDay(day))
		if err != nil {
			return err
		}
		if rev == 0 {
			return nil
		}
		row := data.Day{Day: day.Format(data.DateForm), View: view, Revision: rev, At: now}
		if have[row.Day] {
			continue
		}
		if totals[rev] == nil {
			v, err := s.makePast(ctx, rev)
			if errors.Is(err, data.ErrForgotten) {
				continue
			}
			if err != nil {
				return fmt.Errorf("the totals of %s: %w", row.Day, err)
			}
			made, err := s.dayTotals(ctx, v)
			if err != nil {
				return err
			}
			if totals[rev], err = json.Marshal(made); err != nil {
				return err
			}
		}
		row.Totals = totals[rev]
		if err := days.KeepDay(ctx, row); err != nil {
			return fmt.Errorf("keeping the totals of %s: %w", row.Day, err)
		}
	}
	return ctx.Err()
}

// midnight is the beginning of the local day of an instant.
func (s *Server) midnight(at time.Time) time.Time {
	y, m, d := at.In(s.opts.City.Profile().Zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, s.opts.City.Profile().Zone)
}
