package ingest

import (
	"strconv"
	"strings"
)

// What an export does to long cells of tables, and how it is undone.

// continuation is a column whose cells go on with those of another, before it.
type continuation struct{ from, to int }

// continuations finds the columns NAME#2, NAME#3 … that hold the rest of long
// texts of a column NAME, in their order.
func continuations(header []string) []continuation {
	var out []continuation
	last := map[string]int{}  // the part that a name has come to
	first := map[string]int{} // its column
	for i, name := range header {
		base, number, ok := strings.Cut(name, "#")
		n, err := strconv.Atoi(number)
		if at, known := first[base]; ok && err == nil && known && n == last[base]+1 {
			out, last[base] = append(out, continuation{i, at}), n
			continue
		}
		if _, twice := first[name]; !twice {
			first[name], last[name] = i, 1
		}
	}
	return out
}
