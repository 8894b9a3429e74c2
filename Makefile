# SPDX-License-Identifier: LGPL-2.1-or-later
# A one-word front over meson and ninja. `make` alone builds.
BUILD := build

.PHONY: run build deps test fmt lint regen asan fuzz bench install clean
build: deps $(BUILD)/build.ninja
	@ninja -C $(BUILD) --quiet

$(BUILD)/build.ninja:
	@meson setup $(BUILD) >/dev/null

deps:
	@tools/deps.sh

run: build
	@tools/run-hello.sh $(BUILD)

test: build
	@tools/run_tests.py $(BUILD)

fmt:
	@find src tests -name '*.[ch]' -exec clang-format -i {} +

lint: build
	@tools/lint.sh $(BUILD) build-clang

# documents that come from tables in the source
regen: build
	@tools/regen.sh $(BUILD)

asan: deps
	@[ -d build-asan ] || meson setup build-asan -Db_sanitize=address,undefined -Db_lundef=false >/dev/null
	@ninja -C build-asan --quiet
	@tools/run_tests.py build-asan --no-suite lint

# seconds for each target; what is found first as new ways through the code stays in build-fuzz/corpus
FUZZ_SECONDS := 60
fuzz: deps
	@[ -d build-fuzz ] || CC=clang meson setup build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false >/dev/null
	@ninja -C build-fuzz --quiet
	@tools/fuzz.sh build-fuzz $(FUZZ_SECONDS)

bench: build
	@bench/bench.py --write

install: build
	@meson install -C $(BUILD)

clean:
	@rm -rf build build-asan build-clang build-fuzz
