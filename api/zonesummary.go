package api

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"riskatlas/data"
	"riskatlas/riskgrid"
	"riskatlas/tiles"
)

// ZoneNote says how the rows of zones add up.
type ZoneNote struct {
	Overlap bool   `json:"overlap" doc:"True when sources lie in more than one zone: the rows then sum to more than the total."`
	Several Count  `json:"several" doc:"Sources that count in more than one zone, in each in full."`
	Note    string `json:"note" doc:"The same in words."`
}

var summaryKeys = []string{"industry", "group", "district", "level", "accident", "regulator"}

// checkBy refuses rows that there are none of.
func checkBy(v *tiles.View, by string) error {
	names := v.ZoneNames()
	if set, ok := data.ZoneName(by); ok && slices.Contains(names, set) || slices.Contains(summaryKeys, by) {
		return nil
	}
	allowed := slices.Clone(summaryKeys)
	for _, name := range names {
		allowed = append(allowed, data.ZoneKind(name))
	}
	return badValue("by", by, "one of", capped(allowed)...)
}

// zoneSummary gives the rows of a set of zones, and one for what is in none.
func (s *Server) zoneSummary(ctx context.Context, v *tiles.View, set string, f data.Filter, bodies []string, answers func(string) bool) Summary {
	var c *tiles.ZoneCounts
	var total [5]int
	if len(bodies) == 0 {
		c, total = v.CountZones(set, f), v.Count(f)
	} else {
		c = v.CountInZones(set, answering(ctx, v, f, answers, &total))
	}
	out := Summary{Answer: s.answer(v), By: data.ZoneKind(set), Unit: "active sources", Total: SummaryTotal{Count: countOf(total)}, Rows: []SummaryRow{}}
	units := v.Units(data.ZoneKind(set))
	for i := range units {
		meeting := countOf(c.Meeting[i])
		out.Rows = append(out.Rows, SummaryRow{Key: units[i].Code, Name: units[i].Name, NameEn: units[i].NameEn,
			Count: countOf(c.Inside[i]), Meeting: &meeting})
	}
	out.Rows = append(out.Rows, SummaryRow{Key: outside, Name: "各片区之外", NameEn: "Outside", Count: countOf(c.None)})
	out.Zones = zoneNote(countOf(c.Several))
	return out
}

// zoneGrounds completes rows of zones: what lies on each, by the unfiltered field.
func (s *Server) zoneGrounds(ctx context.Context, v *tiles.View, set string, c riskgrid.Criterion, rows []SummaryRow) error {
	if v.Partial() { // a part of the city says nothing of ground
		return nil
	}
	release, err := s.hold(ctx)
	if err != nil {
		return err
	}
	defer release()
	for i := range rows[:len(rows)-1] { // the last one is what lies in none
		if err := ctx.Err(); err != nil {
			return err
		}
		patch := v.ZoneGround(set, i)
		inside, _ := v.ZoneSources(set, i)
		d := &DistrictFigures{Terrain: terrain(v, patch.Tally, c), Level: v.Judge(patch.Tally, inside, c).Level}
		if v.PeopleKnown() {
			n, pll := patch.AllPeople().Persons(), patch.Loss.PerYear()
			d.People, d.PerHeads = &n, over(pll*1e4, n)
			d.PerKM2 = over(pll, float64(patch.AllArea())/1e10)
			d.OnGround = &pll
		}
		rows[i].DistrictFigures = d
	}
	return nil
}

func zoneNote(several Count) *ZoneNote {
	n := &ZoneNote{Overlap: several.Count > 0, Several: several,
		Note: "No source lies in more than one zone: the rows sum to the total."}
	if n.Overlap {
		n.Note = fmt.Sprintf("Zones overlap: %d sources lie in more than one and count in full in each, so the rows sum to more than the total.", several.Count)
	}
	return n
}

// answering gives the active sources of the bodies and counts them into total.
func answering(ctx context.Context, v *tiles.View, f data.Filter, answers func(string) bool, total *[5]int) iter.Seq[*data.Hazard] {
	return func(yield func(*data.Hazard) bool) {
		seen := 0
		for h := range v.All(f, "") {
			if seen++; seen&0xfff == 0 && ctx.Err() != nil {
				return
			}
			if h.Status == data.Active && answers(h.Regulator) {
				total[h.Level]++
				if !yield(h) {
					return
				}
			}
		}
	}
}
