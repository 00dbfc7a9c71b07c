"""Whole runs: what they leave, that they repeat and resume bit for bit, and how they stop."""

import json
import pathlib
import shutil
import signal
import subprocess
import time
import unittest

from safetensors.numpy import load_file

import tiny
import tool
from task_case import TaskCase


class Runs(TaskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.count = 0

    def config(self, **sections):
        type(self).count += 1
        folder = self.root / f"case{self.count}"
        folder.mkdir()
        return tiny.config(folder, self.model, self.task, **sections)

    def train(self, *arguments, code=0, **sections):
        path = self.config(**sections)
        done = tool.run("train", path, *arguments, code=code)
        return path.parent / "run", done

    def steps(self, run):
        return [line for line in tool.json_lines(run / "metrics.jsonl") if line["type"] == "step"]

    def test_a_run_leaves_what_the_readme_says(self):
        run, done = self.train(logging={"every": 5})
        names = {path.name for path in run.iterdir()}
        self.assertEqual(names, {"config.yaml", "metrics.jsonl", "log.txt", "checkpoints", "adapter", "predictions-dev.tsv", "report.html", "result.json",
                                 "tensorboard"})
        self.assertEqual({path.name for path in (run / "adapter").iterdir()}, {"adapter_config.json", "adapter_model.safetensors", "hiddenkey.json"})
        lines = tool.json_lines(run / "metrics.jsonl")
        self.assertEqual([line["step"] for line in lines if line["type"] == "eval"], [12, 24])
        self.assertEqual([line["step"] for line in lines if line["type"] == "step"], [5, 10, 15, 20, 24])
        step = lines[0]
        for key in ("epoch", "loss", "ce", "consistency", "lr", "grad_norm", "tokens", "tokens_per_second"):
            self.assertIn(key, step)
        self.assertAlmostEqual(step["loss"], step["ce"] + step["consistency"], places=5)
        self.assertEqual(len((run / "predictions-dev.tsv").read_text().splitlines()), 41)
        result = json.loads((run / "result.json").read_text())
        self.assertEqual(result["steps"], 24)
        self.assertGreater(result["peak_memory_bytes"], 1 << 20)
        self.assertIn("layers 0-1: attention logits (DropKey), column, rate 0.1", done.stderr)
        self.assertEqual([path.name for path in sorted((run / "checkpoints").iterdir())], ["step-000012", "step-000024"])

    def test_it_learns(self):
        run, _ = self.train(method="full", training={"epochs": 12, "learning_rate": 3e-3})
        self.assertGreater(json.loads((run / "result.json").read_text())["best"]["accuracy"], 0.85)

    def test_its_own_config_repeats_a_run_bit_for_bit(self):
        run, _ = self.train()
        again = self.root / "again"
        tool.run("train", run / "config.yaml", f"output_dir={again}")
        self.assertEqual(self.adapter(again), self.adapter(run))
        other, _ = self.train(training={"seed": 7})
        self.assertNotEqual(self.adapter(other), self.adapter(run))

    def test_the_config_of_a_plain_run_trains_another_scheme_by_one_key(self):
        plain, done = self.train(dropout={"scheme": "none"})
        self.assertIn("dropout: none is active", done.stderr)
        again = self.root / "another-scheme"
        done = tool.run("train", plain / "config.yaml", "dropout.scheme=hiddenkey", f"output_dir={again}")
        self.assertIn("attention logits (DropKey), column, rate 0.1", done.stderr)
        self.assertIn("consistency: kl, weight 1", done.stderr)
        self.assertNotIn("warning", done.stderr)
        hiddenkey, _ = self.train()
        self.assertEqual(self.adapter(again), self.adapter(hiddenkey))
        modeline = (again / "config.yaml").read_text().partition("$schema=")[2].partition("\n")[0]
        self.assertEqual(pathlib.Path(modeline).read_text(), tool.run("schema").stdout)

    def resumed_equals_straight(self, keep_until, **sections):
        path = self.config(checkpoint={"every": 5, "keep": 100}, evaluation={"keep_best": False}, **sections)
        tool.run("train", path)
        run, copy = path.parent / "run", path.parent / "copy"
        shutil.copytree(run, copy)
        for folder in (copy / "checkpoints").iterdir():
            if int(folder.name.removeprefix("step-")) > keep_until:
                shutil.rmtree(folder)
        shutil.rmtree(copy / "adapter")
        tool.run("train", path, "--resume", f"output_dir={copy}")
        self.assertEqual(self.adapter(copy), self.adapter(run))
        strip = lambda lines: [{k: v for k, v in line.items() if k != "tokens_per_second"} for line in lines]
        self.assertEqual(strip(tool.json_lines(copy / "metrics.jsonl")), strip(tool.json_lines(run / "metrics.jsonl")))

    def test_resuming_in_the_middle_of_an_epoch_equals_the_straight_run(self):
        self.resumed_equals_straight(5)

    def test_resuming_at_the_end_of_an_epoch_equals_the_straight_run(self):
        self.resumed_equals_straight(15, training={"batch_size": 20})  # five steps an epoch

    def test_resuming_dora_with_dropped_inputs_equals_the_straight_run(self):
        self.resumed_equals_straight(5, lora={"use_dora": True, "dropout": 0.2, "target_modules": ["query", "dense"], "rank_pattern": {"query": 3}})

    def test_resuming_full_finetuning_with_accumulation_and_every_site(self):
        sites = {name: {"rate": 0.1} for name in ("logits", "weights", "hidden", "input", "output")}
        path = self.config(method="full", checkpoint={"every": 2, "keep": 100}, dropout={"scheme": "custom", "pretrained": 0.1, **sites},
                           consistency={"loss": "js"}, training={"gradient_accumulation": 3, "max_steps": 6, "learning_rate": 1e-3}, evaluation={"keep_best": False})
        tool.run("train", path)
        run, copy = path.parent / "run", path.parent / "copy"
        shutil.copytree(run, copy)
        for step in ("000004", "000006"):
            shutil.rmtree(copy / "checkpoints" / f"step-{step}")
        tool.run("train", path, "--resume", f"output_dir={copy}")
        self.assertEqual((copy / "model" / "model.safetensors").read_bytes(), (run / "model" / "model.safetensors").read_bytes())

    def test_a_damaged_checkpoint_is_passed_over_for_an_older_one(self):
        path = self.config(checkpoint={"every": 5, "keep": 100}, evaluation={"keep_best": False})
        tool.run("train", path)
        run = path.parent / "run"
        expected = self.adapter(run)
        damaged = run / "checkpoints" / "step-000024" / "trained.safetensors"
        damaged.write_bytes(damaged.read_bytes()[:-1] + b"\x55")
        done = tool.run("train", path, "--resume")
        self.assertIn("is damaged and passed over", done.stderr)
        self.assertIn("resumed after step 20", done.stderr)
        self.assertEqual(self.adapter(run), expected)

    def test_resuming_with_another_config_is_refused(self):
        path = self.config()
        tool.run("train", path)
        done = tool.run("train", path, "--resume", "training.learning_rate=0.5", code=2)
        self.assertIn("a run is resumed with its own config", tool.error_line(done))

    def test_a_signal_saves_the_state_and_exits_75(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            path = self.config(training={"epochs": 60}, evaluation={"every": "never"}, checkpoint={"every": "never"}, logging={"every": 1})
            straight = tool.run("train", path, f"output_dir={path.parent / 'straight'}")
            self.assertEqual(straight.returncode, 0)
            hang_up = lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whatever these tests are run under
            process = subprocess.Popen([tool.TOOL, "train", path], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=hang_up)
            metrics = path.parent / "run" / "metrics.jsonl"
            while process.poll() is None and not (metrics.exists() and metrics.stat().st_size > 2000):
                time.sleep(0.005)
            process.send_signal(number)
            _, errors = process.communicate(timeout=120)
            self.assertEqual(process.returncode, 75, errors)
            self.assertIn("go on with: hiddenkey train", errors.splitlines()[-1])
            tool.run("train", path, "--resume")
            self.assertEqual(self.adapter(path.parent / "run"), self.adapter(path.parent / "straight"))

    def test_a_loss_that_is_not_finite_stops_before_the_update(self):
        run, done = self.train(code=5, training={"learning_rate": 1e30, "max_grad_norm": 0, "warmup_ratio": 0}, logging={"every": 1})
        self.assertIn("NaN or Inf", done.stderr.splitlines()[-1])
        checkpoint = sorted((run / "checkpoints").iterdir())[-1]
        weights = load_file(checkpoint / "trained.safetensors")
        self.assertTrue(all((tensor == tensor).all() for tensor in weights.values()))
        self.assertEqual(json.loads((checkpoint / "state.json").read_text())["step"], len(self.steps(run)))

    def test_accumulated_micro_batches_equal_the_large_batch(self):
        settings = {"dropout": {"scheme": "none"}, "logging": {"every": 1}}
        training = {"length_grouping": False, "epochs": 1, "max_grad_norm": 0.1}
        large, _ = self.train(training={**training, "batch_size": 30}, **settings)
        small, _ = self.train(training={**training, "batch_size": 10, "gradient_accumulation": 3}, **settings)
        for a, b in zip(self.steps(large), self.steps(small), strict=True):
            self.assertAlmostEqual(a["loss"], b["loss"], places=5)
            self.assertAlmostEqual(a["grad_norm"], b["grad_norm"], places=5)

    def test_batched_and_sequential_passes_and_checkpointing_train_the_same(self):
        for backward in ("one", "both"):
            losses = []
            for passes, checkpointing in (("batched", False), ("sequential", False), ("sequential", True)):
                run, _ = self.train(consistency={"passes": passes, "backward": backward}, training={"epochs": 1, "activation_checkpointing": checkpointing}, logging={"every": 1})
                losses.append([step["loss"] for step in self.steps(run)])
            for a, b, c in zip(*losses, strict=True):
                self.assertAlmostEqual(a, b, places=4)
                self.assertEqual(b, c)

    def test_early_stopping_and_max_steps(self):
        run, _ = self.train(training={"epochs": 50, "learning_rate": 1e-7}, evaluation={"patience": 2})
        result = json.loads((run / "result.json").read_text())
        self.assertTrue(result["stopped_early"])
        self.assertEqual(result["steps"], 36)
        run, _ = self.train(training={"max_steps": 7}, evaluation={"every": 3})
        self.assertEqual([line["step"] for line in tool.json_lines(run / "metrics.jsonl") if line["type"] == "eval"], [3, 6, 7])

    def test_a_pause_comes_after_an_evaluation_and_the_run_goes_on_to_the_same_end(self):
        path = self.config(training={"epochs": 4})
        run = path.parent / "run"
        done = tool.run("train", path, "--pause-at", 0.3, code=75)  # the first evaluation behind it is that of half of the steps
        self.assertRegex(done.stderr, "paused after step 24 of 48, as --pause-at says; go on with: hiddenkey train .*--resume")
        last = tool.json_lines(run / "metrics.jsonl")[-1]
        self.assertEqual(last, {"type": "pause", "step": 24, "share": 0.3})
        self.assertIn("error: --pause-at: 0.5 of the steps are done already, 24 of 48", tool.run("train", path, "--resume", "--pause-at", 0.5, code=2).stderr)
        tool.run("train", path, "--resume")
        straight, _ = self.train(training={"epochs": 4})
        self.assertEqual(self.adapter(run), self.adapter(straight))
        never = self.config(evaluation={"every": "never"})
        self.assertIn("error: --pause-at: a run pauses after an evaluation", tool.run("train", never, "--pause-at", 0.5, code=2).stderr)

    def test_a_share_of_the_training_file_is_the_dev_split(self):
        path = self.config(task={"validation": "", "validation_split": 0.25})
        run = path.parent / "run"
        done = tool.run("train", path)
        self.assertIn("dev: 24 examples that are held out of", done.stderr)
        self.assertIn("72 training examples", done.stderr)
        held = [line.split("\t")[0] for line in (run / "predictions-dev.tsv").read_text().splitlines()[1:]]
        self.assertEqual((len(held), held), (24, sorted(held, key=int)))
        other = tool.run("eval", run, f"task.validation={self.task / 'dev.tsv'}", "--json")  # what is said last is meant
        self.assertEqual(json.loads(other.stdout)["examples"], 40)
        for keys, text in ((["task.validation_split=0.5", "task.folds=2", "task.fold=1"], "task.validation_split: and task.folds both hold"),
                           (["task.folds=2"], "task.folds: needs task.fold beside it"), (["task.folds=2", "task.fold=3"], "task.fold: 3 is none of the 2 folds"),
                           (["task.validation_split=0.5", "task.validation=x"], "task.validation: names a file, and task.validation_split takes a part")):
            self.assertIn(text, tool.run("validate", path, *keys, code=2).stdout + tool.run("validate", path, *keys, code=2).stderr)

    def test_regression_trains_on_scores(self):
        rows = (self.task / "train.tsv").read_text().replace("positive", "1.5").replace("negative", "-0.5")
        (self.root / "scores.tsv").write_text(rows)
        data = {"name": "regression", "train": str(self.root / "scores.tsv"), "validation": str(self.root / "scores.tsv")}
        run, _ = self.train(task=data, training={"epochs": 8}, consistency={"weight": 0.1})
        self.assertGreater(json.loads((run / "result.json").read_text())["best"]["pearson"], 0.7)
        out = self.root / "scores.jsonl"
        tool.run("predict", run, "--input", self.root / "scores.tsv", "--output", out)
        first = tool.json_lines(out)[0]
        self.assertEqual(first["scores"], first["logits"])

    def test_tensorboard_reads_the_event_files(self):
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
        run, _ = self.train(logging={"every": 6})
        events = EventAccumulator(str(run / "tensorboard"))
        events.Reload()
        self.assertEqual([event.step for event in events.Scalars("train/loss")], [6, 12, 18, 24])
        self.assertAlmostEqual(events.Scalars("train/loss")[0].value, self.steps(run)[0]["loss"], places=6)
        self.assertEqual([event.step for event in events.Scalars("dev/accuracy")], [12, 24])

    def test_eval_and_predict_agree_with_the_run(self):
        run, _ = self.train()
        result = json.loads((run / "result.json").read_text())
        measured = json.loads(tool.run("eval", run, "--json").stdout)
        self.assertEqual(measured["accuracy"], result["best"]["accuracy"])
        out = self.root / "labelled.tsv"
        tool.run("predict", run, "--input", self.task / "dev.tsv", "--output", out)
        predicted = [line.split("\t")[1] for line in out.read_text().splitlines()[1:]]
        written = [line.split("\t")[2] for line in (run / "predictions-dev.tsv").read_text().splitlines()[1:]]
        self.assertEqual(predicted, written)
        piped = tool.run("predict", run, "--input", "-", "--output", "-", stdin=(self.task / "dev.tsv").read_text())
        self.assertEqual(piped.stdout, out.read_text())

    def test_dry_run_writes_nothing(self):
        run, done = self.train("--dry-run")
        self.assertFalse(run.exists())
        self.assertIn("lora: \"query\" matches 2 modules", done.stderr)

    def test_inspect_tells_what_is_there(self):
        run, _ = self.train()
        self.assertEqual(json.loads(tool.run("inspect", self.model, "--json").stdout)["layers"], 2)
        self.assertEqual(json.loads(tool.run("inspect", run / "adapter", "--json").stdout)["labels"], ["negative", "positive"])
        shown = json.loads(tool.run("inspect", run / "config.yaml", "--json").stdout)
        self.assertEqual(shown["lora_targets"], {"query": 2, "value": 2})
        self.assertEqual(shown["adapter_parameters"], 2 * 2 * 8 * 32)
        self.assertEqual(json.loads(tool.run("inspect", run, "--json").stdout)["result"]["steps"], 24)


if __name__ == "__main__":
    unittest.main()
