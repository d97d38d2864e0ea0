package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

const onePlace = "lon=120.15&lat=30.27"

// Each bad request gets a problem that names the parameter at fault, its value
// and what is allowed.
func TestBadRequestsNameTheFault(t *testing.T) {
	w, _ := theTown(t)
	tile := "/tiles/risk/12/3415/1686.mvt"
	for _, c := range []struct {
		target, parameter, value string
		allowed                  string // one of the allowed; "": no list
	}{
		{"/api/v1/risk?lat=30", "lon", "", ""},
		{"/api/v1/risk?lon=120", "lat", "", ""},
		{"/api/v1/risk", "lon", "", ""},
		{"/api/v1/risk?lon=abc&lat=30", "lon", "abc", ""},
		{"/api/v1/risk?lon=NaN&lat=30", "lon", "NaN", ""},
		{"/api/v1/risk?lon=120&lat=Inf", "lat", "Inf", ""},
		{"/api/v1/risk?lon=120&lat=-infinity", "lat", "-infinity", ""},
		{"/api/v1/risk?lon=1e999&lat=30", "lon", "1e999", ""},
		{"/api/v1/risk?lon=0x1p6&lat=30", "lon", "0x1p6", ""},
		{"/api/v1/risk?lon=1_0&lat=30", "lon", "1_0", ""},
		{"/api/v1/risk?lon=&lat=30", "lon", "", ""},
		{"/api/v1/risk?lon=120&lon=121&lat=30", "lon", "120, 121", ""},
		{"/api/v1/risk?lon=180.1&lat=30", "lon", "180.1", ""},
		{"/api/v1/risk?lon=120&lat=85.1", "lat", "85.1", ""},
		{"/api/v1/risk?" + onePlace + "&zoom=4", "zoom", "4", ""},
		{"/api/v1/risk?" + onePlace + "&zoom=25", "zoom", "25", ""},
		{"/api/v1/risk?" + onePlace + "&limit=0", "limit", "0", ""},
		{"/api/v1/risk?" + onePlace + "&limit=10001", "limit", "10001", ""},
		{"/api/v1/risk?" + onePlace + "&limit=1.5", "limit", "1.5", ""},
		{"/api/v1/risk?" + onePlace + "&crs=epsg:3857", "crs", "epsg:3857", "gcj02"},
		{"/api/v1/risk?" + onePlace + "&stat=mean", "stat", "mean", "share"},
		{"/api/v1/risk?" + onePlace + "&colour=red", "colour", "red", "lon"},
		{"/api/v1/risk?" + onePlace + "&LON=1", "LON", "1", "lon"},
		{"/api/v1/risk?" + onePlace + "&industry=I99", "industry", "I99", "I04"},
		{"/api/v1/risk?" + onePlace + "&industry=I04,,I05", "industry", "", ""},
		{"/api/v1/risk?" + onePlace + "&industry=", "industry", "", ""},
		{"/api/v1/risk?" + onePlace + "&group=heavy", "group", "heavy", "crowded"},
		{"/api/v1/risk?" + onePlace + "&level=0", "level", "0", "major"},
		{"/api/v1/risk?" + onePlace + "&level=none", "level", "none", "4"},
		{"/api/v1/risk?" + onePlace + "&district=330103", "district", "330103", "330106"},
		{"/api/v1/risk?" + onePlace + "&district=330113&vintage=2019", "district", "330113", "330103"},
		{"/api/v1/risk?" + onePlace + "&vintage=2020", "vintage", "2020", "2021"},
		{"/api/v1/risk?" + onePlace + "&vintage=2019&vintage=2021", "vintage", "2019, 2021", ""},
		{"/api/v1/risk?lon=%zz&lat=30", "lon", "%zz", ""},
		{"/api/v1/risk?lon=120&lat=3%", "lat", "3%", ""},
		{"/api/v1/risk?lon=120;lat=30", "lon", "120;lat=30", ""},
		{"/api/v1/nearby?" + onePlace + "&radius=0", "radius", "0", ""},
		{"/api/v1/nearby?" + onePlace + "&radius=-5", "radius", "-5", ""},
		{"/api/v1/nearby?" + onePlace + "&radius=20000.5", "radius", "20000.5", ""},
		{"/api/v1/nearby?" + onePlace + "&limit=10001", "limit", "10001", ""},
		{"/api/v1/nearby?" + onePlace + "&reach=yes", "reach", "yes", "true"},
		{"/api/v1/nearby?" + onePlace + "&regulator=nobody", "regulator", "nobody", "市应急局"},
		{"/api/v1/hazards?bbox=1,2,3", "bbox", "1,2,3", ""},
		{"/api/v1/hazards?bbox=121,30,120,31", "bbox", "121,30,120,31", ""},
		{"/api/v1/hazards?bbox=120,31,121,30", "bbox", "120,31,121,30", ""},
		{"/api/v1/hazards?bbox=120,30,NaN,31", "bbox", "120,30,NaN,31", ""},
		{"/api/v1/hazards?bbox=120,30,121,99", "bbox", "120,30,121,99", ""},
		{"/api/v1/hazards?sort=colour", "sort", "colour", "-level"},
		{"/api/v1/hazards?cursor=abc", "cursor", "abc", ""},
		{"/api/v1/hazards?sort=name&cursor=" + (cursor{Sort: "id", ID: "a"}).String(), "cursor", cursor{Sort: "id", ID: "a"}.String(), ""},
		{"/api/v1/hazards?status=burnt", "status", "burnt", "planned"},
		{"/api/v1/hazards?format=xml", "format", "xml", "csv"},
		{"/api/v1/hazards?q=" + strings.Repeat("a", 101), "q", strings.Repeat("a", 80) + "…", ""},
		{"/api/v1/hazards?q=%00", "q", "\x00", ""},
		{"/api/v1/hazards?q=%ff", "q", "\uFFFD", ""},
		{"/api/v1/hazards?limit=10001", "limit", "10001", ""},
		{"/api/v1/hazards/no%20id", "id", "no id", ""},
		{"/api/v1/hazards/" + strings.Repeat("x", 65), "id", strings.Repeat("x", 65), ""},
		{"/api/v1/hazards/T0001?rev=1", "rev", "1", "crs"},
		{"/api/v1/summary?by=colour", "by", "colour", "regulator"},
		{"/api/v1/summary?by=level&by=group", "by", "level, group", ""},
		{"/api/v1/summary?regulator=nobody", "regulator", "nobody", "市应急局"},
		{"/api/v1/districts/330106?vintage=1999", "vintage", "1999", "2019"},
		{"/api/v1/taxonomy?lang=en", "lang", "en", ""},
		{"/api/v1/places?kind=bar", "kind", "bar", "shelter"},
		{"/api/v1/places?bbox=x", "bbox", "x", ""},
		{"/api/v1/search", "q", "", ""},
		{"/api/v1/search?q=", "q", "", ""},
		{"/api/v1/search?q=%20", "q", " ", ""},
		{"/api/v1/search?q=a&limit=101", "limit", "101", ""},
		{"/api/v1/sector?" + onePlace, "wind_from", "", ""},
		{"/api/v1/sector?" + onePlace + "&wind_from=NE", "wind_from", "NE", ""},
		{"/api/v1/sector?" + onePlace + "&wind_from=361", "wind_from", "361", ""},
		{"/api/v1/sector?" + onePlace + "&wind_from=NaN", "wind_from", "NaN", ""},
		{"/api/v1/sector?" + onePlace + "&wind_from=0&half_angle=181", "half_angle", "181", ""},
		{"/api/v1/sector?" + onePlace + "&wind_from=0&half_angle=0", "half_angle", "0", ""},
		{"/api/v1/sector?" + onePlace + "&wind_from=0&radius=-1", "radius", "-1", ""},
		{"/api/v1/protective-zone?" + onePlace, "wind_from", "", ""},
		{"/api/v1/protective-zone?" + onePlace + "&wind_from=0&side=0", "side", "0", ""},
		{"/api/v1/protective-zone?" + onePlace + "&wind_from=0&isolation=-1", "isolation", "-1", ""},
		{"/api/v1/nearest?" + onePlace + "&kind=bar", "kind", "bar", "shelter"},
		{"/api/v1/nearest?" + onePlace + "&n=101", "n", "101", ""},
		{"/api/v1/nearest?" + onePlace + "&exclude=circle", "exclude", "circle", "sector"},
		{"/api/v1/nearest?" + onePlace + "&exclude=sector", "wind_from", "", ""},
		{"/api/v1/contacts", "source", "none", "district"},
		{"/api/v1/contacts?lon=120", "source", "none", "lon and lat"},
		{"/api/v1/contacts?district=999999", "district", "999999", "330106"},
		{"/api/v1/contacts?source=a&district=330106", "source", "beside another", "district"},
		{"/api/v1/contacts?source=a&vintage=2019", "vintage", "2019", ""},
		{"/api/v1/domino?criterion=engulfment", "source", "", ""},
		{tile + "?filter=1", "filter", "1", "industry"},
		{tile + "?industry=X", "industry", "X", "P09"},
		{tile + "?stat=best", "stat", "best", "worst"},
		{tile + "?stat=worst&stat=worst", "stat", "worst, worst", ""},
		{tile + "?crs=gcj", "crs", "gcj", "bd09"},
		{tile + "?level=%zz", "level", "%zz", ""},
		{"/tiles/risk/23/1/1.mvt", "z", "23", ""},
		{"/tiles/risk/-1/1/1.mvt", "z", "-1", ""},
		{"/tiles/risk/x/1/1.mvt", "z", "x", ""},
		{"/tiles/risk/1.5/1/1.mvt", "z", "1.5", ""},
		{"/tiles/risk/3/8/1.mvt", "x", "8", ""},
		{"/tiles/risk/3/1/8.mvt", "y", "8", ""},
		{"/tiles/risk/3/1/-0.mvt", "y", "-0", ""},
		{"/tiles/risk/3/99999999999999999999/1.mvt", "x", "99999999999999999999", ""},
		{"/tiles/risk.json?level=9", "level", "9", "1"},
		{"/tiles?x=1", "x", "1", ""},
		{"/styles/day/style.json?theme=x", "theme", "x", "lang"},
		{"/styles/day/style.json?lang=fr", "lang", "fr", "en"},
		{"/healthz?x=1", "x", "1", ""},
		{"/metrics?name=x", "name", "x", ""},
		{"/openapi.json?x=1", "x", "1", ""},
	} {
		p := w.problem(c.target, http.StatusBadRequest)
		if p.Parameter != c.parameter || p.Value != c.value {
			t.Errorf("%s: names %q %q, want %q %q", c.target, p.Parameter, p.Value, c.parameter, c.value)
		}
		if (len(p.Allowed) > 0) != (c.allowed != "") || c.allowed != "" && !slices.Contains(p.Allowed, c.allowed) {
			t.Errorf("%s: allowed %v, want %q among them", c.target, p.Allowed, c.allowed)
		}
		if !strings.Contains(p.Detail, c.parameter) {
			t.Errorf("%s: the detail %q does not name %s", c.target, p.Detail, c.parameter)
		}
	}
}

func TestWhatIsNotThereIsAProblem(t *testing.T) {
	w, _ := theTown(t)
	for _, target := range []string{"/nothing", "/api/v1/", "/api/v1/hazards/", "/api/v1/hazards/none", "/api/v2/risk", "/tiles/", "/tiles/risk/1/1/1.webp",
		"/tiles/risk/1/1/1", "/tiles/risk/1/1", "/tiles/none/1/1/1.mvt", "/tiles/risk,none/1/1/1.mvt", "/tiles/none.json", "/styles/noon/style.json",
		"/styles/day", "/api/v1/districts/330199", "//api/v1/taxonomy", "/api/v1/../v1/taxonomy", "/assets/none.js"} {
		w.problem(target, http.StatusNotFound)
	}
	if p := w.problem("/tiles/none/1/1/1.mvt", http.StatusNotFound); p.Parameter != "layer" || !slices.Contains(p.Allowed, "risk") {
		t.Errorf("%+v", p)
	}
	if p := w.problem("/styles/noon/style.json", http.StatusNotFound); !slices.Contains(p.Allowed, "colour-blind") {
		t.Errorf("%+v", p)
	}
	if p := w.problem("/api/v1/districts/330103", http.StatusNotFound); !slices.Contains(p.Allowed, "330106") {
		t.Errorf("%+v", p)
	}
}

// Every limit at its value and past it.
func TestLimits(t *testing.T) {
	w, _ := theTown(t)
	for _, c := range []struct{ at, past string }{
		{"/api/v1/nearby?" + onePlace + "&radius=20000", "/api/v1/nearby?" + onePlace + "&radius=20001"},
		{"/api/v1/nearby?" + onePlace + "&limit=10000", "/api/v1/nearby?" + onePlace + "&limit=10001"},
		{"/api/v1/nearby?" + onePlace + "&limit=1", "/api/v1/nearby?" + onePlace + "&limit=0"},
		{"/api/v1/hazards?limit=10000", "/api/v1/hazards?limit=10001"},
		{"/api/v1/risk?" + onePlace + "&limit=10000", "/api/v1/risk?" + onePlace + "&limit=10001"},
		{"/api/v1/risk?" + onePlace + "&zoom=5", "/api/v1/risk?" + onePlace + "&zoom=4.9"},
		{"/api/v1/risk?" + onePlace + "&zoom=24", "/api/v1/risk?" + onePlace + "&zoom=24.1"},
		{"/api/v1/risk?lon=180&lat=85", "/api/v1/risk?lon=180&lat=85.0001"},
		{"/api/v1/risk?lon=-180&lat=-85", "/api/v1/risk?lon=-180.0001&lat=-85"},
		{"/api/v1/places?limit=10000", "/api/v1/places?limit=10001"},
		{"/api/v1/search?q=a&limit=100", "/api/v1/search?q=a&limit=101"},
		{"/api/v1/search?q=" + strings.Repeat("a", 100), "/api/v1/search?q=" + strings.Repeat("a", 101)},
		{"/tiles/hazards/22/4194303/4194303.mvt", "/tiles/hazards/22/4194304/4194303.mvt"},
		{"/tiles/hazards/0/0/0.mvt", "/tiles/hazards/0/0/1.mvt"},
	} {
		if rec := w.get(c.at); rec.Code != 200 && rec.Code != 204 {
			t.Errorf("%s: %d %s", c.at, rec.Code, rec.Body)
		}
		w.problem(c.past, http.StatusBadRequest)
	}
	url := func(n int) string {
		const head = "/api/v1/search?q="
		return head + strings.Repeat("a", n-len(head))
	}
	if rec := w.get(url(maxURLBytes)); rec.Code != http.StatusBadRequest { // long, but read: q is too long
		t.Errorf("a URL of %d bytes: %d", maxURLBytes, rec.Code)
	}
	w.problem(url(maxURLBytes+1), http.StatusRequestURITooLong)
	for n, want := range map[int]int{maxBodyBytes: http.StatusMethodNotAllowed, maxBodyBytes + 1: http.StatusRequestEntityTooLarge} {
		rec := httptest.NewRecorder()
		w.server.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/api/v1/summary", strings.NewReader(strings.Repeat("x", n))))
		checkProblem(t, fmt.Sprint("body of ", n), rec, want)
	}
}

func FuzzQuery(f *testing.F) {
	for _, s := range []string{"", "lon=1&lat=2", "industry=I04&industry=I05,I06", "lon=%zz", "lon=NaN", "a;b", "q=%ff", "bbox=1,2,3,4&limit=-0"} {
		f.Add(s)
	}
	server := &Server{metrics: &metrics{handler: http.NotFoundHandler()}}
	r, err := server.routes()
	if err != nil {
		f.Fatal(err)
	}
	p := paramsOf(r.api.OpenAPI().Paths["/api/v1/hazards"].Get)
	f.Fuzz(func(t *testing.T, raw string) {
		canonical, problem := p.canonical(raw)
		if problem != nil {
			if problem.Status != http.StatusBadRequest || problem.Detail == "" {
				t.Errorf("%q: %+v", raw, problem)
			}
			return
		}
		again, problem := p.canonical(canonical)
		if problem != nil || again != canonical {
			t.Errorf("%q gives %q, which gives %q %v", raw, canonical, again, problem)
		}
	})
}
