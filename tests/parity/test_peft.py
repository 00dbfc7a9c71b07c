"""Adapters go both ways between `hiddenkey` and PEFT with the same logits, and merged folders load in Transformers."""

import json
import pathlib
import tempfile
import unittest

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors import safe_open
from transformers import AutoModelForSequenceClassification, AutoTokenizer, GPT2Config

import tool

RTE = tool.DATA / "glue" / "RTE"
ROWS = 48


def rows_of(path, count):
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:count + 1]]


def logits_of(model, tokenizer, rows):
    batch = tokenizer([row[1] for row in rows], [row[2] for row in rows], truncation=True, max_length=128, padding=True, return_tensors="pt")
    with torch.no_grad():
        return model.eval()(**batch).logits


GPT2 = tool.DATA / "tokenizers" / "gpt2"


def tiny_gpt2(folder):
    """GPT-2 of random weights with its real tokenizer, told to pad with its end token."""
    torch.manual_seed(6)
    config = GPT2Config(n_embd=32, n_layer=4, n_head=4, n_positions=256, pad_token_id=50256, initializer_range=0.2, num_labels=2)
    AutoModelForSequenceClassification.from_config(config).transformer.save_pretrained(folder)
    AutoTokenizer.from_pretrained(GPT2, pad_token="<|endoftext|>").save_pretrained(folder)
    return folder


class PeftCases:
    """Run for each kind of base: an encoder, and a decoder whose linear weights lie transposed."""

    settings = {"lora_alpha": 16}  # of the adapter that is trained, as PEFT has them

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.folder.name)
        cls.base = cls.make_base()
        cls.small = cls.root / "rte"
        cls.small.mkdir()
        for name in ("train", "dev"):
            lines = (RTE / f"{name}.tsv").read_text(encoding="utf-8").splitlines()[:ROWS + 1]
            (cls.small / f"{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        config = cls.root / "run.yaml"
        config.write_text(f"""
model: {{path: {cls.base}}}
task: {{name: rte, data_dir: {cls.small}}}
lora: {json.dumps({"target_modules": cls.targets, **{name.removeprefix("lora_"): value for name, value in cls.settings.items()}})}
dropout: {{scheme: hiddenkey}}
training: {{max_steps: 4, batch_size: 16, learning_rate: 5.0e-3}}
output_dir: {cls.root / "run"}
""")
        tool.run("train", config)
        cls.tokenizer = AutoTokenizer.from_pretrained(cls.base)
        cls.rows = rows_of(cls.small / "dev.tsv", ROWS)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def predicted(self, *arguments):
        out = self.root / "predictions.jsonl"
        tool.run("predict", *arguments, "--input", self.small / "dev.tsv", "--output", out)
        return torch.tensor([line["logits"] for line in tool.json_lines(out)])

    def test_an_adapter_of_ours_gives_the_same_logits_in_peft(self):
        base = AutoModelForSequenceClassification.from_pretrained(self.base, num_labels=2)
        expected = logits_of(PeftModel.from_pretrained(base, self.root / "run" / "adapter"), self.tokenizer, self.rows)
        ours = self.predicted(self.root / "run")
        self.assertLess((ours - expected).abs().max(), 1e-4)
        self.assertGreater((ours - ours.mean(0)).abs().max(), 1e-2, "the logits tell nothing apart")

    def test_our_files_match_a_save_of_peft_field_by_field(self):
        base = AutoModelForSequenceClassification.from_pretrained(self.base, num_labels=2)
        config = LoraConfig(**{"task_type": "SEQ_CLS", "r": 8, "target_modules": self.targets, "lora_dropout": 0.0, **self.settings})
        get_peft_model(base, config).save_pretrained(self.root / "saved")
        theirs = json.loads((self.root / "saved" / "adapter_config.json").read_text())
        ours = json.loads((self.root / "run" / "adapter" / "adapter_config.json").read_text())
        theirs["target_modules"].sort()
        theirs["base_model_name_or_path"] = str(self.base)
        for key, value in ours.items():
            self.assertEqual((key, value), (key, theirs[key]))
        with safe_open(self.root / "saved" / "adapter_model.safetensors", "pt") as a, \
                safe_open(self.root / "run" / "adapter" / "adapter_model.safetensors", "pt") as b:
            self.assertEqual({k: a.get_slice(k).get_shape() for k in a.keys()}, {k: b.get_slice(k).get_shape() for k in b.keys()})
            self.assertEqual(a.metadata(), b.metadata())

    def test_an_adapter_of_peft_evaluates_to_the_same_accuracy_and_logits(self):
        torch.manual_seed(5)
        base = AutoModelForSequenceClassification.from_pretrained(self.base, num_labels=2)
        model = get_peft_model(base, LoraConfig(task_type="SEQ_CLS", r=4, lora_alpha=16, target_modules=self.targets[:1]))
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if "lora_B" in name:
                    parameter.normal_(0, 0.05)
                if "modules_to_save" in name and "weight" in name:
                    parameter.normal_(0, 0.5)
        model.save_pretrained(self.root / "theirs")
        expected = logits_of(model, self.tokenizer, self.rows)
        labels = torch.tensor([int(row[3] == "not_entailment") for row in self.rows])
        shown = tool.run("eval", self.root / "theirs", "--model", self.base, "--task", "rte", f"task.data_dir={self.small}", "--json")
        self.assertAlmostEqual(json.loads(shown.stdout)["accuracy"], (expected.argmax(1) == labels).float().mean().item(), places=6)
        ours = self.predicted(self.root / "theirs", "--model", self.base, "--task", "rte")
        self.assertLess((ours - expected).abs().max(), 1e-4)
        by_columns = self.predicted(self.root / "theirs", "--model", self.base, "--text-columns", "sentence1,sentence2",
                                    "--labels", "entailment,not_entailment")
        self.assertTrue(torch.equal(by_columns, ours))

    def test_a_merged_folder_gives_the_same_logits_here_and_in_transformers(self):
        tool.run("merge", self.root / "run", "--output", self.root / "merged")
        merged = AutoModelForSequenceClassification.from_pretrained(self.root / "merged")
        self.assertEqual(merged.config.id2label, {0: "entailment", 1: "not_entailment"})
        expected = logits_of(merged, AutoTokenizer.from_pretrained(self.root / "merged"), self.rows)
        unmerged = self.predicted(self.root / "run")
        self.assertLess((unmerged - expected).abs().max(), 1e-4)
        self.assertLess((unmerged - self.predicted(self.root / "merged")).abs().max(), 1e-5)


@tool.needs(tool.MINILM)
@tool.needs(RTE)
class PeftOnBert(PeftCases, unittest.TestCase):
    targets = ["query", "value", "dense"]
    make_base = staticmethod(lambda: tool.MINILM)


@tool.needs(GPT2)
@tool.needs(RTE)
class PeftOnGpt2(PeftCases, unittest.TestCase):
    targets = ["c_attn", "c_fc"]

    @classmethod
    def make_base(cls):
        return tiny_gpt2(cls.root / "gpt2")


@tool.needs(GPT2)
@tool.needs(RTE)
class PeftWithDora(PeftOnGpt2):
    """Magnitudes, single layers, and ranks and alphas of single modules."""

    settings = {"lora_alpha": 16, "lora_dropout": 0.1, "use_dora": True, "layers_to_transform": [0, 2],
                "rank_pattern": {"h.0.attn.c_attn": 3, "h.[0-9].mlp.c_fc": 5}, "alpha_pattern": {"h.2.*": 24}}

    def test_the_magnitudes_are_trained(self):
        with safe_open(self.root / "run" / "adapter" / "adapter_model.safetensors", "pt") as file:
            name = "base_model.model.transformer.h.2.mlp.c_fc.lora_magnitude_vector"
            weight = AutoModelForSequenceClassification.from_pretrained(self.base, num_labels=2).transformer.h[2].mlp.c_fc.weight
            moved = (file.get_tensor(name) - weight.norm(dim=0)).abs()
            self.assertGreater(moved.max(), 1e-3)
            self.assertFalse([name for name in file.keys() if ".h.1." in name or ".h.3." in name])


if __name__ == "__main__":
    unittest.main()
