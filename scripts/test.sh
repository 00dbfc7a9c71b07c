#!/usr/bin/env bash
# Sets up, builds and runs the tests.
#   scripts/test.sh          everything
#   scripts/test.sh asan     unit tests and parity with Clang's address and undefined behaviour sanitizers
#   scripts/test.sh tidy     clang-tidy over the sources
#   scripts/test.sh format   rewrites the sources in the project's format
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-all}" in
  all)
    scripts/setup.sh --references
    scripts/setup.sh --wheel
    # CI sets this to ci, where warnings are errors.
    preset="${HIDDENKEY_PRESET:-release}"
    cmake --preset "$preset" > /dev/null
    cmake --build --preset "$preset"
    exec ctest --preset "$preset" -j "$(nproc)"
    ;;
  asan)
    scripts/setup.sh --references
    scripts/setup.sh --fuzz
    cmake --preset asan > /dev/null
    cmake --build --preset asan
    # LibTorch keeps its registries until the process ends; its own code is not instrumented.
    export ASAN_OPTIONS=detect_leaks=0:detect_container_overflow=0:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
    exec ctest --preset asan -L 'unit|parity' -E 'tokenizers|peft' -j "$(nproc)"
    ;;
  tidy)
    scripts/setup.sh
    cmake --preset tidy > /dev/null
    # Several sources are read at once, as they are compiled: LibTorch's headers take most of the time.
    find build/tidy/src src/io/gguf_types.cpp \( -name 'unity_*.cxx' -o -name gguf_types.cpp \) -print0 |
      xargs -0 -P "$(nproc)" -n 1 clang-tidy -p build/tidy --quiet --warnings-as-errors='*' --checks=-bugprone-suspicious-include
    ;;
  format)
    exec scripts/check_format.sh --fix
    ;;
  *)
    sed -n '2,6p' "$0" >&2
    exit 2
    ;;
esac
