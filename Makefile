# `make help` lists what there is. Everything is installed into .venv from the lock.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
# By the pip that Python has: one of the environment's own costs more than all the rest from a cache.
GET_UV := install --quiet --disable-pip-version-check uv==$(UV_VERSION)
STAMP := $(VENV)/.installed
BENCH_STAMP := $(VENV)/.installed-bench
BROWSER_STAMP := $(VENV)/.installed-browser
COMPARE_STAMP := $(VENV)/.installed-compare
NODE_CLIENTS := deploy/clients/javascript
KAFKA_JARS := .kafka/libs
KAFKA_PORT ?= 9092
# Built from Go, for which there is no package that needs no download of its own: helm takes minutes,
# so once for all clones.
TOOLS := $(HOME)/.cache/matcher-stream/tools
# What `make image` takes torch from.
TORCH ?= cpu
IMAGE_cpu := --build-arg TORCH_BACKEND=cpu
IMAGE_lock := --build-arg TORCH_BACKEND=
IMAGE_cuda := --build-arg TORCH_BACKEND= --build-arg CUDA=true
HELM_VERSION := 4.3.1
HELM := $(TOOLS)/helm-$(HELM_VERSION)
ACTIONLINT_VERSION := 1.7.12
ACTIONLINT := $(TOOLS)/actionlint-$(ACTIONLINT_VERSION)
KUBERNETES_VERSION := $(shell sed -n 's|^\tk8s.io/kubernetes v\([^ ]*\).*|\1|p' deploy/kubernetes/go.mod)
KUBERNETES := $(TOOLS)/kubernetes-$(KUBERNETES_VERSION)
# What an API server says it is, and helm asks it for.
KUBERNETES_SAYS := -X k8s.io/component-base/version.gitVersion=v$(KUBERNETES_VERSION)
ARGS ?=
# Mutants that are tried, the same each time; all of them if it is empty.
SAMPLE ?=
# Processes of tests side by side. Those that wait for workers are one more than there are cores, and
# each of them can take 5 GB.
CORES := $(shell cores=$$(nproc); echo $$((cores < 4 ? cores : 4)))
JOBS ?= $(shell echo $$(($(CORES) < 4 ? $(CORES) + 1 : 4)))
BESIDE := --dist loadscope --no-loadscope-reorder --numprocesses
# TORCH_BACKEND=cpu takes the small CPU build of torch from PyTorch's own index, which must be
# reachable; without it torch comes from the lock with its hash, like everything else.
TORCH_BACKEND ?=

# A test starts many processes, and uv leaves it to them to compile what they import.
export PYTHONDONTWRITEBYTECODE :=
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/bytecode

UV_INSTALL := $(UV) pip install --quiet --python $(BIN)/python
# Triton is what torch compiles for GPUs with, which nothing here does: 0.7 GB.
COMPILE := $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	--no-annotate --no-emit-package triton --python-version 3.11 setup.cfg

.PHONY: help install browser clients hooks demo check test test-quick plants mutants test-kafka test-containers test-cluster \
	soak bench profile compare kafka image sbom helm actionlint kubernetes lint format lock docs drift site clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24

install: $(STAMP) ## .venv with everything from the lock (TORCH_BACKEND=cpu: the small torch)

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
		{ echo "Python 3.11 is needed: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@echo "Creating $(VENV)"
	@$(PYTHON) -m venv --without-pip $(VENV)
	@$(PYTHON) -m pip --python $(BIN)/python $(GET_UV) 2>/dev/null || \
		{ $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip $(GET_UV); }

$(STAMP): $(UV) requirements.lock setup.cfg pyproject.toml
	@echo "Installing from requirements.lock"
ifeq ($(TORCH_BACKEND),)
	@$(UV_INSTALL) --no-deps --require-hashes -r requirements.lock
else
	@$(UV_INSTALL) --no-deps --torch-backend $(TORCH_BACKEND) "$$(grep -oE '^torch==[^ ]+' requirements.lock)"
	@awk '/^[A-Za-z0-9]/ { gpu = /^(torch==|triton==|nvidia-|cuda-)/ } !gpu' requirements.lock > $(VENV)/cpu.lock
	@$(UV_INSTALL) --no-deps --require-hashes -r $(VENV)/cpu.lock
endif
	@$(UV_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(BENCH_STAMP): $(STAMP) requirements-bench.lock
	@echo "Installing what only benchmarks need"
	@awk '/^[A-Za-z0-9]/ { gpu = /^(torch==|triton==|nvidia-|cuda-)/ } !gpu' requirements-bench.lock > $(VENV)/bench.lock
	@$(UV_INSTALL) --no-deps --require-hashes -r $(VENV)/bench.lock
	@touch $@

$(COMPARE_STAMP): $(BENCH_STAMP) benchmarks/compare.txt
	@echo "Installing the libraries to compare with"
	@$(UV_INSTALL) -r benchmarks/compare.txt
	@touch $@

$(BROWSER_STAMP): $(STAMP) requirements-browser.lock
	@echo "Installing what drives a browser"
	@awk '/^[A-Za-z0-9]/ { gpu = /^(torch==|triton==|nvidia-|cuda-)/ } !gpu' requirements-browser.lock > $(VENV)/browser.lock
	@$(UV_INSTALL) --no-deps --require-hashes -r $(VENV)/browser.lock
	@touch $@

browser: $(BROWSER_STAMP) ## what tests of pages in a real browser need (Chromium by apt, where we are root)
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		apt-get update -qq && apt-get install --yes -qq --no-install-recommends chromium >/dev/null; } || \
		echo "Chromium is not here and cannot be installed: its tests will be skipped."

clients: $(NODE_CLIENTS)/node_modules/.package-lock.json ## what tests of the clients in JavaScript need (npm; brings its own Node)

$(NODE_CLIENTS)/node_modules/.package-lock.json: $(NODE_CLIENTS)/package-lock.json
	@if command -v npm >/dev/null; then \
		echo "Installing what the clients in JavaScript need"; \
		npm ci --prefix $(NODE_CLIENTS) --ignore-scripts --no-audit --no-fund --loglevel=error && touch $@; \
	else echo "npm is not here: the tests of the clients in JavaScript will be skipped."; fi

hooks: $(STAMP) ## git hooks: lint before a commit, and its subject's length
	@$(BIN)/pre-commit install

demo: $(STAMP) ## people matched with jobs on this machine, until Ctrl-C (ARGS=--once: ends by itself)
	@$(BIN)/matcher-stream dev $(ARGS)

check: $(STAMP) ## lint beside the tests that need no broker and no weights, minutes
	@$(MAKE) --no-print-directory --keep-going --output-sync=target --jobs=2 lint test-quick plants

test-quick: $(STAMP) ## the tests that need no broker and no weights, with fewer examples
	@$(BIN)/python -m pytest -q -m "not broker and not browser and not weights" --quick $(BESIDE) $(CORES) $(ARGS)

plants: $(STAMP) ## breakages that passed everything once: each must fail its test
	@$(BIN)/python -m tests.mutation --plants

mutants: $(STAMP) ## who notices small changes to the promises' modules? (ARGS=PATH ..., SAMPLE=N)
	@$(BIN)/python -m tests.mutation $(if $(SAMPLE),--sample $(SAMPLE)) $(ARGS)

test: $(STAMP) ## everything that can be tested on this machine, on the embedded broker
	@$(BIN)/python -m pytest $(BESIDE) $(JOBS) $(ARGS)

test-kafka: $(STAMP) $(KAFKA_JARS)/.complete ## the end-to-end tests on Apache Kafka
	@$(BIN)/python -m pytest tests/e2e --broker=kafka $(BESIDE) $(JOBS) $(ARGS)

test-containers: $(STAMP) ## build the image, start it and deploy/docker-compose.yml, kill parts of it
	@$(BIN)/python -m pytest tests/deploy --containers -m containers $(ARGS)

test-cluster: $(STAMP) ## apply the chart to a Kubernetes on this machine, roll and scale it (needs make helm kubernetes)
	@$(BIN)/python -m pytest tests/deploy --cluster -m cluster $(ARGS)

soak: $(STAMP) $(KAFKA_JARS)/.complete ## the long forms of the end-to-end tests on Apache Kafka
	@$(BIN)/python -m pytest tests/e2e --broker=kafka --soak -m soak $(ARGS)

bench: $(BENCH_STAMP) $(BROWSER_STAMP) $(KAFKA_JARS)/.complete ## speed, latency, restart and memory on this machine
	@$(BIN)/python -m benchmarks $(ARGS)

profile: $(BENCH_STAMP) ## where a worker's time goes: .profile/worker.svg and a table (ARGS=--profiles 500)
	@$(BIN)/python -m benchmarks.profile $(ARGS)

compare: $(COMPARE_STAMP) ## our encoder beside other libraries on the same weights, one core
	@$(BIN)/python -m benchmarks.compare $(ARGS)

kafka: $(STAMP) $(KAFKA_JARS)/.complete ## get Apache Kafka and run it until Ctrl-C (KAFKA_PORT=9092)
	@$(BIN)/matcher-stream broker --kafka $(KAFKA_JARS) --data .kafka/data --port $(KAFKA_PORT)

image: ## the container image; TORCH=lock where PyTorch's index is out of reach, TORCH=cuda for a GPU
	@DOCKER_BUILDKIT=1 docker build --tag matcher-stream $(IMAGE_$(TORCH)) \
		--build-arg VERSION=$$(sed -n 's/^__version__ = "\(.*\)"/\1/p' matcher_stream/__init__.py) \
		--build-arg REVISION=$$(git rev-parse --short HEAD) $(ARGS) .

sbom: $(STAMP) ## sbom.json: what the image is made of, with hashes (CycloneDX)
	@$(BIN)/cyclonedx-py requirements --output-reproducible \
		--output-file sbom.json requirements-run.lock

helm: $(HELM) ## helm, built from Go into ~/.cache: minutes, once a machine

$(HELM):
	$(call from_go,helm,helm.sh/helm/v4/cmd/helm,$(HELM_VERSION))

actionlint: ## what checks the workflow, built from Go into ~/.cache: seconds, once a machine
	@$(MAKE) --no-print-directory $(ACTIONLINT) || echo "Without actionlint its test is skipped."

$(ACTIONLINT):
	$(call from_go,actionlint,github.com/rhysd/actionlint/cmd/actionlint,$(ACTIONLINT_VERSION))

kubernetes: $(KUBERNETES)/.complete ## a Kubernetes without containers, built from Go into ~/.cache: 12 minutes of CPU, once a machine

$(KUBERNETES)/.complete: | $(STAMP)
	@command -v go >/dev/null || { echo "Kubernetes is built from Go: install it."; exit 1; }
	@echo "Building Kubernetes $(KUBERNETES_VERSION), etcd and kwok"
	@mkdir -p $(KUBERNETES)
	@cd deploy/kubernetes && CGO_ENABLED=0 nice -n 19 go build -trimpath -ldflags '-s -w $(KUBERNETES_SAYS)' \
		-o $(KUBERNETES)/ tool && mv $(KUBERNETES)/server $(KUBERNETES)/etcd
	@$(BIN)/python -m tests.deploy.crds $(KUBERNETES)
	@touch $@

# Name, package, version.
define from_go
@command -v go >/dev/null || { echo "$(1) is built from Go: install it, or put a $(1) on the path."; exit 1; }
@echo "Building $(1) $(3)"
@mkdir -p $(TOOLS)
@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && cd "$$folder" && go mod init tools 2>/dev/null && \
	go get $(2)@v$(3) 2>/dev/null && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o $@ $(2)
endef

$(KAFKA_JARS)/.complete: deploy/kafka/pom.xml
	@command -v java >/dev/null && command -v mvn >/dev/null || \
		{ echo "Apache Kafka needs Java 17 and Maven: install both, for example openjdk-17-jre and maven."; exit 1; }
	@echo "Getting Apache Kafka"
	@rm -rf $(KAFKA_JARS)
	@mvn -q -B -f deploy/kafka/pom.xml dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/$(KAFKA_JARS)
	@touch $@

lint: $(STAMP) ## ruff, ruff format, import contracts, mypy --strict
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/mypy

format: $(STAMP) ## write the code as ruff wants it
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: $(STAMP) ## compile the locks again; pins in them stay unless setup.cfg forbids (ARGS=--upgrade)
	@$(COMPILE) --extra dev --extra traces --extra train -o requirements.lock $(ARGS)
	@$(COMPILE) --extra traces -c requirements.lock -o requirements-run.lock $(ARGS)
	@$(COMPILE) --extra dev --extra bench -c requirements.lock -o requirements-bench.lock $(ARGS)
	@$(COMPILE) --extra browser -c requirements.lock -o requirements-browser.lock $(ARGS)

docs: $(STAMP) ## write docs/schemas, docs/reference and the tables of accounts and personal data again
	@$(BIN)/matcher-stream schemas export docs/schemas
	@$(BIN)/python -m matcher_stream.cli.reference docs/reference
	@$(BIN)/python -m matcher_stream.cli.acl_table docs/deploying.md
	@$(BIN)/python -m matcher_stream.cli.personal_table docs/personal-data.md

drift: $(STAMP) ## fail if docs/schemas or docs/reference differs from the code
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
		$(BIN)/matcher-stream schemas export "$$folder/schemas" >/dev/null && \
		$(BIN)/python -m matcher_stream.cli.reference "$$folder/reference" && \
		diff -r "$$folder/schemas" docs/schemas && diff -r "$$folder/reference" docs/reference || \
		{ echo "docs is out of date: run make docs"; exit 1; }

site: $(STAMP) ## .site/html: README and docs as pages, without the network; broken links fail it
	@rm -rf .site && mkdir -p .site/pages
	@cp -r README.md CONTRIBUTING.md CHANGELOG.md docs .site/pages
	@mv .site/pages/docs/site/mkdocs.yml .site && rm -r .site/pages/docs/site
	@$(BIN)/python -m zensical build --strict --clean --config-file .site/mkdocs.yml

clean: ## remove what make created
	@rm -rf $(VENV) .kafka .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis ./*.egg-info matcher-data .site
