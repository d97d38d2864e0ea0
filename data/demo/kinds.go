package demo

import "riskatlas/data"

// terrain is the kind of ground on which sources of an industry stand.
type terrain uint8

const (
	urban terrain = iota
	industrial
	rural
	road  // between the centres
	river // along the river
)

// effect is the way in which a source of an industry threatens its ground.
type effect uint8

const (
	index  effect = iota // the level's equivalent with the industry's own radii
	pool                 // pool fire: a table to 60 m or so
	bleve                // fireball: a table to 500 m or so
	blast                // step
	toxic                // polar, longer down the usual winds
	perKm                // along a line
	flood                // zones below a dam
	slide                // zones below a heap
	inside               // spread over the area
)

// kind is how the demonstration city makes sources of one industry.
type kind struct {
	share   float64 // of all sources, in no particular unit
	terrain terrain
	effect  effect
	form    byte // 'P', 'L' or 'A'
	size    float64
	heavy   bool // more of the higher levels than usual
	people  int  // usual number by day
	sleep   float64
}

// kinds has the industries of the usual taxonomy by code. size is in metres: the
// length of a line, the width of an area.
var kinds = map[string]kind{
	"I01": {2, industrial, bleve, 'A', 300, true, 150, 0.3},
	"I02": {4, industrial, pool, 'A', 120, true, 40, 0.3},
	"I03": {8, industrial, pool, 'P', 0, false, 120, 0.3},
	"I04": {9, road, pool, 'P', 0, false, 25, 0.3},
	"I05": {2, rural, index, 'A', 350, false, 30, 0.1},
	"I06": {3, rural, blast, 'P', 0, false, 6, 0.1},
	"I07": {8, industrial, index, 'P', 0, false, 60, 0.2},
	"I08": {3, industrial, toxic, 'P', 0, true, 80, 0.2},
	"I09": {2, industrial, index, 'A', 200, true, 160, 0.5},
	"I10": {60, industrial, index, 'P', 0, false, 90, 0.2},
	"I11": {3, road, perKm, 'L', 6000, true, 30, 0.9},
	"I12": {0.6, rural, blast, 'P', 0, true, 10, 0.2},
	"I13": {16, urban, inside, 'A', 140, false, 120, 0.1},
	"I14": {5, road, bleve, 'P', 0, true, 15, 0.3},
	"I15": {7, road, perKm, 'L', 3000, false, 45, 0.3},
	"I16": {1.2, industrial, toxic, 'P', 0, true, 40, 0.4},
	"C01": {12, urban, index, 'A', 90, false, 600, 0.02},
	"C02": {9, urban, index, 'A', 110, false, 2500, 0.02},
	"C03": {120, urban, index, 'P', 0, false, 500, 0.7},
	"C04": {28, urban, index, 'P', 0, false, 120, 0.4},
	"C05": {18, urban, index, 'P', 0, false, 700, 0.5},
	"C06": {160, urban, index, 'P', 0, false, 80, 0.05},
	"C07": {52, urban, index, 'P', 0, false, 90, 0.9},
	"C08": {7, rural, index, 'A', 500, false, 900, 0.02},
	"C09": {34, urban, index, 'A', 130, false, 1100, 0.05},
	"C10": {10, urban, index, 'P', 0, false, 120, 0.95},
	"C11": {26, urban, index, 'P', 0, false, 12, 0.9},
	"C12": {9, urban, index, 'P', 0, false, 100, 0.05},
	"C13": {3, urban, index, 'A', 220, false, 800, 0.01},
	"C14": {6, urban, index, 'A', 120, false, 900, 0.05},
	"P01": {12, road, index, 'L', 2500, false, 10, 0.5},
	"P02": {1.2, rural, slide, 'A', 260, true, 10, 0.1},
	"P03": {22, urban, perKm, 'L', 700, false, 60, 0.9},
	"P04": {3, river, index, 'L', 1500, false, 60, 0.1},
	"P05": {26, road, index, 'L', 400, false, 30, 0.2},
	"P06": {6, river, index, 'L', 900, false, 60, 0.2},
	"P07": {5, road, index, 'L', 1300, false, 900, 0.05},
	"P08": {4, industrial, index, 'P', 0, false, 20, 0.2},
	"P09": {2, rural, flood, 'P', 0, true, 5, 0.5},
}

// kindOf gives an industry that is not in the table the manner of its group's
// and geometry's usual ones.
func kindOf(in *data.IndustryInfo) kind {
	if k, ok := kinds[in.Code]; ok {
		return k
	}
	k := kind{share: 15, terrain: terrain(in.Group % 2), effect: index, form: 'P', people: 50, sleep: 0.3}
	if in.Geometry != "" {
		k.form = in.Geometry[0]
	}
	switch k.form {
	case 'L':
		k.size = 1500
	case 'A':
		k.size = 150
	}
	return k
}
