package api

import (
	"net/http"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

// roles lists an answer's contacts as role and body.
func roles(c Contacts) []string {
	out := []string{}
	for _, x := range c.Contacts {
		out = append(out, x.Role+" "+x.Body)
	}
	return out
}

// Question 10: who is responsible?
func TestContactsNameThoseWhoAnswer(t *testing.T) {
	at := orb.Point{120.35, 30.30}
	tank := source(t, "tank", "I14", data.Major, at)
	tank.Detail = data.Detail{Enterprise: "Example Gas", Responsible: "a head", DutyPhone: "057100000000", RegulatorContact: "an official",
		GridOfficer: "an officer", LevelOfControl: "city"}
	records := []*data.Record{tank, source(t, "shop", "C01", data.Low, orb.Point{120.36, 30.30})}
	room := func(code, district string, p orb.Point) data.Unit {
		props := map[string]string{"phone": "057111111111", "contact": "on duty"}
		if district != "" {
			props["district"] = district
		}
		return data.Unit{Code: code, Name: "room " + code, Class: "duty_room", Shape: p, Props: props}
	}
	internal := newWorld(t, city.InternalView, records, map[string][]data.Unit{data.PlaceKind: {room("near", "", data.Moved(at, 100, 0)), room("named", "330114", data.Moved(at, 9000, 0))}})
	code := hangzhou(t).Taxonomy.DistrictCode(firstNear(internal, at).Districts[hangzhou(t).Taxonomy.Default])
	if code != "330114" {
		t.Fatalf("the fixture lies in %s", code)
	}
	regulator := firstNear(internal, at).Regulator

	got := read[Contacts](internal, "/api/v1/contacts?source=tank")
	if want := []string{"enterprise Example Gas", "regulator " + regulator, "grid_officer ", "duty_room room named"}; !slices.Equal(roles(got), want) {
		t.Errorf("%v, want %v", roles(got), want)
	}
	if e := got.Contacts[0]; e.Person != "a head" || e.Phone != "057100000000" || got.Source.LevelOfControl != "city" || got.District.Code != "330114" {
		t.Errorf("%+v %+v %+v", e, got.Source, got.District)
	}
	if d := got.Contacts[3]; d.Phone != "057111111111" || d.Person != "on duty" || d.Found != "by district" || *d.Distance < 8990 || *d.Distance > 9010 {
		t.Errorf("%+v", d)
	}
	checkScreened(t, "contacts", got.Screened, got.DataRevision)

	byPlace := read[Contacts](internal, "/api/v1/contacts?lon=120.351&lat=30.30")
	if byPlace.Source == nil || byPlace.Source.ID != "tank" || *byPlace.Source.Distance > 97 || !slices.Equal(roles(byPlace), roles(got)) {
		t.Errorf("%v, source %+v", roles(byPlace), byPlace.Source)
	}
	if far := read[Contacts](internal, "/api/v1/contacts?lon=120.355&lat=30.31"); far.Source != nil || !slices.Equal(roles(far), []string{"duty_room room named"}) {
		t.Errorf("%v", roles(far))
	}
	byDistrict := read[Contacts](internal, "/api/v1/contacts?district=330114")
	if byDistrict.District.Vintage != "2021" || len(byDistrict.Contacts) != 3 || byDistrict.Contacts[0].Sources != 1 || byDistrict.Contacts[2].Place != "named" {
		t.Errorf("%+v", byDistrict)
	}
	if other := read[Contacts](internal, "/api/v1/contacts?district=330106"); !slices.Equal(roles(other), []string{"duty_room room near"}) || other.Contacts[0].Found != "by distance" {
		t.Errorf("%+v", other.Contacts)
	}
	if old := read[Contacts](internal, "/api/v1/contacts?district=330103&vintage=2019"); old.District.Vintage != "2019" {
		t.Errorf("%+v", old.District)
	}
	internal.problem("/api/v1/contacts?source=none", http.StatusNotFound)
}

// The public view names bodies alone.
func TestPublicContactsAreBodiesAlone(t *testing.T) {
	tank := source(t, "tank", "I04", data.Major, orb.Point{120.35, 30.30})
	tank.Detail = data.Detail{Enterprise: "Example Gas", Responsible: "a head", DutyPhone: "057100000000", RegulatorContact: "an official", GridOfficer: "an officer"}
	unit := data.Unit{Code: "d", Name: "room", Class: "duty_room", Shape: orb.Point{120.35, 30.31}, Props: map[string]string{"phone": "1", "contact": "x", "district": "330114"}}
	w := newWorld(t, city.PublicView, []*data.Record{tank}, map[string][]data.Unit{data.PlaceKind: {unit}})
	got := read[Contacts](w, "/api/v1/contacts?source=tank")
	if len(got.Contacts) < 3 || got.Contacts[0].Body != "Example Gas" || got.View == nil {
		t.Errorf("%+v", got)
	}
	for _, c := range got.Contacts {
		if c.Person != "" || c.Phone != "" || c.More != nil || c.Body == "" {
			t.Errorf("%+v", c)
		}
	}
}

func firstNear(w *world, p orb.Point) *data.Hazard {
	for h := range w.viewer.View().Nearest(p, data.All()) {
		return h
	}
	return nil
}
