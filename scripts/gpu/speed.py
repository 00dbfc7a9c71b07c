"""Speed and memory beside Transformers and PEFT, in turn on the same card, and what a step asks of the GPU."""

import json
import os
import pathlib
import subprocess
import sys

from gpu import traces
from gpu.context import CASES, step_lines

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent
ENDS = ("lora", "hiddenkey")
EVERY = 10  # steps of a line of metrics.jsonl; the first line is the warm-up
# Tokens and launches, as estimated for an H100 before anything had run on one.
PREDICTED = {"speed-roberta": {"lora": 203e3, "hiddenkey": 112e3}}
TRACED = {"speed-roberta": {"lora": 2100, "hiddenkey": 3650}, "speed-llama": {"lora": 1630, "hiddenkey": 2080}}


class Shape:
    def __init__(self, context, model, data, batch, length, cases, targets=()):
        self.cases = cases[-1:] if context.small else cases
        self.decoder = data.startswith("e2e")
        self.model = f"{model.split('-')[0]}-tiny" if context.small else model
        self.targets = [f"lora.target_modules=[{','.join(targets)}]"] if targets else []
        self.data, self.batch, self.length = data, 4 if context.small else batch, length
        self.warmup, self.steps = (2, 4) if context.small else (EVERY, 2 * EVERY)
        self.dtype = "bfloat16" if context.on_gpu() else "float32"


def shapes(context):
    return {"speed-roberta": Shape(context, "roberta-large", "rte-flat", 64, 128, tuple(CASES)),
            "speed-rte": Shape(context, "roberta-large", "rte-like", 64, 320, ENDS),
            "speed-llama": Shape(context, "llama-wide", "e2e-flat", 8, 512, ENDS),
            "speed-long": Shape(context, "modernbert-base", "rte-long", 16, 2048, ("lora",), ["Wqkv"])}


def ours(context, shape, case, *overrides, env=None):
    run = context.train(f"{shape.model}-speed", shape.model, shape.data, shape.steps, f"dropout.scheme={CASES[case]}",
                        f"model.dtype={shape.dtype}", f"training.batch_size={shape.batch}", f"training.max_length={shape.length}",
                        f"logging.every={shape.warmup}", *shape.targets, *overrides, env=env)
    lines = step_lines(run)[1:]
    tokens = sum(line["tokens"] for line in lines)
    seconds = sum(line["tokens"] / line["tokens_per_second"] for line in lines)
    peak = json.loads((run / "result.json").read_text())["peak_memory_bytes"]
    return {"tokens_per_second": tokens / seconds, "tokens": tokens, "peak_memory_bytes": peak}


def peer(context, shape, case, *options):
    script, name = ("bench_language_peer.py", f"e2e-{case}") if shape.decoder else ("bench_peer.py", case)
    attention = "best"
    command = [sys.executable, SCRIPTS / script, name, context.path("models", shape.model), context.path("data", shape.data),
               shape.steps, shape.warmup, "--device", context.device, "--dtype", shape.dtype, "--attention", attention,
               "--batch", shape.batch, "--length", shape.length, *options]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, env={**os.environ, "HF_HUB_OFFLINE": "1"})
    if done.returncode != 0:
        raise RuntimeError(f"the peer ended with {done.returncode}: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout.splitlines()[-1])


def check(context, findings, name):
    shape = shapes(context)[name]
    for case in shape.cases:
        a, b = ours(context, shape, case), peer(context, shape, case, *profile_options(context, name, case))
        findings.holds(a["tokens"] == b["tokens"], f"{case}: the tokens differ, {a['tokens']} and {b['tokens']}.")
        predicted = PREDICTED.get(name, {}).get(case)
        findings.number(case, {
            "tokens_per_second": round(a["tokens_per_second"]), "peer": round(b["tokens_per_second"]),
            "ratio": round(a["tokens_per_second"] / b["tokens_per_second"], 2),
            "memory_mib": round(a["peak_memory_bytes"] / 2**20), "peer_memory_mib": round(b["peak_memory_bytes"] / 2**20),
            **({"peer_attention": b["attention"]} if "attention" in b else {}),
            **({"estimate": round(predicted)} if predicted and not context.small else {})})


def profile_options(context, name, case):
    """The peer's trace is written where its model is loaded anyway."""
    return ["--profile", trace_of(context, name, case, "peer")] if name in TRACED and case in ENDS else []


def trace_of(context, name, case, side):
    return context.path(f"{name}-{case}-{side}.trace.json")


def launches(context, findings):
    """With HIDDENKEY_PROFILE=FILE the program writes a trace of the three steps after its tenth."""
    if not context.on_gpu():
        findings.skip("A GPU is needed.")
        return
    for name in TRACED:
        for case in ENDS:
            trace = trace_of(context, name, case, "hiddenkey")
            trace.unlink(missing_ok=True)
            ours(context, shapes(context)[name], case, "training.max_steps=14", env={"HIDDENKEY_PROFILE": str(trace)})
            numbers = {"estimate": TRACED[name][case]}
            for side in ("hiddenkey", "peer"):
                if trace_of(context, name, case, side).exists():
                    numbers[side] = traces.summary(traces.read(trace_of(context, name, case, side)), 3)
            findings.number(f"{name} {case}", numbers)
            if not trace.exists():
                findings.skip("This build writes no trace of its own steps; those of the peer alone were read.")
