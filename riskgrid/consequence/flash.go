package consequence

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

const flashRule = purple + ": lethality 1 inside the contour of the lower flammable limit, 0 outside"

// Result computes the fire: its footprint is a zone about At.
func (f FlashFire) Result() (*Result, error) {
	var c check
	f.Release.fill(&c, true)
	cl := f.Release.cloud(&c, f.Weather)
	from := c.windFrom(f.WindFrom)
	c.orElse("lfl_share", &f.LFLShare, 1, 0.25, 1, "of the lower flammable limit")
	if f.At == nil {
		c.fail("at", "none", "lon, lat in degrees of the release")
	}
	c.place(f.At)
	if c.err != nil {
		return nil, c.err
	}
	r, limit := flash("flash_fire", f.Release, f.LFLShare, []*cloud{cl})
	r.weather(f.Weather, from)
	r.out("axis", math.Mod(from+180, 360), "degrees clockwise from north, downwind")
	k, ok := cl.contour(*f.At, math.Mod(from+180, 360), 1, limit)
	if !ok {
		var err error
		r.Footprint, err = data.NewFootprint(data.Footprint{Kind: data.Step})
		return r, err
	}
	r.Contours = []Contour{k}
	var err error
	r.Footprint, err = zone([]data.ZonePiece{{Shape: orb.Geometry(k.Shape), Lethality: 1}}, 0)
	return r, err
}

// flash is what both flash fires share; the limit is in mg/m3.
func flash(model string, x Release, share float64, clouds []*cloud) (*Result, float64) {
	limit := share * x.Substance.limit()
	r := &Result{Model: model, Outcome: flashFire}
	r.release(x)
	r.in("lower_flammable_limit", x.Substance.LFL.Value, "% by volume")
	r.in("lfl_share", share, "1")
	r.out("limit", limit, "mg/m3 at 20 C")
	r.Sources = append(r.Sources, flashRule)
	radii := toxicRadii(clouds)
	lethal := func(float64) (float64, bool) { return radii[EffectConcentration](limit) }
	r.inverse = map[string]func(float64) (float64, bool){
		EffectConcentration: radii[EffectConcentration], EffectLethality: lethal, EffectEngulfment: lethal}
	r.reach(EffectLethality, 0.5, Cut)
	r.reach(EffectConcentration, limit, limit/2)
	return r, limit
}

// Result computes the average: at a distance and bearing the share of time that
// the place lies inside the contour, in closed form over the rose.
func (f RoseFlashFire) Result() (*Result, error) {
	var c check
	clouds := f.Climate.clouds(&c, &f.Release, true)
	c.orElse("lfl_share", &f.LFLShare, 1, 0.25, 1, "of the lower flammable limit")
	if c.err != nil {
		return nil, c.err
	}
	r, limit := flash("flash_fire_rose", f.Release, f.LFLShare, clouds)
	r.climate(f.Climate)
	end, _ := r.inverse[EffectLethality](1)
	r.Limits = append(r.Limits, fmt.Sprintf("lethality is the share of time that a place is inside the contour; its end is the worst weather's, %.0f m", end))
	bearings := roseBearings()
	row := func(metres float64) []float64 {
		out := make([]float64, len(bearings))
		for _, cl := range clouds {
			within := cl.angle(max(metres, 1), limit)
			for i, b := range bearings {
				out[i] += cl.Share * f.Climate.towards(b, within)
			}
		}
		return out
	}
	var err error
	r.Footprint, err = polar(bearings, row, end, 0.01, 1e-3)
	return r, err
}
