package data

import "testing"

func TestReviewDue(t *testing.T) {
	for _, c := range []struct {
		level          Level
		next, assessed string
		want           string
	}{
		{Major, "", "2019-11-20", "2020-11-20"}, {Significant, "", "2019-11-20", "2021-11-20"}, {General, "", "2019-11-20", "2022-11-20"},
		{Low, "", "2019-11-20", "2022-11-20"}, {Major, "2030-01-02", "2019-11-20", "2030-01-02"}, {Low, "", "", ""}, {Low, "soon", "2020-01-01", "2023-01-01"},
		{Major, "", "2020-02-29", "2021-03-01"}, {Low, "2026-02-30", "", ""},
	} {
		r := Record{Hazard: &Hazard{Class: Class{Level: c.level}}, Detail: Detail{NextReview: c.next, AssessedAt: c.assessed}}
		if got := r.ReviewDue(); got != c.want {
			t.Errorf("level %d, next review %q, assessed %q: due %q, want %q", c.level, c.next, c.assessed, got, c.want)
		}
	}
}
