package tiles

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/citytest"
	"riskatlas/data/datum"
	"riskatlas/index"
)

func TestKnown(t *testing.T) {
	key, other := Key{1, 2, 3}, Key{1, 2, 4}
	tag, gzip := key.ETag(), strings.TrimSuffix(key.ETag(), `"`)+`-gzip"`
	for _, c := range []struct {
		header string
		want   bool
	}{
		{"", false},
		{tag, true},
		{"W/" + tag, true},
		{gzip, true},
		{"W/" + gzip, true},
		{strings.Replace(gzip, "-gzip", "-br", 1), true},
		{"*", true},
		{" * ", true},
		{other.ETag(), false},
		{other.ETag() + ", " + tag, true},
		{other.ETag() + "," + gzip + "," + other.ETag(), true},
		{`"", ` + tag, true},
		{`"a,b" , ` + tag, true},
		{key.String(), false}, // not quoted
		{`"` + key.String(), false},
		{"w/" + tag, false},
		{`"` + strings.ToUpper(key.String()) + `"`, false},
		{`"` + key.String()[1:] + `"`, false},
		{`"*"`, false},
		{"garbage " + tag, false},
		{tag + " garbage", true},
		{`""`, false},
		{`W/`, false},
		{`,`, false},
	} {
		if got := key.Known(c.header); got != c.want {
			t.Errorf("If-None-Match: %s: %v, want %v", c.header, got, c.want)
		}
	}
}

func FuzzKnown(f *testing.F) {
	key := Key{7}
	f.Add(key.ETag())
	f.Add(`W/"x", "y`)
	f.Fuzz(func(t *testing.T, header string) {
		// Whatever a client sends: no panic, and never true where neither the
		// key nor a star is in it.
		if key.Known(header) && !strings.Contains(header, key.String()) && !strings.Contains(header, "*") {
			t.Errorf("%q names a key that it does not hold", header)
		}
	})
}

func TestKeyText(t *testing.T) {
	seen := map[string]bool{}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 1000 {
		var k Key
		for i := range k {
			k[i] = byte(rng.Uint32())
		}
		s := k.String()
		if len(s) != 26 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz234567") != "" || seen[s] {
			t.Fatalf("key %x is %q", k, s)
		}
		seen[s] = true
	}
}

// keyView is a view of a hundred hazards without their districts, for tests of
// keys alone.
func keyView(hazards ...*data.Hazard) *View {
	var changes []data.Change
	for _, h := range hazards {
		changes = append(changes, data.Change{ID: h.ID, New: &data.Record{Hazard: h}})
	}
	p := townProfile(townCuts)
	return &View{Snapshot: index.New(p.Taxonomy).Snapshot().With(changes...), City: p, Who: city.InternalView}
}

func TestEqualTilesHaveEqualKeys(t *testing.T) {
	v := keyView(citytest.Hazards(rand.New(rand.NewPCG(5, 5)), 100, downtown)...)
	some := data.All()
	some.Industries &^= 1
	at := func(z maptile.Zoom) maptile.Tile { return tileAt(z, 0, 0) }
	for name, c := range map[string]struct {
		a, b Request
		same bool
	}{
		"statistic at z14":            {Request{Tile: at(14), Layers: Layers(data.LayerRisk), Filter: some, Stat: Share}, Request{Tile: at(14), Layers: Layers(data.LayerRisk), Filter: some}, true},
		"statistic at z13":            {Request{Tile: at(13), Layers: Layers(data.LayerRisk), Filter: some, Stat: Share}, Request{Tile: at(13), Layers: Layers(data.LayerRisk), Filter: some}, false},
		"statistic of points":         {Request{Tile: at(9), Layers: Layers(data.LayerHazards), Filter: some, Stat: Share}, Request{Tile: at(9), Layers: Layers(data.LayerHazards), Filter: some}, true},
		"filter of places":            {Request{Tile: at(10), Layers: Layers(data.LayerPlaces), Filter: some}, Request{Tile: at(10), Layers: Layers(data.LayerPlaces), Filter: data.All()}, true},
		"filter of risk":              {Request{Tile: at(10), Layers: Layers(data.LayerRisk), Filter: some}, Request{Tile: at(10), Layers: Layers(data.LayerRisk), Filter: data.All()}, false},
		"a layer outside its zooms":   {Request{Tile: at(8), Layers: Layers(data.LayerRisk, data.LayerGrid), Filter: some}, Request{Tile: at(8), Layers: Layers(data.LayerRisk), Filter: some}, true},
		"a layer more":                {Request{Tile: at(12), Layers: Layers(data.LayerRisk, data.LayerGrid), Filter: some}, Request{Tile: at(12), Layers: Layers(data.LayerRisk), Filter: some}, false},
		"CGCS2000 and WGS 84":         {Request{Tile: at(12), Layers: Layers(data.LayerRisk), Filter: some, Datum: datum.CGCS2000}, Request{Tile: at(12), Layers: Layers(data.LayerRisk), Filter: some}, true},
		"GCJ-02 and WGS 84":           {Request{Tile: at(12), Layers: Layers(data.LayerRisk), Filter: some, Datum: datum.GCJ02}, Request{Tile: at(12), Layers: Layers(data.LayerRisk), Filter: some}, false},
		"GCJ-02 and BD-09":            {Request{Tile: at(12), Layers: Layers(data.LayerRisk), Filter: some, Datum: datum.GCJ02}, Request{Tile: at(12), Layers: Layers(data.LayerRisk), Filter: some, Datum: datum.BD09}, false},
		"the client's tag":            {Request{Tile: at(12), Layers: Layers(data.LayerRisk), Known: `"x"`}, Request{Tile: at(12), Layers: Layers(data.LayerRisk)}, true},
		"neighbours":                  {Request{Tile: tileAt(16, 0, 0), Layers: Layers(data.LayerRisk), Filter: some}, Request{Tile: tileAt(16, 1, 0), Layers: Layers(data.LayerRisk), Filter: some}, false},
		"z17 below the same z16 tile": {Request{Tile: maptile.New(2*at(16).X, 2*at(16).Y, 17), Layers: Layers(data.LayerRisk), Filter: some}, Request{Tile: maptile.New(2*at(16).X+1, 2*at(16).Y, 17), Layers: Layers(data.LayerRisk), Filter: some}, false},
	} {
		a, _ := keyOf(v, c.a.canonical(), "p")
		b, _ := keyOf(v, c.b.canonical(), "p")
		if (a == b) != c.same {
			t.Errorf("%s: keys equal %v, want %v", name, a == b, c.same)
		}
	}
}

// Everything that the bytes depend on besides the request is in the key.
func TestKeyDependsOn(t *testing.T) {
	hazards := citytest.Hazards(rand.New(rand.NewPCG(5, 5)), 100, downtown)
	base := keyView(hazards...)
	req := Request{Tile: tileAt(10, 0, 0), Layers: AllLayers, Filter: data.All()}.canonical()
	want, _ := keyOf(base, req, "p")
	if again, _ := keyOf(keyView(hazards...), req, "p"); again != want {
		t.Error("the same city in another snapshot has another key")
	}
	change := func(name string, change func(v *View), program string) {
		v := *base
		change(&v)
		if got, _ := keyOf(&v, req, program); got == want {
			t.Errorf("%s is not in the key", name)
		}
	}
	change("the program", func(*View) {}, "q")
	change("who looks", func(v *View) { v.Who = city.PublicView }, "p")
	change("the profile", func(v *View) { p := *v.City; p.Digest++; v.City = &p }, "p")
	change("a cut", func(v *View) { v.Cuts[2]++ }, "p")
	change("a hazard less", func(v *View) { v.Snapshot = keyView(hazards[1:]...).Snapshot }, "p")
	change("a name", func(v *View) {
		h := *hazards[0]
		h.Name += "!"
		v.Snapshot = keyView(append([]*data.Hazard{citytest.Seal(h)}, hazards[1:]...)...).Snapshot
	}, "p")
}

// A remembered key is the computed one, and a memo stays bounded.
func TestKeyMemo(t *testing.T) {
	v := keyView(citytest.Hazards(rand.New(rand.NewPCG(5, 5)), 20, downtown)...)
	v.memo = new(keyMemo)
	reqs := manyRequests(rand.New(rand.NewPCG(6, 6)), v.City.Taxonomy, 300)
	for range 2 {
		for _, req := range reqs {
			r := req.canonical()
			want, wantVoid := keyOf(v, r, "p")
			if got, void := v.key(r, "p"); got != want || void != wantVoid {
				t.Fatalf("%v: remembered %s %v, want %s %v", r.Tile, got, void, want, wantVoid)
			}
		}
	}
	far := Request{Layers: Layers(data.LayerPlaces), Filter: data.All()}
	for i := range uint32(mostKeys + 10) {
		far.Tile = maptile.New(i, 0, 18)
		v.key(far, "p")
	}
	if n := v.memo.len(); n < mostKeys/2 || n > mostKeys {
		t.Errorf("%d keys remembered, %d is the most", n, mostKeys)
	}
	few := keyMemo{most: 100}
	v.memo = &few
	for i := range uint32(1000) {
		far.Tile.X = i
		v.key(far, "p")
	}
	if n := few.len(); n < 50 || n > 100 {
		t.Errorf("%d keys remembered, 100 is the most", n)
	}
}

func (m *keyMemo) len() (n int) {
	for i := range m.leaves {
		if l := m.leaves[i].Load(); l != nil {
			for k := range l {
				if l[k].Load() != nil {
					n++
				}
			}
		}
	}
	return n
}

func TestVoid(t *testing.T) {
	v := keyView(citytest.Hazards(rand.New(rand.NewPCG(5, 5)), 100, downtown)...)
	far := maptile.New(10, 10, 10)
	none := data.All()
	none.Levels = 0
	for _, c := range []struct {
		r    Request
		want bool
	}{
		{Request{Tile: far, Layers: groundLayers | sourceLayers, Filter: data.All()}, true},
		{Request{Tile: far, Layers: AllLayers, Filter: data.All()}, false}, // districts are not asked for their number
		{Request{Tile: tileAt(10, 0, 0), Layers: groundLayers, Filter: data.All()}, false},
		{Request{Tile: tileAt(10, 0, 0), Layers: groundLayers, Filter: none}, true},
		{Request{Tile: tileAt(19, 0, 0), Layers: AllLayers, Filter: data.All()}, true}, // past every layer
		{Request{Tile: tileAt(3, 0, 0), Layers: AllLayers, Filter: data.All()}, true},
	} {
		if _, got := keyOf(v, c.r.canonical(), "p"); got != c.want {
			t.Errorf("%v %s: void %v, want %v", c.r.Tile, c.r.Layers, got, c.want)
		}
	}
}

func TestParseLayers(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"risk", "risk"}, {"labels,risk", "risk,labels"}, {"risk,risk", "risk"},
		{AllLayers.String(), "risk,grid,hazards,lines,areas,districts,labels,places,zones,coverage"},
	} {
		got, err := ParseLayers(c.in)
		if err != nil || got.String() != c.want {
			t.Errorf("%q: %s, %v", c.in, got, err)
		}
	}
	for _, in := range []string{"", ",", "risk,", "risk, grid", "Risk", "roads"} {
		_, err := ParseLayers(in)
		if invalid, ok := err.(*data.Invalid); !ok || len(invalid.Allowed) != int(data.LayerCount) {
			t.Errorf("%q: %v, want an error that lists the layers", in, err)
		}
	}
}

func TestParseStat(t *testing.T) {
	for in, want := range map[string]Stat{"": Worst, "worst": Worst, "share": Share} {
		if got, err := ParseStat(in); err != nil || got != want {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
	if _, err := ParseStat("mean"); err == nil || !strings.Contains(err.Error(), "worst, share") {
		t.Errorf("mean: %v", err)
	}
}
