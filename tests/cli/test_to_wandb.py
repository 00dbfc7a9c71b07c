"""scripts/to_wandb.py, with a module in the place of wandb that writes down what it is asked."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import tool

SCRIPT = tool.SOURCE / "scripts" / "to_wandb.py"
FAKE = """
import json, os
class Summary(dict):
    pass
class Run:
    def __init__(self, keys):
        self.asked, self.summary = [["init", keys]], Summary()
    def log(self, values, step):
        self.asked.append(["log", step, values])
    def finish(self):
        with open(os.environ["ASKED"], "a") as file:
            file.write(json.dumps([*self.asked, ["summary", self.summary], ["finish"]]) + "\\n")
def init(**keys):
    return Run(keys)
"""
NONE = "raise ImportError('no wandb')\n"
METRICS = """{"type":"step","step":5,"epoch":0.5,"loss":0.75,"ce":0.75,"lr":4e-05,"grad_norm":null,"tokens":10,"tokens_per_second":3.5}
{"type":"eval","step":5,"split":"dev","loss":0.5,"accuracy":0.875}
{"type":"generation","step":5,"split":"dev","prompts":2,"BLEU":0.25,"seconds":1.5}
"""
HISTORY = [[5, {"train/epoch": 0.5, "train/loss": 0.75, "train/ce": 0.75, "train/lr": 4e-05, "train/tokens": 10, "train/tokens_per_second": 3.5}],
           [5, {"dev/loss": 0.5, "dev/accuracy": 0.875}], [5, {"dev/prompts": 2, "dev/BLEU": 0.25, "dev/seconds": 1.5}]]
CONFIG = {"training": {"learning_rate": 4e-05, "seed": 1}, "dropout": {"scheme": "none"}}


class ToWandb(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def make(self, name, finished=True):
        run = self.root / name
        run.mkdir()
        (run / "config.yaml").write_text("# hiddenkey\ntraining:\n  learning_rate: 4e-05\n  seed: 1\ndropout: {scheme: none}\n")
        (run / "metrics.jsonl").write_text(METRICS)
        if finished:
            (run / "result.json").write_text(json.dumps({"best": {"step": 5, "accuracy": 0.875}, "config": CONFIG}))
        return run

    def run_script(self, *arguments, module=FAKE):
        (self.root / "wandb.py").write_text(module)
        environment = {**os.environ, "PYTHONPATH": str(self.root), "ASKED": str(self.root / "asked")}
        return subprocess.run([sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, env=environment)

    def test_history_config_and_result_are_logged(self):
        done = self.run_script(self.make("first"), self.make("second", finished=False), "--project", "p")
        self.assertEqual(done.returncode, 0, done.stderr)
        logged = [json.loads(line) for line in (self.root / "asked").read_text().splitlines()]
        for name, summary, asked in zip(("first", "second"), ({"best": {"step": 5, "accuracy": 0.875}}, {}), logged, strict=True):
            self.assertEqual(asked, [["init", {"project": "p", "name": name, "config": CONFIG}], *(["log", *line] for line in HISTORY),
                                     ["summary", summary], ["finish"]])

    def test_a_dry_run_shows_it_and_needs_no_wandb(self):
        run = self.make("first")
        done = self.run_script(run, "--project", "p", "--dry-run", module=NONE)
        self.assertEqual(done.returncode, 0, done.stderr)
        for part in (json.dumps(CONFIG), json.dumps(HISTORY[1][1]), '"accuracy": 0.875'):
            self.assertIn(part, done.stdout)
        without = self.run_script(run, "--project", "p", module=NONE)
        self.assertEqual((without.returncode, without.stderr.count("\n")), (1, 1))
        self.assertIn("pip install wandb", without.stderr)

    def test_the_line_that_a_run_is_writing_is_left_out_and_a_damaged_one_is_an_error(self):
        run = self.make("first")
        metrics = run / "metrics.jsonl"
        metrics.write_text(METRICS + '{"type":"st')
        self.assertEqual(self.run_script(run, "--project", "p", "--dry-run").returncode, 0)
        metrics.write_text('{"type":"st\n' + METRICS)
        done = self.run_script(self.make("second"), run, "--project", "p")
        self.assertEqual(done.returncode, 1)
        self.assertIn("metrics.jsonl:1: is not what a run writes", done.stderr)
        self.assertFalse((self.root / "asked").exists())

    def test_what_is_no_run_is_named(self):
        done = self.run_script(self.root / "nothing", "--project", "p")
        self.assertEqual((done.returncode, done.stderr.count("\n")), (1, 1))
        self.assertIn("nothing/config.yaml: No such file", done.stderr)


if __name__ == "__main__":
    unittest.main()
