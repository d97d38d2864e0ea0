package api

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"riskatlas/data"
	"riskatlas/tiles"
)

// newIDs numbers new sources: HZ-{industry}-{six digits}, on from the highest that
// there is. Safe for concurrent use.
type newIDs struct {
	mu   sync.Mutex
	last map[data.Industry]uint64
}

// idsAtOnce is how many ids are looked up together.
const idsAtOnce = 64

// next gives an id that no record has or has had, and that next gives nobody else.
func (n *newIDs) next(ctx context.Context, v *tiles.View, in data.Industry, free func(context.Context, ...data.ID) (int, error)) (data.ID, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	prefix := "HZ-" + v.City.Taxonomy.Industries[in].Code + "-"
	if n.last == nil {
		n.last = map[data.Industry]uint64{}
	}
	if _, known := n.last[in]; !known {
		n.last[in] = highest(v, prefix)
	}
	for {
		ids := make([]data.ID, idsAtOnce)
		for i := range ids {
			ids[i] = data.ID(fmt.Sprintf("%s%06d", prefix, n.last[in]+1+uint64(i)))
		}
		if err := ids[len(ids)-1].Validate(); err != nil {
			return "", errors.New("there are no more ids of this industry")
		}
		at, err := free(ctx, ids...)
		if err != nil {
			return "", err
		}
		if at >= 0 {
			n.last[in] += uint64(at) + 1
			return ids[at], nil
		}
		n.last[in] += idsAtOnce
	}
}

// highest is the highest number among the view's ids with a prefix.
func highest(v *tiles.View, prefix string) (most uint64) {
	for h := range v.All(data.All(), data.ID(prefix)) {
		digits, ok := strings.CutPrefix(string(h.ID), prefix)
		if !ok {
			break // ids are in order
		}
		if n, err := strconv.ParseUint(digits, 10, 48); err == nil {
			most = max(most, n)
		}
	}
	return most
}
