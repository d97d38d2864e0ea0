package data

import (
	"context"
	"errors"
	"iter"
	"strings"
	"time"

	"github.com/paulmach/orb"
)

// Record is all that is kept of one source: the hot Hazard, which the index
// holds for the whole city, and the cold Detail, which is read by id.
type Record struct {
	Hazard *Hazard
	Detail Detail
}

// Change is one step of a batch: put New in the place of what ID holds now, or
// remove it when New is nil. If must be the revision that wrote the current
// record, or 0 where there must be none; Any leaves it unchecked.
type Change struct {
	ID  ID
	If  Revision
	New *Record
}

// Any as Change.If applies the change whatever the record's current revision.
const Any = ^Revision(0)

// Note says who changed something and why. A Key that the store has seen before
// makes Apply answer the revision of that time again and change nothing.
type Note struct{ Who, Why, Key string }

// Batch is one applied revision. When a set of units was replaced, Kind names
// it and Changes is empty.
type Batch struct {
	Revision Revision
	At       time.Time
	Note     Note
	Changes  []Change
	Kind     string
}

// Store keeps records durably, with a gapless log of revisions. All methods are
// safe for concurrent use. Hazards given and taken are sealed and immutable.
type Store interface {
	// Load gives one consistent state: its revision, then every hazard of it in
	// the order of their ids. The sequence can be ranged over once.
	Load(ctx context.Context) (Revision, iter.Seq2[*Hazard, error])
	// Detail reads full records by id, in the order asked; an id that is not
	// there leaves a nil in its place.
	Detail(ctx context.Context, ids ...ID) ([]*Record, error)
	// Apply makes all the changes durable as one revision, or none of them. A
	// change whose If does not hold gives an error that wraps ErrConflict and
	// names the id. No changes: the current revision and no new one.
	Apply(ctx context.Context, note Note, changes ...Change) (Revision, error)
	// Watch gives every batch after since, then waits for more, also those that
	// other processes apply, until ctx ends. An error ends the sequence.
	Watch(ctx context.Context, since Revision) iter.Seq2[Batch, error]
	Close() error
}

// Completing is a store that completes hazards while it makes them, so that each
// is made and sealed once, on all cores. Stores may implement it beside Store.
type Completing interface {
	// LoadAs is Store's Load of hazards as complete leaves them. begin gives it: it
	// is called once, when the revision is fixed and before any hazard is made.
	// complete is called by several goroutines at once, once for each hazard, until
	// the sequence has ended; those for which it gives ErrLeftOut are not in the
	// sequence, any other error ends it as it is.
	LoadAs(ctx context.Context, begin func(Revision) (complete Complete, err error)) (Revision, iter.Seq2[*Hazard, error])
}

// Sentinel errors of stores, met through errors.Is.
var (
	ErrConflict = errors.New("the record was changed by another")
	ErrReadOnly = errors.New("the store takes no changes")
	ErrFull     = errors.New("the disk is full") // nothing was written; with room again, changes are taken again
)

// Unit is a named place or piece of ground beside the hazards: a district, a
// zone, or an emergency place.
type Unit struct {
	Code   string // unique within its kind
	Name   string
	NameEn string
	Class  string       // of places: shelter, hospital, fire_station, …; else ""
	Shape  orb.Geometry // Point, Polygon or MultiPolygon; of a road also LineString or MultiLineString
	Props  map[string]string
}

// The kinds of units. A kind is one set that is replaced as a whole.
const (
	PlaceKind      = "place"
	PeopleKind     = "people" // points and polygons with the people who live there, Props[PeopleProp]
	districtPrefix = "district:"
	zonePrefix     = "zone:"
)

// PeopleProp names the property of a unit of PeopleKind that holds its number of
// people, a decimal of 0 or more.
const PeopleProp = "people"

// RoadClass is the class of places that are roads, which may be lines.
const RoadClass = "road"

// DistrictKind is the kind that holds the districts of a vintage.
func DistrictKind(vintage string) string { return districtPrefix + vintage }

// ZoneKind is the kind that holds the zones of a name.
func ZoneKind(name string) string { return zonePrefix + name }

// ZoneName is the name of the set of zones that a kind holds; false for a kind
// that holds none.
func ZoneName(kind string) (name string, ok bool) { return strings.CutPrefix(kind, zonePrefix) }

// Units keeps sets of units in the same log as the hazards. Stores implement it
// beside Store.
type Units interface {
	// Kinds lists the kinds that hold anything, sorted.
	Kinds(ctx context.Context) ([]string, error)
	// Units gives a kind's units in the order of their codes.
	Units(ctx context.Context, kind string) iter.Seq2[*Unit, error]
	// Replace puts the units in the place of the kind's whole set as one
	// revision of the same log, whose Batch names the kind.
	Replace(ctx context.Context, note Note, kind string, units []Unit) (Revision, error)
}
