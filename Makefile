# Thin: each target is one line or a script in .ci/. CMake and ctest do the work.
.DEFAULT_GOAL := help
.PHONY: help demo test build test-unit test-e2e tsan fuzz mutate attack herd costs bench-parse build-times key-tables format format-check tidy clean

SECONDS ?= 60
SEED ?= 1
COUNT ?= 200

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## calls across the edge, told step by step (KEEP=1 leaves it up)
	@.ci/demo

test: ## installs what is missing, builds with sanitizers, runs every test
	@.ci/test

build: ## the sanitizer build that the tests use
	@.ci/install build test && .ci/build asan

test-unit: build ## the unit tests alone
	@.ci/ctest asan -L unit

test-e2e: build ## the end-to-end tests alone
	@.ci/ctest asan -L e2e

tsan: ## what runs on several threads, under ThreadSanitizer
	@.ci/install build test && .ci/build tsan tsan_tests && .ci/ctest tsan

fuzz: ## every fuzz target for SECONDS=60 each
	@.ci/fuzz $(SECONDS)

mutate: ## COUNT=200 changes of sources chosen by SEED=1 (of what changed SINCE=commit), and which of them no test notices
	@.ci/install build test && python3 -B tests/mutate/mutate.py --seed $(SEED) --count $(COUNT) $(if $(SINCE),--since $(SINCE))

attack: ## every attack on one node that serves calls and media (ONLY=words, BINARY=), into build/show/resilience.json
	@.ci/attack attack $(if $(ONLY),--only $(ONLY)) $(if $(BINARY),--binary $(BINARY))

costs: ## what a stranger may cost a release node, into build/show/costs.json
	@.ci/attack costs $(if $(BINARY),--binary $(BINARY))

herd: ## 5,000 phones that return at once after a restart, then 500 behind one address, into build/show/
	@.ci/attack herd $(if $(BINARY),--binary $(BINARY)) --output build/show/herd.json
	@.ci/attack herd $(if $(BINARY),--binary $(BINARY)) --phones 500 --sources 1 --output build/show/office.json

bench-parse: ## the SIP parser beside packaged libosip2, into build/bench/parse.json
	@.ci/install build test bench && .ci/build release parse_bench && mkdir -p build/bench && build/release/tests/parse_bench build/bench/parse.json

build-times: ## the table of CONTRIBUTING.md, measured here
	@.ci/build-times

key-tables: ## writes the tables of keys in docs/configuration.md
	@.ci/build dev sallyport && build/dev/sallyport schema | python3 docs/key_tables.py

format: ## clang-format over every source
	@.ci/format

format-check: ## says what format would change
	@.ci/format --check

tidy: ## clang-tidy over every source
	@.ci/install build test fuzz && .ci/tidy

clean: ## every build
	@rm -rf build
