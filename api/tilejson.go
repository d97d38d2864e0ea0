package api

import (
	"context"
	"fmt"
	"strings"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/styles"
	"riskatlas/tiles"
)

// layerInfo describes a layer of the tile contract for TileJSON and the
// catalogue: fields by name, with what they hold.
type layerInfo struct {
	text, geometry string
	fields         map[string]string
}

var sourceFields = map[string]string{"id": "String. The source.", "name": "String.", "industry": "String. Code.",
	"district": "String. Code.", "level": "Number. Assessed level, 1 to 4."}

var districtFields = map[string]string{"code": "String.", "name": "String.", "name_en": "String.",
	"level": "Number. By the district rule; absent under a filter.", "count": "Number. Sources in it."}

var zoneFields = map[string]string{"set": "String. Name of the set.", "code": "String. Unique in the set.", "name": "String.",
	"name_en": "String.", "level": "Number. By the district rule; absent under a filter.", "count": "Number. Sources whose label point lies in it.",
	"schematic": "Boolean. True when the outline is drawn by hand; else absent."}

var layerInfos = [data.LayerCount]layerInfo{
	data.LayerRisk: {"Superposed risk: one band for each level, disjoint.", "polygon",
		map[string]string{"level": "Number. 1 low (blue) to 4 major (red)."}},
	data.LayerGrid: {"Cells of the ground with their risk.", "polygon", map[string]string{
		"level": "Number. 0 to 4.", "ir": "Number. Individual risk, 1/yr.",
		"ir_mean": "Number. Mean over the cell's base cells, 1/yr.", "chief": "String. Industry with the largest share; from zoom 14.",
		"pll": "Number. Expected deaths per year among those who live on the cell, 1/yr; where people are known."}},
	data.LayerHazards: {"Sources as points; clustered where they are many.", "point", withClusters(sourceFields)},
	data.LayerLines:   {"Sources that are lines.", "line", sourceFields},
	data.LayerAreas:   {"Sources that are areas.", "polygon", sourceFields},
	data.LayerDistricts: {"Districts of the default vintage.", "polygon",
		districtFields},
	data.LayerLabels: {"One point for each district's name.", "point", districtFields},
	data.LayerDiff: {"Ground whose level changes: by a what-if, or from one time to another; needs whatif= or since=.", "polygon", map[string]string{
		"from": "Number. Level in the city as it is, or was then, 0 to 4.", "to": "Number. Level in the what-if, or in the city as it is.", "change": "String. rise or fall."}},
	data.LayerCoverage: {"How far the survey of each district has come; nothing for a city that keeps no table of coverage.", "polygon", map[string]string{
		"code": "String.", "name": "String.", "name_en": "String.", "share": "Number. Of the asked industries that are done, 0 to 1; under 1 the ground is not assessed.",
		"missing": "String. Codes of industries that are not done, comma-joined, the first 12; absent where none.", "more": "Number. Codes that are not listed; absent where none.",
		"oldest": "String. Date of the oldest row that is done.", "schematic": "Boolean. True when the outline is drawn by hand; else absent."}},
	data.LayerPlaces: {"Emergency places.", "point", map[string]string{"id": "String.", "kind": "String.", "name": "String."}},
	data.LayerZones:  {"Zones of every set: streets, parks and other ground beside districts; they may overlap.", "polygon", zoneFields},
}

func withClusters(fields map[string]string) map[string]string {
	out := map[string]string{"count": "Number. Of a cluster: its sources.", "n1": "Number. Of a cluster: sources of level 1.",
		"n2": "Number. The same of level 2.", "n3": "Number. The same of level 3.", "n4": "Number. The same of level 4."}
	for name, text := range fields {
		out[name] = text
	}
	return out
}

// TileJSONQuery names layers and what their tiles are to show.
type TileJSONQuery struct {
	Layers string `path:"layers" doc:"One or several layers, comma-joined." example:"risk"`
	MapQuery
}

// VectorLayer is a layer in TileJSON.
type VectorLayer struct {
	ID          string            `json:"id"`
	Description string            `json:"description"`
	MinZoom     int               `json:"minzoom"`
	MaxZoom     int               `json:"maxzoom"`
	Fields      map[string]string `json:"fields"`
}

// TileJSON is the TileJSON 3.0.0 of a set of layers.
type TileJSON struct {
	TileJSON     string        `json:"tilejson" example:"3.0.0"`
	Name         string        `json:"name"`
	Description  string        `json:"description"`
	Version      string        `json:"version" doc:"The format of the tiles; data_revision is the data's."`
	Attribution  string        `json:"attribution"`
	Scheme       string        `json:"scheme"`
	Tiles        []string      `json:"tiles"`
	MinZoom      int           `json:"minzoom"`
	MaxZoom      int           `json:"maxzoom"`
	Bounds       []float64     `json:"bounds" doc:"West, south, east, north; degrees."`
	Center       []float64     `json:"center" doc:"Longitude, latitude, zoom."`
	VectorLayers []VectorLayer `json:"vector_layers"`
	CRS          string        `json:"crs" doc:"Coordinate system of the map that the tiles are for."`
	Answer
}

// TileJSONOutput carries a TileJSON.
type TileJSONOutput struct{ Body TileJSON }

// openZoom is where maps of a city open.
const openZoom = 10

func (s *Server) tileJSON(ctx context.Context, q *TileJSONQuery) (*TileJSONOutput, error) {
	v, err := s.drawn(&q.MapQuery)
	if err != nil {
		return nil, err
	}
	set, err := parseLayers(q.Layers)
	if err != nil {
		return nil, err
	}
	if set.Has(data.LayerDiff) && q.WhatIf == "" && q.Since == "" {
		return nil, badValue("whatif", "", "the id of a what-if, which layer diff compares with the city as it is, or since= with a revision or time, with which it compares the city")
	}
	if err := q.check(v); err != nil {
		return nil, err
	}
	t := TileJSON{TileJSON: "3.0.0", Name: v.City.Name + " " + set.String(), Version: "1.0.0", Scheme: "xyz",
		Description: "City safety risk by riskatlas: individual risk in 1/yr, levels 1 to 4",
		Attribution: s.attribution(v), Tiles: []string{tilesURL(baseURL(exchangeOf(ctx).r), set, q.encode())},
		CRS: q.datum().String(), Answer: s.answer(v)}
	t.MinZoom = maxTileZoom
	for l := range set.All() {
		layer, ok := s.vectorLayer(l)
		if !ok {
			return nil, notFound("this server serves a frozen map, which has no layer " + l.String())
		}
		t.VectorLayers = append(t.VectorLayers, layer)
		t.MinZoom, t.MaxZoom = min(t.MinZoom, layer.MinZoom), max(t.MaxZoom, layer.MaxZoom)
	}
	b := shownShape(s.bound(v), q.datum()).Bound()
	c := shown(v.City.Centre, q.datum())
	t.Bounds = []float64{b.Min[0], max(b.Min[1], -maxLatitude), b.Max[0], min(b.Max[1], maxLatitude)}
	t.Center = []float64{c[0], c[1], float64(min(max(openZoom, t.MinZoom), t.MaxZoom))}
	return &TileJSONOutput{t}, nil
}

// maxLatitude is where the tiles of Web Mercator end, degrees.
const maxLatitude = 85.0511287798066

func (s *Server) vectorLayer(l data.Layer) (v VectorLayer, ok bool) {
	least, most, ok := s.held(l)
	return VectorLayer{ID: l.String(), Description: layerInfos[l].text, Fields: layerInfos[l].fields,
		MinZoom: int(least), MaxZoom: int(most)}, ok
}

func tilesURL(base string, set tiles.LayerSet, query string) string {
	url := base + "/tiles/" + set.String() + "/{z}/{x}/{y}.mvt"
	if query != "" {
		url += "?" + query
	}
	return url
}

func (s *Server) attribution(v *tiles.View) string {
	parts := []string{v.City.Name}
	if s.opts.Synthetic {
		parts = append(parts, "演示数据，均为虚构 (synthetic demonstration data)")
	}
	if note := s.note(v); note != "" {
		parts = append(parts, note)
	}
	return strings.Join(parts, " · ")
}

// note is what the public view adds to a map's attribution.
func (s *Server) note(v *tiles.View) string {
	if s.opts.City.View() != city.PublicView {
		return ""
	}
	n := s.opts.City.LeftOut()
	if p, ok := v.Past(); ok {
		n = p.LeftOut
	}
	return fmt.Sprintf("公开视图，未含 %d 个风险源 (public view, %d sources left out)", n, n)
}

// CatalogueLayer is a layer in the catalogue.
type CatalogueLayer struct {
	VectorLayer
	Geometry string `json:"geometry" enum:"point,line,polygon"`
	TileJSON string `json:"tilejson" doc:"URL of its TileJSON."`
	Tiles    string `json:"tiles" doc:"URL template of its tiles."`
}

// CatalogueStyle is a style in the catalogue.
type CatalogueStyle struct {
	ID  string `json:"id"`
	URL string `json:"url"`
}

// Catalogue lists layers and styles.
type Catalogue struct {
	Answer
	Layers []CatalogueLayer `json:"layers"`
	Styles []CatalogueStyle `json:"styles"`
}

// CatalogueOutput carries a Catalogue.
type CatalogueOutput struct{ Body Catalogue }

func (s *Server) catalogue(ctx context.Context, _ *struct{}) (*CatalogueOutput, error) {
	v, err := s.view()
	if err != nil {
		return nil, err
	}
	base := baseURL(exchangeOf(ctx).r)
	c := Catalogue{Answer: s.answer(v)}
	for l := range data.LayerCount {
		layer, ok := s.vectorLayer(l)
		if !ok {
			continue
		}
		c.Layers = append(c.Layers, CatalogueLayer{VectorLayer: layer, Geometry: layerInfos[l].geometry,
			TileJSON: base + "/tiles/" + l.String() + ".json", Tiles: tilesURL(base, tiles.Layers(l), "")})
	}
	for _, id := range styles.IDs() {
		c.Styles = append(c.Styles, CatalogueStyle{id, base + "/styles/" + id + "/style.json"})
	}
	return &CatalogueOutput{c}, nil
}
