package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

const canary = "CANARYxyzzy"

// fillTexts puts the canary in every text of a value, and 1 in every number.
func fillTexts(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(canary)
	case reflect.Int:
		v.SetInt(1)
	case reflect.Float64:
		v.SetFloat(1)
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		fillTexts(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			fillTexts(v.Field(i))
		}
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			v.SetBytes([]byte(`{"type":"Point","coordinates":[1,2],"note":"` + canary + `"}`))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillTexts(v.Index(0))
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]any{canary: canary}))
	}
}

func hiddenRecord(t *testing.T, i int, s data.Sensitivity, industry string) *data.Record {
	r := source(t, fmt.Sprintf("%s-%d", canary, i), industry, data.Major, orb.Point{120.15, 30.27}, func(h *data.Hazard) {
		h.Name, h.NameEn, h.Regulator, h.Sensitivity = canary, canary, canary, s
	}, scenario(t, 1e-3, step(900)))
	fillTexts(reflect.ValueOf(&r.Detail).Elem())
	r.Detail.Vessels[0].Kind, r.Detail.ProtectionClass = data.VesselKinds[0], "" // words that are checked
	r.Detail.Flood = nil                                                         // a place that is checked
	return r
}

func TestPublicViewTellsNothingOfWhatItLeavesOut(t *testing.T) {
	open := source(t, "open-1", "I04", data.General, orb.Point{120.152, 30.271}, scenario(t, 1e-5, step(500)))
	open.Detail = data.Detail{Responsible: canary, DutyPhone: canary, RegulatorContact: canary, GridOfficer: canary, Assessor: canary, Enterprise: "seen"}
	records := []*data.Record{open, hiddenRecord(t, 1, data.Internal, "I04"), hiddenRecord(t, 2, data.Secret, "I04"),
		hiddenRecord(t, 3, data.Unstated, "I06")} // internal by its industry
	for i := range 6 { // so that lists have a next page
		records = append(records, source(t, fmt.Sprint("open-", i+2), "C02", data.Low, orb.Point{120.152, 30.272}))
	}
	place := data.Unit{Code: "place-1", Name: "shelter", Class: "shelter", Shape: orb.Point{120.15, 30.27}, Props: map[string]string{"contact": canary, canary: "1"}}
	duty := place
	duty.Code, duty.Class, duty.Props = "place-2", "duty_room", map[string]string{"phone": canary, "contact": canary}
	w := newWorld(t, city.PublicView, records, map[string][]data.Unit{data.PlaceKind: {place, duty}})
	var seen bytes.Buffer // everything that the server ever said
	ask := func(method, target string, header ...string) string {
		rec := w.do(method, target, header...)
		fmt.Fprintf(&seen, "%s %s\n", method, "…")
		rec.Header().Write(&seen)
		body := rec.Body.Bytes()
		if rec.Header().Get("Content-Encoding") == "gzip" {
			r, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			var plain bytes.Buffer
			if _, err := plain.ReadFrom(r); err != nil {
				t.Fatal(err)
			}
			body = plain.Bytes()
		}
		seen.Write(body)
		if rec.Code >= 500 {
			t.Errorf("%s %s: %d %s", method, target, rec.Code, body)
		}
		return string(body)
	}
	layers := "risk,grid,hazards,lines,areas,districts,labels,places"
	targets := []string{"/tiles/" + layers + ".json", "/tiles", "/styles/day/style.json", "/styles/night/style.json?lang=en",
		"/api/v1/risk?lon=120.15&lat=30.27&zoom=15", "/api/v1/risk?lon=120.15&lat=30.27&zoom=9&stat=share", "/api/v1/risk?lon=120.152&lat=30.271&crs=gcj02",
		"/api/v1/nearby?lon=120.15&lat=30.27", "/api/v1/nearby?lon=120.15&lat=30.27&reach=true", "/api/v1/hazards", "/api/v1/hazards?limit=2",
		"/api/v1/hazards?format=csv", "/api/v1/hazards?industry=I06", "/api/v1/hazards?level=4", "/api/v1/hazards/open-1", "/api/v1/hazards/" + canary + "-1",
		"/api/v1/hazards?q=" + canary, "/api/v1/search?q=" + canary, "/api/v1/search?q=o", "/api/v1/hazards?bbox=120,30,121,31", "/api/v1/taxonomy",
		"/api/v1/forms", "/api/v1/forms/I04", "/api/v1/forms/I04/template.xlsx", "/api/v1/handbook", "/api/v1/handbook?format=xlsx",
		"/api/v1/places", "/api/v1/hazards?sort=-level&limit=3", "/api/v1/districts/330105", "/api/v1/nearby?lon=120.15&lat=30.27&regulator=none",
		"/api/v1/summary?regulator=none", "/api/v1/sector?lon=120.15&lat=30.27&wind_from=0&half_angle=180", "/api/v1/protective-zone?lon=120.15&lat=30.27&wind_from=0",
		"/api/v1/nearest?lon=120.15&lat=30.27", "/api/v1/contacts?source=open-1", "/api/v1/contacts?source=" + canary + "-1", "/api/v1/contacts?lon=120.15&lat=30.27",
		"/api/v1/contacts?district=330105", "/api/v1/domino?source=open-1&criterion=engulfment", "/api/v1/domino?source=" + canary + "-1&criterion=engulfment", "/healthz", "/readyz", "/openapi.json", "/openapi.yaml", "/api", "/", "/nothing", "/api/v1/risk"}
	targets = append(targets, "/api/v1/export.csv", "/api/v1/export.geojson", "/api/v1/export.gpkg", "/api/v1/export.csv?industry=I06&revisions=true")
	for _, query := range []string{"", "?cuts=new-build", "?part=main_list", "?part=suggestions", "?format=html", "?format=md&lang=en", "?format=xlsx", "?format=xlsx&part=main_list"} {
		targets = append(targets, "/api/v1/report"+query)
	}
	for _, by := range []string{"industry", "group", "district", "level", "regulator"} {
		targets = append(targets, "/api/v1/summary?by="+by)
	}
	for z := 4; z <= 18; z++ {
		for _, p := range []orb.Point{{120.15, 30.27}} {
			tile := tileAt(p, z)
			targets = append(targets, "/tiles/"+layers+"/"+tile+".mvt", "/tiles/"+layers+"/"+tile+".mvt?level=4", "/tiles/"+layers+"/"+tile+".pbf?stat=share&crs=bd09")
		}
	}
	for _, target := range targets {
		for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST"} {
			ask(method, target)
		}
		ask("GET", target, "Accept-Encoding", "gzip")
	}
	for target, body := range map[string]string{
		"/api/v1/exposure":    `{"circle":{"lon":120.15,"lat":30.27,"radius_m":5000}}`,
		"/api/v1/intersects":  `{"circle":{"lon":120.15,"lat":30.27,"radius_m":5000},"layer":"hazards"}`,
		"/api/v1/consequence": `{"lon":120.15,"lat":30.27,"model":"fireball","mass_kg":50000}`,
		"/api/v1/domino":      `{"source":"open-1","model":"fireball","mass_kg":50000,"criterion":"screen_15kW"}`,
	} {
		rec := w.post(target, body)
		seen.Write(rec.Body.Bytes())
		if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), `"view":{"name":"public","left_out":3}`) {
			t.Errorf("%s: %d %s", target, rec.Code, rec.Body)
		}
	}
	metrics := ask("GET", "/metrics")
	everything := seen.String() + w.logs.String()
	if at := strings.Index(everything, canary); at >= 0 {
		t.Fatalf("the canary is in …%q…", everything[max(0, at-300):min(len(everything), at+100)])
	}
	if !strings.Contains(everything, "open-1") || !strings.Contains(everything, "seen") || !strings.Contains(metrics, "riskatlas_hazards_left_out 3") {
		t.Error("the search looked at nothing")
	}

	// What is left out adds nothing, and every answer says so.
	if got := read[Risk](w, "/api/v1/risk?lon=120.15&lat=30.27"); got.IR != 1e-5 || got.View == nil || got.View.Name != "public" || got.View.LeftOut != 3 {
		t.Errorf("ir %v, view %+v", got.IR, got.View)
	}
	if got := read[Summary](w, "/api/v1/summary"); got.Total.Count.Count != 7 || got.View == nil {
		t.Errorf("total %d of %d", got.Total.Count, len(records))
	}
	for _, target := range targets {
		if strings.Contains(target, "/forms") || strings.Contains(target, "/handbook") {
			continue // they say what is collected, and nothing of any source
		}
		if strings.HasPrefix(target, "/api/v1/") && !strings.Contains(target, "format=") && !strings.Contains(target, "/export.") {
			if rec := w.get(target); rec.Code == http.StatusOK && !strings.Contains(rec.Body.String(), `"view":{"name":"public","left_out":3}`) {
				t.Errorf("%s does not say that it is the public view", target)
			}
		}
	}
	for _, target := range []string{"/tiles/risk.json", "/styles/day/style.json"} {
		if !strings.Contains(w.get(target).Body.String(), "3 sources left out") {
			t.Errorf("%s does not say that it is the public view", target)
		}
	}
	hidden, none := w.problem("/api/v1/hazards/"+canary+"-1", 404), w.problem("/api/v1/hazards/never-was", 404)
	if !reflect.DeepEqual(hidden, none) {
		t.Errorf("hidden and missing sources differ: %+v, %+v", hidden, none)
	}
}

// The same city in the internal view shows all of it: the canary test above can
// fail.
func TestInternalViewShowsAll(t *testing.T) {
	w := newWorld(t, city.InternalView, []*data.Record{hiddenRecord(t, 1, data.Secret, "I04")}, nil)
	for _, target := range []string{"/api/v1/hazards", "/api/v1/hazards?format=csv", "/api/v1/hazards/" + canary + "-1", "/api/v1/risk?lon=120.15&lat=30.27",
		"/api/v1/search?q=" + canary, "/api/v1/summary?by=regulator", "/api/v1/nearby?lon=120.15&lat=30.27", "/tiles/hazards/" + tileAt(orb.Point{120.15, 30.27}, 14) + ".mvt"} {
		body := w.get(target).Body.String()
		if !strings.Contains(body, canary) {
			t.Errorf("%s: %s", target, body)
		}
		if strings.Contains(body, `"view"`) {
			t.Errorf("%s: the internal view has nothing to say of itself", target)
		}
	}
	got := read[Risk](w, "/api/v1/risk?lon=120.15&lat=30.27").Contributions[0]
	if got.Responsible != canary || got.Enterprise != canary || got.Measures == nil || got.Regulator != canary {
		t.Errorf("%+v", got)
	}
}

// A record that turns internal between the view and the question is not shown.
func TestRecordsThatTurnInternalAreNotShown(t *testing.T) {
	w := newWorld(t, city.PublicView, []*data.Record{source(t, "a", "I04", 1, orb.Point{120.15, 30.27}), source(t, "b", "I04", 1, orb.Point{120.15, 30.27})}, nil)
	old := w.viewer.View()
	opts := w.server.opts
	opts.View = func() *viewAlias { return old }
	var err error
	if w.server, err = New(opts); err != nil {
		t.Fatal(err)
	}
	turned := source(t, "a", "I04", 1, orb.Point{120.15, 30.27}, func(h *data.Hazard) { h.Sensitivity, h.Name = data.Internal, canary })
	turned.Detail.Enterprise = canary
	w.apply(puts(turned)...)
	for _, target := range []string{"/api/v1/hazards", "/api/v1/hazards/a", "/api/v1/risk?lon=120.15&lat=30.27", "/api/v1/hazards?format=csv"} {
		if body := w.get(target).Body.String(); strings.Contains(body, canary) {
			t.Errorf("%s: %s", target, body)
		}
	}
	if got := ids(read[hazardList](w, "/api/v1/hazards").Features); len(got) != 1 || got[0] != "b" {
		t.Errorf("%v", got)
	}
	w.problem("/api/v1/hazards/a", http.StatusNotFound)
}
