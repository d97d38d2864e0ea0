package data

import "time"

// reviewYears is after how many years a source of each level is to be reviewed:
// one for level 4, two for level 3, three below (a convention of this program).
var reviewYears = [...]int{Low: 3, General: 3, Significant: 2, Major: 1}

// ReviewDue is the day by which the record is to be reviewed, YYYY-MM-DD: its
// next_review or, where none is stated, so many years after assessed_at as go with
// its level. It is "" where neither is stated, or is no date: nobody knows.
func (r *Record) ReviewDue() string {
	if at, err := ParseDate("next_review", r.Detail.NextReview, time.UTC); err == nil {
		return at.Format(DateForm)
	}
	at, err := ParseDate("assessed_at", r.Detail.AssessedAt, time.UTC)
	if err != nil || int(r.Hazard.Level) >= len(reviewYears) {
		return ""
	}
	return at.AddDate(reviewYears[r.Hazard.Level], 0, 0).Format(DateForm)
}
