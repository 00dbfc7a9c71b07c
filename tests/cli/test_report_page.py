"""The pages of reports in a real browser: figures are drawn, hostile names stay text, tables can be sorted and filtered."""

import json
import pathlib
import random
import resource
import subprocess
import tempfile
import unittest

import browser
import made_up_sweep
import scipy.stats
import tiny
import tool

HOSTILE = "<img src=x onerror=\"document.title='broken'\"></script><script>document.title='broken'</script><!-- {b} {{data}}"
FIGURES = "document.querySelectorAll('.drawing').length"
DRAWN = "[...document.querySelectorAll('.drawing[data-drawn=true]')].filter(one => one.querySelector('svg path, svg text')).length"
# A figure's numbers have six digits.
DIGITS = 5


def rate_trials():
    """LoRA, and three schemes at three rates each, with five seeds."""
    draw = random.Random(1)
    cells = [("lora", {"dropout.scheme": "none"}, 0.8)]
    for scheme, keys in (("dropkey", ["logits"]), ("hiddencut", ["hidden"]), ("hiddenkey", ["logits", "hidden"])):
        for rate in (0.05, 0.1, 0.2):
            settings = {"dropout.scheme": scheme, **{f"dropout.{key}.rate": rate for key in keys}}
            cells.append((f"scheme={scheme}, rate={rate}", settings, 0.8 + rate / 5))
    return [(cell, seed, settings, round(level + draw.gauss(0, 0.01), 4)) for cell, settings, level in cells for seed in range(1, 6)]


def figure_named(title):
    return f"figures.find(one => one.element.querySelector('h3').textContent === {json.dumps(title)})"


class PageCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        cls.browser = browser.Browser()
        cls.addClassCleanup(cls.browser.close)

    def study(self, folder_name, trials, **keys):
        folder = made_up_sweep.make(self.root / folder_name, trials, **keys)
        tool.run("sweep", "report", folder)
        return folder / "report.html"

    def open(self, page, **how):
        """Opens a page, which must be whole: nothing missing, nothing fetched, nothing to complain of, nothing cut off."""
        self.browser.open(page, **how)
        self.assertEqual(self.browser.complaints, [])
        self.assertEqual(self.browser.requests, [page.resolve().as_uri()])
        self.assertTrue(self.get("document.documentElement.dataset.ready"))
        self.assertEqual(self.get(DRAWN), self.get(FIGURES))
        self.assertLessEqual(self.get("document.documentElement.scrollWidth"), how.get("width", 1280))

    def get(self, expression):
        return self.browser.evaluate(expression)

    def titles(self):
        return self.get("[...document.querySelectorAll('figure h3')].map(one => one.textContent)")

    def rows(self, section):
        """The texts of a section's first table."""
        return self.get(f"[...document.querySelector('#{section} table').tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent))")

    def open_numbers(self, title):
        """The table beside a figure."""
        self.get(figure_named(title) + ".element.querySelector('details').open = true")
        self.browser.settle()
        return self.get("[...document.querySelector('details[open] table').rows].map(row => [...row.cells].map(cell => cell.textContent))")


@browser.needed
class StudyPage(PageCase):
    def test_every_figure_is_drawn_at_each_width_and_in_each_colour(self):
        page = self.study("drawn", rate_trials(), axes=["dropout.scheme", "dropout.logits.rate", "dropout.hidden.rate"], compare_to="lora")
        for width in (375, 1280):
            for dark in (False, True):
                self.open(page, width=width, dark=dark)
        self.assertEqual(self.titles(), ["accuracy of each seed", "accuracy by dropout.logits.rate", "accuracy by dropout.hidden.rate", "Training loss",
                                         "Consistency loss", "accuracy", "p-values between cells"])
        self.assertGreater(page.stat().st_size, 1_100_000)
        self.assertLess(page.stat().st_size, 1_400_000)

    def test_the_numbers_of_a_figure_stand_in_a_table_beside_it(self):
        trials = rate_trials()
        self.open(self.study("numbers", trials, axes=["dropout.scheme"], compare_to="lora"))
        head, *rows = self.open_numbers("accuracy by dropout.logits.rate")
        self.assertEqual(head, ["dropout.logits.rate (probability of a drop)", "dropkey", "hiddenkey"])
        of_cell = sorted(value for cell, _, _, value in trials if cell == "scheme=dropkey, rate=0.1")
        self.assertEqual(rows[1][:2], ["0.1", f"{of_cell[2]:.4f} ({of_cell[0]:.4f} to {of_cell[4]:.4f})"])

    def test_the_cell_that_is_compared_to_is_marked_at_its_median(self):
        self.open(self.study("level", rate_trials(), axes=["dropout.scheme"], compare_to="lora"))
        figure = figure_named("accuracy by dropout.hidden.rate")
        expected = self.get(f"{figure}.chart.convertToPixel({{yAxisIndex: 0}}, data.cells[0].median)")
        [path] = self.get(f"[...{figure}.element.querySelectorAll('path[stroke-dasharray]')].map(one => one.getAttribute('d'))")
        # ECharts moves a line to the middle of a pixel, so that it is sharp.
        self.assertAlmostEqual(float(path.split()[1].split("L")[0]), expected, delta=1)

    def test_a_level_beyond_all_lines_leaves_the_axis_its_round_numbers(self):
        trials = [("lora", seed, {"dropout.scheme": "none"}, 0.5777978339 + seed / 1e5) for seed in range(1, 4)]
        trials += [(scheme, seed, {"dropout.scheme": scheme, "dropout.hidden.rate": rate}, 0.56 + seed / 1000)
                   for scheme, rate in (("hiddencut", 0.05), ("hiddenkey-", 0.2)) for seed in range(1, 4)]
        self.open(self.study("beyond", trials, axes=["dropout.scheme"], compare_to="lora"))
        axis = figure_named("accuracy by dropout.hidden.rate") + ".chart.getModel().getComponent('yAxis').axis"
        self.assertGreater(self.get(f"{axis}.scale.getExtent()[1]"), self.get("data.cells[0].median"))
        labels = self.get(f"{axis}.getViewLabels().map(one => one.formattedLabel)")
        self.assertLessEqual(max(map(len, labels)), 6, labels)

    def test_many_values_are_dots_with_the_level_that_they_are_compared_to(self):
        trials = [("lora", 1, {"dropout.scheme": "none"}, 0.5)]
        trials += [(f"rate={rate}", 1, {"dropout.scheme": "hiddencut", "dropout.hidden.rate": rate / 100}, 0.56) for rate in range(1, 15)]
        self.open(self.study("dots", trials, axes=["dropout.scheme"], compare_to="lora"))
        kinds = self.get(figure_named("accuracy by dropout.hidden.rate") + ".chart.getOption().series.map(one => one.type + ' ' + one.data.length)")
        self.assertEqual(kinds, ["scatter 14", "line 0", "scatter 1"])

    def test_p_values_equal_scipys(self):
        trials = rate_trials()
        self.open(self.study("p_values", trials, compare_to="lora"))
        cells = list(dict.fromkeys(cell for cell, *_ in trials))
        values = [[value for name, _, _, value in trials if name == cell] for cell in cells]
        pairs = self.get("data.pairs")
        expected = [(scipy.stats.ttest_rel(values[i], values[j]).pvalue, scipy.stats.wilcoxon(values[i], values[j], method="exact").pvalue)
                    for i in range(len(cells)) for j in range(i + 1, len(cells))]
        for place, (t, rank) in enumerate(expected):
            self.assertAlmostEqual(pairs["t"][place], t, DIGITS)
            self.assertAlmostEqual(pairs["rank"][place], rank, DIGITS)
        _, *rows = self.open_numbers("p-values between cells")
        self.assertEqual(len(rows), len(expected))
        last = cells.index(cells[-1])
        self.assertEqual(self.get(f"pairValue('t', {last}, 2)"), self.get(f"pairValue('t', 2, {last})"))
        self.assertEqual(self.get(f"pairValue('t', 8, {last})"), pairs["t"][-1])
        self.assertEqual(self.get("rowMinusColumn(1, 0)"), -pairs["difference"][0])

    def test_a_hostile_name_stays_text(self):
        trials = [("lora", 1, {"task.name": "x"}, 0.5), (HOSTILE, 1, {"task.name": HOSTILE}, 0.75), (HOSTILE, 2, {"task.name": HOSTILE}, HOSTILE)]
        page = self.study("hostile", trials, axes=["task.name"], compare_to=HOSTILE, name=HOSTILE)
        self.open(page)
        self.assertEqual(self.get("document.title"), HOSTILE + ": accuracy")
        self.assertEqual(self.get("[document.images.length, document.querySelectorAll('main script').length]"), [0, 0])
        self.assertEqual(self.rows("summary")[1][1], HOSTILE)
        self.assertEqual(self.rows("failed")[0][1], HOSTILE)
        self.assertTrue(all(row[4] in ("x", HOSTILE) for row in self.rows("trials")))
        folder = page.parent.resolve().as_uri()
        self.assertTrue(all(link.startswith(folder + "/trials/t") for link in self.get("[...document.querySelectorAll('#trials a')].map(a => a.href)")))
        self.get("document.body.append(Object.assign(document.createElement('script'), {textContent: 'document.title = \"broken\"'}))")
        self.assertEqual(self.get("document.title"), HOSTILE + ": accuracy", "a script that is not the page's own has run")

    def test_the_table_of_trials_is_sorted_and_filtered(self):
        trials = [("a", 1, {"lora.r": 8}, 0.5), ("a", 2, {"lora.r": 8}, 0.7), ("b", 1, {"lora.r": 16}, 0.6), ("b", 2, {"lora.r": 16}, "no memory")]
        self.open(self.study("sorted", trials, axes=["lora.r"]))
        column = "[...document.querySelectorAll('#trials th')].find(one => one.textContent === 'accuracy')"
        names = lambda: [row[0] for row in self.rows("trials")]
        self.assertEqual(names(), ["t0", "t1", "t2", "t3"])
        self.get(column + ".firstChild.click()")
        self.assertEqual((names(), self.get(column + ".ariaSort")), (["t0", "t2", "t1", "t3"], "ascending"))
        self.get(column + ".firstChild.click()")
        self.assertEqual((names(), self.get(column + ".ariaSort")), (["t1", "t2", "t0", "t3"], "descending"))
        write = "(text => {const input = document.querySelector('#trials input'); input.value = text; input.dispatchEvent(new Event('input'))})"
        self.get(write + "('FAILED memory')")
        self.assertEqual(names(), ["t3"])
        self.get(write + "('done 16')")
        self.assertEqual(names(), ["t2"])
        self.get(write + "('')")
        self.assertEqual(len(names()), 4)

    def test_what_failed_is_shown_with_its_error(self):
        self.open(self.study("failed", [("a", 1, {}, 0.5), ("a", 2, {}, "out of memory"), ("a", 3, {}, None)]))
        self.assertEqual(self.rows("failed"), [["t1", "out of memory"]])
        self.assertEqual([row[3] for row in self.rows("trials")], ["✓ done", "✗ failed", "… waiting"])
        self.assertIn("3 trials in 1 cell: 1 done, 1 failed, 1 waiting.", self.get("document.getElementById('facts').textContent"))

    def test_small_studies_show_what_there_is(self):
        hidden = lambda: self.get("[...document.querySelectorAll('main > section[hidden]')].map(one => one.id)")
        self.open(self.study("one", [("base", 42, {}, 0.5)], curves=False), width=375)
        self.assertEqual(hidden(), ["failed", "keys", "shares", "epochs", "pairs"])
        words = [(f"scheme={scheme}", seed, {"dropout.scheme": scheme}, 0.5 + 0.01 * seed) for scheme in ("none", "dropkey") for seed in (1, 2)]
        self.open(self.study("words", words, axes=["dropout.scheme"]))
        self.assertEqual(hidden(), ["failed", "keys"])

    def test_a_thousand_trials_are_readable(self):
        draw = random.Random(2)
        cells = [{"training.learning_rate": 10 ** draw.uniform(-5, -2), "lora.r": draw.choice([4, 8, 16])} for _ in range(200)]
        trials = [(f"cell {i}", seed, settings, 0.5 + 0.001 * i + draw.gauss(0, 0.01)) for i, settings in enumerate(cells) for seed in range(5)]
        page = self.study("thousand", trials, axes=["training.learning_rate", "lora.r"], curves=False)
        for width in (375, 1280):
            self.open(page, width=width)
        self.assertIn("Drawn are the 40 of 200 cells", self.get("document.querySelector('#seeds').textContent"))
        self.assertEqual(len(self.rows("trials")), 100)
        self.get("[...document.querySelectorAll('#trials button')].find(one => one.textContent === 'Show all rows').click()")
        self.assertEqual(len(self.rows("trials")), 1000)

    def test_the_legend_hides_lines_and_the_choice_of_a_test_changes_the_map(self):
        self.open(self.study("legend", rate_trials(), axes=["dropout.scheme"]))
        lines = figure_named("Training loss") + ".chart.getOption().series.length"
        before = self.get(lines)
        self.get("document.querySelector('#epochs .legend button').click()")
        self.assertEqual((self.get(lines), self.get("document.querySelector('#epochs .legend button').ariaPressed")), (before - 1, "false"))
        ps = "figures.at(-1).chart.getOption().series[0].data.map(one => one.value[2])"
        before = self.get(ps)
        self.get("(choice => {choice.value = 'rank'; choice.dispatchEvent(new Event('change'))})(document.getElementById('test'))")
        after = self.get(ps)
        self.assertNotEqual(after, before)
        self.assertAlmostEqual(min(after), 0.0625)

    def test_print_is_light_and_on_paper(self):
        page = self.study("print", rate_trials(), axes=["dropout.scheme"], compare_to="lora")
        self.open(page, dark=True)
        ink = "document.querySelector('#seeds svg text').getAttribute('fill')"
        dark = self.get(ink)
        self.get("addEventListener('beforeprint', () => setTimeout(() => 0)); window.inks = []; addEventListener('beforeprint', () => inks.push(" + ink + "))")
        self.browser.print(self.root / "page.pdf")
        self.assertEqual([self.get("inks[0]"), self.get(ink)], ["#1c1f24", dark])
        self.assertGreater((self.root / "page.pdf").stat().st_size, 20_000)


@browser.needed
class RunPage(PageCase):
    def run_folder(self, name, task, predictions=None, texts=None):
        folder = self.root / name
        (folder / "adapter").mkdir(parents=True)
        made_up_sweep.write_curves(folder, "accuracy", 0.8, has_consistency=True)
        (folder / "adapter" / "hiddenkey.json").write_text(json.dumps({"task": task}))
        if predictions:
            lines = ["id\tlabel\tprediction\tscores", *(f"{i}\t{label}\t{predicted}\t[]" for i, (label, predicted) in enumerate(predictions))]
            (folder / "predictions-dev.tsv").write_text("\n".join(lines) + "\n")
        if texts:
            (folder / "generations-dev.jsonl").write_text("".join(json.dumps(text) + "\n" for text in texts))
        return folder

    def test_a_run_that_was_trained_has_its_page(self):
        model, task = tiny.make_model(self.root / "model"), tiny.make_task(self.root / "task")
        tool.run("train", tiny.config(self.root, model, task, logging={"every": 2}))
        for width, dark in ((375, False), (1280, True)):
            self.open(self.root / "run" / "report.html", width=width, dark=dark)
        self.assertEqual(self.titles(), ["Loss", "Consistency loss", "accuracy", "f1", "matthews", "Learning rate", "Gradient norm", "Throughput",
                                         "Confusion matrix: dev"])
        counts = self.get("data.runs[0].predictions[0].counts")
        self.assertEqual(sum(count for _, _, count in counts), 40)
        right = sum(count for label, predicted, count in counts if label == predicted)
        result = json.loads((self.root / "run" / "result.json").read_text())
        self.assertAlmostEqual(right / 40, result["best"]["accuracy"])
        settings = dict(self.rows("settings"))
        self.assertEqual((settings["dropout.scheme"], settings["training.batch_size"]), ("hiddenkey", "8"))
        self.get("(choice => {choice.value = 'epoch'; choice.dispatchEvent(new Event('change'))})(document.getElementById('across'))")
        self.assertEqual(self.get("Math.max(...figures[0].chart.getOption().series[0].data.map(point => point[0]))"), 2)
        tool.run("train", self.root / "config.yaml", "--overwrite", "training.epochs=1")
        self.open(self.root / "run" / "report.html")
        self.assertEqual(self.get("data.runs[0].result.steps"), 12)

    def test_several_runs_stand_side_by_side(self):
        kind = {"kind": "classification", "labels": ["no", "yes"]}
        a, b = (self.run_folder(name, kind, [("no", "yes"), ("yes", "yes")]) for name in ("first", HOSTILE.replace("/", "")))
        (a / "config.yaml").write_text("training:\n  seed: 1\n  epochs: 3\n")
        (b / "config.yaml").write_text("training:\n  seed: 2\n  epochs: 3\n")
        refused = tool.error_line(tool.run("report", a, b, code=2))
        self.assertIn("--output is missing", refused)
        tool.run("report", a, b, "--output", self.root / "both.html")
        for width in (375, 1280):
            self.open(self.root / "both.html", width=width)
        self.assertEqual(self.rows("settings"), [["training.seed", "1", "2"]])
        self.assertEqual(self.titles()[-1], "Confusion matrix: " + b.name + ", dev")
        self.assertEqual(self.get("document.images.length"), 0)

    def test_a_regression_and_texts_are_shown(self):
        draw = random.Random(4)
        pairs = [(label, label + draw.gauss(0, 0.3)) for label in (draw.uniform(0, 5) for _ in range(1500))]
        folder = self.run_folder("scores", {"kind": "regression"}, pairs, [{"id": "1", "prompt": HOSTILE, "text": "b <b>c</b>", "references": ["d", "e"]}])
        tool.run("report", folder)
        self.open(folder / "report.html", width=375)
        self.assertEqual(self.titles()[-1], "Predicted against true: dev")
        self.assertIn("Drawn are 750 of 1500 examples", self.get("document.querySelector('#scatters').textContent"))
        self.assertEqual(self.rows("texts"), [[HOSTILE, "d\ne", "b <b>c</b>"]])


class ReportCommand(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def test_a_page_that_cannot_be_written_is_a_warning_of_a_finished_run(self):
        model, task = tiny.make_model(self.root / "model"), tiny.make_task(self.root / "task")
        config = tiny.config(self.root, model, task, training={"epochs": 1, "batch_size": 8, "max_length": 24})
        # A page is larger than any other file of so small a run.
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
        done = subprocess.run([tool.TOOL, "train", config], capture_output=True, text=True, preexec_fn=limit)
        self.assertEqual(done.returncode, 0, done.stderr)
        warnings = [line for line in done.stderr.splitlines() if "the run's page was not written" in line]
        self.assertEqual(len(warnings), 1, done.stderr)
        self.assertTrue((self.root / "run" / "result.json").exists())
        self.assertFalse((self.root / "run" / "report.html").exists())

    def test_a_folder_that_holds_no_run_is_refused(self):
        self.assertIn("metrics.jsonl is not there", tool.error_line(tool.run("report", self.root, code=3)))
        made_up_sweep.make(self.root / "sweep", [("a", 1, {}, 0.5)])
        self.assertIn("`hiddenkey sweep report`", tool.error_line(tool.run("report", self.root / "sweep", code=2)))
        self.assertEqual([path.name for path in self.root.iterdir()], ["sweep"])


if __name__ == "__main__":
    unittest.main()
