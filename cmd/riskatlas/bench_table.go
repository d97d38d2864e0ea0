package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// benchTable prints its rows when it is closed, which lines them up.
type benchTable struct{ w *tabwriter.Writer }

func newBenchTable(to io.Writer) *benchTable {
	t := &benchTable{tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)}
	fmt.Fprintln(t.w, "row\twalk\tanswers\trps\tp50 ms\tp99 ms\tmax ms\tCPU us/answer\tbytes/answer\tstatuses\t")
	return t
}

func (t *benchTable) add(name, walk string, r *benchResult) {
	n := len(r.waits)
	cpu := "-"
	if r.cpuKnown {
		cpu = fmt.Sprintf("%.0f", float64(r.cpu.Nanoseconds())/1e3/float64(n))
	}
	fmt.Fprintf(t.w, "%s\t%s\t%d\t%.0f\t%.2f\t%.2f\t%.2f\t%s\t%d\t%s\t\n", name, walk, n, float64(n)/r.took.Seconds(),
		milliseconds(r.at(0.5)), milliseconds(r.at(0.99)), milliseconds(r.at(1)), cpu, r.bytes/int64(n), statusList(r.statuses))
}

func (t *benchTable) close() error { return t.w.Flush() }

// at is the wait that a share of the answers did not pass.
func (r *benchResult) at(share float64) time.Duration {
	i := int(share*float64(len(r.waits))+0.5) - 1
	return r.waits[min(max(i, 0), len(r.waits)-1)]
}

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

// statusList is "200×981 204×19": the most frequent first; what had no answer is
// "none".
func statusList(statuses map[int]int) string {
	order := slices.SortedFunc(maps.Keys(statuses), func(a, b int) int {
		return cmp.Or(cmp.Compare(statuses[b], statuses[a]), cmp.Compare(a, b))
	})
	var out []string
	for _, s := range order {
		name := strconv.Itoa(s)
		if s == 0 {
			name = "none"
		}
		out = append(out, fmt.Sprintf("%s×%d", name, statuses[s]))
	}
	return strings.Join(out, " ")
}

// serverCPU is the processor time that the server has used: of the process, when
// it is named, else by its Prometheus metrics.
func (b *bench) serverCPU(ctx context.Context) (time.Duration, bool) {
	if b.PID != 0 {
		return processCPU(b.PID)
	}
	at, err := url.Parse(b.URL)
	if err != nil {
		return 0, false
	}
	at.Path, at.RawPath, at.RawQuery = "/metrics", "", ""
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return 0, false
	}
	res, err := b.client.Do(req)
	if err != nil {
		return 0, false
	}
	defer res.Body.Close()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "process_cpu_seconds_total "); ok {
			seconds, err := strconv.ParseFloat(value, 64)
			return time.Duration(seconds * float64(time.Second)), err == nil
		}
	}
	return 0, false
}

// ticksPerSecond is the unit of /proc's times (USER_HZ), which is 100 on every
// Linux of today.
const ticksPerSecond = 100

// processCPU reads utime and stime, the 14th and 15th value of proc_pid_stat(5).
func processCPU(pid int) (time.Duration, bool) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, false
	}
	_, rest, ok := strings.Cut(string(stat), ") ") // the name may hold spaces
	values := strings.Fields(rest)
	if !ok || len(values) < 13 {
		return 0, false
	}
	user, err1 := strconv.ParseInt(values[11], 10, 64)
	system, err2 := strconv.ParseInt(values[12], 10, 64)
	return time.Duration(user+system) * (time.Second / ticksPerSecond), err1 == nil && err2 == nil
}
