package ingest

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"testing"

	"riskatlas/data"
	"riskatlas/data/memory"
)

// racing is a store in which somebody else edits a record each time that it is
// compared, a few times.
type racing struct {
	*memory.Store
	tax   *data.Taxonomy
	times int
}

func (s *racing) Detail(ctx context.Context, ids ...data.ID) ([]*data.Record, error) {
	held, err := s.Store.Detail(ctx, ids...)
	if s.times > 0 && err == nil {
		s.times--
		h := *held[0].Hazard
		h.Name += "'"
		sealed, err := h.Seal()
		if err != nil {
			return nil, err
		}
		if _, err := s.Store.Apply(ctx, data.Note{}, data.Change{ID: h.ID, If: data.Any, New: &data.Record{Hazard: sealed}}); err != nil {
			return nil, err
		}
	}
	return held, err
}

func TestWrite(t *testing.T) {
	p := profile(t, "hangzhou")
	ctx, store := context.Background(), memory.New(p.Taxonomy)
	note := data.Note{Who: "t", Why: "w"}
	put := func(s data.Store, text string) (*Report, error) {
		return Import(ctx, s, "a.csv", strings.NewReader(text), -1, Options{Profile: p, Units: store}, note)
	}
	text := "id,name,industry,level,lon,lat\nA,a,I04,1,120.15,30.27\nB,b,I04,1,120.15,30.28\nC,c,I04,bad,120.15,30.28\n"
	r, err := put(store, text)
	if err != nil || r.Added != 2 || r.Revision != 1 {
		t.Fatalf("%+v %v", r, err)
	}
	// One record changed: one change in one revision, that names it.
	r, err = put(store, strings.Replace(text, "B,b", "B,bb", 1))
	if err != nil || r.Changed != 1 || r.Unchanged != 1 || r.Revision != 2 {
		t.Fatalf("%+v %v", r, err)
	}
	for batch, err := range store.Watch(ctx, 1) {
		if err != nil || len(batch.Changes) != 1 || batch.Changes[0].ID != "B" || batch.Note != note {
			t.Fatalf("%+v %v", batch, err)
		}
		break
	}
	// An edit between comparing and writing is met again, not lost; one that
	// goes on for ever is an error.
	s := &racing{Store: store, tax: p.Taxonomy, times: 1}
	if r, err = put(s, text); err != nil || r.Changed != 1 || r.Unchanged != 1 || s.times != 0 {
		t.Fatalf("%+v %v", r, err)
	}
	s.times = 1000
	if _, err = put(s, strings.Replace(text, "A,a", "A,x", 1)); !errors.Is(err, data.ErrConflict) {
		t.Fatalf("a race without end: %v", err)
	}
	// A plan writes nothing.
	before, _ := store.Load(ctx)
	b := parse(t, "a.csv", strings.Replace(text, "A,a", "A,y", 1), Options{Profile: p})
	if changes, err := b.Plan(ctx, store, p.Taxonomy); err != nil || len(changes) != 1 || b.Report.Changed != 1 {
		t.Fatalf("%v %v", changes, err)
	}
	if after, _ := store.Load(ctx); after != before {
		t.Errorf("a plan made revision %d", after)
	}
}

// 185 towns, whose points and districts are known from two other sources, lie in
// their districts of 2021 by the surveyed boundaries.
func TestRealTowns(t *testing.T) {
	store, p := withDistricts(t)
	codes := map[string][]string{}
	f, _ := realFile(t, "hangzhou/nbs-streets-hangzhou-2023-06-30.csv")
	for _, row := range allRows(t, f) {
		codes[row["name"]] = append(codes[row["name"]], row["areaCode"])
	}
	f, _ = realFile(t, "hangzhou/hangzhou-divisions-2016-gcj02.csv")
	var text strings.Builder
	text.WriteString("id,name,industry,level,lon,lat,district,district_vintage\n")
	towns := 0
	for _, row := range allRows(t, f) {
		if at := codes[row["name"]]; row["level"] == "town" && row["longitude"] != "" && len(at) == 1 {
			towns++
			fmt.Fprintf(&text, "%s,%s,C01,1,%s,%s,%s,2021\n", row["code"], row["name"], row["longitude"], row["latitude"], at[0])
		}
	}
	if towns != 185 {
		t.Fatalf("%d towns", towns)
	}
	b := parse(t, "towns.csv", text.String(), Options{Profile: p, Units: store, Datum: "gcj02"})
	if b.Report.Accepted != towns || b.Report.Kinds["district_mismatch"] != 0 || b.Report.Kinds["datum_suspect"] != 0 {
		t.Errorf("%s: %v", b.Report.Totals(), b.Report.Kinds)
	}
	for _, d := range p.Taxonomy.Vintages[p.Taxonomy.Default].Districts {
		if b.Report.Districts[d.Code] == 0 {
			t.Errorf("no town in %s", d.Name)
		}
	}
	// In the wrong datum several are misplaced, and the report says which datum
	// would put them right.
	b = parse(t, "towns.csv", text.String(), Options{Profile: p, Units: store, Datum: "bd09"})
	if b.Report.Kinds["district_mismatch"] < 5 || b.Report.Kinds["datum_suspect"] != 1 {
		t.Errorf("%v", b.Report.Kinds)
	}
	for _, q := range b.Report.Problems {
		if q.Kind == "datum_suspect" && !strings.Contains(q.Want, "gcj02") {
			t.Errorf("%s", q.Want)
		}
	}
}

func allRows(t *testing.T, r interface{ Read([]byte) (int, error) }) []map[string]string {
	t.Helper()
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

// Landmarks, degrees WGS 84 to about 0.003, with their districts of 2021.
var landmarks = []struct {
	name     string
	lon, lat float64
	district string
}{
	{"杭州站", 120.178, 30.244, "330102"}, {"杭州东站", 120.208, 30.290, "330102"}, {"钱江新城", 120.211, 30.246, "330102"}, {"九堡", 120.270, 30.312, "330102"},
	{"武林广场", 120.163, 30.272, "330105"}, {"拱宸桥", 120.136, 30.318, "330105"}, {"半山", 120.187, 30.362, "330105"},
	{"浙江大学玉泉校区", 120.120, 30.264, "330106"}, {"灵隐寺", 120.097, 30.242, "330106"}, {"三墩", 120.081, 30.324, "330106"},
	{"滨江区政府", 120.207, 30.207, "330108"}, {"萧山区政府", 120.264, 30.184, "330109"}, {"萧山国际机场", 120.434, 30.232, "330109"},
	{"良渚", 120.040, 30.375, "330110"}, {"余杭街道", 119.935, 30.275, "330110"}, {"富阳", 119.955, 30.048, "330111"}, {"临安", 119.720, 30.233, "330112"},
	{"临平", 120.300, 30.420, "330113"}, {"塘栖", 120.187, 30.480, "330113"}, {"下沙", 120.345, 30.305, "330114"}, {"河庄", 120.470, 30.310, "330114"},
	{"桐庐", 119.685, 29.797, "330122"}, {"淳安", 119.040, 29.610, "330127"}, {"建德", 119.280, 29.475, "330182"},
}

func TestKnownPlaces(t *testing.T) {
	store, p := withDistricts(t)
	var text strings.Builder
	text.WriteString("name,industry,level,lon,lat,district,district_vintage\n")
	for _, l := range landmarks {
		fmt.Fprintf(&text, "%s,C05,1,%v,%v,%s,2021\n", l.name, l.lon, l.lat, l.district)
	}
	b := parse(t, "landmarks.csv", text.String(), Options{Profile: p, Units: store})
	totals(t, b, fmt.Sprintf("read %d accepted %d rejected 0 quarantined 0", len(landmarks), len(landmarks)))
	if b.Report.Kinds["district_mismatch"] != 0 {
		t.Errorf("%v", b.Report.Problems)
	}
	for code, n := range b.Report.Districts {
		want := 0
		for _, l := range landmarks {
			if l.district == code {
				want++
			}
		}
		if n != want {
			t.Errorf("%d places in %s, want %d", n, code, want)
		}
	}
}

// A district of a vintage without boundaries is checked by what became of it.
func TestOldDistricts(t *testing.T) {
	store, p := withDistricts(t)
	for _, c := range []struct {
		district, street, lon, lat string
		wrong                      int
	}{
		{"330103", "", "120.163", "30.2722", 0}, // 下城 became 拱墅
		{"330103", "", "120.345", "30.305", 1},
		{"330104", "下沙街道", "120.345", "30.305", 0}, // 钱塘
		{"330106", "", "120.1201", "30.264", 0},
	} {
		b := parse(t, "a.csv", csvOf(map[string]string{"district": c.district, "district_vintage": "2019", "street": c.street, "lon": c.lon, "lat": c.lat}),
			Options{Profile: p, Units: store})
		if b.Report.Kinds["district_mismatch"] != c.wrong {
			t.Errorf("%+v: %v", c, b.Report.Problems)
		}
		if got := p.Taxonomy.DistrictCode(b.Records[0].Hazard.Stated); got != c.district {
			t.Errorf("stated %s, kept %s", c.district, got)
		}
	}
}
