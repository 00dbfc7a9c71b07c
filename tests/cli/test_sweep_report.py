"""The tables of a sweep, on folders that are made up: statistics equal scipy's, hostile names stay text."""

import csv
import io
import json
import math
import pathlib
import subprocess
import tempfile
import unittest

import numpy
import scipy.stats
import tool

HOSTILE = 'a|b, "c" <b>&\\x_1%'
# What the tool and scipy compute in another order differs in the last digits.
DIGITS = 9


def record(trials, axes=(), compare_to="lora", metric="accuracy", higher_is_better=True):
    return {"name": "made up", "metric": metric, "higher_is_better": higher_is_better, "compare_to": compare_to, "workers": 1,
            "axes": list(axes), "config": {}, "trials": [
                {"name": f"t{number}", "cell": cell, "seed": seed, "settings": settings, "digest": str(number)}
                for number, (cell, seed, settings, _) in enumerate(trials)]}


class SweepReport(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def make(self, trials, **keys):
        """`trials` are cell, seed, settings, and the metric, or None where the trial has not finished."""
        (self.folder / "sweep.json").write_text(json.dumps(record(trials, **keys)))
        for number, (_, _, _, value) in enumerate(trials):
            if value is None:
                continue
            run = self.folder / "trials" / f"t{number}"
            (run / "adapter").mkdir(parents=True)
            (run / "result.json").write_text(json.dumps({"training_seconds": 1.5, "tokens_per_second": 100, "peak_memory_bytes": 7}))
            metrics = {"dev": {keys.get("metric", "accuracy"): value, "loss": 1 - value}}
            (run / "adapter" / "hiddenkey.json").write_text(json.dumps({"training": {"metrics": metrics}}))

    def report(self, code=0):
        done = subprocess.run([tool.TOOL, "sweep", "report", self.folder], capture_output=True, text=True)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def rows(self, name):
        return {row["cell"] if name == "summary.csv" else row["name"]: row
                for row in csv.DictReader(io.StringIO((self.folder / name).read_bytes().decode()))}

    def test_folds_are_paired_one_by_one_and_allow_for_the_examples_they_share(self):
        draw = numpy.random.default_rng(8)
        folds, seeds = 5, (1, 2)
        base = draw.normal(0.7, 0.05, (len(seeds), folds))
        other = base + draw.normal(0.02, 0.02, base.shape)
        self.make([(cell, seed, {}, float(values[i, fold])) for cell, values in (("lora", base), ("other", other)) for i, seed in enumerate(seeds) for fold in range(folds)])
        made = json.loads((self.folder / "sweep.json").read_text())
        for i, trial in enumerate(made["trials"]):
            trial["fold"] = i % folds + 1
        (self.folder / "sweep.json").write_text(json.dumps(made))
        shown = self.report().stdout
        self.assertIn("paired by seed and fold: a t-test that allows for the training examples that folds share", shown)
        row = self.rows("summary.csv")["other"]
        differences = (other - base).ravel()
        n = differences.size
        # Nadeau and Bengio's variance of the mean: a fold tests one example for each (folds - 1) that it trains on.
        error = math.sqrt((1 / n + 1 / (folds - 1)) * differences.var(ddof=1))
        self.assertEqual((row["pairs"], row["p_rank"]), (str(n), ""))
        self.assertAlmostEqual(float(row["p_t"]), 2 * scipy.stats.t.sf(abs(differences.mean() / error), n - 1), DIGITS)
        low, high = scipy.stats.t.interval(0.95, n - 1, differences.mean(), error)
        self.assertAlmostEqual(float(row["low"]), low, DIGITS)
        self.assertAlmostEqual(float(row["high"]), high, DIGITS)
        self.assertEqual([trial["fold"] for trial in self.rows("results.csv").values()], [str(i % folds + 1) for i in range(2 * n)])

    def test_statistics_equal_scipys(self):
        draw = numpy.random.default_rng(5)
        base = draw.normal(0.7, 0.05, 9)
        cells = {"lora": base, **{f"cell {i}": base + draw.normal(0.01 * i, 0.02, 9) for i in range(4)}}
        self.make([(cell, seed, {"x": cell}, float(value)) for cell, values in cells.items() for seed, value in enumerate(values)],
                  axes=["x"])
        self.report()
        found = self.rows("summary.csv")
        ps = {"t": [], "rank": []}
        for cell, values in cells.items():
            row = found[cell]
            for name, expected in (("median", numpy.median(values)), ("mean", values.mean()), ("sd", values.std(ddof=1)),
                                   ("best", values.max())):
                self.assertAlmostEqual(float(row[name]), expected, DIGITS)
            if cell == "lora":
                self.assertEqual(row["difference"], "")
                continue
            difference = values - base
            test = scipy.stats.ttest_rel(values, base)
            interval = test.confidence_interval(0.95)
            ps["t"].append(test.pvalue)
            ps["rank"].append(scipy.stats.wilcoxon(difference, method="exact").pvalue)
            for name, expected in (("difference", difference.mean()), ("low", interval.low), ("high", interval.high),
                                   ("p_t", ps["t"][-1]), ("p_rank", ps["rank"][-1])):
                self.assertAlmostEqual(float(row[name]), expected, DIGITS)
        for kind, values in ps.items():
            order = numpy.argsort(values)
            corrected = numpy.maximum.accumulate([min(1, values[i] * (len(values) - place)) for place, i in enumerate(order)])
            for place, i in enumerate(order):
                self.assertAlmostEqual(float(found[f"cell {i}"][f"p_{kind}_holm"]), corrected[place], DIGITS)

    def test_the_rank_test_is_exact_with_ties_and_leaves_zeros_out(self):
        base, other = [0.5] * 9, [0.5, 0.5, 0.5, 0.625, 0.375, 0.75, 0.125, 0.75, 0.875]
        self.make([(cell, seed, {}, value) for cell, values in (("lora", base), ("x", other)) for seed, value in enumerate(values)])
        self.report()
        difference = numpy.array(other) - numpy.array(base)
        difference = difference[difference != 0]
        expected = scipy.stats.wilcoxon(difference, method=scipy.stats.PermutationMethod(n_resamples=10**6)).pvalue
        self.assertAlmostEqual(float(self.rows("summary.csv")["x"]["p_rank"]), expected, DIGITS)

    def test_main_effects_are_shares_of_the_sum_of_squares_on_a_full_grid(self):
        draw = numpy.random.default_rng(6)
        trials = [(f"{a} {b}", seed, {"a": a, "b": b}, float(0.1 * a + 0.01 * b + draw.normal(0, 0.02)))
                  for a in (1, 2) for b in (1, 2, 3) for seed in (1, 2)]
        self.make(trials, axes=["a", "b"], compare_to="")
        text = self.report().stdout
        values = numpy.array([value for *_, value in trials])
        for axis in ("a", "b"):
            of = numpy.array([settings[axis] for _, _, settings, _ in trials])
            between = sum((of == level).sum() * (values[of == level].mean() - values.mean()) ** 2 for level in set(of))
            self.assertIn(f"| {axis} | {100 * between / ((values - values.mean()) ** 2).sum():.1f}% |", text)
        (self.folder / "trials" / "t0" / "result.json").unlink()  # the grid is full no longer
        self.assertNotIn("share of the spread", self.report().stdout)

    def test_names_stay_text_in_every_table(self):
        self.make([("lora", 1, {}, 0.5), (HOSTILE, 1, {"task.name": HOSTILE}, 0.25)], metric="loss", higher_is_better=False)
        self.report()
        self.assertEqual(self.rows("results.csv")["t1"]["cell"], HOSTILE)
        self.assertEqual(self.rows("results.csv")["t1"]["task.name"], HOSTILE)
        self.assertIn(HOSTILE, self.rows("summary.csv"))
        [line] = [line for line in (self.folder / "summary.md").read_text().splitlines() if "&lt;b&gt;" in line]
        self.assertEqual(line.replace("\\|", "").count("|"), (self.folder / "summary.md").read_text().splitlines()[2].count("|"))
        self.assertIn("\\&\\textbackslash{}x\\_1\\%", (self.folder / "summary.tex").read_text())

    def test_what_has_not_finished_is_shown_and_counted_in_no_mean(self):
        self.make([("lora", 1, {}, 0.5), ("lora", 2, {}, None), ("x", 1, {}, 0.75), ("y", 1, {}, None)])
        text = self.report().stdout
        self.assertIn("Not finished yet: 2.", text)
        found = self.rows("summary.csv")
        self.assertEqual([found[cell]["done"] for cell in ("lora", "x", "y")], ["1", "1", "0"])
        self.assertEqual(float(found["x"]["difference"]), 0.25)
        self.assertEqual([found["x"]["p_t"], found["y"]["mean"]], ["", ""])
        self.assertTrue(math.isclose(float(found["x"]["p_rank"]), 1.0))

    def test_nothing_is_written_before_a_trial_has_finished_nor_into_another_folder(self):
        self.make([("lora", 1, {}, None)])
        self.assertIn("no trial has finished", self.report(code=3).stderr)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["sweep.json"])
        (self.folder / "sweep.json").unlink()
        self.assertIn("is no folder of a sweep", self.report(code=2).stderr)


if __name__ == "__main__":
    unittest.main()
