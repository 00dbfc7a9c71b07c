"""The labels of a task meet those of a model by name, as Transformers' run_glue maps them, and are never taken without a word."""

import csv
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import torch
import transformers
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification, AutoTokenizer, BertConfig

import tiny
import tool
from task_case import TaskCase

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
CONFIG, DATA, MODEL, IO = 2, 3, 4, 7
MNLI = ["entailment", "neutral", "contradiction"]


class Labels(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        cls.base = tiny.make_model(cls.root / "base")
        (cls.base / "tokenizer_config.json").write_text('{"tokenizer_class": "BertTokenizer"}')

    def finetuned(self, name, outputs, count=None):
        """A classifier whose outputs have these names (none: LABEL_0 and so on), spread over its classes."""
        torch.manual_seed(1)
        count = count or len(outputs)
        config = BertConfig.from_pretrained(self.base, num_labels=count, **({"id2label": dict(enumerate(outputs)), "label2id": {o: i for i, o in enumerate(outputs)}} if outputs else {}))
        model = AutoModelForSequenceClassification.from_pretrained(self.base, config=config)
        model.classifier.weight.data *= 50
        batch = AutoTokenizer.from_pretrained(self.base)([" ".join(tiny.WORDS[i:i + 3]) for i in range(20)], padding=True, return_tensors="pt")
        with torch.no_grad():
            model.classifier.bias -= model.eval()(**batch).logits.mean(0)
        model.save_pretrained(self.root / name)
        for file in ("vocab.txt", "tokenizer_config.json"):
            (self.root / name / file).write_bytes((self.base / file).read_bytes())
        return self.root / name

    def predictions(self, model, *texts):
        """What Transformers says of texts (or of two lists of them), as numbers of outputs."""
        batch = AutoTokenizer.from_pretrained(model)(*texts, padding=True, return_tensors="pt")
        with torch.no_grad():
            return AutoModelForSequenceClassification.from_pretrained(model).eval()(**batch).logits.argmax(-1).tolist()

    def mnli(self, name, model, order):
        """MNLI files whose labels are what the model says, by the names in `order`."""
        words = tiny.WORDS
        pairs = [(" ".join(words[i:i + 3]), words[(3 * i) % len(words)]) for i in range(len(words) - 3)]
        labels = [order[i] for i in self.predictions(model, [a for a, _ in pairs], [b for _, b in pairs])]
        self.assertGreater(len(set(labels)), 1)
        folder = self.root / name
        folder.mkdir()
        rows = [f"{i}\t{a}\t{b}\t{label}" for i, ((a, b), label) in enumerate(zip(pairs, labels))]
        for split in ("train", "dev_matched"):
            (folder / f"{split}.tsv").write_text("\n".join(["index\tsentence1\tsentence2\tgold_label", *rows]) + "\n")
        return folder, labels

    def accuracy(self, *arguments):
        return json.loads(tool.run("eval", *arguments, "--json").stdout)["accuracy"]

    def test_a_finetuned_models_names_are_mapped_whatever_their_case(self):
        model = self.finetuned("upper", ["CONTRADICTION", "NEUTRAL", "ENTAILMENT"])
        data, labels = self.mnli("upper-data", model, ["contradiction", "neutral", "entailment"])
        self.assertEqual(self.accuracy(model, "--task", "mnli", f"task.data_dir={data}"), 1.0)
        out = self.root / "upper.jsonl"
        tool.run("predict", model, "--task", "mnli", "-i", data / "dev_matched.tsv", "-o", out)
        self.assertEqual([row["label"] for row in tool.json_lines(out)], labels)
        self.assertEqual(list(tool.json_lines(out)[0]["scores"]), ["contradiction", "neutral", "entailment"])

    def test_names_that_cannot_be_mapped_are_an_error_and_labels_say_what_they_are(self):
        model = self.finetuned("other", ["no", "maybe", "yes"])
        data, _ = self.mnli("other-data", model, ["contradiction", "neutral", "entailment"])
        for command in (["eval", model, f"task.data_dir={data}"], ["predict", model, "-i", data / "dev_matched.tsv", "-o", "-"]):
            line = tool.error_line(tool.run(*command, "--task", "mnli", code=CONFIG))
            self.assertIn("names the classes no, maybe, yes; the task mnli has entailment, neutral, contradiction", line)
        self.assertEqual(self.accuracy(model, "--task", "mnli", f"task.data_dir={data}", "--labels", "contradiction,neutral,entailment"), 1.0)
        line = tool.error_line(tool.run("eval", model, "--task", "mnli", f"task.data_dir={data}", "--labels", "a,b,c", code=CONFIG))
        self.assertIn("--labels: a, b, c are not the labels of mnli", line)
        line = tool.error_line(tool.run("eval", model, "--task", "stsb", f"task.data_dir={data}", "--labels", "a,b", code=CONFIG))
        self.assertIn("--labels: the task stsb has no class names", line)

    def test_default_names_are_no_names_and_labels_are_never_ignored(self):
        model = self.finetuned("plain", [], 3)
        data, _ = self.mnli("plain-data", model, MNLI)
        self.assertEqual(self.accuracy(model, "--task", "mnli", f"task.data_dir={data}"), 1.0)
        shifted = self.accuracy(model, "--task", "mnli", f"task.data_dir={data}", "--labels", "neutral,contradiction,entailment")
        self.assertLess(shifted, 1.0)

    def test_labels_that_contradict_the_models_names_are_taken_with_a_warning(self):
        model = self.finetuned("told", ["neutral", "entailment", "contradiction"])
        data, _ = self.mnli("told-data", model, MNLI)
        done = tool.run("eval", model, "--task", "mnli", f"task.data_dir={data}", "--labels", ",".join(MNLI), "--json")
        self.assertEqual(json.loads(done.stdout)["accuracy"], 1.0)
        self.assertIn("--labels: entailment, neutral, contradiction is taken as the order of the outputs", done.stderr)

    def test_a_head_of_another_size_is_an_error_and_no_random_head(self):
        model = self.finetuned("three", [], 3)
        line = tool.error_line(tool.run("eval", model, "--task", "rte", f"task.data_dir={self.root}", code=MODEL))
        self.assertIn("its head has 3 outputs, the task rte has 2", line)

    def train(self, name, model, data, *arguments, code=0):
        path = self.root / f"{name}.yaml"
        path.write_text(json.dumps({"model": {"path": str(model)}, "task": {"name": "mnli", "data_dir": str(data)}, "output_dir": str(self.root / name),
                                    "training": {"max_steps": 1, "learning_rate": 1e-9, "max_length": 24}, "lora": {"target_modules": ["query"]}}))
        return self.root / name, tool.run("train", path, *arguments, code=code)

    def test_training_goes_on_with_the_models_own_order(self):
        model = self.finetuned("order", ["CONTRADICTION", "ENTAILMENT", "NEUTRAL"])
        data, _ = self.mnli("order-data", model, ["contradiction", "entailment", "neutral"])
        run, done = self.train("order-run", model, data)
        self.assertIn("labels: in the order of the model's outputs: contradiction, entailment, neutral", done.stderr)
        self.assertEqual(json.loads((run / "result.json").read_text())["best"]["accuracy"], 1.0)
        self.assertEqual(self.accuracy(run), 1.0)
        self.assertEqual(json.loads((run / "adapter" / "hiddenkey.json").read_text())["task"]["labels"], ["contradiction", "entailment", "neutral"])
        tool.run("merge", run, "--output", self.root / "order-merged")
        self.assertEqual(self.accuracy(self.root / "order-merged", f"task.data_dir={data}"), 1.0)

    def test_training_warns_of_names_that_cannot_be_mapped(self):
        model = self.finetuned("warned", ["x", "y", "z"])
        data, _ = self.mnli("warned-data", model, MNLI)
        run, done = self.train("warned-run", model, data)
        self.assertIn("names the classes x, y, z; the task has entailment, neutral, contradiction, which are taken in this order", done.stderr)
        self.assertEqual(json.loads((run / "result.json").read_text())["best"]["accuracy"], 1.0)

    def test_an_adapter_of_peft_with_a_head_has_its_bases_order(self):
        model = self.finetuned("peft-base", ["NEUTRAL", "CONTRADICTION", "ENTAILMENT"])
        data, _ = self.mnli("peft-data", model, ["neutral", "contradiction", "entailment"])
        wrapped = get_peft_model(AutoModelForSequenceClassification.from_pretrained(model), LoraConfig(task_type="SEQ_CLS", target_modules=["query"]))
        wrapped.save_pretrained(self.root / "peft-adapter")
        self.assertEqual(self.accuracy(self.root / "peft-adapter", "--task", "mnli", f"task.data_dir={data}"), 1.0)

    def test_names_of_ones_own_data_meet_a_models_in_any_case(self):
        model = self.finetuned("own", ["POSITIVE", "NEGATIVE"])
        words = tiny.WORDS
        labels = ["positive" if i == 0 else "negative" for i in self.predictions(model, words)]
        path = self.root / "own.csv"
        path.write_text("text,label\n" + "".join(f"{word},{label}\n" for word, label in zip(words, labels)))
        done = tool.run("eval", model, "--text-columns", "text", f"task.validation={path}", "--json")
        self.assertEqual(json.loads(done.stdout)["accuracy"], 1.0)
        self.assertIn("labels differ from the task's in case alone", done.stderr)


class OwnRuns(TaskCase):
    """A run of one's own is used with other columns, files and formats."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.done = tool.run("train", tiny.config(cls.root, cls.model, cls.task, checkpoint={"every": 6, "keep": 10}, evaluation={"limit": 30},
                                                 task={"test": str(cls.task / "dev.tsv")}, training={"limit": 90}))
        cls.run_folder = cls.root / "run"
        rows = [line.split("\t") for line in (cls.task / "dev.tsv").read_text().splitlines()[1:]]
        cls.other = cls.root / "other.csv"
        cls.other.write_text("words,label\n" + "".join(f"{text},{label}\n" for text, label in rows))
        cls.texts = [text for text, _ in rows]

    def predict(self, source, output, *arguments):
        tool.run("predict", self.run_folder, "-i", source, "-o", output, *arguments)
        return pathlib.Path(output)

    def test_classes_metrics_and_limits_are_said_at_the_start(self):
        self.assertRegex(self.done.stderr, r"classes: negative \d+, positive \d+ \(the largest: \d+\.\d%\)")
        self.assertIn("metrics: accuracy, f1, matthews; accuracy chooses the best", self.done.stderr)
        self.assertIn("train: the first 90 of 96 examples", self.done.stderr)
        self.assertIn("dev: the first 30 of 40 examples", self.done.stderr)
        self.assertIn("task.test: a training does not read it", self.done.stderr)
        self.assertEqual(json.loads(tool.run("eval", self.run_folder, "--json").stdout)["examples"], 30)
        self.assertEqual(json.loads(tool.run("eval", self.run_folder, "evaluation.limit=0", "--json").stdout)["examples"], 40)

    def test_other_columns_and_labels_keep_the_task(self):
        expected = json.loads(tool.run("eval", self.run_folder, "--json").stdout)
        for more in ([], ["--labels", "negative,positive"]):
            measured = json.loads(tool.run("eval", self.run_folder, "--text-columns", "words", *more, f"task.validation={self.other}", "--json").stdout)
            self.assertEqual(measured, expected)
        out = self.predict(self.other, self.root / "renamed.jsonl", "--text-columns", "words", "--labels", "bad,good")
        self.assertEqual(list(tool.json_lines(out)[0]["scores"]), ["bad", "good"])
        line = tool.error_line(tool.run("eval", self.run_folder, "--text-columns", "a,b", code=CONFIG))
        self.assertIn("names 2 columns; the task classification has 1", line)

    def test_predictions_have_the_format_of_their_name(self):
        jsonl = tool.json_lines(self.predict(self.task / "dev.tsv", self.root / "p.jsonl"))
        with open(self.predict(self.task / "dev.tsv", self.root / "p.csv"), newline="") as file:
            table = list(csv.DictReader(file))
        self.assertEqual(list(table[0]), ["id", "label", "score_negative", "score_positive"])
        for one, other in zip(jsonl, table):
            self.assertEqual(one["label"], other["label"])
            self.assertEqual(one["scores"], {"negative": float(other["score_negative"]), "positive": float(other["score_positive"])})
            self.assertEqual(len(one["logits"]), 2)
        measured = self.root / "e.csv"
        tool.run("eval", self.run_folder, "--predictions", measured)
        self.assertEqual(measured.read_text().splitlines()[0], "id,label,prediction,score_negative,score_positive")

    def test_a_txt_has_one_text_a_line(self):
        source = self.root / "texts.txt"
        source.write_text("\n".join(self.texts) + "\n")
        lines = self.predict(source, self.root / "t.tsv").read_text()
        self.assertEqual(lines, self.predict(self.task / "dev.tsv", self.root / "d.tsv").read_text())
        source.write_text("good film\n\nbad film\n")
        done = tool.run("predict", self.run_folder, "-i", source, "-o", "-")
        self.assertIn("texts.txt: 1 example has an empty text (the first in line 2)", done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), 4)

    def test_rows_without_a_label_are_predicted_and_rows_without_a_text_are_not(self):
        source = self.root / "rows.jsonl"
        source.write_text('{"sentence": "good film"}\n{"label": null, "sentence": ""}\n')
        self.assertIn("1 example has an empty text", tool.run("predict", self.run_folder, "-i", source, "-o", "-").stderr)
        source.write_text('{"sentence": "good film"}\n{"sentence": null}\n')
        self.assertIn("rows.jsonl:2: \"sentence\" is missing", tool.error_line(tool.run("predict", self.run_folder, "-i", source, "-o", "-", code=DATA)))

    def test_a_missing_input_and_an_output_that_cannot_be_written_fail_before_the_work(self):
        self.assertIn("none.tsv: there is no such data file", tool.error_line(tool.run("predict", self.run_folder, "-i", self.root / "none.tsv", "-o", "-", code=DATA)))
        for place in (self.root / "none" / "p.tsv", self.root):
            self.assertIn(str(place), tool.error_line(tool.run("predict", self.root / "no-run", "-i", "-", "-o", place, stdin="", code=IO)))

    def test_an_output_that_is_a_pipe_is_written_and_stays_one(self):
        pipe = self.root / "pipe"
        os.mkfifo(pipe)
        with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE, text=True) as reader:
            self.predict(self.task / "dev.tsv", pipe)
            self.assertEqual(reader.communicate(timeout=60)[0], self.predict(self.task / "dev.tsv", self.root / "file.tsv").read_text())
        self.assertTrue(pipe.is_fifo())
        self.assertEqual([path for path in self.root.iterdir() if ".tmp" in path.name], [])

    def test_a_split_that_is_not_there_is_never_its_own_hint(self):
        line = tool.error_line(tool.run("eval", self.run_folder, "--split", "dev_mismatched", code=DATA))
        self.assertNotIn("did you mean", line)
        self.assertIn("(did you mean \"dev\"?)", tool.error_line(tool.run("eval", self.run_folder, "--split", "validation", code=DATA)))

    def test_a_checkpoint_is_evaluated_used_and_merged(self):
        checkpoints = sorted((self.run_folder / "checkpoints").glob("step-*"))
        self.assertGreater(len(checkpoints), 2)
        tsv = self.predict(self.task / "dev.tsv", self.root / "run.tsv").read_text()
        best = json.loads((self.run_folder / "result.json").read_text())["best"]["step"]
        at_best = self.run_folder / "checkpoints" / f"step-{best:06}"
        shown = json.loads(tool.run("inspect", self.run_folder, "--json").stdout)
        self.assertEqual(shown["checkpoints"], [checkpoint.name for checkpoint in reversed(checkpoints)])
        self.assertEqual(shown["best_checkpoint"], at_best.name)
        out = tool.run("predict", at_best, "-i", self.task / "dev.tsv", "-o", "-").stdout
        self.assertEqual(out, tsv)
        self.assertEqual(tool.run("predict", self.run_folder / "checkpoints" / "best", "-i", self.task / "dev.tsv", "-o", "-").stdout, tsv)
        self.assertNotEqual(tool.run("predict", checkpoints[0], "-i", self.task / "dev.tsv", "-o", "-").stdout, tsv)
        self.assertEqual(json.loads(tool.run("eval", at_best, "--json").stdout), json.loads(tool.run("eval", self.run_folder, "--json").stdout))
        tool.run("merge", at_best, "--output", self.root / "merged")
        merged = json.loads(tool.run("eval", self.root / "merged", f"task.validation={self.task / 'dev.tsv'}", "evaluation.limit=30", "--json").stdout)
        self.assertEqual(merged["accuracy"], json.loads(tool.run("eval", at_best, "--json").stdout)["accuracy"])

    def test_an_interrupted_run_is_used_from_its_newest_whole_checkpoint(self):
        run = self.root / "interrupted"
        shutil.copytree(self.run_folder, run)
        (run / "adapter").rename(self.root / "adapter-aside")
        newest = sorted((run / "checkpoints").glob("step-*"))[-1]
        weights = newest / "trained.safetensors"
        done = tool.run("eval", run, "--labels", "negative,positive")
        self.assertIn(f"its newest checkpoint {newest.name} is taken", done.stderr)
        weights.write_bytes(weights.read_bytes()[:-1] + b"\x55")
        done = tool.run("eval", run, "--labels", "negative,positive")
        self.assertIn("is damaged and passed over", done.stderr)
        self.assertIn("is taken", done.stderr)
        self.assertIn("do not fit the checksums", tool.error_line(tool.run("eval", newest, "--labels", "negative,positive", code=MODEL)))
        shutil.rmtree(run / "checkpoints")
        self.assertIn("neither an adapter nor a checkpoint", tool.error_line(tool.run("eval", run, code=MODEL)))


if __name__ == "__main__":
    unittest.main()
