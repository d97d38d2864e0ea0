package consequence

import (
	"math"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// Index is the kernel for accidents without a closed form (stampede, collapse,
// crowd fire, traffic): V0 to R1, falling to 0 at R2.
type Index struct {
	Outcome  string  `json:"outcome"` // default index
	V0       float64 `json:"v0"`      // default 1
	R1Metres float64 `json:"r1_metres"`
	R2Metres float64 `json:"r2_metres"`
}

// DamFlood is the breach of a dam above a mapped flood.
type DamFlood struct {
	Flooded      orb.Geometry `json:"-"`             // Polygon or MultiPolygon, degrees
	People       float64      `json:"people"`        // at risk, over 0
	WarningHours float64      `json:"warning_hours"` // 0 to 24
	Forceful     bool         `json:"forceful"`      // deep fast water, as in a gorge
	SkirtMetres  float64      `json:"skirt_metres"`  // the edge falls to 0 over it
}

// RunOut is ground that a slide or a collapse runs over.
type RunOut struct {
	Ground      orb.Geometry `json:"-"`         // Polygon or MultiPolygon, degrees
	Lethality   float64      `json:"lethality"` // over 0, at most 1
	SkirtMetres float64      `json:"skirt_metres"`
}

// External is a footprint computed elsewhere, such as a heavy-gas cloud.
type External struct {
	Outcome     string           `json:"outcome"`
	Pieces      []data.ZonePiece `json:"-"`
	SkirtMetres float64          `json:"skirt_metres"`
	Program     string           `json:"program"` // what computed it; required
}

// zone makes a footprint of ground with a skirt of metres over which its edge
// falls to 0.
func zone(pieces []data.ZonePiece, skirtMetres float64) (*data.Footprint, error) {
	return data.NewFootprint(data.Footprint{Kind: data.Zone, Zones: pieces, Skirt: [2]float64{0, skirtMetres}})
}

// Result gives the kernel.
func (x Index) Result() (*Result, error) {
	var c check
	if x.Outcome == "" {
		x.Outcome = data.OutcomeIndex.String()
	}
	outcome, err := data.ParseOutcome(x.Outcome)
	if err != nil {
		return nil, err
	}
	c.orElse("v0", &x.V0, 1, 0, 1, "lethality")
	c.within("r2_metres", x.R2Metres, 1, data.MaxReachMetres, "m")
	if !(x.R1Metres >= 0 && x.R1Metres <= x.R2Metres) {
		c.fail("r1_metres", x.R1Metres, "0 to r2_metres, m")
	}
	if c.err != nil {
		return nil, c.err
	}
	r := &Result{Model: "index_kernel", Outcome: outcome}
	r.in("v0", x.V0, "1")
	r.in("r1", x.R1Metres, "m")
	r.in("r2", x.R2Metres, "m")
	r.Limits = []string{"a convention, not a computed consequence: v0 to r1, falling to 0 at r2, for accidents without a closed form"}
	r.Sources = []string{"convention of this project: index kernel"}
	r.inverse = map[string]func(float64) (float64, bool){EffectLethality: func(v float64) (float64, bool) {
		return x.R2Metres - v/x.V0*(x.R2Metres-x.R1Metres), v <= x.V0
	}}
	r.reach(EffectLethality, 0.5, Cut)
	kind := data.Linear
	if x.R1Metres == x.R2Metres {
		kind = data.Step
	}
	r.Footprint, err = data.NewFootprint(data.Footprint{Kind: kind, V0: x.V0, R1: x.R1Metres, R2: x.R2Metres})
	return r, err
}

// LossOfLife is the number of dead among people under a dam's flood: PAR/(1 +
// 13.277 PAR^0.440 exp(0.759 WT - 3.790 F + 2.223 WT F)), WT the warning in
// hours, F 1 for forceful water (DeKay and McClelland 1993).
func LossOfLife(people, warningHours float64, forceful bool) float64 {
	f := 0.0
	if forceful {
		f = 1
	}
	return people / (1 + 13.277*math.Pow(people, 0.440)*math.Exp(0.759*warningHours-3.790*f+2.223*warningHours*f))
}

// Result gives the flooded ground with the share of its people that die.
func (d DamFlood) Result() (*Result, error) {
	var c check
	c.ground("flooded", d.Flooded)
	c.over("people", d.People, 1e8, "people at risk")
	c.within("warning_hours", d.WarningHours, 0, 24, "h")
	c.skirt(d.SkirtMetres)
	if c.err != nil {
		return nil, c.err
	}
	dead := LossOfLife(d.People, d.WarningHours, d.Forceful)
	r := &Result{Model: "dam_dekay_mcclelland", Outcome: flood}
	r.in("people_at_risk", d.People, "people")
	r.in("warning", d.WarningHours, "h")
	if d.Forceful {
		r.in("forceful", 1, "yes")
	} else {
		r.in("forceful", 0, "yes")
	}
	r.out("loss_of_life", dead, "people")
	r.out("lethality", dead/d.People, "1")
	r.Limits = []string{"indicative only: a fit to foreign dam failures, studies say that it fits Chinese ones poorly; one lethality over the whole flood, not cut at 1 %, for the ground itself ends it"}
	r.Sources = []string{"DeKay and McClelland 1993, Risk Analysis 13(2)"}
	return r.ground([]data.ZonePiece{{Shape: d.Flooded, Lethality: dead / d.People}}, d.SkirtMetres)
}

// Result gives the ground.
func (x RunOut) Result() (*Result, error) {
	var c check
	c.ground("ground", x.Ground)
	c.over("lethality", x.Lethality, 1, "of the people there")
	c.skirt(x.SkirtMetres)
	if c.err != nil {
		return nil, c.err
	}
	r := &Result{Model: "run_out", Outcome: collapse}
	r.in("lethality", x.Lethality, "1")
	r.Limits = []string{"the ground is as mapped: how far a slide runs is not computed"}
	r.Sources = []string{"ground and lethality as given"}
	return r.ground([]data.ZonePiece{{Shape: x.Ground, Lethality: x.Lethality}}, x.SkirtMetres)
}

// Result gives the footprint as it came.
func (x External) Result() (*Result, error) {
	var c check
	outcome, err := data.ParseOutcome(x.Outcome)
	if err != nil {
		return nil, err
	}
	if x.Program == "" {
		c.fail("program", "none", "the name of what computed the footprint")
	}
	if len(x.Pieces) == 0 {
		c.fail("pieces", "none", "at least one polygon with its lethality")
	}
	for _, p := range x.Pieces {
		c.ground("pieces", p.Shape)
		c.over("pieces.lethality", p.Lethality, 1, "of the people there")
	}
	c.skirt(x.SkirtMetres)
	if c.err != nil {
		return nil, c.err
	}
	r := &Result{Model: "external", Outcome: outcome}
	r.in("pieces", float64(len(x.Pieces)), "polygons")
	r.Limits = []string{"computed elsewhere by " + x.Program + "; taken as given"}
	r.Sources = []string{x.Program}
	return r.ground(x.Pieces, x.SkirtMetres)
}

func (c *check) skirt(metres float64) {
	c.within("skirt_metres", metres, 0, data.MaxReachMetres, "m")
}

func (r *Result) ground(pieces []data.ZonePiece, skirtMetres float64) (*Result, error) {
	r.in("skirt", skirtMetres, "m")
	var err error
	r.Footprint, err = zone(pieces, skirtMetres)
	return r, err
}
