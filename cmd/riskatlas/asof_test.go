package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/api"
	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/citytest"
	"riskatlas/data/gpkg"
	"riskatlas/tiles"
)

// served is a server over a store's file, in this process.
type served struct {
	t       *testing.T
	store   *gpkg.Store
	city    *city.City
	live    *live
	handler http.Handler
}

func serveFile(t *testing.T, path string, view city.View) *served {
	t.Helper()
	profile, err := city.Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	store, err := gpkg.Open(path, profile.Taxonomy, gpkg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seen := city.Wrap(store, profile, view)
	l, stop, err := startLive(t.Context(), seen, tiles.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server, err := api.New(api.Options{View: l.viewer.View, Tiles: l.renderer, City: seen})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); store.Close() })
	return &served{t, store, seen, l, server.Handler()}
}

func (s *served) get(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

// await waits until the view shows the store's newest revision.
func (s *served) await() {
	s.t.Helper()
	rev, err := s.store.Apply(s.t.Context(), data.Note{})
	if err != nil {
		s.t.Fatal(err)
	}
	for s.live.viewer.View().Revision() < rev {
		select {
		case <-s.t.Context().Done():
			s.t.Fatal("the view does not come")
		case err := <-s.live.failed:
			s.t.Fatal(err)
		default:
		}
	}
}

// middle is where the sources of these tests are, some kilometres wide, over the
// border of two districts.
var middle = orb.Bound{Min: orb.Point{120.12, 30.24}, Max: orb.Point{120.20, 30.30}}

// cityLife makes random changes.
type cityLife struct {
	t     *testing.T
	store *gpkg.Store
	rng   *rand.Rand
	maker *citytest.Maker
	ids   []data.ID
	made  int
}

func (l *cityLife) apply(changes ...data.Change) {
	l.t.Helper()
	if _, err := l.store.Apply(l.t.Context(), data.Note{Who: "w"}, changes...); err != nil {
		l.t.Fatal(err)
	}
}

func (l *cityLife) record(id data.ID) *data.Record {
	h := *l.maker.Hazard(id)
	h.Districts, h.Stated = [data.MaxVintages]data.District{}, 0
	h.Sensitivity = []data.Sensitivity{data.Public, data.Public, data.Internal, data.Secret}[l.rng.IntN(4)]
	sealed, err := h.Seal()
	if err != nil {
		l.t.Fatal(err)
	}
	n := l.rng.IntN(90)
	return &data.Record{Hazard: sealed, Detail: data.Detail{Enterprise: fmt.Sprint("企业", n), Responsible: "synthetic person", Staff: &n}}
}

// step changes a few records, or as many as asked.
func (l *cityLife) step(n int) {
	var changes []data.Change
	for range n {
		if l.rng.IntN(3) == 0 || len(l.ids) == 0 {
			id := citytest.ID(l.made)
			l.made++
			l.ids = append(l.ids, id)
			changes = append(changes, data.Change{ID: id, If: 0, New: l.record(id)})
		}
	}
	for _, i := range l.rng.Perm(len(l.ids))[:min(n, len(l.ids))] {
		c := data.Change{ID: l.ids[i], If: data.Any}
		if l.rng.IntN(4) > 0 {
			c.New = l.record(c.ID)
		}
		if !named(changes, c.ID) {
			changes = append(changes, c)
		}
	}
	l.apply(changes...)
}

func named(changes []data.Change, id data.ID) bool {
	for _, c := range changes {
		if c.ID == id {
			return true
		}
	}
	return false
}

// replace puts another set of a kind in the place of the one that is there.
func (l *cityLife) replace(kind string) {
	l.t.Helper()
	var units []data.Unit
	box := func(x, y, size float64) orb.Polygon {
		return orb.Polygon{{{x, y}, {x + size, y}, {x + size, y + size}, {x, y + size}, {x, y}}}
	}
	at := func() (float64, float64) {
		return middle.Min[0] + l.rng.Float64()*0.07, middle.Min[1] + l.rng.Float64()*0.05
	}
	for i := range 12 {
		x, y := at()
		u := data.Unit{Code: fmt.Sprint("u", i), Name: fmt.Sprint("单位", i), Shape: orb.Point{x, y}}
		switch {
		case kind == data.PeopleKind:
			u.Shape, u.Props = box(x, y, 0.01), map[string]string{data.PeopleProp: fmt.Sprint(100 + l.rng.IntN(900))}
		case kind == data.PlaceKind:
			u.Class = "shelter"
		case strings.HasPrefix(kind, data.ZoneKind("")):
			u.Shape = box(x, y, 0.015)
		default: // districts: the codes are the vintage's
			code := []string{"330102", "330105", "330106", "330108"}[i%4]
			if i >= 4 {
				continue
			}
			u.Code, u.Shape = code, box(120.1+0.03*float64(i), 30.2, 0.03+l.rng.Float64()*0.05)
		}
		units = append(units, u)
	}
	if _, err := l.store.Replace(l.t.Context(), data.Note{Who: "w"}, kind, units); err != nil {
		l.t.Fatal(err)
	}
}

// questionsOfThen are put to the city as of then, and to a server on a copy of
// that time.
func questionsOfThen() (tilePaths, answers []string) {
	at := middle.Center()
	for _, z := range []maptile.Zoom{5, 9, 12, 14, 16} {
		tile := maptile.At(at, z)
		for _, layers := range []string{"risk", "hazards", "risk,grid,hazards,lines,areas,districts,labels,places,zones"} {
			for _, q := range []string{"", "industry=I04,C02,P01", "district=330106&level=3,4", "stat=share", "cuts=new-build&crs=gcj02", "zone=z:u1"} {
				tilePaths = append(tilePaths, fmt.Sprintf("/tiles/%s/%d/%d/%d.mvt?%s", layers, z, tile.X, tile.Y, q))
			}
		}
	}
	lon, lat := at[0], at[1]
	return tilePaths, []string{
		fmt.Sprintf("/api/v1/risk?lon=%v&lat=%v&zoom=12", lon, lat), fmt.Sprintf("/api/v1/nearby?lon=%v&lat=%v&radius=3000", lon, lat),
		fmt.Sprintf("/api/v1/nearby?lon=%v&lat=%v&radius=3000&reach=true&industry=I04", lon, lat),
		"/api/v1/hazards?limit=1000", "/api/v1/hazards?format=csv", "/api/v1/hazards?q=synthetic&sort=-level&zone=z:u2", "/api/v1/hazards/" + string(citytest.ID(3)),
		"/api/v1/hazards/" + string(citytest.ID(11)), "/api/v1/summary?by=district", "/api/v1/summary?by=district&vintage=2019", "/api/v1/summary?by=industry&district=330106",
		"/api/v1/summary?by=zone:z", "/api/v1/summary?by=regulator", "/api/v1/districts/330106", "/api/v1/zones", "/api/v1/zones/z/u1", "/api/v1/places", "/api/v1/search?q=u1",
		"/api/v1/search?q=synthetic", "/api/v1/fn", "/api/v1/fn?group=industrial", "/api/v1/report?part=overall", fmt.Sprintf("/api/v1/nearest?lon=%v&lat=%v&kind=shelter", lon, lat),
		fmt.Sprintf("/api/v1/contacts?lon=%v&lat=%v", lon, lat), "/tiles/risk.json?level=4",
	}
}

func with(path, name, value string) string {
	if strings.HasSuffix(path, "?") {
		return path + name + "=" + value
	}
	if strings.Contains(path, "?") {
		return path + "&" + name + "=" + value
	}
	return path + "?" + name + "=" + value
}

// without takes what as_of adds out of an answer: the member, and the parameter in
// links.
func without(t *testing.T, body []byte, asOf string) string {
	t.Helper()
	for _, p := range []string{"?as_of=" + asOf + "&", "&as_of=" + asOf, "?as_of=" + asOf, `\u0026as_of=` + asOf} {
		to := ""
		if strings.HasSuffix(p, "&") {
			to = "?"
		}
		body = bytes.ReplaceAll(body, []byte(p), []byte(to))
	}
	var v map[string]any
	if json.Unmarshal(body, &v) != nil {
		return string(body)
	}
	delete(v, "as_of")
	out, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// The city as of a revision is to the byte what a server shows that was started
// on a copy of the file taken then: tiles with their ETags, and answers.
func TestAsOfIsACopyOfThen(t *testing.T) {
	for _, view := range []city.View{city.InternalView, city.PublicView} {
		t.Run(string(view), func(t *testing.T) { asOfIsACopy(t, view) })
	}
}

func asOfIsACopy(t *testing.T, view city.View) {
	path := filepath.Join(t.TempDir(), "city.gpkg")
	now := serveFile(t, path, view)
	rng := rand.New(rand.NewPCG(11, uint64(len(view))))
	life := &cityLife{t: t, store: now.store, rng: rng, maker: citytest.NewMaker(rng, middle)}
	zones := data.ZoneKind("z")
	life.replace(zones)
	life.step(60)
	copies := map[data.Revision]string{}
	keep := func() {
		rev, err := now.store.Apply(t.Context(), data.Note{})
		if err != nil {
			t.Fatal(err)
		}
		copies[rev] = copyStore(t, path, fmt.Sprintf("at-%d.gpkg", rev))
	}
	for _, kind := range []string{data.PeopleKind, data.PlaceKind, zones, data.DistrictKind("2021"), ""} {
		keep()
		for range 3 {
			life.step(1 + rng.IntN(5))
		}
		if kind != "" {
			life.replace(kind)
		}
	}
	keep() // from here to the end nothing is replaced: this one is reached by changes
	for range 6 {
		life.step(1 + rng.IntN(5))
	}
	now.await()
	tilePaths, answers := questionsOfThen()
	for rev, file := range copies {
		then := serveFile(t, file, view)
		if got := then.live.viewer.View().Revision(); got != rev {
			t.Fatalf("the copy is at revision %d, want %d", got, rev)
		}
		asOf := fmt.Sprint(rev)
		differs, shown := 0, 0
		for i, p := range tilePaths {
			if os.Getenv("RISKATLAS_SOAK") == "" && i%3 != int(rev)%3 { // each at one revision or another
				continue
			}
			got, want, today := now.get(with(p, "as_of", asOf)), then.get(p), now.get(p)
			if got.Code != want.Code || got.Header().Get("ETag") != want.Header().Get("ETag") || !bytes.Equal(got.Body.Bytes(), want.Body.Bytes()) {
				t.Errorf("%s as of %s: %d, %d bytes, %s; on a copy %d, %d bytes, %s", p, asOf, got.Code, got.Body.Len(), got.Header().Get("ETag"),
					want.Code, want.Body.Len(), want.Header().Get("ETag"))
			}
			if cc := got.Header().Get("Cache-Control"); got.Code < 300 && !strings.Contains(cc, "immutable") {
				t.Errorf("%s as of %s: Cache-Control %q", p, asOf, cc)
			}
			if got.Code == http.StatusOK {
				shown++
			}
			if !bytes.Equal(got.Body.Bytes(), today.Body.Bytes()) {
				differs++
			}
		}
		if differs < 8 || shown < 8 {
			t.Errorf("as of %s: %d tiles shown, %d unlike today's: the test shows nothing", asOf, shown, differs)
		}
		for _, p := range answers {
			got, want := now.get(with(p, "as_of", asOf)), then.get(p)
			a, b := without(t, got.Body.Bytes(), asOf), without(t, want.Body.Bytes(), asOf)
			if got.Code != want.Code || a != b {
				t.Errorf("%s as of %s: %d\n%.1500s\non a copy: %d\n%.1500s", p, asOf, got.Code, a, want.Code, b)
			}
			if got.Code == http.StatusOK && strings.HasPrefix(got.Header().Get("Content-Type"), "application/json") && !strings.Contains(got.Body.String(), `"as_of"`) && !strings.Contains(p, "report") {
				t.Errorf("%s as of %s does not say so: %.300s", p, asOf, got.Body.String())
			}
		}
	}
}

func copyStore(t *testing.T, from, name string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), name)
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(from + suffix)
		if err == nil {
			err = os.WriteFile(to+suffix, b, 0o600)
		}
		if err != nil && (suffix == "" || !os.IsNotExist(err)) {
			t.Fatal(err)
		}
	}
	return to
}
