package api

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"riskatlas/data"
	"riskatlas/tiles"
)

// ChangesQuery asks what differs between two times. The filter selects sources
// that match it at either time.
type ChangesQuery struct {
	Since    string   `query:"since" required:"true" maxLength:"40" doc:"The time before, in the forms of as_of: a revision, an instant or a date."`
	Until    string   `query:"until" maxLength:"40" doc:"The time after, likewise; now when left out."`
	Industry []string `query:"industry" doc:"Industries, by code or slug."`
	Group    []string `query:"group" doc:"Groups of industries; united with industry."`
	District []string `query:"district" doc:"Districts of the vintage, by code."`
	Level    []string `query:"level" doc:"Assessed levels: 1 to 4, or low, general, significant, major."`
	Vintage  string   `query:"vintage" doc:"The division into districts that codes and rows are of; the city's default when left out."`
	Op       []string `query:"op" doc:"Only these: new, changed, gone, and of the changed rise, fall." example:"rise,fall"`
	Limit    int      `query:"limit" minimum:"1" maximum:"10000" default:"100" doc:"Most sources on a page."`
	Cursor   string   `query:"cursor" maxLength:"64" doc:"The next of the page before: sources after this id."`
}

// Changes is what differs between two times: of the sources that match the filter
// at either, those on this page, and the totals of all.
type Changes struct {
	Answer
	Since   AsOf           `json:"since"`
	Until   AsOf           `json:"until"`
	Numbers ChangeNumbers  `json:"numbers" doc:"Of all pages together, whatever op asks for."`
	Total   BeforeAfter    `json:"total"`
	Levels  []ChangeRow    `json:"by_level"`
	Trades  []ChangeRow    `json:"by_industry" doc:"Those that have active sources at either time."`
	Places  []ChangeRow    `json:"by_district" doc:"Likewise; outside for sources in no district."`
	Changes []SourceChange `json:"changes" doc:"In the order of ids."`
	Next    string         `json:"next,omitempty" doc:"For cursor=, where there is another page."`
}

// ChangeNumbers counts sources by what happened to them.
type ChangeNumbers struct {
	New     int `json:"new"`
	Changed int `json:"changed"`
	Gone    int `json:"gone"`
	Rise    int `json:"rise" doc:"Of the changed: the level is higher, where a source that is not active has none."`
	Fall    int `json:"fall"`
}

// BeforeAfter is numbers of active sources that match the filter.
type BeforeAfter struct {
	Before Count `json:"before"`
	After  Count `json:"after"`
}

// ChangeRow is those of one level, industry or district.
type ChangeRow struct {
	Key    string `json:"key"`
	Name   string `json:"name,omitempty"`
	NameEn string `json:"name_en,omitempty"`
	BeforeAfter
}

// SourceChange is what happened to one source.
type SourceChange struct {
	ID       data.ID      `json:"id"`
	Name     string       `json:"name"`
	Industry string       `json:"industry"`
	District string       `json:"district,omitempty"`
	Op       string       `json:"op" enum:"new,changed,gone"`
	Change   string       `json:"level_change,omitempty" enum:"rise,fall"`
	Before   *SourceState `json:"before,omitempty"`
	After    *SourceState `json:"after,omitempty"`
}

// SourceState is what a change compares.
type SourceState struct {
	Level  data.Level `json:"level"`
	Status string     `json:"status"`
	Rev    uint64     `json:"rev" doc:"The revision that wrote it."`
}

// ChangesOutput carries Changes.
type ChangesOutput struct{ Body Changes }

// changeOps are what op may ask for.
var changeOps = []string{"new", "changed", "gone", "rise", "fall"}

func (s *Server) changes(ctx context.Context, q *ChangesQuery) (*ChangesOutput, error) {
	for _, op := range q.Op {
		if !slices.Contains(changeOps, op) {
			return nil, badValue("op", op, "one of", changeOps...)
		}
	}
	before, err := s.viewOf("since", q.Since)
	if err != nil {
		return nil, err
	}
	after, err := s.view()
	if err == nil && q.Until != "" {
		after, err = s.viewOf("until", q.Until)
	}
	if err != nil {
		return nil, err
	}
	if before.Revision() > after.Revision() {
		return nil, badValue("since", q.Since, "a time that is not after until")
	}
	tax := after.City.Taxonomy
	f, err := (&FilterQuery{Industry: q.Industry, Group: q.Group, District: q.District, Level: q.Level, Vintage: q.Vintage}).filter(tax)
	if err != nil {
		return nil, err
	}
	vintage, at, err := vintageOf(tax, q.Vintage)
	if err != nil {
		return nil, err
	}
	c := changeTable{tax: tax, vintage: vintage, at: at, ops: q.Op, after: data.ID(q.Cursor), limit: q.Limit,
		trades: make([]beforeAfter, len(tax.Industries)), places: map[string]*beforeAfter{}}
	n := 0
	for old, now := range paired(before, after, f) {
		if n++; n&0xfff == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		c.add(f, old, now)
	}
	out := c.answer()
	out.Answer = s.answer(after)
	out.Since, out.Until = s.timeOf(before), s.timeOf(after)
	return &ChangesOutput{out}, nil
}

// timeOf says which time a view is of, one of the present too.
func (s *Server) timeOf(v *tiles.View) AsOf {
	if past := s.asOfInfo(v); past != nil {
		return *past
	}
	return AsOf{Revision: uint64(v.Revision()), At: s.local(v.At())}
}

// paired gives the sources that match at either of two times, in the order of ids,
// each as it was at both; nil where it was not there.
func paired(before, after *tiles.View, f data.Filter) iter.Seq2[*data.Hazard, *data.Hazard] {
	return func(yield func(old, now *data.Hazard) bool) {
		next, stop := iter.Pull(before.All(f, ""))
		defer stop()
		old, more := next()
		// gone gives those that match before and not after, up to an id.
		gone := func(to data.ID, all bool) bool {
			for ; more && (all || old.ID < to); old, more = next() {
				now, _ := after.Get(old.ID)
				if !yield(old, now) {
					return false
				}
			}
			return true
		}
		for now := range after.All(f, "") {
			if !gone(now.ID, false) {
				return
			}
			if more && old.ID == now.ID {
				if !yield(old, now) {
					return
				}
				old, more = next()
				continue
			}
			was, _ := before.Get(now.ID)
			if !yield(was, now) {
				return
			}
		}
		gone("", true)
	}
}

// beforeAfter is numbers of active sources by level.
type beforeAfter [2][5]int

func (b *beforeAfter) answer() BeforeAfter { return BeforeAfter{countOf(b[0]), countOf(b[1])} }

func (b *beforeAfter) any() bool { return *b != beforeAfter{} }

// changeTable adds up the differences.
type changeTable struct {
	tax     *data.Taxonomy
	vintage *data.Vintage
	at      int
	ops     []string
	after   data.ID
	limit   int

	numbers ChangeNumbers
	total   beforeAfter
	trades  []beforeAfter
	places  map[string]*beforeAfter
	list    []SourceChange
	next    string
}

func (c *changeTable) add(f data.Filter, old, now *data.Hazard) {
	for side, h := range [2]*data.Hazard{old, now} {
		if h == nil || h.Status != data.Active || !f.Match(h) {
			continue
		}
		c.total[side][h.Level]++
		c.trades[h.Industry][side][h.Level]++
		code := c.districtOf(h)
		if c.places[code] == nil {
			c.places[code] = new(beforeAfter)
		}
		c.places[code][side][h.Level]++
	}
	change, ok := c.change(old, now)
	if !ok || len(c.ops) > 0 && !slices.Contains(c.ops, change.Op) && !slices.Contains(c.ops, change.Change) || change.ID <= c.after {
		return
	}
	if len(c.list) < c.limit {
		c.list = append(c.list, change)
	} else if c.next == "" {
		c.next = string(c.list[c.limit-1].ID)
	}
}

// districtOf is the code of the district in which a source is.
func (c *changeTable) districtOf(h *data.Hazard) string {
	return cmp.Or(c.tax.DistrictCode(h.Districts[c.at]), outside)
}

// change says what happened to a source and counts it; false where nothing did.
func (c *changeTable) change(old, now *data.Hazard) (SourceChange, bool) {
	shown := now
	if shown == nil {
		shown = old
	}
	out := SourceChange{ID: shown.ID, Name: shown.Name, Industry: c.tax.Industries[shown.Industry].Code,
		District: c.tax.DistrictCode(shown.Districts[c.at]), Before: stateOf(old), After: stateOf(now)}
	switch {
	case old == nil:
		out.Op = "new"
		c.numbers.New++
	case now == nil:
		out.Op = "gone"
		c.numbers.Gone++
	case old.Rev == now.Rev && old.Class == now.Class:
		return out, false
	default:
		out.Op = "changed"
		c.numbers.Changed++
		switch from, to := levelAtWork(old), levelAtWork(now); {
		case to > from:
			out.Change = "rise"
			c.numbers.Rise++
		case to < from:
			out.Change = "fall"
			c.numbers.Fall++
		}
	}
	return out, true
}

func stateOf(h *data.Hazard) *SourceState {
	if h == nil {
		return nil
	}
	return &SourceState{h.Level, h.Status.String(), uint64(h.Rev)}
}

// levelAtWork is a source's level, none where it is not active.
func levelAtWork(h *data.Hazard) data.Level {
	if h.Status != data.Active {
		return 0
	}
	return h.Level
}

func (c *changeTable) answer() Changes {
	out := Changes{Numbers: c.numbers, Total: c.total.answer(), Levels: []ChangeRow{}, Trades: []ChangeRow{}, Places: []ChangeRow{},
		Changes: c.list, Next: c.next}
	if out.Changes == nil {
		out.Changes = []SourceChange{}
	}
	for _, l := range levelInfos() {
		var one beforeAfter
		for side := range one {
			one[side][l.Level] = c.total[side][l.Level]
		}
		out.Levels = append(out.Levels, ChangeRow{l.code(), l.Name, l.NameEn, one.answer()})
	}
	for i, in := range c.tax.Industries {
		if c.trades[i].any() {
			out.Trades = append(out.Trades, ChangeRow{in.Code, in.Name, in.NameEn, c.trades[i].answer()})
		}
	}
	for _, d := range append(slices.Clone(c.vintage.Districts), data.DistrictInfo{Code: outside, Name: "各区之外", NameEn: "Outside"}) {
		if n := c.places[d.Code]; n != nil {
			out.Places = append(out.Places, ChangeRow{d.Code, d.Name, d.NameEn, n.answer()})
		}
	}
	return out
}
