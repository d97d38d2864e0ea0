package styles

// layers are the map's layers from the ground up.
func layers(p Palette, english, hatched bool) []layer {
	return concat(
		groundLayers(p),
		riskLayers(p),
		coverageLayers(hatched),
		[]layer{borderLayer(p)},
		shapeLayers(p),
		pointLayers(p),
		placeLayers(p, english),
		labelLayers(p, english),
	)
}

func concat(parts ...[]layer) []layer {
	var all []layer
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

// byLevel is an expression that picks a value by the feature's level.
func byLevel(values [5]string) []any {
	e := []any{"match", []any{"get", "level"}}
	for _, l := range levels {
		e = append(e, int(l), values[l])
	}
	return append(e, "rgba(0,0,0,0)")
}

// byZoom interpolates linearly between zoom, value pairs.
func byZoom(stops ...any) []any {
	return append([]any{"interpolate", []any{"linear"}, []any{"zoom"}}, stops...)
}

func groundLayers(p Palette) []layer {
	return []layer{
		{ID: "background", Type: "background", Paint: map[string]any{"background-color": p.Ground}},
		{ID: "districts", Type: "fill", Source: cityGround, SourceLayer: "districts",
			Paint: map[string]any{"fill-color": p.District, "fill-antialias": false}},
	}
}

// riskLayers draw the superposed bands. A thin line of the same colour, wider
// for worse levels, keeps them apart where colours are hard to tell.
func riskLayers(p Palette) []layer {
	return []layer{
		{ID: "risk", Type: "fill", Source: riskSource, SourceLayer: "risk",
			Paint: map[string]any{"fill-color": byLevel(p.Levels), "fill-opacity": p.RiskOpacity, "fill-antialias": false}},
		{ID: "risk-edge", Type: "line", Source: riskSource, SourceLayer: "risk", MinZoom: 11,
			Filter: []any{">=", []any{"get", "level"}, 3},
			Paint: map[string]any{"line-color": byLevel(p.Levels), "line-opacity": 0.7,
				"line-width": []any{"match", []any{"get", "level"}, 4, 1.6, 0.8}}},
	}
}

// coverageLayers hatch the ground that is not assessed for what is asked. They need
// the images of the style.
func coverageLayers(hatched bool) []layer {
	if !hatched {
		return nil
	}
	return []layer{
		{ID: "unassessed", Type: "fill", Source: cityCoverage, SourceLayer: "coverage", Filter: []any{"<", []any{"get", "share"}, 1},
			Paint: map[string]any{"fill-pattern": unassessed, "fill-antialias": false}},
	}
}

func borderLayer(p Palette) layer {
	return layer{ID: "district-borders", Type: "line", Source: cityGround, SourceLayer: "districts",
		Paint: map[string]any{"line-color": p.Border, "line-width": byZoom(6, 0.6, 12, 1.6), "line-opacity": 0.8}}
}

func shapeLayers(p Palette) []layer {
	return []layer{
		{ID: "areas", Type: "fill", Source: cityPoints, SourceLayer: "areas", MinZoom: 11,
			Paint: map[string]any{"fill-color": byLevel(p.Levels), "fill-opacity": 0.25}},
		{ID: "areas-edge", Type: "line", Source: cityPoints, SourceLayer: "areas", MinZoom: 11,
			Paint: map[string]any{"line-color": byLevel(p.Levels), "line-width": 1.2}},
		{ID: "lines", Type: "line", Source: cityPoints, SourceLayer: "lines", MinZoom: 10,
			Layout: map[string]any{"line-cap": "round", "line-join": "round"},
			Paint:  map[string]any{"line-color": byLevel(p.Levels), "line-width": byZoom(10, 0.8, 16, 4)}},
	}
}

func pointLayers(p Palette) []layer {
	cluster := []any{"has", "count"}
	alone := []any{"!", cluster}
	return []layer{
		{ID: "clusters", Type: "circle", Source: cityPoints, SourceLayer: "hazards", MinZoom: 9, Filter: cluster,
			Layout: map[string]any{"circle-sort-key": []any{"get", "level"}},
			Paint: map[string]any{"circle-color": byLevel(p.Levels), "circle-opacity": 0.8,
				"circle-radius":       []any{"interpolate", []any{"linear"}, []any{"log10", []any{"max", 1, []any{"get", "count"}}}, 0, 3, 1, 6, 2, 10, 3, 15},
				"circle-stroke-color": p.Outline, "circle-stroke-width": 1}},
		{ID: "cluster-counts", Type: "symbol", Source: cityPoints, SourceLayer: "hazards", MinZoom: 9,
			Filter: []any{"all", cluster, []any{">=", []any{"get", "count"}, 10}},
			Layout: map[string]any{"text-field": []any{"to-string", []any{"get", "count"}}, "text-size": 10},
			Paint:  map[string]any{"text-color": "#FFFFFF", "text-halo-color": "#22303C", "text-halo-width": 1.2}},
		{ID: "hazards", Type: "circle", Source: cityPoints, SourceLayer: "hazards", MinZoom: 11, Filter: alone,
			Layout: map[string]any{"circle-sort-key": []any{"get", "level"}},
			Paint: map[string]any{"circle-color": byLevel(p.Levels),
				"circle-radius":       byZoom(11, []any{"match", []any{"get", "level"}, 4, 4, 3, 3, 2}, 16, []any{"match", []any{"get", "level"}, 4, 11, 3, 10, 8}),
				"circle-stroke-color": p.Outline, "circle-stroke-width": byZoom(11, 0.5, 16, 1.5)}},
		{ID: "hazard-marks", Type: "symbol", Source: cityPoints, SourceLayer: "hazards", MinZoom: 15, Filter: alone,
			Layout: map[string]any{"text-field": byLevel(marks), "text-size": 11, "symbol-sort-key": []any{"-", 0, []any{"get", "level"}}},
			Paint:  map[string]any{"text-color": "#111820", "text-halo-color": "#FFFFFF", "text-halo-width": 0.8}},
		{ID: "hazard-names", Type: "symbol", Source: cityPoints, SourceLayer: "hazards", MinZoom: 16.5, Filter: alone,
			Layout: map[string]any{"text-field": []any{"get", "name"}, "text-size": 11, "text-anchor": "top", "text-offset": []any{0, 1}, "text-optional": true},
			Paint:  map[string]any{"text-color": p.Text, "text-halo-color": p.Halo, "text-halo-width": 1.2}},
	}
}

func placeLayers(p Palette, english bool) []layer {
	return []layer{
		{ID: "places", Type: "circle", Source: cityGround, SourceLayer: "places", MinZoom: 12,
			Layout: map[string]any{"visibility": "none"},
			Paint:  map[string]any{"circle-color": p.Place, "circle-radius": byZoom(12, 2.5, 16, 6), "circle-stroke-color": p.Halo, "circle-stroke-width": 1.5}},
		{ID: "place-names", Type: "symbol", Source: cityGround, SourceLayer: "places", MinZoom: 14.5,
			Layout: map[string]any{"visibility": "none", "text-field": name(english), "text-size": 11, "text-anchor": "top", "text-offset": []any{0, 0.8}, "text-optional": true},
			Paint:  map[string]any{"text-color": p.Place, "text-halo-color": p.Halo, "text-halo-width": 1.2}},
	}
}

func labelLayers(p Palette, english bool) []layer {
	return []layer{
		{ID: "district-names", Type: "symbol", Source: cityGround, SourceLayer: "labels", MaxZoom: 14,
			Layout: map[string]any{"text-field": name(english), "text-size": byZoom(7, 11, 11, 15), "text-padding": 4},
			Paint:  map[string]any{"text-color": p.Text, "text-halo-color": p.Halo, "text-halo-width": 1.6}},
	}
}

func name(english bool) any {
	if english {
		return []any{"coalesce", []any{"get", "name_en"}, []any{"get", "name"}}
	}
	return []any{"get", "name"}
}
