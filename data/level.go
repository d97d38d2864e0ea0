package data

// Level is one of the four colours, or none. The numbers order by severity, so
// levels compare with < (安委办〔2016〕11号 names the four levels and colours).
type Level uint8

// The levels. A surveyed hazard is never LevelNone; a piece of ground may be.
const (
	LevelNone   Level = iota // no risk above the floor, or not assessed
	Low                      // 低风险, blue
	General                  // 一般风险, yellow
	Significant              // 较大风险, orange
	Major                    // 重大风险, red
)

// LevelKeys are the levels' names in URLs and styles, by level.
var LevelKeys = [5]string{"none", "low", "general", "significant", "major"}

// String is the level's key.
func (l Level) String() string {
	if int(l) < len(LevelKeys) {
		return LevelKeys[l]
	}
	return "invalid"
}

// ParseLevel reads "1".."4" or a level's key; "none" and "0" are not accepted,
// since a hazard always has a level.
func ParseLevel(s string) (Level, error) {
	for l := Low; l <= Major; l++ {
		if s == LevelKeys[l] || s == string(rune('0'+l)) {
			return l, nil
		}
	}
	return 0, &Invalid{Field: "level", Value: s, Want: "one of",
		Allowed: []string{"1", "2", "3", "4", "low", "general", "significant", "major"}}
}

// Status says whether a source is at work. Only Active adds to any risk.
type Status uint8

// The states of a source; Active is the zero value.
const (
	Active Status = iota
	Suspended
	Closed
	Planned
)

// StatusKeys are the interchange names, by status.
var StatusKeys = [...]string{"active", "suspended", "closed", "planned"}

func (s Status) String() string { return key(StatusKeys[:], int(s)) }

// ParseStatus reads an interchange name; the empty string is Active.
func ParseStatus(s string) (Status, error) {
	i, err := parseKey("status", StatusKeys[:], s, 0)
	return Status(i), err
}

// Sensitivity says who may see a record. Unstated takes its industry's default
// from the city profile when the city is loaded.
type Sensitivity uint8

// The classes of sensitivity, from open to closed.
const (
	Unstated Sensitivity = iota
	Public
	Internal
	Secret
)

// SensitivityKeys are the interchange names, by sensitivity.
var SensitivityKeys = [...]string{"", "public", "internal", "secret"}

func (s Sensitivity) String() string { return key(SensitivityKeys[:], int(s)) }

// ParseSensitivity reads an interchange name; the empty string is Unstated.
func ParseSensitivity(s string) (Sensitivity, error) {
	i, err := parseKey("sensitivity", SensitivityKeys[:], s, 0)
	return Sensitivity(i), err
}

func key(keys []string, i int) string {
	if i < len(keys) {
		return keys[i]
	}
	return "invalid"
}

func parseKey(field string, keys []string, s string, empty int) (int, error) {
	if s == "" {
		return empty, nil
	}
	allowed := make([]string, 0, len(keys))
	for i, k := range keys {
		if k == s {
			return i, nil
		}
		if k != "" {
			allowed = append(allowed, k)
		}
	}
	return 0, &Invalid{Field: field, Value: s, Want: "one of", Allowed: allowed}
}
