package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/demo"
)

// heap is the bytes that are in use after all garbage is gone.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // pools give back what they kept through the first
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A thousand what-ifs one after the other, each looked at, take no more than
// those that are held: the heap after all of them is that after the first that
// filled the places, but for noise.
func TestAThousandWhatIfsLeaveMemoryBounded(t *testing.T) {
	p := orb.Point{120.15, 30.27}
	const places = 64
	w := newWorld(t, city.InternalView, town(t, 100, 12), nil, func(o *Options) { o.WhatIfs = places })
	one := func(i int) {
		r := source(t, fmt.Sprint("n", i), "I04", 3, orb.Point{p[0] + float64(i%100)*1e-4, p[1]}, scenario(t, 1e-5, step(300)))
		id := w.whatIf(thought{Add: features(t, r)})
		for _, target := range []string{"/tiles/diff/" + tileAt(p, 13) + ".mvt?", "/api/v1/risk?" + at(p) + "&"} {
			if rec := w.get(target + "whatif=" + id); rec.Code != http.StatusOK && rec.Code != http.StatusNoContent {
				t.Fatal(rec.Code, rec.Body)
			}
		}
		w.logs.buf.Reset()
	}
	for i := range places + 16 {
		one(i)
	}
	before := heap()
	for i := places + 16; i < 1000; i++ {
		one(i)
	}
	if grown := heap() - before; grown > 8<<20 {
		t.Errorf("the heap has grown from %d by %d bytes", before, grown)
	}
	h := w.server.whatIfs
	if len(h.byID) != places || h.recent.Len() != places {
		t.Errorf("%d what-ifs in %d places are held, want %d", len(h.byID), h.recent.Len(), places)
	}
	if n := strings.Count(w.get("/metrics").Body.String(), fmt.Sprintf("riskatlas_whatifs %d\n", places)); n != 1 {
		t.Error("the metrics do not say how many are held")
	}
	var weight, bytes int64
	for _, held := range h.byID {
		weight, bytes = weight+held.weight, bytes+held.bytes
	}
	if weight != h.weight || bytes != h.bytes || bytes == 0 {
		t.Errorf("weights sum to %d and %d, not to %d and %d", weight, bytes, h.weight, h.bytes)
	}
	// The city moves on: what was made of the old one is let go of.
	w.apply(puts(source(t, "moved", "I04", 1, p))...)
	w.whatIf(thought{Remove: []string{"moved"}})
	kept := 0
	for _, held := range h.byID {
		if held.made != nil {
			kept++
		}
	}
	if kept != 1 {
		t.Errorf("%d views are kept after a revision, want the newest what-if's", kept)
	}
}

// The time that it takes to make a what-if of one record, over the loopback, in
// a demonstration city of 100,000 sources: a measurement.
func TestMakingAWhatIfOf100000Sources(t *testing.T) {
	if os.Getenv("RISKATLAS_SOAK") == "" {
		t.Skip("a measurement: set RISKATLAS_SOAK=1")
	}
	var records []*data.Record
	for r := range demo.Hazards(hangzhou(t), 100_000, 1) {
		records = append(records, r)
	}
	w := newWorld(t, city.InternalView, records, map[string][]data.Unit{data.PeopleKind: demo.People(hangzhou(t), 100_000, 1)})
	server := httptest.NewServer(w.server.Handler())
	defer server.Close()
	var took []time.Duration
	for i := range 1000 {
		r := records[i*97%len(records)]
		var b thought
		switch i % 3 {
		case 0:
			b.Remove = []string{string(r.Hazard.ID)}
		case 1:
			b.Change = features(t, changedRecord(t, r, func(h *data.Hazard) { h.Scenarios = nil }))
		default:
			h := changedRecord(t, r, func(h *data.Hazard) { h.ID = data.ID(fmt.Sprint("new-", i)) })
			b.Add = features(t, h)
		}
		raw, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		res, err := http.Post(server.URL+"/api/v1/whatif", jsonType, bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		took = append(took, time.Since(start))
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatal(err, res.StatusCode, string(body))
		}
	}
	slices.Sort(took)
	p50, p99 := took[len(took)/2], took[len(took)*99/100]
	t.Logf("p50 %v, p99 %v, greatest %v", p50, p99, took[len(took)-1])
	if p99 > 50*time.Millisecond {
		t.Errorf("p99 is %v, over 50 ms", p99)
	}
}
