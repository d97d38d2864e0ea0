package calendar_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"riskatlas/data"
	"riskatlas/data/calendar"
	"riskatlas/data/gpkg"
	"riskatlas/data/memory"
	"riskatlas/data/storetest"
)

// clock is set by hand. Whoever waits is counted, so that a test knows when all
// has been done that the time brings.
type clock struct {
	mu      sync.Mutex
	now     time.Time
	waiting []waiter
	asked   *sync.Cond
}

type waiter struct {
	at time.Time
	ch chan time.Time
}

func newClock(at time.Time) *clock {
	c := &clock{now: at}
	c.asked = sync.NewCond(&c.mu)
	return c
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := waiter{c.now.Add(d), make(chan time.Time, 1)}
	c.waiting = append(c.waiting, w)
	c.asked.Broadcast()
	return w.ch
}

// set sets the time and fires what is due.
func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = at
	left := c.waiting[:0]
	for _, w := range c.waiting {
		if w.at.After(at) {
			left = append(left, w)
			continue
		}
		w.ch <- at
	}
	c.waiting = left
}

// idle returns when the clock was asked to wait n times.
func (c *clock) idle(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.waiting) < n {
		c.asked.Wait()
	}
}

// The rule as a table: what each status is before, within and after the dates.
func TestStatusOn(t *testing.T) {
	const day = "2026-03-10"
	for _, c := range []struct {
		from, to string
		is       data.Status
		want     data.Status
	}{
		{"", "", data.Active, data.Active}, {"", "", data.Planned, data.Planned},
		{"2026-03-11", "", data.Active, data.Planned}, {"2026-03-10", "", data.Planned, data.Active}, {"2026-03-10", "", data.Active, data.Active},
		{"", "2026-03-10", data.Active, data.Active}, {"", "2026-03-09", data.Active, data.Closed}, {"", "2026-03-09", data.Planned, data.Closed},
		{"", "2026-03-10", data.Planned, data.Planned}, {"2026-03-01", "2026-03-09", data.Planned, data.Closed}, {"2026-03-01", "2026-03-31", data.Planned, data.Active},
		{"2026-03-01", "2026-03-09", data.Suspended, data.Suspended}, {"2026-03-01", "", data.Closed, data.Closed}, {"2026-03-11", "", data.Suspended, data.Suspended},
	} {
		if got := calendar.StatusOn(c.is, c.from, c.to, day); got != c.want {
			t.Errorf("%s from %q to %q: %s, want %s", c.is, c.from, c.to, got, c.want)
		}
	}
}

func stores(t *testing.T) map[string]data.Remembering {
	file, err := gpkg.Open(filepath.Join(t.TempDir(), "city.gpkg"), storetest.Taxonomy(), gpkg.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]data.Remembering{"memory": memory.New(storetest.Taxonomy()), "gpkg": file}
}

func record(t *testing.T, id data.ID, s data.Status, from, to string) *data.Record {
	t.Helper()
	h := *storetest.Record(id, 6).Hazard
	h.Status = s
	sealed, err := h.Seal()
	if err != nil {
		t.Fatal(err)
	}
	return &data.Record{Hazard: sealed, Detail: data.Detail{ValidFrom: from, ValidTo: to}}
}

// Days pass, records come with all sorts of dates, two servers look after them and
// one of them is away for some days: after each day every record has the status
// that the rule gives it, by revisions that say who and why, and of which none is
// made twice.
func TestValidityFollowsTheCalendar(t *testing.T) {
	before := goleak.IgnoreCurrent()
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) { followCalendar(t, store) })
		store.Close()
	}
	goleak.VerifyNone(t, before)
}

func followCalendar(t *testing.T, store data.Remembering) {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(4, 4))
	day := func(n int) string {
		return time.Date(2026, 3, 1, 0, 0, 0, 0, zone).AddDate(0, 0, n).Format(data.DateForm)
	}
	clk := newClock(time.Date(2026, 3, 1, 12, 0, 0, 0, zone))
	write := func(n int) {
		var changes []data.Change
		for _, i := range rng.Perm(30)[:n] {
			dates := [2]string{}
			for j := range dates {
				if rng.IntN(3) > 0 {
					dates[j] = day(rng.IntN(16) - 2 + 4*j)
				}
			}
			id := data.ID(fmt.Sprint("r", i))
			changes = append(changes, data.Change{ID: id, If: data.Any, New: record(t, id, data.Status(rng.IntN(len(data.StatusKeys))), dates[0], dates[1])})
		}
		if _, err := store.Apply(t.Context(), data.Note{Who: "w"}, changes...); err != nil {
			t.Fatal(err)
		}
	}
	write(20)
	var applied atomic.Int64
	server := func() (stop func()) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			v := calendar.Validity{Store: store, Zone: zone, Clock: clk, Applied: func(_ data.Revision, _ string, n int) { applied.Add(int64(n)) }}
			if err := v.Run(ctx); err != nil {
				t.Error(err)
			}
		}()
		return func() { cancel(); <-done }
	}
	stop1, stop2 := server(), server()
	for n := range 14 {
		clk.set(time.Date(2026, 3, 1, 0, 0, 0, 0, zone).AddDate(0, 0, n).Add(time.Duration(rng.IntN(80000)) * time.Second))
		if rng.IntN(2) == 0 {
			write(1 + rng.IntN(5))
		}
		switch n {
		case 5:
			stop1()
			stop2() // both are away: the days are made up for
		case 9:
			stop1, stop2 = server(), server()
		}
		if n < 5 || n >= 9 {
			settle(t, store, day(n), clk)
		}
	}
	stop1()
	stop2()
	made, records := 0, int64(0)
	for b, err := range store.Log(t.Context(), 0, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if b.Note.Who != calendar.Who {
			continue
		}
		made++
		records += int64(len(b.Changes))
		if b.Note.Why == "" || b.Note.Key == "" || len(b.Changes) == 0 {
			t.Errorf("%+v", b.Note)
		}
	}
	if told := applied.Load(); told < records { // a key that another has used is told of as well
		t.Errorf("told of %d records, changed %d", told, records)
	}
	if made < 5 {
		t.Errorf("%d revisions: the dates brought nothing", made)
	}
}

// settle waits until every record has the status that the rule gives it on a day:
// each revision of the log is a reason to look again, and so is the clock.
func settle(t *testing.T, store data.Remembering, day string, clk *clock) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	wrong := func() (data.Revision, string) {
		rev, all := store.Load(ctx)
		for h, err := range all {
			if err != nil {
				t.Fatal(err)
			}
			rs, err := store.DetailAt(ctx, rev, h.ID)
			if err != nil {
				t.Fatal(err)
			}
			d := rs[0].Detail
			if want := calendar.StatusOn(h.Status, d.ValidFrom, d.ValidTo, day); want != h.Status {
				return rev, fmt.Sprintf("%s from %q to %q is %s on %s, want %s", h.ID, d.ValidFrom, d.ValidTo, h.Status, day, want)
			}
		}
		return rev, ""
	}
	for {
		rev, why := wrong()
		if why == "" {
			return
		}
		more := false
		for range store.Watch(ctx, rev) { // whoever looks after it writes
			more = true
			break
		}
		if !more {
			t.Fatal(why)
		}
	}
}

// EachDay calls at once, and once each local day, also when days were missed.
func TestEachDay(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	clk := newClock(time.Date(2026, 3, 1, 23, 0, 0, 0, zone))
	ctx, cancel := context.WithCancel(t.Context())
	calls := make(chan string, 10)
	done := make(chan struct{})
	go func() {
		defer close(done)
		calendar.EachDay(ctx, clk, zone, func(now time.Time) { calls <- now.In(zone).Format(time.DateTime) })
	}()
	want := func(at string) {
		t.Helper()
		if got := <-calls; got != at {
			t.Errorf("called at %s, want %s", got, at)
		}
	}
	want("2026-03-01 23:00:00")
	for _, step := range []struct{ set, call string }{{"2026-03-01 23:59:59", ""}, {"2026-03-02 00:00:00", "2026-03-02 00:00:00"}, {"2026-03-02 23:00:00", ""}, {"2026-03-05 04:00:00", "2026-03-05 04:00:00"}} {
		clk.idle(1)
		at, err := time.ParseInLocation(time.DateTime, step.set, zone)
		if err != nil {
			t.Fatal(err)
		}
		clk.set(at)
		if step.call != "" {
			want(step.call)
		}
	}
	clk.idle(1)
	cancel()
	<-done
	if len(calls) > 0 {
		t.Errorf("called again: %s", <-calls)
	}
}
