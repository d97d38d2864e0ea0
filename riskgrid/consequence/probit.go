package consequence

import "math"

// Chance is the share of people (or vessels) that a probit value stands for:
// Phi(pr - 5), Phi the standard normal distribution. Pr 5 is 0.5.
func Chance(pr float64) float64 {
	return math.Erfc((5-pr)/math.Sqrt2) / 2
}

// Pr is the probit value of a share in (0, 1): the inverse of Chance.
func Pr(chance float64) float64 {
	return 5 - math.Sqrt2*math.Erfcinv(2*chance)
}

// Probit is a law Pr = A + B ln(dose).
type Probit struct {
	Key    string
	A, B   float64
	Dose   string // what the dose is, with units
	Source string
}

// At gives the probit value of a dose, -Inf for a dose of 0 or less.
func (p Probit) At(dose float64) float64 {
	if !(dose > 0) {
		return math.Inf(-1)
	}
	return p.A + p.B*math.Log(dose)
}

// Chance gives the share of people hurt by a dose.
func (p Probit) Chance(dose float64) float64 { return Chance(p.At(dose)) }

// DoseOf is the dose at which a share in (0, 1) of people is hurt.
func (p Probit) DoseOf(chance float64) float64 { return math.Exp((Pr(chance) - p.A) / p.B) }

const (
	thermalDose = "t q^(4/3), q in W/m2, t in s"
	hyram       = "sandialabs/hyram qra/probits.py"
)

// The probits whose dose is one number.
var (
	ThermalTNO = Probit{"thermal_tno", -36.38, 2.56, thermalDose,
		"TNO Green Book CPR 16E; Purple Book CPR 18E 5.2"} // the default of every fire
	ThermalEisenberg = Probit{"thermal_eisenberg", -38.48, 2.56, thermalDose, "Eisenberg 1975, by " + hyram}
	ThermalHyRAM     = Probit{"thermal_tno_hyram", -37.23, 2.56, thermalDose, hyram + ", there named TNO"}
	FirstDegreeBurn  = Probit{"burn_first_degree", -39.83, 3.0186, thermalDose, "TNO Green Book CPR 16E"}
	SecondDegreeBurn = Probit{"burn_second_degree", -43.14, 3.0186, thermalDose, "TNO Green Book CPR 16E"}
	LungEisenberg    = Probit{"lung_eisenberg", -77.1, 6.91, "p, Pa", "Eisenberg 1975, by " + hyram}
	LungHSE          = Probit{"lung_hse", 5.13, 1.37, "p, bar", "HSE, by " + hyram}
	ChlorineWithers  = Probit{"chlorine_withers_lees", -8.29, 0.92, "C^2 t, C in ppm, t in min",
		"Withers and Lees 1985, J. Hazard. Mater. 12"}
)

// Probits lists them.
func Probits() []Probit {
	return []Probit{ThermalTNO, ThermalEisenberg, ThermalHyRAM, FirstDegreeBurn, SecondDegreeBurn,
		LungEisenberg, LungHSE, ChlorineWithers}
}

// MostExposureSeconds bounds the time for which a person stays in the heat of a
// fire (Purple Book CPR 18E 5.2).
const MostExposureSeconds = 20

// ThermalDose is t q^(4/3) of a heat flux in W/m2 over seconds.
func ThermalDose(wPerM2, seconds float64) float64 {
	if !(wPerM2 > 0) {
		return 0
	}
	return seconds * math.Pow(wPerM2, 4.0/3)
}

// heatOf is the heat flux in W/m2 that gives a lethality over seconds.
func heatOf(lethality, seconds float64) float64 {
	return math.Pow(ThermalTNO.DoseOf(lethality)/seconds, 0.75)
}

// thermal is the lethality of a heat flux in W/m2 over seconds.
func thermal(wPerM2, seconds float64) float64 {
	return ThermalTNO.Chance(ThermalDose(wPerM2, seconds))
}

// HeadImpact is the probit value of death by the head's impact when the body is
// thrown by a blast of p Pa and i Pa s (TNO Green Book, by hyram).
func HeadImpact(pa, paS float64) float64 {
	if !(pa > 0 && paS > 0) {
		return math.Inf(-1)
	}
	return 5 - 8.49*math.Log(2430/pa+4e8/(pa*paS))
}

// Collapse is the probit value of the collapse of buildings under a blast of p
// Pa and i Pa s (TNO Green Book, by hyram).
func Collapse(pa, paS float64) float64 {
	if !(pa > 0 && paS > 0) {
		return math.Inf(-1)
	}
	return 5 - 0.22*math.Log(math.Pow(40000/pa, 7.4)+math.Pow(460/paS, 11.3))
}

// MostExposureMinutes bounds the time of exposure that a toxic probit counts
// (Purple Book CPR 18E 5.2).
const MostExposureMinutes = 30

// At gives the probit value of mg/m3 over minutes, -Inf where either is 0 or
// less. It never forms C^N, which underflows for thin gas.
func (p ToxicProbit) At(mgPerM3, minutes float64) float64 {
	if !(mgPerM3 > 0 && minutes > 0) {
		return math.Inf(-1)
	}
	return p.A + p.B*(p.N*math.Log(mgPerM3)+math.Log(min(minutes, MostExposureMinutes)))
}

// Lethality gives the share of people killed by mg/m3 over minutes.
func (p ToxicProbit) Lethality(mgPerM3, minutes float64) float64 {
	return Chance(p.At(mgPerM3, minutes))
}

// MgPerM3 is the concentration that kills a share in (0, 1) of people in minutes.
func (p ToxicProbit) MgPerM3(lethality, minutes float64) float64 {
	return math.Exp(((Pr(lethality)-p.A)/p.B - math.Log(min(minutes, MostExposureMinutes))) / p.N)
}

// MgPerM3OfPPM converts a volume share in ppm of a gas of a molar mass in g/mol
// at 20 C and 1 atm, where a mole takes 24.055 litres.
func MgPerM3OfPPM(ppm, gPerMol float64) float64 { return ppm * gPerMol / molarLitres }

// molarLitres is the volume of a mole of gas at 20 C and 1 atm: R T / p.
const molarLitres = 8.314462618 * 293.15 / 101.325
