"""training.class_weights: the losses of some steps of full finetuning are those of torch's weighted losses and its AdamW."""

import json
import pathlib
import tempfile
import unittest

import numpy
import torch
from sklearn.utils.class_weight import compute_class_weight
from tokenizers.pre_tokenizers import ByteLevel
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoModelForTokenClassification, AutoTokenizer

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
        return self.steps({"name": name, "train": data, "validation": data, "text_columns": ["text"], "labels": NAMES}, **training)

    def steps(self, task, **training):
        config = tiny.config(self.root, self.root / "model", self.root, method="full", task=task, logging={"every": 1},
                             evaluation={"every": "never"}, checkpoint={"every": "never"}, training=TRAINING | training)
        tool.run("train", config, "dropout.scheme=none", "--overwrite")
        return [line["loss"] for line in tool.json_lines(self.root / "run" / "metrics.jsonl") if line["type"] == "step"]

    def expected(self, loss_of):
        tokenizer = AutoTokenizer.from_pretrained(self.root / "model")
        model = AutoModelForSequenceClassification.from_pretrained(self.root / "model").eval()  # no dropout

        def loss():
            return loss_of(torch.stack([model(**tokenizer(text, return_tensors="pt", return_token_type_ids=False)).logits[0] for text in TEXTS]))
        return self.trained(model, loss)

    @staticmethod
    def trained(model, loss_now):
        optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0)
        losses = []
        for _ in range(TRAINING["max_steps"]):
            loss = loss_now()
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

    def test_the_losses_of_tagged_words_are_torchs_over_the_words_of_the_whole_step(self):
        names = {"num_labels": 3, "id2label": dict(enumerate(NAMES)), "label2id": {name: i for i, name in enumerate(NAMES)}}
        torch.manual_seed(0)
        AutoModelForTokenClassification.from_config(AutoConfig.for_model("bert", **tiny_hub.SHAPES["bert"], **names)).save_pretrained(self.root / "model")
        tiny_hub.write_tokenizer(self.root / "model")
        tags = [[len(word) % 3 for word in text.split()] for text in TEXTS]
        targets = torch.tensor([tag for row in tags for tag in row])
        tokenizer = AutoTokenizer.from_pretrained(self.root / "model")
        tokenizer.backend_tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=True, use_regex=False)  # as run_ner wants it

        def logits_of(model, text):
            encoded = tokenizer(text.split(), is_split_into_words=True, return_tensors="pt", return_token_type_ids=False)
            return model(**encoded).logits[0][[encoded.word_ids().index(word) for word in range(len(text.split()))]]

        def expected(weight):
            model = AutoModelForTokenClassification.from_pretrained(self.root / "model").eval()  # no dropout
            return self.trained(model, lambda: torch.nn.functional.cross_entropy(torch.cat([logits_of(model, text) for text in TEXTS]), targets, weight=weight))

        data = self.root / "data.jsonl"
        data.write_text("".join(json.dumps({"tokens": text.split(), "tags": [NAMES[tag] for tag in row]}) + "\n" for text, row in zip(TEXTS, tags)))
        task = {"name": "token_classification", "train": str(data), "validation": str(data), "text_columns": [], "labels": NAMES}
        balanced = compute_class_weight("balanced", classes=numpy.arange(3), y=targets.numpy())
        for weights, numbers in (("auto", balanced), (NAMED, list(NAMED.values()))):
            with self.subTest(weights=weights):
                found = self.steps(task, class_weights=weights, batch_size=3, gradient_accumulation=3)
                self.expect_equal(found, expected(torch.tensor(numbers, dtype=torch.float32)))

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
