package demo

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

// UsualPlaces is a believable number of emergency places for a city of twelve
// million: about 750 shelters, 300 hospitals, 160 stores of material, 135 fire
// stations, 120 teams and 35 duty rooms beside those of the districts.
const UsualPlaces = 1500

// placeKinds are the emergency places with their shares and, where they have
// one, what they hold: people or beds.
var placeKinds = []struct {
	class, name, nameEn string
	share               float64
	least, most         int
}{
	{"shelter", "应急避难场所", "shelter", 50, 200, 6000}, {"fire_station", "消防救援站", "fire station", 9, 0, 0},
	{"hospital", "医院", "hospital", 20, 40, 1600}, {"rescue_team", "应急救援队", "rescue team", 8, 0, 0},
	{"material", "应急物资库", "emergency stores", 11, 0, 0}, {"duty_room", "值班室", "duty room", 2, 0, 0},
}

// Places gives n synthetic emergency places of all kinds, then a duty room for
// each district of the default vintage, then the ring roads and arterials.
// Nothing has a telephone number, since any number could be somebody's.
func Places(p *city.Profile, n int, seed uint64) []data.Unit {
	rng := rand.New(rand.NewPCG(seed, 0x91ace5))
	sizes := rand.New(rand.NewPCG(seed, 0xbed5))
	g := newGround(p, rng)
	var shares []float64
	sum := 0.0
	for _, k := range placeKinds {
		sum += k.share
		shares = append(shares, sum)
	}
	units := make([]data.Unit, n)
	for i := range units {
		k := placeKinds[i%len(placeKinds)]
		if i >= len(placeKinds) {
			k = placeKinds[pick(rng, shares)]
		}
		units[i] = data.Unit{
			Code:   fmt.Sprintf("DEMO-PLACE-%05d", i+1),
			Name:   fmt.Sprintf("演示%s %05d", k.name, i+1),
			NameEn: fmt.Sprintf("Demonstration %s %05d", k.nameEn, i+1),
			Class:  k.class,
			Shape:  g.place(rng, urban),
			Props:  madeUp(),
		}
		if k.most > 0 {
			share := sizes.Float64() // most are small
			units[i].Props["capacity"] = strconv.Itoa((k.least + int(share*share*share*float64(k.most-k.least))) / 10 * 10)
		}
	}
	units = append(units, dutyRooms(p, g, rand.New(rand.NewPCG(seed, 0xd017)))...)
	return append(units, roads(g, rand.New(rand.NewPCG(seed, 0x40ad)))...)
}

func madeUp() map[string]string {
	return map[string]string{"synthetic": "true", "data_source": Source}
}

// dutyRooms gives each district of the default vintage its duty room, in its own
// ground where the profile has outlines.
func dutyRooms(p *city.Profile, g *ground, rng *rand.Rand) []data.Unit {
	v := &p.Taxonomy.Vintages[p.Taxonomy.Default]
	inner := map[string]orb.Point{}
	for _, u := range p.Outlines(v.Name) {
		inner[u.Code] = data.LabelPoint(u.Shape)
	}
	var units []data.Unit
	for _, d := range v.Districts {
		at, ok := inner[d.Code]
		if !ok {
			at = g.place(rng, urban)
		}
		for range 100 { // rather where many live
			if !ok {
				break
			}
			q := g.place(rng, urban)
			if code, in := g.located.Locate(q); in && code == d.Code {
				at = q
				break
			}
		}
		u := data.Unit{Code: "DEMO-DUTY-" + d.Code, Name: "演示" + d.Name + "应急值班室", NameEn: "Demonstration duty room of " + d.NameEn,
			Class: "duty_room", Shape: at, Props: madeUp()}
		u.Props["district"] = d.Code
		units = append(units, u)
	}
	return units
}
