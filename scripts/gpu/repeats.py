"""A run repeats bit for bit, and so does one that a signal stopped and that went on."""

import os
import shutil
import signal
import subprocess
import time

from gpu.context import adapter_sum

SCHEME = ("dropout.scheme=hiddenkey", "model.dtype=bfloat16")


def cases(context):
    """Models and data. The lengths of rte-like change from batch to batch; those of e2e-flat are above a kernel's block of keys."""
    if context.small:
        return [("roberta-tiny", "rte-like"), ("llama-tiny", "e2e-flat")]
    return [("roberta-base", "rte-like"), ("llama-medium", "e2e-flat")]


def repeat(context, findings):
    steps = 4 if context.small else 20
    works = [lambda m=model, t=task, n=name, o=overrides: adapter_sum(context.train(f"{m}-{n}", m, t, steps, *SCHEME, *o))
             for model, task in cases(context)
             for name, overrides in (("first", []), ("second", []), ("other", ["training.seed=7"]))]
    found = iter(context.together(works))
    for model, _ in cases(context):
        first, second, other = next(found), next(found), next(found)
        findings.number(model, f"{first[:12]} {second[:12]}")
        findings.holds(first == second, f"{model}: two runs give two adapters.")
        findings.holds(other != first, f"{model}: another seed gives the same adapter.")


def stop_after(command, run, steps):
    """Starts the program, stops it by a signal after some steps, and gives its exit code."""
    metrics = run / "metrics.jsonl"
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not (metrics.exists() and metrics.read_bytes().count(b"\n") >= steps):
        time.sleep(0.002)
    if process.poll() is None:
        os.kill(process.pid, signal.SIGTERM)
    return process.wait()


def resumed(context, findings, model, task):
    steps = 16 if context.small else 200
    straight = context.train(f"{model}-straight", model, task, steps, *SCHEME)
    run = context.path("runs", f"{model}-stopped")
    shutil.rmtree(run, ignore_errors=True)
    arguments = ["train", context.config(task), f"model.path={context.path('models', model)}", *SCHEME,
                 f"training.max_steps={steps}", f"training.device={context.device}", f"output_dir={run}"]
    code = stop_after([context.program, *arguments], run, steps // 8)
    findings.holds(code == 75, f"{model}: a run that was sent SIGTERM ended with {code} instead of 75.")
    if code == 75:
        [saved] = [path.name for path in (run / "checkpoints").iterdir()]
        context.run(*arguments, "--resume", "--quiet")
        findings.number(model, f"stopped at {saved}, {adapter_sum(run)[:12]} {adapter_sum(straight)[:12]}")
        findings.holds(adapter_sum(run) == adapter_sum(straight), f"{model}: the resumed run gives another adapter.")


def resume(context, findings):
    context.together([lambda m=model, t=task: resumed(context, findings, m, t) for model, task in cases(context)])
