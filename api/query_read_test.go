package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humamux"
	"github.com/gorilla/mux"
	"pgregory.net/rapid"
)

// humas is what huma itself reads of a query that canonical has passed.
func humas[Q any](t testing.TB) (known *params, read func(raw string) (Q, *Problem)) {
	m := mux.NewRouter()
	api := humamux.New(m, huma.DefaultConfig("test", "1"))
	var got Q
	huma.Register(api, huma.Operation{Method: http.MethodGet, Path: "/", OperationID: "q"},
		func(_ context.Context, q *Q) (*struct{}, error) { got = *q; return nil, nil })
	known = paramsOf(api.OpenAPI().Paths["/"].Get)
	return known, func(raw string) (Q, *Problem) {
		raw, problem := known.canonical(raw)
		if problem != nil {
			return got, problem
		}
		got = *new(Q)
		rec := httptest.NewRecorder()
		m.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/?"+raw, nil))
		if rec.Code != http.StatusNoContent {
			t.Fatalf("huma refuses %q: %d %s", raw, rec.Code, rec.Body)
		}
		return got, nil
	}
}

// A reader and huma read the same of every query, right or wrong.
func TestReaderReadsAsHuma(t *testing.T) {
	t.Run("nearby", readsAsHuma[NearbyQuery])
	t.Run("risk", readsAsHuma[RiskQuery])
}

func readsAsHuma[Q any](t *testing.T) {
	known, humaReads := humas[Q](t)
	r := newReader[Q](known)
	values := []string{"1", "0", "-1", "+5", "%2B5", "12.5", "1e2", "1e-3", "NaN", "Inf", "0x1p3", "1_000", ".5", "5.", "true", "false", "T", "wgs84", "gcj02",
		"share", "new-build", "I04", "I04,C02", "I04%2CC02", "a,,b", ",", "", "%E5%B8%82", "%zz", "%00", "a;b", "a+b", "10001", "4", "121", "1000", "%FF", "a=b",
		strings.Repeat("x", 65)}
	names := append([]string{"lo%6e", "other", ""}, known.names...)
	fast, right := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		pairs := []string{"lon=120.1", "lat=30.2"}
		if rapid.IntRange(0, 9).Draw(t, "bare") == 0 {
			pairs = pairs[:1]
		}
		for range rapid.IntRange(0, 4).Draw(t, "more") {
			pairs = append(pairs, rapid.SampledFrom(names).Draw(t, "name")+rapid.SampledFrom([]string{"=", "=", "=", ""}).Draw(t, "is")+rapid.SampledFrom(values).Draw(t, "value"))
		}
		raw := strings.Join(rapid.Permutation(pairs).Draw(t, "order"), rapid.SampledFrom([]string{"&", "&", "&&"}).Draw(t, "between"))
		want, wantProblem := humaReads(raw)
		got, problem := r.read(raw)
		if (problem == nil) != (wantProblem == nil) || problem != nil && !reflect.DeepEqual(problem, wantProblem) {
			t.Fatalf("%q: %+v, want %+v", raw, problem, wantProblem)
		}
		if problem != nil {
			return
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q:\n%+v, huma reads\n%+v", raw, got, want)
		}
		right++
		if q := r.defaults; r.fill(&q, raw) {
			fast++
		}
	})
	if right < 10 || fast < right/3 {
		t.Errorf("of %d queries that are right %d were read in one pass", right, fast)
	}
}

// The checks of a number's form accept what these expressions say.
func TestNumbersOfQueries(t *testing.T) {
	decimal := regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$`)
	integer := regexp.MustCompile(`^[+-]?[0-9]{1,18}$`)
	is := 0
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOfN(rapid.SampledFrom([]rune("0123456789..eE+-x \n_")), 0, 24, -1).Draw(t, "s")
		for _, s := range []string{s, strings.Trim(s, "x \n_eE"), strings.ReplaceAll(s, ".", "")} {
			if isDecimal(s) != decimal.MatchString(s) || isInteger(s) != integer.MatchString(s) {
				t.Fatalf("%q: decimal %v, integer %v", s, isDecimal(s), isInteger(s))
			}
			if isDecimal(s) {
				is++
			}
		}
	})
	for _, s := range []string{"1", "+1.", "-.5e+12", "1e1234", "1e", ".", "e5", "", "+", "123456789012345678", "1234567890123456789", "1.2.3"} {
		if isDecimal(s) != decimal.MatchString(s) || isInteger(s) != integer.MatchString(s) {
			t.Errorf("%q", s)
		}
	}
	if is < 20 {
		t.Errorf("%d decimals were tried", is)
	}
}
