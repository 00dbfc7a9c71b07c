"""What eval, result.json and a sweep's files say of classes, several labels an example and tagged words is scikit-learn's and seqeval's."""

import json
import math
import pathlib
import tempfile
import unittest
import warnings

import numpy
from sklearn import metrics

import tiny
import tool

NAMES = ["blame", "none", "praise"]
SOURCE = numpy.random.default_rng(4)
PLACES = 6  # scores of predictions.jsonl have seven digits


def texts(count):
    return [" ".join(SOURCE.choice(tiny.WORDS, SOURCE.integers(2, 9))) for _ in range(count)]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


class ClassMetricsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        cls.model = tiny.make_model(cls.root / "model")

    def train(self, task, train, dev, *arguments, **settings):
        folder = self.root / self.id().rsplit(".", 1)[1]
        folder.mkdir(exist_ok=True)
        task = {"train": write(folder / "train.jsonl", train), "validation": write(folder / "dev.jsonl", dev), "labels": NAMES} | task
        sections = {"training": {"epochs": 2, "batch_size": 16, "learning_rate": 3e-3}, "dropout": {"scheme": "none"}} | settings
        done = tool.run("train", tiny.config(folder, self.model, folder, task=task, **sections), *arguments)
        return folder / "run", done

    def classified(self, *arguments, dev_labels=(0, 1, 2), **settings):
        def rows(count, labels):
            return [{"text": text, "label": NAMES[labels[i % len(labels)]]} for i, text in enumerate(texts(count))]
        return self.train({"name": "classification", "text_columns": ["text"]}, rows(60, (0, 1, 1, 2)), rows(45, dev_labels), *arguments, **settings)

    def evaluated(self, run):
        """What eval says, as text and as JSON, and the predictions."""
        done = tool.run("eval", run, "--split", "dev", "--json", "--predictions", self.root / "predictions.jsonl")
        return tool.run("eval", run, "--split", "dev").stdout, json.loads(done.stdout), tool.json_lines(self.root / "predictions.jsonl")

    def expect(self, said, expected):
        for name, value in expected.items():
            found = said[name] if name in said else said["more"][name]
            if math.isnan(value):
                self.assertIsNone(found, name)
            else:
                self.assertAlmostEqual(found, value, places=PLACES, msg=name)

    def test_metrics_of_classes_are_scikit_learns_in_eval_and_in_the_files_of_the_run(self):
        run, done = self.classified()
        text, said, rows = self.evaluated(run)
        labels, predictions = [row["label"] for row in rows], [row["prediction"] for row in rows]
        scores = [[row["scores"][name] for name in NAMES] for row in rows]
        scores = numpy.array(scores) / numpy.sum(scores, axis=1, keepdims=True)  # seven digits do not sum up to 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = {"accuracy": metrics.accuracy_score(labels, predictions), "balanced_accuracy": metrics.balanced_accuracy_score(labels, predictions),
                        "matthews": metrics.matthews_corrcoef(labels, predictions), "roc_auc": metrics.roc_auc_score(labels, scores, multi_class="ovr"),
                        "average_precision": metrics.average_precision_score(labels, scores)}
            for name, score in (("precision", metrics.precision_score), ("recall", metrics.recall_score), ("f1", metrics.f1_score)):
                expected |= {f"{name}_{average}": score(labels, predictions, average=average) for average in ("micro", "macro", "weighted")}
                expected[name] = expected[f"{name}_macro"]
            table = metrics.precision_recall_fscore_support(labels, predictions, labels=NAMES)
        self.expect(said, expected)
        for row, *numbers in zip(said["classes"], NAMES, *table):
            self.assertEqual(row, dict(zip(("name", "precision", "recall", "f1", "support"), numbers)))
        counts = metrics.confusion_matrix(labels, predictions, labels=NAMES)
        self.assertEqual(said["confusion"], {name: {other: count for other, count in zip(NAMES, row) if count} for name, row in zip(NAMES, counts.tolist())})
        self.assertEqual(said["baseline"], {"answer": "blame", "accuracy": 15 / 45})
        self.assertIn('baseline of dev: always answering "blame" has an accuracy of 0.3333', done.stderr)
        for line in ("split ", "examples ", "loss ", "accuracy ", "f1 ", "matthews "):  # what stood there before, first
            self.assertTrue(text.startswith(line), text)
            text = text.split("\n", 1)[1]
        self.assertIn("how often a class (row) was taken for which (column):", text)
        result = json.loads((run / "result.json").read_text())["final"]["dev"]
        saved = json.loads((run / "adapter" / "hiddenkey.json").read_text())["training"]["metrics"]["dev"]
        evaluated = [line for line in tool.json_lines(run / "metrics.jsonl") if line["type"] == "eval"][-1]
        for written in (saved, evaluated):
            self.assertEqual(set(written) - {"type", "step", "split"}, {"loss", "accuracy", "f1", "matthews", "more"})
        self.assertEqual(set(result), {"loss", "accuracy", "f1", "matthews", "more", "baseline", "classes", "confusion"})
        self.assertEqual(set(result["more"]) | {"accuracy", "f1", "matthews"}, set(expected))

    def test_a_class_without_an_example_is_named_where_a_metric_has_no_value(self):
        run, _ = self.classified(dev_labels=(0, 1))
        _, said, _ = self.evaluated(run)
        self.expect(said, {"roc_auc": math.nan, "average_precision": math.nan})
        self.assertIn("roc_auc, average_precision have no value: the split has no example of praise", said["notes"])

    def test_any_metric_can_choose_the_best(self):
        run, done = self.classified("evaluation.metric=f1_weighted")
        self.assertIn("f1_weighted; f1_weighted chooses the best", done.stderr)
        self.assertIn("  f1_weighted 0.", done.stderr)
        result = json.loads((run / "result.json").read_text())
        values = [line["f1_weighted"] for line in tool.json_lines(run / "metrics.jsonl") if line["type"] == "eval"]
        self.assertEqual(result["best"]["f1_weighted"], max(values))

    def test_metrics_of_several_labels_are_scikit_learns(self):
        def rows(count):
            return [{"text": text, "label": [name for name in NAMES if SOURCE.random() < 0.4]} for text in texts(count)]
        run, done = self.train({"name": "multi_label_classification", "text_columns": ["text"]}, rows(60), rows(45))
        _, said, rows = self.evaluated(run)
        labels, predictions = ([[int(name in row[key]) for name in NAMES] for row in rows] for key in ("label", "prediction"))
        scores = [[row["scores"][name] for name in NAMES] for row in rows]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = {"accuracy": metrics.accuracy_score(labels, predictions), "hamming_loss": metrics.hamming_loss(labels, predictions)}
            for average in ("micro", "macro"):
                expected[f"roc_auc_{average}"] = metrics.roc_auc_score(labels, scores, average=average)
                expected[f"average_precision_{average}"] = metrics.average_precision_score(labels, scores, average=average)
                expected[f"precision_{average}"] = metrics.precision_score(labels, predictions, average=average)
            for average in ("micro", "macro", "weighted", "samples"):
                expected[f"f1_{average}"] = metrics.f1_score(labels, predictions, average=average)
        self.expect(said, expected)
        self.assertEqual([row["support"] for row in said["classes"]], numpy.sum(labels, axis=0).tolist())
        self.assertNotIn("confusion", said)
        sets = ["|".join(row["label"]) for row in rows]
        self.assertEqual(said["baseline"]["accuracy"], max(map(sets.count, sets)) / len(sets))
        self.assertIn("baseline of dev: always answering", done.stderr)

    def test_tagged_words_have_a_table_by_type_and_the_commonest_tag_for_a_baseline(self):
        tags = ["O", "B-X", "I-X"]
        def rows(count):
            return [{"tokens": text.split(), "tags": [tags[len(word) % 3] for word in text.split()]} for text in texts(count)]
        run, _ = self.train({"name": "token_classification", "labels": tags, "text_columns": []}, rows(60), rows(45))
        text, said, _ = self.evaluated(run)
        self.assertEqual([row["name"] for row in said["classes"]], ["X"])
        self.assertEqual(said["classes"][0]["f1"], said["f1"])
        self.assertEqual(set(said["more"]), {f"{name}_{average}" for name in ("precision", "recall", "f1") for average in ("micro", "macro", "weighted")})
        self.assertIn(said["baseline"]["answer"], tags)
        self.assertIn("(micro)", text)

    def test_a_regression_has_its_metrics_alone(self):
        def rows(count):
            return [{"text": text, "label": len(text) / 10} for text in texts(count)]
        run, done = self.train({"name": "regression", "text_columns": ["text"], "labels": []}, rows(40), rows(20))
        text, said, _ = self.evaluated(run)
        self.assertEqual(set(said), {"split", "examples", "loss", "pearson", "spearman", "mse"})
        self.assertEqual([line.split()[0] for line in text.splitlines()], ["split", "examples", "loss", "pearson", "spearman", "mse"])
        self.assertNotIn("baseline", done.stderr)


if __name__ == "__main__":
    unittest.main()
