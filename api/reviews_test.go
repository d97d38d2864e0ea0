package api

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/city"
)

// Overdue lists and totals are those of a scan of the records, on each of some
// days and after changes.
func TestOverdueIsThatOfAScan(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	day := func(n int) string {
		return time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n).Format(data.DateForm)
	}
	records := map[data.ID]*data.Record{}
	make1 := func(i int) *data.Record {
		r := source(t, fmt.Sprintf("S-%02d", i), []string{"I04", "C02", "P01"}[rng.IntN(3)], data.Level(1+rng.IntN(4)),
			orb.Point{120.1 + 0.1*rng.Float64(), 30.2 + 0.1*rng.Float64()}, func(h *data.Hazard) {
				h.Status = []data.Status{data.Active, data.Active, data.Active, data.Suspended, data.Planned}[rng.IntN(5)]
			})
		if rng.IntN(3) == 0 {
			r.Detail.NextReview = day(rng.IntN(1500))
		}
		if rng.IntN(4) > 0 {
			r.Detail.AssessedAt = day(rng.IntN(600))
		}
		records[r.Hazard.ID] = r
		return r
	}
	var first []*data.Record
	for i := range 40 {
		first = append(first, make1(i))
	}
	var now time.Time
	w := newWorld(t, city.PublicView, first, nil, func(o *Options) { o.Now = func() time.Time { return now } })
	seen := 0
	for step := range 6 {
		now = time.Now().AddDate(0, 0, -rng.IntN(1200))
		today := now.In(w.city.Profile().Zone).Format(data.DateForm)
		for _, filter := range []string{"", "&industry=I04", "&level=4&district=330106"} {
			var want []string
			unknown, levels := 0, [5]int{}
			for h := range w.viewer.View().All(data.All(), "") {
				r := records[h.ID]
				if h.Status != data.Active || filter == "&industry=I04" && !strings.HasPrefix(w.city.Profile().Taxonomy.Industries[h.Industry].Code, "I04") ||
					strings.Contains(filter, "level") && (h.Level != 4 || w.city.Profile().Taxonomy.DistrictCode(h.Districts[w.city.Profile().Taxonomy.Default]) != "330106") {
					continue
				}
				due := r.ReviewDue()
				switch {
				case due == "":
					unknown++
				case due < today:
					want = append(want, string(h.ID))
					levels[h.Level]++
				}
			}
			seen += len(want)
			page := read[hazardList](w, "/api/v1/hazards?overdue=true&limit=1000"+filter)
			var got []string
			for _, f := range page.Features {
				got = append(got, string(f.ID))
			}
			if diff := cmp.Diff(want, got); diff != "" || *page.Matched != len(want) {
				t.Errorf("step %d, %q: %s", step, filter, diff)
			}
			rows, err := csv.NewReader(w.get("/api/v1/hazards?overdue=true&limit=1000&format=csv" + filter).Body).ReadAll()
			if err != nil || len(rows) != len(want)+1 {
				t.Errorf("csv: %d rows, %v, want %d and a head", len(rows), err, len(want))
			}
			for _, by := range []string{"industry", "district", "level", "group", "regulator", "accident"} {
				sum := read[Summary](w, "/api/v1/summary?overdue=true&by="+by+filter)
				if sum.Total.Overdue == nil || sum.Total.Overdue.Count != countOf(levels) || sum.Total.Overdue.Unknown != unknown {
					t.Errorf("step %d, %q by %s: %+v, want %v and %d unknown", step, filter, by, sum.Total.Overdue, levels, unknown)
				}
				rows := Overdue{}
				for _, r := range sum.Rows {
					if r.Overdue != nil {
						rows.Count.Count += r.Overdue.Count.Count
						rows.Unknown += r.Overdue.Unknown
					}
				}
				if by != "accident" && (rows.Count.Count != len(want) || rows.Unknown != unknown) {
					t.Errorf("step %d, %q by %s: rows sum to %+v", step, filter, by, rows)
				}
			}
			if sum := read[Summary](w, "/api/v1/summary?by=level"+filter); sum.Total.Overdue != nil {
				t.Error("counted without being asked")
			}
		}
		i := rng.IntN(40)
		w.apply(data.Change{ID: data.ID(fmt.Sprintf("S-%02d", i)), If: data.Any, New: make1(i)})
	}
	if seen < 20 {
		t.Errorf("%d overdue in all: the test shows nothing", seen)
	}
}

// Both divisions into districts sum to the city, now and as of any revision, and
// what moved from one district to another between them is in both.
func TestBothVintagesSumToTheCity(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 2))
	p := hangzhou(t)
	var records []*data.Record
	for i := range 60 {
		at := orb.Point{p.Bound.Min[0] + rng.Float64()*(p.Bound.Max[0]-p.Bound.Min[0]), p.Bound.Min[1] + rng.Float64()*(p.Bound.Max[1]-p.Bound.Min[1])}
		r := source(t, fmt.Sprintf("S-%02d", i), "I04", data.Level(1+rng.IntN(4)), at, scenario(t, 1e-5, step(300)))
		exposed := 10 + i
		r.Detail.ExposedDay, r.Detail.ExposedNight = &exposed, &exposed
		records = append(records, r)
	}
	for _, people := range []bool{false, true} {
		units := map[string][]data.Unit{}
		if people {
			for i, r := range records {
				units[data.PeopleKind] = append(units[data.PeopleKind], data.Unit{Code: fmt.Sprint(i), Shape: r.Hazard.Label(), Props: map[string]string{data.PeopleProp: "10"}})
			}
		}
		w := newWorld(t, city.InternalView, records, units)
		w.apply(data.Change{ID: "S-01", If: data.Any}, data.Change{ID: "S-02", If: data.Any})
		newest := int(w.viewer.View().Revision())
		for rev := newest - 1; rev <= newest; rev++ {
			whole := read[Summary](w, fmt.Sprint("/api/v1/summary?by=industry&as_of=", rev)).Total
			for _, vintage := range []string{"2019", "2021"} {
				sum := read[Summary](w, fmt.Sprintf("/api/v1/summary?by=district&vintage=%s&as_of=%d", vintage, rev))
				var rows SummaryTotal
				for _, r := range sum.Rows {
					rows.Count.Count += r.Count.Count
					rows.Levels.Major += r.Levels.Major
					rows.PLL += r.PLL
				}
				if rows.Count.Count != whole.Count.Count || rows.Levels.Major != whole.Levels.Major || sum.Vintage != vintage {
					t.Errorf("%s as of %d: %+v, the city has %+v", vintage, rev, rows.Count, whole.Count)
				}
				if d := rows.PLL - whole.PLL; whole.PLL == 0 || d > 1e-12*whole.PLL || d < -1e-12*whole.PLL || sum.Total.PLL != whole.PLL {
					t.Errorf("%s as of %d: districts lose %v, the city %v", vintage, rev, rows.PLL, whole.PLL)
				}
			}
		}
	}
}

// The layers districts and labels show the vintage that is asked for: each
// vintage's counts sum to the city's, their levels are those of /districts, also
// as of another time, and a tile of one is none of the other's.
func TestDistrictLayersOfBothVintages(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 2))
	var records []*data.Record
	for i := range 80 {
		at := orb.Point{120 + 0.4*rng.Float64(), 30.1 + 0.3*rng.Float64()}
		records = append(records, source(t, fmt.Sprintf("S-%02d", i), "I04", data.Level(1+rng.IntN(4)), at, scenario(t, 1e-5, step(300))))
	}
	strip := func(code string, from, to float64) data.Unit {
		return data.Unit{Code: code, Name: code, Shape: orb.Polygon{{{from, 29.9}, {to, 29.9}, {to, 30.6}, {from, 30.6}, {from, 29.9}}}}
	}
	units := map[string][]data.Unit{
		data.DistrictKind("2019"): {strip("330103", 119.9, 120.2), strip("330104", 120.2, 120.5)},
		data.DistrictKind("2021"): {strip("330105", 119.9, 120.1), strip("330102", 120.1, 120.5)},
	}
	w := newWorld(t, city.InternalView, records, units)
	before := w.viewer.View().Revision()
	w.apply(data.Change{ID: "S-01", If: data.Any}, data.Change{ID: "S-02", If: data.Any})
	tile := maptile.At(orb.Point{120.2, 30.25}, 7)
	seen := map[string]string{}
	for _, query := range []string{"vintage=2019", "vintage=2021", "", fmt.Sprint("vintage=2019&as_of=", before), "vintage=2019&level=4"} {
		rec := w.get(fmt.Sprintf("/tiles/districts/7/%d/%d.mvt?%s", tile.X, tile.Y, query))
		layers, err := mvt.Unmarshal(rec.Body.Bytes())
		if err != nil || rec.Code != http.StatusOK {
			t.Fatalf("%s: %d %v", query, rec.Code, err)
		}
		sum, vintage := 0, "2021"
		if strings.Contains(query, "2019") {
			vintage = "2019"
		}
		for _, f := range layers[0].Features {
			code := f.Properties["code"].(string)
			sum += int(f.Properties["count"].(float64))
			if strings.Contains(query, "as_of") || strings.Contains(query, "level=") {
				continue
			}
			told := read[District](w, "/api/v1/districts/"+code+"?vintage="+vintage)
			if level, _ := f.Properties["level"].(float64); data.Level(level) != told.Properties.Level {
				t.Errorf("%s: %s has level %v, /districts says %v", query, code, level, told.Properties.Level)
			}
		}
		want := read[Summary](w, "/api/v1/summary?"+query).Total.Count.Count
		if sum != want || want == 0 {
			t.Errorf("%s: the districts have %d sources, the city %d", query, sum, want)
		}
		seen[query] = rec.Header().Get("ETag")
	}
	if seen[""] != seen["vintage=2021"] || seen[""] == seen["vintage=2019"] || seen["vintage=2019"] == seen[fmt.Sprint("vintage=2019&as_of=", before)] {
		t.Errorf("ETags %v", seen)
	}
}
