package consequence

import (
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
