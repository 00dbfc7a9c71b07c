"""Each family's adapters go both ways between `hiddenkey` and PEFT with the same logits, and merged folders load in Transformers."""

import json
import unittest

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForMaskedLM, AutoModelForSequenceClassification, AutoTokenizer

import tiny
import tiny_hub
import tool
from folder_case import CLOSE, TEXTS, FolderCase

TARGETS = {
    "modernbert": ["attn.Wqkv", "attn.Wo", "Wi"],
    "qwen3": ["q_proj", "k_proj", "down_proj"],
    "distilbert": ["q_lin", "lin2"],
    "electra": ["query", "dense", "embeddings_project"],
    "xlm-roberta": ["query", "value"],
}


class Families(FolderCase):
    def base(self, family, **changes):
        return tiny_hub.make(self.root / family, family, pad_token_id=tiny_hub.PAD, **changes)

    def peft_logits(self, model, folder):
        batch = AutoTokenizer.from_pretrained(folder)(TEXTS, padding=True, return_tensors="pt")
        batch.pop("token_type_ids", None)
        with torch.no_grad():
            return model.eval()(**batch).logits

    def rows(self, column="text"):
        data = self.root / "rows.jsonl"
        data.write_text("".join(json.dumps({column: text}) + "\n" for text in TEXTS))
        return data

    def predicted(self, folder, *arguments, column="text"):
        tool.run("predict", folder, *arguments, "--input", self.rows(column), "--output", self.root / "out.jsonl")
        return torch.tensor([line["logits"] for line in tool.json_lines(self.root / "out.jsonl")])

    def trained(self, family, targets):
        """A base, and a run on it whose adapters are far from zero."""
        base = self.base(family, num_labels=2)
        task = tiny.make_task(self.root / "task", train=32, dev=8)
        run = self.root / f"run-{family}"
        config = tiny.config(self.root, base, task, lora={"target_modules": targets, "r": 4}, output_dir=str(run),
                             training={"max_steps": 4, "batch_size": 8, "learning_rate": 5e-2, "max_length": 60})
        tool.run("train", config)
        return base, run

    def test_an_adapter_of_peft_gives_its_logits_here(self):
        for family, targets in TARGETS.items():
            with self.subTest(family):
                base = self.base(family)
                model = get_peft_model(AutoModelForSequenceClassification.from_pretrained(base),
                                       LoraConfig(task_type="SEQ_CLS", r=4, lora_alpha=16, target_modules=targets))
                torch.manual_seed(5)
                with torch.no_grad():
                    for name, parameter in model.named_parameters():
                        if "lora_B" in name or "modules_to_save" in name:
                            parameter.normal_(0, 0.1)
                adapter = self.root / f"peft-{family}"
                model.save_pretrained(adapter)
                ours = self.predicted(adapter, "--model", base, "--text-columns", "text", "--labels", "a,b,c")
                self.assertLess((ours - self.peft_logits(model, base)).abs().max(), CLOSE)

    def test_an_adapter_of_ours_and_its_merged_folder_give_the_same_logits_there(self):
        for family, targets in TARGETS.items():
            with self.subTest(family):
                base, run = self.trained(family, targets)
                ours = self.predicted(run, column="sentence")
                self.assertGreater((ours - ours.mean(0)).abs().max(), 1e-2, "the logits tell nothing apart")
                plain = AutoModelForSequenceClassification.from_pretrained(base, num_labels=2)
                theirs = self.peft_logits(PeftModel.from_pretrained(plain, run / "adapter"), base)
                self.assertLess((ours - theirs).abs().max(), 1e-4)  # adapters of 5e-2 rates are large, and so are the logits
                merged = self.root / f"merged-{family}"
                tool.run("merge", run, "--output", merged)
                loaded = AutoModelForSequenceClassification.from_pretrained(merged)
                self.assertLess((self.peft_logits(loaded, merged) - ours).abs().max(), 1e-4)

    def test_a_masked_language_models_checkpoint_gives_its_base(self):
        for family in ("modernbert", "distilbert", "electra", "xlm-roberta"):
            with self.subTest(family):
                folder = self.base(family)
                AutoModelForMaskedLM.from_pretrained(folder).save_pretrained(folder)
                done = tool.run("predict", folder, "--text-columns", "text", "--labels", "a,b,c", "--input", self.rows(), "--output", self.root / "o.jsonl")
                self.assertIn("classifier", done.stderr)
                self.assertNotIn("head.dense", done.stderr, "it is in the checkpoint")

    def test_a_modernbert_without_its_pooling_head_trains_and_saves_it(self):
        base = self.base("modernbert", num_labels=2)
        AutoModelForSequenceClassification.from_pretrained(base).model.save_pretrained(self.root / "bare")
        for file in ("tokenizer.json", "tokenizer_config.json"):
            (self.root / "bare" / file).write_bytes((base / file).read_bytes())
        task = tiny.make_task(self.root / "task", train=32, dev=8)
        config = tiny.config(self.root, self.root / "bare", task, lora={"target_modules": ["Wqkv"]}, output_dir=str(self.root / "run"),
                             training={"max_steps": 2, "batch_size": 8, "max_length": 40})
        tool.run("train", config)
        plain = AutoModelForSequenceClassification.from_pretrained(self.root / "bare", num_labels=2)
        theirs = self.peft_logits(PeftModel.from_pretrained(plain, self.root / "run" / "adapter"), base)
        self.assertLess((self.predicted(self.root / "run", column="sentence") - theirs).abs().max(), CLOSE)


if __name__ == "__main__":
    unittest.main()
