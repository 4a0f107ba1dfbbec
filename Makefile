# Everyday verbs. `make help` lists them; docs/development.md says more.
# Meson and Ninja do the work: `meson setup build && ninja -C build` is all that `make` means.

PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build
PORT ?= 8080
FUZZ_SECONDS ?= 60
# PACKAGES=no skips the look at the system's packages.
PACKAGES ?= yes

SETUP = meson setup --libdir=lib
PACKAGED = $(if $(filter yes,$(PACKAGES)),scripts/install-packages build)
export MARQUEE_BUILD = $(BUILD)

.DEFAULT_GOAL := all
.PHONY: all packages clients-packages browser-packages demo test soak lint format bench asan tsan fuzz install clean help

all: packages clients-packages $(BUILD)/build.ninja ## build: leaves build/marquee (installs missing packages first)
	@ninja -C $(BUILD)

packages:
	@$(PACKAGED)

$(BUILD)/build.ninja: | packages
	@$(SETUP) --buildtype=release --prefix=$(PREFIX) $(BUILD)

# Where Node.js can be had the dashboard is built in, and real clients of other vendors are tested.
clients-packages:
	@$(if $(filter yes,$(PACKAGES)),command -v npm >/dev/null || scripts/install-packages clients || echo "no npm: the dashboard is left out and tests of real clients are skipped" >&2)

demo: ## a service with viewers in it, in a browser: DATASET=ml-latest-small | a MovieLens folder, PORT=8080
	@DATASET="$(DATASET)" PORT="$(PORT)" scripts/demo

# The dashboard is tested where Chromium can be had.
browser-packages:
	@$(if $(filter yes,$(PACKAGES)),command -v chromium >/dev/null || scripts/install-packages browser || echo "no Chromium: the dashboard's tests are skipped" >&2)

test: all browser-packages ## every test
	@scripts/run-tests $(BUILD)

soak: all ## every test, ten times as many rounds of each property
	@MARQUEE_SOAK=1 scripts/run-tests $(BUILD) -t 20

lint: all ## layers, format, clang-tidy, cppcheck, banned functions, shell scripts
	@$(if $(filter yes,$(PACKAGES)),scripts/install-packages lint)
	@scripts/lint $(BUILD)

format: ## lay out all C files with clang-format
	@scripts/lint-format --apply

bench: all ## every benchmark of bench/, in order: BENCH="NAME..." for some
	@scripts/bench $(BENCH)

# SUITES="base store": these rooms only.
SUITE_ARGS = $(addprefix --suite marquee:,$(SUITES))

asan: packages ## every test under the address and undefined-behaviour sanitizers (build-asan)
	@test -f build-asan/build.ninja || $(SETUP) --buildtype=debugoptimized \
		-Db_sanitize=address,undefined -Db_lundef=false build-asan
	@scripts/run-tests build-asan -t 8 $(SUITE_ARGS)

tsan: packages ## every test under the thread sanitizer (build-tsan)
	@test -f build-tsan/build.ninja || $(SETUP) --buildtype=debugoptimized \
		-Db_sanitize=thread -Db_lundef=false build-tsan
	@scripts/run-tests build-tsan -t 10 $(SUITE_ARGS)

fuzz: ## every fuzz target for FUZZ_SECONDS=60 (clang, build-fuzz): FUZZ="NAME..." for some
	@$(if $(filter yes,$(PACKAGES)),scripts/install-packages build fuzz)
	@FUZZ_SECONDS="$(FUZZ_SECONDS)" scripts/fuzz $(FUZZ)

install: all ## install under PREFIX=/usr/local, staged in DESTDIR
	@scripts/install $(BUILD) "$(PREFIX)" "$(DESTDIR)"

clean: ## remove the build folders
	rm -rf $(BUILD) build-asan build-tsan build-fuzz

help: ## this text
	@echo "make [VERB] [NAME=value...]"
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12
