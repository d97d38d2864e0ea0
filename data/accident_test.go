package data_test

import (
	"testing"

	"riskatlas/data"
	"riskatlas/data/city"
)

func TestAccidentTypesOfOutcomes(t *testing.T) {
	p, err := city.Load("hangzhou")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ industry, outcome, want string }{
		{"I04", "pool_fire", "FIRE"}, {"I04", "jet_fire", "FIRE"}, {"I01", "flash_fire", "FIRE"},
		{"I01", "fireball", "VEXP"}, {"I14", "fireball", "EXPL"}, {"I06", "fireball", "PEXP"}, {"C07", "fireball", "VEXP"},
		{"P03", "vce", "EXPL"}, {"I06", "condensed_explosion", "PEXP"}, {"I05", "condensed_explosion", "BLST"},
		{"I07", "dust_explosion", "DUST"}, {"I16", "toxic", "TOX"}, {"C11", "collapse", "COLL"}, {"I05", "collapse", "COLL"},
		{"C02", "crowd", "STAMP"}, {"P09", "flood", "DAMB"}, {"P02", "flood", "SLIDE"}, {"C14", "flood", "FLOODU"},
		{"P01", "index", "BLACK"}, {"P05", "index", "TRAF"},
	} {
		in, err := p.Taxonomy.Industry(c.industry)
		if err != nil {
			t.Fatal(err)
		}
		o, err := data.ParseOutcome(c.outcome)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Taxonomy.Accident(in, o); got != c.want {
			t.Errorf("%s in %s: %q, want %q", c.outcome, c.industry, got, c.want)
		}
	}
	bare, err := data.NewTaxonomy(data.Taxonomy{Groups: []data.GroupInfo{{Key: "g"}}, Vintages: []data.Vintage{{Name: "1"}},
		Industries: []data.IndustryInfo{{Code: "A", Slug: "a", Accidents: []string{"X"}}, {Code: "B", Slug: "b"}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := bare.Accident(0, 0); got != "X" {
		t.Errorf("a city without the type: %q, want the industry's first", got)
	}
	if got := bare.Accident(1, 0); got != "" {
		t.Errorf("no types at all: %q", got)
	}
}
