package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"

	"riskatlas/data"
)

// order is how a list is sorted: by a key, then by id. The order by id alone has
// no key, and needs no look at what is not on the page.
type order struct {
	sort string // as asked
	key  func(*data.Hazard) string
	down bool
}

func orderOf(sort string, tax *data.Taxonomy) order {
	name, down := strings.CutPrefix(sort, "-")
	keys := map[string]func(*data.Hazard) string{
		"name":     func(h *data.Hazard) string { return nameKey(h.Name) },
		"level":    func(h *data.Hazard) string { return strconv.Itoa(int(h.Level)) },
		"industry": func(h *data.Hazard) string { return tax.Industries[h.Industry].Code },
		"district": func(h *data.Hazard) string { return tax.DistrictCode(h.Districts[tax.Default]) },
	}
	return order{sort, keys[name], down}
}

// nameKey is what of a name is sorted by: it must come back from a cursor as it
// was, and a cursor must fit in a URL.
func nameKey(name string) string {
	const most = 256
	return strings.ToValidUTF8(name[:min(most, len(name))], "\uFFFD")
}

// row is a source with its key in the order.
type row struct {
	key    string
	hazard *data.Hazard
}

func (o order) compare(aKey string, aID data.ID, bKey string, bID data.ID) int {
	c := cmp.Compare(aKey, bKey)
	if o.down {
		c = -c
	}
	return cmp.Or(c, cmp.Compare(aID, bID))
}

// cursor is the last row of the page before. A page begins after it, whether
// that row is still there or not, so every source that does not change its key
// is on one page exactly, whatever else changes meanwhile.
type cursor struct {
	Sort string  `json:"s"`
	Key  string  `json:"k,omitempty"`
	ID   data.ID `json:"i"`
}

func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil { // strings alone: cannot happen
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseCursor(raw, sort string) (*cursor, error) {
	var c cursor
	b, err := base64.RawURLEncoding.DecodeString(raw)
	if err != nil || json.Unmarshal(b, &c) != nil || c.ID == "" {
		return nil, badValue("cursor", raw, "the cursor of a next link, as it was given")
	}
	if c.Sort != sort {
		return nil, badValue("cursor", raw, "a cursor of the same sort, "+c.Sort)
	}
	return &c, nil
}

// page is what a page shows.
type page struct {
	hazards []*data.Hazard
	next    string // cursor; "" on the last page
	matched *int   // on the first page
}

// page walks the list once. It looks at the context now and then, so that a
// client that left costs little.
func (l *list) page(ctx context.Context) page {
	var out page
	matched := 0
	best := newBest(l.limit+1, func(a, b row) int { return l.order.compare(a.key, a.hazard.ID, b.key, b.hazard.ID) })
	after := data.ID("")
	if l.from != nil && l.order.key == nil {
		after = l.from.ID
	}
	l.each(after, func(h *data.Hazard) bool {
		matched++
		if matched&0xfff == 0 && ctx.Err() != nil {
			return false
		}
		r := row{hazard: h}
		if l.order.key == nil {
			if len(best.kept) <= l.limit {
				best.kept = append(best.kept, r) // they come in order
			}
			return l.from == nil || len(best.kept) <= l.limit
		}
		r.key = l.order.key(h)
		if l.from == nil || l.order.compare(r.key, h.ID, l.from.Key, l.from.ID) > 0 {
			best.add(r)
		}
		return true
	})
	rows := best.sorted()
	if l.from == nil {
		out.matched = &matched
	}
	if len(rows) > l.limit {
		rows = rows[:l.limit]
		last := rows[l.limit-1]
		out.next = cursor{l.order.sort, last.key, last.hazard.ID}.String()
	}
	for _, r := range rows {
		out.hazards = append(out.hazards, r.hazard)
	}
	return out
}

// openJSON is the JSON of a struct without its closing brace.
func openJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "}\n"), nil
}
