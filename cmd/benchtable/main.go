package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

func main() {
	status, err := convert(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchtable:", err)
		os.Exit(1)
	}
	os.Exit(status)
}

// operation is one benchmark with all that its runs measured, by unit.
type operation struct {
	pkg, name, sources string
	values             map[string][]float64
	units              []string // in the order of their appearance
}

// convert reads the output of benchmarks and writes the table; what is no result
// of a benchmark goes through before it. The status is 1 where a test failed or
// there was nothing to read.
func convert(in io.Reader, out io.Writer) (status int, err error) {
	var all []*operation
	found := map[string]*operation{}
	pkg := ""
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		fields := strings.Fields(line)
		switch {
		case len(fields) == 2 && fields[0] == "pkg:":
			pkg = fields[1]
		case strings.HasPrefix(line, "Benchmark") && len(fields) >= 4:
			o := read(pkg, fields)
			key := o.pkg + " " + o.name + " " + o.sources
			if old := found[key]; old != nil {
				old.add(o)
				continue
			}
			found[key] = o
			all = append(all, o)
		case strings.HasPrefix(line, "FAIL") || strings.HasPrefix(line, "--- FAIL"):
			status = 1
			fmt.Fprintln(out, line)
		case len(fields) > 0 && (fields[0] == "ok" || fields[0] == "PASS" || fields[0] == "goos:" || fields[0] == "goarch:" || fields[0] == "?"):
		default:
			fmt.Fprintln(out, line)
		}
	}
	if err := lines.Err(); err != nil {
		return 1, err
	}
	if len(all) == 0 {
		return 1, fmt.Errorf("there is no result of a benchmark: pipe the output of go test -bench in")
	}
	return status, write(out, all)
}

// read takes a line apart: name, runs, then pairs of a value and its unit. A part
// of the name that is a whole number of 1,000 or more is the number of sources.
func read(pkg string, fields []string) *operation {
	name := strings.TrimPrefix(fields[0], "Benchmark")
	if dash := strings.LastIndexByte(name, '-'); dash > 0 {
		if _, err := strconv.Atoi(name[dash+1:]); err == nil {
			name = name[:dash] // GOMAXPROCS
		}
	}
	o := &operation{pkg: pkg, sources: "-", values: map[string][]float64{}}
	var parts []string
	for _, part := range strings.Split(name, "/") {
		if n, err := strconv.Atoi(part); err == nil && n >= 1000 && o.sources == "-" {
			o.sources = part
			continue
		}
		parts = append(parts, part)
	}
	o.name = strings.Join(parts, "/")
	for i := 2; i+1 < len(fields); i += 2 {
		if v, err := strconv.ParseFloat(fields[i], 64); err == nil {
			unit := fields[i+1]
			o.units = append(o.units, unit)
			o.values[unit] = append(o.values[unit], v)
		}
	}
	return o
}

func (o *operation) add(p *operation) {
	for unit, vs := range p.values {
		o.values[unit] = append(o.values[unit], vs...)
	}
}

// median is of all runs; spread is half of what they differ by, as a share of it.
func (o *operation) median(unit string) (v, spread float64, ok bool) {
	vs := slices.Sorted(slices.Values(o.values[unit]))
	if len(vs) == 0 {
		return 0, 0, false
	}
	v = (vs[(len(vs)-1)/2] + vs[len(vs)/2]) / 2
	if v != 0 {
		spread = (vs[len(vs)-1] - vs[0]) / 2 / v
	}
	return v, spread, true
}

func write(out io.Writer, all []*operation) error {
	slices.SortStableFunc(all, func(a, b *operation) int { return cmp.Compare(a.pkg, b.pkg) })
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "package\toperation\tsources\tns\t±\tallocations\tbytes\ttimes the reference\tmore")
	for _, o := range all {
		ns, spread, _ := o.median("ns/op")
		fmt.Fprintf(w, "%s\t%s\t%s\t%.0f\t%.0f %%\t%s\t%s\t", o.pkg[strings.IndexByte(o.pkg, '/')+1:], o.name, o.sources, ns, 100*spread, o.text("allocs/op"), o.text("B/op"))
		var ratios, more []string
		for _, unit := range o.units {
			v, _, _ := o.median(unit)
			switch {
			case unit == "ns/op" || unit == "allocs/op" || unit == "B/op":
			case strings.HasPrefix(unit, "x-"):
				ratios = append(ratios, fmt.Sprintf("%.3g x %s", v, unit[2:]))
			default:
				more = append(more, fmt.Sprintf("%.4g %s", v, unit))
			}
		}
		fmt.Fprintf(w, "%s\t%s\n", strings.Join(ratios, ", "), strings.Join(more, ", "))
	}
	return w.Flush()
}

func (o *operation) text(unit string) string {
	if v, _, ok := o.median(unit); ok {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return "-"
}
