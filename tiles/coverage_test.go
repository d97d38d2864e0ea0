package tiles

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/citytest"
	"riskatlas/tiles/mvtcheck"
)

// someCoverage is a random table: some pairs of every status, with and without
// dates.
func someCoverage(rng *rand.Rand, tax *data.Taxonomy) []data.Coverage {
	v := &tax.Vintages[tax.Default]
	fullness := 4 * rng.Float64() // often every pair has a row
	var rows []data.Coverage
	for d := range v.Districts {
		for in := range tax.Industries {
			if rng.Float64() > fullness {
				continue
			}
			c := data.Coverage{Industry: data.Industry(in), District: v.First + data.District(d), Status: data.CoverageStatus(rng.IntN(len(data.CoverageKeys)))}
			if rng.IntN(10) > 0 { // else little is ever finished
				c.Status = data.Verified
			}
			day := data.Date(20190900 + rng.IntN(28) + 1)
			for _, step := range []struct {
				from data.CoverageStatus
				day  *data.Date
			}{{data.Asked, &c.Asked}, {data.Received, &c.Received}, {data.Verified, &c.Verified}} {
				if c.Status >= step.from && c.Status != data.NoneHere && rng.IntN(4) > 0 {
					*step.day = day
					day += 100
				}
			}
			rows = append(rows, c)
		}
	}
	return rows
}

func coverageUnits(tax *data.Taxonomy, rows []data.Coverage) []data.Unit {
	var units []data.Unit
	for i := range rows {
		units = append(units, tax.CoverageUnit(&rows[i], orb.Point{120.15, 30.25}))
	}
	return units
}

// scanned is Assess by looking at every row for every pair, with nothing kept.
func scanned(v *View, rows []data.Coverage, f data.Filter, districts []data.District) Assessed {
	a := Assessed{Recorded: true, PeopleShare: -1, Districts: len(districts)}
	var whole, done float64
	areas := v.Totals.By(v.City.Taxonomy.Default)
	for _, d := range districts {
		assessed := true
		for in := range v.City.Taxonomy.Industries {
			if !f.Industries.Has(uint8(in)) {
				continue
			}
			found := false
			for i := range rows {
				r := &rows[i]
				if int(r.Industry) != in || r.District != d || r.Status == data.NotStarted || r.Status == data.Asked {
					continue
				}
				found = true
				latest := r.Verified
				if latest == 0 {
					latest = r.Received
				}
				if latest == 0 {
					latest = r.Asked
				}
				switch {
				case latest == 0:
					a.Undated = true
				case a.Oldest == 0 || latest < a.Oldest:
					a.Oldest = latest
				}
			}
			if !found {
				assessed = false
				a.Missing |= 1 << in
			}
		}
		area := float64(areas[d].AllArea())
		whole += area
		if assessed {
			a.Done++
			done += area
		}
	}
	if whole > 0 {
		a.Share = done / whole
	}
	return a
}

// The answers of a thousand random tables are those of a scan, for random filters
// and places.
func TestAssessedAsAScan(t *testing.T) {
	rng := rand.New(rand.NewPCG(71, 1))
	w := compactTown(t, 71, 10)
	v := w.viewer.View()
	tax := w.profile.Taxonomy
	units := v.Units(v.districtKind())
	partly, whole, none := 0, 0, 0
	for i := range 1000 {
		rows := someCoverage(rng, tax)
		table := data.NewCoverageTable(tax, coverageUnits(tax, rows))
		f := randomFilter(rng, tax)
		if i%3 == 0 {
			f = data.All()
			f.Industries &^= data.Set(rng.Uint64())
		}
		var districts []data.District
		if i%2 == 0 {
			districts = v.AskedDistricts(nil, f)
		} else {
			p := citytest.NewMaker(rng, downtown).Hazard("x").Label()
			districts = v.DistrictsWithin(nil, p, rng.Float64()*3000)
			checkWithin(t, units, p, districts)
		}
		if tax.Asked(f) == 0 || len(districts) == 0 {
			none++
			if a := v.assess(table, f, districts); len(rows) > 0 && (a.Whole() || a.Share != 0) {
				t.Fatalf("table %d: a question about nothing is assessed: %+v", i, a)
			}
			continue
		}
		want := scanned(v, rows, f, districts)
		if len(rows) == 0 {
			want = Assessed{PeopleShare: -1}
		}
		got := v.assess(table, f, districts)
		if math.Abs(got.Share-want.Share) > 1e-12 {
			t.Fatalf("table %d: share %g, by a scan %g", i, got.Share, want.Share)
		}
		got.Share = want.Share
		if got != want {
			t.Fatalf("table %d: %+v, by a scan %+v", i, got, want)
		}
		if got.Done > 0 && got.Done < got.Districts {
			partly++
		}
		if got.Whole() {
			whole++
		}
	}
	if partly < 50 || whole < 50 || none > 300 {
		t.Errorf("%d tables cover a part, %d all, %d questions about nothing: too few say anything", partly, whole, none)
	}
}

// checkWithin compares with the distance to each district.
func checkWithin(t *testing.T, units []data.Unit, p orb.Point, got []data.District) {
	t.Helper()
	tax := citytest.Taxonomy()
	for i := range units {
		at, _ := tax.Vintages[tax.Default].District(units[i].Code)
		if data.Contains(units[i].Shape.(orb.Polygon), p) && !slices.Contains(got, at) {
			t.Fatalf("%s holds %v and is not among %v", units[i].Code, p, got)
		}
	}
}

// A change of coverage gives new names to the tiles of coverage that show it, and
// to no others; what a tile of coverage shows is what the table says.
func TestCoverageTiles(t *testing.T) {
	rng := rand.New(rand.NewPCG(72, 1))
	w := compactTown(t, 72, 30)
	tax := w.profile.Taxonomy
	r := w.renderer(Options{})
	others := AllLayers &^ Layers(data.LayerCoverage)
	ask := func(l LayerSet, z, dx, dy int, f data.Filter) Tile {
		return mustTile(t, r, Request{Tile: tileAt(maptile.Zoom(z), dx, dy), Layers: l, Filter: f})
	}
	type place struct{ z, dx, dy int }
	places := []place{{4, 0, 0}, {9, 0, 0}, {12, 0, 0}, {12, 1, 0}, {14, 0, 0}, {14, 1, 1}, {14, -1, 0}}
	f := data.All()
	f.Industries &^= 0b11110000
	if got := ask(Layers(data.LayerCoverage), 12, 0, 0, data.All()); !got.Empty {
		t.Error("a city without a table shows coverage")
	}
	rows := someCoverage(rng, tax)
	rev := w.replace(data.CoverageKind, coverageUnits(tax, rows))
	w.wait(rev)
	changed, needless := 0, 0
	for step := range 12 {
		before := map[place][3]Tile{}
		for _, p := range places {
			before[p] = [3]Tile{ask(Layers(data.LayerCoverage), p.z, p.dx, p.dy, data.All()), ask(Layers(data.LayerCoverage), p.z, p.dx, p.dy, f), ask(others, p.z, p.dx, p.dy, data.All())}
		}
		i := rng.IntN(len(rows))
		rows[i] = data.Coverage{Industry: rows[i].Industry, District: rows[i].District, Status: data.CoverageStatus(rng.IntN(5))}
		if step%4 == 3 {
			rows[i].Note = "a note" // which no tile shows
		}
		rev := w.replace(data.CoverageKind, coverageUnits(tax, rows))
		w.wait(rev)
		for _, p := range places {
			now := [3]Tile{ask(Layers(data.LayerCoverage), p.z, p.dx, p.dy, data.All()), ask(Layers(data.LayerCoverage), p.z, p.dx, p.dy, f), ask(others, p.z, p.dx, p.dy, data.All())}
			if now[2].ETag != before[p][2].ETag {
				t.Fatalf("%v: a change of coverage renamed a tile of %s", p, others)
			}
			for k := range 2 {
				renamed, other := now[k].ETag != before[p][k].ETag, string(now[k].Data) != string(before[p][k].Data)
				switch { // a district whose box alone meets the tile renames it for nothing
				case other && !renamed:
					t.Fatalf("%v: other bytes under the old name", p)
				case other:
					changed++
				case renamed:
					needless++
				}
			}
			at, n := tileAt(maptile.Zoom(p.z), p.dx, p.dy), 0
			if l := strictly(t, ask(Layers(data.LayerDistricts), p.z, p.dx, p.dy, data.All()), at).Layer("districts"); l != nil {
				n = len(l.Features)
			}
			checkCoverageTile(t, w.viewer.View(), rows, strictly(t, now[0], at), data.All(), n)
			checkCoverageTile(t, w.viewer.View(), rows, strictly(t, now[1], at), f, n)
		}
	}
	if changed == 0 || needless > changed {
		t.Errorf("%d tiles changed, %d were renamed for nothing", changed, needless)
	}
}

func checkCoverageTile(t *testing.T, v *View, rows []data.Coverage, tile *mvtcheck.Tile, f data.Filter, districts int) {
	t.Helper()
	l := tile.Layer("coverage")
	n := 0
	if l != nil {
		n = len(l.Features)
	}
	if n != districts {
		t.Fatalf("%d districts have coverage, %d are on the tile", n, districts)
	}
	if n == 0 {
		return
	}
	tax := v.City.Taxonomy
	for _, feature := range l.Features {
		code := feature.Properties["code"].(string)
		d, err := tax.Vintages[tax.Default].District(code)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]any{"code": code, "name": feature.Properties["name"]}
		if name, ok := feature.Properties["name_en"]; ok {
			want["name_en"] = name
		}
		asked, done, oldest := 0, 0, data.Date(0)
		var missing []string
		for in := range tax.Industries {
			if !f.Industries.Has(uint8(in)) {
				continue
			}
			asked++
			i := slices.IndexFunc(rows, func(r data.Coverage) bool { return int(r.Industry) == in && r.District == d })
			if i < 0 || rows[i].Status < data.Received {
				missing = append(missing, tax.Industries[in].Code)
				continue
			}
			done++
			if day := rows[i].AsOf(); day != 0 && (oldest == 0 || day < oldest) {
				oldest = day
			}
		}
		want["share"] = float64(done) / float64(asked)
		if len(missing) > 0 {
			want["missing"] = strings.Join(missing, ",")
		}
		if oldest != 0 {
			want["oldest"] = oldest.String()
		}
		if !maps.Equal(want, feature.Properties) {
			t.Fatalf("%s: %v, want %v", code, feature.Properties, want)
		}
	}
}
