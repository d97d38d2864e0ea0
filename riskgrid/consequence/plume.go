package consequence

import "github.com/paulmach/orb"

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
