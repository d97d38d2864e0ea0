package api

import (
	"context"
	"net/http"

	"riskatlas/styles"
)

// StyleQuery names a style and what its map is to show.
type StyleQuery struct {
	ID   string `path:"id" doc:"day, night or colour-blind." example:"day"`
	Lang string `query:"lang" enum:"zh,en" default:"zh" doc:"Language of names on the map."`
	MapQuery
}

// RawOutput is an answer that is already encoded.
type RawOutput struct {
	ContentType  string `header:"Content-Type"`
	DataRevision uint64 `header:"Data-Revision"`
	Body         []byte
}

func (s *Server) style(ctx context.Context, q *StyleQuery) (*RawOutput, error) {
	v, err := s.view()
	if err != nil {
		return nil, err
	}
	if err := q.check(v.City.Taxonomy); err != nil {
		return nil, err
	}
	if _, ok := styles.Colours(q.ID); !ok {
		p := badValue("style", q.ID, "one of", styles.IDs()...)
		p.Status, p.Title = http.StatusNotFound, http.StatusText(http.StatusNotFound)
		return nil, p
	}
	body, err := styles.Style(q.ID, styles.Options{
		TilesURL: baseURL(exchangeOf(ctx).r) + "/tiles", Query: q.encode(), Name: v.City.Name,
		Centre: shown(v.City.Centre, q.datum()), Bound: shownShape(v.City.Bound, q.datum()).Bound(), Zoom: openZoom,
		English: q.Lang == "en", Synthetic: s.opts.Synthetic, Note: s.note()})
	if err != nil {
		return nil, err
	}
	return &RawOutput{ContentType: jsonType, DataRevision: uint64(v.Revision()), Body: body}, nil
}
