"""Merged folders keep their base's type, hold what PEFT's own merge holds, and need no more said than they must."""

import json
import pathlib
import tempfile
import unittest

import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

import tiny
import tiny_hub
import tool

TYPES = {"float32": "F32", "bfloat16": "BF16", "float16": "F16"}


def stored_types(folder):
    with safe_open(folder / "model.safetensors", "pt") as file:
        return {file.get_slice(name).get_dtype() for name in file.keys()}


def adapter_of(auto, base, folder, targets, **settings):
    """An adapter of PEFT's whose B is not zero."""
    model = get_peft_model(auto.from_pretrained(base, dtype=torch.float32), LoraConfig(r=2, lora_alpha=8, target_modules=targets, **settings))
    torch.manual_seed(7)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.normal_(0, 0.2)
    model.save_pretrained(folder)
    return folder


class Merging(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)
        self.root = pathlib.Path(self.place.name)

    def base(self, family, head, dtype="float32", **changes):
        folder = tiny_hub.make(self.root / f"{family}-{dtype}", family, head=head, **changes)
        weights = {name: tensor.to(getattr(torch, dtype)) for name, tensor in load_file(folder / "model.safetensors").items()}
        save_file(weights, folder / "model.safetensors", {"format": "pt"})
        tiny_hub.edit(folder / "config.json", dtype=dtype)
        return folder

    def expect_same_weights(self, merged, expected, dtype):
        ours = AutoModelForCausalLM.from_pretrained(merged, dtype="auto")
        self.assertEqual(str(ours.dtype), "torch." + dtype)
        for (name, tensor), (_, other) in zip(ours.named_parameters(), expected.named_parameters()):
            # The product's last bit may round the other way.
            torch.testing.assert_close(tensor.float(), other.to(tensor.dtype).float(), msg=name, rtol=1e-2, atol=1e-5)

    def test_a_language_adapter_keeps_its_bases_type_and_needs_no_labels(self):
        for dtype, stored in TYPES.items():
            for family, targets in (("llama", ["q_proj", "down_proj"]), ("gpt2", ["c_attn"])):
                with self.subTest(dtype, family=family):
                    base = self.base(family, "language", dtype, tie_word_embeddings=True)
                    adapter = adapter_of(AutoModelForCausalLM, base, self.root / f"adapter-{family}-{dtype}", targets, task_type="CAUSAL_LM")
                    out = self.root / f"merged-{family}-{dtype}"
                    tool.run("merge", adapter, "--output", out)
                    self.assertEqual(stored_types(out), {stored})
                    self.assertEqual(json.loads((out / "config.json").read_text())["dtype"], dtype)
                    loaded = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
                    self.expect_same_weights(out, PeftModel.from_pretrained(loaded, adapter).merge_and_unload(), dtype)

    def test_dtype_chooses_what_is_stored(self):
        base = self.base("llama", "language", "bfloat16")
        adapter = adapter_of(AutoModelForCausalLM, base, self.root / "adapter", ["q_proj"], task_type="CAUSAL_LM")
        for dtype, stored in TYPES.items():
            tool.run("merge", adapter, "--dtype", dtype, "--output", self.root / dtype)
            self.assertEqual(stored_types(self.root / dtype), {stored})
        self.assertIn("--dtype", tool.error_line(tool.run("merge", adapter, "--dtype", "int8", "--output", self.root / "no", code=2)))

    def test_numbers_beyond_float16_are_refused(self):
        base = self.base("llama", "language")
        weights = load_file(base / "model.safetensors")
        weights["model.norm.weight"][3] = 1e6
        save_file(weights, base / "model.safetensors", {"format": "pt"})
        adapter = adapter_of(AutoModelForCausalLM, base, self.root / "adapter", ["q_proj"], task_type="CAUSAL_LM")
        line = tool.error_line(tool.run("merge", adapter, "--dtype", "float16", "--output", self.root / "no", code=4))
        self.assertIn("model.norm.weight: holds numbers beyond what float16 holds", line)
        self.assertFalse((self.root / "no").exists())

    def test_two_matrices_stay_two_in_the_merged_folder(self):
        base = self.base("llama", "language", tie_word_embeddings=True)
        weights = load_file(base / "model.safetensors")
        weights["lm_head.weight"] = torch.randn_like(weights["model.embed_tokens.weight"])
        save_file(weights, base / "model.safetensors", {"format": "pt"})
        adapter = adapter_of(AutoModelForCausalLM, base, self.root / "adapter", ["q_proj"], task_type="CAUSAL_LM")
        tool.run("merge", adapter, "--output", self.root / "merged")
        self.assertIs(json.loads((self.root / "merged" / "config.json").read_text())["tie_word_embeddings"], False)
        expected = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), adapter).merge_and_unload()
        self.expect_same_weights(self.root / "merged", expected, "float32")

    def test_a_classifier_of_bfloat16_gives_the_logits_of_its_rounded_weights(self):
        base = self.base("roberta", "classifier", "bfloat16")
        adapter = adapter_of(AutoModelForSequenceClassification, base, self.root / "adapter", ["query", "value"], task_type="SEQ_CLS")
        tool.run("merge", adapter, "--text-columns", "text", "--labels", "a,b,c", "--output", self.root / "merged")
        self.assertEqual(stored_types(self.root / "merged"), {"BF16"})
        model = AutoModelForSequenceClassification.from_pretrained(self.root / "merged", dtype=torch.float32).eval()
        tokenizer = transformers.AutoTokenizer.from_pretrained(self.root / "merged")
        texts = ["a film", "so so"]
        with torch.no_grad():
            expected = model(**tokenizer(texts, padding=True, return_tensors="pt")).logits
        self.assertLess((tiny_hub.predicted(self.root / "merged", texts)[0] - expected).abs().max(), 1e-5)

    def test_a_plain_model_is_stored_anew_where_a_type_is_named(self):
        model, task = tiny.make_model(self.root / "model"), tiny.make_task(self.root / "task", train=16, dev=8)
        config = tiny.config(self.root, model, task, method="full", training={"max_steps": 2, "batch_size": 8, "learning_rate": 1e-4}, dropout={"scheme": "none"})
        tool.run("train", config)
        line = tool.error_line(tool.run("merge", self.root / "run", "--output", self.root / "out", code=4))
        self.assertIn("has no adapter to merge", line)
        tool.run("merge", self.root / "run", "--dtype", "bfloat16", "--output", self.root / "out")
        self.assertEqual(stored_types(self.root / "out"), {"BF16"})
        tool.run("eval", self.root / "out", f"task.train={task / 'train.tsv'}", f"task.validation={task / 'dev.tsv'}", "--json")


if __name__ == "__main__":
    unittest.main()
