"""The program that people start needs no LibTorch; it hands over to the one that does, and says what is in the way."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

import tool

RUN = ("train", "run.yaml")


class Front(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.root = pathlib.Path(cls.folder.name)

    def torch(self, version):
        """A folder as Python packages have it, which says that it is some version of torch."""
        package = self.root / version / "torch"
        package.mkdir(parents=True)
        (package / "version.py").write_text(f"from typing import Optional\n\n__version__ = '{version}'\n")
        return {"HIDDENKEY_TORCH": package}

    def failure(self, env, code=7):
        return tool.error_line(tool.run(*RUN, env=env, code=code))

    def test_what_needs_no_tensor_runs_without_libtorch(self):
        alone = self.root / "alone"
        alone.mkdir()
        shutil.copy2(tool.TOOL, alone / "hiddenkey")
        pairs = self.root / "pairs.txt"
        pairs.write_text("a b c d\n")
        for arguments in (("--help",), ("--version",), ("train", "--help"), ("schema",), ("completion", "bash"), ("man",),
                          ("score", "--task", "e2e", "--hyp", pairs, "--ref", pairs), ("validate", tool.SOURCE / "configs" / "glue" / "rte.yaml")):
            done = subprocess.run([alone / "hiddenkey", *arguments], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(done.stdout)
        done = subprocess.run([alone / "hiddenkey", *RUN], capture_output=True, text=True)
        self.assertEqual(done.returncode, 7)
        self.assertRegex(tool.error_line(done), r"libexec/hiddenkey-torch: cannot be started: No such file")

    def test_a_missing_torch_is_named(self):
        self.assertIn("torch 2.11 is not installed beside hiddenkey; `pip install 'torch==2.11.*'`", self.failure({"HIDDENKEY_TORCH": ""}))

    def test_another_torch_is_named_with_both_versions(self):
        line = self.failure(self.torch("2.10.1+cpu"))
        self.assertIn("needs torch 2.11, and ", line)
        self.assertIn("is torch 2.10.1+cpu", line)

    def test_a_later_patch_is_as_good(self):
        self.assertIn("run.yaml", self.failure(self.torch("2.11.7"), code=2))

    def test_a_folder_that_names_no_version_is_refused(self):
        package = self.root / "nameless"
        package.mkdir()
        (package / "version.py").write_text("git_version = 'x'\n")
        self.assertIn("version.py: names no version", self.failure({"HIDDENKEY_TORCH": package}))
        self.assertIn("no-such-folder", self.failure({"HIDDENKEY_TORCH": self.root / "no-such-folder"}))


if __name__ == "__main__":
    unittest.main()
