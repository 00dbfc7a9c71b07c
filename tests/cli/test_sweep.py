"""Sweeps of tiny models, from their file to their end: run, stopped, killed, resumed, failed, shared out, and refused."""

import json
import math
import os
import pathlib
import signal
import subprocess
import time
import unittest

import jsonschema
import task_case
import tiny
import tool
import yaml

CONFIG, SOME_FAILED, STOPPED = 2, 8, 75
SHORT = {"epochs": 1}
LONG = {"epochs": 40}  # steps enough to be caught in the middle
WAIT = 60  # seconds after which a test gives up; nothing is measured by it


def wait_for(condition):
    end = time.monotonic() + WAIT
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("what was waited for did not come")
        time.sleep(0.02)


def splitmix(state):
    """SplitMix64, as Steele, Lea and Flood have it."""
    mask = 2**64 - 1
    state = (state + 0x9E3779B97F4A7C15) & mask
    z = state
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return z ^ (z >> 31)


def drawn(key, seed, number, low, high, logarithmic):
    """What src/sweep/draw.h promises, written again."""
    fnv = 0xCBF29CE484222325
    for byte in key.encode():
        fnv = ((fnv ^ byte) * 0x100000001B3) % 2**64
    share = (splitmix(splitmix(seed ^ fnv) ^ splitmix(number)) >> 11) / 2**53
    value = math.exp(math.log(low) + share * (math.log(high) - math.log(low))) if logarithmic else low + share * (high - low)
    return float(f"{value:.3e}")


class Sweep(task_case.TaskCase):
    def make(self, name, training=SHORT, **keys):
        """A sweep of the tiny task in a folder of its own; its file, and its output folder."""
        folder = self.root / name
        folder.mkdir()
        tiny.config(folder, self.model, self.task, training=training, dropout={"scheme": "none"})
        file = folder / "sweep.yaml"
        file.write_text(json.dumps({"base": "config.yaml", "output_dir": str(folder / "out"), "seeds": [1, 2], **keys}))
        return file, folder / "out"

    def start(self, file, *arguments):
        process = subprocess.Popen([tool.TOOL, "sweep", "run", str(file), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(lambda: process.poll() is None and (process.kill(), process.wait()))
        return process

    def status(self, out):
        return json.loads(tool.run("sweep", "status", out, "--json").stdout)

    @staticmethod
    def events(out, trial=None):
        return [event for event in tool.json_lines(out / "trials.jsonl") if trial in (None, event["trial"])]

    @staticmethod
    def is_training(out, trial):
        metrics = out / "trials" / trial / "metrics.jsonl"
        return metrics.exists() and metrics.stat().st_size > 0

    @staticmethod
    def processes_of(out):
        """The trials that run, by their command lines."""
        found = []
        for folder in pathlib.Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            try:
                line = (folder / "cmdline").read_bytes()
            except OSError:  # it has ended
                continue
            if b"\0train\0" in line and str(out / "configs").encode() in line:
                found.append(int(folder.name))
        return found

    def expect_as_if_never_stopped(self, out, trial):
        alone = out.parent / ("alone-" + trial)
        tool.run("train", out / "configs" / f"{trial}.yaml", f"output_dir={alone}")
        self.assertEqual(self.adapter(out / "trials" / trial), self.adapter(alone))

    def test_every_trial_is_trained_once_and_says_what_it_was(self):
        file, out = self.make("whole", grid={"dropout.scheme": ["none", "hiddenkey"], "dropout.hidden.rate": [0.2, 0.3]}, workers=2,
                              trials=[{"name": "full finetuning", "method": "full", "training.learning_rate": 1e-3}])
        done = tool.run("sweep", "run", file, env={"OMP_NUM_THREADS": "2"})
        self.assertTrue(done.stdout.startswith("8 trials: 8 done\nbest so far: accuracy 0."), done.stdout)
        names = {folder.name for folder in (out / "trials").iterdir()}
        self.assertEqual(names, {f"{cell},seed={seed}" for seed in (1, 2)
                                 for cell in ("scheme=none", "scheme=hiddenkey,hidden.rate=0.2", "scheme=hiddenkey,hidden.rate=0.3", "full-finetuning")})
        result = json.loads((out / "trials" / "scheme=hiddenkey,hidden.rate=0.3,seed=2" / "result.json").read_text())
        self.assertEqual((result["seed"], result["scheme"]), (2, "hiddenkey"))
        self.assertEqual(result["config"]["dropout"]["hidden"]["rate"], 0.3)
        self.assertEqual(result["config"]["dropout"]["logits"]["rate"], 0.1)  # the scheme's
        self.assertTrue(result["device"].startswith("cpu (1 thread"), result["device"])  # of the two that both workers share
        before = {path: path.stat().st_mtime_ns for path in (out / "trials").rglob("*")}
        again = tool.run("sweep", "run", out)
        self.assertIn("8 of 8 trials are done already", again.stderr)
        self.assertEqual({path: path.stat().st_mtime_ns for path in (out / "trials").rglob("*")}, before)
        status = self.status(out)
        self.assertEqual((status["done"], status["waiting"], status["is_driven"]), (8, 0, False))
        self.assertEqual(tool.run("sweep", "status", out, "--watch").stdout, "8 trials: 8 done\n")

    def test_a_killed_driver_leaves_no_orphans_and_the_next_goes_on_bit_for_bit(self):
        file, out = self.make("killed", LONG, grid={"dropout.scheme": ["hiddenkey"]})
        driver = self.start(file)
        first = "scheme=hiddenkey,seed=1"
        wait_for(lambda: self.is_training(out, first))
        self.assertEqual(self.status(out)["running_trials"], [first])
        driver.kill()
        driver.wait()
        wait_for(lambda: not self.processes_of(out))
        self.assertFalse((out / "trials" / first / "result.json").exists())
        self.assertEqual((self.status(out)["paused"], self.status(out)["waiting"]), (1, 1))
        tool.run("sweep", "run", file)
        self.assertIn("resumed after step", (out / "trials" / first / "log.txt").read_text())
        self.expect_as_if_never_stopped(out, first)

    def test_a_driver_that_follows_at_once_waits_for_the_old_ones_trial(self):
        file, out = self.make("followed", LONG, seeds=[1])
        driver = self.start(file)
        wait_for(lambda: self.is_training(out, "base,seed=1"))
        trial = self.processes_of(out)[0]
        os.kill(trial, signal.SIGSTOP)  # it is slow to save its state
        driver.kill()
        driver.wait()
        second = self.start(file)
        wait_for(lambda: "waits for a process that still writes there" in second.stderr.readline())
        os.kill(trial, signal.SIGCONT)
        self.assertEqual(second.wait(WAIT), 0)
        self.expect_as_if_never_stopped(out, "base,seed=1")

    def test_a_signal_stops_the_trials_with_their_states_saved(self):
        file, out = self.make("stopped", LONG)
        driver = self.start(file)
        wait_for(lambda: self.is_training(out, "base,seed=1"))
        driver.send_signal(signal.SIGTERM)
        self.assertEqual(driver.wait(WAIT), STOPPED)
        self.assertIn(f"go on with: hiddenkey sweep run {out}", driver.stderr.read())
        self.assertFalse(self.processes_of(out))
        self.assertEqual(self.events(out)[-1]["state"], "paused")
        self.assertEqual(self.status(out)["paused"], 1)
        tool.run("sweep", "run", out)
        self.expect_as_if_never_stopped(out, "base,seed=1")

    def test_a_killed_trial_is_given_out_again(self):
        file, out = self.make("shot", LONG, seeds=[1])
        driver = self.start(file)
        wait_for(lambda: self.is_training(out, "base,seed=1"))
        os.kill(self.processes_of(out)[0], signal.SIGKILL)
        self.assertEqual(driver.wait(WAIT), 0)
        self.assertEqual([event["state"] for event in self.events(out)], ["running", "failed", "running", "done"])
        self.assertEqual(self.events(out)[1]["error"], "killed by signal 9 (Killed)")

    def test_a_failed_trial_is_tried_again_then_left_and_the_others_go_on(self):
        file, out = self.make("failed", seeds=[1], trials=[{"name": "wild", "training.learning_rate": 1e30}, {"name": "tame"}])
        done = tool.run("sweep", "run", file, code=SOME_FAILED)
        self.assertIn("2 trials: 1 done, 1 failed", done.stdout)
        self.assertIn("failed: wild,seed=1: the loss or its gradient is NaN or Inf", done.stdout)
        attempts = [event for event in self.events(out, "wild,seed=1") if event["state"] == "failed"]
        self.assertEqual([event["exit_code"] for event in attempts], [5, 5])
        failed = self.status(out)["failed_trials"]
        self.assertEqual([trial["trial"] for trial in failed], ["wild,seed=1"])

    def test_a_second_driver_is_refused_and_workers_too(self):
        file, out = self.make("taken", LONG)
        driver = self.start(file)
        wait_for(lambda: self.is_training(out, "base,seed=1"))
        refused = tool.error_line(tool.run("sweep", "run", file, code=CONFIG))
        self.assertIn(f"another driver runs this sweep (process {driver.pid} on ", refused)
        self.assertIn("another driver", tool.error_line(tool.run("sweep", "worker", file, "--index", 0, "--of", 2, code=CONFIG)))
        self.assertIsNone(driver.poll())
        driver.terminate()
        driver.wait(WAIT)

    def test_workers_share_the_trials_by_their_numbers(self):
        file, out = self.make("shared", seeds=[1, 2, 3])
        both = [subprocess.Popen([tool.TOOL, "sweep", "worker", str(file), "--index", str(i), "--of", "2", "--quiet"], stdout=subprocess.DEVNULL) for i in (0, 1)]
        self.assertEqual([worker.wait(WAIT) for worker in both], [0, 0])
        self.assertEqual(self.status(out)["done"], 3)
        self.assertEqual({event["trial"] for event in tool.json_lines(out / "trials-0-of-2.jsonl")}, {"base,seed=1", "base,seed=3"})
        self.assertIn("--index: 2 is none of the 2 workers, which are 0 to 1", tool.error_line(tool.run("sweep", "worker", file, "--index", 2, "--of", 2, code=CONFIG)))
        self.assertIn("--of: is missing", tool.error_line(tool.run("sweep", "worker", file, "--index", 2, code=CONFIG)))

    def test_another_sweep_in_the_folder_is_refused_and_added_trials_are_not(self):
        file, out = self.make("other", seeds=[1])
        tool.run("sweep", "run", file)
        refused = tool.error_line(tool.run("sweep", "run", file, "training.batch_size=16", code=CONFIG))
        self.assertIn("holds another sweep: training.batch_size is 8 there and 16 here", refused)
        tool.run("sweep", "run", file, "seeds=1,2")
        self.assertEqual(self.status(out)["done"], 2)
        self.assertIn("it has the trial base,seed=2", tool.error_line(tool.run("sweep", "run", file, code=CONFIG)))

    def test_a_dry_run_writes_nothing_and_says_what_the_seeds_can_show(self):
        file, out = self.make("dry", seeds=[1, 2, 3, 4, 5], grid={"lora.r": [2, 4]}, compare_to="r=2")
        done = tool.run("sweep", "run", file, "--dry-run")
        self.assertTrue(done.stdout.startswith("r=2,seed=1\nr=2,seed=2\n"), done.stdout)
        self.assertIn("10 trials of 2 cells", done.stdout)
        self.assertIn("cannot go below p = 0.0625", done.stdout)
        self.assertFalse(out.exists())
        listed = json.loads(tool.run("sweep", "run", file, "--dry-run", "--json").stdout)
        self.assertEqual(listed["trials"][9], {"name": "r=4,seed=5", "cell": "r=4", "seed": 5, "settings": {"lora.r": 4}})

    def test_halving_stops_the_worse_cells_and_the_others_end_as_if_never_paused(self):
        rates = ["1e-06", "2e-06", "0.001", "0.01"]  # the first two learn nothing
        file, out = self.make("halved", seeds=[1], grid={"training.learning_rate": [float(rate) for rate in rates]}, metric="loss", workers=2,
                              config={"training": {"epochs": 4}}, halving={"rungs": [0.25, 0.5], "keep": 0.5}, compare_to="learning_rate=1e-06")
        done = tool.run("sweep", "run", file, env={"OMP_NUM_THREADS": "2"})
        self.assertIn("at 25% of its steps: 3 cells go on: ", done.stderr)  # the two best, and the one that is compared to
        self.assertIn("at 50% of its steps: ", done.stderr)
        self.assertRegex(done.stdout, r"4 trials: [23] done, [12] stopped\n")
        self.assertEqual(self.events(out, "learning_rate=2e-06,seed=1")[-1]["state"], "stopped")
        self.expect_as_if_never_stopped(out, "learning_rate=0.01,seed=1")
        report = tool.run("sweep", "report", out)
        self.assertRegex((out / "results.csv").read_text(), r"learning_rate=2e-06,1,stopped,.*stopped at 25% of its steps with loss 0\.")
        before = self.events(out)
        again = tool.run("sweep", "run", out)
        self.assertEqual((again.stdout, self.events(out)), (done.stdout, before))

    def test_halving_goes_on_after_a_stop_where_it_was(self):
        file, out = self.make("halted", LONG, seeds=[1], trials=[{"name": "slow", "training.learning_rate": 1e-6}, {"name": "fast"}], metric="loss", halving={"rungs": [0.5]})
        driver = self.start(file)
        wait_for(lambda: self.is_training(out, "fast,seed=1"))
        driver.kill()
        driver.wait()
        done = tool.run("sweep", "run", file)
        self.assertIn("1 of 2 trials wait already", done.stderr)
        self.assertIn("2 trials: 1 done, 1 stopped", done.stdout)
        self.expect_as_if_never_stopped(out, "fast,seed=1")

    def test_halving_needs_one_driver_and_evaluations(self):
        file, _ = self.make("alone", halving={"rungs": [0.5]})
        self.assertIn("halving: all trials wait for each other", tool.error_line(tool.run("sweep", "worker", file, "--index", 0, "--of", 2, code=CONFIG)))
        self.assertIn("halving: compares cells by evaluations, and evaluation.every is never", tool.run("sweep", "run", file, "evaluation.every=never", code=CONFIG).stderr)

    def test_folds_take_the_place_of_the_dev_split_and_each_example_is_predicted_once(self):
        file, out = self.make("folds", seeds=[1], folds=3, grid={"lora.r": [2, 4]}, compare_to="r=2", workers=2)
        tool.run("sweep", "run", file, env={"OMP_NUM_THREADS": "2"})
        names = {folder.name for folder in (out / "trials").iterdir()}
        self.assertEqual(names, {f"r={r},seed=1,fold={fold}" for r in (2, 4) for fold in (1, 2, 3)})
        predicted = []
        for fold in (1, 2, 3):
            run = out / "trials" / f"r=2,seed=1,fold={fold}"
            predicted += [line.split("\t")[0] for line in (run / "predictions-dev.tsv").read_text().splitlines()[1:]]
            self.assertIn("dev: 32 examples that are held out of", (run / "log.txt").read_text())
            evaluated = json.loads(tool.run("eval", run, "--json").stdout)  # the same examples as in training
            self.assertEqual(evaluated["accuracy"], json.loads((run / "result.json").read_text())["best"]["accuracy"])
        self.assertEqual(sorted(predicted, key=int), [str(i) for i in range(96)])
        self.assertIn("task.fold: is set by the sweep's own key `folds`", tool.run("sweep", "run", file, "task.fold=1,2", code=CONFIG).stderr)

    def test_draws_are_those_of_the_documented_generator(self):
        file, _ = self.make("random", seeds=[1], random={"trials": 12, "seed": 5, "parameters": {
            "training.learning_rate": {"log_uniform": [1e-5, 1e-2]}, "lora.dropout": {"uniform": [0, 0.3]}}})
        listed = json.loads(tool.run("sweep", "run", file, "--dry-run", "--json").stdout)
        for number, trial in enumerate(listed["trials"]):
            self.assertEqual(trial["settings"], {"training.learning_rate": drawn("training.learning_rate", 5, number, 1e-5, 1e-2, True),
                                                 "lora.dropout": drawn("lora.dropout", 5, number, 0, 0.3, False)})

    def test_bad_input_is_told_at_once_and_nothing_is_written(self):
        file, out = self.make("bad", grid={"training.epoch": [1], "lora.r": [4, 0, "x"], "training.epochs": []}, compare_to="r=5", halving={"keep": 0.5})
        done = tool.run("sweep", "run", file, "model.path=/nowhere", code=CONFIG)
        for part in ('training.epoch: unknown key (did you mean "training.epochs"?)', "lora.r: 0 is out of range", 'lora.r: expected an integer, found the text "x"',
                     "training.epochs: the list of values is empty", "halving.rungs: is missing: the shares of the steps at which trials wait", "model.path: /nowhere is not there",
                     'compare_to: there is no cell "r=5"'):
            self.assertIn(part, done.stderr)
        self.assertTrue(all(line.startswith(("error: ", "warning: ")) for line in done.stderr.splitlines()), done.stderr)
        self.assertFalse(out.exists())
        for arguments, part in ((("status", self.root), "is no folder of a sweep: it has no sweep.json"), (("run", self.root), "is a folder without a sweep's sweep.yaml"),
                                (("run", file, "--index", 1), "--index belongs to `hiddenkey sweep worker`"), (("status", out, "lora.r=1"), "takes a sweep's folder and no keys")):
            self.assertIn(part, tool.error_line(tool.run("sweep", *arguments, code=CONFIG)))

    def test_a_damaged_log_and_a_damaged_record(self):
        file, out = self.make("damaged", seeds=[1])
        tool.run("sweep", "run", file)
        with open(out / "trials.jsonl", "a") as log:
            log.write('{"trial": "base\n\x00\n')
        done = tool.run("sweep", "status", out)
        self.assertIn("trials.jsonl: 2 lines are damaged and skipped", done.stderr)
        self.assertIn("1 trial: 1 done", done.stdout)
        (out / "sweep.json").write_text('{"name": "x"')
        self.assertIn("sweep.json: line 1", tool.error_line(tool.run("sweep", "status", out, code=CONFIG)))

    def test_the_schema_takes_what_the_program_takes(self):
        schema = json.loads(tool.run("schema", "--sweep").stdout)
        jsonschema.Draft7Validator.check_schema(schema)
        good = {"base": "rte.yaml", "seeds": [1], "grid": {"dropout.logits.rate": [0.1]}, "paired": [{"lora.r": [4], "lora.alpha": [8]}], "trials": [{"name": "lora", "dropout.scheme": "none"}],
                "random": {"trials": 3, "parameters": {"lora.r": {"choice": [4, 8]}}}, "exclude": [{"lora.r": 4}], "output_dir": "o"}
        jsonschema.validate(good, schema)
        for wrong in ({"grid": {"dropout.logits.rate": [1.5]}}, {"grid": {"training.seed": [1]}}, {"folds": 1}, {"halving": {"rungs": 0.5}}, {"workers": 0}, {"trials": [{"lora": 1}]}):
            with self.assertRaises(jsonschema.ValidationError, msg=wrong):
                jsonschema.validate({**good, **wrong}, schema)
        with self.assertRaises(jsonschema.ValidationError):
            jsonschema.validate({"output_dir": "o"}, schema)

    def test_every_study_that_comes_with_the_program_is_valid_and_names_the_schema(self):
        studies = sorted((tool.SOURCE / "configs" / "sweeps").glob("*.yaml"))
        self.assertTrue(studies)
        schema = tool.run("schema", "--sweep").stdout
        for path in studies:
            self.assertRegex(tool.run("sweep", "run", path, "--dry-run").stdout, r"\n\d+ trials of \d+ cells into ", path)
            place = path.read_text().splitlines()[0].removeprefix("# yaml-language-server: $schema=")
            self.assertEqual((path.parent / place).read_text(), schema, "write it with: hiddenkey schema --sweep > configs/sweep.schema.json")
            jsonschema.validate(yaml.safe_load(path.read_text()), json.loads(schema))


if __name__ == "__main__":
    unittest.main()
