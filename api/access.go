package api

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// caller is who asks, as far as it is known.
type caller struct {
	who  string
	role Role
}

type callerKey struct{}

// callerOf is who asks; the zero caller where nobody had to say.
func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// whoOf is the name of who asks, for the history; "" where nobody had to say.
func whoOf(ctx context.Context) string { return callerOf(ctx).who }

// door is the one place where it is decided who may do what.
type door struct {
	tokens  *Tokens  // nil: only this machine may write
	origins []string // from which a browser may write beside the server's own
}

// admit lets a request in whose caller meets a demand: with the caller in its
// context, or as it is where nothing is demanded and nothing was said.
func (d *door) admit(w http.ResponseWriter, r *http.Request, demand Role) (*http.Request, *Problem) {
	values := r.Header["Authorization"]
	if demand == Nobody && (len(values) == 0 || d.tokens == nil) {
		return r, nil
	}
	c, problem := d.caller(r, values, demand)
	if problem != nil {
		return nil, problem
	}
	if !c.role.Meets(demand) {
		p := newProblem(http.StatusForbidden, "the token is a "+c.role.String()+"'s: want a token of role "+demand.String())
		p.challenge = `Bearer realm="riskatlas", error="insufficient_scope"`
		return nil, p
	}
	if demand != Nobody {
		if problem := d.fromHere(r); problem != nil {
			return nil, problem
		}
	}
	if res, ok := w.(*response); ok {
		res.who = c.who
	}
	return r.WithContext(context.WithValue(r.Context(), callerKey{}, c)), nil
}

// caller finds out who asks.
func (d *door) caller(r *http.Request, values []string, demand Role) (caller, *Problem) {
	if len(values) == 0 && d.tokens == nil {
		if problem := isLocal(r); problem != nil {
			return caller{}, problem
		}
		return caller{localName, Editor}, nil
	}
	if len(values) == 0 {
		return caller{}, unknownCaller(`Bearer realm="riskatlas"`, "this needs a token: want the header Authorization: Bearer TOKEN")
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if demand == Nobody && !strings.EqualFold(scheme, "Bearer") {
		return caller{}, nil // a proxy's own affair
	}
	wrong := `Bearer realm="riskatlas", error="invalid_token"`
	switch {
	case len(values) > 1:
		return caller{}, unknownCaller(wrong, "there are several Authorization headers: want one")
	case !strings.EqualFold(scheme, "Bearer"):
		return caller{}, unknownCaller(wrong, "this needs a token: want the header Authorization: Bearer TOKEN, and no other scheme")
	case d.tokens == nil:
		return caller{}, unknownCaller(wrong, "the token is not known: this server has no tokens and takes writes from its own machine only, without one")
	}
	c, ok := d.tokens.find(strings.TrimSpace(token))
	if !ok {
		return caller{}, unknownCaller(wrong, "the token is not known")
	}
	return c, nil
}

// unknownCaller is a 401. It never says anything of the token.
func unknownCaller(challenge, detail string) *Problem {
	p := newProblem(http.StatusUnauthorized, detail)
	p.challenge = challenge
	return p
}

// forwarding are headers of requests that came through a proxy: its address is
// not whose request it is.
var forwarding = []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via"}

// isLocal says why a request is not one of this machine's own. The address is
// the connection's; and the name by which the server was called must be a
// loopback one, since a page may give its own name any address (DNS rebinding).
func isLocal(r *http.Request) *Problem {
	const how = "; start the server with --tokens FILE to take writes from elsewhere"
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return newProblem(http.StatusForbidden, "this server takes writes from its own machine only"+how)
	}
	for _, name := range forwarding {
		if len(r.Header[name]) > 0 {
			return newProblem(http.StatusForbidden, "this server takes writes from its own machine only, and this one came through a proxy ("+name+")"+how)
		}
	}
	if !loopbackName(r.Host) {
		return newProblem(http.StatusForbidden, "this server takes writes under a loopback name only, as localhost"+how)
	}
	return nil
}

func loopbackName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// fromHere refuses what a page of another origin has a browser send, but for
// those that the operator has named. Browsers say the origin of every request
// that is no simple read (Fetch standard, 3.2), and programs say none.
func (d *door) fromHere(r *http.Request) *Problem {
	origin := r.Header.Get("Origin")
	if d.tokens != nil && origin != "" && slices.Contains(d.origins, origin) || sameOrigin(r, origin) {
		return nil
	}
	return newProblem(http.StatusForbidden, "a page of another origin may not write here")
}

func sameOrigin(r *http.Request, origin string) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
	default:
		return false
	}
	if origin == "" {
		return true
	}
	from, err := url.Parse(origin)
	return err == nil && from.Host != "" && strings.EqualFold(from.Host, r.Host)
}

// nameVisible reports whether who asks may see who changed what: a token says
// so or, where there are none, that the request is this machine's own.
func (s *Server) nameVisible(ctx context.Context) bool {
	if callerOf(ctx).role.Meets(Reader) {
		return true
	}
	r := exchangeOf(ctx).r
	return s.router.door.tokens == nil && len(r.Header["Authorization"]) == 0 &&
		isLocal(r) == nil && sameOrigin(r, r.Header.Get("Origin"))
}

// secretNames are parameters by which clients elsewhere give a token. URLs stand
// in logs and histories, so here they are refused, and never repeated.
var secretNames = []string{"access_token", "accesstoken", "api_key", "apikey", "auth", "authorization", "bearer", "jwt", "key", "password", "secret", "token"}

func isSecretName(name string) bool { return slices.Contains(secretNames, strings.ToLower(name)) }

// secretInQuery refuses a query that holds a token.
func secretInQuery(name string) *Problem {
	p := newProblem(http.StatusBadRequest, name+": a token in a URL stands in logs and histories: want the header Authorization: Bearer TOKEN, and a new token")
	p.Parameter = name
	return p
}
