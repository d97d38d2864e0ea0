package api

import (
	"strconv"
	"strings"
)

// negotiate picks one of the offers by Accept (RFC 9110, 12.5.1): the one with
// the greatest weight, the first among equals; "" where none is acceptable. The
// most exact range that holds an offer gives its weight.
func negotiate(accept string, offers []string) string {
	chosen, most := "", 0.0
	for _, offer := range offers {
		if q := weightOf(accept, offer); q > most {
			chosen, most = offer, q
		}
	}
	return chosen
}

func weightOf(accept, offer string) float64 {
	family, _, _ := strings.Cut(offer, "/")
	weight, exact := 0.0, 0
	for part := range strings.SplitSeq(accept, ",") {
		fields := strings.Split(part, ";")
		fit := 0
		switch strings.ToLower(strings.TrimSpace(fields[0])) {
		case offer:
			fit = 3
		case family + "/*":
			fit = 2
		case "*/*":
			fit = 1
		}
		if fit > exact {
			weight, exact = quality(fields[1:]), fit
		}
	}
	return weight
}

// quality reads the q parameter, 1 when there is none, 0 when it is no number.
func quality(parameters []string) float64 {
	for _, p := range parameters {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if strings.EqualFold(strings.TrimSpace(name), "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil || !(q >= 0) {
				return 0
			}
			return min(q, 1)
		}
	}
	return 1
}

// acceptsGzip reads Accept-Encoding (RFC 9110, 12.5.3): gzip or * with a weight
// over 0. Without the header the answer is sent as it is.
func acceptsGzip(header string) bool {
	any := false
	for part := range strings.SplitSeq(header, ",") {
		name, parameters, weighted := strings.Cut(part, ";")
		ok := !weighted || quality([]string{parameters}) > 0
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip", "x-gzip":
			return ok
		case "*":
			any = ok
		}
	}
	return any
}
