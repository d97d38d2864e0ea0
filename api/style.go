package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"riskatlas/styles"
	"riskatlas/tiles"
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
	v, err := s.drawn(&q.MapQuery)
	if err != nil {
		return nil, err
	}
	if err := q.check(v); err != nil {
		return nil, err
	}
	if _, ok := styles.Colours(q.ID); !ok {
		p := badValue("style", q.ID, "one of", styles.IDs()...)
		p.Status, p.Title = http.StatusNotFound, http.StatusText(http.StatusNotFound)
		return nil, p
	}
	body, err := styles.Style(q.ID, styles.Options{
		TilesURL: baseURL(exchangeOf(ctx).r) + "/tiles", Query: q.encode(), Name: v.City.Name,
		Centre: shown(v.City.Centre, q.datum()), Bound: shownShape(s.bound(v), q.datum()).Bound(), Zoom: openZoom,
		English: q.Lang == "en", Synthetic: s.opts.Synthetic, Note: s.note(v)})
	if err != nil {
		return nil, err
	}
	if file, ok := s.opts.Tiles.(frozen); ok {
		if body, err = narrow(body, file); err != nil {
			return nil, err
		}
	}
	return &RawOutput{ContentType: jsonType, DataRevision: uint64(v.Revision()), Body: body}, nil
}

// narrow makes a style ask only for the layers and zooms that a file has; maps
// show the last zoom enlarged beyond.
func narrow(style []byte, file frozen) ([]byte, error) {
	var doc map[string]any
	if err := json.Unmarshal(style, &doc); err != nil {
		return nil, fmt.Errorf("reading the style back: %w", err)
	}
	least, most := file.Zooms()
	sources, _ := doc["sources"].(map[string]any)
	for name, v := range sources {
		source, _ := v.(map[string]any)
		urls, _ := source["tiles"].([]any)
		if !narrowURLs(urls, file.Layers()) {
			delete(sources, name)
			continue
		}
		from, _ := source["minzoom"].(float64)
		to, _ := source["maxzoom"].(float64)
		source["minzoom"], source["maxzoom"] = max(from, float64(least)), min(to, float64(most))
	}
	layers, _ := doc["layers"].([]any)
	doc["layers"] = slices.DeleteFunc(layers, func(v any) bool {
		layer, _ := v.(map[string]any)
		source, drawn := layer["source"].(string) // the background has none
		return drawn && sources[source] == nil
	})
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(doc)
	return b.Bytes(), err
}

// narrowURLs takes the layers that are not held out of tile URLs. It reports
// whether any are left.
func narrowURLs(urls []any, held tiles.LayerSet) bool {
	for i, v := range urls {
		url, _ := v.(string)
		head, rest, ok := strings.Cut(url, "/tiles/")
		names, tail, cut := strings.Cut(rest, "/")
		asked, err := tiles.ParseLayers(names)
		if !ok || !cut || err != nil || asked&held == 0 {
			return false
		}
		urls[i] = head + "/tiles/" + (asked & held).String() + "/" + tail
	}
	return len(urls) > 0
}
