package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"riskatlas/data"
	"riskatlas/data/datum"
	"riskatlas/tiles"
)

// ListQuery asks for a page of the source list.
type ListQuery struct {
	FilterQuery
	Regulator []string `query:"regulator" doc:"Bodies that answer for the sources, by name."`
	Status    []string `query:"status" doc:"active, suspended, closed, planned; all when left out. Maps and totals count active sources only."`
	BBox      string   `query:"bbox" doc:"west,south,east,north in degrees of crs: sources with a point in the box." example:"120.1,30.2,120.2,30.3"`
	Q         string   `query:"q" maxLength:"100" doc:"Part of the name in Chinese or English, or of the id."`
	Sort      string   `query:"sort" enum:"id,name,-name,level,-level,industry,-industry,district,-district" default:"id" doc:"Order; a minus turns it round. Equals are in the order of their ids."`
	Limit     int      `query:"limit" minimum:"1" maximum:"10000" default:"100" doc:"Most sources on a page."`
	Cursor    string   `query:"cursor" maxLength:"4000" doc:"Where the page begins: from the next link of the page before."`
	Format    string   `query:"format" enum:"geojson,csv" doc:"Form of the answer; Accept says it as well."`
	CRSQuery
}

// ListOutput is a page, encoded.
type ListOutput struct {
	ContentType  string `header:"Content-Type"`
	Disposition  string `header:"Content-Disposition"`
	Link         string `header:"Link"`
	DataRevision uint64 `header:"Data-Revision"`
	Body         []byte
}

// ListHead is what a GeoJSON page says before its features.
type ListHead struct {
	Collection
	Matched  *int       `json:"number_matched,omitempty" doc:"Sources on all pages together; on the first page only."`
	Returned int        `json:"number_returned"`
	Links    []PageLink `json:"links"`
}

// hazardList documents the GeoJSON page.
type hazardList struct {
	ListHead
	Features []Feature[HazardProperties] `json:"features"`
}

// PageLink leads to another page.
type PageLink struct {
	Rel  string `json:"rel" example:"next"`
	Type string `json:"type"`
	Href string `json:"href"`
}

func (s *Server) hazards(ctx context.Context, q *ListQuery) (*ListOutput, error) {
	v, err := s.through(&q.LensQuery)
	if err != nil {
		return nil, err
	}
	format, err := listFormat(q.Format, exchangeOf(ctx).r.Header.Get("Accept"))
	if err != nil {
		return nil, err
	}
	l, err := s.list(v, q)
	if err != nil {
		return nil, err
	}
	if err := s.large.reserve(ctx, exchangeOf(ctx).w, l.limit); err != nil {
		return nil, err
	}
	page := l.page(ctx)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	records, err := s.records(ctx, v, page.hazards)
	if err != nil {
		return nil, err
	}
	x := exchangeOf(ctx)
	x.w.Header().Add("Vary", "Accept")
	out := &ListOutput{DataRevision: uint64(v.Revision())}
	next := ""
	if page.next != "" {
		next = nextURL(x.r.URL, baseURL(x.r), page.next)
		out.Link = "<" + next + `>; rel="next"`
	}
	if format == "csv" {
		out.ContentType, out.Disposition = csvType+"; charset=utf-8; header=present", `attachment; filename="hazards.csv"`
		out.Body, err = csvPage(v.City.Taxonomy, records, q.datum())
		return out, err
	}
	out.ContentType = geoJSONType
	out.Body, err = geoJSONPage(v.City.Taxonomy, records, q.datum(),
		ListHead{Collection: s.collection(s.answer(v), q.datum()), Matched: page.matched}, next)
	return out, err
}

// listFormat settles the form of the answer: the parameter, else the header.
func listFormat(format, accept string) (string, error) {
	if format != "" {
		return format, nil
	}
	if accept == "" {
		return "geojson", nil
	}
	forms := []string{geoJSONType, jsonType, csvType}
	switch chosen := negotiate(accept, forms); chosen {
	case "":
		p := newProblem(http.StatusNotAcceptable, "Accept: want one of "+strings.Join(forms, ", "))
		p.Parameter, p.Value, p.Allowed = "Accept", shorten(accept), forms
		return "", p
	case csvType:
		return "csv", nil
	}
	return "geojson", nil
}

// nextURL is the same question from a cursor on.
func nextURL(u *url.URL, base, cursor string) string {
	q := u.Query()
	q.Set("cursor", cursor)
	return base + u.Path + "?" + q.Encode()
}

// list is a source list as asked.
type list struct {
	v       *tiles.View
	names   *names // nil unless q is given
	filter  data.Filter
	answers func(regulator string) bool
	states  []data.Status
	box     *box
	words   string
	order   order
	limit   int
	from    *cursor
}

func (s *Server) list(v *tiles.View, q *ListQuery) (*list, error) {
	l := &list{v: v, limit: q.Limit, order: orderOf(q.Sort, v.City.Taxonomy)}
	var err error
	if l.filter, err = q.filter(v.City.Taxonomy); err != nil {
		return nil, err
	}
	if l.answers, err = s.regulators(v, q.Regulator); err != nil {
		return nil, err
	}
	for _, word := range q.Status {
		status, err := data.ParseStatus(word)
		if err != nil {
			return nil, err
		}
		l.states = append(l.states, status)
	}
	if l.box, err = parseBox(q.BBox, q.datum()); err != nil {
		return nil, err
	}
	if q.Q != "" {
		l.names, l.words = s.names.of(v), fold(strings.TrimSpace(q.Q))
	}
	if q.Cursor != "" {
		l.from, err = parseCursor(q.Cursor, q.Sort)
	}
	return l, err
}

// selects is the whole condition but for the name.
func (l *list) selects(h *data.Hazard) bool {
	return l.filter.Match(h) && (len(l.states) == 0 || slices.Contains(l.states, h.Status)) &&
		l.answers(h.Regulator) && l.box.meets(h.Shape, h.Bound())
}

// each gives the selected sources after an id, in the order of their ids.
func (l *list) each(after data.ID, yield func(*data.Hazard) bool) {
	if l.names != nil {
		for i := range l.names.hazards {
			n := &l.names.hazards[i]
			if n.hazard.ID > after && strings.Contains(n.text, l.words) && l.selects(n.hazard) && !yield(n.hazard) {
				return
			}
		}
		return
	}
	for h := range l.v.All(l.filter, after) {
		if l.selects(h) && !yield(h) {
			return
		}
	}
}

// records reads the sources' records. One that was removed since the view, or
// hidden from it, is left out.
func (s *Server) records(ctx context.Context, v *tiles.View, hazards []*data.Hazard) ([]*data.Record, error) {
	ids := make([]data.ID, len(hazards))
	for i, h := range hazards {
		ids[i] = h.ID
	}
	all, err := s.details(ctx, v, ids...)
	if err != nil {
		return nil, err
	}
	kept := make([]*data.Record, 0, len(all))
	for _, r := range all {
		if r != nil {
			kept = append(kept, r)
		}
	}
	return kept, nil
}

// details reads records by id, in the order asked: from the store as it was at the
// view's time, but for those that a what-if puts in its place. One that was removed since the view, or is
// hidden from it, is nil.
func (s *Server) details(ctx context.Context, v *tiles.View, ids ...data.ID) ([]*data.Record, error) {
	out := make([]*data.Record, len(ids))
	var stored []data.ID
	for i, id := range ids {
		r, ok := v.Supposed(id)
		if out[i] = r; !ok {
			stored = append(stored, id)
		}
	}
	records, err := s.cityOf(v).Detail(ctx, stored...)
	if err != nil {
		return nil, err
	}
	for i, r := range out {
		if r == nil {
			out[i], records = records[0], records[1:]
		}
	}
	return out, nil
}

func geoJSONPage(tax *data.Taxonomy, records []*data.Record, d datum.Datum, head ListHead, next string) ([]byte, error) {
	head.Returned, head.Links = len(records), []PageLink{}
	if next != "" {
		head.Links = append(head.Links, PageLink{"next", geoJSONType, next})
	}
	b, err := openJSON(head)
	if err != nil {
		return nil, err
	}
	b = append(b, `,"features":[`...)
	for i, r := range records {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = tax.AppendFeature(append(b, '\n'), shownRecord(r, d)); err != nil {
			return nil, err
		}
	}
	return append(b, "\n]}\n"...), nil
}

// HazardQuery names a source.
type HazardQuery struct {
	ID string `path:"id" doc:"The source's id." example:"HZ-I04-000123"`
	WhatIfQuery
	CRSQuery
}

// hazardFeature documents the answer for one source: the feature and what every
// answer says.
type hazardFeature struct {
	Feature[HazardProperties]
	Answer
	CRS string `json:"datum" enum:"wgs84,gcj02,bd09"`
}

func (s *Server) hazard(ctx context.Context, q *HazardQuery) (*RawOutput, error) {
	v, err := s.supposing(&q.WhatIfQuery)
	if err != nil {
		return nil, err
	}
	id := data.ID(q.ID)
	if err := id.Validate(); err != nil {
		return nil, err
	}
	// The same words whether it never was or may not be seen, and none of its.
	missing := notFound("there is no source with this id")
	if _, ok := v.Get(id); !ok {
		return nil, missing
	}
	records, err := s.details(ctx, v, id)
	if err != nil {
		return nil, err
	}
	if records[0] == nil {
		return nil, missing
	}
	head, err := openJSON(struct {
		Answer
		CRS string `json:"datum"`
	}{s.answer(v), q.datum().String()})
	if err != nil {
		return nil, err
	}
	feature, err := v.City.Taxonomy.AppendFeature(nil, shownRecord(records[0], q.datum()))
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", strconv.Quote(q.ID), err)
	}
	body := append(append(head, ','), feature[1:]...)
	return &RawOutput{ContentType: geoJSONType, DataRevision: uint64(v.Revision()), Body: append(body, '\n')}, nil
}

// shownRecord is the record with every coordinate in the datum. Zone footprints
// are absolute and move with it; source_geometry stays as it was sent.
func shownRecord(r *data.Record, d datum.Datum) *data.Record {
	if d == datum.WGS84 {
		return r
	}
	h := *r.Hazard
	h.Shape = shownShape(h.Shape, d)
	h.Scenarios = slices.Clone(h.Scenarios)
	for i := range h.Scenarios {
		if f := *h.Scenarios[i].Footprint; f.Kind == data.Zone {
			f.Zones = slices.Clone(f.Zones)
			for z := range f.Zones {
				f.Zones[z].Shape = shownShape(f.Zones[z].Shape, d)
			}
			h.Scenarios[i].Footprint = &f
		}
	}
	detail := r.Detail
	if detail.Flood != nil {
		if ground, err := detail.Flood.Ground(); err == nil {
			flood := *detail.Flood
			flood.Geometry = data.AppendGeometry(nil, shownShape(ground, d))
			detail.Flood = &flood
		}
	}
	return &data.Record{Hazard: &h, Detail: detail}
}
