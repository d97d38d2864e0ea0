package consequence

import (
	"fmt"
	"math"
)

// Sectors of a wind rose; sector k is centred at k x 22.5 degrees FROM.
const (
	sectors       = 16
	sectorDegrees = 360.0 / sectors
)

// perSector is how many bearings of an averaged footprint lie in one sector.
const perSector = 6

// fill checks a climate and spreads its calm over the sectors pro rata.
func (m *Climate) fill(c *check) {
	blown := 0.0
	for k, p := range m.Rose {
		if !(p >= 0 && p <= 1) {
			c.fail(fmt.Sprintf("climate.rose[%d]", k), p, "a share of 0 to 1")
		}
		blown += p
	}
	if !(m.Calm >= 0 && m.Calm < 1) {
		c.fail("climate.calm", m.Calm, "a share of 0 to under 1")
	}
	if !(math.Abs(blown+m.Calm-1) <= 1e-3) {
		c.fail("climate.rose", blown+m.Calm, "16 shares that sum to 1 with calm, within 0.001")
		return
	}
	for k := range m.Rose {
		m.Rose[k] /= blown
	}
	if len(m.Weather) == 0 {
		c.fail("climate.weather", "none", "at least one class of stability and wind, such as D 5 m/s and F 1.5 m/s")
	}
	sum := 0.0
	for _, w := range m.Weather {
		if !(w.Share > 0 && w.Share <= 1) {
			c.fail("climate.weather.share", w.Share, "a share over 0 and at most 1")
		}
		sum += w.Share
	}
	if len(m.Weather) > 0 && !(math.Abs(sum-1) <= 1e-3) {
		c.fail("climate.weather.share", sum, "shares that sum to 1, within 0.001")
	}
}

func (r *Result) climate(m Climate) {
	for k, p := range m.Rose {
		r.in(fmt.Sprintf("wind_from_%g", float64(k)*sectorDegrees), p, "share of time")
	}
	for _, w := range m.Weather {
		r.in("weather_"+w.Stability+"_"+trim(w.WindMPerS), w.Share, "share of time")
	}
	source := m.Source
	if source == "" {
		source = "wind rose and weather shares as given"
	}
	if m.Placeholder {
		source += " (placeholder, not the city's own record)"
	}
	r.Sources = append(r.Sources, source)
}

// clouds checks a release in a climate.
func (m *Climate) clouds(c *check, r *Release, flammable bool) []*cloud {
	r.fill(c, flammable)
	m.fill(c)
	out := make([]*cloud, 0, len(m.Weather))
	for _, w := range m.Weather {
		out = append(out, r.cloud(c, w))
	}
	return out
}

func (p *RosePlume) clouds() ([]*cloud, error) {
	var c check
	out := p.Climate.clouds(&c, &p.Release, false)
	if p.SubDirections == 0 {
		p.SubDirections = 15
	}
	if !(p.SubDirections >= 1 && p.SubDirections <= 61) {
		c.fail("sub_directions", p.SubDirections, "1 to 61 per sector")
	}
	c.orElse("cut", &p.Cut, Cut, 1e-6, 0.5, "of the people")
	return out, c.err
}

// Lethality is the exact average over the climate at a distance and a bearing
// from the release: the sum over weathers p_w and sectors p_k of the mean over
// the sub-directions of v. It is not cut.
func (p RosePlume) Lethality(metres, bearing float64) (float64, error) {
	clouds, err := p.clouds()
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for _, c := range clouds {
		for k, share := range p.Climate.Rose {
			for m := 1; m <= p.SubDirections; m++ {
				from := (float64(k) - 0.5 + (float64(m)-0.5)/float64(p.SubDirections)) * sectorDegrees
				off := math.Abs(math.Remainder(bearing-from-180, 360))
				sum += c.Share * share / float64(p.SubDirections) * c.kill(metres, off)
			}
		}
	}
	return sum, nil
}

// Result computes the average. Its reaches are those of the worst weather along
// the axis. The footprint's value is the mean over all winds of lethalities that
// are not cut one by one; the table ends at the distance at which the worst
// weather's axis falls to the cut. So a value in it may well be under 1 %: it is
// the chance that the wind blows there times what it does then. Table and
// Lethality differ by less than 1 % of the value or 1e-5.
func (p RosePlume) Result() (*Result, error) {
	clouds, err := p.clouds()
	if err != nil {
		return nil, err
	}
	r := &Result{Model: "gaussian_passive_rose", Outcome: toxic}
	r.release(p.Release)
	r.climate(p.Climate)
	r.in("cut", p.Cut, "lethality")
	r.Limits = append(r.Limits, fmt.Sprintf("lethality is the mean over all winds and weathers; followed to where the worst weather's axis falls to %g", p.Cut))
	r.Sources = append(r.Sources, p.Substance.Toxic.Source+": toxic probit of "+p.Substance.Key)
	r.inverse = toxicRadii(clouds)
	r.reach(EffectLethality, 0.5, Cut)
	for _, c := range clouds {
		one := toxicRadii([]*cloud{c})[EffectLethality]
		for _, q := range []struct {
			name string
			v    float64
		}{{"r50_", 0.5}, {"r01_", Cut}} {
			metres, _ := one(q.v)
			r.out(q.name+c.Stability+"_"+trim(c.WindMPerS), metres, "m")
		}
	}
	end, _ := r.inverse[EffectLethality](p.Cut)
	l := lattice{clouds: clouds, rose: p.Climate.Rose, m: p.SubDirections}
	r.Footprint, err = polar(roseBearings(), l.row, end, 0.003, 1e-6)
	return r, err
}

// roseBearings are those of an averaged footprint: they meet the sectors' edges
// and centres, where the average bends.
func roseBearings() []float64 {
	out := make([]float64, sectors*perSector)
	for i := range out {
		out[i] = float64(i) * (sectorDegrees / perSector)
	}
	return out
}

// lattice averages rows: all differences between a bearing and a sub-direction
// are whole numbers of steps, so each is computed once for a distance.
type lattice struct {
	clouds []*cloud
	rose   [sectors]float64
	m      int       // sub-directions of a sector
	off    []float64 // lethality at a whole number of steps off the axis, over all weathers
}

// row is the average at a distance, for each of roseBearings.
func (l *lattice) row(metres float64) []float64 {
	steps := lcm(2*l.m, perSector) // in a sector
	l.off = l.off[:0]
	for i := range 4 * steps { // a quarter turn
		v := 0.0
		for _, c := range l.clouds {
			v += c.Share * c.kill(metres, float64(i)*sectorDegrees/float64(steps))
		}
		if v == 0 && metres > 1 { // it falls off the axis
			break
		}
		l.off = append(l.off, v)
	}
	out := make([]float64, sectors*perSector)
	round := sectors * steps
	for i := range out {
		// The winds that blow towards the bearing come from the other side.
		at := (i*(steps/perSector) + round/2) % round
		for k, share := range l.rose {
			for m := 1; m <= l.m; m++ {
				from := k*steps + (2*m-1-l.m)*(steps/(2*l.m))
				d := ((at-from)%round + round) % round
				if d = min(d, round-d); d < len(l.off) {
					out[i] += share / float64(l.m) * l.off[d]
				}
			}
		}
	}
	return out
}

func lcm(a, b int) int {
	g, h := a, b
	for h != 0 {
		g, h = h, g%h
	}
	return a / g * b
}

// until is the share of time that the wind comes from 0 degrees clockwise to an
// angle of at most a turn either way, by sectors of even density.
func (m *Climate) until(degrees float64) float64 {
	at := (degrees + sectorDegrees/2) / sectorDegrees // in sectors from the edge of the first
	whole := math.Floor(at)
	turns := math.Floor(whole / sectors)
	k := int(whole - turns*sectors)
	sum := turns
	for _, p := range m.Rose[:k] {
		sum += p
	}
	return sum + m.Rose[k]*(at-whole)
}

// towards is the share of time that the wind blows within an angle of a bearing.
func (m *Climate) towards(bearing, within float64) float64 {
	from := math.Mod(bearing+180, 360)
	return m.until(from+within) - m.until(from-within)
}
