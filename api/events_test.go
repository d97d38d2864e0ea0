package api

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/city"
)

// told is one event as a client has it. An id alone has no name.
type told struct {
	id, name, data string
}

// ear is a client of a stream.
type ear struct {
	t      testing.TB
	resp   *http.Response
	in     *bufio.Reader
	cancel context.CancelFunc
}

// listenTo opens a stream.
func listenTo(t testing.TB, address, query string, header ...string) *ear {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/api/v1/events"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return &ear{t, resp, bufio.NewReader(resp.Body), cancel}
}

// next reads one block; ok is false at the end of the stream.
func (e *ear) next() (m told, ok bool) {
	seen := false
	for {
		line, err := e.in.ReadString('\n')
		if err != nil {
			return m, false
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "\n" && seen:
			return m, true
		case name == "id":
			m.id, seen = value, true
		case name == "event":
			m.name, seen = value, true
		case name == "data":
			m.data, seen = value, true
		}
	}
}

// event is the next block that is an event.
func (e *ear) event(want string) told {
	e.t.Helper()
	for {
		m, ok := e.next()
		if !ok {
			e.t.Fatalf("the stream ended, want %s", want)
		}
		if m.name == "" {
			continue
		}
		if m.name != want {
			e.t.Fatalf("%+v, want %s", m, want)
		}
		return m
	}
}

func parsed[T any](t testing.TB, m told) (out T) {
	t.Helper()
	if err := json.Unmarshal([]byte(m.data), &out); err != nil {
		t.Fatalf("%v in %+v", err, m)
	}
	return out
}

// until collects events until the stream is at the revision.
func (e *ear) until(rev data.Revision) (out []told) {
	e.t.Helper()
	for {
		m, ok := e.next()
		if !ok {
			e.t.Fatalf("the stream ended before revision %d", rev)
		}
		if m.name != "" {
			out = append(out, m)
		}
		if m.id == fmt.Sprint(rev) && (m.name == "" || m.name == eventNow) {
			return out
		}
	}
}

func eventWorld(t *testing.T, records []*data.Record, with ...func(*Options)) (*world, string) {
	w := newWorld(t, city.InternalView, records, nil, with...)
	w.events.beat = 20 * time.Millisecond
	return w, overLoopback(t, w, nil)
}

func TestEventsTellWhatChanges(t *testing.T) {
	p := orb.Point{120.15, 30.27}
	w, address := eventWorld(t, town(t, 40, 3))
	e := listenTo(t, address, "", "Accept-Encoding", "gzip", "Origin", "http://elsewhere")
	for name, want := range map[string]string{"Content-Type": "text/event-stream", "Content-Encoding": "", "X-Accel-Buffering": "no", "Access-Control-Allow-Origin": "*"} {
		if got := e.resp.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := parsed[NowEvent](t, e.event(eventNow)); got.DataRevision != uint64(w.viewer.View().Revision()) || got.Started == "" || got.Place != nil {
		t.Errorf("%+v", got)
	}
	tags := w.tagsAt(p, "")
	rev := w.apply(puts(source(t, "new", "I04", 2, p, scenario(t, 1e-5, step(100))))...)
	m := e.event(eventChange)
	got := parsed[ChangeEvent](t, m)
	if m.id != fmt.Sprint(rev) || got.DataRevision != uint64(rev) || !slices.Equal(got.IDs, []data.ID{"new"}) || got.More != 0 || got.All || got.At == "" {
		t.Fatalf("%+v %+v", m, got)
	}
	if b := got.Bounds; len(b) != 4 || !(b[0] < p[0] && b[1] < p[1] && b[2] > p[0] && b[3] > p[1]) || b[2]-b[0] > 0.01 {
		t.Errorf("bounds %v", b)
	}
	if want := []string{"risk", "grid", "hazards", "districts", "labels"}; !reflect.DeepEqual(got.Layers, want) {
		t.Errorf("layers %v, want %v", got.Layers, want)
	}
	named := 0
	for target, tag := range w.tagsAt(p, "") {
		layer, z, x, y := partsOf(t, target)
		if tag != tags[target] {
			if !got.Tiles[layer].has(z, x, y) {
				t.Errorf("%s is new and not named", target)
			}
			named++
		}
	}
	if named < 10 {
		t.Errorf("only %d tiles were new", named)
	}
	if _, ok := got.Tiles["grid"].Zooms["11"]; ok {
		t.Error("grid has no tiles at zoom 11")
	}
}

func (d DirtyTiles) has(z string, x, y uint32) bool {
	return d.All || slices.ContainsFunc(d.Zooms[z], func(r [4]uint32) bool { return x >= r[0] && y >= r[1] && x <= r[2] && y <= r[3] })
}

func partsOf(t *testing.T, target string) (layer, z string, x, y uint32) {
	t.Helper()
	parts := strings.Split(target, "/")
	if n, err := fmt.Sscan(parts[2]+" "+parts[3], &x, &y); n != 2 {
		t.Fatal(target, err)
	}
	return parts[0], parts[1], x, y
}

// A client that was away while 500 revisions came, and comes back with the last id
// that it had, ends with the same sources as the city; and so does one that was
// away for longer than is remembered, who is told to ask for everything again.
func TestEventsResume(t *testing.T) {
	records := town(t, 60, 5)
	w, address := eventWorld(t, records)
	states := func() map[data.ID]data.Revision {
		out := map[data.ID]data.Revision{}
		for h := range w.viewer.View().All(data.All(), "") {
			out[h.ID] = h.Rev
		}
		return out
	}
	known, e := states(), listenTo(t, address, "")
	first := e.event(eventNow).id
	rng := rand.New(rand.NewPCG(5, 5))
	change := func() data.Revision {
		i := rng.IntN(len(records))
		c := data.Change{ID: records[i].Hazard.ID, If: data.Any}
		if rng.IntN(4) > 0 {
			records[i] = changedRecord(t, records[i], func(h *data.Hazard) { h.Level, h.Name = data.Level(1+rng.IntN(4)), fmt.Sprint(rng.Uint32()) })
			c.New = records[i]
		}
		return w.apply(c)
	}
	rev := change()
	last := e.event(eventChange).id
	if last != fmt.Sprint(rev) {
		t.Fatalf("id %s, want %d", last, rev)
	}
	e.cancel()
	for target := rev + 500; rev < target; {
		rev = change()
	}
	learn := func(events []told) {
		for _, m := range events {
			if m.name != eventChange {
				continue
			}
			for _, id := range parsed[ChangeEvent](t, m).IDs {
				if h, ok := w.viewer.View().Get(id); ok {
					known[id] = h.Rev
				} else {
					delete(known, id)
				}
			}
		}
	}
	for _, back := range [][]string{{"", "Last-Event-ID", first}, {"?since=" + first}, {"?since=" + last, "Last-Event-ID", first}} {
		events := listenTo(t, address, back[0], back[1:]...).until(rev)
		if n := len(events); n != 502 || events[0].name != eventChange || events[n-1].name != eventNow {
			t.Fatalf("%v: %d events, from %+v to %+v; want 501 changes, then now", back, n, events[0], events[n-1])
		}
		for i := 1; i < 501; i++ {
			if parsed[ChangeEvent](t, events[i]).DataRevision != parsed[ChangeEvent](t, events[i-1]).DataRevision+1 {
				t.Fatalf("%+v follows %+v", events[i], events[i-1])
			}
		}
		learn(events)
		if !reflect.DeepEqual(known, states()) {
			t.Errorf("%v: the client knows other sources than the city has", back)
		}
	}

	w.events.mu.Lock()
	w.events.revisions = 10
	w.events.mu.Unlock()
	rev = change()
	for since, want := range map[string]string{"0": eventReset, first: eventReset, fmt.Sprint(rev + 1): eventReset, "nonsense": eventReset, "-1": eventReset,
		fmt.Sprint(rev - 11): eventReset, fmt.Sprint(rev - 10): eventChange, fmt.Sprint(rev - 1): eventChange, fmt.Sprint(rev): eventNow} {
		m := listenTo(t, address, "", "Last-Event-ID", since).event(want)
		if got := parsed[ResetEvent](t, m); want == eventReset && (m.id != fmt.Sprint(rev) || got.DataRevision != uint64(rev) || !got.All) {
			t.Errorf("since %s: %+v", since, m)
		}
	}
}

// Who asks for sources, a place or a filter hears of those alone.
func TestEventsOfWhatIsAskedFor(t *testing.T) {
	p := orb.Point{120.15, 30.27}
	near := source(t, "near", "I04", 2, orb.Point{p[0], p[1] + 80/data.MetresPerDegree}, scenario(t, 1e-6, step(100)))
	out := source(t, "out", "I04", 2, orb.Point{p[0], p[1] + 120/data.MetresPerDegree}, scenario(t, 1e-6, step(100)))
	school := source(t, "school", "C05", 3, orb.Point{120.3, 30.3}, scenario(t, 1e-6, step(100)))
	w, address := eventWorld(t, []*data.Record{near, out, school})
	rename := func(r *data.Record) data.Revision {
		return w.apply(puts(changedRecord(t, r, func(h *data.Hazard) { h.Name = "renamed " + string(h.ID) }))...)
	}
	ears := map[string]*ear{}
	for _, query := range []string{"", "?id=out,none", "?" + at(p), "?" + at(p) + "&radius=100", "?" + at(p) + "&radius=19", "?industry=I04", "?group=crowded&level=3", "?level=1",
		"?" + at(p) + "&radius=100&id=out", "?" + at(p) + "&event=level"} {
		ears[query] = listenTo(t, address, query)
		ears[query].event(eventNow)
	}
	var rev data.Revision
	for _, r := range []*data.Record{near, out, school} {
		rev = rename(r)
	}
	for query, want := range map[string]string{"": "near out school", "?id=out,none": "out", "?" + at(p): "near", "?" + at(p) + "&radius=100": "near out", "?" + at(p) + "&radius=19": "near",
		"?industry=I04": "near out", "?group=crowded&level=3": "school", "?level=1": "", "?" + at(p) + "&radius=100&id=out": "out", "?" + at(p) + "&event=level": ""} {
		var got []string
		for _, m := range ears[query].until(rev) {
			for _, id := range parsed[ChangeEvent](t, m).IDs {
				got = append(got, string(id))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", query, got, want)
		}
	}
}

func TestEventsRefuseWhatMakesNoSense(t *testing.T) {
	w, _ := eventWorld(t, town(t, 3, 1))
	ids := "id=a" + strings.Repeat(",a", 100)
	for query, parameter := range map[string]string{"lon=120": "lat", "lat=30": "lon", "lon=181&lat=30": "lon", "radius=5": "radius", "zoom=12": "zoom", "lon=120&lat=30&radius=20001": "radius",
		"lon=120&lat=30&on=colour": "on", "since=-1": "since", "since=x": "since", "industry=X99": "industry", "event=nothing": "event", "event=level": "event", "crs=gcj02": "crs",
		"whatif=x": "whatif", ids: "id", "id=%20": "id", "lon=120&lat=30&zoom=4": "zoom", "cuts=new-build": "cuts"} {
		if p := w.problem("/api/v1/events?"+query, http.StatusBadRequest); p.Parameter != parameter {
			t.Errorf("%s: %+v, want parameter %s", query, p, parameter)
		}
	}
}

// Streams are so many and no more, and end when the server stops.
func TestStreamsAreBounded(t *testing.T) {
	w, address := eventWorld(t, town(t, 3, 1), func(o *Options) { o.Events.streams = 2 })
	a, b := listenTo(t, address, ""), listenTo(t, address, "")
	a.event(eventNow)
	b.event(eventNow)
	p := w.problem("/api/v1/events", http.StatusServiceUnavailable)
	if !strings.Contains(p.Detail, "2 streams") {
		t.Errorf("%+v", p)
	}
	if rec := w.do(http.MethodHead, "/api/v1/events"); rec.Code != 200 || rec.Body.Len() > 0 {
		t.Errorf("HEAD: %d %s", rec.Code, rec.Body)
	}
	a.cancel()
	for range 1000 { // its place is free as soon as the server sees that it left
		if w.events.listening.Load() < 2 {
			break
		}
		b.next()
	}
	c := listenTo(t, address, "")
	c.event(eventNow)
	w.server.SetDraining()
	for _, e := range []*ear{b, c} {
		for {
			m, ok := e.next()
			if !ok {
				break
			}
			if m.name != "" {
				t.Errorf("%+v", m)
			}
		}
	}
	w.problem("/api/v1/events", http.StatusServiceUnavailable)
}

// A listener that takes nothing is cut when the ways to it are full, and holds up
// nobody; who comes back hears all.
func TestSlowListenersAreCut(t *testing.T) {
	w, address := eventWorld(t, town(t, 40, 2), func(o *Options) { o.Events.patience = 100 * time.Millisecond })
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.(*net.TCPConn).SetReadBuffer(1 << 10)
	fmt.Fprintf(conn, "GET /api/v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
	quick := listenTo(t, address, "")
	first := quick.event(eventNow).id
	i := 0
	for w.events.cut.Load() == 0 {
		if i++; i > 20_000 {
			t.Fatal("a listener that takes nothing is not cut")
		}
		w.apply(puts(source(t, fmt.Sprintf("%0*d", 60, i), "I04", 2, orb.Point{120.15, 30.27}))...)
	}
	rev := w.viewer.View().Revision()
	if n := len(quick.until(rev)); n != i {
		t.Errorf("the quick one heard %d events, want %d", n, i)
	}
	if n := len(listenTo(t, address, "?since="+first).until(rev)); n != i+1 {
		t.Errorf("who came back heard %d events, want %d and now", n, i)
	}
}
