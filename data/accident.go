package data

import "slices"

// accidentTypes says what type of accident (GB/T 6441-1986 and the project's
// additions) an outcome of a scenario counts as. Source: convention of this
// project; the standard names injuries by their cause and knows no outcomes of
// quantitative risk assessment. An industry that names one of own has the first
// of them; else it is otherwise, and where the city has no such type, or the
// outcome none of its own (index), the first type that the industry names.
var accidentTypes = [len(Outcomes)]struct {
	own       []string
	otherwise string
}{
	{nil, "FIRE"}, // pool_fire
	{nil, "FIRE"}, // jet_fire
	{nil, "FIRE"}, // flash_fire
	{[]string{"VEXP", "BEXP", "EXPL", "PEXP"}, "VEXP"},      // fireball: a vessel bursts
	{[]string{"EXPL", "GEXP"}, "EXPL"},                      // vce
	{[]string{"PEXP", "BLST"}, "PEXP"},                      // condensed_explosion
	{nil, "DUST"},                                           // dust_explosion
	{nil, "TOX"},                                            // toxic
	{[]string{"COLL", "ROOF"}, "COLL"},                      // collapse
	{nil, "STAMP"},                                          // crowd
	{[]string{"DAMB", "SLIDE", "FLOODU", "FLOODM"}, "DAMB"}, // flood: of water, mud or spoil
	{nil, ""}, // index
}

// Accident is the code of the accident type that a scenario of this outcome
// counts as in an industry; "" where the industry names none and the outcome has
// none of its own.
func (t *Taxonomy) Accident(in Industry, o Outcome) string {
	var named []string
	if int(in) < len(t.Industries) {
		named = t.Industries[in].Accidents
	}
	if int(o) < len(accidentTypes) {
		a := accidentTypes[o]
		for _, code := range a.own {
			if slices.Contains(named, code) {
				return code
			}
		}
		if slices.ContainsFunc(t.AccidentTypes, func(a2 AccidentType) bool { return a2.Code == a.otherwise }) {
			return a.otherwise
		}
	}
	if len(named) == 0 {
		return ""
	}
	return named[0]
}
