#!/usr/bin/env python3
"""Trains a few tiny models with two builds of the program and compares what they leave, byte for byte.

A change that is meant to change no number is held to that: the adapters (or models), the lines of losses and the
predictions are the same with the same seed on the same machine.

  scripts/compare_builds.py OTHER/hiddenkey [build/release/hiddenkey]
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))

import tiny  # noqa: E402
import tiny_hub  # noqa: E402

SCHEMES = ["none", "dropkey", "dropattention", "hiddencut", "hiddenkey-", "hiddenkey"]
FAMILIES = ["bert", "roberta", "gpt2", "llama", "qwen2", "mistral"]


def cases():
    """Pairs of a family and the keys of a run."""
    yield from (("bert", [f"dropout.scheme={scheme}"]) for scheme in SCHEMES)
    yield from ((family, ["dropout.scheme=hiddenkey", "lora.dropout=0.1"]) for family in FAMILIES)
    yield from ((family, ["dropout.scheme=hiddenkey-", "method=full"]) for family in FAMILIES)
    yield "roberta", ["dropout.scheme=hiddenkey", "consistency.loss=js", "consistency.backward=both", "training.gradient_accumulation=3"]
    yield "bert", ["dropout.scheme=custom", "dropout.logits.rate=0.2", "dropout.logits.pattern=element", "dropout.hidden.rate=0.1",
                   "dropout.hidden.pattern=span", "dropout.pretrained=0.1", "training.label_smoothing=0.1", "training.activation_checkpointing=true"]
    yield "bert", ["task.name=regression", "dropout.scheme=hiddenkey", "evaluation.metric=pearson"]


def left_by(program, config, keys, folder):
    command = [program, "train", str(config), f"output_dir={folder}", "--quiet", *keys]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "OMP_WAIT_POLICY": "passive"})
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    losses = [json.loads(line).get("loss") for line in (folder / "metrics.jsonl").read_text().splitlines()]
    files = [*folder.glob("adapter/*.safetensors"), *folder.glob("model/*.safetensors"), *folder.glob("predictions*")]
    return losses, {str(file.relative_to(folder)): file.read_bytes() for file in files if file.is_file()}


def main():
    other = pathlib.Path(sys.argv[1]).resolve()
    own = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ROOT / "build" / "release" / "hiddenkey").resolve()
    differing = count = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        models = {family: tiny_hub.make(folder / family, family, pad_token_id=tiny_hub.PAD, num_labels=2) for family in FAMILIES}
        task = tiny.make_task(folder / "task")
        scores = tiny.make_task(folder / "scores")
        for file in scores.glob("*.tsv"):
            file.write_text(file.read_text().replace("\tpositive", "\t1.5").replace("\tnegative", "\t0.25"))
        for family, keys in cases():
            data = scores if "task.name=regression" in keys else task
            config = tiny.config(folder, models[family], data, training={"epochs": 1, "batch_size": 8, "max_length": 60, "learning_rate": 1e-3},
                                 logging={"every": 1})
            left = [left_by(program, config, keys, folder / f"run{count}-{i}") for i, program in enumerate((other, own))]
            same = left[0] == left[1] and left[0][1]
            print("same     " if same else "DIFFERENT", family, *keys, flush=True)
            differing += not same
            count += 1
    print(f"{count - differing} of {count} runs left the same bytes")
    sys.exit(1 if differing else 0)


main()
