package api

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/mux"
	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/demo"
)

// demoWorld is a demonstration city of n sources behind a quiet server.
func demoWorld(b *testing.B, n int) *world {
	var records []*data.Record
	for r := range demo.Hazards(hangzhou(b), n, 1) {
		records = append(records, r)
	}
	return newWorld(b, city.InternalView, records, nil, func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(io.Discard, nil)) // tiles are logged at debug level
	})
}

// overConnection gives the processor time that one question after the other
// takes on one connection of the loopback. The client writes fixed bytes and
// reads as many as the first answer had, so that nearly all of the time is the
// server's.
func overConnection(b *testing.B, h http.Handler, target, header string) time.Duration {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := HTTPServer(h)
	go server.Serve(listener)
	defer server.Close()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	question := []byte("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n" + header + "\r\n")
	buf, size := make([]byte, 1<<20), 0
	if _, err := conn.Write(question); err != nil {
		b.Fatal(err)
	}
	for want := 1; size < want; {
		n, err := conn.Read(buf[size:])
		if err != nil {
			b.Fatal(err)
		}
		size += n
		want = size + 1
		if head, _, ok := bytes.Cut(buf[:size], []byte("\r\n\r\n")); ok {
			_, length, _ := strings.Cut(string(head), "Content-Length: ")
			length, _, _ = strings.Cut(length, "\r\n")
			if strings.HasPrefix(string(head), "HTTP/1.1 304") {
				length = "0"
			}
			body, err := strconv.Atoi(length)
			if err != nil {
				b.Fatalf("%s", head)
			}
			want = len(head) + 4 + body
		}
	}
	run := func(n int) time.Duration {
		start := processorTime(b)
		for range n {
			if _, err := conn.Write(question); err != nil {
				b.Fatal(err)
			}
			if _, err := io.ReadFull(conn, buf[:size]); err != nil {
				b.Fatal(err)
			}
		}
		return processorTime(b) - start
	}
	run(200)
	return run(b.N)
}

// processorTime is what this process has used, in and for itself.
func processorTime(b testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// A cached tile over a connection, and the same bytes, header and all, from a
// handler behind mux that does nothing else: x-bare is how many times the processor time the tile
// takes. Likewise a tile that the client has.
func BenchmarkCachedTile(b *testing.B) {
	w := demoWorld(b, 10_000)
	const target = "/tiles/risk/13/6830/3373.mvt"
	rec := w.get(target, "Accept-Encoding", "gzip")
	if rec.Code != 200 {
		b.Fatal(rec.Code)
	}
	body, etag := rec.Body.Bytes(), rec.Header()["Etag"]
	known := w.get(target, "Accept-Encoding", "gzip", "If-None-Match", etag[0]).Header()
	bare := mux.NewRouter()
	bare.HandleFunc("/tiles/{layers}/{z:[0-9]+}/{x:[0-9]+}/{y:[0-9]+}.mvt", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") == etag[0] {
			maps.Copy(w.Header(), known)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		maps.Copy(w.Header(), rec.Header())
		w.Write(body)
	})
	for name, header := range map[string]string{"200": "", "304": "If-None-Match: " + etag[0] + "\r\n"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.ResetTimer()
			// Turn by turn, and the least of each: whatever else the machine
			// does only adds.
			ours, theirs := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
			for range 5 {
				theirs = min(theirs, overConnection(b, bare, target, header))
				ours = min(ours, overConnection(b, w.server.Handler(), target, header))
			}
			b.ReportMetric(float64(ours)/float64(theirs), "x-bare")
			b.ReportMetric(float64(ours)/float64(b.N), "cpu-ns/tile")
			b.ReportMetric(float64(len(body)), "B/tile")
		})
	}
}

// The risk at a place with who it is from, over the whole handler, and by
// looking at every source of the city: x-brute is how many times faster.
func BenchmarkPointRisk(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w := demoWorld(b, n)
			places := []orb.Point{{120.1551, 30.2741}, {120.20, 30.25}, {120.30, 30.42}, {119.04, 29.61}}
			brute := func(p orb.Point) float64 {
				sum := 0.0
				for h := range w.viewer.View().All(data.All(), "") {
					_, metres := data.Nearest(h.Shape, p)
					for _, s := range h.Scenarios {
						sum += s.PerYear * s.Footprint.At(metres, 0)
					}
				}
				return sum
			}
			start, slow := time.Now(), 0
			for ; slow < 4; slow++ {
				if math.IsNaN(brute(places[slow])) {
					b.Fatal("no number")
				}
			}
			each := time.Since(start).Seconds() / float64(slow)
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				if rec := w.get("/api/v1/risk?" + at(places[i%len(places)])); rec.Code != 200 {
					b.Fatal(rec.Code)
				}
			}
			b.ReportMetric(each*float64(b.N)/b.Elapsed().Seconds(), "x-brute")
		})
	}
}

// The nearest ten sources, likewise.
func BenchmarkNearestTen(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w := demoWorld(b, n)
			p := orb.Point{120.1551, 30.2741}
			start, slow, least := time.Now(), 4, math.Inf(1)
			for range slow {
				for h := range w.viewer.View().All(data.All(), "") {
					_, metres := data.Nearest(h.Shape, p)
					least = min(least, metres)
				}
			}
			each := time.Since(start).Seconds() / float64(slow)
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				if rec := w.get("/api/v1/nearby?radius=20000&limit=10&" + at(p)); !strings.Contains(rec.Body.String(), `"number_returned":10`) {
					b.Fatal(rec.Body)
				}
			}
			b.ReportMetric(each*float64(b.N)/b.Elapsed().Seconds(), "x-brute")
		})
	}
}
