# What a target needs besides Go 1.26 it says or installs, pinned; only the race detector of
# `test` needs a C compiler.

GO        ?= go
FUZZTIME  ?= 60s
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

.PHONY: build
build: ## Build what is deployed, dist/ (ARCH=amd64 or arm64 for the functions)
	@$(GO) run ./cmd/bundle -arch "$(ARCH)"

.PHONY: test
test: ## Run all tests under the race detector
	$(GO) test -race ./...

.PHONY: test-peers
test-peers: ## Hold the simulator against DT's own Python packages (needs Python 3)
	tools/install-peers.sh
	DTFN_PEERS_PYTHON="$(CURDIR)/.tools/peers/bin/python" $(GO) test -count=1 -v -tags peers -run TestPeers ./cmd/dtfn

.PHONY: test-platforms
test-platforms: ## Test the adapters against moto, Azurite, Kafka and PostgreSQL (needs Python 3, Node.js, Debian)
	@GO="$(GO)" tools/test-platforms.sh

.PHONY: test-terraform
test-terraform: ## Check and test the Terraform modules (needs Terraform 1.11)
	@GO="$(GO)" tools/test-terraform.sh

.PHONY: check
check: ## Check format, modules, vet and staticcheck
	@test -z "$$(gofmt -l . | tee /dev/stderr)" || { echo "run gofmt -w on these" >&2; exit 1; }
	$(GO) mod tidy -diff
	$(GO) vet ./...
	$(STATICCHECK) ./...

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME (60s)
	@GO="$(GO)" tools/fuzz.sh $(FUZZTIME)

.PHONY: bench
bench: ## Measure the hot path beside its floor, and the load over HTTP
	@$(GO) run ./local/bench

.PHONY: bench-coldstart
bench-coldstart: ## Measure the start on Lambda beside an empty function's
	@$(GO) run ./aws/coldstart

.PHONY: bench-postgres
bench-postgres: ## Measure the server's PostgreSQL sink beside one insert a request (needs Debian)
	@export $$(tools/install-postgres.sh | tail -n 1) && $(GO) run -tags platforms ./heroku/bench

.PHONY: faults
faults: ## Crashes, outages and changes of the secret under load, at length; prints the figures
	$(GO) test -count=1 -v -timeout 20m ./local

.PHONY: golden
golden: ## Write golden files and generated parts of documents anew
	$(GO) test . ./cmd/dtfn/doctor ./shared/event ./shared/settings -update
	cd tools && $(GO) run ./tfdocs ../terraform

.PHONY: pictures
pictures: ## Draw docs/pictures anew from the texts beside them
	@GO="$(GO)" tools/pictures.sh

.PHONY: clean
clean: ## Remove what was built
	rm -rf dist
