# `make run` and `make test` need Go and nothing else.

GO      ?= go
SEEDS   ?= 2000
PAGES   ?= 2000
KILLS   ?= 1000
CHECKS  ?= 1000000
ROWS    ?= 100000
LINT    := v2.15.0
export CGO_ENABLED ?= 0

# Go writes the commit into the binary where git may be asked: not in a checkout that is somebody else's.
STAMP := $(shell git status >/dev/null 2>&1 && echo auto || echo false)

.PHONY: build run test check-workbooks check-contract check-exports check-package dist lint bench sim findings crash mutants fuzz-short clean

# The program, static, in bin/.
build:
	$(GO) build -trimpath -buildvcs=$(STAMP) -ldflags '-s -w' -o bin/liverecon ./cmd/liverecon

# A night of testdata/lists against the simulated vendor, and the months before it, into out/. Run it twice: the second
# night costs nothing.
run: build
	bin/liverecon run --simulate

# Six tests at once in a package, whatever the machine: those of the real binary mostly wait.
test:
	$(GO) test -timeout 30m -parallel 6 ./...

# The workbooks of simulated nights, judged by a schema validator, four readers and LibreOffice; installs what it needs.
check-workbooks:
	.ci/check-workbooks

# Nights against Prism, a mock of the vendor's two calls that knows them from testdata/contract alone; installs it.
check-contract:
	.ci/check-contract

# An export of simulated months, read by DuckDB; installs it.
check-exports:
	.ci/check-exports

# Archives, Debian packages, bills of materials and checksums of this commit, in dist/; needs GNU tar and dpkg-deb.
dist:
	.ci/dist

# The Debian package in a bare Debian: installed, set up and run as the README says; needs root and debootstrap.
check-package:
	.ci/check-package

# golangci-lint from PATH, else installed into bin/.
lint:
	@lint=$$(command -v golangci-lint || echo bin/golangci-lint); \
	test -x "$$lint" || GOBIN="$(CURDIR)/bin" $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT); \
	"$$lint" run ./...

# Go's own benchmarks (compare two runs with benchstat), then the risk workbook and the whole night beside the peers that
# are installed. Larger: make bench CHECKS=10000000 ROWS=1000000
bench:
	$(GO) test -run '^$$' -bench . -benchmem -timeout 0 $$($(GO) list ./... | grep -v /report$$)
	$(GO) test -run '^$$' -bench . -benchmem -timeout 0 ./report -args -checks=$(CHECKS) -rows=$(ROWS)
	ROWS=$(ROWS) .ci/bench-peers
	.ci/bench-night

# Simulated nights with random faults, checked against the vendor's ledger: make sim SEEDS=100000
sim:
	$(GO) test ./batch -count=1 -timeout 0 -run TestNights -args -seeds=$(SEEDS)

# Pages of findings over simulated counts: how often they claim something without a change, and find one.
findings:
	$(GO) test ./report/findings -count=1 -timeout 0 -v -run TestSimulated -args -pages=$(PAGES)

# kill -9 of the real binary at random moments, restart until done, the same checker.
crash:
	$(GO) test ./cmd/liverecon -count=1 -timeout 0 -run TestCrash -args -kills=$(KILLS)

# Planted faults that the judge of the tests must catch.
mutants:
	$(GO) test -tags mutants ./batch -count=1 -timeout 0 -v -run TestMutants

# Every fuzz target for ten seconds.
fuzz-short:
	@for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			$(GO) test $$package -run '^$$' -fuzz "^$$target$$" -fuzztime 10s -fuzzminimizetime 20x || exit 1; \
		done; \
	done

clean:
	rm -rf bin dist out coverage.out
