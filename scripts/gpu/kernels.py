"""Our own kernels: the program's self-test at their first use, and compute-sanitizer over it and over two steps."""

import re
import shutil
import subprocess

OFF = "our own GPU kernels are off"
# Only memcheck looks at calls of CUDA's API too. LibTorch makes some that fail and then takes another way.
SANITIZED = {"memcheck": ["--report-api-errors", "no"], "racecheck": []}


def tiny_run(context, name, *before):
    """Two steps of HiddenKey, which draw masks of columns and of elements. `before` is put before the program."""
    command = [*before, context.program, "train", context.config("rte"), f"model.path={context.path('models', 'roberta-tiny')}",
               "training.max_steps=2", f"training.device={context.device}", "dropout.scheme=hiddenkey",
               f"output_dir={context.path('runs', name)}", "--overwrite"]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True)


def check(context, findings):
    done = tiny_run(context, "kernels")
    findings.holds(done.returncode == 0, f"A run of two steps ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    if not context.on_gpu():
        findings.note("A CPU has no kernels of ours to test.")
        return
    said = [line for line in done.stderr.splitlines() if OFF in line]
    findings.number("self_test", "off" if said else "on")
    findings.holds(not said, f"The program says: {said[0] if said else ''}")


def sanitize(context, findings):
    tool = shutil.which("compute-sanitizer") or shutil.which("/usr/local/cuda/bin/compute-sanitizer")
    if tool is None or not context.on_gpu():
        findings.skip("A GPU is needed." if tool else "compute-sanitizer is not installed.")
        return
    for kind, options in SANITIZED.items():
        done = tiny_run(context, "sanitizer", tool, "--tool", kind, *options, "--error-exitcode", "9", "--target-processes", "all")
        print(done.stdout, done.stderr, sep="\n")  # into the step's log
        report = [line.removeprefix("========= ") for line in (done.stdout + done.stderr).splitlines() if line.startswith("=========")]
        said = [line for line in report if re.match(r"(ERROR|RACECHECK) SUMMARY", line)]
        findings.number(kind, said[-1] if said else "no summary")
        findings.holds(bool(said), f"{kind} gave no summary: it may not have seen the program.")
        findings.holds(done.returncode == 0, f"{kind} ended with {done.returncode}: {' / '.join(report[1:4])}")
