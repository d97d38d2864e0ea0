package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
)

// tileOf draws tiles: a zoom, each as likely as another, then a place on the
// ground.
func (b *bench) tileOf(template string) func(*rand.Rand) string {
	return func(r *rand.Rand) string {
		t := maptile.At(b.place(r), maptile.Zoom(b.from+r.IntN(b.to-b.from+1)))
		return strings.NewReplacer("{z}", strconv.Itoa(int(t.Z)), "{x}", strconv.Itoa(int(t.X)), "{y}", strconv.Itoa(int(t.Y))).Replace(template)
	}
}

// placeOf draws places.
func (b *bench) placeOf(template string) func(*rand.Rand) string {
	return func(r *rand.Rand) string {
		p := b.place(r)
		return strings.NewReplacer("{lon}", strconv.FormatFloat(p[0], 'f', 6, 64), "{lat}", strconv.FormatFloat(p[1], 'f', 6, 64)).Replace(template)
	}
}

func (b *bench) place(r *rand.Rand) orb.Point {
	return orb.Point{
		b.bounds.Min[0] + r.Float64()*(b.bounds.Max[0]-b.bounds.Min[0]),
		b.bounds.Min[1] + r.Float64()*(b.bounds.Max[1]-b.bounds.Min[1]),
	}
}

// filterChoice is what a riskatlas can be filtered by.
type filterChoice struct{ industries, districts []string }

// draw gives a filter by about half of the industries, two levels and three
// districts.
func (f *filterChoice) draw(r *rand.Rand) string {
	some := func(from []string, n int) string {
		var out []string
		for _, i := range r.Perm(len(from))[:min(n, len(from))] {
			out = append(out, from[i])
		}
		return strings.Join(out, ",")
	}
	q := url.Values{"industry": {some(f.industries, max(1, len(f.industries)/2))}, "level": {some([]string{"1", "2", "3", "4"}, 2)}}
	if len(f.districts) > 0 {
		q.Set("district", some(f.districts, 3))
	}
	return q.Encode()
}

// learn asks a riskatlas what it has.
func (b *bench) learn(ctx context.Context) error {
	var t struct {
		City       struct{ Bounds []float64 }
		Industries []struct{ Code string }
		Districts  []struct{ Code string }
	}
	if err := b.get(ctx, strings.TrimSuffix(b.URL, "/")+"/api/v1/taxonomy", &t); err != nil {
		return fmt.Errorf("%s is no riskatlas that is ready (%w); give another server's template with {z}, {x} and {y}", b.URL, err)
	}
	if len(t.City.Bounds) != 4 || len(t.Industries) == 0 {
		return fmt.Errorf("%s is no riskatlas: its taxonomy has no bounds or no industries", b.URL)
	}
	b.bounds = orb.Bound{Min: orb.Point{t.City.Bounds[0], t.City.Bounds[1]}, Max: orb.Point{t.City.Bounds[2], t.City.Bounds[3]}}
	b.filters = &filterChoice{}
	for _, i := range t.Industries {
		b.filters.industries = append(b.filters.industries, i.Code)
	}
	for _, d := range t.Districts {
		b.filters.districts = append(b.filters.districts, d.Code)
	}
	return nil
}

// get reads a JSON answer.
func (b *bench) get(ctx context.Context, from string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return err
	}
	res, err := b.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers %s", res.Status)
	}
	return json.NewDecoder(io.LimitReader(res.Body, 16<<20)).Decode(into)
}
