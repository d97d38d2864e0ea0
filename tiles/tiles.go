package tiles

import (
	"context"

	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/datum"
	"riskatlas/riskgrid"
)

// Request asks for one tile.
type Request struct {
	View   *View // of what; nil: the newest
	Tile   maptile.Tile
	Layers LayerSet
	Filter data.Filter
	Stat   Stat
	// Criterion says by which cuts ground has its level; one that the profile
	// has no cuts for is refused.
	Criterion riskgrid.Criterion
	Datum     datum.Datum // the coordinate system of the map that shows it
	// Vintage says of which division into districts the layers districts and labels
	// are: 1 and its place in the taxonomy; 0 is the city's
	// default, which goes by no other number.
	Vintage uint8
	Picture Picture // of the layer risk alone; zero: a vector tile
	Known   string  // the client's If-None-Match value as sent, or ""
}

// Tile is an answer. Data is gzipped MVT, or a PNG where a picture was asked for,
// shared and not to be changed. Empty and NotModified tiles have no data; every one has an ETag.
type Tile struct {
	Data        []byte
	ETag        string // strong, quoted, without an encoding's suffix
	Empty       bool
	NotModified bool
	From        string // "memory", "redis", "computed", "archive": for metrics

	// Header values, made once with the key and the tile: shared and not to be
	// changed. They are nil from a source that has none ready, the length also
	// where there is no data.
	ETagHeader       []string // {ETag}
	ZippedETagHeader []string // {ETag} with the suffix -gzip
	LengthHeader     []string // the length of Data
}

// Source gives tiles: the Renderer from the living city, an archive from a file.
type Source interface {
	Tile(ctx context.Context, r Request) (Tile, error)
}
