package riskgrid

import "math"

// alongRamp is along for what is V0 to R1 and falls to 0 at R2: V0 counts for
// what lies within R1, and between the radii ∫ c (R2-r) ds with c = V0/(R2-R1),
// where ∫ r ds = ½ (s r + h² asinh(s/h)). The difference of two inverse hyperbolic
// sines is one logarithm.
func (l *lineKernel) alongRamp(sums, lons []float64, v *view) {
	r2, inside2, reach2 := l.f.R2, l.inside, l.reach2
	for i, lon := range lons[:len(sums)] {
		// The straight runs h off the place from s = a to s = b.
		east := float64((v.lon - lon) * v.scale)
		h := float64(east*v.uy) - v.cross0
		a := float64(east*v.ux) + v.a0
		h2 := float64(h * h)
		room := reach2 - h2
		if room <= 0 {
			continue
		}
		sa, sb := a, a+v.length
		a2, b2 := h2+float64(sa*sa), h2+float64(sb*sb)
		da, db := r2, r2
		if a2 <= reach2 {
			da = math.Sqrt(a2)
			if b2 <= reach2 {
				db = math.Sqrt(b2)
			} else {
				if sb < 0 {
					continue
				}
				sb, b2 = math.Sqrt(room), reach2
			}
		} else {
			if sa > 0 {
				continue
			}
			sa, a2 = -math.Sqrt(room), reach2
			if b2 <= reach2 {
				db = math.Sqrt(b2)
			} else {
				if sb < 0 {
					continue
				}
				sb, b2 = -sa, reach2
			}
		}
		if h2 < inside2 {
			if a2 <= inside2 && b2 <= inside2 {
				sums[i] += l.f.V0 * (sb - sa)
			} else {
				sums[i] += l.alongCore(h2, sa, sb, a2, b2)
			}
			continue
		}
		ramp := r2*(sb-sa) - (sb*db-sa*da)/2
		if h2 > foot2*reach2 {
			na, nb := math.Abs(sa)+da, math.Abs(sb)+db
			if sa < 0 && sb > 0 {
				ramp -= h2 * logOver(na*nb/h2) / 2
			} else {
				ramp -= h2 * logOver(max(na, nb)/min(na, nb)) / 2
			}
		}
		sums[i] += max(l.slope*ramp, 0) // rounding
	}
}

// foot2 is the share of the squared reach under which h² ln(…) counts for nothing.
const foot2 = 1e-14

// alongCore is the integral from s = sa to s = sb, both in reach and a2 and b2
// the squares of their distances, where the line passes within R1.
func (l *lineKernel) alongCore(h2, sa, sb, a2, b2 float64) float64 {
	start := math.Sqrt(l.inside - h2)
	flat := l.f.V0 * max(0, min(sb, start)-max(sa, -start))
	if l.slope == 0 {
		return flat
	}
	ramp, num, den := 0.0, 1.0, 1.0
	if sb < -sa {
		sa, sb, a2, b2 = -sb, -sa, b2, a2
	}
	ring := func(s0, s1, d0, d1 float64) {
		ramp += l.f.R2*(s1-s0) - (s1*d1-s0*d0)/2
		num *= s1 + d1
		den *= s0 + d0
	}
	switch { // sb is the far end, and past R1
	case sa > start:
		ring(sa, sb, math.Sqrt(a2), math.Sqrt(b2))
	case sa < -start:
		ring(start, -sa, l.f.R1, math.Sqrt(a2))
		fallthrough
	default:
		ring(start, sb, l.f.R1, math.Sqrt(b2))
	}
	if h2 > foot2*l.reach2 {
		ramp -= h2 * logOver(num/den) / 2
	}
	return flat + max(l.slope*ramp, 0)
}
