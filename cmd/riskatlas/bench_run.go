package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// benchClient keeps one connection for each client and takes answers as they
// are sent.
func benchClient(clients int) *http.Client {
	return &http.Client{
		Timeout: 60 * time.Second,
		Transport: &http.Transport{MaxIdleConns: clients + 1, MaxIdleConnsPerHost: clients + 1, MaxConnsPerHost: clients + 1,
			IdleConnTimeout: 30 * time.Second, DisableCompression: true},
	}
}

// benchResult is what one row took.
type benchResult struct {
	took     time.Duration
	waits    []time.Duration // of every answer, sorted
	bytes    int64           // of bodies, as sent
	statuses map[int]int     // answers by status; 0: none came
	cpu      time.Duration   // of the server
	cpuKnown bool
	first    error // why no answer came
}

// zipfExponent is how steeply popularity falls: the second of the list is asked
// for about half as often as the first.
const zipfExponent = 1.1

// run asks one row's questions on every client.
func (b *bench) run(ctx context.Context, row benchRow, walk string) (*benchResult, error) {
	var popular []string
	if walk == "zipf" {
		r := rand.New(rand.NewPCG(b.Seed, 0x21bf))
		for range b.Popular {
			popular = append(popular, row.asks(r))
		}
	}
	ctx, cancel := context.WithTimeout(ctx, b.duration())
	defer cancel()
	before, known := b.serverCPU(ctx)
	var left atomic.Int64
	left.Store(int64(b.Requests))
	tags := &sync.Map{} // ETag by URL
	parts := make([]*benchResult, b.Clients)
	var work sync.WaitGroup
	start := time.Now()
	for i := range parts {
		parts[i] = &benchResult{statuses: map[int]int{}}
		r := rand.New(rand.NewPCG(b.Seed, uint64(i)))
		next := func() string { return row.asks(r) }
		if popular != nil {
			zipf := rand.NewZipf(r, zipfExponent, 1, uint64(len(popular)-1))
			next = func() string { return popular[zipf.Uint64()] }
		}
		work.Go(func() {
			for ctx.Err() == nil && (b.Requests == 0 || left.Add(-1) >= 0) {
				b.ask(ctx, next(), row.again, tags, parts[i])
			}
		})
	}
	work.Wait()
	sum := &benchResult{took: time.Since(start), statuses: map[int]int{}}
	for _, p := range parts {
		sum.take(p)
	}
	if len(sum.waits) == 0 {
		return nil, fmt.Errorf("%s: no answer came: %w", row.name, sum.first)
	}
	slices.Sort(sum.waits)
	if after, ok := b.serverCPU(context.WithoutCancel(ctx)); ok && known {
		sum.cpu, sum.cpuKnown = after-before, true
	}
	return sum, nil
}

// duration bounds a row: without a number of questions it is the row's time.
func (b *bench) duration() time.Duration {
	if b.Requests > 0 {
		return time.Hour
	}
	return b.Duration
}

func (r *benchResult) take(p *benchResult) {
	r.waits = append(r.waits, p.waits...)
	r.bytes += p.bytes
	for status, n := range p.statuses {
		r.statuses[status] += n
	}
	if r.first == nil {
		r.first = p.first
	}
}

// ask asks one question and reads the whole answer. What the end of the row cuts
// off is not counted.
func (b *bench) ask(ctx context.Context, at string, again bool, tags *sync.Map, into *benchResult) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		into.fail(err)
		return
	}
	req.Header.Set("Accept-Encoding", "gzip")
	if again {
		if tag, ok := tags.Load(at); ok {
			req.Header.Set("If-None-Match", tag.(string))
		}
	}
	start := time.Now()
	res, err := b.client.Do(req)
	var n int64
	if err == nil {
		n, err = io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
	if err != nil {
		if ctx.Err() == nil {
			into.fail(err)
		}
		return
	}
	into.waits = append(into.waits, time.Since(start))
	into.bytes += n
	into.statuses[res.StatusCode]++
	if tag := res.Header.Get("ETag"); again && tag != "" {
		tags.Store(at, tag)
	}
}

func (r *benchResult) fail(err error) {
	r.statuses[0]++
	if r.first == nil {
		r.first = err
	}
}
