package demo

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/forms"
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
// made is a defect of this package and panics. Records share what they have in
// common: they are not to be changed in place.
func Hazards(p *city.Profile, n int, seed uint64) iter.Seq[*data.Record] {
	return func(yield func(*data.Record) bool) {
		m := newMaker(p, n, seed)
		var next <-chan []*data.Record
		if n > 0 {
			next = m.finishAll(m.drafts(0, n))
		}
		for first := 0; first < n; first += batchRecords {
			now := next
			// What is next is drawn while what is now is finished.
			if first+batchRecords < n {
				drafts := m.drafts(first+batchRecords, n)
				next = m.finishAll(drafts)
			}
			for _, r := range <-now {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// batchRecords is how many records are drawn before they are finished on all cores.
const batchRecords = 2048

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
	measures   []data.Measures // by group; shared
	dates      []string        // by days after the first survey; shared
	seed       uint64
	book       *forms.Book // what the survey asks for
}

func newMaker(p *city.Profile, n int, seed uint64) *maker {
	m := &maker{profile: p, rng: rand.New(rand.NewPCG(seed, 0x5eed)), sizes: rand.New(rand.NewPCG(seed, 0x512e5)),
		footprints: map[footprintKey]*data.Footprint{}, measures: slices.Clone(words[:]), dates: surveyDates(), seed: seed}
	m.ground = newGround(p, m.rng)
	var err error
	if m.book, err = forms.New(p); err != nil {
		panic("demo: " + err.Error())
	}
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

// draft is what is drawn of a record; all else follows from it.
type draft struct {
	i             int
	industry      data.Industry
	level         data.Level
	shape         orb.Geometry
	scenarios     []data.Scenario
	day, surveyed int     // people by day; days after the first survey
	jitter        float64 // of its sizes
	stocked       bool    // it says what it holds
	stock         int     // which of what its industry holds
}

// drafts draws a batch of records, one after the other.
func (m *maker) drafts(first, n int) []draft {
	out := make([]draft, min(batchRecords, n-first))
	for j := range out {
		d := &out[j]
		d.i = first + j
		d.industry = m.industry(d.i)
		info := &m.profile.Taxonomy.Industries[d.industry]
		k := kindOf(info)
		d.level = m.level(k)
		d.shape = m.shape(k)
		d.scenarios = m.scenarios(k, info, d.level, d.shape)
		d.day = int(float64(k.people) * (0.4 + 1.2*m.rng.Float64()))
		d.surveyed = m.rng.IntN(surveyDays)
		d.jitter = 0.8 + 0.4*m.sizes.Float64()
		d.stocked, d.stock = m.stock.Float64() < inventoryShare, m.stock.IntN(1<<16)
	}
	return out
}

// finishAll finishes drafts on all cores.
func (m *maker) finishAll(drafts []draft) <-chan []*data.Record {
	done := make(chan []*data.Record, 1) // nobody need wait for it
	out := make([]*data.Record, len(drafts))
	go func() {
		var wg sync.WaitGroup
		parts := min(runtime.GOMAXPROCS(0), len(drafts)/64+1)
		for part := range parts {
			wg.Go(func() {
				for i := len(drafts) * part / parts; i < len(drafts)*(part+1)/parts; i++ {
					out[i] = m.finish(&drafts[i])
				}
			})
		}
		wg.Wait()
		done <- out
	}()
	return done
}

// finish makes the record. It draws nothing.
func (m *maker) finish(d *draft) *data.Record {
	info := &m.profile.Taxonomy.Industries[d.industry]
	k := kindOf(info)
	// One piece of memory for the texts of a record.
	number := fmt.Sprintf("%06d", d.i+1)
	id, name := "DEMO-"+info.Code+"-"+number, "演示"+info.Name+" "+number
	all := id + name + "Demonstration " + info.Slug + " " + number
	h := data.Hazard{
		ID:        data.ID(all[:len(id)]),
		Name:      all[len(id) : len(id)+len(name)],
		NameEn:    all[len(id)+len(name):],
		Class:     data.Class{Industry: d.industry, Level: d.level},
		Shape:     d.shape,
		Scenarios: d.scenarios,
	}
	sealed, err := h.Seal()
	if err != nil {
		panic(fmt.Sprintf("demo: %s: %v", h.ID, err))
	}
	r := &data.Record{Hazard: sealed, Detail: m.detail(d, info, k)}
	m.inventory(d, info.Code, sealed, &r.Detail)
	m.survey(d, &r.Detail)
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
