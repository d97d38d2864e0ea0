package api

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/index"
	"riskatlas/tiles"
)

// EventsQuery asks for a stream of events. Without any of the rest every change is
// told; else those that have part in all that is asked for.
type EventsQuery struct {
	Since    int64    `query:"since" minimum:"0" doc:"The revision up to which changes are known: what came after it is told first. The header Last-Event-ID, which a browser sends when it comes back, has precedence."`
	Event    []string `query:"event" enum:"change,level" doc:"Only these events; both when left out. level goes with lon and lat."`
	Industry []string `query:"industry" doc:"Industries, by code or slug: tiles are those of a map with this filter."`
	Group    []string `query:"group" doc:"Groups of industries; united with industry."`
	District []string `query:"district" doc:"Districts of the vintage, by code."`
	Level    []string `query:"level" doc:"Assessed levels: 1 to 4, or low, general, significant, major."`
	Vintage  string   `query:"vintage" doc:"The division into districts that district codes are of; the city's default when left out."`
	ID       []string `query:"id" doc:"Only changes of these sources, at most 100."`
	Lon      float64  `query:"lon" minimum:"-180" maximum:"180" doc:"With lat: only changes of sources that can add to the risk at this place, or stand within the radius of it. Degrees, WGS 84."`
	Lat      float64  `query:"lat" minimum:"-85" maximum:"85" doc:"With lon."`
	Radius   float64  `query:"radius" minimum:"0" maximum:"20000" default:"0" doc:"Metres around lon, lat."`
	Zoom     float64  `query:"zoom" minimum:"5" maximum:"24" doc:"With lon and lat: level is that of the cell that a map of this zoom shows there; else that of the place itself. As /api/v1/risk has them."`
	On       string   `query:"on" enum:"level,ir" default:"level" doc:"When level is told: when the level there changes, or already when its ir does."`
	StatQuery
	CutsQuery
}

// mostEventSources is how many sources a subscription may name.
const mostEventSources = 100

// subscription is what a listener wants to hear of.
type subscription struct {
	filter *data.Filter // nil: any
	ids    map[data.ID]bool
	at     *spot
	mute   map[string]bool // events that are not asked for
}

// parseSubscription reads a query that the router has checked.
func parseSubscription(v *tiles.View, q url.Values) (*subscription, error) {
	list := func(name string) []string {
		if s := q.Get(name); s != "" {
			return strings.Split(s, ",")
		}
		return nil
	}
	s := &subscription{}
	sel := data.Selection{Industries: list("industry"), Groups: list("group"), Districts: list("district"), Levels: list("level"), Vintage: q.Get("vintage")}
	f, err := v.City.Taxonomy.Filter(sel)
	if err != nil {
		return nil, err
	}
	if len(sel.Industries)+len(sel.Groups)+len(sel.Districts)+len(sel.Levels) > 0 {
		s.filter = &f
	}
	if ids := list("id"); ids != nil {
		if len(ids) > mostEventSources {
			return nil, badValue("id", strconv.Itoa(len(ids))+" ids", "at most 100 ids")
		}
		s.ids = map[data.ID]bool{}
		for _, id := range ids {
			if err := data.ID(id).Validate(); err != nil {
				return nil, err
			}
			s.ids[data.ID(id)] = true
		}
	}
	if s.at, err = parseSpot(v, q); err != nil {
		return nil, err
	}
	if events := list("event"); events != nil {
		s.mute = map[string]bool{eventChange: !slices.Contains(events, eventChange), eventLevel: !slices.Contains(events, eventLevel)}
		if s.at == nil && !s.mute[eventLevel] {
			return nil, badValue("event", eventLevel, "lon and lat with it: whose level?")
		}
	}
	return s, nil
}

// parseSpot reads the place of a subscription; nil when it has none.
func parseSpot(v *tiles.View, q url.Values) (*spot, error) {
	if q.Has("lon") != q.Has("lat") {
		missing := "lat"
		if q.Has("lat") {
			missing = "lon"
		}
		return nil, badValue(missing, "", "lon and lat together")
	}
	if !q.Has("lon") {
		for _, name := range []string{"radius", "zoom", "on", "stat", "cuts"} {
			if q.Has(name) {
				return nil, badValue(name, q.Get(name), "lon and lat with it")
			}
		}
		return nil, nil
	}
	number := func(name string) float64 {
		x, _ := strconv.ParseFloat(q.Get(name), 64) // "" is 0, the rest is checked
		return x
	}
	at := &spot{place: orb.Point{number("lon"), number("lat")}, radius: number("radius"), zoom: uint8(number("zoom")),
		stat: (&StatQuery{q.Get("stat")}).stat(), everyIR: q.Get("on") == "ir"}
	if cuts := q.Get("cuts"); cuts != "" {
		at.criterion = (&CutsQuery{cuts}).criterion()
	}
	var err error
	at.cuts, err = v.CutsOf(at.criterion)
	return at, err
}

// wants gives the changes of a revision that the subscription asks for, and whether
// it is to be told at all.
func (s *subscription) wants(r *revised) (changes []index.Change, told bool) {
	all := r.renewal.Changes()
	if s.filter == nil && s.ids == nil && s.at == nil {
		return all, true
	}
	for _, c := range all {
		if s.asks(c) {
			changes = append(changes, c)
		}
	}
	// Whoever asks for a place or a source has no use for new places or people.
	return changes, len(changes) > 0 || r.vast || len(r.kinds) > 0 && s.ids == nil && s.at == nil
}

// asks reports whether a change has part in all that the subscription asks for.
func (s *subscription) asks(c index.Change) bool {
	if s.ids != nil && !s.ids[idOf(c)] {
		return false
	}
	return s.asksFor(c.Old) || s.asksFor(c.New)
}

// asksFor is asks of one side of a change but for its id.
func (s *subscription) asksFor(h *data.Hazard) bool {
	return h != nil && (s.filter == nil || s.filter.Match(h)) &&
		(s.at == nil || index.Reaches(h, s.at.place, s.at.radius) || s.at.zoom > 0 && s.at.felt(h))
}
