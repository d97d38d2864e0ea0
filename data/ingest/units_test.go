package ingest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/memory"
)

func square(lon, lat, side float64) string {
	return fmt.Sprintf(`{"type":"Polygon","coordinates":[[[%v,%v],[%v,%v],[%v,%v],[%v,%v],[%v,%v]]]}`,
		lon, lat, lon+side, lat, lon+side, lat+side, lon, lat+side, lon, lat)
}

func unitsOf(t *testing.T, store data.Units, kind string) map[string]data.Unit {
	t.Helper()
	out := map[string]data.Unit{}
	for u, err := range store.Units(context.Background(), kind) {
		if err != nil {
			t.Fatal(err)
		}
		out[u.Code] = *u
	}
	return out
}

func TestDistricts(t *testing.T) {
	p := profile(t, "hangzhou")
	v, _ := p.Taxonomy.Vintage("")
	read := func(text string, opts Options) *Units {
		t.Helper()
		opts.Profile = p
		u, err := ReadDistricts(context.Background(), "d.geojson", strings.NewReader(text), -1, opts, "")
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	var all []string
	for i, d := range v.Districts {
		all = append(all, featureText("null", square(118.5+float64(i)*0.1, 29.5, 0.1), `{"gid":`+d.Code+`}`))
	}
	opts := Options{Map: map[string]string{"code": "gid"}}
	u := read(collection("", all...), opts)
	store := memory.New(p.Taxonomy)
	if err := u.Write(context.Background(), store, data.Note{Who: "t"}); err != nil {
		t.Fatal(err)
	}
	held := unitsOf(t, store, data.DistrictKind("2021"))
	if len(held) != 13 || held["330106"].Name != "西湖区" || held["330106"].NameEn == "" || len(u.Report.Kinds) != 0 {
		t.Fatalf("%d units, %+v, %v", len(held), held["330106"], u.Report.Problems)
	}
	// The same again changes nothing; one district fewer is a warning and a change.
	u = read(collection("", all...), opts)
	if err := u.Write(context.Background(), store, data.Note{}); err != nil || u.Report.Revision != 0 || u.Report.Unchanged != 13 {
		t.Errorf("again: %v, revision %d", err, u.Report.Revision)
	}
	u = read(collection("", all[1:]...), opts)
	if err := u.Write(context.Background(), store, data.Note{}); err != nil || u.Report.Revision != 2 || u.Report.Kinds["district_missing"] != 1 {
		t.Errorf("without one: %v, revision %d, %v", err, u.Report.Revision, u.Report.Kinds)
	}
	// Sources are compared with what the store holds now.
	b := parse(t, "a.csv", csvOf(map[string]string{"lon": "119.55", "lat": "29.55", "district": v.Districts[1].Code, "district_vintage": "2021"}), Options{Profile: p, Units: store})
	if b.Report.Kinds["district_mismatch"] != 1 || strings.Contains(b.Report.Problems[0].Want, "schematic") {
		t.Errorf("%v", b.Report.Problems)
	}

	for name, c := range map[string]struct{ feature, kind, want string }{
		"unknown code": {featureText("null", square(119, 29.5, 0.1), `{"gid":330199}`), "code_unknown", "330102"},
		"no code":      {featureText("null", square(119, 29.5, 0.1), `{}`), "code_missing", "--map code="},
		"twice":        {all[1], "duplicate_id", "feature 1"},
		"bow tie":      {featureText("null", `{"type":"Polygon","coordinates":[[[119,29.5],[119.1,29.6],[119.1,29.5],[119,29.6],[119,29.5]]]}`, `{"gid":330102}`), "geometry_invalid", "repair"},
		"a point":      {featureText("null", pointText, `{"gid":330102}`), "geometry_invalid", "a Polygon"},
		"outside":      {featureText("null", square(0, 0, 0.1), `{"gid":330102}`), "geometry_outside", "118.3"},
		"no geometry":  {featureText("null", "null", `{"gid":330102}`), "geometry_missing", "geometry"},
	} {
		u := read(collection("", append(slices.Clone(all[1:]), c.feature)...), opts)
		i := slices.IndexFunc(u.Report.Problems, func(q Problem) bool { return q.Severity == Rejected })
		if i < 0 || u.Report.Problems[i].Kind != c.kind || !strings.Contains(u.Report.Problems[i].Want, c.want) {
			t.Errorf("%s: %v", name, u.Report.Problems)
		}
		var incomplete *ErrIncomplete
		if err := u.Write(context.Background(), store, data.Note{}); !errors.As(err, &incomplete) {
			t.Errorf("%s: written: %v", name, err)
		}
	}
	if rev, _ := store.Load(context.Background()); rev != 2 {
		t.Errorf("refused districts made revision %d", rev)
	}
	if _, err := ReadDistricts(context.Background(), "d", strings.NewReader(""), -1, Options{Profile: p}, "1999"); err == nil || !strings.Contains(err.Error(), "2019, 2021") {
		t.Errorf("another vintage: %v", err)
	}
}

func TestZones(t *testing.T) {
	p := profile(t, "generic")
	text := "code,name,geometry\nZ 1,甲,\"POLYGON((120 30,121 30,121 31,120 30))\"\nZ 2,,\"MULTIPOLYGON(((0 0,1 0,1 1,0 0)))\"\n"
	u, err := ReadZones(context.Background(), "z.csv", strings.NewReader(text), -1, Options{Profile: p}, "core")
	if err != nil || u.Kind != "zone:core" || len(u.Units) != 2 || u.Units[1].Name != "Z 2" {
		t.Fatalf("%+v %v", u, err)
	}
	if _, err := ReadZones(context.Background(), "z.csv", strings.NewReader(text), -1, Options{Profile: p}, "a b"); err == nil {
		t.Error("a zone named with a space")
	}
}

// Spikes and small loops are cut off or kept as ground of their own; what covers
// the place stays. Anything larger is refused.
func TestRepair(t *testing.T) {
	hole := orb.Ring{{2, 2}, {3, 2}, {3, 3}, {2, 3}, {2, 2}}
	for name, g := range map[string]orb.Polygon{
		"loop outside":         {{{0, 0}, {10, 0}, {10, 10}, {5, 10}, {4.9, 10.1}, {5.1, 10.1}, {4.95, 10}, {0, 10}, {0, 0}}},
		"loop clockwise":       {{{0, 0}, {0, 10}, {4.95, 10}, {5.1, 10.1}, {4.9, 10.1}, {5, 10}, {10, 10}, {10, 0}, {0, 0}}},
		"loop inside":          {{{0, 0}, {10, 0}, {10, 10}, {6, 10}, {5, 9.97}, {5.1, 9.95}, {4.9, 9.98}, {4, 10}, {0, 10}, {0, 0}}},
		"spike out and back":   {{{0, 0}, {10, 0}, {10, 10}, {5, 10}, {5, 12}, {5, 10}, {0, 10}, {0, 0}}},
		"touches itself":       {{{0, 0}, {10, 0}, {10, 10}, {5, 10}, {5.01, 10.01}, {4.99, 10.01}, {5, 10}, {0, 10}, {0, 0}}},
		"repeated vertex":      {{{0, 0}, {10, 0}, {10, 0}, {10, 10}, {5, 10}, {5, 10.3}, {5, 10}, {0, 10}, {0, 0}}},
		"beside a hole":        {{{0, 0}, {10, 0}, {10, 10}, {5, 10}, {4.9, 10.1}, {5.1, 10.1}, {4.95, 10}, {0, 10}, {0, 0}}, hole},
		"in a hole":            {{{0, 0}, {10, 0}, {10, 10}, {0, 10}, {0, 0}}, {{2, 2}, {3, 2}, {3, 3}, {2.5, 3}, {2.5, 3.01}, {2.49, 3.01}, {2.51, 3}, {2, 3}, {2, 2}}},
		"a loop turned over":   {{{0, 0}, {10, 0}, {10, 10}, {5.1, 10}, {4.9, 9.8}, {5.1, 9.8}, {4.9, 10}, {0, 10}, {0, 0}}},
		"a vertex on its side": {{{0, 0}, {10, 0}, {10, 10}, {5.001, 10}, {5, 9.999}, {5, 10}, {4, 10.001}, {4.5, 10}, {0, 10}, {0, 0}}},
	} {
		made, share, err := repair(g)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if checkValid(made) != nil || share > mostRepairShare {
			t.Errorf("%s: %v, share %v", name, checkValid(made), share)
		}
		// Brute force: the same places are inside, but for slivers.
		differ := 0
		for x := 0.013; x < 10; x += 0.1 {
			for y := 0.017; y < 10.2; y += 0.1 {
				in := false
				for _, poly := range polygons(made) {
					in = in || data.Contains(poly, orb.Point{x, y})
				}
				if in != data.Contains(g, orb.Point{x, y}) {
					differ++
				}
			}
		}
		if differ > 1 {
			t.Errorf("%s: %d places changed sides", name, differ)
		}
	}
	for name, g := range map[string]orb.Polygon{
		"bow tie":      {{{0, 0}, {1, 1}, {1, 0}, {0, 1}, {0, 0}}},
		"no ground":    {{{0, 0}, {1, 1}, {0, 0}, {1, 1}, {0, 0}}},
		"large loop":   {{{0, 0}, {10, 0}, {10, 10}, {6, 10}, {4, 12}, {6, 12}, {4, 10}, {0, 10}, {0, 0}}, hole},
		"hole outside": {{{0, 0}, {10, 0}, {10, 10}, {0, 10}, {0, 0}}, {{20, 20}, {30, 20}, {30, 30}, {20, 20}}},
	} {
		if made, share, err := repair(g); err == nil {
			t.Errorf("%s was repaired to %v, share %v", name, made, share)
		}
	}
}

func TestCrossing(t *testing.T) {
	at, ok := firstCrossing(orb.MultiPolygon{{{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}}}, {{{3, 1}, {6, 1}, {6, 2}, {3, 2}, {3, 1}}}})
	if !ok || at[0] != 4 || (at[1] != 1 && at[1] != 2) {
		t.Errorf("%v %v", at, ok)
	}
	if _, ok := firstCrossing(orb.Polygon{{{0, 0}, {4, 0}, {4, 4}, {0, 0}}}); ok {
		t.Error("a triangle crosses itself")
	}
	// A ring that crosses itself everywhere is refused soon, and so is its repair.
	var star orb.Ring
	for i := range 9999 {
		a := float64(i) * 2 * math.Pi * 4999 / 9999
		star = append(star, orb.Point{120 + math.Cos(a)/10, 30 + math.Sin(a)/10})
	}
	star = append(star, star[0])
	start := time.Now()
	if err := checkValid(orb.Polygon{star}); err == nil || !strings.Contains(err.Error(), "near 1") {
		t.Errorf("%v", err)
	}
	var comb orb.Ring
	for i := range 4000 {
		comb = append(comb, orb.Point{120 + float64(i)/1e5, 30 + float64(i%2)/1e3})
	}
	for i := range 4000 {
		comb = append(comb, orb.Point{120 + float64(4000-i)/1e5, 30 + float64(i%2)/1e3})
	}
	comb = append(comb, comb[0])
	for _, r := range []orb.Ring{star, comb} {
		if made, _, err := repair(orb.Polygon{r}); err == nil {
			t.Errorf("a ring of loops was repaired to %T", made)
		}
	}
	if spent := time.Since(start); spent > 8*time.Second {
		t.Errorf("took %v", spent)
	}
}

func TestPlaces(t *testing.T) {
	p := profile(t, "hangzhou")
	ctx, store := context.Background(), memory.New(p.Taxonomy)
	load := func(name, text, class string) *Units {
		t.Helper()
		u, err := ReadPlaces(ctx, name, strings.NewReader(text), -1, Options{Profile: p}, class)
		if err != nil {
			t.Fatal(err)
		}
		if r := u.Report; r.Read != r.Accepted+r.Rejected+r.Quarantined || r.Accepted != len(u.Units) {
			t.Fatalf("%s, %d units", r.Totals(), len(u.Units))
		}
		return u
	}
	write := func(u *Units) {
		t.Helper()
		if err := u.Write(ctx, store, data.Note{Who: "t"}); err != nil {
			t.Fatal(err)
		}
	}
	names := func() []string {
		var out []string
		held := unitsOf(t, store, data.PlaceKind)
		for _, code := range sortedKeys(held) {
			out = append(out, code+" "+held[code].Class+" "+held[code].Name)
		}
		return out
	}
	write(load("s.csv", "编号,名称,经度,纬度,地址,容量\nS1,一号,120.1551,30.2741,路1号,300\nS2,二号,120.1651,30.2741,,\n", "shelter"))
	write(load("h.geojson", collection("", featureText(`"H1"`, pointText, `{"name":"医","kind":"hospital"}`), featureText(`"F1"`, pointText, `{"name":"火","kind":"fire_station"}`)), ""))
	want := []string{"F1 fire_station 火", "H1 hospital 医", "S1 shelter 一号", "S2 shelter 二号"}
	if diff := cmp.Diff(want, names()); diff != "" {
		t.Fatal(diff)
	}
	if props := unitsOf(t, store, data.PlaceKind)["S1"].Props; props["address"] != "路1号" || props["capacity"] != "300" {
		t.Errorf("%v", props)
	}
	// A file of one kind replaces that kind alone; the same again is nothing.
	for range 2 {
		write(load("s.csv", "code,name,lon,lat\nS3,三号,120.1551,30.2741\n", "shelter"))
	}
	want = []string{"F1 fire_station 火", "H1 hospital 医", "S3 shelter 三号"}
	if diff := cmp.Diff(want, names()); diff != "" {
		t.Fatal(diff)
	}
	if rev, _ := store.Load(ctx); rev != 3 {
		t.Errorf("revision %d", rev)
	}
	u := load("x.csv", "code,name,kind,lon,lat\nX1,a,pub,120.1551,30.2741\nX2,b,shelter,1,2\nX3,c,shelter,120.1551,30.2741\n,d,shelter,120.1551,30.2751\n", "")
	if u.Report.Rejected != 2 || u.Report.Kinds["kind_unknown"] != 1 || u.Report.Kinds["geometry_outside"] != 1 || !strings.HasPrefix(u.Units[1].Code, "row-") {
		t.Errorf("%s %v %v", u.Report.Totals(), u.Report.Kinds, u.Units)
	}
	// A code of another kind is not taken over.
	if err := load("x.csv", "code,name,lon,lat\nH1,a,120.1551,30.2741\n", "shelter").Write(ctx, store, data.Note{}); err == nil || !strings.Contains(err.Error(), "hospital") {
		t.Errorf("%v", err)
	}
	if _, err := ReadPlaces(ctx, "x.csv", strings.NewReader("a"), -1, Options{Profile: p}, "pub"); err == nil || !strings.Contains(err.Error(), "fire_station") {
		t.Errorf("%v", err)
	}
}
