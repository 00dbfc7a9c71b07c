#!/usr/bin/env bash
# Builds the fuzz targets of tests/fuzz and runs each from its seeds, with the address and undefined behaviour sanitizers.
#
#   scripts/fuzz.sh [SECONDS] [TARGET...]    30 seconds for each target, where nothing else is said, as many at a time as there are cores
#   scripts/fuzz.sh 0 [TARGET...]            the seeds alone, each once
#
# HIDDENKEY_FUZZ_SEED makes each target draw the same inputs in each run, as far as its time goes.
# One line a target says how many inputs were tried. A finding's input is kept in build/fuzz/findings, and the exit code is 1.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds="${1:-30}"
[[ "$seconds" =~ ^[0-9]+$ ]] || { sed -n '2,9p' "$0" >&2; exit 2; }
[[ $# -eq 0 ]] || shift
targets=("$@")
if [[ ${#targets[@]} -eq 0 ]]; then
  for seeds in tests/fuzz/seeds/*/; do targets+=("$(basename "$seeds")"); done
fi

scripts/setup.sh --fuzz
cmake --preset fuzz > /dev/null
cmake --build --preset fuzz
findings="$PWD/build/fuzz/findings"
mkdir -p "$findings"

# Inputs become files for a moment: in memory, where that is possible.
memory=/dev/shm
[[ -w "$memory" ]] || memory="${TMPDIR:-/tmp}"
TMPDIR="$(mktemp -d "$memory/hiddenkey-fuzz-XXXXXX")"
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
# LibTorch keeps its registries until the process ends.
export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1

run_target() {
  local target="$1" log="$findings/$1.log" corpus="$TMPDIR/$1-corpus" inputs
  local limits=(-timeout=10 -rss_limit_mb=2048 -max_len=4096 -artifact_prefix="$findings/$1-")
  mkdir -p "$corpus"
  [[ -z "${HIDDENKEY_FUZZ_SEED:-}" ]] || limits+=(-seed="$HIDDENKEY_FUZZ_SEED")
  if [[ "$seconds" -eq 0 ]]; then
    limits+=(-runs=0)
  else
    limits+=(-max_total_time="$seconds" -print_final_stats=1)
  fi
  if "build/fuzz/tests/fuzz/fuzz_$target" "${limits[@]}" "$corpus" "tests/fuzz/seeds/$target" > "$log" 2>&1; then
    inputs="$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
    echo "$target: ${inputs:-$(find "tests/fuzz/seeds/$target" -type f | wc -l)} inputs"
  else
    echo "$target: a finding, its input: $(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1), what it did: $log"
    return 1
  fi
}

failed=0 running=0
for target in "${targets[@]}"; do
  if [[ "$running" -eq "$(nproc)" ]]; then
    wait -n || failed=1
    running=$((running - 1))
  fi
  run_target "$target" &
  running=$((running + 1))
done
while [[ "$running" -gt 0 ]]; do
  wait -n || failed=1
  running=$((running - 1))
done
exit "$failed"
