package api

import (
	"encoding/json"
	"strconv"
	"sync"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/index"
	"riskatlas/tiles"
)

// The names of events.
const (
	eventNow    = "now"
	eventReset  = "reset"
	eventChange = "change"
	eventLevel  = "level"
)

// NowEvent is said when a stream has begun and all that was missed is told.
type NowEvent struct {
	Answer
	Started string      `json:"started" doc:"When this server began: where it differs from an earlier stream's, the server has begun anew."`
	Place   *PlaceState `json:"place,omitempty" doc:"With lon and lat: the level there now."`
}

// ResetEvent is said in the place of what is no longer remembered.
type ResetEvent struct {
	NowEvent
	All bool `json:"all" doc:"Always true: anything may have changed."`
}

// ChangeEvent says what a revision changed.
type ChangeEvent struct {
	DataRevision uint64                `json:"data_revision"`
	At           string                `json:"at,omitempty" doc:"When it was written; left out where it changed nothing that this view shows."`
	IDs          []data.ID             `json:"ids" doc:"Sources that are new, changed or gone, at most 100."`
	More         int                   `json:"more,omitempty" doc:"How many more there are."`
	Kinds        []string              `json:"kinds,omitempty" doc:"Sets of districts, places, people or zones that were replaced."`
	Bounds       []float64             `json:"bounds,omitempty" doc:"West, south, east, north in degrees: the ground that the sources reach or reached."`
	All          bool                  `json:"all,omitempty" doc:"True when any tile may be new; tiles is then left out."`
	Layers       []string              `json:"layers" doc:"Layers with new tiles."`
	Tiles        map[string]DirtyTiles `json:"tiles,omitempty" doc:"By layer."`
}

// DirtyTiles are the tiles of a layer on the map of WGS 84 that may be new.
type DirtyTiles struct {
	All   bool                   `json:"all,omitempty" doc:"True when any may be."`
	Zooms map[string][][4]uint32 `json:"zooms,omitempty" doc:"By zoom: ranges of tiles, each the first x, the first y, the last x and the last y. Ranges may overlap."`
}

// mostEventIDs is how many ids an event lists.
const mostEventIDs = 100

// body makes the event of a revision for a subscription, of the changes that it
// asks for.
func (r *revised) body(who city.View, s *subscription, changes []index.Change) ([]byte, error) {
	out := ChangeEvent{DataRevision: uint64(r.revision), IDs: []data.ID{}, Kinds: r.kinds, Layers: []string{}}
	if len(changes) > 0 || len(r.kinds) > 0 || who == city.InternalView {
		// What only others see has no time here, as it has no place.
		out.At = r.at.UTC().Format(time.RFC3339Nano)
	}
	var bound orb.Bound
	for i, c := range changes {
		if i < mostEventIDs {
			out.IDs = append(out.IDs, idOf(c))
		} else {
			out.More++
		}
		for _, h := range [2]*data.Hazard{c.Old, c.New} {
			switch {
			case h == nil:
			case bound == orb.Bound{}:
				bound = h.Extent()
			default:
				bound = bound.Union(h.Extent())
			}
		}
	}
	if bound != (orb.Bound{}) {
		out.Bounds = []float64{bound.Min[0], bound.Min[1], bound.Max[0], bound.Max[1]}
	}
	if out.All = r.renewal.All(); out.All {
		for l := range tiles.AllLayers.All() {
			out.Layers = append(out.Layers, l.String())
		}
		return json.Marshal(out)
	}
	dirty := r.renewal.Dirty(s.filter)
	for l := range tiles.AllLayers.All() {
		d := dirty[l]
		if d == nil {
			continue
		}
		if out.Tiles == nil {
			out.Tiles = map[string]DirtyTiles{}
		}
		out.Layers = append(out.Layers, l.String())
		out.Tiles[l.String()] = dirtyTiles(d)
	}
	return json.Marshal(out)
}

func idOf(c index.Change) data.ID {
	if c.New != nil {
		return c.New.ID
	}
	return c.Old.ID
}

func dirtyTiles(d *tiles.Dirty) DirtyTiles {
	if d.All {
		return DirtyTiles{All: true}
	}
	out := DirtyTiles{Zooms: map[string][][4]uint32{}}
	for z := maptile.Zoom(0); z <= tiles.MaxZoom; z++ {
		for _, r := range d.Ranges[z] {
			name := strconv.Itoa(int(z))
			out.Zooms[name] = append(out.Zooms[name], [4]uint32{r.West, r.North, r.East, r.South})
		}
	}
	return out
}

// bodies keeps the events of a revision that many listeners hear alike: those of
// whole cities, by filter.
type bodies struct {
	mu   sync.Mutex
	made map[data.Filter][]byte
	any  []byte
}

// mostBodies is how many filters' events are kept of a revision.
const mostBodies = 32

// event is the body for a subscription, made once for all that ask for no place
// and no source of their own.
func (r *revised) event(who city.View, s *subscription, changes []index.Change) ([]byte, error) {
	if s.at != nil || s.ids != nil {
		return r.body(who, s, changes)
	}
	r.bodies.mu.Lock()
	defer r.bodies.mu.Unlock()
	made := r.bodies.any
	if s.filter != nil {
		made = r.bodies.made[*s.filter]
	}
	if made != nil {
		return made, nil
	}
	made, err := r.body(who, s, changes)
	switch {
	case err != nil:
	case s.filter == nil:
		r.bodies.any = made
	case len(r.bodies.made) < mostBodies:
		if r.bodies.made == nil {
			r.bodies.made = map[data.Filter][]byte{}
		}
		r.bodies.made[*s.filter] = made
	}
	return made, err
}
