package consequence

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Model is the inputs of one accident.
type Model interface {
	// Result computes the accident. The error is a *data.Invalid that names the
	// input that is wrong or outside the model's range.
	Result() (*Result, error)
}

// Quantity is a named number with its unit.
type Quantity struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// The effects that fall with distance, as Reach and Radius name them.
const (
	EffectLethality     = "lethality"     // 1 (0 to 1, unprotected person outdoors)
	EffectHeatFlux      = "heat_flux"     // kW/m2
	EffectOverpressure  = "overpressure"  // kPa, incident, side-on
	EffectConcentration = "concentration" // mg/m3
	EffectEngulfment    = "engulfment"    // 1: inside the flame
)

// effectUnits are the units of Reach.Value, by effect.
var effectUnits = map[string]string{EffectLethality: "1", EffectHeatFlux: "kW/m2",
	EffectOverpressure: "kPa", EffectConcentration: "mg/m3", EffectEngulfment: "1"}

// Reach is the distance from the accident at which an effect falls to a value.
// An effect that is nowhere that strong has no Reach.
type Reach struct {
	Effect string  `json:"effect"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Metres float64 `json:"metres"`
}

// Contour is the closed line round the ground on which a lethality is reached.
type Contour struct {
	Lethality    float64     // 0 to 1
	MgPerM3      float64     // the concentration on it, mg/m3
	LengthMetres float64     // downwind extent
	WidthMetres  float64     // greatest width
	Shape        orb.Polygon // degrees about the release point
}

// Result is a computed accident.
type Result struct {
	Model     string          `json:"model"` // such as blast_tnt, fireball, gaussian_passive
	Outcome   data.Outcome    `json:"-"`
	Inputs    []Quantity      `json:"inputs"`
	Values    []Quantity      `json:"values"`
	Reaches   []Reach         `json:"reaches"`
	Footprint *data.Footprint `json:"-"`       // an unprotected person outdoors; never nil
	Contours  []Contour       `json:"-"`       // of a plume with a release point
	Limits    []string        `json:"limits"`  // where the model holds, in words with units
	Sources   []string        `json:"sources"` // standard and clause, or paper

	// inverse gives for an effect the furthest distance at which it is at least a
	// value, metres; false where it is nowhere that strong.
	inverse map[string]func(value float64) (float64, bool)
}

// Radius is the furthest distance in metres at which an effect is at least value
// (kW/m2, kPa, mg/m3, or a lethality; any value serves for engulfment). It is 0
// where the effect is nowhere that strong. The error says that the model has no
// such effect or that the value is out of range.
func (r *Result) Radius(effect string, value float64) (float64, error) {
	f, ok := r.inverse[effect]
	if !ok {
		return 0, &data.Invalid{Field: "effect", Value: effect, Want: "an effect of " + r.Model + ", one of", Allowed: r.effects()}
	}
	most := map[string]float64{EffectLethality: 1, EffectHeatFlux: 1000, EffectOverpressure: 10_000,
		EffectConcentration: 1e7, EffectEngulfment: math.Inf(1)}[effect]
	if !(value > 0 && value <= most) {
		if effect != EffectEngulfment {
			return 0, &data.Invalid{Field: effect, Value: fmt.Sprint(value), Want: fmt.Sprintf("over 0 and at most %g %s", most, effectUnits[effect])}
		}
	}
	metres, ok := f(value)
	if !ok {
		return 0, nil
	}
	return metres, nil
}

// effects are those that the result knows, in a fixed order.
func (r *Result) effects() []string {
	var out []string
	for _, e := range []string{EffectLethality, EffectHeatFlux, EffectOverpressure, EffectConcentration, EffectEngulfment} {
		if r.inverse[e] != nil {
			out = append(out, e)
		}
	}
	return out
}

// reach adds the distances at which an effect falls to each value.
func (r *Result) reach(effect string, values ...float64) {
	for _, v := range values {
		if metres, ok := r.inverse[effect](v); ok {
			r.Reaches = append(r.Reaches, Reach{effect, v, effectUnits[effect], metres})
		}
	}
}

// Reach gives a listed reach's distance in metres; false if it is not listed.
func (r *Result) Reach(effect string, value float64) (float64, bool) {
	for _, x := range r.Reaches {
		if x.Effect == effect && x.Value == value {
			return x.Metres, true
		}
	}
	return 0, false
}

func (r *Result) in(name string, value float64, unit string) {
	r.Inputs = append(r.Inputs, Quantity{name, value, unit})
}

func (r *Result) out(name string, value float64, unit string) {
	r.Values = append(r.Values, Quantity{name, value, unit})
}

// The outcomes by their place in data.Outcomes.
const (
	poolFire data.Outcome = iota
	jetFire
	flashFire
	fireball
	vapourCloud
	condensed
	dust
	toxic
	collapse
	crowd
	flood
)

// Cut is the lethality below which an effect is not followed (Purple Book CPR
// 18E, 1 % lethality distance).
const Cut = 0.01
