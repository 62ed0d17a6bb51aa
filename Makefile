# The two commands are `make demo` and `make test`; each does its own set-up.
# CUDA=1 with any of them (or `make libtorch CUDA=1`) installs NVIDIA's
# libraries as well; the programs find them when they start.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test lint deny arrows libtorch weights build bench bench-step bench-prep resume-campaign check-cuda clean tools

CARGO ?= cargo
CUDA ?= 0
PIPELINE ?= pipelines/sneakers.yaml
BIN := target/release

help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: build ## Draw demo data, prepare, train, report: the whole job
	$(BIN)/demo
	$(BIN)/prep $(PIPELINE)
	$(BIN)/train $(PIPELINE)
	$(BIN)/report

test: libtorch ## Run every test
	$(CARGO) test --release --workspace

build: libtorch ## Build the programs into target/release
	$(CARGO) build --release --workspace

libtorch: tools ## Install libtorch into .libtorch (CUDA=1 for NVIDIA's libraries too)
	@CUDA=$(CUDA) scripts/install-libtorch.sh

weights: ## Make artifacts/weights: published weights of EfficientNet-Lite as safetensors (40 MB down)
	@scripts/make-weights.py

lint: libtorch arrows ## Formatting, clippy and docs, with warnings as errors
	$(CARGO) fmt --all --check
	$(CARGO) clippy --release --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --release --workspace --no-deps --document-private-items

arrows: ## Prove that crates depend downwards only
	@scripts/check-arrows.sh

deny: ## Check licences, bans and sources, where cargo-deny is installed
	@if $(CARGO) deny --version >/dev/null 2>&1; then $(CARGO) deny check licenses bans sources; \
	else echo "make deny: cargo-deny is missing; install it with: cargo install cargo-deny"; exit 1; fi

bench: bench-step bench-prep ## Time training and preparing next to other tools (installs them; 6.5 GB)

bench-step: build ## Time a training step next to Keras and PyTorch
	benches/env.sh --torch
	$(CARGO) build --release -q -p shoebox-train --example plain_tch
	benches/.venv/bin/python benches/step.py

bench-prep: build ## Time preparing next to Pillow, OpenCV, torchvision and tf.data
	benches/env.sh --prep
	benches/.venv/bin/python benches/prep.py
	$(CARGO) run --release -q -p shoebox-cache --example gather

CAMPAIGN ?= $(PIPELINE) --set train.epochs=4 --set train.checkpoint.every_steps=3
resume-campaign: build ## Kill trainings at 20 random points and go on; compare with one that was not
	CAMPAIGN="$(CAMPAIGN)" $(CARGO) test --release -p shoebox-train --test train resume_campaign -- --ignored --nocapture

check-cuda: ## Check the programs with all CUDA libraries installed (2.8 GB down), GPU or not
	$(MAKE) build CUDA=1
	scripts/check-cuda.sh

clean: ## Remove what was built; data and artifacts stay
	$(CARGO) clean

tools:
	@command -v $(CARGO) >/dev/null || { echo "cargo is missing; install Rust from your distribution or with rustup"; exit 1; }
	@command -v c++ >/dev/null || { echo "a C++ compiler is missing; install one (on Debian: apt-get install g++)"; exit 1; }
	@command -v python3 >/dev/null || { echo "python3 is missing; install it with pip (on Debian: apt-get install python3-pip)"; exit 1; }
