package api

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// SearchQuery looks for a name.
type SearchQuery struct {
	Q     string `query:"q" required:"true" maxLength:"100" doc:"Part of a name in Chinese or English, of an id or a code; case and width do not matter."`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"Most hits to list."`
	WhatIfQuery
	CRSQuery
}

// Hit is one thing found.
type Hit struct {
	Kind     string     `json:"kind" enum:"hazard,district,place"`
	ID       string     `json:"id" doc:"Id of a source, code of a district or place."`
	Name     string     `json:"name"`
	NameEn   string     `json:"name_en,omitempty"`
	Lon      float64    `json:"lon"`
	Lat      float64    `json:"lat"`
	Bounds   []float64  `json:"bounds,omitempty" doc:"West, south, east, north; of what is more than a point."`
	Industry string     `json:"industry,omitempty" doc:"Of a source: code."`
	Level    data.Level `json:"level,omitempty" doc:"Of a source: assessed level."`
	Vintage  string     `json:"vintage,omitempty" doc:"Of a district: the division that it is of."`
	Class    string     `json:"class,omitempty" doc:"Of a place: shelter, hospital, …"`
}

// Search answers SearchQuery.
type Search struct {
	Answer
	Hits []Hit `json:"hits" doc:"Equal names first, then those that begin with q, then the rest; shorter before longer."`
}

// SearchOutput carries a Search.
type SearchOutput struct{ Body Search }

// found is a hit before it is written.
type found struct {
	rank   int // 0 equal, 1 begins with, 2 holds
	length int // of the name
	kind   int // district, place, source
	id     string
	hazard *data.Hazard
	unit   *namedUnit
}

func (a *found) compare(b *found) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.kind, b.kind), cmp.Compare(a.length, b.length), cmp.Compare(a.id, b.id))
}

func (s *Server) search(_ context.Context, q *SearchQuery) (*SearchOutput, error) {
	v, err := s.supposing(&q.WhatIfQuery)
	if err != nil {
		return nil, err
	}
	words := fold(strings.TrimSpace(q.Q))
	if words == "" {
		return nil, badValue("q", q.Q, "a part of a name")
	}
	n := s.names.of(v)
	best := newBest(q.Limit, func(a, b *found) int { return a.compare(b) })
	for i := range n.units {
		u := &n.units[i]
		if rank, ok := rankOf(u.text, words); ok {
			kind := 0
			if u.vintage == "" {
				kind = 1
			}
			best.add(&found{rank, utf8.RuneCountInString(u.unit.Name), kind, u.vintage + u.unit.Code, nil, u})
		}
	}
	for i := range n.hazards {
		h := &n.hazards[i]
		if rank, ok := rankOf(h.text, words); ok {
			best.add(&found{rank, utf8.RuneCountInString(h.hazard.Name), 2, string(h.hazard.ID), h.hazard, nil})
		}
	}
	out := Search{Answer: s.answer(v), Hits: []Hit{}}
	for _, f := range best.sorted() {
		out.Hits = append(out.Hits, hit(v.City.Taxonomy, f, &q.CRSQuery))
	}
	return &SearchOutput{out}, nil
}

// rankOf finds the words in a folded text.
func rankOf(text, words string) (rank int, ok bool) {
	at := strings.Index(text, words)
	if at < 0 {
		return 0, false
	}
	for rank = 2; at >= 0; {
		if text[at-1] == 0 { // words hold no zero byte, so at is never 0
			end := at + len(words)
			if end == len(text) || text[end] == 0 {
				return 0, true
			}
			rank = 1
		}
		next := strings.Index(text[at+1:], words)
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return rank, true
}

func hit(tax *data.Taxonomy, f *found, q *CRSQuery) Hit {
	d := q.datum()
	if f.hazard != nil {
		h := f.hazard
		out := Hit{Kind: "hazard", ID: f.id, Name: h.Name, NameEn: h.NameEn, Industry: tax.Industries[h.Industry].Code, Level: h.Level}
		return out.at(shown(h.Label(), d), shownShape(h.Shape, d))
	}
	u := f.unit.unit
	out := Hit{Kind: "place", ID: u.Code, Name: u.Name, NameEn: u.NameEn, Vintage: f.unit.vintage, Class: u.Class}
	if f.unit.vintage != "" {
		out.Kind = "district"
	}
	return out.at(shown(data.LabelPoint(u.Shape), d), shownShape(u.Shape, d))
}

func (h Hit) at(p orb.Point, shape orb.Geometry) Hit {
	h.Lon, h.Lat = p[0], p[1]
	if _, point := shape.(orb.Point); !point {
		b := shape.Bound()
		h.Bounds = []float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}
	}
	return h
}

// best keeps the first n of what is added, by an order.
type best[T any] struct {
	n       int
	compare func(a, b T) int
	kept    []T
}

func newBest[T any](n int, compare func(a, b T) int) *best[T] {
	return &best[T]{n: n, compare: compare}
}

func (b *best[T]) add(v T) {
	b.kept = append(b.kept, v)
	if len(b.kept) >= 2*b.n+64 {
		b.cut()
	}
}

func (b *best[T]) cut() {
	slices.SortFunc(b.kept, b.compare)
	clear(b.kept[min(b.n, len(b.kept)):])
	b.kept = b.kept[:min(b.n, len(b.kept))]
}

func (b *best[T]) sorted() []T {
	b.cut()
	return b.kept
}
