package city

import (
	"fmt"
	"io/fs"
	"math"
	"slices"

	"riskatlas/data"
)

// conventions reads the weather and the rule of the main list.
func (p *Profile) conventions(f *File, _ fs.FS) error {
	p.MainList = MainList{MinLevel: int(data.Significant), MajorHazard: true, Source: "convention of this project"}
	if f.MainList != nil {
		if l := f.MainList.MinLevel; l < int(data.Low) || l > int(data.Major) {
			return invalid("main_list.min_level", l, "1 to 4")
		}
		p.MainList = *f.MainList
	}
	if f.Weather == nil {
		return nil
	}
	if err := f.Weather.check(); err != nil {
		return within("weather", err)
	}
	p.Weather = f.Weather
	return nil
}

// sumTolerance is how far from 1 shares that are given in decimals may sum.
const sumTolerance = 1e-6

func (w *Weather) check() error {
	if w.Terrain != "rural" && w.Terrain != "urban" {
		return invalid("terrain", w.Terrain, "rural or urban")
	}
	if n := len(w.Classes); n == 0 || n > 36 {
		return invalid("classes", n, "1 to 36 classes of stability and wind")
	}
	sum := 0.0
	for i, c := range w.Classes {
		where := fmt.Sprintf("classes[%d]", i)
		switch {
		case !slices.Contains([]string{"A", "B", "C", "D", "E", "F"}, c.Stability):
			return invalid(where+".stability", c.Stability, "a class of Pasquill's, A to F")
		case !(c.WindMS >= 1 && c.WindMS <= 50):
			return invalid(where+".wind_m_s", c.WindMS, "a wind of 1 to 50 m/s at 10 m")
		case !(c.Share > 0 && c.Share <= 1):
			return invalid(where+".share", c.Share, "a share over 0 and at most 1")
		}
		sum += c.Share
	}
	if math.Abs(sum-1) > sumTolerance {
		return invalid("classes", sum, "shares that sum to 1")
	}
	if len(w.RoseFrom) != 16 {
		return invalid("rose_from", len(w.RoseFrom), "16 shares: wind from N, NNE, NE, and so on clockwise")
	}
	sum = 0
	for i, s := range w.RoseFrom {
		if !(s >= 0 && s <= 1) {
			return invalid(fmt.Sprintf("rose_from[%d]", i), s, "a share of 0 to 1")
		}
		sum += s
	}
	if math.Abs(sum-1) > sumTolerance {
		return invalid("rose_from", sum, "shares that sum to 1")
	}
	return nil
}
