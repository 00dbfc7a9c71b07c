"""The tests over dev examples of a sweep's report, on folders that are made up: p-values are scipy's, and what does not fit is left out."""

import csv
import functools
import itertools
import json
import pathlib
import tempfile
import unittest

import numpy
import scipy.stats
import sklearn.metrics
import tool

# What the tool and scipy compute in another order differs in the last digits.
DIGITS = 9
# Four standard deviations of a share of this many draws that is a half.
BY_DRAWS, BY_FEW_DRAWS = 4 * 0.5 / 10000**0.5, 4 * 0.5 / 2000**0.5
METRICS = {"accuracy": sklearn.metrics.accuracy_score, "f1": sklearn.metrics.f1_score, "matthews": sklearn.metrics.matthews_corrcoef,
           "macro": functools.partial(sklearn.metrics.f1_score, average="macro"),
           "pearson": lambda labels, scores: scipy.stats.pearsonr(labels, scores)[0],
           "spearman": lambda labels, scores: scipy.stats.spearmanr(labels, scores)[0], "mse": sklearn.metrics.mean_squared_error}


def exact_p(of_run, labels, here, there):
    """Of all choices of examples that change sides in all runs together; here and there are (runs, examples)."""
    def difference(swapped):
        mixed = [numpy.where(swapped, there, here), numpy.where(swapped, here, there)]
        return numpy.mean([of_run(labels, run) for run in mixed[0]]) - numpy.mean([of_run(labels, run) for run in mixed[1]])

    with numpy.errstate(invalid="ignore"):
        all_of_them = numpy.array([difference(numpy.array(choice)) for choice in itertools.product((False, True), repeat=len(labels))])
    far = ~(abs(all_of_them) < abs(all_of_them[0]) - 1e-11)
    return far.mean()


class SweepExamples(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def record(self, cells, metric, compare_to="lora"):
        trials = [{"name": f"{cell}-{seed}", "cell": cell, "seed": seed, "settings": {}, "digest": "0"}
                  for cell, runs in cells.items() for seed in range(len(runs))]
        (self.folder / "sweep.json").write_text(json.dumps(
            {"name": "made up", "metric": metric, "higher_is_better": metric != "mse", "compare_to": compare_to, "workers": 1, "axes": [],
             "config": {}, "trials": trials}))

    def run_folder(self, name, task, metric, value, generation=None):
        run = self.folder / "trials" / name
        (run / "adapter").mkdir(parents=True)
        result = {"training_seconds": 1.5, "tokens_per_second": 100, "peak_memory_bytes": 7, "generation": generation}
        (run / "result.json").write_text(json.dumps(result))
        (run / "adapter" / "hiddenkey.json").write_text(json.dumps({"task": task, "training": {"metrics": {"dev": {metric: value}}}}))
        return run

    def make(self, labels, cells, metric, classes=("no", "yes")):
        """`cells` are lists of runs, each a prediction an example: numbers of classes, or scores where there are none."""
        of_run = METRICS["macro" if metric == "f1" and len(classes) > 2 else metric]
        self.record(cells, metric)
        shown = (lambda number: classes[number]) if classes else repr
        for cell, runs in cells.items():
            for seed, answers in enumerate(runs):
                task = {"name": "classification" if classes else "regression", "labels": list(classes)}
                run = self.run_folder(f"{cell}-{seed}", task, metric, float(of_run(labels, answers)))
                lines = [f"{i}\t{shown(label)}\t{shown(answer)}\t[0]" for i, (label, answer) in
                         enumerate(zip(numpy.asarray(labels).tolist(), numpy.asarray(answers).tolist()))]
                (run / "predictions-dev.tsv").write_text("\n".join(["id\tlabel\tprediction\tscores", *lines, ""]))

    def report(self):
        done = tool.run("sweep", "report", self.folder)
        with open(self.folder / "summary.csv", newline="") as file:
            return {row["cell"]: row for row in csv.DictReader(file)}, done.stdout, done.stderr

    def p(self, cell="x"):
        rows, _, warnings = self.report()
        self.assertNotIn("warning", warnings)
        return float(rows[cell]["example_p"])

    @staticmethod
    def drawn(draw, labels, share_right, classes=2):
        return numpy.where(draw.random(len(labels)) < share_right, labels, draw.integers(0, classes, len(labels)))

    def test_with_one_seed_accuracy_has_mcnemars_exact_test(self):
        draw = numpy.random.default_rng(1)
        labels = draw.integers(0, 2, 400)
        here, there = self.drawn(draw, labels, 0.7), self.drawn(draw, labels, 0.5)
        self.make(labels, {"lora": [there], "x": [here]}, "accuracy")
        only_here = int(((here == labels) & (there != labels)).sum())
        only_there = int(((here != labels) & (there == labels)).sum())
        expected = scipy.stats.binomtest(only_here, only_here + only_there).pvalue
        self.assertLess(expected, 0.05)
        self.assertAlmostEqual(self.p() / expected, 1, DIGITS)

    def test_with_several_seeds_accuracy_has_the_exact_test_of_the_sum(self):
        draw = numpy.random.default_rng(2)
        labels = draw.integers(0, 3, 12)
        cells = {cell: [self.drawn(draw, labels, share, 3) for _ in range(3)] for cell, share in (("lora", 0.3), ("x", 0.7))}
        self.make(labels, cells, "accuracy", classes=("a", "b", "c"))
        right = [(numpy.array(cells[cell]) == labels).sum(0) for cell in ("x", "lora")]
        test = scipy.stats.permutation_test(right, lambda a, b: (a - b).sum(), permutation_type="samples", n_resamples=2**12)
        self.assertLess(test.pvalue, 1)
        self.assertAlmostEqual(self.p(), test.pvalue, DIGITS)

    def test_metrics_of_classes_have_a_permutation_test(self):
        draw = numpy.random.default_rng(3)
        for metric, classes in (("f1", ("no", "yes")), ("f1", ("a", "b", "c")), ("matthews", ("no", "yes"))):
            with self.subTest(metric=metric, classes=classes):
                self.setUp()
                labels = draw.integers(0, len(classes), 8)
                cells = {cell: [self.drawn(draw, labels, share, len(classes)) for _ in range(2)] for cell, share in (("lora", 0.2), ("x", 0.8))}
                self.make(labels, cells, metric, classes)
                of_run = METRICS["macro" if len(classes) > 2 else metric]
                expected = exact_p(of_run, labels, numpy.array(cells["x"]), numpy.array(cells["lora"]))
                self.assertLess(expected, 0.5)
                self.assertAlmostEqual(self.p(), expected, delta=BY_DRAWS)

    def write_runs(self, metric, task, cells, lines_of, value_of):
        """`cells` are lists of runs; `lines_of` makes the text of a file of predictions, and `value_of` the metric."""
        self.record(cells, metric)
        for cell, runs in cells.items():
            for seed, run in enumerate(runs):
                folder = self.run_folder(f"{cell}-{seed}", task, "more", {metric: float(value_of(run))})  # as metrics beside the task's own are
                (folder / "predictions-dev.tsv").write_text("\n".join([*lines_of(run), ""]))

    def check_p(self, metric, task, cells, lines_of, value_of, examples):
        """Against every possible choice of examples that change sides; a run is an array with a row an example."""
        self.setUp()
        self.write_runs(metric, task, cells, lines_of, value_of)
        def difference(swapped):
            swapped = numpy.array(swapped).reshape(-1, *[1] * (cells["x"][0].ndim - 1))
            pairs = list(zip(cells["x"], cells["lora"]))
            return numpy.mean([value_of(numpy.where(swapped, there, here)) - value_of(numpy.where(swapped, here, there)) for here, there in pairs])
        drawn = numpy.array([difference(choice) for choice in itertools.product((False, True), repeat=examples)])
        expected = (~(abs(drawn) < abs(drawn[0]) - 1e-11)).mean()
        self.assertLess(expected, 0.9)
        self.assertAlmostEqual(self.p(), expected, delta=BY_FEW_DRAWS)

    def test_averages_over_classes_have_a_permutation_test(self):
        draw = numpy.random.default_rng(11)
        labels = numpy.array([0, 1, 2, 0, 1, 2])
        names = ("a", "b", "c")
        metrics = {"f1_weighted": functools.partial(sklearn.metrics.f1_score, average="weighted"), "balanced_accuracy": sklearn.metrics.balanced_accuracy_score}
        for metric, score in metrics.items():
            with self.subTest(metric=metric):
                cells = {cell: [self.drawn(draw, labels, share, 3) for _ in range(2)] for cell, share in (("lora", 0.3), ("x", 0.9))}
                self.check_p(metric, {"name": "classification", "labels": names}, cells,
                             lambda run: ["id\tlabel\tprediction\tscores", *(f"{i}\t{names[label]}\t{names[answer]}\t[0]" for i, (label, answer) in enumerate(zip(labels, run)))],
                             lambda run, score=score: score(labels, run), len(labels))

    def test_rankings_of_classes_have_a_permutation_test(self):
        draw = numpy.random.default_rng(12)
        for classes in (2, 3):
            labels = numpy.arange(6) % classes
            names = ("a", "b", "c")[:classes]
            for metric in ("roc_auc", "average_precision"):
                with self.subTest(metric=metric, classes=classes):
                    def value(run, metric=metric, classes=classes, labels=labels):
                        if metric == "roc_auc":
                            return sklearn.metrics.roc_auc_score(labels, run[:, 1] if classes == 2 else run, multi_class="ovr")
                        return sklearn.metrics.average_precision_score(labels, run[:, 1] if classes == 2 else run)
                    def scores(noise, classes=classes, labels=labels):
                        logits = numpy.eye(classes)[labels] + draw.normal(0, noise, (6, classes))
                        # Of two classes some scores are equal, in one cell and between them.
                        powers = numpy.round(numpy.exp(logits)) + 1 if classes == 2 else numpy.exp(logits)
                        return powers / powers.sum(axis=1, keepdims=True)
                    cells = {cell: [scores(noise) for _ in range(2)] for cell, noise in (("lora", 2), ("x", 0.6))}
                    self.check_p(metric, {"name": "classification", "labels": names}, cells,
                                 lambda run, labels=labels, names=names: ["id\tlabel\tprediction\tscores", *(
                                     f"{i}\t{names[label]}\t{names[row.argmax()]}\t{[float(f'{score:.7g}') for score in row]}" for i, (label, row) in enumerate(zip(labels, run)))],
                                 value, len(labels))

    def test_metrics_of_several_labels_have_a_permutation_test(self):
        draw = numpy.random.default_rng(13)
        names = ("a", "b")
        labels = numpy.array([[1, 0], [0, 1], [1, 1], [0, 0], [1, 0], [0, 1]])
        metrics = {"f1_micro": lambda run: sklearn.metrics.f1_score(labels, run > 0.5, average="micro", zero_division=0),
                   "f1_samples": lambda run: sklearn.metrics.f1_score(labels, run > 0.5, average="samples", zero_division=0),
                   "accuracy": lambda run: sklearn.metrics.accuracy_score(labels, run > 0.5),
                   "roc_auc_macro": lambda run: sklearn.metrics.roc_auc_score(labels, run, average="macro"),
                   "average_precision_micro": lambda run: sklearn.metrics.average_precision_score(labels, run, average="micro")}
        def named(row):
            return ",".join(name for name, on in zip(names, row) if on)
        for metric, value in metrics.items():
            with self.subTest(metric=metric):
                cells = {cell: [numpy.round(0.01 + 0.98 / (1 + numpy.exp(-(2 * labels - 1) - draw.normal(0, noise, labels.shape))), 2) for _ in range(2)]
                         for cell, noise in (("lora", 3), ("x", 0.8))}
                self.check_p(metric, {"name": "multi_label_classification", "labels": names}, cells,
                             lambda run: ["id\tlabel\tprediction\tscores", *(f"{i}\t{named(label)}\t{named(row > 0.5)}\t{row.tolist()}" for i, (label, row) in enumerate(zip(labels, run)))],
                             value, len(labels))

    def test_metrics_of_tagged_words_have_a_permutation_test_over_sentences(self):
        draw = numpy.random.default_rng(14)
        tags = ("O", "B-X", "I-X")
        real = numpy.array([[0, 1, 2], [1, 2, 0], [0, 0, 1], [1, 0, 1], [1, 2, 2], [0, 1, 2]])
        def entities(row):
            found, begin = set(), None
            for place, tag in enumerate([*row, 0]):
                if begin is not None and tag != 2:
                    found.add((begin, place))
                    begin = None
                if tag == 1 or (tag == 2 and begin is None):
                    begin = place
            return found
        def f1(run):
            counts = [(len(entities(a) & entities(b)), len(entities(a)) + len(entities(b))) for a, b in zip(real, run)]
            return 2 * sum(hits for hits, _ in counts) / max(1, sum(both for _, both in counts))
        def lines(run):
            return ["id\tword\ttag\tprediction\tscore", *(f"{i}\tw\t{tags[a]}\t{tags[b]}\t0.5" for i, rows in enumerate(zip(real, run)) for a, b in zip(*rows))]
        for metric, value in (("f1", f1), ("accuracy", lambda run: (run == real).mean())):
            with self.subTest(metric=metric):
                cells = {cell: [numpy.where(draw.random(real.shape) < share, real, draw.integers(0, 3, real.shape)) for _ in range(2)]
                         for cell, share in (("lora", 0.3), ("x", 0.8))}
                self.check_p(metric, {"name": "token_classification", "labels": tags}, cells, lines, value, len(real))

    def test_a_metric_that_is_none_of_single_examples_is_named(self):
        labels = numpy.array([0, 1, 1, 0])
        self.make(labels, {"lora": [labels], "x": [labels]}, "accuracy")
        record = json.loads((self.folder / "sweep.json").read_text())
        (self.folder / "sweep.json").write_text(json.dumps(record | {"metric": "loss"}))
        for path in self.folder.glob("trials/*/adapter/hiddenkey.json"):
            path.write_text(path.read_text().replace('"accuracy"', '"loss"'))
        self.assertIn("there are no tests over examples: loss is not computed from what is predicted of each", self.report()[2])

    def test_metrics_of_scores_have_a_permutation_test(self):
        draw = numpy.random.default_rng(4)
        for metric, tolerance in (("pearson", BY_DRAWS), ("mse", BY_DRAWS), ("spearman", BY_FEW_DRAWS)):
            with self.subTest(metric=metric):
                self.setUp()
                labels = draw.integers(0, 6, 8) / 2 + 100
                # Rounded, so that scores have ties between the cells and within them.
                cells = {cell: [numpy.round(labels + draw.normal(0, noise, 8), 1) for _ in range(2)] for cell, noise in (("lora", 1.5), ("x", 0.5))}
                self.make(labels, cells, metric, classes=())
                expected = exact_p(METRICS[metric], labels, numpy.array(cells["x"]), numpy.array(cells["lora"]))
                self.assertLess(expected, 0.6)
                self.assertAlmostEqual(self.p(), expected, delta=tolerance)

    def test_texts_have_a_permutation_test_and_meteor_has_none(self):
        references = [f"the {word} is near the river and has {word} food" for word in "red blue green old new small big cold warm".split()]
        worse = [text.replace("river", "sea").replace("food", "meals") if i % 4 else text for i, text in enumerate(references)]
        values = {tuple(texts): self.scored(texts, references) for texts in (worse, references)}
        for metric in ("BLEU", "NIST", "ROUGE-L", "CIDEr", "METEOR"):
            with self.subTest(metric=metric):
                self.setUp()
                cells = {"lora": [worse, worse], "x": [references, references]}
                self.record(cells, metric)
                for cell, runs in cells.items():
                    for seed, texts in enumerate(runs):
                        task = {"name": "generation", "labels": []}
                        run = self.run_folder(f"{cell}-{seed}", task, "loss", 1.0, {"metrics": values[tuple(texts)]})
                        (run / "generations-dev.jsonl").write_text("".join(
                            json.dumps({"id": str(i), "prompt": "p", "text": text, "references": [reference]}) + "\n"
                            for i, (text, reference) in enumerate(zip(texts, references))))
                rows, _, warnings = self.report()
                self.assertNotIn("warning", warnings)
                if metric == "METEOR":
                    self.assertEqual(rows["x"]["example_p"], "")
                    continue
                # Six of nine texts differ, all in the same direction: two of 64 choices are as far.
                self.assertAlmostEqual(float(rows["x"]["example_p"]), 2 / 64, delta=BY_FEW_DRAWS)

    def scored(self, texts, references):
        hypotheses, truths = self.folder / "hypotheses.txt", self.folder / "references.txt"
        hypotheses.write_text("\n".join(texts) + "\n")
        truths.write_text("\n".join(references) + "\n")
        return json.loads(tool.run("score", "--task", "e2e", "--hyp", hypotheses, "--ref", truths, "--json").stdout)["systems"][0]["metrics"]

    def test_p_is_corrected_over_the_cells_and_explained(self):
        draw = numpy.random.default_rng(5)
        labels = draw.integers(0, 2, 200)
        cells = {cell: [self.drawn(draw, labels, share)] for cell, share in (("lora", 0.4), ("a", 0.5), ("b", 0.7), ("c", 0.9))}
        self.make(labels, cells, "accuracy")
        rows, text, _ = self.report()
        ps = sorted((float(rows[cell]["example_p"]), cell) for cell in "abc")
        least = 0
        for place, (p, cell) in enumerate(ps):
            least = max(least, min(1, p * (3 - place)))
            self.assertAlmostEqual(float(rows[cell]["example_p_holm"]), least, DIGITS)
            self.assertEqual(rows[cell]["examples"], "200")
        self.assertEqual(rows["lora"]["example_p"], "")
        self.assertIn("| p (examples) | Holm |", text)
        self.assertIn("McNemar", text)
        self.assertIn("p (examples) & Holm", (self.folder / "summary.tex").read_text())

    def test_a_loss_has_no_test_over_examples_and_no_column_for_people(self):
        self.make([0, 1], {"lora": [[0, 1]], "x": [[0, 0]]}, "accuracy")
        for run in (self.folder / "trials").iterdir():
            (run / "adapter" / "hiddenkey.json").write_text(json.dumps(
                {"task": {"name": "classification", "labels": ["no", "yes"]}, "training": {"metrics": {"dev": {"loss": 0.5}}}}))
        self.record({"lora": [0], "x": [0]}, "loss")
        rows, text, warnings = self.report()
        self.assertEqual((rows["x"]["example_p"], rows["x"]["examples"]), ("", ""))
        self.assertNotIn("p (examples)", text)
        self.assertNotIn("warning", warnings)

    def test_runs_that_do_not_fit_are_left_out_with_one_warning(self):
        labels = [0, 1] * 6
        wrong = [1 - label for label in labels]
        cells = {cell: [answers] * 3 for cell, answers in (("lora", wrong), ("a", labels), ("b", labels), ("c", labels), ("d", labels))}
        self.make(labels, cells, "accuracy")
        trials = self.folder / "trials"

        def change(name, old, new):
            file = trials / name / "predictions-dev.tsv"
            self.assertIn(old, file.read_text())
            file.write_text(file.read_text().replace(old, new, 1))

        (trials / "a-0" / "predictions-dev.tsv").unlink()
        change("a-1", "\n3\tyes\tyes", "\nthree\tyes\tyes")
        change("b-0", "\n3\tyes\tyes", "\n3\tno\tno")
        change("b-1", "\n3\tyes\tyes", "\n3\tyes\tno")
        change("c-0", "\n3\tyes\tyes", "\n3\tyes\tmaybe")
        change("c-1", "\n3\tyes\tyes\t[0]", "\n3\tyes")
        rows, _, warnings = self.report()
        [line] = [line for line in warnings.splitlines() if line.startswith("warning")]
        for part in ("a-0 (", "predictions-dev.tsv", "a-1 (its examples are others", "b-0 (its examples", "and 3 more"):
            self.assertIn(part, line)
        # One or three seeds of twelve examples that are all right here and wrong there.
        for cell in "abcd":
            self.assertAlmostEqual(float(rows[cell]["example_p"]), 2 / 2**12, DIGITS)
        for kept in ("a-1", "a-2", "b-0", "b-2"):
            (trials / kept / "predictions-dev.tsv").unlink()
        rows, _, warnings = self.report()
        self.assertEqual([rows["a"]["example_p"], rows["a"]["examples"]], ["", ""])
        self.assertIn("and 5 more", warnings)

    def test_what_a_run_has_written_has_to_agree_with_its_predictions(self):
        self.make([0, 1, 1], {"lora": [[0, 0, 0]], "x": [[0, 1, 1]]}, "accuracy")
        file = self.folder / "trials" / "x-0" / "predictions-dev.tsv"
        file.write_text(file.read_text().replace("2\tyes\tyes", "2\tyes\tno"))
        rows, _, warnings = self.report()
        self.assertEqual(rows["x"]["example_p"], "")
        self.assertIn("x-0 (its predictions give accuracy 0.6666666666666666, and it has written 1)", warnings)

    def test_folds_are_examples_of_their_own(self):
        labels = [0, 1] * 4
        wrong = [1 - label for label in labels]
        self.make(labels, {"lora": [wrong, wrong], "x": [labels, labels]}, "accuracy")
        for cell in ("lora", "x"):
            file = self.folder / "trials" / f"{cell}-1" / "predictions-dev.tsv"
            file.write_text("".join(line if number == 0 else "other " + line for number, line in enumerate(file.read_text().splitlines(True))))
        rows, _, _ = self.report()
        self.assertEqual(rows["x"]["examples"], "16")
        self.assertAlmostEqual(float(rows["x"]["example_p"]), 2 / 2**16, DIGITS)


if __name__ == "__main__":
    unittest.main()
