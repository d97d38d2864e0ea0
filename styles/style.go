package styles

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Options say where a style's tiles come from and what it opens on.
type Options struct {
	TilesURL  string    // where the tile routes begin, "https://host/tiles"; no slash at the end
	SpriteURL string    // where the style's images are, "https://host/sprites/day"; "": none, and nothing is hatched
	Query     string    // the filters and statistic for every tile, encoded, without "?"
	Name      string    // the city's name
	Centre    orb.Point // lon/lat
	Bound     orb.Bound // lon/lat
	Zoom      float64   // to open at; 0 is 10
	English   bool      // names in English where there are any
	Synthetic bool      // the attribution says that the data is synthetic
	Note      string    // more attribution, as "public view"
}

// document is a MapLibre style (style specification, version 8). Glyphs are left
// out, so that text, Chinese included, is drawn with the browser's own fonts.
type document struct {
	Version  int                 `json:"version"`
	Name     string              `json:"name"`
	Metadata map[string]any      `json:"metadata"`
	Center   orb.Point           `json:"center"`
	Zoom     float64             `json:"zoom"`
	Sprite   string              `json:"sprite,omitempty"`
	Sources  map[string]*vectors `json:"sources"`
	Layers   []layer             `json:"layers"`
}

type vectors struct {
	Type        string     `json:"type"`
	Tiles       []string   `json:"tiles"`
	MinZoom     int        `json:"minzoom"`
	MaxZoom     int        `json:"maxzoom"`
	Bounds      [4]float64 `json:"bounds"`
	PromoteID   any        `json:"promoteId,omitempty"`
	Attribution string     `json:"attribution,omitempty"`
}

type layer struct {
	ID          string         `json:"id"`
	Type        string         `json:"type"`
	Source      string         `json:"source,omitempty"`
	SourceLayer string         `json:"source-layer,omitempty"`
	MinZoom     float64        `json:"minzoom,omitempty"`
	MaxZoom     float64        `json:"maxzoom,omitempty"`
	Filter      any            `json:"filter,omitempty"`
	Layout      map[string]any `json:"layout,omitempty"`
	Paint       map[string]any `json:"paint,omitempty"`
}

// The sources: risk in tiles of its own, since it is what a filter makes slow;
// everything else together.
const (
	riskSource = "risk"
	cityPoints = "sources"
	cityGround = "ground"

	cityCoverage = "coverage"
)

// Style gives the style document of that id.
func Style(id string, o Options) ([]byte, error) {
	p, ok := palettes[id]
	if !ok {
		return nil, &data.Invalid{Field: "style", Value: id, Want: "one of", Allowed: IDs()}
	}
	if o.Zoom == 0 {
		o.Zoom = 10
	}
	d := document{Version: 8, Name: "riskatlas " + id, Center: o.Centre, Zoom: o.Zoom,
		Metadata: map[string]any{"riskatlas:palette": p.Levels[1:], "riskatlas:synthetic": o.Synthetic},
		Sources: map[string]*vectors{
			riskSource: source(o, "risk", 5, nil),
			cityPoints: source(o, "hazards,lines,areas", 5, map[string]string{"hazards": "id", "lines": "id", "areas": "id"}),
			cityGround: source(o, "districts,labels,places", 4, map[string]string{"districts": "code", "places": "id"}),
		},
		Layers: layers(p, o.English, o.SpriteURL != ""), Sprite: o.SpriteURL}
	if o.SpriteURL != "" {
		d.Sources[cityCoverage] = source(o, "coverage", 4, map[string]string{"coverage": "code"})
		d.Sources[cityCoverage].MaxZoom = int(data.Layers[data.LayerCoverage].MaxZoom)
	}
	d.Sources[riskSource].Attribution = attribution(o)
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false) // the specification's own validator does not read \u003e
	if err := enc.Encode(d); err != nil {
		return nil, fmt.Errorf("style %s: %w", id, err)
	}
	return out.Bytes(), nil
}

func source(o Options, names string, minZoom int, promote any) *vectors {
	url := o.TilesURL + "/" + names + "/{z}/{x}/{y}.mvt"
	if o.Query != "" {
		url += "?" + o.Query
	}
	// The layers' own last zoom is 18; maps show it enlarged beyond.
	return &vectors{Type: "vector", Tiles: []string{url}, MinZoom: minZoom, MaxZoom: 18, PromoteID: promote,
		Bounds: [4]float64{o.Bound.Min[0], max(o.Bound.Min[1], -85), o.Bound.Max[0], min(o.Bound.Max[1], 85)}}
}

func attribution(o Options) string {
	text := o.Name
	if o.Synthetic {
		text += " · 演示数据，均为虚构 (synthetic demonstration data)"
	}
	if o.Note != "" {
		text += " · " + o.Note
	}
	return text
}
