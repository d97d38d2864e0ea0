package api

import (
	"maps"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"riskatlas/data"
	"riskatlas/tiles"
)

// metrics is what /metrics shows. Labels hold route templates, methods, codes,
// levels and layers: never a value of a record or a question.
type metrics struct {
	handler  http.Handler
	inFlight prometheus.Gauge
	duration *prometheus.HistogramVec
	bytes    *prometheus.CounterVec

	making sync.Mutex
	meters atomic.Pointer[map[meterKey]meter] // those that were needed so far
}

// meterKey names the counters of one kind of answer.
type meterKey struct {
	route, method string // as labels
	status        int
}

// meter is those counters, found once.
type meter struct {
	duration prometheus.Observer
	bytes    prometheus.Counter
}

func newMetrics(s *Server) (*metrics, error) {
	m := &metrics{
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "riskatlas_http_requests_in_flight", Help: "Requests that are being answered."}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "riskatlas_http_request_duration_seconds",
			Help:    "Time from a request's header to the end of its answer, by route template.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}},
			[]string{"route", "method", "code"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "riskatlas_http_response_body_bytes_total",
			Help: "Bytes of answers' bodies as sent, by route template."}, []string{"route"}),
	}
	build := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "riskatlas_build_info", Help: "Always 1; the label says which program this is.",
		ConstLabels: prometheus.Labels{"version": s.opts.Version}}, func() float64 { return 1 })
	r := prometheus.NewRegistry()
	for _, c := range []prometheus.Collector{m.inFlight, m.duration, m.bytes, build, &cityCollector{s},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	for _, c := range tileCounters(s.opts.Stats) {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	for _, c := range eventCounters(s.opts.Events) {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	m.meters.Store(&map[meterKey]meter{})
	m.handler = promhttp.HandlerFor(r, promhttp.HandlerOpts{DisableCompression: true})
	return m, nil
}

func (m *metrics) observe(w *response, method string, took time.Duration) {
	found := m.meter(meterKey{w.route, methodLabel(method), w.status})
	found.duration.Observe(took.Seconds())
	found.bytes.Add(float64(w.bytes))
}

// meter finds counters without asking Prometheus for their labels each time.
// There are few: labels hold nothing that a client can invent.
func (m *metrics) meter(k meterKey) meter {
	if found, ok := (*m.meters.Load())[k]; ok {
		return found
	}
	m.making.Lock()
	defer m.making.Unlock()
	known := maps.Clone(*m.meters.Load())
	route := routeLabel(k.route)
	known[k] = meter{m.duration.WithLabelValues(route, k.method, codeLabel(k.status)), m.bytes.WithLabelValues(route)}
	m.meters.Store(&known)
	return known[k]
}

func routeLabel(template string) string {
	if template == "" {
		return "none"
	}
	return template
}

// methodLabel keeps invented methods from filling the registry.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return method
	}
	return "other"
}

func codeLabel(status int) string {
	switch status {
	case 0, http.StatusOK: // 0: nothing was written, which net/http sends as 200
		return "200"
	case http.StatusNoContent:
		return "204"
	case http.StatusNotModified:
		return "304"
	}
	return strconv.Itoa(status)
}

// cityCollector reads what the newest view holds.
type cityCollector struct{ s *Server }

var (
	revisionMetric = prometheus.NewDesc("riskatlas_data_revision", "Revision of the data that answers are true of.", nil, nil)
	changedMetric  = prometheus.NewDesc("riskatlas_data_changed_timestamp_seconds", "When that revision was written.", nil, nil)
	heldMetric     = prometheus.NewDesc("riskatlas_hazards", "Sources of every status that the view holds.", nil, nil)
	activeMetric   = prometheus.NewDesc("riskatlas_active_hazards", "Active sources by assessed level.", []string{"level"}, nil)
	leftOutMetric  = prometheus.NewDesc("riskatlas_hazards_left_out", "Sources that the view leaves out.", nil, nil)
	readyMetric    = prometheus.NewDesc("riskatlas_ready", "1 when /readyz answers 200.", nil, nil)
	lossesMetric   = prometheus.NewDesc("riskatlas_losses_ready", "1 when the newest revision has what its sources cost; its map and levels are there before.", nil, nil)
	whatIfMetric   = prometheus.NewDesc("riskatlas_whatifs", "What-ifs that this server holds.", nil, nil)
	staleMetric    = prometheus.NewDesc("riskatlas_stale", "1 when the store is lost and answers are of its last revision.", nil, nil)
)

// Describe is prometheus.Collector's.
func (c *cityCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{revisionMetric, changedMetric, heldMetric, activeMetric, leftOutMetric, readyMetric, lossesMetric, staleMetric, whatIfMetric} {
		out <- d
	}
}

// Collect is prometheus.Collector's.
func (c *cityCollector) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	v := c.s.opts.View()
	gauge(readyMetric, oneIf(v != nil && !c.s.draining.Load()))
	gauge(staleMetric, oneIf(c.s.stale.Load()))
	gauge(whatIfMetric, float64(c.s.whatIfs.count()))
	if v == nil {
		return
	}
	gauge(lossesMetric, oneIf(v.LossesReady()))
	gauge(revisionMetric, float64(v.Revision()))
	if at := v.Snapshot.At(); !at.IsZero() {
		gauge(changedMetric, float64(at.UnixMilli())/1000)
	}
	gauge(heldMetric, float64(v.Len()))
	for l, n := range v.Count(data.All()) {
		if l > 0 {
			gauge(activeMetric, float64(n), levelCode(data.Level(l)))
		}
	}
	gauge(leftOutMetric, float64(c.s.opts.City.LeftOut()))
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// tileCounters shows the renderer's counters.
func tileCounters(s *tiles.Stats) []prometheus.Collector {
	if s == nil {
		return nil
	}
	var out []prometheus.Collector
	count := func(name, help string, v *atomic.Uint64, labels prometheus.Labels) {
		out = append(out, prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "riskatlas_tile_" + name, Help: help, ConstLabels: labels},
			func() float64 { return float64(v.Load()) }))
	}
	gauge := func(name, help string, v *atomic.Int64) {
		out = append(out, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "riskatlas_tile_" + name, Help: help},
			func() float64 { return float64(v.Load()) }))
	}
	count("requests_total", "Tiles asked for.", &s.Requests, nil)
	const answers = "Tiles answered, by where the answer came from."
	for from, v := range map[string]*atomic.Uint64{"not_modified": &s.NotModified, "void": &s.Void, "memory": &s.MemoryHits,
		"joined": &s.Joined, "redis": &s.RedisHits, "computed": &s.Computed} {
		count("answers_total", answers, v, prometheus.Labels{"from": from})
	}
	const refusals = "Tiles not answered, by why."
	for why, v := range map[string]*atomic.Uint64{"failed": &s.Failed, "busy": &s.Busy, "abandoned": &s.Abandoned} {
		count("failures_total", refusals, v, prometheus.Labels{"why": why})
	}
	gauge("builds_in_progress", "Tiles being built now.", &s.Building)
	gauge("builds_queued", "Builds that wait for a place.", &s.Waiting)
	count("fields_begun_total", "Fields of filters that were begun.", &s.FieldsBegun, nil)
	count("fields_dropped_total", "Fields of filters that made room for others.", &s.FieldsDropped, nil)
	gauge("field_bytes", "Memory that the fields of filters take.", &s.FieldBytes)
	seconds := func(name, help string, v *atomic.Uint64, labels prometheus.Labels) {
		out = append(out, prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "riskatlas_tile_" + name, Help: help, ConstLabels: labels},
			func() float64 { return time.Duration(v.Load()).Seconds() }))
	}
	seconds("build_seconds_total", "Time at work on building tiles.", &s.BuildNanos, nil)
	for l := range data.LayerCount {
		labels := prometheus.Labels{"layer": l.String()}
		count("layer_builds_total", "Times that a layer was put in a tile.", &s.Layers[l].Built, labels)
		seconds("layer_build_seconds_total", "Time at work on a layer.", &s.Layers[l].Nanos, labels)
		count("layer_bytes_total", "Bytes of a layer before compression.", &s.Layers[l].Bytes, labels)
	}
	const redis = "Questions to Redis that gave no tile, and what was sent, by outcome."
	for outcome, v := range map[string]*atomic.Uint64{"miss": &s.RedisMisses, "foreign": &s.RedisForeign, "error": &s.RedisErrors,
		"skipped": &s.RedisSkipped, "stored": &s.RedisStored, "cheap": &s.RedisCheap} {
		count("redis_total", redis, v, prometheus.Labels{"outcome": outcome})
	}
	gauge("redis_away", "1 while Redis is held to be away.", &s.RedisOpen)
	return out
}
