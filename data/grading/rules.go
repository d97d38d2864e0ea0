package grading

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"riskatlas/data"
)

//go:embed rules/*.json
var embedded embed.FS

// tolerance is the relative difference up to which a number counts as on a cut,
// so that a sum that should meet it does (three shares of 1/3 are 1).
const tolerance = 1e-9

// Rules are the methods' tables. They are immutable and safe for concurrent use.
type Rules struct {
	hazard   hazardFile
	classes  map[string]hazardClass // by folded class
	listed   substanceFile
	names    map[string][]int // folded name, formula or alias to positions in listed.List
	cas      map[string][]int // CAS number to positions in listed.List
	lec      lecFile
	ls       lsFile
	units    keyUnitFile
	limits   [len(data.ProtectionKeys)]limits
	targets  []target
	upper    []FN
	lower    []FN
	severity severityFile
	sources  []Sourced
}

// Load reads the embedded tables. The caller keeps what it gives: every call
// reads them again.
func Load() (*Rules, error) {
	sub, err := fs.Sub(embedded, "rules")
	if err != nil {
		return nil, err
	}
	return Read(sub)
}

// Read reads the tables from the files of the embedded ones' names and format.
// The error names the file, and wraps a *data.Invalid with the entry, its value
// and what would be right.
func Read(files fs.FS) (*Rules, error) {
	r := &Rules{}
	for _, part := range []struct {
		name string
		read func(raw []byte) error
	}{
		{"major_hazard.json", r.readHazard},
		{"substances.json", r.readSubstances}, // names classes of the file before
		{"lec.json", r.readLEC},
		{"ls.json", r.readLS},
		{"key_units.json", r.readKeyUnits},
		{"individual.json", r.readIndividual},
		{"societal.json", r.readSocietal},
		{"severity.json", r.readSeverity},
	} {
		raw, err := fs.ReadFile(files, part.name)
		if err == nil {
			err = part.read(raw)
		}
		if err == nil {
			err = r.note(part.name, raw)
		}
		if err != nil {
			return nil, fmt.Errorf("rules %s: %w", part.name, err)
		}
	}
	return r, nil
}

// decode reads one JSON value and refuses members that v does not have: a
// misspelt member would silently be a missing number.
func decode(raw []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff"))))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return &data.Invalid{Field: "json", Value: fmt.Sprintf("byte %d", dec.InputOffset()), Want: "the members of the format: " + err.Error()}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return &data.Invalid{Field: "json", Value: fmt.Sprintf("byte %d", dec.InputOffset()), Want: "nothing after the one JSON value"}
	}
	return nil
}

// sourced demands that a table says where its numbers come from.
func sourced(field, source string) error {
	if source == "" {
		return &data.Invalid{Field: field, Value: "", Want: "where the numbers come from: standard and clause, or whose convention"}
	}
	return nil
}

// aLevel demands one of the four levels.
func aLevel(field string, l data.Level) error {
	if l < data.Low || l > data.Major {
		return &data.Invalid{Field: field, Value: fmt.Sprint(uint8(l)), Want: "a level of 1 to 4"}
	}
	return nil
}

// falling demands cuts that fall strictly, as the first that is met counts, down
// to least or more, and levels that do not rise.
func falling(field string, cuts []cut, least float64) error {
	if len(cuts) == 0 {
		return &data.Invalid{Field: field, Value: "none", Want: "at least one step"}
	}
	for i, c := range cuts {
		if err := aLevel(field+".level", c.level); err != nil {
			return err
		}
		if !(c.at >= least) || i > 0 && (c.at >= cuts[i-1].at || c.level > cuts[i-1].level) {
			return &data.Invalid{Field: field, Value: ftoa(c.at), Want: "numbers that fall from step to step to " + ftoa(least) + " or more, with levels that do not rise"}
		}
	}
	return nil
}

type cut struct {
	at    float64
	level data.Level
}
