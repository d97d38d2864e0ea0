package api

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/demo"
)

// BenchmarkSummary asks a city of 100 000 sources and half a million people.
func BenchmarkSummary(b *testing.B) {
	var records []*data.Record
	for r := range demo.Hazards(hangzhou(b), 100_000, 1) {
		records = append(records, r)
	}
	w := newWorld(b, city.InternalView, records, map[string][]data.Unit{data.PeopleKind: homesOf()}, func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	})
	for _, query := range []string{"summary", "summary?by=district", "summary?by=accident", "summary?by=level&group=crowded&district=330106&level=3,4",
		"summary?by=regulator", "fn", "districts/330106"} {
		b.Run(query, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				rec := httptest.NewRecorder()
				w.server.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/api/v1/"+query, nil))
				if rec.Code != http.StatusOK {
					b.Fatalf("%d: %s", rec.Code, rec.Body)
				}
			}
		})
	}
}
