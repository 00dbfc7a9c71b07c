#!/usr/bin/env bash
# Packs all that a machine with a GPU and without a network needs to check the program there: the wheel and the check itself.
#   scripts/gpu_pack.sh [FOLDER]    build/gpu
# There, beside Python with torch 2.11 for CUDA, Transformers and PEFT: FOLDER/scripts/gpu_check.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
folder="${1:-build/gpu}"
most_mib=60

rm -rf "$folder"
mkdir -p "$folder/scripts"
scripts/wheel.sh "$folder" > "$folder/wheel.log" || { tail -5 "$folder/wheel.log" >&2; exit 1; }
rm "$folder/wheel.log"
cp -r scripts/{gpu,gpu_check.py,gpu_check.sh,peer_options.py,bench_peer.py,bench_language_peer.py} "$folder/scripts/"
cp tests/support/{tiny,tiny_hub,tool}.py "$folder/scripts/"
find "$folder" -name __pycache__ -exec rm -rf {} +
size="$(du -sm "$folder" | cut -f1)"
[[ "$size" -lt "$most_mib" ]] || { echo "$folder has $size MiB; at most $most_mib are wanted." >&2; exit 1; }
echo "$folder: $size MiB"
