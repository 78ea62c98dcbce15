# Parley. `make` shows what there is; each target's comment is its help.

GO   ?= go
LINT  = $(GO) tool -modfile=tools/go.mod golangci-lint

# The race detector needs a C compiler. Without one the tests run all the same.
RACE := $(if $(filter 1,$(shell $(GO) env CGO_ENABLED)),-race)

# The race detector slows SQLite, which is Go too, down several times over. So the
# features run whole without it, and with it on two nodes of one PostgreSQL.
RACED = TestFeatures/HTTP_and_SSE,_PostgreSQL,_two_nodes

# What needs no server beside the tests themselves.
QUICK = . ./domain/... ./application/... $(shell $(GO) list ./adapters/... ./cmd/compose/... | grep -v /bunstore)

.DEFAULT_GOAL := help
.PHONY: help run build test quick features chaos simulation lint fix openapi bench

help: ## Shows this help
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

run: build ## Builds and serves on http://127.0.0.1:8080, from SQLite under ./data; needs Go alone
	@exec bin/parley serve

build: ## Builds bin/parley
	$(GO) build -o bin/parley ./cmd/parley

test: ## Runs everything: units, contracts on SQLite and PostgreSQL, features, import law; starts what it needs
	$(GO) vet ./...
	$(GO) test -C tools -count=1 ./openapi
	$(GO) test $(RACE) -count=1 -timeout=15m $(shell $(GO) list ./... | grep -v /features)
	$(GO) test -count=1 -timeout=15m ./features/...
	$(GO) test $(RACE) -count=1 -timeout=15m ./features -run '$(RACED)'
	$(GO) test -count=1 -timeout=15m -v -run=NoPromise ./simulation

quick: ## Runs what needs no database server, for the loop
	@$(GO) test $(QUICK)

# The page is there also when a scenario fails: that is when one wants to look.
PAGE = $(CURDIR)/build/features.html

features: ## Plays the features on all assemblies and shows in one page, build/features.html, what came of each scenario
	@rm -f $(PAGE)
	@$(GO) test -count=1 -timeout=15m ./features -run '^TestFeatures$$' -args -features.page=$(PAGE) -features.cache=$(CURDIR)/.cache; \
		ended=$$?; [ ! -f $(PAGE) ] || echo "The living documentation is in $(PAGE)"; exit $$ended

# The heavy faults run one after another, so that they do not disturb what is measured.
chaos: ## Breaks the program for half an hour, also its disks and its power, and judges what people sent and heard; takes Linux and root
	$(GO) vet -tags=chaos ./chaos
	$(GO) test ./chaos -tags=chaos -count=1 -v -parallel=1 -timeout=40m -args -chaos.for=3m -chaos.seed=$${SEED:-1}

simulation: ## Tells 20,000 stories in virtual time in which everything goes wrong; SEED=7 tells that one alone
	$(GO) test ./simulation -count=1 -v -timeout=60m -run=NoPromise -args -seeds=20000 -seed=$${SEED:-0}

lint: ## Looks for mistakes and for what the style forbids
	@$(LINT) run ./...

fix: ## Formats, and mends what lint can mend by itself
	@$(LINT) fmt ./...
	@$(LINT) run --fix ./...

openapi: ## Writes openapi/openapi.yaml anew
	@$(GO) run ./cmd/parley openapi > openapi/openapi.yaml.new
	@mv openapi/openapi.yaml.new openapi/openapi.yaml

bench: ## Measures durable sends and publishes a second on each database, how soon one is back or cut off, and what hostile patterns cost
	$(GO) test -run='^$$' -bench=. -benchtime=3s ./adapters/bunstore/...
	$(GO) test -run='^$$' -bench=CutOff -benchtime=100x ./cmd/parley
	$(GO) test -run='^$$' -bench=. -benchtime=200ms ./adapters/matching
