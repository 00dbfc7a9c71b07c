#!/usr/bin/env bash
# How long `sweep status` and `sweep report` take for 100, 1,000 and 10,000 finished trials, which are made up and have the
# predictions of 277 examples each, and how much memory.
#   scripts/bench_sweep.sh [PROGRAM]    build/release/hiddenkey
set -euo pipefail
cd "$(dirname "$0")/.."
program="$(realpath "${1:-build/release/hiddenkey}")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

make_sweep() {
  python3 - "$1" "$2" <<'PYTHON'
import json, pathlib, random, sys
folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
source, trials = random.Random(1), []
LABELS = ["entailment", "not_entailment"]
truth = [source.choice(LABELS) for _ in range(277)]
for number in range(count):
    rate, seed = (number // 5) / 1000, number % 5
    trials.append({"name": f"t{number}", "cell": f"rate={rate}", "seed": seed, "settings": {"dropout.logits.rate": rate}, "digest": str(number)})
    run = folder / "trials" / f"t{number}" / "adapter"
    run.mkdir(parents=True)
    (run.parent / "result.json").write_text(json.dumps({"training_seconds": 60, "tokens_per_second": 5000, "peak_memory_bytes": 2**30}))
    answers = [label if source.random() < 0.8 else LABELS[label == LABELS[0]] for label in truth]
    accuracy = sum(answer == label for answer, label in zip(answers, truth)) / len(truth)
    (run / "hiddenkey.json").write_text(json.dumps({"task": {"name": "rte", "labels": LABELS}, "training": {"metrics": {"dev": {"accuracy": accuracy}}}}))
    (run.parent / "predictions-dev.tsv").write_text("id\tlabel\tprediction\tscores\n" + "".join(
        f"{i}\t{label}\t{answer}\t[0.6123456, 0.3876544]\n" for i, (label, answer) in enumerate(zip(truth, answers))))
(folder / "sweep.json").write_text(json.dumps({"name": "made up", "metric": "accuracy", "higher_is_better": True, "compare_to": "rate=0.0",
                                               "workers": 1, "axes": ["dropout.logits.rate"], "config": {}, "trials": trials}))
PYTHON
}

printf '%-8s %-8s %8s %8s\n' trials command seconds MiB
for count in 100 1000 10000; do
  make_sweep "$work/$count" "$count"
  for command in status report; do
    python3 - "$program" "$command" "$work/$count" "$count" <<'PYTHON'
import resource, subprocess, sys, time
program, command, folder, count = sys.argv[1:]
begin = time.perf_counter()
subprocess.run([program, "sweep", command, folder, "--quiet"], check=True, stdout=subprocess.DEVNULL)
seconds = time.perf_counter() - begin
print(f"{count:8s} {command:8s} {seconds:8.2f} {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:8.1f}")
PYTHON
  done
done
