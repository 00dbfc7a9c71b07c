"""Sweeps as job arrays: on a Slurm that the test starts itself, and beside stand-ins that say what a small one cannot."""

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import unittest

import slurm
import task_case
import tiny
import tool

CONFIG, IO, SOME_FAILED, STOPPED = 2, 7, 8, 75
SHORT = {"epochs": 1}
LONG = {"epochs": 25}  # steps enough to be caught in the middle
WAIT = 60  # seconds after which a test gives up; nothing is measured by it


def wait_for(condition):
    end = time.monotonic() + WAIT
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("what was waited for did not come")
        time.sleep(0.2)


class SlurmCase(task_case.TaskCase):
    environment = {}

    def make(self, name, training=SHORT, **keys):
        """A sweep of the tiny task in a folder of its own; its file, and its output folder."""
        folder = self.root / name
        folder.mkdir()
        seldom = {"every": 200}  # what takes longer than the steps themselves
        tiny.config(folder, self.model, self.task, training=training, dropout={"scheme": "none"}, evaluation=seldom, checkpoint=seldom)
        file = folder / "sweep.yaml"
        file.write_text(json.dumps({"base": "config.yaml", "output_dir": str(folder / "out"), "seeds": [1, 2], "retries": 0, **keys}))
        return file, folder / "out"

    def sweep(self, action, *arguments, code=0, **environment):
        return tool.run("sweep", action, *arguments, code=code, env={**self.environment, **environment})

    def submit(self, file, *arguments):
        """The number of the job."""
        return json.loads(self.sweep("run", file, "--slurm", "--json", *arguments).stdout)["job"]

    def status(self, out):
        return json.loads(self.sweep("status", out, "--json").stdout)


class OnSlurm(SlurmCase):
    @classmethod
    def setUpClass(cls):
        try:
            cls.cluster = slurm.Cluster()
        except slurm.CannotStart as reason:
            raise unittest.SkipTest(f"Slurm does not run here: {reason}") from None
        cls.addClassCleanup(cls.cluster.stop)
        cls.environment = {"SLURM_CONF": cls.cluster.environment["SLURM_CONF"]}
        super().setUpClass()

    def wait_for_tasks(self, job, states):
        try:
            wait_for(lambda: self.cluster.tasks(job) == states)
        except AssertionError:
            said = "".join(path.read_text() for path in self.root.glob(f"*/out/slurm/{job}_*.txt"))
            raise AssertionError(f"{self.cluster.tasks(job)} has not become {states}: {said}") from None

    def wait_for_training(self, out, trial):
        metrics = out / "trials" / trial / "metrics.jsonl"
        wait_for(lambda: metrics.exists() and metrics.stat().st_size > 0)

    @staticmethod
    def process_of(*words):
        """The one whose command line has these words, one behind the other."""
        wanted = "".join(f"\0{word}" for word in words).encode()
        for folder in pathlib.Path("/proc").iterdir():
            try:
                if folder.name.isdigit() and wanted in (folder / "cmdline").read_bytes():
                    return int(folder.name)
            except OSError:  # it has ended
                pass
        raise AssertionError(f"no process runs with {words}")

    @contextlib.contextmanager
    def held(self, out, trial):
        """A trial that does not come to its end meanwhile."""
        self.wait_for_training(out, trial)
        process = self.process_of("train", out / "configs" / f"{trial}.yaml")
        os.kill(process, signal.SIGSTOP)
        yield
        os.kill(process, signal.SIGCONT)

    def expect_resumed_as_if_never_stopped(self, out, trial):
        self.assertIn("resumed after step", (out / "trials" / trial / "log.txt").read_text())
        alone = out.parent / ("alone-" + trial)
        tool.run("train", out / "configs" / f"{trial}.yaml", f"output_dir={alone}", env={"OMP_NUM_THREADS": "1"})
        self.assertEqual(self.adapter(out / "trials" / trial), self.adapter(alone))

    def test_an_array_leaves_what_a_driver_leaves_and_only_open_trials_are_submitted_again(self):
        file, out = self.make("whole", seeds=[1], trials=[{"name": "tame"}, {"name": "wild", "training.learning_rate": 1e30}])
        first = self.submit(file)
        self.wait_for_tasks(first, {0: "COMPLETED", 1: "FAILED"})
        status = self.status(out)
        self.assertEqual((status["done"], status["failed"], status["slurm_jobs"], status["is_driven"]), (1, 1, [], False))
        self.assertIn("the loss or its gradient is NaN or Inf", status["failed_trials"][0]["error"])
        second = self.submit(file, "seeds=1,2")
        self.assertEqual(re.findall("^  (.*)$", (out / "slurm" / "array.sh").read_text(), re.MULTILINE), ["tame,seed=2", "wild,seed=1", "wild,seed=2"])
        self.wait_for_tasks(second, {0: "COMPLETED", 1: "FAILED", 2: "FAILED"})
        self.assertEqual((self.status(out)["done"], self.status(out)["failed"]), (2, 2))
        driven, there = self.make("driven", trials=[{"name": "tame"}])
        tool.run("sweep", "run", driven, env={"OMP_NUM_THREADS": "1"})
        for trial in ("tame,seed=1", "tame,seed=2"):
            self.assertEqual(self.adapter(out / "trials" / trial), self.adapter(there / "trials" / trial))

    def test_requeued_tasks_go_on_and_no_trial_is_given_out_twice_meanwhile(self):
        file, out = self.make("requeued", LONG)
        job = self.submit(file, "--array-limit", 1)
        with self.held(out, "base,seed=1"):
            status = self.status(out)
            self.assertEqual((status["running"], status["waiting"], status["is_driven"]), (1, 1, True))
            self.assertEqual([(task["trial"], task["state"], task["reason"]) for task in status["slurm_jobs"][0]["tasks"]],
                             [("base,seed=1", "RUNNING", "None"), ("base,seed=2", "PENDING", "JobArrayTaskLimit")])
            again = self.sweep("run", file, "--slurm")
            self.assertIn(f"Slurm's job {job}: 1 running, 1 pending (JobArrayTaskLimit); these trials are not submitted again", again.stderr)
            self.assertEqual(again.stdout, "nothing is submitted: every trial is done or in Slurm's hands\n")
            self.assertIn(f"`scancel {job}` takes them back", tool.error_line(self.sweep("run", file, code=CONFIG)))
            self.cluster.ask("scontrol", "requeue", f"{job}_0")  # as one that has been pre-empted is
        with self.held(out, "base,seed=2"):
            text = self.sweep("status", out).stdout
            self.cluster.ask("scancel", "--batch", "--signal=USR1", f"{job}_1")  # the warning of a time limit
        self.assertRegex(text, f"\nSlurm's job {job}: 1 running, 1 requeued \\(\\w+\\)\n")
        self.wait_for_tasks(job, {0: "PENDING", 1: "PENDING"})
        self.assertEqual(self.status(out)["paused"], 2)
        for task in (0, 1):
            self.cluster.ask("scontrol", "update", f"jobid={job}_{task}", "starttime=now")
        self.wait_for_tasks(job, {0: "COMPLETED", 1: "COMPLETED"})
        self.assertIn("resumed after step", (out / "trials" / "base,seed=1" / "log.txt").read_text())
        self.expect_resumed_as_if_never_stopped(out, "base,seed=2")

    def test_a_killed_task_has_failed_and_a_cancelled_one_goes_on_later(self):
        file, out = self.make("killed", LONG, seeds=[1])
        first = self.submit(file)
        self.wait_for_training(out, "base,seed=1")
        os.kill(self.process_of("worker", out), signal.SIGKILL)
        self.wait_for_tasks(first, {0: "FAILED"})
        status = self.status(out)
        self.assertRegex(status["failed_trials"][0]["error"], f"^Slurm's task {first}_0 ended \\(FAILED, \\w+\\)$")
        second = self.submit(file)
        wait_for(lambda: "resumed after step" in (out / "trials" / "base,seed=1" / "log.txt").read_text())
        self.cluster.ask("scancel", second)
        self.wait_for_tasks(second, {0: "CANCELLED"})
        status = self.status(out)
        self.assertEqual((status["paused"], status["failed"], status["is_driven"]), (1, 0, False))
        self.expect_silence_to_be_told(file, out)

    def expect_silence_to_be_told(self, file, out):
        """Of a controller that does not answer."""
        settings = pathlib.Path(self.environment["SLURM_CONF"])
        gone = settings.with_name("gone.conf")
        gone.write_text(re.sub("SlurmctldPort=.*", f"SlurmctldPort={slurm.free_ports(1)[0]}", settings.read_text()) + "MessageTimeout=2\n")
        done = self.sweep("status", out, SLURM_CONF=str(gone))
        self.assertRegex(done.stderr, "^warning: Slurm does not tell how far its tasks are: .*\n$")
        self.assertIn("1 trial: 1 paused", done.stdout)
        done = self.sweep("run", file, "--slurm", code=IO, SLURM_CONF=str(gone))
        self.assertIn("nothing is submitted, because it may be in Slurm's queue already", tool.error_line(done))

    def test_what_sbatch_refuses_is_told_in_its_own_words_and_nothing_is_noted(self):
        file, out = self.make("refused")
        for arguments, words in ((("--partition", "nowhere"), "invalid partition specified: nowhere"), (("--time", "soon"), "Invalid --time specification"),
                                 (("--", "--mem=1000T"), "Memory specification can not be satisfied"), (("--gpus-per-task", "1"), "Invalid generic resource (gres) specification")):
            error = tool.error_line(self.sweep("run", file, "--slurm", *arguments, code=CONFIG))
            self.assertIn("--slurm: sbatch refuses: ", error)
            self.assertIn(words, error)
        self.assertFalse((out / "slurm" / "arrays.jsonl").exists())
        self.assertEqual(self.status(out)["waiting"], 2)


class BesideStandIns(SlurmCase):
    """Each of Slurm's commands is a script that notes how it was called and says what the test wants."""

    SCRIPT = """#!/bin/sh
said="{folder}/${{0##*/}}"
printf '%s\\n' "$@" > "$said.arguments"
cat "$said.out"
cat "$said.err" >&2
exit "$(cat "$said.code")"
"""

    def setUp(self):
        self.folder = self.root / self.id().rsplit(".", 1)[1]
        (self.folder / "bin").mkdir(parents=True)
        self.environment = {"PATH": f"{self.folder}/bin:/usr/bin:/bin"}
        for name in ("sbatch", "squeue", "sacct", "scontrol"):
            script = self.folder / "bin" / name
            script.write_text(self.SCRIPT.format(folder=self.folder))
            script.chmod(0o755)
            self.let(name)
        self.let("sbatch", "12\n")
        self.let("sacct", "", "Slurm accounting storage is disabled\n", 1)

    def let(self, program, out="", err="", code=0):
        for end, text in (("out", out), ("err", err), ("code", str(code))):
            (self.folder / f"{program}.{end}").write_text(text)

    def arguments(self, program):
        return (self.folder / f"{program}.arguments").read_text().splitlines()

    def make(self, name="sweep", *arguments, **keys):
        return super().make(f"{self.folder.name}/{name}", *arguments, **keys)

    def append(self, out, trial, **event):
        (out / "tasks").mkdir(exist_ok=True)
        with open(out / "tasks" / f"{trial}.jsonl", "a") as log:
            log.write(json.dumps({"trial": trial, "time": time.time(), "attempt": 1, **event}) + "\n")

    def test_sbatch_is_called_as_the_command_line_says(self):
        file, out = self.make("100% sure", seeds=[1, 2, 3])
        arguments = ["--partition", "gpu", "--gpus-per-task", "volta:1", "--time", "4:00:00", "--array-limit", "2"]
        passed_on = ["--qos=high", "-A", "lab", "--signal=B:USR1@600"]
        dry = self.sweep("run", file, "--slurm", "--dry-run", *arguments, "--", *passed_on)
        self.assertFalse(out.exists())
        self.submit(file, *arguments, "--", *passed_on)
        expected = ["--parsable", "--array=0-2%2", "--ntasks=1", "--job-name=out", "--requeue", "--open-mode=append", "--signal=B:USR1@120",
                    f"--output={out}/slurm/%A_%a.txt".replace("100%", "100%%"), "--partition=gpu", "--gpus-per-task=volta:1", "--time=4:00:00", *passed_on, f"{out}/slurm/array.sh"]
        self.assertEqual(self.arguments("sbatch"), expected)
        command, script = dry.stdout.split("\n\n", 1)
        self.assertEqual(subprocess.run(["bash", "-c", command], env={**os.environ, **self.environment}, capture_output=True, check=True).stdout, b"12\n")
        self.assertEqual(self.arguments("sbatch"), expected)
        self.assertEqual((out / "slurm" / "array.sh").read_text(), script)
        listed = json.loads(self.sweep("run", file, "--slurm", "--dry-run", "--json", "seeds=1,2,3,4").stdout)
        self.assertEqual((listed["trials"], listed["command"][2]), (["base,seed=1", "base,seed=2", "base,seed=3", "base,seed=4"], "--array=0-3"))

    def test_the_script_runs_the_trial_of_its_number_on_the_processors_that_slurm_gives(self):
        file, out = self.make()
        self.submit(file)
        environment = {**os.environ, "SLURM_ARRAY_TASK_ID": "1", "SLURM_CPUS_PER_TASK": "2", "OMP_NUM_THREADS": "7"}
        done = subprocess.run(["bash", out / "slurm" / "array.sh"], env=environment, capture_output=True, text=True, check=True)
        self.assertIn("base,seed=2: done", done.stderr)
        self.assertEqual(sorted(os.listdir(out / "trials")), ["base,seed=2"])
        self.assertIn("2 threads", json.loads((out / "trials" / "base,seed=2" / "result.json").read_text())["device"])
        by_number = self.sweep("worker", out, "--index", 1)  # the same trial, by its place in the list
        self.assertIn("1 of 1 trials are done already", by_number.stderr)
        self.assertIn("2 trials: 1 done, 1 waiting", self.sweep("worker", out, "--index", 4, "--of", 5).stdout)  # a worker without a trial
        self.let("squeue", "12|0|NODE_FAIL|NodeDown\n")
        self.sweep("report", out)
        self.assertIn("Slurm's task 12_0 lost its node", (out / "results.csv").read_text())

    def test_a_task_that_saves_nothing_within_its_time_limit_does_not_go_back_into_the_queue(self):
        file, out = self.make("sweep", LONG, seeds=[1])
        worker = subprocess.Popen([tool.TOOL, "sweep", "worker", str(file), "--index", "0", "--requeue"], stderr=subprocess.PIPE, text=True,
                                  env={**os.environ, **self.environment, "SLURM_ARRAY_JOB_ID": "12", "SLURM_ARRAY_TASK_ID": "0", "SLURM_JOB_ID": "13"})
        worker.stderr.readline()  # it starts, and watches signals
        worker.send_signal(signal.SIGUSR1)
        said = worker.communicate()[1]
        self.assertEqual(worker.returncode, STOPPED)
        self.assertIn("so a longer --time is needed", said)
        self.assertFalse((self.folder / "scontrol.arguments").exists())
        self.assertFalse((out / "trials" / "base,seed=1" / "checkpoints").exists())

    def test_what_slurm_says_of_tasks_that_told_nothing_themselves(self):
        seeds = list(range(10))
        file, out = self.make(seeds=seeds)
        self.submit(file)
        for seed in seeds:
            if seed not in (5, 6):
                self.append(out, f"base,seed={seed}", state="running")
        self.append(out, "base,seed=9", state="failed", exit_code=137, error="killed by signal 9 (Killed)")
        (out / "slurm" / "12_6.txt").write_text("error: --trial: is no good\n")
        states = ["OUT_OF_MEMORY|OutOfMemory", "RUNNING|None", "NODE_FAIL|NodeDown", "PENDING|BeginTime", None, "PENDING|Resources", "FAILED|NonZeroExitCode", None, "UNHEARD_OF|None", "OUT_OF_MEMORY|OutOfMemory"]
        self.let("squeue", "".join(f"12|{task}|{state}\n" for task, state in enumerate(states) if state))
        self.let("sacct", "12_4|TIMEOUT\n12_3|FAILED\n")
        text = self.sweep("status", out).stdout
        self.assertEqual(text.splitlines(), [
            "10 trials: 2 running, 6 failed, 1 paused, 1 waiting", "Slurm's job 12: 2 running, 1 pending, 1 requeued (BeginTime, Resources)",
            "failed: base,seed=0: Slurm's task 12_0 ran out of memory (OUT_OF_MEMORY, OutOfMemory)", "running: base,seed=1",
            "failed: base,seed=2: Slurm's task 12_2 lost its node (NODE_FAIL, NodeDown)", "failed: base,seed=4: Slurm's task 12_4 reached its time limit (TIMEOUT)",
            "failed: base,seed=6: --trial: is no good (Slurm's task 12_6)", "failed: base,seed=7: Slurm's task 12_7 ended without a word, and Slurm does not know it any more",
            "running: base,seed=8", "failed: base,seed=9: killed by signal 9 (Killed); Slurm's task 12_9 ran out of memory (OUT_OF_MEMORY, OutOfMemory)"])
        self.assertEqual(self.arguments("squeue"), ["--noheader", "--array", "--states=all", "--jobs=12", "--format=%F|%K|%T|%r"])
        self.assertEqual(self.submit(file), "12")
        self.assertEqual(self.arguments("sbatch")[1], "--array=0-5")

    def test_jobs_that_slurm_has_forgotten_are_no_silence(self):
        file, out = self.make()
        self.submit(file)
        self.append(out, "base,seed=1", state="running")
        self.append(out, "base,seed=1", state="paused", exit_code=STOPPED)
        self.let("squeue", "", "slurm_load_jobs error: Invalid job id specified\n", 1)
        done = self.sweep("status", out)
        self.assertEqual((done.stdout, done.stderr), ("2 trials: 1 paused, 1 waiting\n", ""))

    def test_an_array_is_no_larger_than_slurm_takes(self):
        self.let("scontrol", "Configuration data as of now\nMaxArraySize            = 2\nMaxDBDMsgs = 20008\n")
        file, _ = self.make(seeds=[1, 2, 3])
        done = self.sweep("run", file, "--slurm")
        self.assertIn("this Slurm takes no more than 2 tasks in an array; 1 trial is left for the next", done.stderr)
        self.assertIn("--array=0-1", self.arguments("sbatch"))

    def test_an_array_of_another_cluster_is_asked_for_there(self):
        self.let("sbatch", "12;far\n")
        file, out = self.make()
        self.submit(file, "--", "--clusters=far")
        self.status(out)
        self.assertIn("--clusters=far", self.arguments("squeue"))

    def test_options_that_make_the_array_are_not_passed_on(self):
        file, out = self.make()
        for word, name in (("--array=1-3", "--array"), ("--arr", "--array"), ("-a1-3", "--array"), ("-n", "--ntasks"), ("--wait", "--wait"), ("-W", "--wait"), ("--wrap=ls", "--wrap"),
                           ("--parsable", "--parsable"), ("--test-only", "--test-only")):
            error = tool.error_line(self.sweep("run", file, "--slurm", "--", "--qos=high", word, code=CONFIG))
            self.assertIn(f'"{word}" cannot be passed on to sbatch: {name} is what `hiddenkey sweep run --slurm` sets itself', error)
        for arguments, words in ((("--", "--qos=high"), '"--qos=high": what stands behind -- goes to sbatch, with --slurm'), (("--partition", "gpu"), "--slurm"), (("--slurm", "--array-limit", "0"), "--array-limit")):
            self.assertIn(words, tool.error_line(self.sweep("run", file, *arguments, code=CONFIG)))
        self.assertFalse(out.exists())

    def test_without_sbatch_or_with_one_that_says_no_number_nothing_is_noted(self):
        file, out = self.make()
        (self.folder / "empty").mkdir()
        self.assertIn("there is no sbatch on PATH", tool.error_line(self.sweep("run", file, "--slurm", code=CONFIG, PATH=str(self.folder / "empty"))))
        self.let("sbatch", "Submitted something\n")
        self.assertIn('tells no job\'s number, but "Submitted something', tool.error_line(self.sweep("run", file, "--slurm", code=CONFIG)))
        self.let("sbatch", "", "sbatch: error: a\nsbatch: error: Batch job submission failed: b\n", 1)
        self.assertTrue(tool.error_line(self.sweep("run", file, "--slurm", code=CONFIG)).endswith("sbatch refuses: a; Batch job submission failed: b"))
        self.assertFalse((out / "slurm" / "arrays.jsonl").exists())

    def test_a_worker_of_one_trial(self):
        file, _ = self.make()
        for arguments, words in ((("--trial", "base,seed=3"), 'there is no trial "base,seed=3" (did you mean "base,seed='), (("--index", "2"), "--index: 2 is none of the 2 trials, which are 0 to 1"),
                                 ((), "--index: is missing"), (("--of", "2"), "--index"), (("--trial", "base,seed=1", "--index", "1"), "--trial")):
            self.assertIn(words, tool.error_line(self.sweep("worker", file, *arguments, code=CONFIG)))


if __name__ == "__main__":
    unittest.main()
