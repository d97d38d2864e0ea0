package city

import (
	"context"
	"testing"

	"riskatlas/data"
	"riskatlas/data/memory"
)

// A brief is of the record that the view was shown; the public sees no personal
// field of it.
func TestBriefIsWhatTheViewWasShown(t *testing.T) {
	ctx := context.Background()
	p := hangzhou(t)
	store := memory.New(p.Taxonomy)
	record := func(enterprise string) *data.Record {
		return &data.Record{Hazard: hazard(t, p, data.Hazard{ID: "a"}, "I04"), Detail: data.Detail{Enterprise: enterprise, Responsible: "R",
			Measures: &data.Measures{Emergency: []string{"drill"}}}}
	}
	apply(t, store, data.Change{ID: "a", New: record("first")})
	for view, responsible := range map[View]string{PublicView: "", InternalView: "R"} {
		c := Wrap(store, p, view)
		rs, err := c.Detail(ctx, "a")
		if err != nil {
			t.Fatal(err)
		}
		bs, err := c.Brief(ctx, rs[0].Hazard)
		if err != nil || bs[0] == nil || bs[0].Enterprise != "first" || bs[0].Responsible != responsible || bs[0].Measures.Emergency[0] != "drill" {
			t.Errorf("%s: %+v %v", view, bs[0], err)
		}
		other := *rs[0].Hazard
		other.Rev++
		if bs, err = c.Brief(ctx, &other); err != nil || bs[0] != nil {
			t.Errorf("%s: of another revision %+v %v", view, bs[0], err)
		}
	}
	if b, _ := store.Brief(ctx, "a"); b[0].Responsible != "R" {
		t.Error("the store's own brief was changed")
	}
}
