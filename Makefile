# Two commands: make run, make test. make help lists the rest.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# The folder of builds, also where cargo was told another.
BUILDS := $(or $(CARGO_TARGET_DIR),target)

.PHONY: help
help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Build and start Gatelodge on http://127.0.0.1:8080
	@scripts/need-rust.sh
	@scripts/front-end.sh build
	@cargo build --release --locked
	@exec "$(BUILDS)/release/gatelodge" serve

.PHONY: test
test: ## Set up the real parts and pass every test
	@scripts/need-rust.sh
	@scripts/parts.sh test
	@scripts/front-end.sh check
	cargo test --locked --no-fail-fast
	@cargo build --locked
	@scripts/front-end.sh e2e

.PHONY: screenshots
screenshots: ## Pictures of every page, into frontend/screenshots
	@scripts/need-rust.sh
	@scripts/front-end.sh build
	@cargo build --locked
	@scripts/front-end.sh screenshots

.PHONY: front-end
front-end: ## Build the pages of the portal, which the next build takes up
	@scripts/front-end.sh build

.PHONY: parts
parts: ## Set up what tests run against: Valkey, an OpenID provider, proxies
	@scripts/parts.sh test

.PHONY: lint
lint: ## Check format, lints, scripts, dependencies
	@scripts/need-rust.sh
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	@for script in scripts/*.sh scripts/parts/*.sh .ci/run; do bash -n "$$script"; done
	@if command -v shellcheck >/dev/null; then echo shellcheck; shellcheck scripts/*.sh scripts/parts/*.sh .ci/run; \
	else echo "skipped: shellcheck is missing (your system's shellcheck package)"; fi
	@if command -v cargo-deny >/dev/null; then echo cargo deny; cargo deny --locked check --hide-inclusion-graph bans licenses sources; \
	else echo "skipped: cargo-deny is missing (cargo install --locked cargo-deny)"; fi

.PHONY: audit
audit: ## Look for known vulnerabilities in dependencies (asks the network)
	cargo deny --locked check advisories

.PHONY: bench
bench: ## Measure: time and instructions of each step, requests a second
	@scripts/need-rust.sh
	@scripts/parts.sh bench
	cargo bench --locked
	@scripts/bench-instructions.sh
	@scripts/bench-http.sh

.PHONY: loom
loom: ## Try the cache under every order of steps that threads may take
	@scripts/need-rust.sh
	cargo test --locked --manifest-path tests/loom/Cargo.toml orders

.PHONY: soak
soak: loom ## Try the cache under a million seeds of the worst (SOAK_SEEDS), and in every order
	SOAK_SEEDS=$${SOAK_SEEDS:-1000000} cargo test --release --locked --test cache -- --nocapture

.PHONY: fmt
fmt: ## Format the code
	cargo fmt

.PHONY: doc
doc: ## Build the documentation of the code
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items

.PHONY: clean
clean: ## Remove builds and fetched parts
	cargo clean
	rm -rf .parts tests/parts/node_modules frontend/node_modules frontend/build/site
