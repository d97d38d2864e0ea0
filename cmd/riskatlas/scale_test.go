package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"
)

// scale is what one size of the city took, by operation.
type scale struct {
	sources int
	took    map[string]float64 // microseconds of processor time, but for those that say otherwise
}

// scaleOrder is the table's rows with the most that each may take at a million
// sources; 0: no bound.
var scaleOrder = []struct {
	name string
	most float64
}{
	{"start to ready, ms", 8000},
	{"resident, MB", 1600},
	{"nearby, limit 10", 90},
	{"nearby, limit 10, 1 in 3,900", 250},
	{"within 1 km, limit 100", 250},
	{"risk at a point, top 10", 120},
	{"risk z8", 400}, {"risk z11", 400}, {"risk z13", 400}, {"risk z14", 800}, {"risk z16", 0},
	{"hazards z8", 5000}, {"hazards z12", 2000}, {"hazards z14", 1000},
	{"filtered risk z8, first", 400_000}, {"filtered risk z8", 2000},
	{"filtered risk z11", 2000}, {"filtered risk z13", 2000},
	{"a change published, p50, wall", 0}, {"a change published, p99, wall", 5000},
	{"readers' p99 with 100 changes/s, % of quiet", 150},
}

// TestScale runs the whole engine on demonstration cities of 10^4, 10^5 and 10^6
// sources and prints what each operation costs: a start from a GeoPackage in a
// process of its own, answers over HTTP by that process' time, cold tiles and
// changes in this one. RISKATLAS_SCALE names a folder that keeps the files, and
// RISKATLAS_SCALE_SOURCES other sizes.
func TestScale(t *testing.T) {
	if os.Getenv("RISKATLAS_SOAK") == "" {
		t.Skip("takes minutes: make soak runs it")
	}
	if raceDetector {
		t.Skip("measures: make soak runs it again without the race detector")
	}
	folder := os.Getenv("RISKATLAS_SCALE")
	if folder == "" {
		folder = t.TempDir()
	}
	program := filepath.Join(t.TempDir(), "riskatlas")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var sizes []*scale
	of := cmp.Or(os.Getenv("RISKATLAS_SCALE_SOURCES"), "10000 100000 1000000")
	for _, size := range strings.Fields(of) {
		n, err := strconv.Atoi(size)
		if err != nil {
			t.Fatal(err)
		}
		s := &scale{sources: n, took: map[string]float64{}}
		sizes = append(sizes, s)
		file := filepath.Join(folder, fmt.Sprintf("demo-%d.gpkg", n))
		if _, err := os.Stat(file); err != nil {
			if out, err := exec.Command(program, "demo", "--hazards", strconv.Itoa(n), "--store", file).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
		}
		s.outside(t, program, file)
		s.inside(t, file)
		t.Log("\n" + scaleTable(sizes))
	}
	million := sizes[len(sizes)-1]
	for _, row := range scaleOrder {
		if v := million.took[row.name]; row.most > 0 && v > row.most {
			t.Errorf("%s: %.0f at %d sources, want at most %.0f", row.name, v, million.sources, row.most)
		}
	}
}

func scaleTable(sizes []*scale) string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "CPU us unless said\t")
	for _, s := range sizes {
		fmt.Fprintf(w, "%d\t", s.sources)
	}
	fmt.Fprintln(w, "at most\t")
	for _, row := range scaleOrder {
		fmt.Fprint(w, row.name, "\t")
		for _, s := range sizes {
			fmt.Fprintf(w, "%.0f\t", s.took[row.name])
		}
		fmt.Fprintf(w, "%.0f\t\n", row.most)
	}
	w.Flush()
	return out.String()
}

// outside starts the program and asks it over HTTP, one question after the other
// on one connection.
func (s *scale) outside(t *testing.T, program, file string) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	server := exec.CommandContext(ctx, program, "serve", "--store", file, "--listen", "127.0.0.1:0", "--view", "internal", "--drain", "0s")
	server.Cancel = func() error { return server.Process.Signal(syscall.SIGTERM) }
	logs, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { stop(); server.Wait() }()
	address := ""
	for lines := bufio.NewScanner(logs); lines.Scan(); {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			address = m[1]
		}
		if strings.Contains(lines.Text(), "msg=ready") {
			break
		}
	}
	go io.Copy(io.Discard, logs) // a full pipe would stop the server
	s.took["start to ready, ms"] = float64(time.Since(start).Milliseconds())
	if address == "" {
		t.Fatal("the server did not start")
	}
	s.took["resident, MB"] = resident(t, server.Process.Pid)
	settle(server.Process.Pid)
	base := "http://" + address
	rare := rareFilter(t, base, s.sources)
	for name, query := range map[string]string{
		"nearby, limit 10":             "nearby?limit=10",
		"nearby, limit 10, 1 in 3,900": "nearby?limit=10&radius=20000&" + rare,
		"within 1 km, limit 100":       "nearby?limit=100&radius=1000",
		"risk at a point, top 10":      "risk?limit=10",
	} {
		s.took[name] = askCore(t, server.Process.Pid, base+"/api/v1/"+query)
	}
}

var rss = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

// resident is the process' memory in MB.
func resident(t *testing.T, pid int) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	m := rss.FindSubmatch(b)
	if err != nil || m == nil {
		t.Skipf("there is no /proc/%d/status to read memory from: %v", pid, err)
	}
	kB, _ := strconv.ParseFloat(string(m[1]), 64)
	return kB / 1024
}

// settle waits until the process has nothing left to do after its start: less
// than a tenth of a core in a second.
func settle(pid int) {
	for range 120 {
		before, _ := processCPU(pid)
		<-time.After(time.Second)
		if after, _ := processCPU(pid); after-before < 100*time.Millisecond {
			return
		}
	}
}

// askCore is the server's processor time of one question about a random place of
// the core, in microseconds: the median of 5 rounds of 600.
func askCore(t *testing.T, pid int, at string) float64 {
	r := rand.New(rand.NewPCG(1, 2))
	client := benchClient(1)
	defer client.CloseIdleConnections()
	var rounds []float64
	for range 6 { // the first warms up
		before, _ := processCPU(pid)
		for range 600 {
			url := fmt.Sprintf("%s&lon=%.6f&lat=%.6f", at, 120+0.4*r.Float64(), 30.1+0.3*r.Float64())
			var res benchResult
			res.statuses = map[int]int{}
			(&bench{client: client}).ask(t.Context(), url, false, nil, &res)
			if res.statuses[http.StatusOK] != 1 {
				t.Fatalf("%s: %v %v", url, res.statuses, res.first)
			}
		}
		after, _ := processCPU(pid)
		rounds = append(rounds, float64((after-before).Microseconds())/600)
	}
	rounds = rounds[1:]
	slices.Sort(rounds)
	return rounds[len(rounds)/2]
}

// rareFilter is the industry and level that about one in 3,900 sources has.
func rareFilter(t *testing.T, base string, sources int) string {
	best, off := "", 1e9
	for _, industry := range []string{"I01", "I06", "I08", "I12", "I16", "P02", "P08", "P09", "C13"} {
		for level := 2; level <= 4; level++ {
			q := fmt.Sprintf("industry=%s&level=%d", industry, level)
			_, body := get(t, base+"/api/v1/hazards?limit=1&"+q)
			m := regexp.MustCompile(`"number_matched":(\d+)`).FindSubmatch(body)
			if m == nil {
				t.Fatalf("no number_matched in %.200s", body)
			}
			n, _ := strconv.ParseFloat(string(m[1]), 64)
			if d := max(n*3900/float64(sources), 1e-9); max(d, 1/d) < off {
				best, off = q, max(d, 1/d)
			}
		}
	}
	return best
}
