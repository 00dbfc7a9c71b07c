"""Several labels an example: losses, scores and metrics are those of Transformers and scikit-learn, before and after a training."""

import json
import pathlib
import tempfile
import unittest

import torch
from peft import PeftModel
from sklearn import metrics
from transformers import AutoModelForSequenceClassification, AutoTokenizer

import tiny
import tiny_hub
import tool

LABELS = ["joy", "fear", "anger"]
PROBLEM = "multi_label_classification"
TEXTS = ["a film", "a bad plot", "great song", "awful cast and a poor film", "so so", "the plot was not very good", "x", "quite a song"]
SETS = [["joy"], ["fear", "anger"], ["joy"], ["anger"], [], ["fear"], [], ["joy", "fear", "anger"]]


class MultiLabelTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        cls.data = cls.root / "data.jsonl"
        cls.data.write_text("".join(json.dumps({"text": text, "label": labels}) + "\n" for text, labels in zip(TEXTS, SETS)))
        cls.targets = torch.tensor([[float(label in labels) for label in LABELS] for labels in SETS])

    def model(self, family):
        return tiny_hub.make(self.root / family, family, problem_type=PROBLEM, num_labels=3, pad_token_id=tiny_hub.PAD,
                             id2label=dict(enumerate(LABELS)), label2id={label: i for i, label in enumerate(LABELS)})

    def expected(self, model, folder):
        tokenizer = AutoTokenizer.from_pretrained(folder)
        model.eval()
        rows = []
        with torch.no_grad():
            for text in TEXTS:  # one by one, so that padding plays no part
                rows.append(model(**tokenizer(text, return_tensors="pt", return_token_type_ids=False)).logits[0])
        logits = torch.stack(rows)
        return logits, torch.nn.functional.binary_cross_entropy_with_logits(logits, self.targets).item()

    def measured(self, path, *arguments):
        predictions = self.root / "predictions.jsonl"
        done = tool.run("eval", path, "--split", "dev", "--predictions", predictions, "--json", f"task.validation={self.data}", *arguments)
        return json.loads(done.stdout), tool.json_lines(predictions)

    def expect_equal(self, path, logits, loss, *arguments):
        said, rows = self.measured(path, *arguments)
        self.assertAlmostEqual(said["loss"], loss, places=5)
        for row, own, labels in zip(rows, logits, SETS):
            self.assertEqual(row["label"], labels)
            self.assertEqual(row["prediction"], [label for label, value in zip(LABELS, own) if value > 0])
            for label, value in zip(LABELS, own):
                self.assertAlmostEqual(row["scores"][label], torch.sigmoid(value).item(), places=5)
        predicted = (logits > 0).int()
        self.assertAlmostEqual(said["f1_micro"], metrics.f1_score(self.targets.int(), predicted, average="micro"), places=6)
        self.assertAlmostEqual(said["f1_macro"], metrics.f1_score(self.targets.int(), predicted, average="macro"), places=6)
        self.assertAlmostEqual(said["accuracy"], metrics.accuracy_score(self.targets.int(), predicted), places=6)

    def test_a_model_of_transformers_gives_its_loss_scores_and_metrics(self):
        for family in ("bert", "roberta", "llama"):
            with self.subTest(family):
                folder = self.model(family)
                logits, loss = self.expected(AutoModelForSequenceClassification.from_pretrained(folder), folder)
                self.expect_equal(folder, logits, loss, "--task", PROBLEM, "--text-columns", "text")

    def test_a_training_starts_at_its_loss_and_leaves_an_adapter_of_peft_and_a_model_of_transformers(self):
        folder = self.model("bert")
        start = self.expected(AutoModelForSequenceClassification.from_pretrained(folder), folder)[1]
        task = dict(name=PROBLEM, train=str(self.data), validation=str(self.data), text_columns=["text"], labels=LABELS)
        config = tiny.config(self.root, folder, self.root, task=task, dropout={"scheme": "none"}, logging={"every": 1},
                             training={"epochs": 3, "batch_size": len(TEXTS), "warmup_ratio": 0, "max_length": 60})
        run = self.root / "run"
        tool.run("train", config, "dropout.scheme=none")
        lines = [line for line in tool.json_lines(run / "metrics.jsonl") if line["type"] == "step"]
        self.assertAlmostEqual(lines[0]["loss"], start, places=5)
        self.assertLess(lines[-1]["loss"], lines[0]["loss"])
        base = AutoModelForSequenceClassification.from_pretrained(folder)
        trained = PeftModel.from_pretrained(base, run / "adapter")
        self.expect_equal(run, *self.expected(trained, folder))
        tool.run("merge", run, "--output", self.root / "merged")
        merged = AutoModelForSequenceClassification.from_pretrained(self.root / "merged")
        self.assertEqual(merged.config.problem_type, PROBLEM)
        self.assertEqual(merged.config.id2label, dict(enumerate(LABELS)))
        self.expect_equal(run, *self.expected(merged, folder))

    def test_every_scheme_trains(self):
        folder = self.model("roberta")
        task = dict(name=PROBLEM, train=str(self.data), validation=str(self.data), text_columns=["text"], labels=LABELS)
        for scheme in ("hiddenkey", "dropattention"):
            with self.subTest(scheme):
                config = tiny.config(self.root, folder, self.root, task=task, training={"epochs": 1, "batch_size": 4, "max_length": 60},
                                     output_dir=str(self.root / scheme))
                tool.run("train", config, f"dropout.scheme={scheme}")
                self.assertTrue((self.root / scheme / "result.json").exists())


if __name__ == "__main__":
    unittest.main()
