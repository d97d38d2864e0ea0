package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// benched runs the command and gives the cells of its table by "row walk".
func benched(t *testing.T, args ...string) map[string][]string {
	t.Helper()
	var out, errs bytes.Buffer
	if status := run(context.Background(), append([]string{"bench"}, args...), &out, &errs); status != 0 {
		t.Fatalf("bench ended with %d: %s", status, errs.String())
	}
	rows := map[string][]string{}
	for _, line := range strings.Split(out.String(), "\n")[1:] {
		if f := strings.Fields(line); len(f) > 9 {
			rows[f[0]+" "+f[1]] = f[2:]
		}
	}
	return rows
}

var answered = regexp.MustCompile(`^(200|204|304)×\d+$`)

// TestBenchOfRiskatlas asks a city all rows: each question has its answer, and
// what was had before is not sent again.
func TestBenchOfRiskatlas(t *testing.T) {
	at := serveForTest(t, "serve", "--demo", "--demo-hazards", "300", "--listen", "127.0.0.1:0", "--view", "internal")
	rows := benched(t, at, "--requests", "60", "--clients", "4", "--popular", "3")
	for _, name := range []string{"tiles", "again", "filters", "nearby", "risk"} {
		for _, walk := range []string{"uniform", "zipf"} {
			row := rows[name+" "+walk]
			if row == nil || row[0] != "60" {
				t.Errorf("%s %s has %v: want 60 answers", name, walk, row)
				continue
			}
			if cpu := row[5]; cpu == "-" {
				t.Errorf("%s %s knows no processor time, which /metrics has", name, walk)
			}
			for _, s := range row[7:] {
				if !answered.MatchString(s) {
					t.Errorf("%s %s has status %s", name, walk, s)
				}
			}
		}
	}
	if s := strings.Join(rows["again zipf"], " "); !strings.Contains(s, "304×") {
		t.Errorf("three tiles asked 60 times with their ETags gave %s: want some 304", s)
	}
}

// TestBenchOfAnyServer fills templates, and counts what goes wrong.
func TestBenchOfAnyServer(t *testing.T) {
	var mu sync.Mutex
	asked := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked[r.URL.String()]++
		if len(asked) > 5 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	rows := benched(t, server.URL+"/x/{z}/{x}/{y}?a=b", "--bounds=120,30,120.5,30.5", "--zooms", "10-12", "--requests", "40", "--rows", "tiles", "--seed", "7")
	total := 0
	for u, n := range asked {
		total += n
		var z, x, y int
		if n, err := fmt.Sscanf(u, "/x/%d/%d/%d", &z, &x, &y); u != "/metrics" && (n != 3 || err != nil || z < 10 || z > 12 || !strings.HasSuffix(u, "?a=b")) {
			t.Errorf("asked for %s", u)
		}
	}
	if total < 80 || len(rows) != 2 {
		t.Errorf("%d questions and %d rows: want 40 of each walk", total, len(rows))
	}
	if s := strings.Join(rows["tiles uniform"], " "); !strings.Contains(s, "503×") || !strings.Contains(s, "200×") {
		t.Errorf("statuses of the first row: %s", s)
	}
	if rows["tiles uniform"][5] != "-" {
		t.Errorf("processor time of a server that does not tell: %v", rows["tiles uniform"])
	}
}

// TestBenchRefuses names what is wrong.
func TestBenchRefuses(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"ftp://x/{z}/{x}/{y} --bounds=1,2,3,4", "http://HOST:PORT"},
		{"http://127.0.0.1:1/{z} --bounds=1,2,3,4", "{z}, {x} and {y}"},
		{"http://127.0.0.1:1", "is no riskatlas"},
		{"http://127.0.0.1:1/{z}/{x}/{y}", "--bounds"},
		{"http://127.0.0.1:1/{z}/{x}/{y} --bounds=3,2,1,4", "WEST < EAST"},
		{"http://127.0.0.1:1/{z}/{x}/{y} --bounds=1,2,3,4 --zooms 9", "FROM-TO"},
		{"http://127.0.0.1:1/{z}/{x}/{y} --bounds=1,2,3,4 --rows nearby", "want of tiles, again"},
		{"http://127.0.0.1:1/{z}/{x}/{y} --bounds=1,2,3,4 --requests 3", "no answer came"},
		{"http://127.0.0.1:1/{z}/{x}/{y} --bounds=1,2,3,4 --clients 0", "1 to 10000"},
	} {
		var out, errs bytes.Buffer
		if status := run(context.Background(), append([]string{"bench"}, strings.Fields(c.args)...), &out, &errs); status != 1 || !strings.Contains(errs.String(), c.want) {
			t.Errorf("bench %s: status %d, %q: want %q", c.args, status, errs.String(), c.want)
		}
	}
}
