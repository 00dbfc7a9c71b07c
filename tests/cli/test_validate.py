"""`validate` names every problem of a config with its line; `schema` and `--help` answer."""

import json
import pathlib
import tempfile
import unittest

import jsonschema
import tiny
import tool
import yaml

SHIPPED = sorted(path for path in (tool.SOURCE / "configs").rglob("*.yaml") if path.parent.name != "sweeps")
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
        return [line.removeprefix("error: ").removeprefix(str(self.path)) for line in done.stderr.splitlines() if line.startswith("error: ")]

    def warnings(self, text, *overrides):
        self.path.write_text(text)
        return [line.removeprefix("warning: ").removeprefix(str(self.path)) for line in tool.run("validate", self.path, *overrides).stderr.splitlines()]

    def test_every_shipped_config_is_valid(self):
        self.assertTrue(SHIPPED)
        for path in SHIPPED:
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

    def test_names_that_other_tools_have_lead_to_ours(self):
        found = self.problems(GOOD + "num_train_epochs: 3\n", "lr=1e-4", "optim=adamw")
        self.assertIn(':5:1: num_train_epochs: unknown key (did you mean "training.epochs"?)', found)
        self.assertIn('override "lr=1e-4": lr: unknown key (did you mean "training.learning_rate"?)', found)
        self.assertTrue(any("optim: unknown key; the optimizer is AdamW" in line for line in found), found)

    def test_values_that_other_tools_have_lead_to_ours(self):
        found = "\n".join(self.problems(GOOD, "evaluation.metric=acc", "task.name=sts-b", "training.schedule=constant_with_warmup", "model.dtype=bf16", "training.device=gpu"))
        for ours in ("accuracy", "stsb", "constant", "bfloat16", "cuda"):
            self.assertIn(f'(did you mean "{ours}"?)', found)
        self.assertIn('"pearson" is no metric of rte, which has accuracy, loss', self.problems(GOOD, "evaluation.metric=pearson")[0])
        stsb = GOOD.replace("name: rte", "name: stsb")
        self.assertIn("a regression has no labels to smooth", self.problems(stsb, "training.label_smoothing=0.1")[0])

    def test_class_weights_fit_the_labels(self):
        entailment = "training.class_weights.entailment="
        self.problems(GOOD, "training.class_weights=auto", code=0)
        self.problems(GOOD, entailment + "1", "training.class_weights.not_entailment=2.5", code=0)
        self.assertIn('has no weight for the label "not_entailment"', self.problems(GOOD, entailment + "1")[0])
        found = self.problems(GOOD, "training.class_weights.entailmnet=1")[0]
        self.assertIn('"entailmnet" is no label of the task, which has entailment, not_entailment (did you mean "entailment"?)', found)
        for weight in ("-1", "inf", "nan", "much"):
            found = self.problems(GOOD, entailment + weight, "training.class_weights.not_entailment=1")[0]
            self.assertIn("training.class_weights.entailment: ", found)
        zero = self.problems(GOOD, entailment + "0", "training.class_weights.not_entailment=0")[0]
        self.assertIn("every weight is 0", zero)
        self.assertIn("expected auto, or a section with a weight for each label", self.problems(GOOD, "training.class_weights=balanced")[0])
        stsb = GOOD.replace("name: rte", "name: stsb")
        self.assertIn("a regression has no classes to weigh, and stsb is one", self.problems(stsb, "training.class_weights=auto")[0])
        self.assertIn('(did you mean "training.class_weights"?)', self.problems(GOOD + "class_weight: auto\n")[0])

    def test_every_metric_of_the_kind_can_choose_the_best(self):
        for metric in ("f1_macro", "precision_weighted", "balanced_accuracy", "roc_auc", "matthews", "loss"):
            self.problems(GOOD, f"evaluation.metric={metric}", code=0)
        self.assertIn('(did you mean "f1_macro"?)', self.problems(GOOD, "evaluation.metric=macro_f1")[0])
        self.assertIn('(did you mean "f1_weighted"?)', self.problems(GOOD, "evaluation.metric=eval_f1_weighted")[0])
        self.assertIn('"hamming_loss" is no metric of rte, which has accuracy, loss, balanced_accuracy', self.problems(GOOD, "evaluation.metric=hamming_loss")[0])

    def test_data_that_is_missing(self):
        folder = self.path.parent
        (folder / "train.tsv").write_text("text\tlabel\na\tx\nb\ty\n")
        own = f"model: {{path: {folder}/model}}\noutput_dir: o\ntask: {{name: classification, text_columns: [text], train: {folder}/train.tsv}}\n"
        self.assertIn("task.validation: is missing", self.problems(own)[0])
        self.assertIn("is not there", self.warnings(own, "evaluation.every=never")[0])
        found = self.problems(own, f"task.validation={folder}/trian.tsv")
        self.assertIn('task.validation: there is no file', found[0])
        self.assertIn('(did you mean "train.tsv"?)', found[0])
        elsewhere = self.warnings(own, f"task.validation={folder}/none/dev.tsv")
        self.assertIn("there is no file", elsewhere[0])
        glue = GOOD.replace("glue/RTE", str(folder))
        self.assertIn("dev.tsv", self.problems(glue)[0])

    def test_what_the_model_lacks_is_said_without_its_weights(self):
        model = tiny.make_model(self.path.parent / "model")
        (model / "model.safetensors").unlink()
        good = GOOD.replace("models/x", str(model)) + "training: {max_length: 32}\n"
        self.assertEqual([line for line in self.warnings(good) if "model" in line], [])
        self.assertIn("lora.target_modules: \"q_proj\" matches no module", self.problems(good, "lora.target_modules=q_proj,value")[0])
        for settings, problem in ((["lora.layers_to_transform=7"], "lora.layers_to_transform: layer 7 has none of the targets"),
                                  (["lora.rank_pattern={valeu: 4}"], "lora.rank_pattern: \"valeu\" decides for none of the targets"),
                                  (["lora.alpha_pattern={(: 4}"], "lora.alpha_pattern: \"(\" is no valid regular expression")):
            self.assertIn(problem, self.problems(good, *settings)[0])
        self.assertIn("dropout.layers: layer 7 does not exist", self.problems(good, "dropout.layers=7")[0])
        self.assertIn("training.max_length: 64 is more than the 32", self.problems(good, "training.max_length=64")[0])

    def test_keys_that_do_nothing_are_named_and_no_error(self):
        found = self.warnings(GOOD + "training: {epochs: 3, max_steps: 5}\n")
        self.assertIn(":5:20: training.epochs: does nothing: training.max_steps takes its place", found)

    def test_merge_keys_and_keys_of_the_files_own(self):
        text = GOOD + "x-shared: &shared {rate: 0.2}\ndropout: {scheme: hiddenkey, logits: {<<: *shared}, hidden: {<<: *shared, pattern: span}}\n"
        self.assertEqual(self.problems(text, code=0), [])
        self.assertIn("leaves this position off", self.problems(text.replace("hiddenkey", "dropkey"))[0])

    def test_a_tilde_is_the_home_folder_in_keys_and_options(self):
        home = {"HOME": str(self.path.parent)}
        self.path.write_text(GOOD.replace("models/x", '"~/models/x"'))
        done = tool.run("validate", "~/run.yaml", env=home)
        self.assertIn(f"{self.path.parent}/models/x", done.stderr)
        self.assertNotIn("~/models", done.stderr)
        self.assertIn("has a folder of the name ~", tool.error_line(tool.run("validate", "./~/run.yaml", env=home, code=2)))
        self.assertIn("begins with ~ and a name", self.problems(GOOD, "output_dir=~jane/runs")[0])

    def test_json_lists_the_problems(self):
        self.path.write_text(GOOD + "lora: {r: 0}\n")
        listed = json.loads(tool.run("validate", self.path, "--json", code=2).stdout)
        self.assertEqual([(problem["key"], problem["line"]) for problem in listed if problem["severity"] == "error"], [("lora.r", 5)])

    def test_the_schema_has_every_section_and_its_defaults(self):
        schema = json.loads(tool.run("schema").stdout)
        self.assertEqual(schema["$schema"], "http://json-schema.org/draft-07/schema#")
        self.assertEqual(schema["properties"]["lora"]["properties"]["r"]["default"], 8)
        self.assertIn("stsb", schema["properties"]["task"]["properties"]["name"]["enum"])
        self.assertIn("pearson", schema["properties"]["evaluation"]["properties"]["metric"]["enum"])
        self.assertEqual(schema["else"]["required"], ["model", "task", "output_dir"])
        self.assertFalse(schema["additionalProperties"])

    def test_every_recipe_tells_an_editor_where_the_programs_schema_is(self):
        schema = tool.run("schema").stdout
        for path in SHIPPED:
            place = path.read_text().splitlines()[0].removeprefix("# yaml-language-server: $schema=")
            self.assertEqual((path.parent / place).read_text(), schema, "write it with: hiddenkey schema > configs/hiddenkey.schema.json")

    def test_the_schema_takes_every_recipe_and_refuses_what_the_program_refuses(self):
        schema = json.loads(tool.run("schema").stdout)
        jsonschema.Draft7Validator.check_schema(schema)
        validator = jsonschema.Draft7Validator(schema)
        for path in SHIPPED:
            self.assertEqual([error.message for error in validator.iter_errors(yaml.safe_load(path.read_text()))], [], path)
        for bad in ("task: {name: sst-2, data_dir: d}", "lora: {r: 0}", "training: {device: gpu}", "nonsense: 1", "model: {dtype: bfloat16}"):
            self.assertTrue(list(validator.iter_errors({**yaml.safe_load(GOOD), **yaml.safe_load(bad)})), bad)
        for good in ("extends: a.yaml", GOOD + "training: {device: 'cuda:3'}\nlora:\nx-own: 1\n", GOOD.replace("data_dir: glue/RTE", "data_dir: d, labels: [0, 1]")):
            self.assertEqual([error.message for error in validator.iter_errors(yaml.safe_load(good))], [], good)

    def test_help_has_an_example_and_usage_errors_are_one_line(self):
        for command in ("train", "eval", "predict", "merge", "inspect", "validate", "schema"):
            shown = tool.run(command, "--help").stdout
            self.assertIn("Example:\n  hiddenkey " + command, shown)
        self.assertIn("--help", tool.error_line(tool.run("train", "--nonsense", code=2)))
        self.assertIn("hiddenkey 0.", tool.run("--version").stdout)


if __name__ == "__main__":
    unittest.main()
