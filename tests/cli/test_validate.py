"""`validate` names every problem of a config with its line; `schema` and `--help` answer."""

import json
import pathlib
import tempfile
import unittest

import tool

GOOD = """
model: {path: models/x}
task: {name: rte, data_dir: glue/RTE}
output_dir: runs/x
"""


class Validate(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name) / "run.yaml"

    def problems(self, text, *overrides, code=2):
        self.path.write_bytes(text if isinstance(text, bytes) else text.encode())
        done = tool.run("validate", self.path, *overrides, code=code)
        return [line.removeprefix("error: ").removeprefix(str(self.path)) for line in done.stderr.splitlines()]

    def test_every_shipped_config_is_valid(self):
        configs = sorted((tool.SOURCE / "configs").rglob("*.yaml"))
        self.assertTrue(configs)
        for path in configs:
            tool.run("validate", path)

    def test_all_problems_at_once_each_with_its_line_and_a_suggestion(self):
        found = self.problems(GOOD + "trainig: {}\ndropout:\n  scheme: hiddnkey\n  hidden: {rate: 1}\nlora:\n  r: -4\ntraining: {batch_size: many, learning_rate: 1e999}\n")
        text = "\n".join(found)
        for part in ("trainig: unknown key (did you mean \"training\"?)", "(did you mean \"hiddenkey\"?)", "dropout.hidden.rate: 1 is out of range",
                     "lora.r: -4 is out of range", "training.batch_size: expected an integer", "1e999 is no finite number"):
            self.assertIn(part, text)
        self.assertTrue(all(line.startswith(":") and line[1].isdigit() for line in found), text)

    def test_a_key_given_twice(self):
        self.assertIn(":6:1: output_dir: duplicate key, first given on line 4", self.problems(GOOD + "\noutput_dir: y\n"))

    def test_a_rate_for_a_position_that_the_scheme_leaves_off(self):
        found = self.problems(GOOD + "dropout: {scheme: dropkey, hidden: {rate: 0.1}}\n")
        self.assertEqual(len(found), 1)
        self.assertIn("dropout.hidden.rate: the scheme dropkey leaves this position off", found[0])

    def test_a_consistency_loss_without_anything_dropped(self):
        self.assertIn("both passes would be the same", self.problems(GOOD + "consistency: {loss: kl}\n")[0])

    def test_yaml_that_explodes_or_contains_itself(self):
        bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        for before, after in zip("abcdefgh", "bcdefghi"):
            bomb += f"{after}: &{after} [{', '.join(['*' + before] * 10)}]\n"
        self.assertIn("holds too much for a config", self.problems(bomb)[0])
        self.assertIn("an alias stands inside the value that it names", self.problems("a: &a [*a]\n")[0])
        self.assertIn("nested deeper", self.problems("[" * 5000)[0])

    def test_bytes_that_are_no_text(self):
        self.assertIn("is not valid UTF-8 text", self.problems(b"model: {path: \xff}\n")[0])

    def test_a_missing_file_and_a_folder(self):
        missing = tool.run("validate", self.path.with_name("none.yaml"), code=2)
        self.assertIn("no such file", tool.error_line(missing))
        self.assertIn("is a folder", tool.error_line(tool.run("validate", self.folder.name, code=2)))

    def test_overrides_and_extends(self):
        self.path.with_name("base.yaml").write_text(GOOD)
        self.assertEqual(self.problems("extends: base.yaml\n", "training.seed=7", code=0), [])
        found = self.problems("extends: base.yaml\n", "training.sed=7")
        self.assertIn("training.sed: unknown key (did you mean \"seed\"?)", found[0])
        self.assertIn("leads back", self.problems("extends: run.yaml\n")[0])

    def test_what_belongs_to_one_kind_of_task_is_refused_for_others(self):
        model = "model: {path: x}\noutput_dir: y\n"
        rte = model + "task: {name: rte, data_dir: d}\n"
        self.assertIn("task.data_dir: is missing: the folder with the files of e2e", self.problems(model + "task: {name: e2e}\n")[0])
        self.assertIn("generation: belongs to tasks that generate text; rte does not", self.problems(rte + "generation: {num_beams: 2}\n")[0])
        self.assertIn("has no spans", self.problems(rte + "dropout: {scheme: custom, output: {rate: 0.1, pattern: span}}\n")[0])
        self.assertIn("is a format of e2e alone", self.problems(model + "task: {name: generation, train: a, format: lora}\n")[0])
        self.assertIn("expected two columns", self.problems(model + "task: {name: generation, train: a, text_columns: [a]}\n")[0])

    def test_json_lists_the_problems(self):
        self.path.write_text(GOOD + "lora: {r: 0}\n")
        listed = json.loads(tool.run("validate", self.path, "--json", code=2).stdout)
        self.assertEqual([(problem["key"], problem["line"]) for problem in listed], [("lora.r", 5)])

    def test_the_schema_has_every_section_and_its_defaults(self):
        schema = json.loads(tool.run("schema").stdout)
        self.assertEqual(schema["properties"]["lora"]["properties"]["r"]["default"], 8)
        self.assertFalse(schema["additionalProperties"])

    def test_help_has_an_example_and_usage_errors_are_one_line(self):
        for command in ("train", "eval", "predict", "merge", "inspect", "validate", "schema"):
            shown = tool.run(command, "--help").stdout
            self.assertIn("Example:\n  hiddenkey " + command, shown)
        self.assertIn("--help", tool.error_line(tool.run("train", "--nonsense", code=2)))
        self.assertIn("hiddenkey 0.", tool.run("--version").stdout)


if __name__ == "__main__":
    unittest.main()
