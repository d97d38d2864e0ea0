package data

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// AppendProperties writes the properties of AppendFeature alone: all of the
// record but its id and geometry.
func (t *Taxonomy) AppendProperties(b []byte, r *Record) ([]byte, error) {
	props, err := t.properties(r)
	return append(b, props...), err
}

// ParseDetail reads the detail out of properties that AppendProperties wrote,
// passing over what belongs to the hazard.
func ParseDetail(properties []byte) (*Detail, error) {
	d := new(Detail)
	if err := json.NewDecoder(bytes.NewReader(properties)).Decode(d); err != nil {
		return nil, fmt.Errorf("properties: %w", err)
	}
	return d, nil
}

// ContentDigest is a hash of all that a record says, its revision aside: codes,
// not positions, so that it does not depend on the taxonomy's order. Sums of it
// over two stores are equal when the stores hold the same records.
func (t *Taxonomy) ContentDigest(r *Record) (uint64, error) {
	h := r.Hazard
	if int(h.Industry) >= len(t.Industries) {
		return 0, fmt.Errorf("record %s: industry %d is not in the taxonomy", h.ID, h.Industry)
	}
	detail, err := json.Marshal(&r.Detail)
	if err != nil {
		return 0, fmt.Errorf("record %s: %w", h.ID, err)
	}
	vintage := ""
	if v, _, ok := t.DistrictInfo(h.Stated); ok {
		vintage = v.Name
	}
	b := []byte{byte(h.Level), byte(h.Status), byte(h.Sensitivity)}
	for _, s := range []string{string(h.ID), h.Name, h.NameEn, t.Industries[h.Industry].Code, vintage, t.DistrictCode(h.Stated), h.Regulator} {
		b = appendString(b, s)
	}
	b = appendShape(b, h.Shape)
	b = appendScenarios(b, h.Scenarios) // people and protection class are the detail's
	return hash64(append(b, detail...)), nil
}
