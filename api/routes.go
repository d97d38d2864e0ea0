package api

import (
	"net/http"
	"reflect"

	"github.com/gorilla/mux"
)

const (
	tileType    = "application/vnd.mapbox-vector-tile"
	pngType     = "image/png"
	jsonType    = "application/json"
	geoJSONType = "application/geo+json"
	csvType     = "text/csv"
)

// routes is the one page of routes. Tiles come first: the router looks from the
// top, and they are most of the traffic.
func (s *Server) routes() (*router, error) {
	r, err := newRouter(s)
	if err != nil {
		return nil, err
	}
	asJSON := r.document(openAPIType+";version=3.1", r.api.OpenAPI().MarshalJSON)

	plain[TileQuery](r, tileTemplate+"mvt", "tile", tileType, "A vector tile of one or several layers", s.tile)
	plain[PictureQuery](r, tileTemplate+"png", "tile-picture", pngType, "The layer risk as a picture of 256 pixels a side; {y}@2x.png has 512", s.tile)
	plain[TileQuery](r, tileTemplate+"pbf", "tile-pbf", tileType, "The same tile under the other usual name", s.tile)
	typed(r, "/tiles/{layers}.json", "tilejson", "TileJSON 3.0 of the layers", s.tileJSON)
	typed(r, "/tiles", "catalogue", "The layers and styles that there are", s.catalogue)
	typed(r, "/styles/{id}/style.json", "style", "A MapLibre style", s.style, media{jsonType, reflect.TypeFor[map[string]any]()})

	typed(r, "/sprites/{id}.json", "sprite", "Where a style's images are in its sheet", s.spriteIndex, media{jsonType, reflect.TypeFor[map[string]any]()})
	typed(r, "/sprites/{id}.png", "sprite-picture", "A style's sheet of images", s.spritePicture, media{pngType, nil})

	typed(r, "/api/v1/taxonomy", "taxonomy", "Industries, groups, districts, levels, colours and cuts", s.taxonomy)
	if !s.opts.TilesOnly {
		s.questions(r)
	}

	if s.opts.Imports != nil && !s.opts.TilesOnly {
		s.importRoutes(r)
	}

	typed(r, "/healthz", "healthz", "Whether the process is alive", s.healthz)
	typed(r, "/readyz", "readyz", "Whether the server is ready to answer", s.readyz)
	plain[struct{}](r, "/metrics", "metrics", "text/plain", "Counters for Prometheus", s.metrics.handler.ServeHTTP)
	plain[struct{}](r, "/api", "api", openAPIType, "This document", asJSON)
	plain[struct{}](r, "/openapi.json", "openapi-json", openAPIType, "This document", asJSON)
	plain[struct{}](r, "/openapi.yaml", "openapi-yaml", yamlType, "This document as YAML", r.document(yamlType, r.api.OpenAPI().YAML))

	r.mux.NewRoute().Name("pages").Methods(http.MethodGet).
		MatcherFunc(func(q *http.Request, _ *mux.RouteMatch) bool { return s.site.Has(q.URL.Path) }).
		HandlerFunc(s.page)
	return r, nil
}

// questions are the routes that answer from the city's sources.
func (s *Server) questions(r *router) {
	appended[RiskOutput](r, "/api/v1/risk", "risk", "The risk at a place, and whose it is", jsonType, s.risk)
	appended[NearbyOutput](r, "/api/v1/nearby", "nearby", "Sources near a place, or those that can reach it", geoJSONType, s.nearby)
	typed(r, "/api/v1/hazards", "hazards", "The source list", s.hazards,
		media{geoJSONType, reflect.TypeFor[hazardList]()}, media{csvType, nil})
	typed(r, "/api/v1/hazards/{id}", "hazard", "One source", s.hazard, media{geoJSONType, reflect.TypeFor[hazardFeature]()})
	s.exports(r)
	s.writes(r)

	typed(r, "/api/v1/hazards/{id}/history", "hazard-history", "What every revision did to one source", s.history)
	typed(r, "/api/v1/changes", "changes", "What differs between two times", s.changes)
	typed(r, "/api/v1/trend", "trend", "The city's totals day by day", s.trend)

	typed(r, "/api/v1/summary", "summary", "Numbers of sources by one of their properties", s.summary)
	typed(r, "/api/v1/fn", "fn", "The F-N curve of sources, and how severe their accidents are", s.fn)
	plain[ReportQuery](r, "/api/v1/report", "report", jsonType, "The city's assessment report", r.compress(http.HandlerFunc(s.report)))
	typed(r, "/api/v1/districts/{code}", "district", "One district: its ground, level and sources", s.district)
	typed(r, "/api/v1/zones", "zones", "The sets of zones that there are", s.zones)
	typed(r, "/api/v1/zones/{name}/{code}", "zone", "One zone: its ground, level and sources", s.zone)
	typed(r, "/api/v1/places", "places", "Emergency places", s.places)
	posted(r, "/api/v1/advice", "advice", "Whether ground may hold a protected target", s.advice)
	posted(r, "/api/v1/whatif", "whatif", "Change the city in thought: an id for whatif=", s.makeWhatIf)
	typed(r, "/api/v1/whatif/{id}", "whatif-held", "What a what-if changes", s.heldWhatIf)
	deleted(r, "/api/v1/whatif/{id}", "whatif-forget", "Forget a what-if", s.forgetWhatIf)
	typed(r, "/api/v1/search", "search", "Sources, districts and places by name", s.search)

	if s.opts.Events != nil {
		plain[EventsQuery](r, "/api/v1/events", "events", eventStreamType, "A stream of what each revision changes, and of the level at a place", s.eventStream)
	}
	typed(r, "/api/v1/forms", "forms", "The forms that sources are collected by", s.formList)
	plain[FormQuery](r, "/api/v1/forms/{industry}", "form", schemaForm, "What is collected of an industry, as JSON Schema of a source's properties", r.compress(http.HandlerFunc(s.formSchema)))
	plain[FormQuery](r, "/api/v1/forms/{industry}/template.xlsx", "form-template", xlsxType, "The workbook to fill of an industry", s.formTemplate)
	plain[HandbookQuery](r, "/api/v1/handbook", "handbook", htmlType, "What every form asks for, explained", r.compress(http.HandlerFunc(s.handbook)))

	s.coverageRoutes(r)

	typed(r, "/api/v1/sector", "sector", "Who is downwind of a place", s.sector)
	typed(r, "/api/v1/protective-zone", "protective-zone", "The first zone of protective action, and who is in it", s.protectiveZone)
	typed(r, "/api/v1/nearest", "nearest", "The nearest emergency places of each kind, outside a zone", s.nearest)
	typed(r, "/api/v1/contacts", "contacts", "Who is responsible for a source, a district or a place", s.contacts)
	posted(r, "/api/v1/consequence", "consequence", "How far an accident reaches, and who is in its zones", s.consequence)
	typed(r, "/api/v1/domino", "domino", "What may go next if a source goes", s.domino)
	posted(r, "/api/v1/domino", "domino-of", "What may go next after an accident in figures", s.dominoOf)
	posted(r, "/api/v1/exposure", "exposure", "Who is exposed in a piece of ground", s.exposure)
	posted(r, "/api/v1/intersects", "intersects", "Which lines, areas, places and roads cross a piece of ground", s.intersects)
}

// page sends a page or one of its files.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	setRoute(w, "pages")
	w.Header()["Content-Security-Policy"] = pagePolicy
	s.site.ServeHTTP(w, r)
}
