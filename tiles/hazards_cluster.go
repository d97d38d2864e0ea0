package tiles

import (
	"iter"
	"sync"

	"riskatlas/data"
	"riskatlas/index"
)

// clusterZoom is the zoom below which points are always clustered.
const clusterZoom = index.MaxClustered + 1

// clusterGrid is the number of cluster cells along a tile's side.
const clusterGrid = index.ClusterGrid

var clusterSets = sync.Pool{New: func() any { return new(index.Clusters) }}

// appendHazardsOf is appendHazards of what the view has, by the clusters that its
// snapshot keeps where these are those of the tile.
func (v *View) appendHazardsOf(dst []byte, c *canvas, f data.Filter, seq iter.Seq[*data.Hazard]) []byte {
	if c.offset || c.tile.Z >= clusterZoom {
		return appendHazards(dst, c, seq, v.City.Taxonomy)
	}
	all := clusterSets.Get().(*index.Clusters)
	defer clusterSets.Put(all)
	if !v.Clusters(c.tile, f, all) {
		return appendHazards(dst, c, seq, v.City.Taxonomy)
	}
	w, s := newLayer(hazardKeys), newPointSet(c)
	defer s.release()
	s.writeClusters(w, all, v.City.Taxonomy)
	clear(all[:]) // no hazard is held by the pool
	return w.finish(dst, data.LayerHazards)
}

// writeClusters writes the clusters, the worst last.
func (s *pointSet) writeClusters(w *layerWriter, all *index.Clusters, tax *data.Taxonomy) {
	for l := data.Low; l <= data.Major; l++ {
		for i := range all {
			if k := &all[i]; k.First != nil && k.First.Level == l {
				s.writeCluster(w, k, tax)
			}
		}
	}
}

func (s *pointSet) writeCluster(w *layerWriter, k *index.Cluster, tax *data.Taxonomy) {
	first := hazardPoint{k.First, s.c.round(k.First.Label())}
	count := uint64(0)
	for l := data.Low; l <= data.Major; l++ {
		count += uint64(k.Count[l])
	}
	if count == 1 {
		s.write(w, first, tax)
		return
	}
	w.feature(featureID(k.First.ID))
	w.number(hazardLevel, uint64(k.First.Level))
	w.number(hazardCount, count)
	for l := data.Low; l <= data.Major; l++ {
		w.number(hazardN1+int(l-data.Low), uint64(k.Count[l]))
	}
	w.dot(first.at)
}

// clusters gathers the points in the tile itself in squares.
func (s *pointSet) clusters(all *index.Clusters) {
	const side = extent / clusterGrid
	for _, p := range s.points {
		if p.at.x < 0 || p.at.y < 0 || p.at.x >= extent || p.at.y >= extent {
			continue
		}
		k := &all[p.at.y/side*clusterGrid+p.at.x/side]
		k.Count[p.h.Level]++
		f := k.First
		if f == nil || p.h.Level > f.Level || p.h.Level == f.Level && p.h.ID < f.ID {
			k.First = p.h
		}
	}
}
