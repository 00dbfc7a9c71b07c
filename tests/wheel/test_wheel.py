"""The wheel, installed into a fresh environment beside the torch that is there already, does what the built program does."""

import os
import pathlib
import subprocess
import sys
import sysconfig
import tempfile
import unittest
import zipfile

import tiny
import tool

MOST_BYTES = 30 << 20


def run(*command, env=None, code=0):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env={**os.environ, **(env or {})})
    if done.returncode != code:
        raise AssertionError(f"exit code {done.returncode}, expected {code}\n{done.stdout}\n{done.stderr}")
    return done


class Wheel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.root = pathlib.Path(cls.folder.name)
        run(tool.SOURCE / "scripts" / "wheel.sh", cls.root, pathlib.Path(tool.TOOL).parent.name)
        [cls.wheel] = cls.root.glob("hiddenkey-*.whl")
        cls.program = cls.install("fresh")
        # A folder of packages may name others: those of the environment that holds torch.
        [packages] = cls.program.parent.parent.glob("lib/python*/site-packages")
        (packages / "torch_is_there.pth").write_text(sysconfig.get_path("purelib") + "\n")

    @classmethod
    def install(cls, name):
        environment = cls.root / name
        run(sys.executable, "-m", "venv", environment)
        run(environment / "bin" / "pip", "install", "--quiet", "--no-index", "--no-deps", cls.wheel)
        return environment / "bin" / "hiddenkey"

    def test_its_name_says_where_it_runs_and_it_is_small(self):
        self.assertRegex(self.wheel.name, r"^hiddenkey-[0-9.]+-py3-none-manylinux_2_36_x86_64\.whl$")
        self.assertLess(self.wheel.stat().st_size, MOST_BYTES)

    def test_it_brings_its_libraries_recipes_and_wordnet_but_no_libtorch(self):
        names = zipfile.ZipFile(self.wheel).namelist()
        for part in ("libicuuc", "libsentencepiece", "wordnet/index.noun", "configs/glue/rte.yaml", "hiddenkey-torch"):
            self.assertTrue(any(part in name for name in names), part)
        self.assertFalse([name for name in names if "libtorch" in name or "libc10" in name])

    def test_pip_is_told_which_torch(self):
        wheel = zipfile.ZipFile(self.wheel)
        [metadata] = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
        self.assertIn("Requires-Dist: torch==2.11.*", wheel.read(metadata).decode())

    def test_it_trains_evaluates_and_predicts(self):
        model = tiny.make_model(self.root / "model")
        task = tiny.make_task(self.root / "task")
        train, dev = task / "train.tsv", task / "dev.tsv"
        runs = self.root / "run"
        run(self.program, "train", tool.SOURCE / "configs" / "demo.yaml", f"model.path={model}", f"task.train={train}",
            f"task.validation={dev}", "training.max_steps=3", "training.max_length=32", f"output_dir={runs}", "training.device=cpu")
        self.assertIn("accuracy", run(self.program, "eval", runs).stdout)
        run(self.program, "predict", runs, "--input", dev, "--output", self.root / "out.tsv")
        self.assertGreater(len((self.root / "out.tsv").read_text().splitlines()), 2)

    def test_meteor_reads_the_wordnet_that_is_brought(self):
        (self.root / "out.txt").write_text("the goose swims\n")
        (self.root / "refs.txt").write_text("the geese swim\n")
        found = run(self.program, "score", "--task", "e2e", "--hyp", self.root / "out.txt", "--ref", self.root / "refs.txt")
        self.assertIn("METEOR", found.stdout.upper())

    def test_the_module_can_be_run(self):
        self.assertIn("hiddenkey", run(self.program.parent / "python", "-m", "hiddenkey", "--version").stdout)

    def test_without_torch_it_says_what_to_install(self):
        alone = self.install("alone")
        run(alone, "--help")
        done = run(alone, "inspect", tool.SOURCE / "configs" / "demo.yaml", code=7)
        self.assertIn("pip install 'torch==2.11.*'", tool.error_line(done))


if __name__ == "__main__":
    unittest.main()
