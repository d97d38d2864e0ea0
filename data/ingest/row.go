package ingest

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// row is one row of a file: its text by field, not yet understood. The reader
// that made it uses it again for the next one.
type row struct {
	line, feature int
	id            string            // of a feature that has one beside its properties
	values        []string          // by field, trimmed; "" says nothing
	extra         map[string]string // indicators.NAME columns, or every property of a unit
	inputs        map[string]string // level_inputs.NAME columns that are no fields
	geometry      []byte            // GeoJSON geometry, or nil
	drawn         orb.Geometry      // geometry of another format, or nil
	shape         orb.Geometry      // as sent, once it is parsed
	broken        *data.Invalid     // why the row cannot be read at all
	odd           []Problem         // what the reader found odd about it, without its place
	digest        func() [16]byte   // of all that the row says but its id
	sent          func() Cells      // what the row says, by its own columns; nil: by fields
}

func (r *row) reset(fields int) {
	r.line, r.feature, r.id, r.geometry, r.drawn, r.shape, r.broken = 0, 0, "", nil, nil, nil, nil
	if r.values == nil {
		r.values = make([]string, fields)
	}
	r.odd = r.odd[:0]
	clear(r.values)
	clear(r.extra)
	clear(r.inputs)
}

// addNamed keeps the value of a column that goes by its name.
func (r *row) addNamed(name, value string) {
	if input, ok := strings.CutPrefix(name, inputPrefix); ok {
		if r.inputs == nil {
			r.inputs = map[string]string{}
		}
		r.inputs[input] = value
		return
	}
	r.addExtra(strings.TrimPrefix(name, indicatorPrefix), value)
}

func (r *row) addExtra(name, value string) {
	if r.extra == nil {
		r.extra = map[string]string{}
	}
	r.extra[name] = value
}

// contentDigest hashes pairs of name and value and a geometry, whatever the
// order of the pairs. Pairs without value are left out.
func contentDigest(pairs [][2]string, geometry []byte) [16]byte {
	slices.SortFunc(pairs, func(a, b [2]string) int {
		if c := strings.Compare(a[0], b[0]); c != 0 {
			return c
		}
		return strings.Compare(a[1], b[1])
	})
	var b []byte
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	for _, p := range pairs {
		if p[1] != "" {
			text(p[0])
			text(p[1])
		}
	}
	text("")
	b = append(b, geometry...)
	sum := sha256.Sum256(b)
	return [16]byte(sum[:16])
}

var idEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// contentID names a row that has no id: by what it says, and by its ordinal
// among the file's rows that say the same. What it says is the row as it was
// sent, so that other options for the same file meet the same records.
func contentID(digest [16]byte, ordinal int) string {
	id := "row-" + idEncoding.EncodeToString(digest[:])
	if ordinal > 1 {
		id += "-" + strconv.Itoa(ordinal)
	}
	return id
}
