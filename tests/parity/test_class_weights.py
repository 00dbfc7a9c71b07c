"""training.class_weights: the losses of some steps of full finetuning are those of torch's weighted losses and its AdamW."""

import json
import pathlib
import tempfile
import unittest

import numpy
import torch
from sklearn.utils.class_weight import compute_class_weight
from transformers import AutoModelForSequenceClassification, AutoTokenizer

import tiny
import tiny_hub
import tool

NAMES = ["a", "b", "c"]
TEXTS = ["a film", "a bad plot", "great song", "awful cast and a poor film", "so so", "the plot was not very good", "x", "quite a song"]
LABELS = [0, 0, 1, 0, 2, 0, 1, 0]
SETS = [[0], [1, 2], [0], [2], [], [1], [], [0, 1, 2]]
NAMED = {"a": 0.25, "b": 3.0, "c": 1.5}
RATE = 1e-3
TRAINING = {"max_steps": 4, "batch_size": len(TEXTS), "learning_rate": RATE, "schedule": "constant", "warmup_ratio": 0,
            "weight_decay": 0, "max_grad_norm": 0, "max_length": 60}
# float32 sums in another order, through four steps of AdamW, whose first ones have the size of the learning rate
# whatever the gradient's.
PLACES = 4


class ClassWeightsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)

    def model(self, **changes):
        return tiny_hub.make(self.root / "model", "bert", num_labels=3, id2label=dict(enumerate(NAMES)),
                             label2id={name: i for i, name in enumerate(NAMES)}, **changes)

    def data(self, labels):
        path = self.root / "data.jsonl"
        path.write_text("".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in zip(TEXTS, labels)))
        return str(path)

    def losses(self, name, labels, **training):
        data = self.data(labels)
        task = {"name": name, "train": data, "validation": data, "text_columns": ["text"], "labels": NAMES}
        config = tiny.config(self.root, self.root / "model", self.root, method="full", task=task, logging={"every": 1},
                             evaluation={"every": "never"}, checkpoint={"every": "never"}, training=TRAINING | training)
        tool.run("train", config, "dropout.scheme=none", "--overwrite")
        return [line["loss"] for line in tool.json_lines(self.root / "run" / "metrics.jsonl") if line["type"] == "step"]

    def expected(self, loss_of):
        tokenizer = AutoTokenizer.from_pretrained(self.root / "model")
        model = AutoModelForSequenceClassification.from_pretrained(self.root / "model").eval()  # no dropout
        optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0)
        losses = []
        for _ in range(TRAINING["max_steps"]):
            rows = [model(**tokenizer(text, return_tensors="pt", return_token_type_ids=False)).logits[0] for text in TEXTS]
            loss = loss_of(torch.stack(rows))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    def expect_equal(self, found, expected):
        self.assertEqual(len(found), len(expected))
        for a, b in zip(found, expected):
            self.assertAlmostEqual(a, b, places=PLACES)

    def test_the_losses_of_classes_are_torchs_also_with_smoothing_and_across_micro_batches(self):
        self.model()
        names = [NAMES[label] for label in LABELS]
        balanced = compute_class_weight("balanced", classes=numpy.arange(3), y=LABELS)
        micro = {"batch_size": 3, "gradient_accumulation": 3, "length_grouping": False}  # of 3, 3 and 2
        for weights, numbers, more in (("auto", balanced, {}), (NAMED, list(NAMED.values()), {"label_smoothing": 0.1}), (NAMED, list(NAMED.values()), micro)):
            with self.subTest(weights=weights, more=more):
                weight = torch.tensor(numbers, dtype=torch.float32)
                expected = self.expected(lambda logits, weight=weight, more=more: torch.nn.functional.cross_entropy(
                    logits, torch.tensor(LABELS), weight=weight, label_smoothing=more.get("label_smoothing", 0.0)))
                self.expect_equal(self.losses("classification", names, class_weights=weights, **more), expected)

    def test_the_losses_of_several_labels_are_torchs_with_pos_weight(self):
        self.model(problem_type="multi_label_classification")
        targets = torch.tensor([[float(label in labels) for label in range(3)] for labels in SETS])
        names = [[NAMES[label] for label in labels] for labels in SETS]
        balanced = ((len(SETS) - targets.sum(0)) / targets.sum(0)).tolist()
        for weights, numbers in (("auto", balanced), (NAMED, list(NAMED.values()))):
            with self.subTest(weights=weights):
                expected = self.expected(lambda logits, numbers=numbers: torch.nn.functional.binary_cross_entropy_with_logits(
                    logits, targets, pos_weight=torch.tensor(numbers)))
                self.expect_equal(self.losses("multi_label_classification", names, class_weights=weights), expected)

    def test_tagged_words_that_weigh_nothing_are_not_learnt_and_a_common_factor_changes_nothing(self):
        self.model()
        data = self.root / "tags.jsonl"
        data.write_text("".join(json.dumps({"tokens": text.split(), "tags": [NAMES[len(word) % 3] for word in text.split()]}) + "\n" for text in TEXTS))
        task = {"name": "token_classification", "train": str(data), "validation": str(data), "labels": NAMES}

        def losses(weights):
            config = tiny.config(self.root, self.root / "model", self.root, task=task, logging={"every": 1}, evaluation={"every": "never"},
                                 checkpoint={"every": "never"}, training=TRAINING | {"class_weights": weights, "batch_size": 3, "gradient_accumulation": 3})
            tool.run("train", config, "dropout.scheme=none", "--overwrite")
            return [line["loss"] for line in tool.json_lines(self.root / "run" / "metrics.jsonl") if line["type"] == "step"]

        self.expect_equal(losses({"a": 1, "b": 2, "c": 0.5}), losses({"a": 4, "b": 8, "c": 2}))
        self.assertNotEqual(losses("auto"), losses({"a": 1, "b": 1, "c": 1}))

    def test_a_resumed_run_is_the_straight_one_bit_for_bit(self):
        self.model()
        self.losses("classification", [NAMES[label] for label in LABELS], class_weights="auto", batch_size=3, gradient_accumulation=2, length_grouping=False)
        run = self.root / "run"
        config = self.root / "config.yaml"
        settings = json.loads((run / "result.json").read_text())["config"]
        self.assertEqual(settings["training"]["class_weights"], "auto")
        tool.run("train", config, "dropout.scheme=none", "checkpoint.every=1", "checkpoint.keep=10", f"output_dir={self.root / 'straight'}")
        straight = (self.root / "straight" / "model" / "model.safetensors").read_bytes()
        for step in ("000003", "000004"):
            folder = self.root / "straight" / "checkpoints" / f"step-{step}"
            for file in sorted(folder.iterdir()):
                file.unlink()
            folder.rmdir()
        tool.run("train", config, "dropout.scheme=none", "checkpoint.every=1", "checkpoint.keep=10", f"output_dir={self.root / 'straight'}", "--resume")
        self.assertEqual((self.root / "straight" / "model" / "model.safetensors").read_bytes(), straight)


if __name__ == "__main__":
    unittest.main()
