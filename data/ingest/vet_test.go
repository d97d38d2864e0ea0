package ingest

import (
	"context"
	"strings"
	"testing"

	"riskatlas/data/forms"
	"riskatlas/data/grading"
)

// What comes one by one is found odd by the words that rows are.
func TestVetFindsWhatRowsAreWarnedOf(t *testing.T) {
	p := profile(t, "hangzhou")
	rules, err := grading.Load()
	if err != nil {
		t.Fatal(err)
	}
	book, err := forms.New(p)
	if err != nil {
		t.Fatal(err)
	}
	v := NewVetter(p, rules, book)
	const good = `"name":"站","industry":"I04","level":2,"level_method":"LEC","level_inputs":{"L":1,"E":6,"C":15},"accident_types":["FIRE"],"district":"330105","district_vintage":"2021"`
	for _, c := range []struct{ at, properties, kinds string }{
		{"120.1634,30.2723", good, ""},
		{"120.1634,30.2723", good + `,"uscc":"91350100M000100Y43","duty_phone":"0571-12345678"`, ""}, // the standard's own number
		{"120.1634,30.2723", good + `,"uscc":"91350100M000100Y44"`, "uscc_check"},
		{"120.1634,30.2723", good + `,"uscc":"91350100M000100Y4O"`, "uscc_check"},
		{"120.1634,30.2723", good + `,"duty_phone":"12"`, "phone_form"},
		{"120.1634,30.2723", good + `,"name":""`, "name_missing"},
		{"120.1634,30.2723", good + `,"name":" "`, "name_missing"},
		{"120.1634,30.2723", good + `,"name":"` + strings.Repeat("长", 201) + `"`, "name_shortened"},
		{"120.1634,30.2723", good + `,"level_method":"x"`, "level_method_unknown level_method_missing"},
		{"120.1634,30.2723", good + `,"level_method":"expert","level":3`, "measures_missing"},
		{"120.1634,30.2723", good + `,"accident_types":["ALIENS"]`, "accident_type_unknown accident_types_missing"},
		{"120.1634,30.2723", good + `,"next_review":"20/11/2019"`, "date_unreadable"},
		{"120.1634,30.2723", good + `,"district":"330122"`, "district_mismatch"},
		{"120.1634,30.2723", good + `,"district":"330199"`, "district_unknown"},
		{"120.1634,30.2723", good + `,"district_vintage":null`, "district_vintage_missing"},
		{"120.1634,30.2723", good + `,"district_vintage":"1999"`, "district_vintage_unknown"},
		{"120.1634,30.2723", good + `,"level_inputs":{"L":1}`, "level_unchecked"},
		{"120.16,30.27", good, "coarse_coordinates"},
		{"120.681,30.511", good, "outside_districts district_mismatch"},
	} {
		raw := `{"type":"Feature","id":"x","geometry":{"type":"Point","coordinates":[` + c.at + `]},"properties":{` + c.properties + `}}`
		got, refused, err := v.Vet(context.Background(), []byte(raw), Places{})
		if err != nil || len(refused) > 0 {
			t.Errorf("%s: %v %v", c.properties, refused, err)
			continue
		}
		var kinds []string
		for _, f := range got.Findings {
			kinds = append(kinds, f.Kind)
			if f.Want == "" || f.Field == "duty_phone" && f.Value != "(personal)" {
				t.Errorf("%s: %+v", c.properties, f)
			}
		}
		if s := strings.Join(kinds, " "); s != c.kinds {
			t.Errorf("%s: found %q, want %q", c.properties, s, c.kinds)
		}
		share, missing := Completeness(got.Record, got.Named, true)
		public, _ := Completeness(got.Record, got.Named, false)
		if share <= 0 || share >= 1 || len(missing) == 0 || public <= 0 || public >= 1 {
			t.Errorf("%s: complete by %v, %v in public, without %v", c.properties, share, public, missing)
		}
	}
}
