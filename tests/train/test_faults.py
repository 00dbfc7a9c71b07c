"""Runs that are killed, and runs whose files fail them: what was saved before stays whole, and the run goes on from it.

HIDDENKEY_ALL_CALLS=1 lets every call on a file fail in turn, instead of a few of them (some minutes).
"""

import json
import os
import pathlib
import random
import shutil
import subprocess
import time
import unittest

import tiny
import tool
from task_case import TaskCase

KILLS = 20
SAMPLE = 5  # calls that are made to fail


class Faults(TaskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.config = tiny.config(cls.root, cls.model, cls.task, checkpoint={"every": 2, "keep": 2}, evaluation={"every": 8},
                                 training={"epochs": 2, "batch_size": 8, "learning_rate": 1e-2, "max_length": 24},
                                 logging={"every": 3, "tensorboard": False})
        tool.run("train", cls.config)  # fills the cache of tokens, so that all runs take about as long
        shutil.rmtree(cls.root / "run")
        start = time.monotonic()
        tool.run("train", cls.config)
        cls.seconds = time.monotonic() - start
        cls.straight = cls.root / "run"
        cls.expected = cls.adapter(cls.straight)

    def go_on(self, run, **options):
        """Goes on with the run, or begins it where there is none."""
        there = (run / "config.yaml").exists()
        return tool.run("train", *([run, "--resume"] if there else [self.config, f"output_dir={run}"]), **options)

    def unfinished(self, run):
        return [str(path) for path in run.rglob(".*")] if run.exists() else []

    def test_a_run_that_is_killed_at_any_moment_goes_on_to_the_same_adapter(self):
        moments = random.Random(7)
        run, kills, ends = self.root / "killed", 0, 0
        while kills < KILLS:
            there = (run / "config.yaml").exists()
            arguments = [run, "--resume"] if there else [self.config, f"output_dir={run}"]
            process = subprocess.Popen([tool.TOOL, "train", *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(moments.uniform(0.3, 1.0) * self.seconds)
            if process.poll() is None:
                process.kill()
                kills += 1
            self.assertIn(process.wait(), (0, -9))
            if process.returncode == 0:
                ends += 1
                self.assertEqual(self.adapter(run), self.expected)
                shutil.rmtree(run)
        self.go_on(run)
        self.assertEqual(self.adapter(run), self.expected)
        self.assertEqual(self.unfinished(run), [])

    def library(self):
        path = self.root / "failing_calls.so"
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            self.skipTest("there is no C compiler")
        source = pathlib.Path(__file__).parents[1] / "support" / "failing_calls.c"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", path, source, "-ldl"], check=True)
        return path

    def half_way(self, name):
        """A run that stands after step 12, in a folder of its own."""
        run = self.root / name
        if run.exists():
            shutil.rmtree(run)
        tool.run("train", self.config, f"output_dir={run}", "checkpoint.keep=100")
        for folder in (run / "checkpoints").iterdir():
            if int(folder.name.removeprefix("step-")) > 12:
                shutil.rmtree(folder)
        (run / "result.json").unlink()
        return run

    def test_interrupted_calls_and_short_writes_change_nothing(self):
        library = self.library()
        for kind in ("EINTR", "SHORT"):
            run = self.root / kind
            env = {"LD_PRELOAD": str(library), "FAIL_ROOT": str(self.root), "FAIL_KIND": kind}
            tool.run("train", self.config, f"output_dir={run}", env=env)
            self.assertEqual(self.adapter(run), self.expected, kind)
            without_speed = lambda run: [{**line, "tokens_per_second": 0} for line in tool.json_lines(run / "metrics.jsonl")]
            self.assertEqual(without_speed(run), without_speed(self.straight))

    def test_a_call_that_fails_leaves_the_state_before_it(self):
        library = self.library()
        start = self.half_way("start")
        run, count = self.root / "failing", self.root / "count"
        env = {"LD_PRELOAD": str(library), "FAIL_ROOT": str(self.root), "FAIL_COUNT": str(count)}
        shutil.copytree(start, run)
        self.go_on(run, env=env)
        total = int(count.read_text())
        self.assertGreater(total, 100)
        if os.environ.get("HIDDENKEY_ALL_CALLS"):
            numbers = range(1, total + 1)
        else:
            numbers = sorted(random.Random(3).sample(range(1, total + 1), SAMPLE))
        failures = 0
        for number in numbers:
            kind = ("ENOSPC", "EIO")[number % 2]
            shutil.rmtree(run)
            shutil.copytree(start, run)
            with self.subTest(call=number, kind=kind):
                done = self.go_on(run, env={**env, "FAIL_AT": str(number), "FAIL_KIND": kind}, code=None)
                # 0 where a line of a log or a cache is lost; a config, data or a model that cannot be read has its own.
                self.assertIn(done.returncode, (0, 2, 3, 4, 7), done.stderr)
                failures += done.returncode != 0
                self.assertEqual(self.unfinished(run), [])
                tool.json_lines(run / "metrics.jsonl")
                tool.run("eval", run)
                self.go_on(run)
                self.assertEqual(self.adapter(run), self.expected)
        self.assertGreater(failures, 0)


if __name__ == "__main__":
    unittest.main()
