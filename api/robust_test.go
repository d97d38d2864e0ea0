package api

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/demo"
)

// soaking reports whether long runs are asked for: RISKATLAS_SOAK=1.
func soaking() bool { return os.Getenv("RISKATLAS_SOAK") == "1" }

// overLoopback serves the world on the loopback until the test ends.
func overLoopback(t *testing.T, w *world, change func(*http.Server)) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := HTTPServer(w.server.Handler())
	server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	if change != nil {
		change(server)
	}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return listener.Addr().String()
}

func quietCity(t *testing.T, sources int) *world {
	t.Helper()
	var records []*data.Record
	for r := range demo.Hazards(hangzhou(t), sources, 1) {
		records = append(records, r)
	}
	return newWorld(t, city.InternalView, records, nil, func(o *Options) { o.Log = slog.New(slog.DiscardHandler) })
}

// client is one connection that asks one question after the other.
type client struct {
	conn net.Conn
	in   *bufio.Reader
}

func dial(address string) (*client, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &client{conn, bufio.NewReader(conn)}, nil
}

// ask gives an answer with its body read.
func (c *client) ask(target string) (*http.Response, []byte, error) {
	if _, err := fmt.Fprintf(c.conn, "GET %s HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n", target); err != nil {
		return nil, nil, err
	}
	answer, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return nil, nil, err
	}
	body, err := io.ReadAll(answer.Body)
	return answer, body, err
}

// Many clients ask one cold tile at once: it is computed once, and all get it.
func TestManyClientsOfOneColdTile(t *testing.T) {
	w := quietCity(t, 2000)
	address := overLoopback(t, w, nil)
	clients := 200
	if soaking() {
		clients = 1000
	}
	bodies := make([][]byte, clients)
	var wg, ready sync.WaitGroup
	start := make(chan struct{})
	ready.Add(clients)
	for i := range clients {
		wg.Go(func() {
			c, err := dial(address)
			ready.Done()
			if err != nil {
				t.Error(err)
				return
			}
			defer c.conn.Close()
			<-start
			answer, body, err := c.ask("/tiles/risk,hazards/12/3415/1686.mvt")
			if err != nil || answer.StatusCode != http.StatusOK {
				t.Errorf("client %d: %v %v", i, answer, err)
			}
			bodies[i] = body
		})
	}
	ready.Wait()
	close(start)
	wg.Wait()
	for i, body := range bodies {
		if len(body) == 0 || !bytes.Equal(body, bodies[0]) {
			t.Fatalf("client %d got %d bytes of %d", i, len(body), len(bodies[0]))
		}
	}
	s := w.tiles.Stats()
	t.Logf("%d clients: computed %d, joined %d, from memory %d", clients, s.Computed.Load(), s.Joined.Load(), s.MemoryHits.Load())
	if n := s.Computed.Load(); n != 1 {
		t.Errorf("computed %d times", n)
	}
}

// Headers that never end are dropped at the deadline, and disturb nobody.
func TestHalfSentHeadersAreDropped(t *testing.T) {
	w := quietCity(t, 500)
	idle, deadline := 200, 300*time.Millisecond
	if soaking() {
		var files syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
			t.Fatal(err)
		}
		// Both ends of each are this process's.
		idle, deadline = int(min(10_000, (files.Cur-1000)/2)), readHeaderTimeout
	}
	address := overLoopback(t, w, func(s *http.Server) { s.ReadHeaderTimeout = deadline })
	quiet := latencies(t, address, 300)
	var open []net.Conn
	for range idle {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, "GET /api/v1/nearby?lon=120.1&lat=30.2 HTTP/1.1\r\nHost: x\r\nX-Half: "); err != nil {
			t.Fatal(err)
		}
		open = append(open, conn)
	}
	busy := latencies(t, address, 300)
	for i, conn := range open {
		conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		// The server may say 408 first; then the connection ends.
		if _, err := io.Copy(io.Discard, conn); err != nil {
			t.Fatalf("connection %d was not dropped: %v", i, err)
		}
	}
	t.Logf("%d half-sent headers: p99 %v, without them %v", idle, busy[len(busy)*99/100], quiet[len(quiet)*99/100])
}

// latencies asks on one connection, and gives how long each answer took, sorted.
func latencies(t *testing.T, address string, n int) (took []time.Duration) {
	t.Helper()
	c, err := dial(address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.conn.Close()
	for range n {
		start := time.Now()
		if answer, _, err := c.ask("/api/v1/nearby?limit=10&lon=120.1551&lat=30.2741"); err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%v %v", answer, err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	return took
}

// Far over what it can build, the server goes on answering what it can and
// refuses the rest at once, with the time to ask again. A long run:
// RISKATLAS_SOAK=1.
func TestOverloadIsShed(t *testing.T) {
	if !soaking() {
		t.Skip("a long run: RISKATLAS_SOAK=1 asks for it")
	}
	w := quietCity(t, 50_000)
	address := overLoopback(t, w, nil)
	var next atomic.Int64
	// load asks cold tiles by so many clients at once.
	load := func(clients int, span time.Duration) (answered, refused int64, slow []time.Duration) {
		var mu sync.Mutex
		var wg sync.WaitGroup
		var ok, busy atomic.Int64
		end := time.Now().Add(span)
		for range clients {
			wg.Go(func() {
				c, err := dial(address)
				if err != nil {
					t.Error(err)
					return
				}
				defer c.conn.Close()
				for time.Now().Before(end) {
					i := next.Add(1)
					start := time.Now()
					answer, _, err := c.ask(fmt.Sprintf("/tiles/risk/16/%d/%d.mvt", 54600+i%128, 26950+i/128%128))
					switch took := time.Since(start); {
					case err != nil:
						t.Error(err)
						return
					case answer.StatusCode == http.StatusServiceUnavailable:
						busy.Add(1)
						if answer.Header.Get("Retry-After") == "" {
							t.Error("a refusal without Retry-After")
						}
						mu.Lock()
						slow = append(slow, took)
						mu.Unlock()
					default:
						ok.Add(1)
					}
				}
			})
		}
		wg.Wait()
		slices.Sort(slow)
		return ok.Load(), busy.Load(), slow
	}
	quiet := latencies(t, address, 500)
	peak, _, _ := load(8, 5*time.Second)
	answered, refused, slow := load(400, 5*time.Second)
	after := latencies(t, address, 500)
	t.Logf("peak %d tiles in 5 s; overloaded %d answered, %d refused; p99 of nearby before %v, after %v", peak, answered, refused,
		quiet[len(quiet)*99/100], after[len(after)*99/100])
	if refused > 0 {
		t.Logf("refusals took p50 %v, p99 %v", slow[len(slow)/2], slow[len(slow)*99/100])
	}
	if answered*10 < peak*8 {
		t.Errorf("%d answered, want 80 %% of %d", answered, peak)
	}
}

// Whose answer is long and who does not read it holds a part of the memory for
// long answers: the next long one is refused in time, short ones go on, and when
// the first client leaves its part is free again.
func TestALongAnswerThatNobodyReads(t *testing.T) {
	w := quietCity(t, 3000)
	w.server.large = newLarge(3000 * sourceBytes)
	w.server.large.wait = time.Millisecond
	w.server.router.large = w.server.large
	address := overLoopback(t, w, func(server *http.Server) {
		server.ConnState = func(c net.Conn, state http.ConnState) {
			if state == http.StateNew {
				c.(*net.TCPConn).SetWriteBuffer(4 << 10) // the kernel must not take the whole answer
			}
		}
	})
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	fmt.Fprint(conn, "GET /api/v1/hazards?limit=3000 HTTP/1.1\r\nHost: x\r\n\r\n")
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	for _, long := range []string{"/api/v1/hazards?limit=3000", "/api/v1/nearby?limit=3000&lon=120.15&lat=30.27&radius=20000", "/api/v1/risk?limit=3000&lon=120.15&lat=30.27"} {
		p := w.problem(long, http.StatusServiceUnavailable)
		if p.Detail == "" {
			t.Errorf("%s: %+v", long, p)
		}
	}
	if rec := w.get("/api/v1/hazards?limit=500"); rec.Code != http.StatusOK {
		t.Errorf("a short list: %d", rec.Code)
	}
	conn.Close()
	for w.server.large.full() {
		runtime.Gosched()
	}
	if rec := w.get("/api/v1/hazards?limit=3000"); rec.Code != http.StatusOK {
		t.Errorf("after it has left: %d", rec.Code)
	}
}

// full reports whether all of the memory is taken.
func (l *large) full() bool {
	if !l.free.TryAcquire(1) {
		return true
	}
	l.free.Release(1)
	return false
}
