#!/usr/bin/env bash
# Speed and memory against Transformers + PEFT on this machine, float32, two threads, the same batches, each side in turn.
# Prints tokens per second (medians; real tokens, or new ones for generate), their ratio, and the peak of resident memory.
#   scripts/bench.sh [ROUNDS=3] [STEPS=15] [CASE ...]
#     lora dora hiddenkey- hiddenkey       MiniLM on RTE, batch 32, length 128, r=8 on query and value
#     e2e-lora e2e-hiddenkey               SmolLM2-135M on E2E, batch 8, r=8 on q_proj and v_proj
#     generate                             SmolLM2-135M, greedy, one prompt
# The data are looked for in $HIDDENKEY_DATA, or ../shared/data.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds="${1:-3}" steps="${2:-15}" warmup=3
shift $(( $# < 2 ? $# : 2 ))
cases=("$@")
[[ ${#cases[@]} -gt 0 ]] || cases=(lora dora hiddenkey- hiddenkey e2e-lora e2e-hiddenkey generate)

scripts/setup.sh --references
scripts/build.sh release > /dev/null
cache="${XDG_CACHE_HOME:-$HOME/.cache}/hiddenkey"
python="$cache/python-2.11.0/bin/python"
data="${HIDDENKEY_DATA:-../shared/data}"
[[ -d "$data/glue/RTE" && -d "$data/e2e" ]] || { echo "$data lacks glue/RTE or e2e; point HIDDENKEY_DATA at them" >&2; exit 1; }
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
export OMP_NUM_THREADS=2 MKL_NUM_THREADS=2 HF_HUB_OFFLINE=1

common="max_steps: $steps, length_grouping: false"
cat > "$work/rte.yaml" <<CONFIG
model: {path: $cache/models/minilm}
task: {name: rte, data_dir: $data/glue/RTE}
training: {$common, batch_size: 32, max_length: 128, learning_rate: 4.0e-4}
evaluation: {every: never}
checkpoint: {every: never}
logging: {every: 1, tensorboard: false}
output_dir: $work/run
CONFIG
cat > "$work/e2e.yaml" <<CONFIG
model: {path: $cache/models/smollm2.gguf}
task: {name: e2e, data_dir: $data/e2e}
lora: {r: 8, alpha: 16, target_modules: [q_proj, v_proj]}
training: {$common, batch_size: 8, max_length: 256, learning_rate: 2.0e-4}
evaluation: {every: never}
generation: {every: never}
checkpoint: {every: never}
logging: {every: 1, tensorboard: false}
output_dir: $work/run
CONFIG

train_ours() {  # CONFIG SCHEME [KEY=VALUE]
  build/release/hiddenkey train "$1" "dropout.scheme=$2" "${@:3}" --overwrite --quiet > /dev/null
  "$python" - "$work/run" "$warmup" <<'PYTHON'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1] + "/metrics.jsonl")][int(sys.argv[2]):]
tokens = sum(line["tokens"] for line in lines)
seconds = sum(line["tokens"] / line["tokens_per_second"] for line in lines)
print(json.dumps({"tokens_per_second": tokens / seconds, "tokens": tokens, "peak_memory_bytes": json.load(open(sys.argv[1] + "/result.json"))["peak_memory_bytes"]}))
PYTHON
}

generate_ours() {
  "$python" - build/release/hiddenkey "$cache/models/smollm2.gguf" <<'PYTHON'
import json, resource, subprocess, sys, time

def seconds(tokens):
    start = time.perf_counter()
    command = [sys.argv[1], "generate", sys.argv[2], "--max-new-tokens", str(tokens)]
    done = subprocess.run(command, input="The capital of France is\n", text=True, capture_output=True, check=True)
    return time.perf_counter() - start, len(json.loads(done.stdout)["tokens"])

(short, few), (long, many) = seconds(8), seconds(200)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
print(json.dumps({"tokens_per_second": (many - few) / (long - short), "tokens": many, "peak_memory_bytes": peak}))
PYTHON
}

ours() {
  case "$1" in
    lora) train_ours "$work/rte.yaml" none ;;
    dora) train_ours "$work/rte.yaml" none lora.use_dora=true ;;
    hiddenkey*) train_ours "$work/rte.yaml" "$1" ;;
    e2e-lora) train_ours "$work/e2e.yaml" none ;;
    e2e-hiddenkey) train_ours "$work/e2e.yaml" hiddenkey ;;
    generate) generate_ours ;;
  esac
}

peer() {
  case "$1" in
    lora|dora|hiddenkey*) "$python" scripts/bench_peer.py "$1" "$cache/models/minilm" "$data/glue/RTE" "$steps" "$warmup" ;;
    *) "$python" scripts/bench_language_peer.py "$1" "$cache/models/smollm2.gguf" "$data/e2e" "$steps" "$warmup" ;;
  esac
}

for round in $(seq "$rounds"); do
  for case in "${cases[@]}"; do
    ours "$case" >> "$work/$case.ours"
    peer "$case" 2> "$work/peer.log" >> "$work/$case.peer" || { cat "$work/peer.log" >&2; exit 1; }
    echo "round $round, $case done" >&2
  done
done

"$python" - "$work" "${cases[@]}" <<'PYTHON'
import json, statistics, sys
print(f"{'case':<14}{'hiddenkey':>12}{'peer':>12}{'ratio':>8}{'memory':>12}{'peer':>11}")
for case in sys.argv[2:]:
    ours, peer = ([json.loads(line) for line in open(f"{sys.argv[1]}/{case}.{side}")] for side in ("ours", "peer"))
    assert ours[0]["tokens"] == peer[0]["tokens"], f"the tokens differ: {ours[0]['tokens']}, {peer[0]['tokens']}"
    median = lambda rows, key: statistics.median(row[key] for row in rows)
    a, b = median(ours, "tokens_per_second"), median(peer, "tokens_per_second")
    m, n = (median(rows, "peak_memory_bytes") / 2**20 for rows in (ours, peer))
    print(f"{case:<14}{a:>8.1f} t/s{b:>8.1f} t/s{a / b:>8.2f}{m:>8.0f} MiB{n:>7.0f} MiB")
PYTHON
