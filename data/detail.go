package data

import "encoding/json"

// Detail is the cold part of a record: what is read by id and never held for
// the whole city. The JSON names are those of the interchange. Dates are
// YYYY-MM-DD; counts are of people unless the name says otherwise.
type Detail struct {
	Kind              string          `json:"kind,omitempty"` // site, unit, line, area, project, vehicle_route
	Address           string          `json:"address,omitempty"`
	StreetCode        string          `json:"street_code,omitempty"`
	SourceCRS         string          `json:"source_crs,omitempty"`       // datum or EPSG code of SourceCoords
	SourceCoords      json.RawMessage `json:"source_geometry,omitempty"`  // GeoJSON geometry as it was sent
	CoordAccuracyM    *float64        `json:"coord_accuracy_m,omitempty"` // metres
	LevelMethod       string          `json:"level_method,omitempty"`
	LevelInputs       map[string]any  `json:"level_inputs,omitempty"`
	OverrideReason    string          `json:"override_reason,omitempty"`
	MajorHazardGrade  int             `json:"major_hazard_grade,omitempty"` // 1 (一级, worst) to 4; 0: none
	AccidentTypes     []string        `json:"accident_types,omitempty"`
	Substances        []Substance     `json:"substances,omitempty"`
	Vessels           []Vessel        `json:"vessels,omitempty"`
	NetExplosiveKg    float64         `json:"net_explosive_kg,omitempty"` // TNT equivalent of what is stored, kg
	Flood             *Flood          `json:"flood,omitempty"`            // below a dam, as mapped
	Derivations       []Derivation    `json:"derivations,omitempty"`      // how the scenarios were derived; none: they were stated
	ProtectionClass   string          `json:"protection_class,omitempty"` // as a target of others' risk; "": its industry's
	EffectRadius      *EffectRadius   `json:"effect_radius_m,omitempty"`
	ExposedDay        *int            `json:"exposed_day,omitempty"`
	ExposedNight      *int            `json:"exposed_night,omitempty"`
	OccupancyMax      *int            `json:"occupancy_max,omitempty"`
	Staff             *int            `json:"staff,omitempty"`
	Measures          *Measures       `json:"measures,omitempty"`
	HiddenDangersOpen *int            `json:"hidden_dangers_open,omitempty"`
	Enterprise        string          `json:"enterprise,omitempty"`
	USCC              string          `json:"uscc,omitempty"`
	Responsible       string          `json:"responsible,omitempty"`       // personal
	DutyPhone         string          `json:"duty_phone,omitempty"`        // personal
	RegulatorContact  string          `json:"regulator_contact,omitempty"` // personal
	GridOfficer       string          `json:"grid_officer,omitempty"`      // personal
	LevelOfControl    string          `json:"level_of_control,omitempty"`  // city, district, street, enterprise
	EmergencyPlan     string          `json:"emergency_plan_id,omitempty"`
	FireStation       string          `json:"nearest_fire_station,omitempty"`
	Shelter           string          `json:"shelter,omitempty"`
	StatusReason      string          `json:"status_reason,omitempty"` // why it has the status that it has
	ValidFrom         string          `json:"valid_from,omitempty"`
	ValidTo           string          `json:"valid_to,omitempty"`
	AssessedAt        string          `json:"assessed_at,omitempty"`
	Assessor          string          `json:"assessor,omitempty"` // personal
	NextReview        string          `json:"next_review,omitempty"`
	DataSource        string          `json:"data_source,omitempty"`
	CollectedAt       string          `json:"collected_at,omitempty"`
	Synthetic         bool            `json:"synthetic,omitempty"` // demonstration data, not a real place
	Indicators        map[string]any  `json:"indicators,omitempty"`
}

// Substance is one hazardous substance on a site.
type Substance struct {
	Name  string  `json:"name"`
	CAS   string  `json:"cas,omitempty"`
	UN    string  `json:"un,omitempty"`
	MaxT  float64 `json:"max_t"` // greatest amount, tonnes
	Class string  `json:"class,omitempty"`
}

// EffectRadius is how far an accident is assessed to reach, metres.
type EffectRadius struct {
	Death   float64 `json:"death"`
	Serious float64 `json:"serious"`
	Minor   float64 `json:"minor"`
}

// Measures are what controls a source, one phrase an entry.
type Measures struct {
	Engineering []string `json:"engineering"`
	Management  []string `json:"management"`
	Emergency   []string `json:"emergency"`
	Monitoring  []string `json:"monitoring"`
}

// WithoutPersonal is the detail with every field that is or may hold personal
// data emptied: what a public view may see.
func (d Detail) WithoutPersonal() Detail {
	d.Responsible, d.DutyPhone, d.RegulatorContact, d.GridOfficer, d.Assessor, d.StatusReason = "", "", "", "", "", ""
	return d
}

// Check reports the first field that is out of its range.
func (d *Detail) Check() error {
	for _, c := range []struct {
		name string
		v    *int
	}{{"exposed_day", d.ExposedDay}, {"exposed_night", d.ExposedNight}, {"occupancy_max", d.OccupancyMax},
		{"staff", d.Staff}, {"hidden_dangers_open", d.HiddenDangersOpen}} {
		if c.v != nil && (*c.v < 0 || *c.v > 1_000_000) {
			return &Invalid{Field: c.name, Value: itoa(*c.v), Want: "0 to 1000000"}
		}
	}
	if d.MajorHazardGrade < 0 || d.MajorHazardGrade > 4 {
		return &Invalid{Field: "major_hazard_grade", Value: itoa(d.MajorHazardGrade), Want: "1 to 4, or nothing"}
	}
	if d.CoordAccuracyM != nil && !(*d.CoordAccuracyM >= 0) {
		return &Invalid{Field: "coord_accuracy_m", Value: ftoa(*d.CoordAccuracyM), Want: "0 metres or more"}
	}
	if r := d.EffectRadius; r != nil && !(r.Death > 0 && r.Death <= r.Serious && r.Serious <= r.Minor && r.Minor <= MaxReachMetres) {
		return &Invalid{Field: "effect_radius_m", Value: ftoa(r.Death) + ", " + ftoa(r.Serious) + ", " + ftoa(r.Minor),
			Want: "0 < death <= serious <= minor <= 20000 metres"}
	}
	if _, err := ParseProtection(d.ProtectionClass); err != nil {
		return err
	}
	if !(d.NetExplosiveKg >= 0) {
		return &Invalid{Field: "net_explosive_kg", Value: ftoa(d.NetExplosiveKg), Want: "kilograms of TNT, 0 or more"}
	}
	if d.Flood != nil {
		if _, err := d.Flood.Ground(); err != nil {
			return err
		}
	}
	for i := range d.Vessels {
		if err := d.Vessels[i].check(); err != nil {
			return err
		}
	}
	for _, s := range d.Substances {
		if !(s.MaxT > 0) {
			return &Invalid{Field: "substances.max_t", Value: ftoa(s.MaxT), Want: "tonnes over 0"}
		}
	}
	return nil
}
