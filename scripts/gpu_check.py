#!/usr/bin/env python3
"""Whether hiddenkey is exact, deterministic and fast on this machine's GPU: runs the steps, prints a table, writes summary.json.

    gpu_check.py FOLDER --program PROGRAM [OPTION ...]

scripts/gpu_check.sh installs the wheel and calls this. Each step is a process of its own with a limit of time; one that fails or
takes too long does not stop the next. The exit code is 0 where no step failed, and 1 otherwise.
"""

import argparse
import dataclasses
import importlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import textwrap
import time

from gpu.context import FAILED, HELD, SKIPPED, Context, Findings


@dataclasses.dataclass
class Step:
    name: str
    module: str
    function: str
    seconds: int       # after which it is stopped
    arguments: tuple = ()


STEPS = [
    Step("machine", "machine", "check", 40),
    Step("models", "shapes", "check", 60),
    Step("kernels", "kernels", "check", 60),
    Step("parity-cpu", "parity", "against_cpu", 60),
    Step("parity-peer", "parity_peer", "check", 60),
    Step("bfloat16", "parity_peer", "bfloat16", 60),
    Step("masks", "parity", "masks", 40),
    Step("families", "families", "check", 110),
    Step("windows", "families", "windows", 30),
    Step("repeat", "repeats", "repeat", 40),
    Step("resume", "repeats", "resume", 50),
    Step("waits", "waits", "check", 40),
    Step("sanitizer", "kernels", "sanitize", 60),
    Step("speed-roberta", "speed", "check", 110, ("speed-roberta",)),
    Step("speed-llama", "speed", "check", 90, ("speed-llama",)),
    Step("launches", "speed", "launches", 60),
    Step("speed-rte", "speed", "check", 60, ("speed-rte",)),
    Step("speed-long", "speed", "check", 60, ("speed-long",)),
]


def run_here(step, context, target):
    """Runs a step in this process and writes what it found."""
    findings = Findings()
    try:
        getattr(importlib.import_module(f"gpu.{step.module}"), step.function)(context, findings, *step.arguments)
    except Exception as error:  # a step that breaks has failed, and says why
        findings.faults.append(f"{type(error).__name__}: {error}")
        raise
    finally:
        target.write_text(json.dumps(findings.result()))


def run_apart(step, context, limit):
    """Runs a step in a process of its own, and ends it and all it started where it takes too long."""
    target = context.path("results", f"{step.name}.json")
    target.unlink(missing_ok=True)
    command = [sys.executable, __file__, context.folder, "--step", step.name, "--context", context.path("context.json")]
    log = context.path(f"{step.name}.log")
    with open(log, "w", encoding="utf-8") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
        try:
            process.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return {"verdict": FAILED, "numbers": {}, "notes": [f"It was stopped after {limit:.0f} seconds."]}
    if target.exists():
        return json.loads(target.read_text())
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    return {"verdict": FAILED, "numbers": {}, "notes": [f"It ended with {process.returncode}: {' '.join(last)}"]}


def shown(value):
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {shown(part)}" for name, part in value.items())
    return f"{value:,}" if isinstance(value, int) else str(value)


def lines_of(row):
    """A row of the table; what does not fit goes into further lines."""
    parts = [*row["notes"], *(f"{name}: {shown(value)}" for name, value in row["numbers"].items())]
    wrapped = [line for part in parts for line in textwrap.wrap(part, 88, subsequent_indent="  ")] or [""]
    head = f"{row['step']:<14}{row['verdict']:<6}{row['seconds']:>7.1f}  "
    return [(head if number == 0 else " " * len(head)) + line for number, line in enumerate(wrapped)]


def print_table(rows):
    print(f"{'step':<14}{'':<6}{'seconds':>7}  what was found")
    for row in rows:
        print(*lines_of(row), sep="\n")


def conclusion(rows):
    count = {verdict: [row["step"] for row in rows if row["verdict"] == verdict] for verdict in (HELD, FAILED, SKIPPED)}
    parts = [f"{len(count[HELD])} steps held."]
    if count[SKIPPED]:
        parts.append(f"Not tried: {', '.join(count[SKIPPED])}.")
    if count[FAILED]:
        parts.append(f"Failed: {', '.join(count[FAILED])}.")
    return " ".join(parts)


def run_all(context, steps, seconds):
    for name in ("results", "runs", "data", "models"):
        context.path(name).mkdir(parents=True, exist_ok=True)
    context.path("context.json").write_text(json.dumps(dataclasses.asdict(context)))
    rows, begin = [], time.monotonic()
    for step in steps:
        start = time.monotonic()
        left = seconds - (start - begin)
        if left > 5:
            found = run_apart(step, context, min(step.seconds, left))
        else:
            found = {"verdict": FAILED, "numbers": {}, "notes": ["No time was left for it."]}
        rows.append({"step": step.name, "seconds": round(time.monotonic() - start, 1), **found})
        print(f"{step.name}: {found['verdict']}", file=sys.stderr, flush=True)
    return rows


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="what scripts/gpu_pack.sh made")
    parser.add_argument("--program", default="hiddenkey")
    parser.add_argument("--device", default="cuda", help="cuda, cuda:N, or cpu to try the check itself")
    parser.add_argument("--small", action="store_true", help="tiny sizes, which say nothing about speed")
    parser.add_argument("--only", help="names of steps, with commas between them; those that make models need --work")
    parser.add_argument("--work", help="folder for models and runs, which then stays")
    parser.add_argument("--seconds", type=float, default=600, help="for all steps together")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--context", help=argparse.SUPPRESS)
    options = parser.parse_args()
    unknown = set((options.only or "").split(",")) - {"", *(step.name for step in STEPS)}
    if unknown:
        parser.error(f"there is no step {', '.join(sorted(unknown))}; there are {', '.join(step.name for step in STEPS)}")
    return options


def main():
    options = parsed()
    if options.step:
        [step] = [step for step in STEPS if step.name == options.step]
        context = Context(**json.loads(pathlib.Path(options.context).read_text()))
        run_here(step, context, context.path("results", f"{step.name}.json"))
        return 0
    wanted = options.only.split(",") if options.only else [step.name for step in STEPS]
    with tempfile.TemporaryDirectory() as temporary:
        folder, work = (str(pathlib.Path(path).resolve()) for path in (options.folder, options.work or temporary))
        context = Context(folder, work, options.program, options.device, options.small)
        rows = run_all(context, [step for step in STEPS if step.name in wanted], options.seconds)
    held = all(row["verdict"] != FAILED for row in rows)
    summary = {"held": held, "device": options.device, "small": options.small, "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
               "steps": rows}
    pathlib.Path(options.folder, "summary.json").write_text(json.dumps(summary, indent=1) + "\n")
    print_table(rows)
    print(conclusion(rows))
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
