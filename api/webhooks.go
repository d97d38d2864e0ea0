package api

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"

	"riskatlas/data"
)

// Webhook is somebody who is told of events by requests of this server. Its file
// gives the members by these names.
type Webhook struct {
	Name      string `yaml:"name"`      // in logs and metrics: 1 to 40 of [A-Za-z0-9_-]
	URL       string `yaml:"url"`       // where events are posted to: https, or http on this machine
	Secret    string `yaml:"secret"`    // by which they are signed; 16 characters at least
	Subscribe string `yaml:"subscribe"` // what it is told of: a query as /api/v1/events takes it; "": everything
}

// String keeps the secret, and what a URL may hold of one, out of any log.
func (h Webhook) String() string { return "webhook " + h.Name }

// GoString is String, for %#v.
func (h Webhook) GoString() string { return h.String() }

var webhookName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// leastSecret is how many characters keep a signature from being guessed.
const leastSecret = 16

// check refuses what cannot be a web hook. The error is an *data.Invalid that names
// the member.
func (h *Webhook) check() error {
	if !webhookName.MatchString(h.Name) {
		return &data.Invalid{Field: "name", Value: h.Name, Want: "1 to 40 of A-Z, a-z, 0-9, _ and -"}
	}
	if len(h.Secret) < leastSecret {
		return &data.Invalid{Field: h.Name + ".secret", Value: fmt.Sprintf("(%d characters)", len(h.Secret)), Want: "16 characters at least"}
	}
	u, err := url.Parse(h.URL)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())) {
		return &data.Invalid{Field: h.Name + ".url", Value: "(not shown)", Want: "https://…, or http:// on this machine's loopback; no name and password in it"}
	}
	return nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.IsLoopback()
}

// hook is a web hook that can be served.
type hook struct {
	Webhook
	sub *subscription

	mu                         sync.Mutex
	last                       data.Revision // delivered
	delivered, failed, givenUp atomic.Uint64
}

// checkWebhooks makes the hooks of the options, once the routes are declared.
func (s *Server) checkWebhooks() error {
	if len(s.opts.Webhooks) == 0 {
		return nil
	}
	if s.opts.Events == nil || s.opts.TilesOnly {
		return fmt.Errorf("api: Options.Webhooks without Events: nobody hears of changes")
	}
	known, names := paramsOf(s.router.api.OpenAPI().Paths["/api/v1/events"].Get), map[string]bool{}
	for _, w := range s.opts.Webhooks {
		if err := w.check(); err != nil {
			return err
		}
		if names[w.Name] {
			return &data.Invalid{Field: "name", Value: w.Name, Want: "a name that no other webhook has"}
		}
		names[w.Name] = true
		h := &hook{Webhook: w}
		raw, problem := known.canonical(w.Subscribe)
		if problem != nil {
			return fmt.Errorf("%s: subscribe: %s", w, problem.Detail)
		}
		q, err := url.ParseQuery(raw)
		if err == nil && q.Has("since") {
			err = badValue("since", q.Get("since"), "no since: a webhook begins with now")
		}
		if err == nil {
			h.sub, err = parseSubscription(s.opts.City.Profile(), q)
		}
		if err != nil {
			return fmt.Errorf("%s: subscribe: %s", w, problemOf(err).Detail)
		}
		s.hooks = append(s.hooks, h)
	}
	return nil
}
