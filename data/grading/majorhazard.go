package grading

import (
	"fmt"
	"math"
	"strings"

	"riskatlas/data"
)

// hazardFile is the format of rules/major_hazard.json.
type hazardFile struct {
	Threshold struct {
		S      float64 `json:"s"`
		Source string  `json:"source"`
	} `json:"threshold"`
	Alpha struct {
		Source string `json:"source"`
		Steps  []struct {
			Residents float64 `json:"residents"` // and more
			Alpha     float64 `json:"alpha"`
		} `json:"steps"` // most residents first, 0 last
	} `json:"alpha"`
	Grades struct {
		Source string `json:"source"`
		Steps  []struct {
			R     float64    `json:"r"` // and more
			Grade int        `json:"grade"`
			Name  string     `json:"name"`
			Level data.Level `json:"level"`
		} `json:"steps"` // worst first, R 0 last
	} `json:"grades"`
	Classes struct {
		Source string        `json:"source"`
		List   []hazardClass `json:"list"`
	} `json:"classes"`
}

type hazardClass struct {
	Class      string  `json:"class"` // J1 to W11
	Name       string  `json:"name"`
	ThresholdT float64 `json:"threshold_t"` // Q, tonnes
	Beta       float64 `json:"beta"`
}

func (r *Rules) readHazard(raw []byte) error {
	f := &r.hazard
	if err := decode(raw, f); err != nil {
		return err
	}
	for field, source := range map[string]string{"threshold.source": f.Threshold.Source, "alpha.source": f.Alpha.Source,
		"grades.source": f.Grades.Source, "classes.source": f.Classes.Source} {
		if err := sourced(field, source); err != nil {
			return err
		}
	}
	if !(f.Threshold.S > 0) {
		return &data.Invalid{Field: "threshold.s", Value: ftoa(f.Threshold.S), Want: "a number over 0"}
	}
	steps := f.Alpha.Steps
	for i, s := range steps {
		if !(s.Alpha > 0) || i > 0 && (s.Residents >= steps[i-1].Residents || s.Alpha > steps[i-1].Alpha) {
			return &data.Invalid{Field: "alpha.steps", Value: ftoa(s.Residents), Want: "residents that fall from step to step, with an alpha over 0 that does not rise"}
		}
	}
	if n := len(steps); n == 0 || steps[n-1].Residents != 0 {
		return &data.Invalid{Field: "alpha.steps", Value: fmt.Sprint(len(steps)), Want: "steps down to 0 residents"}
	}
	var cuts []cut
	for i, s := range f.Grades.Steps {
		cuts = append(cuts, cut{s.R, s.Level})
		if s.Grade != i+1 {
			return &data.Invalid{Field: "grades.grade", Value: fmt.Sprint(s.Grade), Want: fmt.Sprint(i + 1)}
		}
	}
	if n := len(cuts); n != 4 || cuts[n-1].at != 0 {
		return &data.Invalid{Field: "grades.steps", Value: fmt.Sprint(n), Want: "4 grades, the last from R 0"}
	}
	if err := falling("grades.steps", cuts, 0); err != nil {
		return err
	}
	r.classes = map[string]hazardClass{}
	for _, c := range f.Classes.List {
		if _, twice := r.classes[fold(c.Class)]; twice || c.Class == "" || !(c.ThresholdT > 0 && c.Beta > 0) {
			return &data.Invalid{Field: "classes.class", Value: c.Class, Want: "a class that stands once, with threshold_t in tonnes and beta over 0"}
		}
		r.classes[fold(c.Class)] = c
	}
	return nil
}

// MajorHazard is the identification and grading of a major hazard installation
// (GB 18218-2018, clauses 4.2 and 4.3).
type MajorHazard struct {
	S     float64    // sum of q/Q; from 1 it is a major hazard installation
	R     float64    // alpha times the sum of beta q/Q
	Alpha float64    // by residents within 500 m outside the boundary
	Grade int        // 1 (一级, worst) to 4; 0: no major hazard installation
	Level data.Level // of the grade; LevelNone: no major hazard installation
	Terms []Term     // by substance, as given
}

// Term is what one substance adds to S and R.
type Term struct {
	Name  string  // of the table's entry, or the class
	MaxT  float64 // q, tonnes
	Q     float64 // threshold, tonnes
	Beta  float64 // correction factor
	Ratio float64 // q/Q
}

// MajorHazard computes S and R. residents are those within 500 m outside the
// boundary. A substance is found by its CAS number or name (Chinese, English,
// formula), else by its class (J1 to W11); one that is found by neither, an
// amount that is not over 0 (to 1e8) tonnes and negative residents are a *data.Invalid.
// Without substances S and R are 0.
func (r *Rules) MajorHazard(substances []data.Substance, residents int) (MajorHazard, error) {
	if residents < 0 {
		return MajorHazard{}, &data.Invalid{Field: residentsInput, Value: fmt.Sprint(residents), Want: "people, 0 or more"}
	}
	m := MajorHazard{Alpha: r.alpha(float64(residents))}
	var sum float64
	for _, s := range substances {
		t, err := r.term(s)
		if err != nil {
			return MajorHazard{}, err
		}
		m.S += t.Ratio
		sum += t.Beta * t.Ratio
		m.Terms = append(m.Terms, t)
	}
	m.R = m.Alpha * sum
	m.Grade, m.Level = r.grade(m.S, m.R)
	return m, nil
}

func (r *Rules) alpha(residents float64) float64 {
	for _, s := range r.hazard.Alpha.Steps {
		if residents >= s.Residents {
			return s.Alpha
		}
	}
	return math.NaN() // readHazard demands a step from 0
}

// grade gives the grade and its level, or 0 and LevelNone under the threshold.
func (r *Rules) grade(s, rValue float64) (int, data.Level) {
	if s < r.hazard.Threshold.S*(1-tolerance) {
		return 0, data.LevelNone
	}
	for _, g := range r.hazard.Grades.Steps {
		if rValue >= g.R*(1-tolerance) {
			return g.Grade, g.Level
		}
	}
	return 0, data.LevelNone
}

// gradeLevel is the level of a grade of 1 to 4.
func (r *Rules) gradeLevel(grade int) data.Level { return r.hazard.Grades.Steps[grade-1].Level }

func (r *Rules) class(name string) (hazardClass, bool) {
	c, ok := r.classes[fold(name)]
	return c, ok
}

func (r *Rules) classNames() []string {
	var names []string
	for _, c := range r.hazard.Classes.List {
		names = append(names, c.Class)
	}
	return names
}

// explain is S and R in words.
func (m *MajorHazard) explain() string {
	parts := make([]string, len(m.Terms))
	for i, t := range m.Terms {
		parts[i] = fmt.Sprintf("%s %s t / %s t, beta %s", t.Name, ftoa(t.MaxT), ftoa(t.Q), ftoa(t.Beta))
	}
	return fmt.Sprintf("S = %.6g, alpha = %s, R = %.6g (%s)", m.S, ftoa(m.Alpha), m.R, strings.Join(parts, "; "))
}
