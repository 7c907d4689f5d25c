# What can be done here; `make` alone lists it.

.DEFAULT_GOAL := help
.PHONY: help run test check browser bench release docs

CARGO ?= cargo
export CARGO

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

run: ## start the server on http://127.0.0.1:3081 with its data in ./data
	$(CARGO) run --locked --release

test: ## all that CI runs: install what is missing, then every check and every test
	sh scripts/test.sh

check: ## the quick half of `test`: format, lints and the tests that need no browser
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	$(CARGO) test --locked --workspace

browser: ## the journeys in a real Chromium; screenshots go to target/screenshots
	sh scripts/install-test-deps.sh
	$(CARGO) test --locked --quiet --lib web::views
	$(CARGO) test --locked --test suite -- --ignored --nocapture browser::

bench: ## measure against the goals; results go to docs/performance.md
	sh bench/run.sh

release: ## one static, optimised binary in target/dist
	sh scripts/release.sh

docs: ## the documentation of the code in target/doc
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps --document-private-items
