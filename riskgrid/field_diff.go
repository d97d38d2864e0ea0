package riskgrid

// difference is a block that two fields do not share; nil: nothing there.
type difference struct {
	at       place
	old, new *block
}

// alike reports whether two blocks share their cells, whatever they were made of.
func (b *block) alike(o *block) bool {
	return b == o || b != nil && o != nil && b.have == o.have && &b.plots[0] == &o.plots[0]
}

// differences lists the blocks that another field does not share with this one. It
// looks at the regions, and at the blocks of those that are not shared.
func (f *Field) differences(to *Field) []difference {
	var out []difference
	compare := func(at place, g, h *region) {
		for i := range regionSide * regionSide {
			var old, new *block
			if g != nil {
				old = g.blocks[i]
			}
			if h != nil {
				new = h.blocks[i]
			}
			if !old.alike(new) {
				out = append(out, difference{place{at.x*regionSide + i%regionSide, at.y*regionSide + i/regionSide}, old, new})
			}
		}
	}
	for at, h := range to.regions {
		if g := f.regions[at]; g != h {
			compare(at, g, h)
		}
	}
	for at, g := range f.regions {
		if to.regions[at] == nil {
			compare(at, g, nil)
		}
	}
	return out
}
