"""What the steps of the GPU's check share: where things lie, how the program is run, and how a step tells what it found."""

import concurrent.futures
import dataclasses
import hashlib
import json
import math
import os
import pathlib
import subprocess
import threading

HELD, FAILED, SKIPPED = "PASS", "FAIL", "SKIP"
# Programs run side by side: their threads must not spin on each other's cores.
SIDE_BY_SIDE = 4
THREADS = {"OMP_NUM_THREADS": str(max((os.cpu_count() or 1) // SIDE_BY_SIDE, 1)), "OMP_WAIT_POLICY": "passive"}
CASES = {"lora": "none", "hiddenkey-": "hiddenkey-", "hiddenkey": "hiddenkey"}


class ProgramError(Exception):
    pass


@dataclasses.dataclass
class Context:
    folder: str   # what was packed
    work: str     # models, data and runs of this check
    program: str
    device: str
    small: bool   # sizes for a try on a CPU

    def path(self, *parts):
        return pathlib.Path(self.work).joinpath(*parts)

    def on_gpu(self):
        return self.device != "cpu"

    def run(self, *arguments, env=None, code=0):
        """Runs the program and gives its finished process. What it says on stderr is kept in program.log."""
        command = [self.program, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **THREADS, **(env or {})})
        with open(self.path("program.log"), "a", encoding="utf-8") as log:
            log.write(f"$ {' '.join(command)}\n{done.stderr}")
        if done.returncode != code:
            lines = [line for line in done.stderr.splitlines() if line.strip()]
            raise ProgramError(f"exit code {done.returncode} instead of {code}: {lines[-1] if lines else 'no message'}")
        return done

    def together(self, works):
        """What each function gives. A few run at a time, since most of a short run goes by while the program starts."""
        with concurrent.futures.ThreadPoolExecutor(max_workers=SIDE_BY_SIDE if self.on_gpu() else 2) as pool:
            return list(pool.map(lambda work: work(), works))

    def train(self, name, model, task, steps, *overrides, device=None, env=None):
        """Trains for some steps and gives the run's folder."""
        run = self.path("runs", name)
        self.run("train", self.config(task), f"model.path={self.path('models', model)}", f"training.max_steps={steps}",
                 f"training.device={device or self.device}", f"output_dir={run}", *overrides, "--overwrite", "--quiet", env=env)
        return run

    def config(self, task):
        """A config with what all runs on these data have in common; learning is slow after one step that changes nothing."""
        encoder = task.startswith("rte")
        config = {
            "task": {"name": "rte" if encoder else "e2e", "data_dir": str(self.path("data", task))},
            "lora": {"r": 8, "alpha": 16, "target_modules": ["query", "value"] if encoder else ["q_proj", "v_proj"]},
            "dropout": {"scheme": "none"},
            "training": {"batch_size": 8, "max_length": 512, "learning_rate": 1e-3, "schedule": "constant", "warmup_steps": 1,
                         "weight_decay": 0.0, "length_grouping": False},
            "evaluation": {"every": "never"},
            **({} if encoder else {"generation": {"every": "never"}}),
            "checkpoint": {"every": "never"},
            "logging": {"every": 1, "tensorboard": False},
        }
        path, made = self.path(f"{task}.yaml"), json.dumps(config, indent=1)
        if not path.exists() or path.read_text() != made:
            fresh = self.path(f"{task}.{threading.get_ident()}")
            fresh.write_text(made)
            fresh.replace(path)
        return path


def step_lines(run):
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [line for line in lines if line["type"] == "step"]


def losses(run):
    return [line["loss"] for line in step_lines(run)]


def adapter_sum(run):
    return hashlib.sha256((run / "adapter" / "adapter_model.safetensors").read_bytes()).hexdigest()


def flat(values):
    return [number for value in values for number in (flat(value) if isinstance(value, list) else [value])]


def largest_difference(ours, theirs):
    """The largest difference, relative to the largest number of the reference. What is no number differs by infinity."""
    ours, theirs = flat(ours), flat(theirs)
    numbers = [*ours, *theirs]
    if len(ours) != len(theirs) or not ours or any(value is None or not math.isfinite(value) for value in numbers):
        return math.inf
    return max(abs(a - b) for a, b in zip(ours, theirs)) / max(max(map(abs, theirs)), 1e-30)


def norm_difference(ours, theirs):
    """The norm of the difference, relative to that of the reference."""
    ours, theirs = flat(ours), flat(theirs)
    if largest_difference(ours, theirs) == math.inf:
        return math.inf
    return math.dist(ours, theirs) / max(math.hypot(*theirs), 1e-30)


class Findings:
    """What a step found: numbers, and sentences about what does not hold."""

    def __init__(self):
        self.numbers, self.faults, self.notes, self.skipped = {}, [], [], ""

    def number(self, name, value):
        self.numbers[name] = value

    def note(self, sentence):
        self.notes.append(sentence)

    def below(self, name, value, limit):
        """A number that must be below a limit."""
        self.number(name, value if math.isfinite(value) else str(value))
        if not value < limit:
            self.faults.append(f"{name} is {value:.2g}, and at most {limit:.0e} is allowed.")

    def holds(self, condition, sentence):
        """`sentence` says what is wrong where the condition does not hold."""
        if not condition:
            self.faults.append(sentence)

    def skip(self, sentence):
        self.skipped = sentence

    def result(self):
        verdict = FAILED if self.faults else SKIPPED if self.skipped else HELD
        notes = [*self.faults, *([self.skipped] if self.skipped else []), *self.notes]
        return {"verdict": verdict, "numbers": self.numbers, "notes": notes}
