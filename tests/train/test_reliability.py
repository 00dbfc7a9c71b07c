"""Runs that are killed inside of a call, stopped in any phase, or find something damaged or odd in their folder.

HIDDENKEY_ALL_CALLS=1 kills a run at every call on a file in turn, instead of at a few of them (some minutes).
"""

import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import time
import unittest

import tiny
import tool
from task_case import TaskCase

MODEL, DIVERGED, IO, STOPPED = 4, 5, 7, 75
SAMPLE = 3  # calls in which a run is killed


class Reliability(TaskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.config = cls.make_config("straight")
        tool.run("train", cls.config)
        cls.straight = cls.config.parent / "run"

    @classmethod
    def make_config(cls, name, **sections):
        folder = cls.root / name
        folder.mkdir()
        made = {"checkpoint": {"every": 4, "keep": 100}, "evaluation": {"every": 8}, "logging": {"every": 3, "tensorboard": False}, **sections}
        return tiny.config(folder, cls.model, cls.task, **made)

    def metrics(self, run):
        return [{**line, "tokens_per_second": 0} for line in tool.json_lines(run / "metrics.jsonl")]

    def assert_as_straight(self, run):
        self.assertEqual(self.adapter(run), self.adapter(self.straight))
        self.assertEqual(self.metrics(run), self.metrics(self.straight))
        self.assertEqual([str(path) for path in run.rglob(".*")], [])

    def copy(self, name):
        run = self.root / name
        shutil.copytree(self.straight, run)
        return run

    def interrupted(self, name, last=12):
        """A run of one's own that has gone on behind its checkpoint of that step, and was killed then."""
        run = self.copy(name)
        for folder in (run / "checkpoints").iterdir():
            if int(folder.name.removeprefix("step-")) > last:
                shutil.rmtree(folder)
        (run / "result.json").unlink()
        return run

    def newest(self, run):
        return sorted((run / "checkpoints").iterdir())[-1]

    def library(self):
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            self.skipTest("there is no C compiler")
        source, path = pathlib.Path(__file__).parents[1] / "support" / "failing_calls.c", self.root / "failing_calls.so"
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", path, source, "-ldl"], check=True)
        return path

    def test_a_run_that_is_killed_inside_of_a_call_goes_on_to_the_same_adapter(self):
        start, count = self.interrupted("start"), self.root / "count"
        env = {"LD_PRELOAD": str(self.library()), "FAIL_ROOT": str(self.root), "FAIL_COUNT": str(count)}
        run = self.root / "killed"
        shutil.copytree(start, run)
        tool.run("train", run, "--resume", env=env)
        total = int(count.read_text())
        numbers = range(1, total + 1) if os.environ.get("HIDDENKEY_ALL_CALLS") else random.Random(5).sample(range(1, total + 1), SAMPLE)
        for number in numbers:
            with self.subTest(call=number):
                shutil.rmtree(run)
                shutil.copytree(start, run)
                tool.run("train", run, "--resume", env={**env, "FAIL_AT": str(number), "FAIL_KIND": "KILL"}, code=-signal.SIGKILL)
                tool.run("train", run, "--resume")
                self.assert_as_straight(run)

    def test_what_an_interrupted_write_leaves_is_ignored_and_removed(self):
        run = self.interrupted("leftovers")
        shutil.copytree(self.newest(run), run / "checkpoints" / ".step-000016.tmp-7-0")
        (run / "checkpoints" / ".step-000016.tmp-7-0" / "MANIFEST").unlink()
        (self.newest(run) / ".BEST.tmp-7-3").write_text("")
        (run / ".adapter.tmp-7-1").mkdir()
        (run / ".adapter.tmp-7-1" / "adapter_model.safetensors").write_bytes(b"half")
        (run / ".result.json.tmp-7-2").write_text("{")
        with open(run / "metrics.jsonl", "a") as file:
            file.write('{"type": "st')
        tool.run("eval", run)
        tool.run("train", run, "--resume")
        self.assert_as_straight(run)

    def test_a_checkpoint_without_one_of_its_files_is_passed_over(self):
        for name in ("optimizer.safetensors", "state.json", "MANIFEST"):
            run = self.interrupted(f"without-{name}")
            (self.newest(run) / name).unlink()
            done = tool.run("train", run, "--resume")
            self.assertIn("resumed after step 8", done.stderr)
            self.assertEqual("step-000012: is damaged and passed over" in done.stderr, name != "MANIFEST", "it is no checkpoint without one")
            self.assertEqual(self.adapter(run), self.adapter(self.straight))

    def test_a_damaged_result_is_written_anew(self):
        for text in ("", '{"steps": ', '{"steps": 24}', '{"steps": ' + "[" * 200_000 + "]" * 200_000 + "}"):
            run = self.copy(f"result-{len(text)}")
            (run / "result.json").write_text(text)
            tool.run("train", run, "--resume")
            self.assertEqual(json.loads((run / "result.json").read_text())["steps"], 24)

    def started(self, name, prefix=(), task=None, **sections):
        config = self.make_config(name, **sections)
        if task:
            config = tiny.config(config.parent, self.model, task, **sections)
        process = subprocess.Popen([*prefix, tool.TOOL, "train", config], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        metrics = config.parent / "run" / "metrics.jsonl"
        while process.poll() is None and not (metrics.exists() and metrics.stat().st_size > 0):
            time.sleep(0.001)
        return config.parent / "run", process

    LONG = {"training": {"epochs": 300}, "evaluation": {"every": "never"}, "checkpoint": {"every": "never"}}

    def test_more_signals_change_nothing(self):
        run, process = self.started("many", **self.LONG)
        while process.poll() is None:
            process.send_signal(random.choice((signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)))
            time.sleep(0.0005)
        errors = process.stderr.read()
        self.assertEqual(process.wait(), STOPPED, errors)
        process.stderr.close()
        self.assertIn("the state is saved", errors.splitlines()[-1])
        self.assertEqual([str(path) for path in run.rglob(".*")], [])
        subprocess.run(["sha256sum", "--quiet", "-c", "MANIFEST"], cwd=self.newest(run), check=True)

    def test_a_signal_inside_of_an_evaluation_saves_the_state_and_the_evaluation_is_made_later(self):
        task = tiny.make_task(self.root / "large_task", train=16, dev=20_000)
        run, process = self.started("evaluating", task=task, logging={"every": 1}, evaluation={"every": 1}, training={"max_steps": 2})
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, STOPPED, errors)
        state = json.loads((self.newest(run) / "state.json").read_text())
        self.assertEqual((state["step"], state["evaluated_step"]), (1, 0), "the signal came inside of the evaluation")
        tool.run("train", run, "--resume", "evaluation.every=1")
        kinds = [(line["type"], line["step"]) for line in tool.json_lines(run / "metrics.jsonl")]
        self.assertEqual(kinds, [("step", 1), ("eval", 1), ("step", 2), ("eval", 2)])

    def test_a_terminal_that_hangs_up_ends_no_run_under_nohup(self):
        config = self.make_config("nohup")
        script = f"trap '' HUP; exec '{tool.TOOL}' train '{config}'"
        process = subprocess.Popen(["bash", "-c", script], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        while process.poll() is None and not (config.parent / "run" / "metrics.jsonl").exists():
            time.sleep(0.001)
        process.send_signal(signal.SIGHUP)
        self.assertEqual(process.wait(timeout=60), 0)

    def test_a_gradient_that_is_infinite_with_a_finite_loss_stops_before_the_update(self):
        # A gradient's norm is beyond float32 where its numbers are beyond 1e19; the loss itself is about 1e26.
        config = self.make_config("infinite", consistency={"weight": 1e30}, logging={"every": 1, "tensorboard": False})
        done = tool.run("train", config, code=DIVERGED)
        self.assertIn("the loss or its gradient is NaN or Inf at step 1;", done.stderr.splitlines()[-1])
        self.assertEqual(json.loads((self.newest(config.parent / "run") / "state.json").read_text())["step"], 0)

    def test_examples_that_are_cut_are_counted(self):
        done = tool.run("train", self.make_config("cut"), "--dry-run", "training.max_length=6")
        self.assertRegex(done.stderr, r"warning: [1-9][0-9]* training examples are longer than 6 tokens and were cut")

    def test_an_adapter_that_is_cut_off(self):
        adapter = self.copy("cut-off") / "adapter"
        weights = adapter / "adapter_model.safetensors"
        weights.write_bytes(weights.read_bytes()[:-1])
        self.assertIn("adapter_model.safetensors: is no valid safetensors file", tool.error_line(tool.run("eval", adapter, code=MODEL)))

    def test_an_adapter_whose_description_nests_without_end(self):
        adapter = self.copy("nested") / "adapter"
        about = json.loads((adapter / "hiddenkey.json").read_text())
        (adapter / "hiddenkey.json").write_text(json.dumps({**about, "training": "?"}).replace('"?"', "[" * 200_000 + "]" * 200_000))
        for command in ("eval", "inspect"):
            self.assertIn("hiddenkey.json: line 1", tool.error_line(tool.run(command, adapter, code=MODEL)))

    def test_a_folder_that_nobody_can_write_into_is_an_error_before_anything_is_read(self):
        done = tool.run("train", self.make_config("unwritable"), "output_dir=/proc/self/fdinfo", f"task.train={self.root}/none", code=IO)
        self.assertIn("/proc/self/fdinfo", tool.error_line(done))


if __name__ == "__main__":
    unittest.main()
