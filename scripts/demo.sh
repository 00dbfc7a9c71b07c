#!/usr/bin/env bash
# From nothing to a finetuned model: sets up, builds, trains HiddenKey on movie reviews, evaluates the saved adapter, and
# labels sentences. About three minutes of training on two cores.
#   scripts/demo.sh ["a sentence" ...]
set -euo pipefail
cd "$(dirname "$0")/.."

sentences=("$@")
if [[ $# -eq 0 ]]; then
  sentences=("a warm and funny film with a wonderful cast" "two hours of tired jokes and a plot that goes nowhere" "not nearly as bad as i had feared")
fi

scripts/setup.sh --demo
if [[ -t 1 ]]; then
  echo "== Building (once, about five minutes on two cores)"
  scripts/build.sh release
else
  echo "== Building"
  scripts/build.sh release > build.log 2>&1 || { tail -30 build.log >&2; exit 1; }
  rm -f build.log
fi
cache="${XDG_CACHE_HOME:-$HOME/.cache}/hiddenkey"
hiddenkey=build/release/hiddenkey
mkdir -p demo
ln -sfn "$cache/models/minilm" demo/minilm

echo "== Data"
baseline="$(python3 scripts/prepare_reviews.py "$(compgen -G "$cache/packages/vader*.tar.gz")" demo)"
echo "$baseline"

echo "== Training (HiddenKey: DropKey, HiddenCut and the KL loss)"
"$hiddenkey" train configs/demo.yaml --overwrite

echo "== Evaluating the saved adapter"
"$hiddenkey" eval demo/run --quiet
echo "for comparison: ${baseline#*; }"

echo "== Predicting"
{ echo sentence; printf '%s\n' "${sentences[@]}"; } > demo/sentences.tsv
"$hiddenkey" predict demo/run --input demo/sentences.tsv --output demo/predictions.tsv --quiet
tail -n +2 demo/predictions.tsv | cut -f 2,3 | paste - <(printf '%s\n' "${sentences[@]}")
