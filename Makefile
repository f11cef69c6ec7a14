# The verbs of this project; `make help` lists them.
# MODEL=..., HOSTING=... and STAGE=... choose others than cdk.json's, ROW='{...}' another row to predict,
# ARGS='...' is handed to the command a verb ends in.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3 python; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& { echo $$python; break; }; done)

export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)
unexport PYTHONPATH PYTHONHOME

DEFAULT_MODEL = $(shell python -c 'import json; print(json.load(open("cdk.json"))["context"]["model"])')
COMMA := ,
CONTEXT := $(if $(MODEL),--context model$(if $(findstring $(COMMA),$(MODEL)),s)=$(MODEL)) $(if $(HOSTING),--context hosting=$(HOSTING)) \
	$(if $(STAGE),--context stage=$(STAGE))
TOOLS := .venv/.installed node_modules/.package-lock.json
RIVALS := $(patsubst benchmarks/requirements-%.txt,%,$(wildcard benchmarks/requirements-*.txt))
# Only the rivals that ARGS names need their environments, all of them when it names nobody.
CHOSEN = $(filter $(RIVALS),$(or $(filter ours ping noop loop $(RIVALS),$(ARGS)),$(RIVALS)))

.PHONY: help run predict stop train picture image synth cost bootstrap deploy smoke openapi postman destroy test bench check format \
	lock clean

help: ## list the verbs
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' Makefile | column -t -s '|'

run: $(TOOLS) ## deploy the whole stack to AWS on this machine and make one prediction
	@python -m local run $(CONTEXT) $(ARGS)

predict: $(TOOLS) ## one more prediction through the invoke URL
	@python -m local predict $(if $(ROW),--row '$(subst ','\'',$(ROW))') $(ARGS)

stop: ## end what `make run` started
	@test ! -x .venv/bin/python || python -m local down

train: $(TOOLS) ## train a model again (MODEL=...)
	@python -m training $(or $(MODEL),$(DEFAULT_MODEL)) $(ARGS)

picture: train ## train the default model again and keep its ROC curves as the picture in README
	@cp build/$(DEFAULT_MODEL)/report/roc.png docs/roc.png

image: .venv/bin/python ## build the container image with docker, podman or buildah; TARGET=train for the one that trains
	@$(if $(BASE_IMAGE),BASE_IMAGE='$(BASE_IMAGE)') python -m image $(if $(TARGET),--target $(TARGET)) $(ARGS)

synth: $(TOOLS) ## write the CloudFormation template to cdk.out; needs no network, credentials or Docker
	@cdk synth --quiet $(CONTEXT) $(ARGS)
	@echo 'The template is in cdk.out.'

cost: $(TOOLS) ## dollars a month of the settings, in each hosting (ARGS='--json', ARGS='--prices FILE')
	@python -m stacks.costs $(CONTEXT) $(ARGS)

bootstrap: $(TOOLS) ## prepare the AWS account and region of your credentials for the CDK, once
	@cdk bootstrap $(CONTEXT) $(ARGS)

deploy: $(TOOLS) ## deploy the stack to the AWS account of your credentials
	@command -v $${CDK_DOCKER:-docker} >/dev/null || { \
		echo "make deploy builds a container image: install Docker, or set CDK_DOCKER to podman or finch." >&2; exit 1; }
	@python -m stacks.commands.deploy $(CONTEXT) $(ARGS)

smoke: $(TOOLS) ## prove what the stack on AWS serves; LOCAL=1 for the one on this machine
	@python -m $(if $(LOCAL),local )smoke $(if $(MODEL),--model $(MODEL)) $(ARGS)

openapi: $(TOOLS) ## write the API as an OpenAPI 3.1 document to build/<model>/openapi.json (MODEL=...)
	@python -m api openapi $(if $(MODEL),--model $(MODEL)) $(ARGS)

postman: $(TOOLS) ## write a Postman collection and run it against the stack on AWS; LOCAL=1 for the one on this machine
	@python -m $(if $(LOCAL),local postman,smoke.postman) $(if $(MODEL),--model $(MODEL)) $(ARGS)

destroy: $(TOOLS) ## delete the stack from the AWS account of your credentials
	@cdk destroy $(CONTEXT) $(ARGS)

test: $(TOOLS) .venv/.installed-dev .venv-checkov/.installed .venv-sagemaker/.installed .venv-serving/.installed ## the whole suite, with a real deployment to AWS on this machine
	@python -m pytest -n 2 $(ARGS)

bench: .venv/.installed .venv-serving/.installed $(CHOSEN:%=.venv-bench/%/.installed) ## measure serving and training against their rivals (serving only: ARGS='--rounds 1 --seconds 2 ours fastapi')
	@python -m benchmarks $(if $(MODEL),--model $(MODEL)) $(ARGS)
	@$(if $(MODEL)$(ARGS),,python -m benchmarks.training)

check: .venv/.installed-dev ## format, lint and types
	@ruff format --check . && ruff check . && mypy

format: .venv/.installed-dev ## format the code
	@ruff format . && ruff check --fix .

lock: ## write the lock files anew from the pins in *.in (needs uv)
	@for pins in requirements requirements-spark requirements-sagemaker requirements-dev requirements-checkov $(basename $(wildcard benchmarks/*.in)); do \
		uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate $$pins.in -o $$pins.txt; done
	@uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --generate-hashes \
		serving/requirements.in -o serving/requirements.txt
	@uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --generate-hashes \
		--constraint requirements.txt training/requirements.in -o training/requirements.txt

clean: ## remove everything that can be made again
	@rm -rf .venv .venv-bench .venv-checkov .venv-sagemaker .venv-serving node_modules build cdk.out

.venv/bin/python:
	@test -n '$(PYTHON)' || { echo 'Python 3.11, 3.12 or 3.13 is needed and none is on the PATH: install one,' \
		'or say where it is with PYTHON=/path/to/python.' >&2; exit 1; }
	@echo 'Making the virtual environment .venv with $(PYTHON)'
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo 'The virtual environment could not be made: install the' \
		'venv module of $(PYTHON) (on Debian and Ubuntu: python3-venv).' >&2; exit 1; }

.venv/.installed: requirements.txt | .venv/bin/python
	@echo 'Installing the Python packages of requirements.txt (a few minutes the first time)'
	@$(call install,requirements.txt)
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	@echo 'Installing the Python packages of requirements-dev.txt'
	@$(call install,requirements-dev.txt)
	@touch $@

.venv-checkov/.installed: requirements-checkov.txt | .venv/bin/python
	@echo 'Installing checkov, which needs a virtual environment of its own'
	@test -x .venv-checkov/bin/python || python -m venv .venv-checkov
	@$(call install,requirements-checkov.txt,.venv-checkov/bin/python)
	@touch $@

.venv-sagemaker/.installed: requirements-sagemaker.txt | .venv/bin/python
	@echo 'Installing the SageMaker Python SDK, a gigabyte in a virtual environment of its own'
	@test -x .venv-sagemaker/bin/python || python -m venv .venv-sagemaker
	@$(call install,requirements-sagemaker.txt,.venv-sagemaker/bin/python)
	@touch $@

.venv-serving/.installed: serving/requirements.txt | .venv/bin/python
	@echo 'Installing what the image holds, to run its Lambda function without it'
	@test -x .venv-serving/bin/python || python -m venv .venv-serving
	@$(call install,serving/requirements.txt,.venv-serving/bin/python)
	@touch $@

# A rival that cannot be installed is left out, and the benchmark says so.
.venv-bench/%/.installed: benchmarks/requirements-%.txt | .venv/bin/python
	@echo 'Installing the Python packages of $<'
	@test -x $(@D)/bin/python || python -m venv $(@D)
	@($(call install,$<,$(@D)/bin/python)) && touch $@ || echo 'The benchmark goes on without it.' >&2

node_modules/.package-lock.json: package-lock.json .venv/.installed
	@echo 'Installing the AWS CDK CLI and newman of package-lock.json'
	@npm ci --no-audit --no-fund --loglevel=error || { \
		echo 'The AWS CDK CLI and newman could not be installed: see above, check the network, then run make again.' >&2; exit 1; }
	@touch $@

install = $(or $(2),python) -m pip install --disable-pip-version-check --progress-bar on --requirement $(1) \
	| grep --line-buffered -E '^(Downloading|Collecting|Installing|ERROR)' || { \
	test $${PIPESTATUS[0]} -eq 0 || { echo 'The Python packages could not be installed: see above, check the' \
	'network, then run make again: what was downloaded is kept.' >&2; exit 1; }; }
