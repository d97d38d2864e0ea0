package consequence

import (
	"math"

	"github.com/paulmach/orb"
)

// Terrain chooses Briggs's dispersion: it changes concentrations about tenfold
// and is always among a result's inputs.
type Terrain string

// The two terrains.
const (
	Rural Terrain = "rural"
	Urban Terrain = "urban"
)

// Weather is one class of stability and wind.
type Weather struct {
	Stability string  `json:"stability"`    // A to F (Pasquill)
	WindMPerS float64 `json:"wind_m_per_s"` // at 10 m, 1 to 30
	Share     float64 `json:"share"`        // of the time, 0 to 1; only in a Climate
}

// Release is a continuous source of gas that does not rise or sink.
type Release struct {
	Substance       *Substance `json:"-"`                // gives the toxic probit or the lower flammable limit
	KgPerS          float64    `json:"kg_per_s"`         // over 0, at most 1e4
	ExposureMinutes float64    `json:"exposure_minutes"` // toxic only: over 0; counted to 30; default 10
	Terrain         Terrain    `json:"terrain"`          // required
	HeightMetres    float64    `json:"height_metres"`    // of the release, 0 to 300; default 1
	ReceiverMetres  float64    `json:"receiver_metres"`  // of the receiver, 0 to 50; default 1
}

// Plume is a toxic release in one weather with a known wind.
type Plume struct {
	Release
	Weather
	WindFrom *float64   `json:"wind_from"` // degrees clockwise from north, [0, 360); required
	At       *orb.Point `json:"at"`        // lon, lat; nil: the result has no Contours
	Levels   []float64  `json:"levels"`    // lethalities of the contours; default 0.5, 0.1, 0.01
	MgPerM3  []float64  `json:"mg_per_m3"` // concentrations whose reaches are wanted, such as ERPG
}

// Climate is a place's weather over the years.
type Climate struct {
	Rose        [16]float64 `json:"rose"`    // share of time that the wind comes FROM N, NNE, ... NNW
	Calm        float64     `json:"calm"`    // share of calm, spread over the sectors pro rata; with Rose it sums to 1
	Weather     []Weather   `json:"weather"` // shares sum to 1
	Source      string      `json:"source"`
	Placeholder bool        `json:"placeholder"` // not the city's own record
}

// RosePlume is a toxic release averaged over a climate: its footprint's value is
// the chance of death given the release, over all winds.
type RosePlume struct {
	Release
	Climate       Climate `json:"climate"`
	SubDirections int     `json:"sub_directions"` // per sector, 1 to 61; default 15
	Cut           float64 `json:"cut"`            // see Result; default 0.01
}

// FlashFire is the burning of a cloud in one weather with a known wind: lethality
// 1 inside the contour of the lower flammable limit, 0 outside.
type FlashFire struct {
	Release
	Weather
	WindFrom *float64   `json:"wind_from"` // required
	At       *orb.Point `json:"at"`        // required: the footprint is a zone
	LFLShare float64    `json:"lfl_share"` // share of the limit that counts, 0.25 to 1; default 1
}

// RoseFlashFire is a flash fire averaged over a climate.
type RoseFlashFire struct {
	Release
	Climate  Climate `json:"climate"`
	LFLShare float64 `json:"lfl_share"`
}

// Result computes the plume. Its reaches are along the axis. Its footprint is a
// table per bearing that holds only lethalities of at least 1 %; over the lethal
// ground it is off by less than 5 % of the whole, at the plume's sides.
func (p Plume) Result() (*Result, error) {
	var c check
	p.Release.fill(&c, false)
	cl := p.Release.cloud(&c, p.Weather)
	from := c.windFrom(p.WindFrom)
	if len(p.Levels) == 0 {
		p.Levels = []float64{0.5, 0.1, Cut}
	}
	for _, l := range p.Levels {
		if !(l >= Cut && l < 1) {
			c.fail("levels", l, "lethalities of 0.01 to under 1")
		}
	}
	for _, mg := range p.MgPerM3 {
		c.over("mg_per_m3", mg, 1e7, "mg/m3")
	}
	c.place(p.At)
	if c.err != nil {
		return nil, c.err
	}
	r := &Result{Model: "gaussian_passive", Outcome: toxic}
	r.release(p.Release)
	r.weather(p.Weather, from)
	r.Sources = append(r.Sources, p.Substance.Toxic.Source+": toxic probit of "+p.Substance.Key)
	axis := math.Mod(from+180, 360)
	r.out("axis", axis, "degrees clockwise from north, downwind")
	r.inverse = toxicRadii([]*cloud{cl})
	r.reach(EffectLethality, p.Levels...)
	r.listed(EffectLethality, 0.5, Cut)
	r.reach(EffectConcentration, p.MgPerM3...)
	if p.At != nil {
		for _, l := range p.Levels {
			if k, ok := cl.contour(*p.At, axis, l, p.Substance.Toxic.MgPerM3(l, p.ExposureMinutes)); ok {
				r.Contours = append(r.Contours, k)
			}
		}
	}
	end, _ := r.inverse[EffectLethality](Cut)
	var err error
	r.Footprint, err = cl.footprint(axis, end)
	return r, err
}

func (c *check) windFrom(deg *float64) float64 {
	if deg == nil {
		c.fail("wind_from", "none", "the direction that the wind comes from, 0 to under 360 degrees clockwise from north")
		return 0
	}
	if !(*deg >= 0 && *deg < 360) {
		c.fail("wind_from", *deg, "0 to under 360 degrees clockwise from north")
	}
	return *deg
}

func (c *check) place(at *orb.Point) {
	if at != nil && !(math.Abs(at[0]) <= 180 && math.Abs(at[1]) <= 85) {
		c.fail("at", *at, "lon, lat in degrees")
	}
}

func (r *Result) weather(w Weather, from float64) {
	r.in("stability_"+w.Stability, 1, "yes")
	r.in("wind", w.WindMPerS, "m/s")
	r.in("wind_from", from, "degrees clockwise from north")
}

// listed adds reaches that the list does not have yet.
func (r *Result) listed(effect string, values ...float64) {
	for _, v := range values {
		if _, ok := r.Reach(effect, v); !ok {
			r.reach(effect, v)
		}
	}
}

// toxicRadii are the furthest distances along the axis in any of the weathers.
func toxicRadii(clouds []*cloud) map[string]func(float64) (float64, bool) {
	furthest := func(mg float64) (most float64, any bool) {
		for _, c := range clouds {
			if _, to, ok := c.span(mg); ok {
				most, any = max(most, to), true
			}
		}
		return most, any
	}
	first := clouds[0]
	return map[string]func(float64) (float64, bool){
		EffectConcentration: furthest,
		EffectLethality: func(lethality float64) (float64, bool) {
			return furthest(first.Substance.Toxic.MgPerM3(min(lethality, 1-1e-12), first.ExposureMinutes))
		},
	}
}
