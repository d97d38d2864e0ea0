package data

// Set is a set of small numbers, one bit each.
type Set uint64

// Has reports whether i, 0 to 63, is in the set.
func (s Set) Has(i uint8) bool { return s>>i&1 != 0 }

// Filter selects hazards by industry, district and level. All bits set
// restricts nothing; a dimension with none set matches nothing. It is
// comparable and so is its own map and cache key: build filters with
// Taxonomy.Filter or And, which keep equal meanings equal bits (only bits inside
// the taxonomy's ranges are ever cleared).
type Filter struct {
	Industries, Levels Set
	Districts          [MaxDistricts / 64]uint64
}

// All is the filter that restricts nothing.
func All() Filter {
	f := Filter{Industries: ^Set(0), Levels: ^Set(0)}
	for i := range f.Districts {
		f.Districts[i] = ^uint64(0)
	}
	return f
}

// And selects what both filters select.
func (f Filter) And(g Filter) Filter {
	f.Industries &= g.Industries
	f.Levels &= g.Levels
	for i := range f.Districts {
		f.Districts[i] &= g.Districts[i]
	}
	return f
}

// Match reports whether the filter selects the hazard. The hazard's position in
// every vintage must be selected; a filter on one vintage leaves the bits of the
// others set, so only its own decides.
func (f Filter) Match(h *Hazard) bool { return f.MatchClass(h.Class) }

// MatchClass reports whether the filter selects hazards of this class.
func (f Filter) MatchClass(c Class) bool {
	return f.Industries.Has(uint8(c.Industry)) && f.Levels.Has(uint8(c.Level)) &&
		f.hasDistrict(c.Districts[0]) && f.hasDistrict(c.Districts[1]) &&
		f.hasDistrict(c.Districts[2]) && f.hasDistrict(c.Districts[3])
}

func (f Filter) hasDistrict(d District) bool { return f.Districts[d/64&3]>>(d%64)&1 != 0 }

// Selection is a filter in words, as a query gives it. Empty lists restrict
// nothing. Industries and Groups unite; different dimensions intersect.
type Selection struct {
	Industries []string // codes or slugs
	Groups     []string // group keys
	Districts  []string // codes of Vintage
	Levels     []string // "1".."4" or keys
	Vintage    string   // "" is the taxonomy's default
}

// Filter turns a selection into a filter. The error is an *Invalid that names
// the dimension ("industry", "group", "district", "level", "vintage"), the
// value and what is allowed.
func (t *Taxonomy) Filter(s Selection) (Filter, error) {
	f := All()
	v, err := t.Vintage(s.Vintage)
	if err != nil {
		return f, err
	}
	if len(s.Industries)+len(s.Groups) > 0 {
		var set Set
		for _, code := range s.Industries {
			i, err := t.Industry(code)
			if err != nil {
				return f, err
			}
			set |= 1 << i
		}
		for _, key := range s.Groups {
			g, err := t.Group(key)
			if err != nil {
				return f, err
			}
			for i, in := range t.Industries {
				if in.Group == g {
					set |= 1 << i
				}
			}
		}
		f.Industries &^= lowBits(len(t.Industries)) &^ set
	}
	if len(s.Levels) > 0 {
		var set Set
		for _, word := range s.Levels {
			l, err := ParseLevel(word)
			if err != nil {
				return f, err
			}
			set |= 1 << l
		}
		f.Levels &^= 0b11110 &^ set
	}
	if len(s.Districts) > 0 {
		for d := v.First; d <= v.Outside(); d++ {
			f.Districts[d/64] &^= 1 << (d % 64)
		}
		for _, code := range s.Districts {
			d, err := v.District(code)
			if err != nil {
				return f, err
			}
			f.Districts[d/64] |= 1 << (d % 64)
		}
	}
	return f, nil
}

func lowBits(n int) Set {
	if n >= 64 {
		return ^Set(0)
	}
	return 1<<n - 1
}
