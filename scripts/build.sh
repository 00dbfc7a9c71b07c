#!/usr/bin/env bash
# Sets up what is missing and builds the program alone: build/PRESET/hiddenkey. Tests are built by scripts/test.sh.
#   scripts/build.sh [release|dev|asan|ci]
set -euo pipefail
cd "$(dirname "$0")/.."
preset="${1:-release}"
scripts/setup.sh
cmake --preset "$preset" > /dev/null
cmake --build --preset "$preset" --target hiddenkey
