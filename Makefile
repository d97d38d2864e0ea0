# The few commands of the house. Everything that is missing on a fresh machine
# with Go and Node is installed by the targets that need it.

GO ?= go
export GOAMD64 ?= v1
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS = -s -w -X main.version=$(VERSION)

.PHONY: run build page test check bench soak tools clean

# run: the server on its built-in demonstration city, http://localhost:8080
run: build
	bin/riskatlas serve --demo

build: page
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/riskatlas ./cmd/riskatlas

# page: the web pages, built by Vite and embedded; without Node the server is
# built all the same and says how to build them.
page: api/web/dist/site/index.html

api/web/dist/site/index.html: api/web/package-lock.json $(shell find api/web/src api/web/*.html api/web/*.ts -type f 2>/dev/null)
	@if command -v npm >/dev/null; then \
	  cd api/web && npm ci --no-audit --no-fund --loglevel=error && npm run --silent build; \
	else echo "npm is not here: the server is built without its pages"; fi

# tools: the programs that the tests compare with (Redis, Chromium, GDAL,
# promtool, strace), installed where missing and where we may.
tools:
	bash .ci/install

# test: all tests, with a real Redis and a real browser. Where goroutines share
# memory the race detector watches; parsers, writers and the program's own
# processes, which it slows down sixfold, it watches in soak.
RACED = ./api ./data ./data/calendar ./data/city ./data/gpkg ./data/memory ./index ./riskgrid ./tiles
PLAIN = $(filter-out $(patsubst ./%,riskatlas/%,$(RACED)),$(shell $(GO) list ./...))
test: tools build check
	$(GO) test -race -timeout 11m $(RACED)
	$(GO) test -race -timeout 5m -run 'TestStopsGracefully|TestAChangeRenews' ./cmd/riskatlas
	$(GO) test -timeout 11m $(PLAIN)

check:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "gofmt would change these files"; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

# bench: hot paths beside their named references in one table, medians of
# BENCH_COUNT runs. BENCH= takes a pattern of operations, RISKATLAS_SOAK=1
# adds a city of a million sources to those of 10,000 and 100,000.
BENCH ?= .
BENCH_COUNT ?= 5
BENCH_TIME ?= 100ms
bench:
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -benchtime $(BENCH_TIME) -count $(BENCH_COUNT) -timeout 2h -p 1 \
	  ./data/... ./index ./riskgrid ./tiles ./api 2>&1 | $(GO) run ./cmd/benchtable

# soak: what takes longer than a test may, and the engine at three sizes of the
# city, which the race detector would slow down beyond measure
soak: tools build
	RISKATLAS_SOAK=1 $(GO) test -race -timeout 90m -count=1 -v ./...
	RISKATLAS_SOAK=1 $(GO) test -timeout 60m -count=1 -v -run TestScale ./cmd/riskatlas

clean:
	rm -rf bin api/web/dist/site api/web/node_modules
