package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// startOutside runs the program in a process of its own under a memory limit in
// MiB, until the test ends.
func startOutside(t *testing.T, limitMiB int) (base string, pid int) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "riskatlas")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	server := exec.Command(program, "serve", "--demo", "--demo-hazards", "50000", "--listen", "127.0.0.1:0", "--drain", "0s")
	server.Env = append(os.Environ(), fmt.Sprintf("GOMEMLIMIT=%dMiB", limitMiB))
	logs, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Signal(syscall.SIGTERM)
		server.Wait()
	})
	for lines := bufio.NewScanner(logs); lines.Scan(); {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			base = "http://" + m[1]
		}
		if strings.Contains(lines.Text(), "msg=ready") {
			break
		}
	}
	go io.Copy(io.Discard, logs) // a full pipe would stop the server
	if base == "" {
		t.Fatal("the server did not start")
	}
	settle(server.Process.Pid)
	return base, server.Process.Pid
}

// A thousand clients of one cold tile cost one computation. Five times as many
// clients as keep it busy leave it most of its best pace; whom it refuses it
// tells when to ask again, it stays within its memory, and after it all it is as
// quick as before. How soon it refuses is only logged and not held: the clients
// have the same cores. A long run: RISKATLAS_SOAK=1.
func TestOverloadFromOutside(t *testing.T) {
	if os.Getenv("RISKATLAS_SOAK") == "" {
		t.Skip("takes a minute: make soak runs it")
	}
	const limitMiB = 600
	base, pid := startOutside(t, limitMiB)
	client := benchClient(2000)
	ask := func(path string) (status int, retry string) {
		res, err := client.Get(base + path)
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		defer res.Body.Close()
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			t.Error(err)
		}
		return res.StatusCode, res.Header.Get("Retry-After")
	}
	counter := func(series string) (n float64) {
		_, body := get(t, base+"/metrics")
		if m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(series) + ` (\S+)`).FindSubmatch(body); m != nil {
			n, _ = strconv.ParseFloat(string(m[1]), 64)
		}
		return n
	}
	computed := func() float64 { return counter(`riskatlas_tile_answers_total{from="computed"}`) }
	before := computed()
	var crowd sync.WaitGroup
	for range 1000 {
		crowd.Go(func() {
			if status, _ := ask("/tiles/risk,hazards/12/3415/1686.mvt"); status != http.StatusOK {
				t.Errorf("status %d", status)
			}
		})
	}
	crowd.Wait()
	if n := computed() - before; n != 1 {
		t.Errorf("computed %v times", n)
	}

	var next atomic.Int64
	load := func(clients int, span time.Duration) (answered, refusals int64) {
		var work sync.WaitGroup
		var ok, busy atomic.Int64
		end := time.Now().Add(span)
		for range clients {
			work.Go(func() {
				for time.Now().Before(end) {
					i := next.Add(1)
					status, retry := ask(fmt.Sprintf("/tiles/risk/16/%d/%d.mvt", 54500+i%256, 26850+i/256%256))
					switch {
					case status == http.StatusOK || status == http.StatusNoContent:
						ok.Add(1)
					case status != http.StatusServiceUnavailable || retry == "":
						t.Errorf("status %d, Retry-After %q", status, retry)
						return
					default:
						busy.Add(1)
					}
				}
			})
		}
		work.Wait()
		return ok.Load(), busy.Load()
	}
	quiet := func() time.Duration {
		var took []time.Duration
		for range 500 {
			start := time.Now()
			ask("/api/v1/nearby?limit=10&lon=120.1551&lat=30.2741")
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		return took[len(took)*99/100]
	}
	first := quiet()
	peak, _ := load(80, 10*time.Second)
	answered, refusals := load(400, 10*time.Second)
	rss := resident(t, pid)
	<-time.After(5 * time.Second)
	last := quiet()
	t.Logf("%d tiles at 80 clients, %d and %d refusals at 400; p99 of nearby %v, then %v; %.0f MB resident", peak, answered, refusals, first, last, rss)
	if answered*10 < peak*8 {
		t.Errorf("%d answered, want 80 %% of %d", answered, peak)
	}
	const refused = `riskatlas_http_request_duration_seconds_%s{code="503",method="GET",route="/tiles/{layers}/{z}/{x}/{y}.mvt"%s}`
	all, quick := counter(fmt.Sprintf(refused, "count", "")), counter(fmt.Sprintf(refused, "bucket", `,le="0.05"`))
	t.Logf("%v of %v refusals took at most 50 ms by the server's clock", quick, all)
	if last > 2*first+5*time.Millisecond {
		t.Errorf("p99 of nearby is %v, was %v", last, first)
	}
	if rss > limitMiB*1.2 {
		t.Errorf("%.0f MB resident of %d MiB", rss, limitMiB)
	}
}
