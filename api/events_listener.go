package api

import (
	"encoding/json"
	"time"

	"riskatlas/data"
	"riskatlas/tiles"
)

// message is one event for a listener.
type message struct {
	name     string
	revision data.Revision
	body     []byte // JSON
}

// listener follows the revisions for one subscription. It is for one goroutine.
type listener struct {
	events *Events
	newest func() *tiles.View // a moment ahead of events
	answer func(*tiles.View) Answer
	sub    *subscription

	since  data.Revision // told until here
	known  bool          // since is; else the first event is now
	placed bool          // last is known
	begun  bool          // now or reset has been said
	last   PlaceState    // of the subscription's place at since
}

// mostAtOnce is how many revisions next looks at.
const mostAtOnce = 64

// next gives what there is to tell, and a channel that is closed when there may be
// more; nil: there is more already. What was missed comes first, then now.
func (l *listener) next() ([]message, <-chan struct{}, error) {
	h := l.events.after(l.since)
	switch {
	case h.view == nil, h.forgone && l.since > h.view.Revision() && l.since <= l.newest().Revision():
		return nil, h.more, nil // in a moment
	case h.forgone && l.known:
		l.events.resets.Add(1)
		m, err := l.start(h.view, eventReset)
		return m, h.more, err
	case !l.known:
		m, err := l.start(h.view, eventNow)
		return m, h.more, err
	}
	if l.sub.at != nil && !l.placed {
		// Where a change was too large to undo, now says how it is.
		was, _ := undo(h.list)
		l.last, l.placed = l.sub.state(h.view, was), true
	}
	var out []message
	for i, r := range h.list {
		if i == mostAtOnce {
			return out, nil, nil
		}
		m, err := l.tell(r, h.list[i+1:], h.view)
		if err != nil {
			return nil, nil, err
		}
		out, l.since = append(out, m...), r.revision
	}
	if !l.begun {
		m, err := l.start(h.view, eventNow)
		return append(out, m...), h.more, err
	}
	return out, h.more, nil
}

// start says that the listener is at the view's revision.
func (l *listener) start(v *tiles.View, name string) ([]message, error) {
	now := NowEvent{Answer: l.answer(v), Started: l.events.started.UTC().Format(time.RFC3339Nano)}
	now.DataRevision = uint64(v.Revision())
	l.since, l.known, l.begun = v.Revision(), true, true
	if l.sub.at != nil {
		l.last, l.placed = l.sub.state(v, nil), true
		now.Place = &l.last
	}
	var body []byte
	var err error
	if name == eventReset {
		body, err = json.Marshal(ResetEvent{now, true})
	} else {
		body, err = json.Marshal(now)
	}
	return []message{{name, l.since, body}}, err
}

// tell gives what there is to tell of one revision, after which later ones came.
func (l *listener) tell(r *revised, later []*revised, v *tiles.View) (out []message, err error) {
	changes, told := l.sub.wants(r)
	if told && !l.sub.mute[eventChange] {
		body, err := r.event(v.Who, l.sub, changes)
		if err != nil {
			return nil, err
		}
		out = append(out, message{eventChange, r.revision, body})
	}
	if l.sub.at == nil || l.sub.mute[eventLevel] || !l.sub.touched(r) {
		return out, nil
	}
	was, ok := undo(later)
	if !ok {
		return out, nil // a later revision tells
	}
	p, before := l.sub.at, l.last
	if l.last = l.sub.state(v, was); !p.differs(before, l.last) {
		return out, nil
	}
	body, err := json.Marshal(LevelEvent{DataRevision: uint64(r.revision), Lon: p.place[0], Lat: p.place[1], Zoom: int(p.zoom), Was: before, Is: l.last})
	return append(out, message{eventLevel, r.revision, body}), err
}
