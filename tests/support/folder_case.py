"""What tests share that hold the tool's logits of a tiny folder to those of Transformers."""

import pathlib
import tempfile
import unittest

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

import tiny_hub
import tool

TEXTS = ["a film", "bad", "what a long and strange plot, is it not?", "so so"]
CLOSE = 1e-5  # float32 on both sides: what differs is the order of sums of some dozens of terms


class FolderCase(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)
        self.root = pathlib.Path(self.place.name)

    def reference(self, folder, texts, one_by_one=False):
        model, tokenizer = AutoModelForSequenceClassification.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
        batches = [[text] for text in texts] if one_by_one else [texts]
        with torch.no_grad():
            return torch.cat([model(**tokenizer([tuple(t) if isinstance(t, tuple) else t for t in batch], padding=True,
                                                return_tensors="pt")).logits for batch in batches])

    def expect_equal(self, folder, texts=None, columns=("text",), one_by_one=False):
        texts = texts or TEXTS
        expected = self.reference(folder, texts, one_by_one)
        ours, done = tiny_hub.predicted(folder, texts, columns)
        self.assertLess((ours - expected).abs().max(), CLOSE)
        self.assertGreater((ours - ours.mean(0)).abs().max(), 1e-2, "the logits tell nothing apart")
        return ours, done

    def refused(self, folder, columns=("text",), texts=None):
        return tool.error_line(tiny_hub.predicted(folder, texts or TEXTS, columns, code=4))
