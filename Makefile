# Everything needs Go 1.26 and nothing else; what a target installs is pinned.

GO        ?= go
FUZZTIME  ?= 60s
BENCHTIME ?= 1s
STATICCHECK = $(GO) tool -modfile=tools/go.mod staticcheck

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: dtfn ## Run everything on this machine: simulated DT Cloud, receiver, store
	@dist/dtfn run

.PHONY: dtfn
dtfn: ## Build the command-line tool, dist/dtfn
	@mkdir -p dist
	@$(GO) build -trimpath -o dist/dtfn ./cmd/dtfn

.PHONY: test
test: ## Run all tests under the race detector
	$(GO) test -race ./...

.PHONY: check
check: ## Check format, modules, vet and staticcheck
	@test -z "$$(gofmt -l . | tee /dev/stderr)" || { echo "run gofmt -w on these" >&2; exit 1; }
	$(GO) mod tidy -diff
	$(GO) vet ./...
	$(STATICCHECK) ./...

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME (60s)
	@GO="$(GO)" tools/fuzz.sh $(FUZZTIME)

.PHONY: golden
golden: ## Write the golden files of the tests anew
	$(GO) test ./shared/event -update

.PHONY: clean
clean: ## Remove what was built
	rm -rf dist
