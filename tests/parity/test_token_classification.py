"""A tag for each word: logits, losses, metrics and adapters are those of Transformers, PEFT and seqeval's definitions."""

import json
import os
import pathlib
import shutil
import tempfile
import unittest

import torch
from peft import PeftModel
from tokenizers.pre_tokenizers import ByteLevel
from transformers import (AutoConfig, AutoModelForTokenClassification, AutoTokenizer, BertTokenizerFast, GPT2TokenizerFast,
                          RobertaTokenizerFast)

import tiny
import tiny_hub
import tool

DATA = pathlib.Path(os.environ.get("HIDDENKEY_DATA", pathlib.Path(os.environ["HIDDENKEY_SOURCE"]).parent / "shared" / "data"))
TAGS = ["B-LOC", "B-PER", "I-PER", "O"]
TEXTS = [(["Anna", "Karenina", "lives", "in", "Rome"], ["B-PER", "I-PER", "O", "O", "B-LOC"]),
         (["so", "so"], ["O", "O"]),
         (["Oslo"], ["B-LOC"]),
         (["what", "a", "plot", ",", "Bob", "!"], ["O", "O", "O", "O", "B-PER", "O"])]
FAMILIES = ["bert", "roberta", "gpt2", "llama", "mistral", "qwen2", "qwen3", "modernbert", "distilbert", "electra", "xlm-roberta"]


def make(folder, family):
    torch.manual_seed(0)
    config = AutoConfig.for_model(family, **tiny_hub.SHAPES[family], num_labels=len(TAGS), id2label=dict(enumerate(TAGS)),
                                  label2id={tag: i for i, tag in enumerate(TAGS)})
    AutoModelForTokenClassification.from_config(config).save_pretrained(folder)
    tiny_hub.write_tokenizer(folder, ("<s> $A </s>", "<s> $A </s> $B </s>") if family in ("bert", "roberta") else None)
    return folder


class TokenClassificationTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        cls.data = cls.root / "data.conll"
        cls.data.write_text("\n".join("".join(f"{word} {tag}\n" for word, tag in zip(*text)) for text in TEXTS))
        cls.jsonl = cls.root / "data.jsonl"
        cls.jsonl.write_text("".join(json.dumps(dict(tokens=words, tags=tags)) + "\n" for words, tags in TEXTS))

    def expected(self, model, folder):
        """The logits of each word's first token, text by text, and the mean loss of all words."""
        tokenizer = AutoTokenizer.from_pretrained(folder)
        tokenizer.backend_tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=True, use_regex=False)  # as run_ner wants it of RoBERTa's and GPT-2's
        model.eval()
        logits = []
        with torch.no_grad():
            for words, _ in TEXTS:
                encoded = tokenizer(words, is_split_into_words=True, return_tensors="pt", return_token_type_ids=False)
                ids = encoded.word_ids()
                first = [ids.index(word) for word in range(len(words))]
                logits.append(model(**encoded).logits[0][first])
        targets = torch.tensor([TAGS.index(tag) for _, tags in TEXTS for tag in tags])
        return logits, torch.nn.functional.cross_entropy(torch.cat(logits), targets).item()

    def expect_equal(self, path, logits, loss, *arguments):
        for data in (self.data, self.jsonl):
            predictions = self.root / "predictions.jsonl"
            done = tool.run("eval", path, "--split", "dev", "--predictions", predictions, "--json", f"task.validation={data}", *arguments)
            said = json.loads(done.stdout)
            self.assertAlmostEqual(said["loss"], loss, places=5)
            for row, own, (words, tags) in zip(tool.json_lines(predictions), logits, TEXTS):
                self.assertEqual((row["tokens"], row["tags"]), (words, tags))
                self.assertEqual(row["predictions"], [TAGS[i] for i in own.argmax(-1)])
                for score, value in zip(row["scores"], own.softmax(-1).max(-1).values):
                    self.assertAlmostEqual(score, value.item(), places=5)
            right = sum(TAGS[i] == tag for own, (_, tags) in zip(logits, TEXTS) for i, tag in zip(own.argmax(-1), tags))
            self.assertAlmostEqual(said["accuracy"], right / sum(len(tags) for _, tags in TEXTS), places=6)

    def test_a_model_of_transformers_gives_its_tags_and_loss(self):
        for family in FAMILIES:
            with self.subTest(family):
                folder = make(self.root / family, family)
                self.expect_equal(folder, *self.expected(AutoModelForTokenClassification.from_pretrained(folder), folder), "--task", "token_classification")

    def config(self, folder, name, **changes):
        task = dict(name="token_classification", train=str(self.data), validation=str(self.data), text_columns=[])
        return tiny.config(self.root, folder, self.root, task=task, logging={"every": 1}, output_dir=str(self.root / name),
                           training={"epochs": 3, "batch_size": len(TEXTS), "warmup_ratio": 0, "max_length": 60} | changes)

    def test_a_training_starts_at_its_loss_and_leaves_an_adapter_of_peft_and_a_model_of_transformers(self):
        for family in ("roberta", "gpt2", "llama"):
            with self.subTest(family):
                folder = make(self.root / f"trained-{family}", family)
                start = self.expected(AutoModelForTokenClassification.from_pretrained(folder), folder)[1]
                run = self.root / f"run-{family}"
                tool.run("train", self.config(folder, run.name), "dropout.scheme=none")
                lines = [line for line in tool.json_lines(run / "metrics.jsonl") if line["type"] == "step"]
                self.assertAlmostEqual(lines[0]["loss"], start, places=5)
                self.assertLess(lines[-1]["loss"], lines[0]["loss"])
                self.assertEqual(json.loads((run / "adapter" / "adapter_config.json").read_text())["task_type"], "TOKEN_CLS")
                trained = PeftModel.from_pretrained(AutoModelForTokenClassification.from_pretrained(folder), run / "adapter")
                self.expect_equal(run, *self.expected(trained, folder))
                tool.run("merge", run, "--output", self.root / f"merged-{family}")
                merged = AutoModelForTokenClassification.from_pretrained(self.root / f"merged-{family}")
                self.assertEqual(merged.config.id2label, dict(enumerate(TAGS)))
                self.expect_equal(run, *self.expected(merged, folder))

    def test_every_scheme_trains_in_full_too(self):
        folder = make(self.root / "schemes", "bert")
        for scheme in ("dropkey", "hiddenkey", "dropattention"):
            for method in ("lora", "full"):
                with self.subTest(scheme, method=method):
                    config = self.config(folder, f"{scheme}-{method}", batch_size=2, epochs=1)
                    tool.run("train", config, f"dropout.scheme={scheme}", f"method={method}", "dropout.pretrained=0.1")
                    self.assertTrue((self.root / f"{scheme}-{method}" / "result.json").exists())

    def test_a_text_that_is_too_long_is_tagged_as_far_as_it_is_read(self):
        folder = make(self.root / "long", "bert")
        words = self.root / "words.txt"
        words.write_text("a bb ccc dddd\n")
        tool.run("predict", folder, "--task", "token_classification", "--input", words, "--output", self.root / "out.conll", "training.max_length=8")
        tags = [line.split("\t")[1] for line in (self.root / "out.conll").read_text().splitlines() if line]
        self.assertNotIn("_", tags[:2])  # <s>, a space and a, a space and two b, and a part of the third word: its beginning is read
        self.assertEqual(tags[3], "_")


WORDS = ["EU", "rejects", "German", "call", "to", "boycott", "unbelievably", "caf\u00e9", "\u65e5\u672c", "don't", "$3.50", "U.S.", "\U0001f600", "a\u0301b", "x" * 30]


@tool.needs(DATA / "tokenizers")
class PublishedTokenizers(unittest.TestCase):
    """A model of random weights whose tags depend on where each word's first token is."""

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.root = pathlib.Path(place.name)

    def make(self, family, tokenizer):
        torch.manual_seed(0)
        shape = tiny_hub.SHAPES[family] | dict(vocab_size=len(tokenizer), num_labels=len(TAGS), id2label=dict(enumerate(TAGS)))
        positions = dict(n_positions=128) if family == "gpt2" else dict(max_position_embeddings=130)
        model = AutoModelForTokenClassification.from_config(AutoConfig.for_model(family, **shape | positions | dict(pad_token_id=1))).eval()
        model.save_pretrained(self.root)
        return model

    def expect_equal(self, family, name, tokenizer):
        for file in (DATA / "tokenizers" / name).iterdir():
            if file.name != "config.json":
                shutil.copy(file, self.root)
        model = self.make(family, tokenizer)
        rows = self.root / "rows.jsonl"
        rows.write_text(json.dumps(dict(tokens=WORDS)) + "\n")
        tool.run("predict", self.root, "--task", "token_classification", "--labels", ",".join(TAGS), "--input", rows, "--output", self.root / "out.jsonl")
        encoded = tokenizer(WORDS, is_split_into_words=True, return_tensors="pt")
        with torch.no_grad():
            logits = model(**encoded).logits[0]
        expected = [logits[encoded.word_ids().index(word)].softmax(-1).max().item() for word in range(len(WORDS))]
        for own, value in zip(tool.json_lines(self.root / "out.jsonl")[0]["scores"], expected):
            self.assertAlmostEqual(own, value, places=5)

    def test_word_pieces(self):
        self.expect_equal("bert", "bert-base-uncased", BertTokenizerFast(str(DATA / "tokenizers/bert-base-uncased/vocab.txt")))

    def test_bytes_have_a_space_before_each_word(self):
        gpt2 = DATA / "tokenizers/gpt2"
        self.expect_equal("gpt2", "gpt2", GPT2TokenizerFast(str(gpt2 / "vocab.json"), str(gpt2 / "merges.txt"), add_prefix_space=True))

    def test_roberta_has_special_tokens_around_them(self):
        roberta = DATA / "tokenizers/roberta"
        self.expect_equal("roberta", "roberta", RobertaTokenizerFast(str(roberta / "vocab.json"), str(roberta / "merges.txt"), add_prefix_space=True))


if __name__ == "__main__":
    unittest.main()
