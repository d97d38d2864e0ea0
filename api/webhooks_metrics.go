package api

import (
	"github.com/prometheus/client_golang/prometheus"
)

// hookCollector shows what web hooks were told.
type hookCollector struct{ s *Server }

var (
	hookDelivered = prometheus.NewDesc("riskatlas_webhook_delivered_total", "Events that a webhook has taken.", []string{"hook"}, nil)
	hookFailed    = prometheus.NewDesc("riskatlas_webhook_failed_attempts_total", "Attempts to deliver that failed.", []string{"hook"}, nil)
	hookGivenUp   = prometheus.NewDesc("riskatlas_webhook_given_up_total", "Events that a webhook never took; it was told to begin anew.", []string{"hook"}, nil)
	hookRevision  = prometheus.NewDesc("riskatlas_webhook_revision", "Revision of the last event that a webhook has taken.", []string{"hook"}, nil)
)

// Describe is prometheus.Collector's.
func (c *hookCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{hookDelivered, hookFailed, hookGivenUp, hookRevision} {
		out <- d
	}
}

// Collect is prometheus.Collector's.
func (c *hookCollector) Collect(out chan<- prometheus.Metric) {
	for _, h := range c.s.hooks {
		count := func(d *prometheus.Desc, v uint64) {
			out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), h.Name)
		}
		count(hookDelivered, h.delivered.Load())
		count(hookFailed, h.failed.Load())
		count(hookGivenUp, h.givenUp.Load())
		h.mu.Lock()
		out <- prometheus.MustNewConstMetric(hookRevision, prometheus.GaugeValue, float64(h.last), h.Name)
		h.mu.Unlock()
	}
}
