package tiles

import (
	"fmt"
	"strconv"

	"github.com/maypok86/otter/v2"
)

// entryOverhead is about what an entry costs beside its bytes.
const entryOverhead = 256

// built is a finished tile: gzipped MVT, or empty when nothing is in it.
// Immutable.
type built struct {
	data   []byte
	length []string // the value of Content-Length; nil when empty
}

func newBuilt(data []byte) built {
	return built{data: data, length: []string{strconv.Itoa(len(data))}}
}

// newMemory makes the cache of finished tiles, bounded by bytes.
func newMemory(bytes uint64) (*otter.Cache[Key, built], error) {
	c, err := otter.New(&otter.Options[Key, built]{
		MaximumWeight: bytes,
		Weigher:       func(_ Key, b built) uint32 { return uint32(len(b.data) + entryOverhead) },
	})
	if err != nil {
		return nil, fmt.Errorf("tile cache of %d bytes: %w", bytes, err)
	}
	return c, nil
}
