#!/usr/bin/env bash
# Training speed and memory against Transformers + PEFT on this machine: MiniLM, RTE, batch 32, length 128, r=8 on query
# and value, float32, two threads, the same batches, each side in turn. Prints real tokens per second (medians), their
# ratio, and the peak of resident memory.
#   scripts/bench.sh [ROUNDS=3] [STEPS=15]
# RTE is looked for in $HIDDENKEY_DATA/glue/RTE, or ../shared/data.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds="${1:-3}" steps="${2:-15}" warmup=3

scripts/setup.sh --references
scripts/build.sh release > /dev/null
cache="${XDG_CACHE_HOME:-$HOME/.cache}/hiddenkey"
python="$cache/python-2.11.0/bin/python"
rte="${HIDDENKEY_DATA:-../shared/data}/glue/RTE"
[[ -d "$rte" ]] || { echo "$rte is not there; point HIDDENKEY_DATA at a folder with glue/RTE" >&2; exit 1; }
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
export OMP_NUM_THREADS=2 MKL_NUM_THREADS=2

cat > "$work/config.yaml" <<CONFIG
model: {path: $cache/models/minilm}
task: {name: rte, data_dir: $rte}
training: {max_steps: $steps, batch_size: 32, max_length: 128, learning_rate: 4.0e-4, length_grouping: false}
evaluation: {every: never}
checkpoint: {every: never}
logging: {every: 1, tensorboard: false}
output_dir: $work/run
CONFIG

for round in $(seq "$rounds"); do
  for case in lora hiddenkey- hiddenkey; do
    scheme="${case/lora/none}"
    build/release/hiddenkey train "$work/config.yaml" "dropout.scheme=$scheme" --overwrite --quiet > /dev/null
    "$python" - "$work/run" "$warmup" >> "$work/$case.ours" <<'PYTHON'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1] + "/metrics.jsonl")][int(sys.argv[2]):]
tokens = sum(line["tokens"] for line in lines)
seconds = sum(line["tokens"] / line["tokens_per_second"] for line in lines)
print(json.dumps({"tokens_per_second": tokens / seconds, "tokens": tokens, "peak_memory_bytes": json.load(open(sys.argv[1] + "/result.json"))["peak_memory_bytes"]}))
PYTHON
    "$python" scripts/bench_peer.py "$case" "$cache/models/minilm" "$rte" "$steps" "$warmup" 2> /dev/null >> "$work/$case.peer"
    echo "round $round, $case done" >&2
  done
done

"$python" - "$work" <<'PYTHON'
import json, statistics, sys
print(f"{'case':<12}{'hiddenkey':>12}{'peer':>10}{'ratio':>8}{'memory':>12}{'peer':>10}")
for case in ("lora", "hiddenkey-", "hiddenkey"):
    ours, peer = ([json.loads(line) for line in open(f"{sys.argv[1]}/{case}.{side}")] for side in ("ours", "peer"))
    assert ours[0]["tokens"] == peer[0]["tokens"], "the batches differ"
    median = lambda rows, key: statistics.median(row[key] for row in rows)
    a, b = median(ours, "tokens_per_second"), median(peer, "tokens_per_second")
    m, n = (median(rows, "peak_memory_bytes") / 2**20 for rows in (ours, peer))
    print(f"{case:<12}{a:>8.0f} t/s{b:>6.0f} t/s{a / b:>8.2f}{m:>8.0f} MiB{n:>6.0f} MiB")
PYTHON
