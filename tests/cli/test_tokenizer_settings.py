"""What a tokenizer's side files say holds in training, evaluation and prediction as well."""

import json
import pathlib
import tempfile
import unittest

import tiny
import tool


class TokenizerSettings(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name)
        self.model = tiny.make_model(self.root / "model")
        self.task = tiny.make_task(self.root / "task", train=16, dev=8)
        self.environment = {"XDG_CACHE_HOME": str(self.root / "cache")}

    def say(self, name, **fields):
        (self.model / name).write_text(json.dumps(fields))

    def train(self, code=0, **training):
        config = tiny.config(self.root, self.model, self.task, dropout={"scheme": "none"}, training={"max_steps": 2, **training})
        return tool.run("train", config, "--overwrite", code=code, env=self.environment)

    def scores(self, *texts):
        path = self.root / "texts.tsv"
        path.write_text("sentence\n" + "".join(text + "\n" for text in texts))
        done = tool.run("predict", self.root / "run", "--input", path, "--output", "-", "--format", "tsv", env=self.environment)
        return [line.split("\t")[1:] for line in done.stdout.splitlines()[1:]]

    def test_a_token_beyond_the_embedding_is_an_error_only_where_a_text_holds_it(self):
        self.say("added_tokens.json", **{"[E1]": 90})
        self.train()
        train = self.task / "train.tsv"
        train.write_text(train.read_text() + "good [E1] film\tpositive\n")
        error = tool.error_line(self.train(code=4))
        self.assertIn('row 17: holds the token "[E1]" with the id ', error)

    def test_the_side_of_truncation_holds_in_prediction(self):
        self.say("tokenizer_config.json", truncation_side="left")
        self.train()
        long, short = self.scores("bad " * 30 + "good " * 22, "good " * 22)
        self.assertEqual(long, short)

    def test_the_tokenizers_length_bounds_that_of_training(self):
        self.say("tokenizer_config.json", model_max_length=10)
        done = self.train()
        self.assertIn("training.max_length: 24 is more than the 10 tokens", done.stderr)
        long, short = self.scores("good " * 8 + "bad " * 9, "good " * 8)
        self.assertEqual(long, short)


if __name__ == "__main__":
    unittest.main()
