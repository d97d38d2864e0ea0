package demo

import (
	"fmt"
	"math/rand/v2"

	"riskatlas/data"
	"riskatlas/data/city"
)

// placeKinds are the emergency places with their shares.
var placeKinds = []struct {
	class, name, nameEn string
	share               float64
}{
	{"shelter", "应急避难场所", "shelter", 50}, {"fire_station", "消防救援站", "fire station", 14},
	{"hospital", "医院", "hospital", 16}, {"rescue_team", "应急救援队", "rescue team", 8},
	{"material", "应急物资库", "emergency stores", 9}, {"duty_room", "值班室", "duty room", 3},
}

// Places gives n synthetic emergency places.
func Places(p *city.Profile, n int, seed uint64) []data.Unit {
	rng := rand.New(rand.NewPCG(seed, 0x91ace5))
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
			Props:  map[string]string{"synthetic": "true", "data_source": Source},
		}
	}
	return units
}
