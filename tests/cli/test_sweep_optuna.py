"""A sweep as a journal of Optuna's, which Optuna opens; and what of a file that is there already stays."""

import datetime
import json
import pathlib
import tempfile
import unittest
import warnings

import optuna
import tool

STATES = optuna.trial.TrialState


class SweepOptuna(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.journal = self.folder / "optuna.log"

    def make(self, trials, metric="accuracy", higher_is_better=True):
        """`trials` are settings, seed, and the metric of a finished trial, or another state, in the order of their names t0, t1, ..."""
        (self.folder / "sweep.json").write_text(json.dumps(
            {"name": 'made "up"', "metric": metric, "higher_is_better": higher_is_better, "compare_to": "", "workers": 1, "axes": [],
             "config": {}, "trials": [{"name": f"t{number}", "cell": f"cell {number}", "seed": seed, "settings": settings, "digest": ""}
                                      for number, (settings, seed, _) in enumerate(trials)]}))
        events = []
        for number, (_, _, value) in enumerate(trials):
            run = self.folder / "trials" / f"t{number}" / "adapter"
            if isinstance(value, float) or value is None:
                run.mkdir(parents=True)
                (run.parent / "result.json").write_text(json.dumps({"training_seconds": 60, "tokens_per_second": 1, "peak_memory_bytes": 1}))
                (run / "hiddenkey.json").write_text(json.dumps({"training": {"metrics": {"dev": {metric: value}}}}))
                events += [{"trial": f"t{number}", "state": "running", "time": 1700000000.25, "attempt": 1},
                           {"trial": f"t{number}", "state": "done", "time": 1700000060.5, "attempt": 1}]
            elif value == "failed":
                events.append({"trial": f"t{number}", "state": "failed", "time": 1700000000.5, "attempt": 1, "exit_code": 3, "error": "no <data>"})
        (self.folder / "trials.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))

    def report(self, code=0):
        return tool.run("sweep", "report", self.folder, "--optuna", self.journal, code=code)

    def study(self):
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # journals are said to be experimental
            storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(self.journal)))
            return optuna.load_study(study_name='made "up"', storage=storage)

    def test_optuna_opens_the_study(self):
        rates, ranks, learning_rates = (0.05, 0.1, 0.2), (4, 8), (1e-5, 1e-3)
        settings = [{"dropout.logits.rate": rate, "lora.r": rank, "training.learning_rate": step, "dropout.scheme": scheme, "lora.target_modules": [scheme]}
                    for rate in rates for rank in ranks for step in learning_rates for scheme in ("dropkey", "hiddenkey")]
        value = [0.5 + one["dropout.logits.rate"] + (0.01 if one["dropout.scheme"] == "dropkey" else 0) for one in settings]
        self.make([(one, 7, score) for one, score in zip(settings, value)] + [({"dropout.scheme": "none"}, 7, 0.6)])
        self.report()
        study = self.study()
        self.assertEqual(study.direction, optuna.study.StudyDirection.MAXIMIZE)
        self.assertEqual(study.metric_names, ["accuracy"])
        trials = study.get_trials()
        self.assertEqual({trial.state for trial in trials}, {STATES.COMPLETE})
        self.assertEqual([trial.value for trial in trials], [*value, 0.6])
        for trial, expected in zip(trials, settings):
            expected = {**expected, "lora.target_modules": json.dumps(expected["lora.target_modules"])}
            self.assertEqual(trial.params, expected)
            self.assertEqual({name: type(one) for name, one in trial.params.items()}, {name: type(one) for name, one in expected.items()})
        self.assertEqual(trials[-1].params, {"dropout.scheme": "none"})
        self.assertEqual(study.best_trial.number, value.index(max(value)))
        distributions = trials[0].distributions
        self.assertEqual(distributions["dropout.logits.rate"], optuna.distributions.FloatDistribution(0.05, 0.2))
        self.assertEqual(distributions["training.learning_rate"], optuna.distributions.FloatDistribution(1e-5, 1e-3, log=True))
        self.assertEqual(distributions["lora.r"], optuna.distributions.IntDistribution(4, 8))
        self.assertEqual(distributions["dropout.scheme"], optuna.distributions.CategoricalDistribution(("dropkey", "hiddenkey", "none")))
        self.assertEqual(trials[0].user_attrs, {"trial": "t0", "cell": "cell 0", "seed": 7})
        self.assertEqual(trials[0].datetime_start.astimezone(datetime.timezone.utc).timestamp(), 1700000000.25)
        self.assertEqual(trials[0].duration, datetime.timedelta(seconds=60.25))
        names = ["dropout.logits.rate", "lora.r", "training.learning_rate"]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            importances = optuna.importance.get_param_importances(study, params=names, evaluator=optuna.importance.PedAnovaImportanceEvaluator())
        self.assertEqual(max(importances, key=importances.get), "dropout.logits.rate")

    def test_states_errors_and_intermediate_values_are_optunas(self):
        self.make([({"lora.r": 4}, 1, 0.25), ({"lora.r": 8}, 2, "failed"), ({"lora.r": 16}, 3, "waiting"), ({"lora.r": 32}, 4, None)],
                  metric="loss", higher_is_better=False)
        lines = [{"type": "step", "step": 1, "loss": 9}, {"type": "eval", "step": 10, "split": "dev", "loss": 0.5, "accuracy": 0.1},
                 {"type": "eval", "step": 10, "split": "dev_mismatched", "loss": 7}, {"type": "eval", "step": 20, "split": "dev", "loss": None},
                 {"type": "eval", "step": 30, "split": "dev", "loss": 0.25}]
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (self.folder / "trials" / "t0" / "metrics.jsonl").write_text(text + '{"split": "dev", damaged\n' + '{"split": "dev", "ste')
        self.assertIn("1 damaged", self.report().stderr)
        study = self.study()
        self.assertEqual(study.direction, optuna.study.StudyDirection.MINIMIZE)
        trials = study.get_trials()
        self.assertEqual([trial.state for trial in trials], [STATES.COMPLETE, STATES.FAIL, STATES.WAITING, STATES.FAIL])
        self.assertEqual([trial.user_attrs.get("error") for trial in trials], [None, "no <data>", None, "the run has no loss that is a number"])
        self.assertEqual(trials[0].intermediate_values, {10: 0.5, 30: 0.25})
        self.assertEqual([trial.value for trial in trials], [0.25, None, None, None])
        self.assertEqual([trial.user_attrs["seed"] for trial in trials], [1, 2, 3, 4])

    def test_only_a_journal_of_ones_own_is_replaced(self):
        self.make([({"lora.r": 4}, 1, 0.25)])
        self.report()
        first = self.journal.read_text()
        self.report()
        self.assertEqual(self.journal.read_text(), first)
        study = self.study()
        study.set_user_attr("note", "mine")
        self.assertIn("Optuna has added to this journal", tool.error_line(self.report(code=2)))
        self.assertEqual(self.study().user_attrs, {"note": "mine"})
        for text in ("mine\n", "", '{"a": 1}\n'):
            self.journal.write_text(text)
            (self.folder / "summary.md").unlink(missing_ok=True)
            self.assertIn("is a file that no report has written", tool.error_line(self.report(code=2)))
            self.assertEqual(self.journal.read_text(), text)
            self.assertFalse((self.folder / "summary.md").exists())

    def test_the_option_is_the_reports_alone(self):
        self.make([({"lora.r": 4}, 1, 0.25)])
        self.assertIn("--optuna belongs to `hiddenkey sweep report`", tool.run("sweep", "status", self.folder, "--optuna", "x", code=2).stderr)


if __name__ == "__main__":
    unittest.main()
