package consequence

import (
	"math"
	"sort"
)

// band is a piece of Swisdak's fit: exp of a polynomial in ln Z up to a scaled
// distance.
type band struct {
	to         float64 // Z, m/kg^(1/3)
	polynomial [5]float64
}

// The fit of Kingery and Bulmash's hemispherical surface burst by Swisdak 1994
// ("Simplified Kingery airblast calculations"). The charge lies on the ground:
// its mass is not to be multiplied for reflection.
var (
	peakBands = [...]band{ // kPa
		{2.9, [5]float64{7.2106, -2.1069, -0.3229, 0.1117, 0.0685}},
		{23.8, [5]float64{7.5938, -3.0523, 0.40977, 0.0261, -0.01267}},
		{198.5, [5]float64{6.0536, -1.4066}},
	}
	impulseBands = [...]band{ // Pa s/kg^(1/3)
		{0.96, [5]float64{5.522, 1.117, 0.6, -0.292, -0.087}},
		{2.38, [5]float64{5.465, -0.308, -1.464, 1.362, -0.432}},
		{33.7, [5]float64{5.2749, -0.4677, -0.2499, 0.0588, -0.00554}},
		{158.7, [5]float64{5.9825, -1.062}},
	}
)

// nearestZ is the least scaled distance of the fit, m/kg^(1/3): nearer, everyone
// is taken as dead.
const nearestZ = 0.2

// furthestZ is the greatest scaled distance of the fit of pressure, m/kg^(1/3).
const furthestZ = 198.5

func fit(bands []band, z float64) float64 {
	i := sort.Search(len(bands), func(i int) bool { return z <= bands[i].to })
	if i == len(bands) {
		return 0
	}
	ln, sum := math.Log(z), 0.0
	for k := 4; k >= 0; k-- {
		sum = sum*ln + bands[i].polynomial[k]
	}
	return math.Exp(sum)
}

// PeakKPa is the incident overpressure in kPa at a scaled distance in m/kg^(1/3)
// from TNT on the ground: +Inf below 0.2, 0 past 198.5.
func PeakKPa(z float64) float64 {
	if z < nearestZ {
		return math.Inf(1)
	}
	return fit(peakBands[:], z)
}

// ScaledImpulse is the positive incident impulse over the cube root of the mass,
// Pa s/kg^(1/3), at a scaled distance: +Inf below 0.2, 0 past 158.7.
func ScaledImpulse(z float64) float64 {
	if z < nearestZ {
		return math.Inf(1)
	}
	return fit(impulseBands[:], z)
}

// SadovskyMPa is the overpressure in MPa by Sadovsky's formula in the form of
// Chinese textbooks, for scaled distances of 1 to 15 m/kg^(1/3): the alternative
// to PeakKPa that reports may ask for.
func SadovskyMPa(z float64) float64 { return 0.084/z + 0.27/(z*z) + 0.7/(z*z*z) }

// peakZ is the furthest scaled distance with an overpressure in kPa; false for
// one that is reached only nearer than the fit holds.
func peakZ(kPa float64) (float64, bool) { return last(PeakKPa, nearestZ, furthestZ, kPa) }
