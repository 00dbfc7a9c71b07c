"""Where nobody names lora.target_modules, a family's are those of PEFT's table."""

import json
import pathlib
import tempfile
import unittest

from peft.utils.constants import TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING as TABLE

import tiny
import tiny_hub
import tool

# PEFT has none for these.
OURS = {"modernbert": ["Wqkv"], "distilbert": ["q_lin", "v_lin"]}


class DefaultTargets(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)
        self.root = pathlib.Path(self.place.name)
        self.task = tiny.make_task(self.root / "task", train=16, dev=8)

    def config(self, family, **sections):
        model = tiny_hub.make(self.root / family, family, pad_token_id=tiny_hub.PAD)
        return tiny.config(self.root, model, self.task, **sections)

    def test_each_familys_are_peft_s(self):
        for family in tiny_hub.SHAPES:
            for lora in ({}, {"target_modules": "auto"}):
                with self.subTest(family, lora=lora):
                    shown = json.loads(tool.run("inspect", self.config(family, lora=lora), "--json").stdout)
                    self.assertEqual(list(shown["lora_targets"]), OURS.get(family) or TABLE[family])

    def test_a_run_on_a_decoder_saves_them_and_can_be_resumed(self):
        config = self.config("llama", training={"max_steps": 2, "batch_size": 8, "max_length": 60})
        done = tool.run("train", config)
        saved = json.loads((self.root / "run" / "adapter" / "adapter_config.json").read_text())
        self.assertEqual(saved["target_modules"], ["q_proj", "v_proj"])
        self.assertIn('lora: "q_proj" matches 2 modules', done.stderr)
        tool.run("train", self.root / "run" / "config.yaml", "--resume")

    def test_a_rate_far_from_the_usual_is_pointed_out(self):
        said = tool.run("train", self.config("bert", training={"learning_rate": 4e-4}, method="full"), "--dry-run").stderr
        self.assertIn("training.learning_rate: 4e-04 is outside of what is usual for full finetuning of bert, 5e-06 to 1e-04", said)
        said = tool.run("train", self.config("bert", training={"learning_rate": 4e-4}), "--dry-run").stderr
        self.assertNotIn("learning_rate", said)


if __name__ == "__main__":
    unittest.main()
