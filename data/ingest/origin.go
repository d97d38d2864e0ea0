package ingest

import (
	"fmt"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
)

// origin is where a record came from, and what its row and file say beside it.
type origin struct {
	file          string
	line, feature int
	byContent     bool    // the row has no id: the record's is made of its content
	has           carried // the properties that the file fills; shared by its rows
	located       bool    // district is known
	district      string  // of the default vintage, where it lies; "" lies in none
}

func (o *origin) String() string {
	switch {
	case o.line > 0:
		return fmt.Sprintf("%s line %d", o.file, o.line)
	case o.feature > 0:
		return fmt.Sprintf("%s feature %d", o.file, o.feature)
	}
	return o.file
}

// keptOut is what is known of a row that was kept out: enough to see which
// record it may mean.
type keptOut struct {
	id    data.ID
	name  string // plain
	place orb.Point
	at    bool // place is known
}

// missed remembers the row that was just kept out, where a delivery has to know.
func (b *builder) missed() {
	if b.opts.Delivery == nil || b.batch == nil {
		return
	}
	out := keptOut{}
	if id := b.id(); id != "" {
		out.id = b.keyed(id)
	}
	name, _ := b.value(fieldName)
	out.name = plainName(name)
	if b.row.shape != nil {
		out.place, out.at = b.frame.convert(b.row.shape).Bound().Center(), true
	}
	b.batch.out = append(b.batch.out, out)
}

// keyed is the id that the row's own key gives.
func (b *builder) keyed(id string) data.ID {
	if d := b.opts.Delivery; d != nil && d.Key != "" {
		return d.id(id)
	}
	return data.ID(id)
}

// carry says of every record of the file which properties the file fills.
func (b *builder) carry() {
	has := carried{}
	for f := range b.mapping.chosen {
		has.add(b.table[f].name)
	}
	for column := range b.mapping.prefixed {
		if strings.HasPrefix(column, inputPrefix) {
			has.add(column)
		} else {
			has.add("indicators")
		}
	}
	for f := range b.given {
		if b.given[f].fixed {
			has.add(b.table[f].name)
		}
	}
	has.add("geometry")
	has.add("data_source")
	for i := b.first; i < len(b.batch.origins); i++ {
		b.batch.origins[i].has = has
	}
}
