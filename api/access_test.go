package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"riskatlas/data"
	"riskatlas/data/city"
)

// team makes tokens, and what the server knows of them.
func team(t testing.TB, members map[string]Role) (tokens map[string]string, known *Tokens) {
	t.Helper()
	tokens = map[string]string{}
	file := "# who may write\n\n"
	for name, role := range members {
		token, line, err := NewToken(name, role)
		if err != nil {
			t.Fatal(err)
		}
		tokens[name] = token
		file += line + "  # since 2019\r\n"
	}
	known, err := ReadTokens(strings.NewReader("\uFEFF" + file))
	if err != nil {
		t.Fatal(err)
	}
	return tokens, known
}

func TestTokensAreFoundByTheirDigestAlone(t *testing.T) {
	tokens, known := team(t, map[string]Role{"王敏": Editor, "reader@city": Reader})
	for name, want := range map[string]Role{"王敏": Editor, "reader@city": Reader} {
		c, ok := known.find(tokens[name])
		if !ok || c.who != name || c.role != want {
			t.Errorf("%s: %+v %v", name, c, ok)
		}
		if len(tokens[name]) != 43 {
			t.Errorf("a token of %d characters: want 32 bytes in base64", len(tokens[name]))
		}
	}
	sum := sha256.Sum256([]byte(tokens["王敏"]))
	for _, wrong := range []string{"", tokens["王敏"] + "x", tokens["王敏"][:42], fmt.Sprintf("%x", sum), "王敏"} {
		if c, ok := known.find(wrong); ok || c != (caller{}) {
			t.Errorf("%q is taken for %+v", wrong, c)
		}
	}
}

func TestTokenFilesAreRefusedByLine(t *testing.T) {
	a, b := strings.Repeat("a", 64), strings.Repeat("b", 64)
	for _, c := range []struct{ file, field, line string }{
		{"", "", ""},
		{"# nothing\n", "", ""},
		{"wang editor\n", "fields", "line 1"},
		{"\nwang editor " + a + " more\n", "fields", "line 2"},
		{"wang owner " + a, "role", "line 1"},
		{"wang Editor " + a, "role", "line 1"},
		{"wang editor " + a[:63], "SHA-256", "line 1"},
		{"wang editor " + a + "a", "SHA-256", "line 1"},
		{"wang editor " + strings.Repeat("g", 64), "SHA-256", "line 1"},
		{"wa/ng editor " + a, "name", "line 1"},
		{"local editor " + a, "name", "line 1"},
		{strings.Repeat("w", 65) + " editor " + a, "name", "line 1"},
		{"wang editor " + a + "\nli reader " + a, "SHA-256", "line 2"},
		{"wang editor " + a + "\nwang reader " + b, "role", "line 2"},
		{strings.Repeat("x", 70<<10), "", ""},
	} {
		_, err := ReadTokens(strings.NewReader(c.file))
		var invalid *data.Invalid
		if err == nil || errors.As(err, &invalid) != (c.field != "") || c.field != "" && (invalid.Field != c.field || !strings.HasPrefix(err.Error(), c.line)) {
			t.Errorf("%.60q: %v", c.file, err)
		}
	}
	if _, err := ReadTokens(strings.NewReader("wang editor " + a + "\nwang editor " + b)); err != nil {
		t.Errorf("two tokens of one name, to change one for the other: %v", err)
	}
	lines := ""
	for i := range mostTokens + 1 {
		lines += fmt.Sprintf("n%d reader %x\n", i, sha256.Sum256([]byte{byte(i), byte(i >> 8)}))
	}
	if _, err := ReadTokens(strings.NewReader(lines)); err == nil {
		t.Errorf("%d tokens are taken", mostTokens+1)
	}
	if _, err := ReadTokens(strings.NewReader(lines[:strings.LastIndex(lines[:len(lines)-1], "\n")+1])); err != nil {
		t.Errorf("%d tokens: %v", mostTokens, err)
	}
}

// ask is a request as it comes over a connection from an address, under a name.
func (w *world) ask(method, target, body, peer, host string, header ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.RemoteAddr, r.Host = peer, host
	if body != "" {
		r.Header.Set("Content-Type", jsonType)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if r.Header.Del(header[i]); header[i+1] != "" {
			r.Header.Set(header[i], header[i+1])
		}
	}
	rec := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(rec, r)
	return rec
}

// whoami declares a route that answers who asks.
func whoami(w *world) {
	type output struct{ Body struct{ Who string } }
	written(w.server.router, http.MethodPost, "/api/v1/whoami", "whoami", "Who asks", Editor,
		func(ctx context.Context, _ *struct{}) (*output, error) {
			out := &output{}
			out.Body.Who = whoOf(ctx)
			return out, nil
		}, 2<<20, media{kind: jsonType})
}

func TestWithoutTokensOnlyThisMachineWrites(t *testing.T) {
	w := newWorld(t, city.InternalView, nil, nil)
	whoami(w)
	for _, c := range []struct {
		peer, host string
		header     []string
		want       int
	}{
		{"127.0.0.1:9", "localhost:8080", nil, 200},
		{"127.0.0.1:9", "LOCALHOST", nil, 200},
		{"127.9.8.7:9", "127.0.0.1:8080", nil, 200},
		{"[::1]:9", "[::1]:8080", nil, 200},
		{"[::ffff:127.0.0.1]:9", "[::1]", nil, 200},
		{"127.0.0.1:9", "localhost:8080", []string{"Origin", "http://localhost:8080"}, 200},
		{"127.0.0.1:9", "localhost:8080", []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://localhost:8080"}, 200},
		{"192.0.2.1:9", "localhost:8080", nil, 403},
		{"10.0.0.1:9", "127.0.0.1", []string{"X-Forwarded-For", "127.0.0.1"}, 403},
		{"[fe80::1%eth0]:9", "[::1]", nil, 403},
		{"127.0.0.1:9", "localhost", []string{"X-Forwarded-For", "127.0.0.1"}, 403},
		{"127.0.0.1:9", "localhost", []string{"Forwarded", "for=127.0.0.1"}, 403},
		{"127.0.0.1:9", "localhost", []string{"X-Real-IP", "127.0.0.1"}, 403},
		{"127.0.0.1:9", "localhost", []string{"Via", "1.1 proxy"}, 403},
		{"127.0.0.1:9", "evil.example:8080", nil, 403}, // a name that was given this address
		{"127.0.0.1:9", "localhost.evil.example", nil, 403},
		{"127.0.0.1:9", "", nil, 403},
		{"127.0.0.1:9", "localhost:8080", []string{"Origin", "http://evil.example"}, 403},
		{"127.0.0.1:9", "localhost:8080", []string{"Origin", "http://localhost:8081"}, 403},
		{"127.0.0.1:9", "localhost:8080", []string{"Origin", "null"}, 403},
		{"127.0.0.1:9", "localhost:8080", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"127.0.0.1:9", "localhost:8080", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"", "localhost", nil, 403},
		{"127.0.0.1:9", "localhost", []string{"Authorization", "Bearer abc"}, 401},
		{"127.0.0.1:9", "localhost", []string{"Content-Type", ""}, 415},
		{"127.0.0.1:9", "localhost", []string{"Content-Type", "text/plain"}, 415},
		{"127.0.0.1:9", "localhost", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415},
		{"127.0.0.1:9", "localhost", []string{"Content-Type", "application/json; charset=utf-8"}, 200},
	} {
		rec := w.ask("POST", "/api/v1/whoami", "{}", c.peer, c.host, c.header...)
		if rec.Code != c.want || c.want == 200 && !strings.Contains(rec.Body.String(), `"local"`) {
			t.Errorf("%q at %q with %q: %d %s, want %d", c.peer, c.host, c.header, rec.Code, rec.Body, c.want)
		}
	}
}

func TestTokensSayWhoWrites(t *testing.T) {
	tokens, known := team(t, map[string]Role{"wang": Editor, "li": Reader})
	w := newWorld(t, city.InternalView, nil, nil, func(o *Options) { o.Tokens, o.CORS = known, "https://desk.example, *" })
	whoami(w)
	for _, c := range []struct {
		header []string
		want   int
		asks   string // what WWW-Authenticate holds
	}{
		{[]string{"Authorization", "Bearer " + tokens["wang"]}, 200, ""},
		{[]string{"Authorization", "bearer  " + tokens["wang"]}, 200, ""},
		{[]string{"Authorization", "Bearer " + tokens["wang"], "X-Forwarded-For", "1.2.3.4"}, 200, ""},
		{[]string{"Authorization", "Bearer " + tokens["wang"], "Origin", "https://desk.example"}, 200, ""},
		{[]string{"Authorization", "Bearer " + tokens["wang"], "Origin", "https://evil.example"}, 403, ""},
		{[]string{"Authorization", "Bearer " + tokens["wang"], "Sec-Fetch-Site", "cross-site"}, 403, ""},
		{[]string{"Authorization", "Bearer " + tokens["li"]}, 403, "insufficient_scope"},
		{[]string{"Authorization", "Bearer " + tokens["wang"] + "x"}, 401, "invalid_token"},
		{[]string{"Authorization", "Bearer"}, 401, "invalid_token"},
		{[]string{"Authorization", tokens["wang"]}, 401, "invalid_token"},
		{[]string{"Authorization", "Basic " + tokens["wang"]}, 401, "invalid_token"},
		{nil, 401, "Bearer realm"},
	} {
		rec := w.ask("POST", "/api/v1/whoami", "{}", "127.0.0.1:9", "map.example", c.header...)
		if rec.Code != c.want || c.want == 200 && !strings.Contains(rec.Body.String(), `"wang"`) ||
			!strings.Contains(rec.Header().Get("WWW-Authenticate"), c.asks) {
			t.Errorf("%q: %d %s %q, want %d", c.header, rec.Code, rec.Body, rec.Header(), c.want)
		}
		if strings.Contains(rec.Body.String(), tokens["wang"]) || strings.Contains(rec.Body.String(), tokens["li"]) {
			t.Errorf("%q: the answer holds the token", c.header)
		}
	}
	// A token in a URL is refused, and said nowhere.
	for _, name := range []string{"access_token", "token", "Authorization", "api_key"} {
		for _, method := range []string{"GET", "POST"} {
			target := map[string]string{"GET": "/api/v1/taxonomy", "POST": "/api/v1/whoami"}[method] + "?" + name + "=" + tokens["wang"]
			for _, broken := range []string{"", "%zz"} {
				rec := w.ask(method, target+broken, "{}", "127.0.0.1:9", "map.example", "Authorization", "Bearer "+tokens["wang"])
				if rec.Code != 400 || strings.Contains(rec.Body.String(), tokens["wang"]) || !strings.Contains(rec.Body.String(), "URL") {
					t.Errorf("%s %s: %d %s", method, name, rec.Code, rec.Body)
				}
			}
		}
	}
	// Reads take a token that is right, and refuse one that is wrong.
	for token, want := range map[string]int{"Bearer " + tokens["li"]: 200, "Bearer x": 401, "Basic x": 200} {
		if rec := w.get("/api/v1/taxonomy", "Authorization", token); rec.Code != want {
			t.Errorf("a read with %.8s…: %d, want %d", token, rec.Code, want)
		}
	}
	if logs := w.logs.String(); strings.Contains(logs, tokens["wang"]) || strings.Contains(logs, tokens["li"]) || !strings.Contains(logs, "who=wang") {
		t.Error("the log holds a token, or no name")
	}
}

// A route that could change the city cannot be declared without saying who may.
func TestRoutesCannotForgetTheirRole(t *testing.T) {
	w := newWorld(t, city.InternalView, nil, nil)
	defer func() {
		if recover() == nil {
			t.Error("a POST route without a role was declared")
		}
	}()
	written(w.server.router, http.MethodPost, "/api/v1/open", "open", "Open to all", Nobody,
		func(context.Context, *struct{}) (*struct{}, error) { return nil, nil }, 0)
}

// The limit of a body is its route's, whether its length is said before or not.
func TestBodiesAreLimitedByRoute(t *testing.T) {
	w := newWorld(t, city.InternalView, nil, nil)
	type output struct{ Body struct{ N int } }
	for path, most := range map[string]int64{"/api/v1/small": 0, "/api/v1/large": 3 << 20} {
		written(w.server.router, http.MethodPost, path, path[8:], "Count bytes", Editor,
			func(ctx context.Context, _ *struct{}) (*output, error) {
				n, err := readAll(exchangeOf(ctx).r)
				out := &output{}
				out.Body.N = len(n)
				return out, err
			}, most, media{kind: jsonType})
		for n, want := range map[int64]int{max(most, maxBodyBytes): 200, max(most, maxBodyBytes) + 1: 413} {
			for _, said := range []bool{true, false} {
				r := httptest.NewRequest("POST", path, strings.NewReader(strings.Repeat(" ", int(n))))
				r.RemoteAddr, r.Host = "127.0.0.1:9", "localhost"
				r.Header.Set("Content-Type", jsonType)
				if !said {
					r.ContentLength = -1
				}
				rec := httptest.NewRecorder()
				w.server.Handler().ServeHTTP(rec, r)
				if rec.Code != want {
					t.Errorf("%s with %d bytes: %d %s, want %d", path, n, rec.Code, rec.Body, want)
				}
			}
		}
	}
}
