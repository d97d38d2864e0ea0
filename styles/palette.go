package styles

import "riskatlas/data"

// Palette is the colours of one style, as CSS hex values.
type Palette struct {
	Levels      [5]string // by level; the first is for ground without a level and is not drawn
	RiskOpacity float64   // of the superposed risk, 0 to 1
	Ground      string    // where there is nothing
	District    string    // fill of the city's own ground
	Border      string    // district borders
	Text        string
	Halo        string // around text
	Outline     string // around sources
	Place       string // emergency places
	Unknown     string // hatching of ground that is not assessed, as #RRGGBBAA
}

// palettes by style id. day: a softer set that keeps the words red, orange,
// yellow and blue. night: the pure set, for dark large screens.
// colour-blind: after Okabe and Ito (2008), told apart with any colour vision,
// and by brightness alone.
var palettes = map[string]Palette{
	"day": {
		Levels: [5]string{"", "#1E88E5", "#FDD835", "#FB8C00", "#E53935"}, RiskOpacity: 0.62,
		Ground: "#EEF1F4", District: "#FBFCFD", Border: "#7C8A99", Text: "#1F2A37", Halo: "#FFFFFF", Outline: "#FFFFFF", Place: "#00796B", Unknown: "#4A5563B8"},
	"night": {
		Levels: [5]string{"", "#0000FF", "#FFFF00", "#FFA500", "#FF0000"}, RiskOpacity: 0.55,
		Ground: "#05080F", District: "#0B1220", Border: "#2F5D8C", Text: "#DCEBFF", Halo: "#05080F", Outline: "#05080F", Place: "#35E0C2", Unknown: "#A9BFD8A8"},
	"colour-blind": {
		Levels: [5]string{"", "#56B4E9", "#F0E442", "#D55E00", "#7A0019"}, RiskOpacity: 0.72,
		Ground: "#EEF1F4", District: "#FBFCFD", Border: "#7C8A99", Text: "#1F2A37", Halo: "#FFFFFF", Outline: "#FFFFFF", Place: "#004D40", Unknown: "#3A4450C8"},
}

// names of the styles, in the order in which they are offered.
var ids = []string{"day", "night", "colour-blind"}

// IDs lists the styles.
func IDs() []string { return append([]string(nil), ids...) }

// Colours gives a style's palette, and false where there is no such style.
func Colours(id string) (Palette, bool) {
	p, ok := palettes[id]
	return p, ok
}

// Labels are the words that stand beside the colours, so that no level is told
// by colour alone: one character in Chinese, a word in English, by level.
var Labels = [5][2]string{{"无", "none"}, {"低", "low"}, {"一般", "general"}, {"较大", "significant"}, {"重大", "major"}}

// marks are the levels' single characters on symbols.
var marks = [5]string{"", "低", "一", "较", "重"}

var levels = [...]data.Level{data.Low, data.General, data.Significant, data.Major}
