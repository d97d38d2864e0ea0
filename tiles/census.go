package tiles

import (
	"maps"

	"riskatlas/data"
)

// census is numbers of sources by class, of which a copy costs what has changed
// lately. The zero value counts none. A copy that is written needs share first.
type census struct {
	most   map[data.Class]int // never written once shared
	lately map[data.Class]int // to be added; may be under 0
	shared bool               // both belong to others too
}

// mostLately is how many classes may be apart before all are copied.
const mostLately = 512

// share says that the census is a copy, so that what it holds is another's too.
func (c *census) share() { c.shared = true }

// add counts n more of a class.
func (c *census) add(class data.Class, n int) {
	if c.shared {
		c.shared = false
		if len(c.lately) < mostLately {
			c.lately = maps.Clone(c.lately)
		} else {
			c.most, c.lately = c.merged(), nil
		}
		if c.lately == nil {
			c.lately = map[data.Class]int{}
		}
	}
	into := c.lately
	if into == nil { // nobody else has it yet
		if c.most == nil {
			c.most = map[data.Class]int{}
		}
		into = c.most
	}
	bump(into, class, n)
}

func (c *census) merged() map[data.Class]int {
	out := make(map[data.Class]int, len(c.most)+len(c.lately))
	maps.Copy(out, c.most)
	for class, n := range c.lately {
		bump(out, class, n)
	}
	return out
}

func bump(counts map[data.Class]int, c data.Class, n int) {
	if counts[c] += n; counts[c] == 0 {
		delete(counts, c)
	}
}

// byLevel adds up the classes that match.
func (c *census) byLevel(f data.Filter) (n [5]int) {
	for _, counts := range [...]map[data.Class]int{c.most, c.lately} {
		for class, k := range counts {
			if f.MatchClass(class) && class.Level <= data.Major {
				n[class.Level] += k
			}
		}
	}
	return n
}
