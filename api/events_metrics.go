package api

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// eventCounters shows who listens, and what they were told.
func eventCounters(e *Events) []prometheus.Collector {
	if e == nil {
		return nil
	}
	count := func(name, help string, v *atomic.Uint64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "riskatlas_event_" + name, Help: help},
			func() float64 { return float64(v.Load()) })
	}
	return []prometheus.Collector{
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "riskatlas_event_streams", Help: "Streams of events that are open."},
			func() float64 { return float64(e.listening.Load()) }),
		count("sent_total", "Events sent on streams.", &e.sent),
		count("resets_total", "Listeners that came back too late to be told all.", &e.resets),
		count("streams_refused_total", "Streams refused because as many were open as may be.", &e.refused),
		count("streams_cut_total", "Streams cut because the client took nothing any more.", &e.cut),
	}
}
