package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"time"

	"golang.org/x/net/netutil"

	"riskatlas/api"
	"riskatlas/data/city"
	"riskatlas/data/memory"
	"riskatlas/tiles"
	"riskatlas/tiles/archive"
)

type serveCommand struct {
	storeFlags
	libraryFlags
	Demo        bool   `help:"Serve the built-in synthetic demonstration city, held in memory." env:"RISKATLAS_DEMO"`
	DemoHazards int    `help:"How many sources the demonstration city has." default:"12000" env:"RISKATLAS_DEMO_HAZARDS"`
	DemoSeed    uint64 `help:"The demonstration city's seed." default:"1" env:"RISKATLAS_DEMO_SEED"`
	Archive     string `help:"Serve the tiles of this PMTiles file instead of the living city's." placeholder:"FILE.pmtiles" env:"RISKATLAS_ARCHIVE"`

	Listen string        `help:"Address to listen on." default:":8080" env:"RISKATLAS_LISTEN"`
	View   string        `help:"Who may see it: public or internal. Default: internal on a loopback address, public elsewhere." enum:"public,internal," default:"" env:"RISKATLAS_VIEW"`
	CORS   string        `help:"Origin that may read answers from a browser; empty for none." default:"*" env:"RISKATLAS_CORS"`
	Tokens string        `help:"File of the bearer tokens that may write, as 'riskatlas token' prints its lines. Without one this machine may write and no other." placeholder:"FILE" env:"RISKATLAS_TOKENS"`
	Writes float64       `help:"Most writes a second of one name; ten times as many at once after a pause." default:"200" env:"RISKATLAS_WRITES"`
	Drain  time.Duration `help:"How long /readyz says 503 before connections end on SIGTERM." default:"1s" env:"RISKATLAS_DRAIN"`

	Redis          string        `help:"Redis for tiles that several servers share." placeholder:"redis://HOST:PORT/DB" env:"RISKATLAS_REDIS"`
	RedisTTL       time.Duration `help:"How long a tile stays in Redis." default:"72h" env:"RISKATLAS_REDIS_TTL"`
	RedisLeastCost time.Duration `help:"Only tiles that took longer to build go to Redis." default:"300us" env:"RISKATLAS_REDIS_LEAST_COST"`
	CacheBytes     int64         `help:"Memory for cached tiles, bytes; 0: 256 MiB, or an eighth of GOMEMLIMIT where that is less." default:"0" env:"RISKATLAS_CACHE_BYTES"`
	FieldBytes     int64         `help:"Memory for the superposed fields of filters, bytes; 0: 256 MiB, or an eighth of GOMEMLIMIT where that is less." default:"0" env:"RISKATLAS_FIELD_BYTES"`
	RecordBytes    int64         `help:"Memory for what records say of the sources that risks come from, bytes; 0: 64 MiB, or a thirty-second of GOMEMLIMIT where that is less." default:"0" env:"RISKATLAS_RECORD_BYTES"`
	AnswerBytes    int64         `help:"Memory for long answers in the making or on their way, bytes; 0: 128 MiB, or an eighth of GOMEMLIMIT where that is less." default:"0" env:"RISKATLAS_ANSWER_BYTES"`
	Connections    int           `help:"Most connections at once; further ones wait to be accepted. 0: no limit but the system's." default:"20000" env:"RISKATLAS_CONNECTIONS"`
	EventStreams   int           `help:"Most streams of events at once." default:"1000" env:"RISKATLAS_EVENT_STREAMS"`
	Webhooks       string        `help:"Tell the receivers that this file lists of events: YAML or JSON, a list of name, url, secret and subscribe." placeholder:"FILE" env:"RISKATLAS_WEBHOOKS"`
	LogLevel       slog.Level    `help:"debug, info, warn or error." default:"info" env:"RISKATLAS_LOG_LEVEL"`
}

func (c *serveCommand) Run(p *process) error {
	log := p.log(c.LogLevel)
	view, err := c.view()
	if err != nil {
		return err
	}
	tokens, err := readTokens(c.Tokens)
	if err != nil {
		return err
	}
	// The port is taken first: a city that takes a second to load must not hide
	// that nobody will be able to ask it.
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("--listen %s: %w", c.Listen, err)
	}
	defer listener.Close()
	store, profile, err := c.openCity()
	if err != nil {
		return err
	}
	defer store.Close()
	seen := city.Wrap(store, profile, view)
	hooks, err := readWebhooks(c.Webhooks)
	if err != nil {
		return err
	}
	events := api.NewEvents(api.EventOptions{Streams: c.EventStreams})
	defer events.Close()
	l, stop, err := follow(p, seen, tiles.Options{
		MemoryBytes: budget(c.CacheBytes, tiles.DefaultMemoryBytes, 8), FieldBytes: budget(c.FieldBytes, tiles.DefaultFieldBytes, 8),
		Redis: c.Redis, RedisTTL: c.RedisTTL, RedisLeastCost: c.RedisLeastCost},
		func(l *live) { l.told = events.Publish })
	if err != nil {
		return err
	}
	defer stop()
	library, err := c.library(profile)
	if err != nil {
		return err
	}
	imports := api.NewImports(api.ImportOptions{Store: store, Units: store, Profile: profile, View: view, Derive: deriving(library),
		Published: l.viewer.Reached, Log: log})
	defer imports.Close()
	opts := api.Options{View: l.viewer.View, Tiles: l.renderer, City: seen, Stats: l.renderer.Stats(),
		Log: log, CORS: c.CORS, Synthetic: c.Demo, Version: version,
		BriefBytes: budget(c.RecordBytes, api.DefaultBriefBytes, 32), AnswerBytes: budget(c.AnswerBytes, api.DefaultAnswerBytes, 8),
		Tokens: tokens, WritesPerSecond: c.Writes, Published: l.viewer.Reached,
		Events: events, Webhooks: hooks, Imports: imports}
	if c.Archive != "" {
		file, err := openArchive(c.Archive, view)
		if err != nil {
			return fmt.Errorf("--archive: %w", err)
		}
		defer file.Close()
		opts.Tiles, opts.Archive, opts.TilesOnly = file, true, c.tilesOnly()
		if synthetic, _ := file.Metadata()[syntheticMember].(bool); synthetic {
			opts.Synthetic = true
		}
	}
	server, err := api.New(opts)
	if err != nil {
		return err
	}
	if c.Archive == "" {
		defer startCalendar(p, store, seen, l, server, log)()
	}
	log.Info("listening", "address", listener.Addr().String(), "view", string(view), "city", profile.Key)
	ctx, stopHooks := context.WithCancel(p)
	told := make(chan struct{})
	go func() { defer close(told); server.DeliverWebhooks(ctx) }()
	defer func() { stopHooks(); <-told }()
	return c.serve(p, listener, server, l, log)
}

// tilesOnly reports that there is an archive and no city behind it.
func (c *serveCommand) tilesOnly() bool { return c.Archive != "" && c.Store == "" && !c.Demo }

// openCity opens what to serve. An archive alone needs the profile only: its
// city is empty, and no question about it is answered.
func (c *serveCommand) openCity() (unitStore, *city.Profile, error) {
	if c.tilesOnly() {
		profile, err := city.Load(c.City)
		if err != nil {
			return nil, nil, err
		}
		return memory.New(profile.Taxonomy), profile, nil
	}
	return openCity(&c.storeFlags, demoFlags{On: c.Demo, Hazards: c.DemoHazards, Seed: c.DemoSeed})
}

// openArchive opens a frozen map, unless it shows more than the view may see.
func openArchive(path string, view city.View) (*archive.Archive, error) {
	file, err := archive.Open(path)
	if err != nil {
		return nil, err
	}
	if of, _ := file.Metadata()[viewMember].(string); of != string(city.PublicView) && view == city.PublicView {
		file.Close()
		return nil, fmt.Errorf("%s was not baked from the public view, which this address serves: bake it with --view public, or serve with --view internal", path)
	}
	return file, nil
}

// serve answers until the process is told to stop, then lets every answer that
// has begun come to its end.
func (c *serveCommand) serve(p *process, listener net.Listener, server *api.Server, l *live, log *slog.Logger) error {
	web := api.HTTPServer(server.Handler())
	if c.Connections > 0 {
		listener = netutil.LimitListener(listener, c.Connections)
	}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(listener) }()
	go func() {
		select {
		case <-l.viewer.Ready():
			v := l.viewer.View()
			log.Info("ready", "revision", uint64(v.Revision()), "sources", v.Len())
			p.memory.serving()
		case <-p.Done():
		}
	}()
	for {
		select {
		case err := <-ended:
			return err
		case err := <-l.failed:
			if l.viewer.View() == nil {
				return fmt.Errorf("loading the city: %w", err)
			}
			// What is in memory stays true of its revision: serve it, say so.
			log.Error("the store is lost; serving the last revision", "err", err)
			server.SetStale()
		case err := <-l.refused:
			if l.viewer.View() == nil {
				return fmt.Errorf("loading the city: %w", err)
			}
			log.Error("a revision cannot be shown; serving the last one", "err", err)
			server.SetStale()
		case <-p.Done():
			return c.shutdown(web, server, log)
		}
	}
}

func (c *serveCommand) shutdown(web *http.Server, server *api.Server, log *slog.Logger) error {
	server.SetDraining()
	log.Info("stopping", "drain", c.Drain)
	time.Sleep(min(c.Drain, 5*time.Second)) // balancers need this long to look away
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Second)
	defer cancel()
	if err := web.Shutdown(ctx); err != nil && !errors.Is(err, http.ErrServerClosed) {
		log.Warn("some answers were cut", "err", err)
		return web.Close()
	}
	return nil
}

// budget is the memory for a cache in bytes: as asked or, for 0, the usual one
// or a part of the process's limit (GOMEMLIMIT) where that is less.
func budget(asked, usual, part int64) int64 {
	if asked > 0 {
		return asked
	}
	return min(usual, debug.SetMemoryLimit(-1)/part)
}

// view is the view asked for, or the one that the address calls for: what more
// than this machine can reach shows only what is public.
func (c *serveCommand) view() (city.View, error) {
	if c.View != "" {
		return city.View(c.View), nil
	}
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return "", fmt.Errorf("--listen %q: want HOST:PORT or :PORT", c.Listen)
	}
	if ip, err := netip.ParseAddr(host); host == "localhost" || err == nil && ip.IsLoopback() {
		return city.InternalView, nil
	}
	return city.PublicView, nil
}
