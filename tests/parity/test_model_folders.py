"""What a model's folder says besides its weights changes the logits as it does in Transformers, or is refused by name."""

import json
import pathlib
import shutil
import tempfile
import unittest

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

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
        return done

    def refused(self, folder, columns=("text",), texts=None):
        return tool.error_line(tiny_hub.predicted(folder, texts or TEXTS, columns, code=4))


class RotaryPositions(FolderCase):
    LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0)

    def model(self, **changes):
        folder = self.root / "model"
        shutil.rmtree(folder, ignore_errors=True)
        tiny_hub.make(folder, "llama", pad_token_id=tiny_hub.PAD)
        tiny_hub.edit(folder / "config.json", remove=["rope_parameters"], **changes)
        return folder

    def test_stretched_positions_are_those_of_transformers_wherever_they_stand(self):
        plain = self.reference(self.model(), TEXTS)
        linear = dict(rope_type="linear", factor=4.0)
        cases = [dict(rope_theta=50.0), dict(rope_parameters=dict(rope_theta=50.0, rope_type="default")),
                 dict(rope_theta=50.0, rope_parameters=dict(rope_theta=500.0)),
                 dict(rope_scaling=dict(type="linear", factor=4.0), rope_theta=50.0),
                 dict(rope_parameters=linear), dict(rope_scaling=linear, rope_parameters=dict(rope_theta=50.0, rope_type="default")),
                 dict(rope_scaling={}, rope_parameters=linear), dict(rope_scaling=dict(type="dynamic", factor=4.0), rope_theta=50.0),
                 dict(rope_scaling=self.LLAMA3 | dict(original_max_position_embeddings=16)),
                 dict(rope_scaling=self.LLAMA3, rope_theta=100.0),
                 dict(rope_scaling=self.LLAMA3 | dict(original_max_position_embeddings=16), original_max_position_embeddings=8)]
        for case in cases:
            with self.subTest(case):
                folder = self.model(**case)
                self.expect_equal(folder)
                self.assertGreater((self.reference(folder, TEXTS) - plain).abs().max(), 1e-3, "the case changes nothing")

    def test_other_kinds_are_refused_by_name_wherever_they_stand(self):
        yarn = dict(rope_type="yarn", factor=2.0)
        for case in (dict(rope_scaling=yarn), dict(rope_parameters=yarn), dict(rope_parameters=dict(rope_theta=1e4), rope_scaling=yarn)):
            self.assertIn('rope_type: "yarn" is not supported', self.refused(self.model(**case)))


class Fields(FolderCase):
    def test_fields_that_nobody_knows_are_named_once(self):
        folder = tiny_hub.make(self.root / "model", "llama", pad_token_id=tiny_hub.PAD)
        tiny_hub.edit(folder / "config.json", attention_sink=4, unheard_of=True)
        done = self.expect_equal(folder)
        self.assertEqual(done.stderr.count("attention_sink, unheard_of are fields that hiddenkey does not know"), 1, done.stderr)

    def test_configs_that_transformers_writes_hold_nothing_unknown(self):
        for family in tiny_hub.SHAPES:
            with self.subTest(family):
                folder = tiny_hub.make(self.root / family, family, pad_token_id=tiny_hub.PAD)
                self.assertNotIn("does not know", self.expect_equal(folder).stderr)

    def test_fields_that_change_the_function_do_so_here(self):
        cases = [("bert", dict(hidden_act="gelu_python_tanh")), ("bert", dict(layer_norm_eps=0.1)), ("roberta", dict(hidden_act="relu")),
                 ("gpt2", dict(n_inner=20, activation_function="gelu_fast", layer_norm_epsilon=0.1)),
                 ("llama", dict(attention_bias=True, mlp_bias=True)), ("llama", dict(head_dim=10, rms_norm_eps=0.1, pretraining_tp=2)),
                 ("qwen2", dict(head_dim=12, use_sliding_window=True, sliding_window=3, max_window_layers=2)),
                 ("mistral", dict(head_dim=12, sliding_window=64))]
        for number, (family, changes) in enumerate(cases):
            with self.subTest(family, **changes):
                self.expect_equal(tiny_hub.make(self.root / str(number), family, **{"pad_token_id": tiny_hub.PAD} | changes))

    def test_a_missing_norm_epsilon_of_roberta_is_that_of_transformers(self):
        folder = tiny_hub.make(self.root / "model", "roberta", initializer_range=1e-3)
        tiny_hub.edit(folder / "config.json", remove=["layer_norm_eps"])
        # With weights this small an epsilon of 1e-5 would show; logits are scaled by a head of plain size.
        weights = load_file(folder / "model.safetensors")
        save_file({k: w * 1e3 if k.startswith("classifier") else w for k, w in weights.items()}, folder / "model.safetensors", {"format": "pt"})
        self.assertLess((tiny_hub.predicted(folder, TEXTS)[0] - self.reference(folder, TEXTS)).abs().max(), 1e-4)

    def test_another_family_is_never_suggested(self):
        folder = tiny_hub.make(self.root / "model", "bert")
        for name in ("albert", "qwen3", "gpt", "llama4"):
            tiny_hub.edit(folder / "config.json", model_type=name)
            line = self.refused(folder)
            self.assertIn(f'the family "{name}" is not supported', line)
            self.assertNotIn("did you mean", line)


class TypeIds(FolderCase):
    TEMPLATE = ("<s>:0 $A:0 </s>:0", "<s>:0 $A:0 </s>:0 $B:1 </s>:1")
    PAIRS = [("a film", "so so"), ("bad", "what a long plot"), ("x", "y")]
    NAMES = ["input_ids", "token_type_ids", "attention_mask"]

    def test_a_model_gets_types_where_its_tokenizer_gives_them(self):
        shown = {}
        for family in ("bert", "roberta"):
            for given, settings in ((True, dict(model_input_names=self.NAMES)), (False, {})):
                with self.subTest(family, given=given):
                    folder = tiny_hub.make(self.root / f"{family}-{given}", family, type_vocab_size=2, template=self.TEMPLATE, tokenizer=settings)
                    self.expect_equal(folder, self.PAIRS, ("one", "two"))
                    shown[family, given] = tiny_hub.predicted(folder, self.PAIRS, ("one", "two"))[0]
            self.assertGreater((shown[family, True] - shown[family, False]).abs().max(), 1e-2, "the types change nothing")

    def test_a_type_beyond_the_table_is_an_error_where_it_is_read(self):
        folder = tiny_hub.make(self.root / "unread", "roberta", type_vocab_size=1, template=self.TEMPLATE)
        self.expect_equal(folder, self.PAIRS, ("one", "two"))
        folder = tiny_hub.make(self.root / "read", "roberta", type_vocab_size=1, template=self.TEMPLATE, tokenizer=dict(model_input_names=self.NAMES))
        self.assertIn("the split input, row 1: the tokenizer gives it the type id 1, but the model's embedding of types has 1 rows (type_vocab_size)", self.refused(folder, ("one", "two"), self.PAIRS))
        self.expect_equal(folder, TEXTS)

    def test_a_token_beyond_the_table_is_an_error_at_its_row(self):
        folder = tiny_hub.make(self.root / "model", "bert", vocab_size=len(tiny_hub.TOKENS) - 1)  # without the tilde
        self.expect_equal(folder)
        self.assertIn(f"the split input, row 3: holds the token \"~\" with the id {len(tiny_hub.TOKENS) - 1}", self.refused(folder, texts=["a", "b", "c~d"]))

    def test_types_that_gpt2_would_add_as_tokens_are_refused(self):
        folder = tiny_hub.make(self.root / "model", "gpt2", tokenizer=dict(model_input_names=self.NAMES))
        self.assertIn("model_input_names: token_type_ids are not supported for gpt2", self.refused(folder))


class DecoderClassifiers(FolderCase):
    TEXTS = ["a film", "bad</s>", "a long and strange plot</s></s>", "</s>", "so</s>so"]

    def test_the_last_token_that_is_no_padding_is_read(self):
        for family in ("gpt2", "llama", "qwen2"):
            for pad in (tiny_hub.PAD, tiny_hub.END):
                with self.subTest(family, pad=pad):
                    settings = dict(pad_token=tiny_hub.TOKENS[pad])
                    self.expect_equal(tiny_hub.make(self.root / f"{family}-{pad}", family, pad_token_id=pad, tokenizer=settings), self.TEXTS)

    def test_without_a_padding_token_it_is_the_last_one(self):
        folder = tiny_hub.make(self.root / "model", "gpt2")
        # Transformers refuses batches then.
        self.expect_equal(folder, self.TEXTS, one_by_one=True)


class TiedHeads(FolderCase):
    PROMPTS = [("a film", " is good"), ("what", " a plot"), ("so", " so so")]

    def loss(self, folder):
        rows = self.root / "rows.jsonl"
        tool_rows = [dict(zip(("prompt", "completion"), row)) for row in self.PROMPTS]
        rows.write_text("".join(json.dumps(row) + "\n" for row in tool_rows))
        done = tool.run("eval", folder, "--task", "generation", "--text-columns", "prompt,completion", f"task.validation={rows}", f"task.train={rows}",
                        "--no-text", "--json")
        return json.loads(done.stdout)["loss"], done.stderr

    def expected_loss(self, folder):
        model, tokenizer = AutoModelForCausalLM.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
        total, count = 0.0, 0
        for prompt, completion in self.PROMPTS:
            start, rest = tokenizer(prompt)["input_ids"], tokenizer(completion)["input_ids"] + [tiny_hub.END]
            ids, labels = torch.tensor([start + rest]), torch.tensor([[-100] * len(start) + rest])
            with torch.no_grad():
                total += model(input_ids=ids, labels=labels).loss.item() * len(rest)
            count += len(rest)
        return total / count

    def rewrite(self, folder, change):
        weights = load_file(folder / "model.safetensors")
        change(weights)
        save_file(weights, folder / "model.safetensors", {"format": "pt"})

    def test_a_file_with_the_head_alone_loads(self):
        for family, tokens in (("llama", "model.embed_tokens.weight"), ("qwen2", "model.embed_tokens.weight"), ("gpt2", "transformer.wte.weight")):
            with self.subTest(family):
                folder = tiny_hub.make(self.root / family, family, head="language", tie_word_embeddings=True)
                before = self.loss(folder)[0]
                self.rewrite(folder, lambda weights: weights.update({"lm_head.weight": weights.pop(tokens)}))
                self.assertAlmostEqual(self.loss(folder)[0], before, places=6)
                self.assertAlmostEqual(before, self.expected_loss(folder), places=5)

    def test_two_different_matrices_stay_apart_with_a_warning(self):
        for family in ("llama", "gpt2"):
            with self.subTest(family):
                folder = tiny_hub.make(self.root / family, family, head="language", tie_word_embeddings=True)
                shape = (len(tiny_hub.TOKENS), 32)
                self.rewrite(folder, lambda weights: weights.update({"lm_head.weight": torch.randn(shape)}))
                loss, said = self.loss(folder)
                self.assertIn("they are taken as two matrices", said)
                self.assertAlmostEqual(loss, self.expected_loss(folder), places=5)
                self.rewrite(folder, lambda weights: weights.update({"lm_head.weight": weights[next(k for k in weights if "embed_tokens" in k or "wte" in k)].clone()}))
                loss, said = self.loss(folder)
                self.assertNotIn("two matrices", said)
                self.assertAlmostEqual(loss, self.expected_loss(folder), places=5)

    def test_an_untied_gpt2_has_a_head_of_its_own(self):
        folder = tiny_hub.make(self.root / "model", "gpt2", head="language", tie_word_embeddings=False)
        self.assertAlmostEqual(self.loss(folder)[0], self.expected_loss(folder), places=5)


if __name__ == "__main__":
    unittest.main()
