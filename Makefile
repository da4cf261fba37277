# Hookline. `make help` lists what there is.

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
DESTDIR ?=
ARGS ?=
SENTRY ?=
DIRECTORY ?= sqlite

SWIFT ?= swift
# Debian keeps nginx and fcgiwrap out of an ordinary user's path.
export PATH := $(PATH):/usr/sbin:/sbin
# Package.swift turns warnings into errors with this set.
export WARNINGS_AS_ERRORS := 1

PRODUCTS := $(CURDIR)/.build/release
SHELL_SCRIPTS = $(shell find .ci scripts conf Tests Benchmarks -name '*.sh' 2>/dev/null) .ci/run
FORMATTED = $(wildcard Package.swift Sources Tests Benchmarks)
SANITIZED := ModelTests|WireJSONTests|SystemTests|RedisTests|BufferTests|QueueTests|DirectoryTests|WebhookRulesTests|ProgramSupportTests|HandlersTests|DeliveryTests

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test nightly build dependencies format format-check lint docs-check demo-check costs-check unit test-browser hostile test-openapi docs-images sanitize fuzz fuzz-check faults faults-check ledger ledger-relay redelivery-test reload-test scale bench profile install clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

run: build ## A demo on free ports with its own nginx, Redis and data (ARGS=--once: exits; DIRECTORY=postgres)
	@scripts/dependencies.sh run $(filter postgres,$(DIRECTORY))
	@HOOKLINE_DEMO_DIRECTORY=$(DIRECTORY) exec scripts/demo.sh $(ARGS)

test: dependencies build format-check lint fuzz-check docs-check demo-check costs-check unit faults-check test-browser test-openapi ## The standard checks and tests

dependencies:
	@scripts/dependencies.sh test

build: ## Release programs in .build/release
	@scripts/dependencies.sh build
	$(SWIFT) build -c release --static-swift-stdlib --product hookline-fcgi
	$(SWIFT) build -c release --static-swift-stdlib --product hookline-cgi
	$(SWIFT) build -c release --static-swift-stdlib --product hookline-worker
	$(SWIFT) build -c release --static-swift-stdlib --product hookline

unit: ## Swift tests (ARGS='--filter NAME' runs some of them)
	@HOOKLINE_PRODUCTS=$(PRODUCTS) exec scripts/test.sh $(ARGS)

# The browser tests check every state in all layouts.
nightly: export HOOKLINE_BROWSER = all
nightly: test sanitize fuzz faults ledger ledger-relay redelivery-test reload-test scale hostile ## make test and all long checks: sanitizers, fuzzing, faults, ledger, redelivery, reloads, scale, hostile content

test-browser: build ## Drives the demo's dashboard with headless Chromium (ARGS=TEST…); screenshots go to .build/browser
	@scripts/dependencies.sh test
	@HOOKLINE_PRODUCTS=$(PRODUCTS) exec Tests/Browser/browser.sh $(ARGS)

hostile: build ## Opens the details of 10,000 events with hostile content in headless Chromium (ARGS=EVENTS)
	@scripts/dependencies.sh test
	@HOOKLINE_PRODUCTS=$(PRODUCTS) HOOKLINE_HOSTILE_EVENTS=$(or $(ARGS),10000) exec Tests/Browser/browser.sh test_hostile

test-openapi: build ## Checks the demo against docs/openapi.yaml (installs schemathesis from PyPI once)
	@scripts/dependencies.sh test
	@HOOKLINE_PRODUCTS=$(PRODUCTS) exec Tests/OpenAPI/openapi.sh $(ARGS)

docs-images: build ## Takes the screenshots for the documentation with headless Chromium
	@scripts/dependencies.sh test
	@HOOKLINE_PRODUCTS=$(PRODUCTS) exec scripts/docs-images.sh

format: ## Formats the Swift sources
	$(SWIFT) format --in-place --parallel --recursive $(FORMATTED)

format-check: ## Fails where a Swift source is not formatted
	$(SWIFT) format lint --strict --parallel --recursive $(FORMATTED)

lint: ## Checks shell and Python, wording, line lengths and section references
	@scripts/dependencies.sh test
	@scripts/lint.sh $(SHELL_SCRIPTS)

docs-check: build ## Fails if the documentation refers to something that does not exist
	HOOKLINE_PRODUCTS=$(PRODUCTS) scripts/check-docs.sh

.PHONY: settings-docs
settings-docs: build ## Writes the tables of settings in docs/configuration.md, and conf/hookline.env.example
	HOOKLINE_PRODUCTS=$(PRODUCTS) scripts/settings-docs.sh

demo-check: build ## Fails unless the demo starts, responds, stops and leaves nothing behind
	HOOKLINE_PRODUCTS=$(PRODUCTS) scripts/check-demo.sh

costs-check: build ## Fails where a request allocates, or calls the system, more often than Benchmarks/costs.json says
	@scripts/dependencies.sh test
	@HOOKLINE_PRODUCTS=$(PRODUCTS) exec Benchmarks/profile.sh --check

sanitize: ## Unit tests under ThreadSanitizer and AddressSanitizer
	@scripts/dependencies.sh test
	$(SWIFT) test --sanitize=thread --scratch-path .build/tsan --filter '$(SANITIZED)'
	ASAN_OPTIONS=detect_leaks=1 LSAN_OPTIONS=suppressions=$(CURDIR)/scripts/leaks.supp:print_suppressions=0 \
		$(SWIFT) test --sanitize=address --scratch-path .build/asan --filter '$(SANITIZED)'

fuzz: ## Feeds random data to the parsers of data from Redis and what is computed from it (ARGS=SECONDS, 600 by default)
	@scripts/dependencies.sh build
	@exec Tests/Fuzz/fuzz.sh $(ARGS)

fuzz-check: ## Fails unless the fuzzers compile
	@scripts/dependencies.sh build
	@exec Tests/Fuzz/fuzz.sh --check

faults: build ## Injects faults under a steady load; checks every response, log row and delivery (ARGS='--only NAME')
	@scripts/dependencies.sh test
	@HOOKLINE_PRODUCTS=$(PRODUCTS) exec Tests/Faults/faults.sh $(ARGS)

faults-check: build ## The faults that need no waiting
	@scripts/dependencies.sh test
	@HOOKLINE_PRODUCTS=$(PRODUCTS) exec Tests/Faults/faults.sh --short

ledger: build ## Sends 20,000 events while workers are killed and Redis is restarted; nothing may be lost (ARGS=EVENTS …; --relay)
	@scripts/dependencies.sh test
	$(SWIFT) build -c release --product Ledger
	HOOKLINE_PRODUCTS=$(PRODUCTS) $(PRODUCTS)/Ledger $(ARGS)

ledger-relay: ## The same with webhooks that are relayed to two targets each, while responders are killed, too
	@$(MAKE) ledger ARGS=--relay

redelivery-test: build ## Redelivers 10,000 events by a job while workers are killed (ARGS=EVENTS)
	@scripts/dependencies.sh test
	@HOOKLINE_REDELIVERY_EVENTS=$(or $(ARGS),10000) HOOKLINE_PRODUCTS=$(PRODUCTS) \
		exec scripts/test.sh --filter IntegrationTests.RedeliveryJobTests

reload-test: build ## Reloads the responder 200 times under load; no request may fail (ARGS=RELOADS …)
	@scripts/dependencies.sh test
	$(SWIFT) build -c release --product Reloads
	HOOKLINE_PRODUCTS=$(PRODUCTS) $(PRODUCTS)/Reloads $(ARGS)

scale: build ## Asks a PostgreSQL directory of a million members by indexes alone (ARGS='--apps N …', ARGS=--help)
	@scripts/dependencies.sh test
	@HOOKLINE_PRODUCTS=$(PRODUCTS) exec Tests/Scale/scale.sh $(ARGS)

bench: build ## Measures beside C, php-fpm and Python programs (BENCH_QUICK=1, BENCH_LONG=1, ARGS=--only …)
	@scripts/dependencies.sh bench
	@exec Benchmarks/bench.sh $(ARGS)

profile: build ## Counts instructions, allocations, system calls and bytes of one request of each kind
	@scripts/dependencies.sh test
	@HOOKLINE_PRODUCTS=$(PRODUCTS) exec Benchmarks/profile.sh $(ARGS)

install: ## Copies programs, units and nginx files (after make build; PREFIX, SYSCONFDIR, DESTDIR)
	@exec scripts/install.sh '$(PRODUCTS)' '$(DESTDIR)' '$(PREFIX)' '$(SYSCONFDIR)'

.PHONY: sentry-folder
sentry-folder: build ## Copies the responder into the folder of a self-hosted Sentry (SENTRY=FOLDER)
	@exec scripts/sentry-folder.sh '$(PRODUCTS)' '$(SENTRY)'

clean: ## Removes everything that was built
	rm -rf .build
