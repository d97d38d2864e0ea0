package tiles

import (
	"context"

	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/datum"
	"riskatlas/index"
	"riskatlas/riskgrid"
)

// View is one revision of the city: snapshot and field belong together. A
// request takes one and uses it to the end.
type View struct {
	*index.Snapshot
	*riskgrid.Field
	City *city.Profile
	Who  city.View
	Cuts riskgrid.Cuts
}

// Stat says what colours a cell below z14.
type Stat uint8

// The statistics.
const (
	Worst Stat = iota // by the greatest of its base cells
	Share             // by the district rule on its base cells
)

// ParseStat reads worst or share.
func ParseStat(s string) (Stat, error) { panic("unwritten") }

// LayerSet is a set of data.Layer, one bit each.
type LayerSet uint16

// ParseLayers reads a comma-joined list of layer names.
func ParseLayers(s string) (LayerSet, error) { panic("unwritten") }

// Request asks for one tile.
type Request struct {
	Tile   maptile.Tile
	Layers LayerSet
	Filter data.Filter
	Stat   Stat
	Datum  datum.Datum // the coordinate system of the map that shows it
	Known  string      // the client's If-None-Match value as sent, or ""
}

// Tile is an answer. Data is gzipped MVT, shared and not to be changed. Empty
// and NotModified tiles have no data; every one has an ETag.
type Tile struct {
	Data        []byte
	ETag        string // strong, quoted, without an encoding's suffix
	Empty       bool
	NotModified bool
	From        string // "memory", "redis", "computed": for metrics
}

// Source gives tiles: the Renderer from the living city, an archive from a file.
type Source interface {
	Tile(ctx context.Context, r Request) (Tile, error)
}
