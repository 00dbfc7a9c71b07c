"""The check for GPUs, tried on a CPU: it runs the program, compares with the peer, and says what failed."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(os.environ["HIDDENKEY_SOURCE"], "scripts", "gpu_check.py")


class GpuCheck(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def check(self, *steps, program=os.environ["HIDDENKEY"], code=0):
        command = [sys.executable, SCRIPT, self.folder.name, "--program", program, "--device", "cpu", "--small", "--only", ",".join(steps)]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        summary = json.loads(pathlib.Path(self.folder.name, "summary.json").read_text())
        return done.stdout, {step["step"]: step for step in summary["steps"]}, summary["held"]

    def test_steps_hold_on_a_cpu_and_those_that_need_a_gpu_are_named(self):
        table, steps, held = self.check("machine", "models", "kernels", "parity-peer", "families", "repeat", "waits", "sanitizer")
        self.assertTrue(held)
        self.assertIn("6 steps held. Not tried: waits, sanitizer.", table)
        self.assertLess(steps["parity-peer"]["numbers"]["roberta-tiny logits"], 1e-5)
        self.assertEqual(steps["families"]["numbers"]["modernbert dora"], 0)
        first, second = steps["repeat"]["numbers"]["llama-tiny"].split()
        self.assertEqual(first, second)

    def test_a_step_that_fails_stops_no_other_and_the_exit_code_says_so(self):
        table, steps, held = self.check("machine", "models", program="/bin/false", code=1)
        self.assertFalse(held)
        self.assertEqual([step["verdict"] for step in steps.values()], ["FAIL", "PASS"])
        self.assertIn("Failed: machine.", table)


if __name__ == "__main__":
    unittest.main()
