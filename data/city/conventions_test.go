package city

import (
	"strings"
	"testing"

	"riskatlas/data"
)

func TestConventionsOfHangzhou(t *testing.T) {
	p := hangzhou(t)
	if p.NewBuild != [4]float64{1e-9, 3e-7, 3e-6, 1e-5} {
		t.Errorf("new-build cuts %v", p.NewBuild)
	}
	if w := p.Weather; w == nil || !w.Placeholder || w.Source == "" || w.RoseFrom[4] != 0.09 {
		t.Errorf("weather %+v", w)
	}
	if p.MainList.MinLevel != 3 || !p.MainList.MajorHazard {
		t.Errorf("main list %+v", p.MainList)
	}
	for code, want := range map[string]data.Protection{"C05": data.HighSensitive, "C12": data.Important, "I04": data.General2, "I01": data.Unprotected} {
		in, err := p.Taxonomy.Industry(code)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Taxonomy.Industries[in].Protection; got != want {
			t.Errorf("%s is %v, want %v", code, got, want)
		}
	}
}

func TestWeatherIsChecked(t *testing.T) {
	rose := make([]float64, 16)
	rose[3] = 1
	whole := func() *Weather {
		return &Weather{Terrain: "rural", Classes: []WeatherClass{{"D", 5, 1}}, RoseFrom: append([]float64(nil), rose...)}
	}
	if err := whole().check(); err != nil {
		t.Fatal(err)
	}
	for field, spoil := range map[string]func(*Weather){
		"terrain":              func(w *Weather) { w.Terrain = "sea" },
		"classes[0].stability": func(w *Weather) { w.Classes[0].Stability = "G" },
		"classes[0].wind_m_s":  func(w *Weather) { w.Classes[0].WindMS = 0.9 },
		"classes[0].share":     func(w *Weather) { w.Classes[0].Share = 0 },
		"classes":              func(w *Weather) { w.Classes[0].Share = 0.9 },
		"rose_from":            func(w *Weather) { w.RoseFrom = w.RoseFrom[:8] },
		"rose_from[3]":         func(w *Weather) { w.RoseFrom[3] = 2 },
	} {
		w := whole()
		spoil(w)
		err := w.check()
		inv, ok := err.(*data.Invalid)
		if !ok || inv.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	w := whole()
	w.RoseFrom[3] = 0.5
	if err := w.check(); err == nil || !strings.Contains(err.Error(), "sum to 1") {
		t.Errorf("a rose of one half: %v", err)
	}
}
