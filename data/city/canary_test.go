package city

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"riskatlas/data"
	"riskatlas/data/memory"
)

const canary = "CANARY-7f3a"

// strew puts the canary in every string that a value holds.
func strew(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			v.SetString(canary)
		}
	case reflect.Pointer:
		if v.CanSet() && v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		strew(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			strew(v.Field(i))
		}
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			v.SetBytes([]byte(`"` + canary + `"`))
			return
		}
		if v.CanSet() && v.Len() == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		}
		for i := range v.Len() {
			strew(v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]any{canary: canary}))
	}
}

// personal are the fields that the public view empties, found by trying.
func personal(t *testing.T) []int {
	var full data.Detail
	strew(reflect.ValueOf(&full).Elem())
	open := full.WithoutPersonal()
	var out []int
	for i := range reflect.TypeFor[data.Detail]().NumField() {
		if reflect.ValueOf(open).Field(i).IsZero() && !reflect.ValueOf(full).Field(i).IsZero() {
			out = append(out, i)
		}
	}
	if len(out) < 5 {
		t.Fatalf("only %d personal fields", len(out))
	}
	return out
}

// No string of an internal record, of a personal field or of a note is in
// anything that the public view gives.
func TestCanary(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := hangzhou(t)
	store := memory.New(p.Taxonomy)
	c := Wrap(store, p, PublicView)
	internal := func(id data.ID, s data.Sensitivity, industry string) data.Change {
		var d data.Detail
		strew(reflect.ValueOf(&d).Elem())
		d.Substances[0].MaxT = 1
		d.EffectRadius, d.Vessels[0].Kind, d.ProtectionClass, d.Flood = nil, data.VesselKinds[0], "", nil
		h := hazard(t, p, data.Hazard{ID: id, Name: canary, NameEn: canary, Regulator: canary, Sensitivity: s,
			Shape: orb.LineString{{120.1, 30.2}, {120.2, 30.3}}}, industry)
		return data.Change{ID: id, If: data.Any, New: &data.Record{Hazard: h, Detail: d}}
	}
	open := func(id data.ID) data.Change {
		var d data.Detail
		for _, i := range personal(t) {
			reflect.ValueOf(&d).Elem().Field(i).SetString(canary)
		}
		return data.Change{ID: id, If: data.Any, New: &data.Record{Hazard: hazard(t, p, data.Hazard{ID: id}, "I04"), Detail: d}}
	}
	note := data.Note{Who: canary, Why: canary, Key: canary}
	write := func(cs ...data.Change) {
		t.Helper()
		note.Key += "." // else it would be a repetition
		if _, err := store.Apply(ctx, note, cs...); err != nil {
			t.Fatal(err)
		}
	}
	write(internal(canary, data.Internal, "I04"), internal(canary+"-2", data.Unstated, "P09"), internal(canary+"-3", data.Secret, "I01"), open("open-1"))
	since, hazards := c.Load(ctx)
	var seen []any
	for h, err := range hazards {
		seen = append(seen, h, err)
	}
	if len(seen) != 2 || c.LeftOut() != 3 {
		t.Fatalf("%d seen, %d left out", len(seen)/2, c.LeftOut())
	}
	write(internal(canary+"-4", data.Internal, "I04"), open("open-2"))
	write(internal("open-2", data.Internal, "I04")) // turns internal
	write(internal(canary, data.Secret, "I04"))
	write(data.Change{ID: canary, If: data.Any}, open("open-1"))
	kind := data.DistrictKind("2021")
	note.Key += "."
	last, err := store.Replace(ctx, note, kind, []data.Unit{{Code: "330106", Shape: orb.Polygon{{{118, 29}, {121, 29}, {121, 31}, {118, 31}, {118, 29}}}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []data.Revision{since, 0, since + 1, last} { // its own, all, by the log, as it is now
		if from == last {
			write(open("open-3"), internal(canary+"-5", data.Internal, "I04"))
			last++
		}
		for b, err := range c.Watch(ctx, from) {
			seen = append(seen, b, err)
			if err != nil || b.Revision == last {
				break
			}
		}
	}
	records, err := c.Detail(ctx, canary+"-2", "open-1", "open-2", canary+"-3")
	seen = append(seen, err)
	for i, r := range records {
		if (r != nil) != (i == 1) {
			t.Errorf("record %d: %+v", i, r)
		}
		seen = append(seen, r)
	}
	_, hazards = c.Load(ctx)
	for h, err := range hazards {
		seen = append(seen, h, err)
	}
	for _, v := range seen {
		if err, ok := v.(error); ok {
			t.Error(err)
		}
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), "CANARY") {
			t.Errorf("the public sees %s", raw)
		}
	}
	// The test itself can see: the internal view shows them all.
	n := 0
	_, hazards = Wrap(store, p, InternalView).Load(ctx)
	for h := range hazards {
		if raw, _ := json.Marshal(h); strings.Contains(string(raw), "CANARY") {
			n++
		}
	}
	if n != 5 {
		t.Errorf("%d internal records in the internal view", n)
	}
}

// What the public view empties is what it keeps on writing.
func TestKeepPersonalIsWithoutPersonal(t *testing.T) {
	var full data.Detail
	strew(reflect.ValueOf(&full).Elem())
	got := full.WithoutPersonal()
	keepPersonal(&got, &full)
	if !reflect.DeepEqual(got, full) {
		t.Errorf("got %+v, want %+v", got, full)
	}
}
