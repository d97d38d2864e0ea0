package api

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"riskatlas/data"
	"riskatlas/data/city"
	"riskatlas/data/ingest"
)

// ImportOptions is what imports are done with. Store and Profile are needed.
type ImportOptions struct {
	Store   data.Store // the store itself, whatever the view shows
	Units   data.Units // of the same store: the boundaries of districts; nil: the profile's outlines
	Profile *city.Profile
	View    city.View // what reports may say of what the store holds

	// Derive is ingest.Options.Derive; nil derives nothing.
	Derive func(*data.Record) ([]string, error)
	// Published waits until the city shows a revision; nil waits for nothing.
	Published func(context.Context, data.Revision) error
	Log       *slog.Logger // nil: none

	MaxBytes int64         // of all files of one import; 0: ingest.DefaultMaxBytes
	Waiting  int           // imports that wait at most behind the one that runs; 0: 8
	Kept     int           // ended imports whose report is kept at most; 0: 16
	Keep     time.Duration // how long; 0: a day
}

// mostReportBytes bounds the memory of all reports that are kept.
const mostReportBytes = 128 << 20

// States of an import.
const (
	importQueued    = "queued"
	importRunning   = "running"
	importDone      = "done"
	importFailed    = "failed"
	importCancelled = "cancelled"
)

// Imports does imports one after another, in the order in which they came. They
// are held in the memory of this server alone. Safe for concurrent use.
type Imports struct {
	opts ImportOptions
	now  func() time.Time

	mu      sync.Mutex
	byID    map[string]*importJob
	order   []*importJob // as they came
	coming  int          // uploads under way
	running bool
	closed  bool
	wait    sync.WaitGroup
	ctx     context.Context
	stop    context.CancelFunc
}

// importJob is one import. What changes is under the lock of its Imports.
type importJob struct {
	id      string
	who     string
	files   []*given
	how     importHow
	total   int64 // bytes of all files
	created time.Time
	cancel  context.CancelFunc
	ctx     context.Context
	ended   chan struct{} // closed when it has ended

	state, stage string
	bytes        int64
	rows         int
	before       int64 // bytes of the files that were read whole
	rowsBefore   int
	started, end time.Time
	report       *ingest.Report
	weight       int64
	problem      *Problem
}

// NewImports makes the holder of a server's imports. Close ends them.
func NewImports(opts ImportOptions) *Imports {
	if opts.MaxBytes == 0 {
		opts.MaxBytes = ingest.DefaultMaxBytes
	}
	if opts.Waiting == 0 {
		opts.Waiting = 8
	}
	if opts.Kept == 0 {
		opts.Kept = 16
	}
	if opts.Keep == 0 {
		opts.Keep = 24 * time.Hour
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	m := &Imports{opts: opts, now: time.Now, byID: map[string]*importJob{}}
	m.ctx, m.stop = context.WithCancel(context.Background())
	return m
}

// Close cancels what runs or waits and waits until nothing does. What was
// written by then stands as a whole.
func (m *Imports) Close() {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	m.stop()
	m.wait.Wait()
}

var errImportsBusy = errors.New("as many imports wait as may")

// reserve takes a place in the queue before the files are read from the wire;
// leave gives it back.
func (m *Imports) reserve() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	waiting := m.coming
	for _, j := range m.order {
		if j.state == importQueued {
			waiting++
		}
	}
	if m.closed || waiting >= m.opts.Waiting {
		return errImportsBusy
	}
	m.coming++
	return nil
}

func (m *Imports) leave() {
	m.mu.Lock()
	m.coming--
	m.mu.Unlock()
}

// add queues an import of the files, which it closes when it is done with them.
func (m *Imports) add(who string, files []*given, how importHow) (*importJob, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		closeAll(files)
		return nil, errImportsBusy
	}
	raw := make([]byte, 20)
	_, _ = rand.Read(raw) // it never fails
	j := &importJob{id: strings.ToLower(base32.StdEncoding.EncodeToString(raw)), who: who, files: files, how: how, created: m.now(),
		ended: make(chan struct{}), state: importQueued, stage: importQueued}
	for _, f := range files {
		j.total += f.size
	}
	j.ctx, j.cancel = context.WithCancel(m.ctx)
	m.byID[j.id], m.order = j, append(m.order, j)
	m.forget()
	if !m.running {
		m.running = true
		m.wait.Add(1)
		go m.run()
	}
	return j, nil
}

// forget lets go of ended imports: those that are old, and the oldest where there
// are too many or their reports take too much memory.
func (m *Imports) forget() {
	kept, weight := 0, int64(0)
	for i := len(m.order) - 1; i >= 0; i-- {
		j := m.order[i]
		if j.end.IsZero() {
			continue
		}
		kept++
		weight += j.weight
		if kept > m.opts.Kept || weight > mostReportBytes && kept > 1 || m.now().Sub(j.end) > m.opts.Keep {
			delete(m.byID, j.id)
		}
	}
	m.order = slices.DeleteFunc(m.order, func(j *importJob) bool { return m.byID[j.id] == nil })
}

// run does what is queued until nothing is.
func (m *Imports) run() {
	defer m.wait.Done()
	for {
		m.mu.Lock()
		i := slices.IndexFunc(m.order, func(j *importJob) bool { return j.state == importQueued })
		if i < 0 {
			m.running = false
			m.mu.Unlock()
			return
		}
		j := m.order[i]
		j.state, j.started = importRunning, m.now()
		m.mu.Unlock()
		report, err := m.do(j)
		m.finish(j, report, err)
	}
}

// do reads all files of an import, then writes them as one revision and waits
// until the city shows it.
func (m *Imports) do(j *importJob) (report *ingest.Report, err error) {
	defer func() {
		if p := recover(); p != nil { // one file must not end the server
			err = fmt.Errorf("import: %v", p)
		}
	}()
	tax := m.opts.Profile.Taxonomy
	var all *ingest.Batch
	for _, f := range j.files {
		if besides(j.files).companion(f) {
			m.fileDone(j, f.size) // it is read with its .shp
			continue
		}
		m.at(j, "reading "+f.name)
		opts := j.how.options
		opts.Profile, opts.Units, opts.Derive, opts.MaxBytes = m.opts.Profile, m.opts.Units, m.opts.Derive, m.opts.MaxBytes
		opts.Beside = besides(j.files)
		opts.Progress = func(bytes int64, rows int) { m.progress(j, bytes, rows) }
		b, err := ingest.Read(j.ctx, f.name, f.reader(), f.size, opts)
		if err != nil {
			return nil, &fileFault{err}
		}
		m.fileDone(j, f.size)
		if all == nil {
			all = b
		} else if err := all.Merge(b, tax); err != nil {
			return nil, err
		}
	}
	if j.how.dryRun {
		m.at(j, "comparing")
		_, err := all.Plan(j.ctx, m.opts.Store, tax)
		return all.Report, err
	}
	m.at(j, "writing")
	if err := all.Write(j.ctx, m.opts.Store, tax, data.Note{Who: j.who, Why: j.how.note(j.files)}); err != nil {
		return nil, err
	}
	if rev := all.Report.Revision; rev > 0 && m.opts.Published != nil {
		m.at(j, "publishing")
		// It is durable: whoever cancels now only stops to wait.
		if err := m.opts.Published(j.ctx, rev); err != nil {
			m.opts.Log.Warn("an import is durable and not shown", "revision", uint64(rev), "err", err)
		}
	}
	return all.Report, nil
}

func (m *Imports) at(j *importJob, stage string) {
	m.mu.Lock()
	j.stage = stage
	m.mu.Unlock()
}

func (m *Imports) progress(j *importJob, bytes int64, rows int) {
	m.mu.Lock()
	j.bytes, j.rows = j.before+min(bytes, j.total-j.before), j.rowsBefore+rows
	m.mu.Unlock()
}

func (m *Imports) fileDone(j *importJob, size int64) {
	m.mu.Lock()
	j.before += size
	j.bytes, j.rowsBefore = j.before, j.rows
	m.mu.Unlock()
}

// finish keeps what came of an import.
func (m *Imports) finish(j *importJob, report *ingest.Report, err error) {
	if report != nil && m.opts.View != city.InternalView {
		report = report.WithoutHeld()
	}
	cancelled := err != nil && j.ctx.Err() != nil
	j.cancel()
	closeAll(j.files)
	m.mu.Lock()
	defer m.mu.Unlock()
	j.end, j.stage, j.report = m.now(), "", report
	switch {
	case cancelled:
		j.state = importCancelled
		j.report = nil
	case err != nil:
		j.state, j.report = importFailed, nil
		j.problem = importProblem(err)
	default:
		j.state, j.weight = importDone, report.Bytes()
		m.opts.Log.Info("import", "who", j.who, "files", len(j.files), "dry_run", j.how.dryRun, "read", report.Read, "accepted", report.Accepted,
			"rejected", report.Rejected, "quarantined", report.Quarantined, "revision", uint64(report.Revision))
	}
	if j.problem != nil && j.problem.cause != nil {
		m.opts.Log.Error("import", "who", j.who, "err", j.problem.cause)
	}
	m.forget()
	close(j.ended)
}

// remove cancels an import that has not ended, and forgets one that has; false
// where there is none.
func (m *Imports) remove(id string) bool {
	m.mu.Lock()
	j := m.byID[id]
	if j == nil {
		m.mu.Unlock()
		return false
	}
	switch j.state {
	case importRunning:
		j.cancel()
	case importQueued:
		j.cancel()
		j.state, j.stage, j.end = importCancelled, "", m.now()
		closeAll(j.files)
		close(j.ended)
	default:
		delete(m.byID, id)
		m.forget()
	}
	m.mu.Unlock()
	return true
}

// fileFault is the error for a file that cannot be accounted for.
type fileFault struct{ err error }

func (e *fileFault) Error() string { return e.err.Error() }
func (e *fileFault) Unwrap() error { return e.err }

// importProblem says what kept an import from being done. A file's fault is a
// 400, whose words are of the file and not of this server.
func importProblem(err error) *Problem {
	var path *os.PathError
	var fault *fileFault
	switch {
	case errors.Is(err, syscall.ENOSPC):
		p := newProblem(http.StatusInsufficientStorage, "there is no room to store the import; nothing of it was written")
		p.cause = err
		return p
	case errors.As(err, &path):
		p := problemOf(errors.New("a file's copy cannot be read"))
		p.cause = err
		return p
	case errors.As(err, &fault):
		p := newProblem(http.StatusBadRequest, fault.Error())
		var invalid *data.Invalid
		if errors.As(err, &invalid) {
			p.Parameter, p.Value, p.Allowed = invalid.Field, shorten(invalid.Value), invalid.Allowed
		}
		return p
	case errors.Is(err, data.ErrConflict):
		return newProblem(http.StatusConflict, "others kept changing the same sources meanwhile; nothing was written, send it again")
	}
	return problemOf(err)
}
