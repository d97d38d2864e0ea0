package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/tiles"
)

// CoverageQuery selects rows of the table of coverage.
type CoverageQuery struct {
	Industry []string `query:"industry" doc:"Industries, by code or slug." example:"I04,C02"`
	Group    []string `query:"group" doc:"Groups of industries; united with industry."`
	District []string `query:"district" doc:"Districts of the default vintage, by code."`
	Status   []string `query:"status" doc:"not_started, asked, received, verified, none_here. The totals count rows of every status."`
	Format   string   `query:"format" enum:"json,csv" doc:"Form of the answer; Accept says it as well. The CSV is read back by 'riskatlas coverage' and by POST."`
}

// CoverageRow is how far the survey of one industry in one district has come.
type CoverageRow struct {
	Industry     string `json:"industry" doc:"Code."`
	IndustryName string `json:"industry_name"`
	District     string `json:"district" doc:"Code in the default vintage."`
	DistrictName string `json:"district_name"`
	Status       string `json:"status" enum:"not_started,asked,received,verified,none_here" doc:"Ground is assessed for an industry that is received, verified or none_here."`
	Expected     *int   `json:"expected,omitempty" doc:"Sources that the body says there are. Not in the public view."`
	Found        *int   `json:"found,omitempty" doc:"Active sources that the city has. In the public view only of industries that it shows."`
	Flag         string `json:"flag,omitempty" enum:"found_where_none,fewer_than_expected" doc:"What contradicts itself: sources where there should be none, or a verified row with fewer than expected. Not in the public view."`
	Body         string `json:"body,omitempty" doc:"Who was asked. Not in the public view."`
	Asked        string `json:"asked,omitempty" doc:"YYYY-MM-DD, as all dates."`
	Received     string `json:"received,omitempty"`
	Verified     string `json:"verified,omitempty"`
	Due          string `json:"due,omitempty" doc:"Until when it was promised."`
	Note         string `json:"note,omitempty" doc:"Not in the public view."`
	ETag         string `json:"etag" doc:"Of the row: for If-Match, or if_match in a list."`
}

// CoverageCount is numbers of rows by status.
type CoverageCount struct {
	NotStarted int `json:"not_started"`
	Asked      int `json:"asked"`
	Received   int `json:"received"`
	Verified   int `json:"verified"`
	NoneHere   int `json:"none_here"`
	Done       int `json:"done" doc:"Received, verified or none_here."`
	Rows       int `json:"rows"`
}

func (c *CoverageCount) add(s data.CoverageStatus) {
	*[...]*int{&c.NotStarted, &c.Asked, &c.Received, &c.Verified, &c.NoneHere}[s]++
	c.Rows++
	if s.Done() {
		c.Done++
	}
}

// CoverageTotal is the rows of one industry or district.
type CoverageTotal struct {
	Key    string `json:"key" doc:"Code."`
	Name   string `json:"name"`
	NameEn string `json:"name_en,omitempty"`
	CoverageCount
}

// CoverageTable answers CoverageQuery.
type CoverageTable struct {
	Answer
	Recorded   bool            `json:"recorded" doc:"Whether the city keeps a table. If not, every row is not_started because nobody wrote any."`
	Vintage    string          `json:"vintage" doc:"The division that the districts are of."`
	Assessed   Assessed        `json:"assessed" doc:"Of the asked industries and districts."`
	Total      CoverageCount   `json:"total"`
	ByDistrict []CoverageTotal `json:"by_district"`
	ByIndustry []CoverageTotal `json:"by_industry"`
	Wrong      int             `json:"unreadable,omitempty" doc:"Rows of the store that cannot be read and do not count."`
	Rows       []CoverageRow   `json:"rows" doc:"Every asked industry and district, whether somebody wrote of it or not."`
}

// asked gives the filter and the statuses that are asked for.
func (q *CoverageQuery) asked(tax *data.Taxonomy) (f data.Filter, statuses map[data.CoverageStatus]bool, err error) {
	if f, err = tax.Filter(data.Selection{Industries: q.Industry, Groups: q.Group, Districts: q.District}); err != nil {
		return f, nil, err
	}
	for _, word := range q.Status {
		s, err := data.ParseCoverageStatus(word)
		if err != nil {
			return f, nil, err
		}
		if statuses == nil {
			statuses = map[data.CoverageStatus]bool{}
		}
		statuses[s] = true
	}
	return f, statuses, nil
}

func (s *Server) coverage(ctx context.Context, q *CoverageQuery) (*RawOutput, error) {
	v, err := s.view()
	if err != nil {
		return nil, err
	}
	tax := v.City.Taxonomy
	f, statuses, err := q.asked(tax)
	if err != nil {
		return nil, err
	}
	format, err := coverageFormat(q.Format, exchangeOf(ctx).r.Header.Get("Accept"))
	if err != nil {
		return nil, err
	}
	rows := v.Coverage().AllPairs(tax)
	rows = slices.DeleteFunc(rows, func(c data.Coverage) bool {
		return !f.Industries.Has(uint8(c.Industry)) || f.Districts[c.District/64]>>(c.District%64)&1 == 0
	})
	found := newFoundSources(v)
	kept := func(c *data.Coverage) bool { return statuses == nil || statuses[c.Status] }
	if format == "csv" {
		rows = slices.DeleteFunc(rows, func(c data.Coverage) bool { return !kept(&c) })
		var out bytes.Buffer
		out.WriteString(byteOrderMark)
		if err := tax.WriteCoverage(&out, rows, found.of, data.Harmless); err != nil {
			return nil, err
		}
		return &RawOutput{ContentType: csvType + "; charset=utf-8", DataRevision: uint64(v.Revision()), Body: out.Bytes()}, nil
	}
	t := CoverageTable{Answer: s.answer(v), Recorded: v.Coverage() != nil, Vintage: tax.Vintages[tax.Default].Name, Wrong: v.Coverage().Wrong(),
		Assessed: assessedOf(tax, assessedOver(v, f)), Rows: []CoverageRow{}}
	t.count(tax, rows)
	for i := range rows {
		if kept(&rows[i]) {
			t.Rows = append(t.Rows, coverageRow(v, found, &rows[i]))
		}
	}
	return &RawOutput{ContentType: jsonType, DataRevision: uint64(v.Revision()), Body: append(appendJSON(t), '\n')}, nil
}

// coverageFormat is json or csv, by the parameter, else by Accept.
func coverageFormat(format, accept string) (string, error) {
	if format != "" {
		return format, nil
	}
	if accept == "" {
		return "json", nil
	}
	switch negotiate(accept, []string{jsonType, csvType}) {
	case jsonType:
		return "json", nil
	case csvType:
		return "csv", nil
	}
	p := newProblem(http.StatusNotAcceptable, "Accept: want "+jsonType+" or "+csvType)
	p.Parameter, p.Allowed = "Accept", []string{jsonType, csvType}
	return "", p
}

// count adds up the rows, whatever their status.
func (t *CoverageTable) count(tax *data.Taxonomy, rows []data.Coverage) {
	districts, industries := map[data.District]int{}, map[data.Industry]int{}
	t.ByDistrict, t.ByIndustry = []CoverageTotal{}, []CoverageTotal{}
	for i := range rows {
		c := &rows[i]
		t.Total.add(c.Status)
		if _, ok := districts[c.District]; !ok {
			_, info, _ := tax.DistrictInfo(c.District)
			districts[c.District] = len(t.ByDistrict)
			t.ByDistrict = append(t.ByDistrict, CoverageTotal{Key: info.Code, Name: info.Name, NameEn: info.NameEn})
		}
		if _, ok := industries[c.Industry]; !ok {
			in := &tax.Industries[c.Industry]
			industries[c.Industry] = len(t.ByIndustry)
			t.ByIndustry = append(t.ByIndustry, CoverageTotal{Key: in.Code, Name: in.Name, NameEn: in.NameEn})
		}
		t.ByDistrict[districts[c.District]].add(c.Status)
		t.ByIndustry[industries[c.Industry]].add(c.Status)
	}
}

// foundSources are the numbers of active sources by pair, as far as the view may
// know them: where it hides an industry it does not know any.
type foundSources struct {
	v *tiles.View
	n map[[2]int]int
}

func newFoundSources(v *tiles.View) foundSources {
	f := foundSources{v, map[[2]int]int{}}
	for class, n := range v.Classes() {
		f.n[[2]int{int(class.Industry), int(class.Districts[v.City.Taxonomy.Default])}] += n
	}
	return f
}

func (f foundSources) of(in data.Industry, d data.District) (int, bool) {
	if f.v.Who != city.InternalView && f.v.City.Taxonomy.Industries[in].Sensitivity != data.Public {
		return 0, false
	}
	return f.n[[2]int{int(in), int(d)}], true
}

func coverageRow(v *tiles.View, found foundSources, c *data.Coverage) CoverageRow {
	tax := v.City.Taxonomy
	in := &tax.Industries[c.Industry]
	_, district, _ := tax.DistrictInfo(c.District)
	row := CoverageRow{Industry: in.Code, IndustryName: in.Name, District: district.Code, DistrictName: district.Name, Status: c.Status.String(),
		Expected: c.Expected, Body: c.Body, Note: c.Note, ETag: coverageTag(tax, c),
		Asked: c.Asked.String(), Received: c.Received.String(), Verified: c.Verified.String(), Due: c.Due.String()}
	n, known := found.of(c.Industry, c.District)
	if known {
		row.Found = &n
	}
	switch {
	case !known || v.Who != city.InternalView:
	case c.Status == data.NoneHere && n > 0:
		row.Flag = "found_where_none"
	case c.Status == data.Verified && c.Expected != nil && n < *c.Expected:
		row.Flag = "fewer_than_expected"
	}
	return row
}

// coverageTag names what a row says: rows that say the same have one tag.
func coverageTag(tax *data.Taxonomy, c *data.Coverage) string {
	u := tax.CoverageUnit(c, orb.Point{}) // where it lies is no part of what it says
	sum := sha256.Sum256(appendJSON(struct {
		Code, Status string
		Props        map[string]string
	}{u.Code, u.Class, u.Props}))
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}
