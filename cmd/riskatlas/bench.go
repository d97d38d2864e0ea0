package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"
)

// benchCommand asks a running server as many clients would, and says what it
// took. Of a riskatlas it knows the routes and the filters; of any other server
// of tiles or answers it needs a template.
type benchCommand struct {
	URL string `arg:"" help:"A running riskatlas (http://HOST:PORT), or any server's template with {z}, {x} and {y}, or with {lon} and {lat}."`

	Clients  int           `help:"Connections that ask at once." default:"8"`
	Requests int           `help:"Questions of each row; 0: as many as fit in --duration." default:"0"`
	Duration time.Duration `help:"Time of each row." default:"5s"`
	Seed     uint64        `help:"The same seed asks the same questions." default:"1"`

	Layers  string    `help:"Layers of a riskatlas' tiles." default:"risk,hazards"`
	Zooms   string    `help:"Zooms of tiles, as FROM-TO." default:"8-16"`
	Bounds  []float64 `help:"Ground that is asked about: WEST,SOUTH,EAST,NORTH, degrees. Default: a riskatlas' own city." placeholder:"W,S,E,N"`
	Popular int       `help:"Different questions of a Zipf-distributed walk." default:"10000"`
	Rows    []string  `help:"Rows to run: tiles, filters, again (with the ETag of the last answer), nearby, risk. Default: all that the URL allows." placeholder:"ROW,…"`

	PID int `help:"Process on this machine whose processor time is counted. Default: what the server's /metrics says."`
}

func (c *benchCommand) Run(p *process) error {
	b, err := c.prepare(p)
	if err != nil {
		return err
	}
	out := newBenchTable(p.out)
	for _, row := range b.rows {
		for _, walk := range []string{"uniform", "zipf"} {
			r, err := b.run(p, row, walk)
			if err != nil {
				return err
			}
			out.add(row.name, walk, r)
			if err := p.Err(); err != nil {
				out.close()
				return err
			}
		}
	}
	return out.close()
}

// bench is the command made ready.
type bench struct {
	*benchCommand
	client   *http.Client
	from, to int // zooms
	bounds   orb.Bound
	filters  *filterChoice // of a riskatlas
	rows     []benchRow
}

// benchRow is one kind of question. asks gives the next one: everything after
// the scheme and host is drawn from the source of random numbers.
type benchRow struct {
	name  string
	asks  func(r *rand.Rand) string
	again bool // with the ETag that the same URL had before
}

func (c *benchCommand) prepare(p *process) (*bench, error) {
	if c.Clients < 1 || c.Clients > 10_000 {
		return nil, fmt.Errorf("--clients %d: want 1 to 10000", c.Clients)
	}
	if c.Popular < 1 {
		return nil, fmt.Errorf("--popular %d: want 1 or more", c.Popular)
	}
	b := &bench{benchCommand: c, client: benchClient(c.Clients)}
	if _, err := fmt.Sscanf(c.Zooms, "%d-%d", &b.from, &b.to); err != nil || b.from < 0 || b.to > 24 || b.from > b.to {
		return nil, fmt.Errorf("--zooms %q: want FROM-TO, 0 to 24", c.Zooms)
	}
	base, err := url.Parse(c.URL)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("URL %q: want http://HOST:PORT or a template of it", c.URL)
	}
	tiles := strings.Contains(c.URL, "{z}") && strings.Contains(c.URL, "{x}") && strings.Contains(c.URL, "{y}")
	places := strings.Contains(c.URL, "{lon}") && strings.Contains(c.URL, "{lat}")
	if !tiles && !places {
		if strings.ContainsAny(c.URL, "{}") {
			return nil, fmt.Errorf("URL %q: want {z}, {x} and {y}, or {lon} and {lat}", c.URL)
		}
		if err := b.learn(p); err != nil {
			return nil, err
		}
	}
	switch {
	case len(c.Bounds) == 4:
		b.bounds = orb.Bound{Min: orb.Point{c.Bounds[0], c.Bounds[1]}, Max: orb.Point{c.Bounds[2], c.Bounds[3]}}
	case len(c.Bounds) != 0 || b.filters == nil:
		return nil, fmt.Errorf("--bounds %v: want WEST,SOUTH,EAST,NORTH, degrees", c.Bounds)
	}
	if !(b.bounds.Min[0] < b.bounds.Max[0] && b.bounds.Min[1] < b.bounds.Max[1] && b.bounds.Min[1] >= -85 && b.bounds.Max[1] <= 85) {
		return nil, fmt.Errorf("--bounds %v: want WEST < EAST and SOUTH < NORTH, within 85 degrees", c.Bounds)
	}
	b.rows = b.all(tiles, places)
	if len(c.Rows) > 0 {
		for _, name := range c.Rows {
			if !slices.ContainsFunc(b.rows, func(r benchRow) bool { return r.name == name }) {
				return nil, fmt.Errorf("--rows %q: want of %s", name, rowNames(b.rows))
			}
		}
		b.rows = slices.DeleteFunc(b.rows, func(r benchRow) bool { return !slices.Contains(c.Rows, r.name) })
	}
	return b, nil
}

func rowNames(rows []benchRow) string {
	var names []string
	for _, r := range rows {
		names = append(names, r.name)
	}
	return strings.Join(names, ", ")
}

// all is the rows that the URL allows.
func (b *bench) all(tiles, places bool) []benchRow {
	switch {
	case tiles:
		return []benchRow{
			{name: "tiles", asks: b.tileOf(b.URL)},
			{name: "again", asks: b.tileOf(b.URL), again: true},
		}
	case places:
		return []benchRow{{name: "places", asks: b.placeOf(b.URL)}}
	}
	tile := strings.TrimSuffix(b.URL, "/") + "/tiles/" + b.Layers + "/{z}/{x}/{y}.mvt"
	ask := strings.TrimSuffix(b.URL, "/") + "/api/v1/"
	plain := b.tileOf(tile)
	return []benchRow{
		{name: "tiles", asks: plain},
		{name: "again", asks: plain, again: true},
		{name: "filters", asks: func(r *rand.Rand) string { return plain(r) + "?" + b.filters.draw(r) }},
		{name: "nearby", asks: b.placeOf(ask + "nearby?lon={lon}&lat={lat}&limit=10")},
		{name: "risk", asks: b.placeOf(ask + "risk?lon={lon}&lat={lat}&limit=10")},
	}
}
