"""Where memory runs out, a run goes on with fewer examples at a time and the same effective batch."""

import json
import re
import resource
import subprocess
import unittest

from safetensors.numpy import save_file

import tiny
import tool
from task_case import TaskCase

MIB = 1 << 20
PLENTY = 1 << 36
# So wide that a batch of 40 needs hundreds of MiB more than an example alone.
SHAPE = {**tiny.SHAPE, "intermediate_size": 1 << 16}


class OutOfMemory(TaskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tiny.make_model(cls.model, intermediate_size=SHAPE["intermediate_size"])
        save_file(tiny.bert_weights(5 + len(tiny.WORDS), shape=SHAPE), cls.model / "model.safetensors", {"format": "pt"})

    def train(self, name, batch_size, address_space):
        folder = self.root / name
        folder.mkdir(exist_ok=True)
        path = tiny.config(folder, self.model, self.task, dropout={"scheme": "none"}, evaluation={"every": 2, "batch_size": 4},
                           training={"max_steps": 2, "batch_size": batch_size}, checkpoint={"every": 1}, logging={"every": 1})
        done = subprocess.run([tool.TOOL, "train", path, "--overwrite"], capture_output=True, text=True, timeout=300,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space)))
        return folder / "run", done

    def least_address_space(self):
        """What batches of four need, to within 16 MiB."""
        low, high = 256 * MIB, 8192 * MIB
        while high - low > 16 * MIB:
            middle = (low + high) // 2
            _, done = self.train("probe", 4, middle)
            fits = done.returncode == 0 and "memory ran out" not in done.stderr
            low, high = (low, middle) if fits else (middle, high)
        return high

    def test_the_micro_batch_is_halved_and_the_effective_batch_kept(self):
        least = self.least_address_space()
        run, done = self.train("halved", 40, least + 250 * MIB)
        self.assertEqual(done.returncode, 0, done.stderr)
        sizes = re.findall(r"memory ran out with (\d+) examples at a time; a step goes on with (\d+)", done.stderr)
        self.assertEqual(sizes[:1], [("40", "20")], done.stderr)
        state = json.loads((run / "checkpoints" / "step-000002" / "state.json").read_text())
        self.assertEqual(state["micro_batch_size"], int(sizes[-1][1]))
        whole, done = self.train("whole", 40, PLENTY)
        self.assertNotIn("memory ran out", done.stderr)
        losses = [[line["loss"] for line in tool.json_lines(folder / "metrics.jsonl") if line["type"] == "step"] for folder in (run, whole)]
        for halved, plain in zip(*losses, strict=True):
            self.assertAlmostEqual(halved, plain, places=5)  # nothing is dropped, so the sums are those of the whole batch


if __name__ == "__main__":
    unittest.main()
