package index

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"go.uber.org/goleak"

	"riskatlas/data"
	"riskatlas/data/citytest"
	"riskatlas/data/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// following runs an index over a store and hands over its updates.
type following struct {
	*Index
	updates chan Update
	ended   chan error
	cancel  context.CancelFunc
}

func follow(t *testing.T, store data.Store) *following {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	f := &following{Index: New(citytest.Taxonomy()), updates: make(chan Update), ended: make(chan error, 1), cancel: cancel}
	go func() {
		f.ended <- f.Follow(ctx, store, func(u Update) {
			if f.Snapshot() == u.Snapshot {
				t.Error("readers see the snapshot before publish returned")
			}
			select {
			case f.updates <- u:
			case <-ctx.Done():
			}
		})
	}()
	t.Cleanup(func() {
		cancel()
		f.wait(t)
	})
	return f
}

// wait gives the error that Follow ended with.
func (f *following) wait(t *testing.T) error {
	t.Helper()
	select {
	case err := <-f.ended:
		f.ended <- err
		return err
	case <-time.After(20 * time.Second):
		t.Fatal("Follow does not end")
	}
	return nil
}

func (f *following) next(t *testing.T) Update {
	t.Helper()
	select {
	case u := <-f.updates:
		return u
	case err := <-f.ended:
		f.ended <- err
		t.Fatalf("Follow ended: %v", err)
	case <-time.After(20 * time.Second):
		t.Fatal("no update")
	}
	return Update{}
}

func filled(t *testing.T, hs []*data.Hazard) *memory.Store {
	t.Helper()
	store := memory.New(citytest.Taxonomy())
	t.Cleanup(func() { store.Close() })
	apply1(t, store, hs...)
	return store
}

// apply1 puts the hazards in as one revision.
func apply1(t *testing.T, store *memory.Store, hs ...*data.Hazard) {
	t.Helper()
	var cs []data.Change
	for _, h := range hs {
		cs = append(cs, record(h))
	}
	if _, err := store.Apply(t.Context(), data.Note{Who: "test"}, cs...); err != nil {
		t.Fatal(err)
	}
}

func TestFollowPublishesEachBatchOnce(t *testing.T) {
	rng := newRand(61)
	hs := citytest.Hazards(rng, 50, citytest.Bound)
	store := filled(t, hs)
	kind := data.DistrictKind("2021")
	if _, err := store.Replace(t.Context(), data.Note{}, kind, citytest.Districts("2021", citytest.Bound)); err != nil {
		t.Fatal(err)
	}
	f := follow(t, store)
	if s := f.Snapshot(); s.Len() != 0 || s.Revision() != 0 {
		t.Errorf("before loading: %d hazards, revision %d", s.Len(), s.Revision())
	}
	u := f.next(t)
	if !u.Full || u.Changes != nil || !slices.Equal(u.Kinds, []string{kind}) || u.Snapshot.Len() != 50 || u.Snapshot.Revision() != 2 || !u.Snapshot.At().IsZero() {
		t.Errorf("first update: %+v", u)
	}
	last := u.Snapshot

	m := citytest.NewMaker(rng, citytest.Bound)
	changed, added := m.Hazard(hs[7].ID), m.Hazard("new")
	if _, err := store.Apply(t.Context(), data.Note{}, record(changed), record(added), data.Change{ID: hs[9].ID, If: data.Any}); err != nil {
		t.Fatal(err)
	}
	u = f.next(t)
	if u.Full || len(u.Kinds) != 0 || len(u.Changes) != 3 || u.Snapshot.Revision() != 3 || u.Snapshot.At().IsZero() {
		t.Errorf("second update: %+v", u)
	}
	for i, want := range []struct {
		old   *data.Hazard
		newID data.ID
	}{{must(last.Get(hs[7].ID)), hs[7].ID}, {nil, "new"}, {must(last.Get(hs[9].ID)), ""}} {
		c := u.Changes[i]
		if c.Old != want.old || (c.New == nil) != (want.newID == "") || c.New != nil && c.New.ID != want.newID {
			t.Errorf("change %d: %+v", i, c)
		}
	}
	if last.Len() != 50 || u.Snapshot.Len() != 50 {
		t.Errorf("%d and %d hazards", last.Len(), u.Snapshot.Len())
	}

	units := citytest.Districts("2021", citytest.Bound)[:5]
	if _, err := store.Replace(t.Context(), data.Note{}, kind, units); err != nil {
		t.Fatal(err)
	}
	u = f.next(t)
	if !slices.Equal(u.Kinds, []string{kind}) || len(u.Changes) != 0 || len(u.Snapshot.Units(kind)) != 5 || len(last.Units(kind)) != 9 {
		t.Errorf("after new districts: %+v", u)
	}
	f.cancel()
	if err := f.wait(t); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	if s := f.Snapshot(); s.Revision() != 4 || s != u.Snapshot {
		t.Errorf("the last snapshot is not kept: revision %d", s.Revision())
	}
}

func must(h *data.Hazard, _ bool) *data.Hazard { return h }

// batches is a store whose log is given, to send what stores in use would not.
type batches struct {
	*memory.Store
	gate  chan struct{} // the log begins when it is closed; nil: at once
	log   []data.Batch
	fault error // after the log
}

func (b *batches) Watch(context.Context, data.Revision) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		if b.gate != nil {
			<-b.gate
		}
		for _, batch := range b.log {
			if !yield(batch, nil) {
				return
			}
		}
		if b.fault != nil {
			yield(data.Batch{}, b.fault)
		}
	}
}

func TestFollowTakesKindAndChangesOfOneBatch(t *testing.T) {
	rng := newRand(62)
	hs := citytest.Hazards(rng, 20, citytest.Bound)
	store := filled(t, hs)
	h := citytest.NewMaker(rng, citytest.Bound).Hazard("moved")
	kind := data.DistrictKind("2021")
	gate := make(chan struct{})
	f := follow(t, &batches{Store: store, gate: gate, log: []data.Batch{
		{Revision: 1, Changes: []data.Change{{ID: hs[0].ID}}}, // loaded already
		{Revision: 2, At: time.Unix(5, 0), Kind: kind, Changes: []data.Change{record(h)}},
	}})
	f.next(t)
	if _, err := store.Replace(t.Context(), data.Note{}, kind, citytest.Districts("2021", citytest.Bound)); err != nil {
		t.Fatal(err)
	}
	close(gate)
	u := f.next(t)
	if len(u.Changes) != 1 || u.Changes[0].New != h || !slices.Equal(u.Kinds, []string{kind}) || !u.Snapshot.At().Equal(time.Unix(5, 0)) {
		t.Errorf("%+v", u)
	}
	if n := len(u.Snapshot.Units(kind)); n != 9 {
		t.Errorf("%d districts", n)
	}
	if err := f.wait(t); err == nil || !strings.Contains(err.Error(), "ended its log at revision 2") {
		t.Errorf("ended with %v", err)
	}
	if got := f.Snapshot().reach; len(got) != 9 {
		t.Errorf("reach of %d districts", len(got))
	}
}

func TestFollowErrorsSayWhereAndKeepWhatStands(t *testing.T) {
	fault := errors.New("disk on fire")
	hs := citytest.Hazards(newRand(63), 5, citytest.Bound)
	for _, c := range []struct {
		name  string
		store data.Store
		want  string
		is    error
		len   int
	}{
		{"watch fails", &batches{Store: filled(t, hs), fault: fault}, "watching the store after revision 1", fault, 5},
		{"a batch is missing", &batches{Store: filled(t, hs), log: []data.Batch{{Revision: 3}}}, "from revision 1 to 3", nil, 5},
		{"loading fails", &broken{Store: filled(t, hs), hazards: fault}, "loading hazard 3", fault, 0},
		{"kinds fail", &broken{Store: filled(t, hs), kinds: fault}, "kinds of units", fault, 0},
		{"units fail", &broken{Store: filled(t, hs), units: fault}, `units of kind "place"`, fault, 0},
		{"a unit without shape", &broken{Store: filled(t, hs)}, `unit "nowhere"`, nil, 0},
	} {
		x := New(citytest.Taxonomy())
		published := 0
		err := x.Follow(t.Context(), c.store, func(Update) { published++ })
		if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if x.Snapshot().Len() != c.len || published != min(c.len, 1) {
			t.Errorf("%s: %d hazards stand, %d published", c.name, x.Snapshot().Len(), published)
		}
	}
	store := filled(t, hs)
	f := follow(t, store)
	f.next(t)
	store.Close()
	if err := f.wait(t); !errors.Is(err, os.ErrClosed) {
		t.Errorf("closed store: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := New(citytest.Taxonomy()).Follow(ctx, filled(t, hs), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("ended before it began: %v", err)
	}
}

// broken fails at the step whose error is set, else has a unit without a shape.
type broken struct {
	*memory.Store
	hazards, kinds, units error
}

func (b *broken) Load(ctx context.Context) (data.Revision, iter.Seq2[*data.Hazard, error]) {
	rev, seq := b.Store.Load(ctx)
	return rev, func(yield func(*data.Hazard, error) bool) {
		n := 0
		for h, err := range seq {
			if n++; n == 3 && b.hazards != nil {
				h, err = nil, b.hazards
			}
			if !yield(h, err) {
				return
			}
		}
	}
}

func (b *broken) Kinds(context.Context) ([]string, error) { return []string{data.PlaceKind}, b.kinds }

func (b *broken) Units(context.Context, string) iter.Seq2[*data.Unit, error] {
	return func(yield func(*data.Unit, error) bool) { yield(&data.Unit{Code: "nowhere"}, b.units) }
}

// A change that no tile shows renews none, through the whole way of a write.
func TestATelephoneNumberRenewsNoTile(t *testing.T) {
	hs := citytest.Hazards(newRand(64), 60, citytest.Bound)
	store := filled(t, hs)
	f := follow(t, store)
	before := f.next(t).Snapshot
	old, err := store.Detail(t.Context(), hs[3].ID)
	if err != nil {
		t.Fatal(err)
	}
	r := *old[0]
	r.Detail.DutyPhone = "000"
	if _, err := store.Apply(t.Context(), data.Note{}, data.Change{ID: hs[3].ID, If: data.Any, New: &r}); err != nil {
		t.Fatal(err)
	}
	u := f.next(t)
	if len(u.Changes) != 1 || u.Changes[0].New.Rev == u.Changes[0].Old.Rev {
		t.Errorf("the change did not come: %+v", u.Changes)
	}
	a, b := stateOf(before), stateOf(u.Snapshot)
	if diff := cmp.Diff(a.Sums, b.Sums); diff != "" || len(a.Sums) == 0 {
		t.Errorf("%d sums, changed:\n%s", len(a.Sums), diff)
	}
	for z := range uint32(19) {
		tile := tilesOver(orb.Bound{Min: hs[3].Label(), Max: hs[3].Label()}, maptile.Zoom(z))[0]
		for l := range data.LayerCount {
			if before.Fingerprint(tile, l, data.All()) != u.Snapshot.Fingerprint(tile, l, data.All()) {
				t.Errorf("%v %s is renewed", tile, l)
			}
		}
	}
}

// Readers, what-ifs and the writer work at once; run with -race.
func TestReadersDuringUpdates(t *testing.T) {
	rng := newRand(65)
	hs := citytest.Hazards(rng, 400, citytest.Bound)
	store := filled(t, hs)
	f := follow(t, store)
	f.next(t)
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for r := range 4 {
		readers.Go(func() {
			rng := newRand(uint64(100 + r))
			m := citytest.NewMaker(rng, citytest.Bound)
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := readAll(f.Snapshot(), m, rng); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	m := citytest.NewMaker(rng, citytest.Bound)
	for i := range 60 {
		apply1(t, store, m.Hazard(citytest.ID(rng.IntN(450))), m.Hazard(citytest.ID(500+i)))
		f.next(t)
	}
	close(stop)
	readers.Wait()
}

func readAll(s *Snapshot, m *citytest.Maker, rng interface{ IntN(int) int }) error {
	f := data.All()
	f.Levels &^= 1 << uint(1+rng.IntN(4))
	n := 0
	for h := range s.All(data.All(), "") {
		if got, ok := s.Get(h.ID); !ok || got != h {
			return fmt.Errorf("%s is in All and not in Get", h.ID)
		}
		n++
	}
	if n != s.Len() {
		return fmt.Errorf("All gives %d of %d", n, s.Len())
	}
	counts, active := s.Count(data.All()), 0
	last := -1.0
	for _, d := range s.Nearest(citytest.Bound.Center(), data.All()) {
		if d < last {
			return fmt.Errorf("%v m after %v m", d, last)
		}
		last = d
		active++
	}
	if sum := counts[1] + counts[2] + counts[3] + counts[4]; sum != active {
		return fmt.Errorf("counted %d, found %d", sum, active)
	}
	what := s.With(record(m.Hazard("what-if")))
	for _, tile := range tilesOver(citytest.Bound, 11) {
		for l := range data.LayerCount {
			what.Fingerprint(tile, l, f)
			s.Fingerprint(tile, l, f)
		}
	}
	return nil
}
