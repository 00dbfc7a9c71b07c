"""A run's folder: whom it belongs to, what replaces it, what stays in it, and how a run in it stops and goes on."""

import fcntl
import json
import os
import pty
import re
import shlex
import shutil
import signal
import struct
import subprocess
import termios
import time
import unittest

import tiny
import tool
from task_case import TaskCase

CONFIG, DATA, MODEL, IO, STOPPED = 2, 3, 4, 7, 75


class RunFolders(TaskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.finished_config = cls.make_config("finished")
        tool.run("train", cls.finished_config)

    @classmethod
    def make_config(cls, name, **sections):
        folder = cls.root / name
        folder.mkdir()
        return tiny.config(folder, cls.model, cls.task, **{"logging": {"every": 5, "tensorboard": False}, **sections})

    def copy(self, name):
        """A finished run of one's own."""
        run = self.root / name
        shutil.copytree(self.finished_config.parent / "run", run)
        return run

    def everything(self, folder):
        return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}

    def test_a_run_that_cannot_begin_leaves_nothing(self):
        config = self.make_config("cannot")
        for wrong in ("model.path=nowhere", "task.train=nowhere.tsv"):
            done = tool.run("train", config, wrong, f"output_dir={self.root}/cannot/a/b", code=None)
            self.assertIn(done.returncode, (CONFIG, DATA, MODEL, IO))
            self.assertEqual([path.name for path in config.parent.iterdir()], ["config.yaml"])

    def test_overwriting_with_a_config_that_cannot_begin_keeps_the_old_run(self):
        run = self.copy("kept")
        before = self.everything(run)
        tool.run("train", self.finished_config, f"output_dir={run}", "--overwrite", "model.path=nowhere", code=MODEL)
        self.assertEqual(self.everything(run), before)

    def test_a_run_that_is_overwritten_comes_back_where_the_new_one_saves_nothing(self):
        run = self.copy("back")
        before = self.everything(run)
        never = ("checkpoint.every=never", "evaluation.every=never", "training.epochs=4000")
        process = subprocess.Popen([tool.TOOL, "train", self.finished_config, f"output_dir={run}", "--overwrite", *never], stderr=subprocess.DEVNULL)
        while process.poll() is None and not (run / ".replaced" / "config.yaml").exists():
            time.sleep(0.005)
        process.kill()
        process.wait()
        done = tool.run("train", run, "--resume")
        self.assertIn("the old one is put back", done.stderr)
        self.assertIn("nothing to do", done.stderr)
        self.assertEqual(self.everything(run), before)

    def test_overwriting_replaces_a_run_and_no_file_of_others(self):
        run = self.copy("overwritten")
        notes = [run / "notes.txt", run / "adapter" / "README.md", run / "checkpoints" / "mine" / "x", run / "checkpoints" / "step-000012" / "note", run / "model" / "config.json"]
        for note in notes:
            note.parent.mkdir(exist_ok=True)
            note.write_text("mine")
        tool.run("train", self.finished_config, f"output_dir={run}", "--overwrite", "training.seed=7", "training.epochs=1")
        for note in notes:
            self.assertEqual(note.read_text(), "mine", note)
        self.assertEqual(json.loads((run / "result.json").read_text())["steps"], 12)
        self.assertFalse((run / "checkpoints" / "step-000024").exists())
        self.assertFalse((run / ".replaced").exists())

    def test_a_folder_that_is_no_run_is_never_overwritten(self):
        config = self.make_config("foreign")
        for flag in ((), ("--overwrite",)):
            done = tool.run("train", config, f"output_dir={config.parent}", *flag, code=CONFIG)
            self.assertIn("config.yaml, which no run of hiddenkey has written", tool.error_line(done))
        base = self.root / "own" / "model"
        shutil.copytree(self.model, base)
        done = tool.run("train", config, f"model.path={base}", f"output_dir={base.parent}", "--overwrite", "method=full", "training.max_steps=1", code=CONFIG)
        self.assertIn("model", tool.error_line(done))
        self.assertEqual(self.everything(base), self.everything(self.model))

    def test_a_base_inside_of_the_run_that_would_be_replaced_is_refused(self):
        config = self.make_config("inside", method="full", training={"max_steps": 1, "learning_rate": 1e-4})
        tool.run("train", config)
        done = tool.run("train", config, f"model.path={config.parent}/run/model", "--overwrite", code=CONFIG)
        self.assertIn("lies in what the run", tool.error_line(done))

    def test_the_root_of_the_file_system_is_refused(self):
        done = tool.run("train", self.finished_config, "output_dir=/", "--overwrite", code=CONFIG)
        self.assertIn("is the root of the file system", tool.error_line(done))

    def test_a_second_process_is_told_at_once(self):
        config = self.make_config("locked", training={"epochs": 4000}, evaluation={"every": "never"})
        process = subprocess.Popen([tool.TOOL, "train", config], stderr=subprocess.DEVNULL)
        try:
            while not (config.parent / "run" / "config.yaml").exists():
                time.sleep(0.01)
            for flag in ((), ("--overwrite",), ("--resume",)):
                done = tool.run("train", config, *flag, code=CONFIG)
                self.assertIn("another process is writing there", tool.error_line(done))
        finally:
            process.kill()
            process.wait()

    def test_a_log_that_is_a_link_is_not_followed(self):
        run = self.copy("linked")
        shutil.rmtree(run / "adapter")
        other = self.root / "other.txt"
        other.write_text("mine")
        (run / "log.txt").unlink()
        (run / "log.txt").symlink_to(other)
        done = tool.run("train", run, "--resume", code=IO)
        self.assertIn("symbolic link", done.stderr.splitlines()[-1])
        self.assertEqual(other.read_text(), "mine")

    def test_resuming_over_another_base_or_other_data_is_refused(self):
        run = self.copy("bases")
        shutil.rmtree(run / "adapter")
        before = self.everything(run)
        other = shutil.copytree(self.model, self.root / "other_base")
        data = (other / "model.safetensors").read_bytes()
        (other / "model.safetensors").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        done = tool.run("train", run, "--resume", f"model.path={other}", code=MODEL)
        self.assertIn("was made with other base weights", done.stderr.splitlines()[-1])
        shutil.copy(self.model / "model.safetensors", other)
        (other / "config.json").write_text((other / "config.json").read_text().replace('"gelu"', '"relu"'))
        done = tool.run("train", run, "--resume", f"model.path={other}", code=MODEL)
        self.assertIn("was made with another base config.json", done.stderr.splitlines()[-1])
        task = tiny.make_task(self.root / "other_task", seed=1)
        for key, what in (("train", "training"), ("validation", "evaluation")):
            done = tool.run("train", run, "--resume", f"task.{key}={task}/{'train' if key == 'train' else 'dev'}.tsv", code=CONFIG)
            self.assertIn(f"was made with other {what} data", done.stderr.splitlines()[-1])
        self.assertEqual(self.everything(run), before)
        moved = shutil.copytree(self.model, self.root / "moved_base")
        tool.run("train", run, "--resume", f"model.path={moved}")

    def test_a_finished_run_has_nothing_to_do(self):
        run = self.copy("done")
        before = self.everything(run)
        done = tool.run("train", run, "--resume")
        self.assertIn("nothing to do", done.stderr)
        self.assertIn("done: 24 steps", done.stdout)
        self.assertEqual(json.loads(tool.run("train", run, "--resume", "--json").stdout)["steps"], 24)
        self.assertEqual(self.everything(run), before)

    def test_a_run_that_stopped_early_is_finished(self):
        config = self.make_config("early", training={"epochs": 50, "learning_rate": 1e-7}, evaluation={"patience": 2, "every": 5})
        tool.run("train", config)
        self.assertIn("nothing to do", tool.run("train", config, "--resume").stderr)

    def test_neither_damaged_nor_foreign_checkpoints_push_a_whole_one_out(self):
        run = self.copy("rotated")
        checkpoints = run / "checkpoints"
        shutil.rmtree(run / "adapter")
        shutil.rmtree(checkpoints / "step-000024")
        damaged = shutil.copytree(checkpoints / "step-000012", checkpoints / "step-000048")
        (damaged / "state.json").write_text("{}")
        foreign = checkpoints / "step-000099"
        foreign.mkdir()
        (foreign / "mine").write_text("mine")
        done = tool.run("train", run, "--resume", "checkpoint.keep=1")
        self.assertIn("step-000048: is damaged and passed over", done.stderr)
        self.assertIn("resumed after step 12", done.stderr)
        self.assertTrue((checkpoints / "step-000024" / "MANIFEST").exists())
        self.assertTrue((damaged / "MANIFEST").exists())
        self.assertEqual((foreign / "mine").read_text(), "mine")

    def test_the_best_checkpoint_is_marked_and_stays(self):
        config = self.make_config("best", training={"epochs": 5}, checkpoint={"keep": 1})
        tool.run("train", config)
        run = config.parent / "run"
        best = json.loads((run / "result.json").read_text())["best"]["step"]
        marks = [path.parent.name for path in (run / "checkpoints").glob("*/BEST")]
        self.assertEqual(marks, [f"step-{best:06}"])
        self.assertEqual({path.name for path in (run / "checkpoints").iterdir()}, {f"step-{best:06}", "step-000060"})
        for folder in (run / "checkpoints").iterdir():
            subprocess.run(["sha256sum", "--quiet", "-c", "MANIFEST"], cwd=folder, check=True)

    def stopped(self, number, name, wait_for="metrics.jsonl", size=1):
        config = self.make_config(name, training={"epochs": 300}, evaluation={"every": "never"}, checkpoint={"every": "never"})
        process = subprocess.Popen([tool.TOOL, "train", config], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        awaited = config.parent / "run" / wait_for
        while process.poll() is None and not (awaited.exists() and awaited.stat().st_size >= size):
            time.sleep(0.002)
        process.send_signal(number)
        _, errors = process.communicate(timeout=120)
        self.assertEqual(process.returncode, STOPPED, errors)
        return config.parent, errors

    def test_every_signal_that_ends_a_job_saves_the_state(self):
        for number in (signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU, signal.SIGQUIT):
            folder, errors = self.stopped(number, f"it's {number.name}")
            last = errors.splitlines()[-1]
            self.assertNotIn("error:", errors)
            self.assertIn("the state is saved", last)
            words = shlex.split(last.split("go on with: ")[1])
            self.assertEqual(words, ["hiddenkey", "train", str(folder / "run"), "--resume"])
            self.assertEqual(len(list((folder / "run" / "checkpoints").iterdir())), 1)

    def test_a_signal_while_data_loads_is_served_there(self):
        config = self.make_config("loading")
        rows = (self.task / "train.tsv").read_text().splitlines()
        large = self.root / "large.tsv"
        large.write_text("\n".join(rows[:1] + 4000 * rows[1:]) + "\n")
        env = {**os.environ, "XDG_CACHE_HOME": str(self.root / "nocache")}
        process = subprocess.Popen([tool.TOOL, "train", config, f"task.train={large}"], stderr=subprocess.PIPE, text=True, env=env)
        while process.poll() is None and not (config.parent / "run").exists():
            time.sleep(0.002)
        process.send_signal(signal.SIGUSR1)
        _, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, STOPPED, errors)
        self.assertIn("before the first step; nothing was written", errors.splitlines()[-1])
        self.assertFalse((config.parent / "run").exists())

    def test_a_file_that_grows_too_large_is_an_error_of_the_disk(self):
        config = self.make_config("limited")
        done = subprocess.run(["bash", "-c", f"ulimit -f 4; exec {shlex.quote(tool.TOOL)} train {shlex.quote(str(config))}"], capture_output=True, text=True)
        self.assertEqual(done.returncode, IO, done.stderr)
        self.assertIn("larger than is allowed", done.stderr.splitlines()[-1])

    def on_terminal(self, columns, *arguments, env=None):
        """What a terminal of that width is sent."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        base = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "TERM")}
        with subprocess.Popen([tool.TOOL, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=theirs, env={**base, "TERM": "xterm", **(env or {})}) as process:
            os.close(theirs)
            shown = b""
            try:
                while part := os.read(ours, 65536):
                    shown += part
            except OSError:  # how Linux tells that nobody writes any more
                pass
        os.close(ours)
        self.assertEqual(process.returncode, 0, shown)
        return shown.decode()

    def test_the_bar_shows_share_times_and_loss_within_the_window(self):
        for columns, colour in ((100, True), (40, False)):
            shown = self.on_terminal(columns, "train", self.make_config(f"bar{columns}"), env={} if colour else {"NO_COLOR": "1"})
            self.assertEqual("\033[32m" in shown, colour)
            plain = re.sub("\033\\[[0-9;]*m", "", shown)
            bars = [bar for bar in plain.split("\r\033[K")[1:] if re.match(r"\[?[#.]*\]? ?[0-9]+%", bar)]
            bars = [bar.splitlines()[0] for bar in bars]
            self.assertTrue(bars)
            self.assertLess(max(map(len, bars)), columns)
            self.assertTrue(any(re.search(r"100%  0:0[0-9]", bar) for bar in bars), bars)
            if colour:
                self.assertRegex(bars[-1], r"^\[#{30}\] 100%  0:\d\d \(0:00 left\)  24/24 loss \d\.\d{4}$")
            # What is logged stays on the screen.
            for step in (5, 10, 15, 20, 24):
                self.assertIn(f"step {step}/24  loss ", shown)
            self.assertTrue(shown.endswith("\r\033[K") or "\n" == shown[-1])

    def test_a_dry_run_prints_its_plan(self):
        config = self.make_config("plan")
        done = tool.run("train", config, "--dry-run", "--json")
        plan = json.loads(done.stdout)
        self.assertEqual(plan["steps"]["total"], 24)
        self.assertEqual(plan["steps"]["per_epoch"], 12)
        self.assertEqual(plan["schedule"], {"kind": "linear", "learning_rate": 0.01, "warmup_steps": 2})
        self.assertEqual(plan["data"]["train"]["examples"], 96)
        self.assertEqual(plan["data"]["dev"]["examples"], 40)
        self.assertEqual(plan["lora_targets"], {"query": 2, "value": 2})
        self.assertEqual(plan["parameters"]["adapters"], 2 * 2 * 8 * 32)
        self.assertEqual(plan["model"]["family"], "bert")
        self.assertEqual(len(plan["dropout"]), 2)
        self.assertEqual(plan["consistency"]["loss"], "kl")
        self.assertEqual(plan["memory"]["total"], sum(plan["memory"][part] for part in ("model_and_data", "training_state", "activations")))
        self.assertFalse((config.parent / "run").exists())
        done = tool.run("train", config, "--dry-run")
        self.assertEqual(done.stdout, "")
        self.assertIn("steps: 24 (12 an epoch, warm-up 2)", done.stderr)

    def test_merging_goes_through_no_link_and_keeps_others_out(self):
        run = self.copy("merged")
        trap = self.root / "trap"
        trap.mkdir()
        (trap / "evil").write_text("x")
        (self.root / ".out.tmp").symlink_to(trap)
        tool.run("merge", run, "--output", self.root / "out")
        self.assertEqual({path.name for path in trap.iterdir()}, {"evil"})
        self.assertFalse((self.root / "out" / "evil").exists())
        self.assertTrue((self.root / "out" / "model.safetensors").exists())
        done = tool.run("merge", run, "--output", "", code=CONFIG)
        self.assertIn("--output: is empty", tool.error_line(done))
        claimed = self.root / "claimed"
        claimed.mkdir()
        lock = os.open(claimed, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = tool.run("merge", run, "--output", claimed, code=CONFIG)
        self.assertIn("another process is writing there", tool.error_line(done))
        os.close(lock)
        tool.run("merge", self.root / "nowhere", "--output", self.root / "none" / "x", code=MODEL)
        self.assertFalse((self.root / "none").exists())


if __name__ == "__main__":
    unittest.main()
