"""Our own kernels: the program's self-test at their first use, the tests that were packed, and compute-sanitizer over both."""

import importlib.util
import os
import pathlib
import re
import shutil
import subprocess

OFF = "our own GPU kernels are off"
SANITIZED = ("memcheck", "racecheck")


def packed_tests(context):
    folder = pathlib.Path(context.folder) / "tests"
    return sorted(path for path in folder.glob("*_test") if os.access(path, os.X_OK))


def environment(context):
    """What the packed tests need: LibTorch, the libraries that were packed, the goldens, and which device to use."""
    folder = pathlib.Path(context.folder)
    libraries = [folder / "tests" / "lib", pathlib.Path(importlib.util.find_spec("torch").origin).parent / "lib"]
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, libraries)), "HIDDENKEY_TEST_DEVICE": context.device,
            "HIDDENKEY_GOLDENS": str(folder / "goldens"), "HIDDENKEY_GENERATION_GOLDENS": str(folder / "generation_goldens")}


def counted(text, word):
    """How many tests gtest says have PASSED, FAILED or were SKIPPED."""
    found = re.search(rf"\[  {word}[ ]+\] (\d+) test", text)
    return int(found.group(1)) if found else 0


def run_tests(context, findings):
    for path in packed_tests(context):
        done = subprocess.run([path], capture_output=True, text=True, env=environment(context), cwd=context.work)
        context.path(path.name + ".log").write_text(done.stdout + done.stderr)
        findings.number(path.name, f"{counted(done.stdout, 'PASSED')} passed, {counted(done.stdout, 'SKIPPED')} skipped")
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        findings.holds(done.returncode == 0, f"{path.name} ended with {done.returncode}: {' '.join(last)}")
        findings.holds(counted(done.stdout, "PASSED") > 0, f"{path.name} ran no test.")
    if not packed_tests(context):
        findings.note("No test was packed.")


def check(context, findings):
    done = tiny_run(context, "kernels")
    if context.on_gpu():
        findings.number("self_test", "off" if OFF in done.stderr else "on")
        said = [line for line in done.stderr.splitlines() if OFF in line]
        findings.holds(not said, f"The program says: {said[0] if said else ''}")
    else:
        findings.note("A CPU has no kernels of ours to test.")
    run_tests(context, findings)


def tiny_run(context, name, *before):
    """Two steps of HiddenKey, which draw masks of columns and of elements. `before` is put before the program."""
    command = [*before, context.program, "train", context.config("rte"), f"model.path={context.path('models', 'roberta-tiny')}",
               "training.max_steps=2", f"training.device={context.device}", "dropout.scheme=hiddenkey",
               f"output_dir={context.path('runs', name)}", "--overwrite"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"a run of two steps ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-300:]}")
    return done


def sanitize(context, findings):
    tool = shutil.which("compute-sanitizer") or shutil.which("/usr/local/cuda/bin/compute-sanitizer")
    if tool is None or not context.on_gpu():
        findings.skip("A GPU is needed." if tool else "compute-sanitizer is not installed.")
        return
    for kind in SANITIZED:
        options = ["--tool", kind, "--error-exitcode", "9", "--target-processes", "all"]
        done = tiny_run(context, "sanitizer", tool, *options)
        said = re.findall(r"(?:ERROR|RACECHECK) SUMMARY: .*", done.stdout + done.stderr)
        findings.number(kind, said[-1] if said else "no summary")
        findings.holds(bool(said), f"{kind} gave no summary: it may not have seen the program.")
