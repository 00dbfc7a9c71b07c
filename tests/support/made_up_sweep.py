"""Sweep folders as finished trials leave them, without any training."""

import json
import math
import pathlib

STEPS_PER_EPOCH = 100


def write_curves(folder, metric, level, has_consistency=False, epochs=3):
    lines = []
    for step in range(10, epochs * STEPS_PER_EPOCH + 1, 10):
        epoch = step / STEPS_PER_EPOCH
        loss = 0.7 * math.exp(-epoch)
        line = {"type": "step", "step": step, "epoch": epoch, "loss": loss, "ce": loss, "lr": 1e-3, "grad_norm": 0.5, "tokens": 9, "tokens_per_second": 2400.0}
        lines.append({**line, "consistency": 0.01 * epoch} if has_consistency else line)
        if step % STEPS_PER_EPOCH == 0:
            lines.append({"type": "eval", "step": step, "split": "dev", "loss": 0.5, metric: level - 0.1 / epoch})
    pathlib.Path(folder, "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def make(folder, trials, axes=(), compare_to="", metric="accuracy", name="made up", higher_is_better=True, curves=True):
    """`trials` are (cell, seed, settings, metric); in the place of the metric a text is the error of a trial that failed,
    and None a trial that has not begun."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    recorded, events = [], []
    for number, (cell, seed, settings, value) in enumerate(trials):
        trial = f"t{number}"
        recorded.append({"name": trial, "cell": cell, "seed": seed, "settings": settings, "digest": str(number)})
        run = folder / "trials" / trial
        if isinstance(value, str):
            events.append({"trial": trial, "state": "failed", "time": number, "attempt": 1, "exit_code": 6, "error": value})
        if not isinstance(value, (int, float)):
            continue
        (run / "adapter").mkdir(parents=True)
        (run / "result.json").write_text(json.dumps({"training_seconds": 60.5, "tokens_per_second": 100, "peak_memory_bytes": 2**30}))
        (run / "adapter" / "hiddenkey.json").write_text(json.dumps({"training": {"metrics": {"dev": {"loss": 1 - value, metric: value}}}}))
        if curves:
            write_curves(run, metric, value, has_consistency=settings.get("dropout.scheme") == "hiddenkey")
    (folder / "trials.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    (folder / "sweep.json").write_text(json.dumps({
        "name": name, "metric": metric, "higher_is_better": higher_is_better, "compare_to": compare_to, "workers": 1, "axes": list(axes),
        "config": {"lora": {"r": 8}, "task": {"name": "mrpc"}}, "trials": recorded}))
    return folder
