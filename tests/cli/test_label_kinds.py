"""Several labels an example, and tags of words: what is wrong with their keys and files is said by name."""

import json
import pathlib
import tempfile
import unittest

import tiny
import tool


class LabelKinds(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.root = pathlib.Path(place.name)
        self.model = tiny.make_model(self.root / "model")

    def config(self, name, data, suffix, **task):
        file = self.root / f"data{suffix}"
        file.write_text(data)
        return tiny.config(self.root, self.model, self.root, dropout={"scheme": "none"},
                           task=dict(name=name, train=str(file), validation=str(file)) | task)

    def said(self, config, *arguments, code):
        return tool.run("train" if code != 2 else "validate", config, *arguments, code=code).stderr

    def test_keys_that_a_kind_does_not_take_are_refused(self):
        words = "a O\nb X\n"
        self.assertIn("a CoNLL file has no named columns", self.said(self.config("token_classification", words, ".conll", text_columns=["tokens"]), code=2))
        self.assertIn('"csv" has no lists of words', self.said(self.config("token_classification", words, ".conll", text_columns=[], format="csv"), code=2))
        self.assertIn("expected one column, which holds the list", self.said(self.config("token_classification", "{}", ".jsonl", text_columns=["a", "b"]), code=2))
        self.assertIn('"conll" is a format of token_classification alone',
                      self.said(self.config("multi_label_classification", "text\tlabel\n", ".tsv", text_columns=["text"], format="conll"), code=2))
        self.assertIn("did you mean", self.said(self.config("token_clasification", words, ".conll", text_columns=[]), code=2))
        self.assertIn("token_classification", self.said(self.config("ner", words, ".conll", text_columns=[]), code=2))

    def test_files_name_the_line_that_is_wrong(self):
        tagged = self.config("token_classification", "good O\nfilm O\n\nbad X\n", ".conll", text_columns=[], labels=["O", "B-X"])
        self.assertIn('data.conll:4: the label "X" is none of O, B-X', self.said(tagged, code=3))
        rows = [dict(tokens=["good", "film"], tags=["O"])]
        lists = self.config("token_classification", "".join(json.dumps(row) + "\n" for row in rows), ".jsonl", text_columns=[], labels=["O", "X"])
        self.assertIn('data.jsonl:1: has 2 words in "tokens" and 1 tags in "tags"', self.said(lists, code=3))
        sets = self.config("multi_label_classification", "text\tlabel\ngood\tjoy\nbad\tfar\n", ".tsv", text_columns=["text"], labels=["joy", "fear"])
        self.assertIn('data.tsv:3: the label "far" is none of joy, fear (did you mean "fear"?)', self.said(sets, code=3))

    def test_a_format_of_words_is_none_of_a_classifier(self):
        rows = self.root / "rows.tsv"
        rows.write_text("sentence\ngood\n")
        config = tiny.config(self.root, self.model, tiny.make_task(self.root / "task"), training={"epochs": 1})
        tool.run("train", config)
        for arguments in (["--input", rows, "--output", self.root / "out.conll"], ["--input", rows, "--output", "-", "--format", "conll"]):
            self.assertIn("CoNLL" if "--format" not in arguments else "conll", tool.error_line(tool.run("predict", self.root / "run", *arguments, code=2)))
        self.assertFalse((self.root / "out.conll").exists())


if __name__ == "__main__":
    unittest.main()
