package demo

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

// Source is what every demonstration record says of its origin.
const Source = "synthetic demonstration data"

// levelShares are the shares of the levels from low to major.
var levelShares = [5]float64{0, 0.68, 0.25, 0.06, 0.01}

// calm is the number of sources up to which strengths need no scaling: more
// sources on the same ground would add up to red everywhere.
const calm = 12_000

// Hazards gives n synthetic records in the order of their making. Their
// districts are unstated: the city finds them by place. A record that cannot be
// made is a defect of this package and panics.
func Hazards(p *city.Profile, n int, seed uint64) iter.Seq[*data.Record] {
	return func(yield func(*data.Record) bool) {
		m := newMaker(p, n, seed)
		for i := range n {
			if !yield(m.record(i)) {
				return
			}
		}
	}
}

// maker makes records one after the other from one stream of random numbers.
type maker struct {
	profile    *city.Profile
	rng        *rand.Rand
	sizes      *rand.Rand // of what else is known, so that it moves no source
	stock      *rand.Rand // of inventories
	ground     *ground
	industries []float64 // cumulated shares, by industry
	strength   float64
	footprints map[footprintKey]*data.Footprint
}

func newMaker(p *city.Profile, n int, seed uint64) *maker {
	m := &maker{profile: p, rng: rand.New(rand.NewPCG(seed, 0x5eed)), sizes: rand.New(rand.NewPCG(seed, 0x512e5)),
		footprints: map[footprintKey]*data.Footprint{}}
	m.ground = newGround(p, m.rng)
	m.stock = rand.New(rand.NewPCG(seed, 0x570c))
	// Ground fills more slowly than sources grow: they gather where others are.
	m.strength = math.Min(1, math.Pow(calm/float64(max(n, 1)), 0.7))
	sum := 0.0
	for i := range p.Taxonomy.Industries {
		sum += kindOf(&p.Taxonomy.Industries[i]).share
		m.industries = append(m.industries, sum)
	}
	return m
}

func (m *maker) record(i int) *data.Record {
	industry := m.industry(i)
	info := &m.profile.Taxonomy.Industries[industry]
	k := kindOf(info)
	level := m.level(k)
	h := data.Hazard{
		ID:     data.ID(fmt.Sprintf("DEMO-%s-%06d", info.Code, i+1)),
		Name:   fmt.Sprintf("演示%s %06d", info.Name, i+1),
		NameEn: fmt.Sprintf("Demonstration %s %06d", info.Slug, i+1),
		Class:  data.Class{Industry: industry, Level: level},
	}
	h.Shape = m.shape(k)
	h.Scenarios = m.scenarios(k, info, level, h.Shape)
	sealed, err := h.Seal()
	if err != nil {
		panic(fmt.Sprintf("demo: %s: %v", h.ID, err))
	}
	r := &data.Record{Hazard: sealed, Detail: m.detail(i, info, k, level)}
	m.inventory(i, info.Code, sealed, &r.Detail)
	return r
}

// industry goes through all industries first, so that even a small city has
// every one of them, then draws by share.
func (m *maker) industry(i int) data.Industry {
	if n := len(m.industries); i < n {
		return data.Industry(i)
	}
	return data.Industry(pick(m.rng, m.industries))
}

func (m *maker) level(k kind) data.Level {
	tilt := 1.0
	if k.heavy {
		tilt = 2
	}
	r := m.rng.Float64()
	for l := data.Major; l > data.Low; l-- {
		share := levelShares[l] * tilt
		if !k.heavy {
			share *= 0.87 // what the heavy industries have more of, the others have less
		}
		if r < share {
			return l
		}
		r -= share
	}
	return data.Low
}

// pick draws a position by cumulated weights.
func pick(rng *rand.Rand, cumulated []float64) int {
	r := rng.Float64() * cumulated[len(cumulated)-1]
	for i, c := range cumulated {
		if r < c {
			return i
		}
	}
	return len(cumulated) - 1
}

// move shifts a point by metres east and north.
func move(p orb.Point, east, north float64) orb.Point {
	return orb.Point{
		round7(p[0] + east/(data.MetresPerDegree*math.Cos(p[1]*math.Pi/180))),
		round7(p[1] + north/data.MetresPerDegree),
	}
}

// round7 keeps a coordinate to 1e-7 degrees, about a centimetre.
func round7(v float64) float64 { return math.Round(v*1e7) / 1e7 }
