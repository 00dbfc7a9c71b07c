"""What a model's folder says besides its weights changes the logits as it does in Transformers, or is refused by name."""

import shutil
import unittest

from safetensors.torch import load_file, save_file

import tiny_hub
import tool
from folder_case import TEXTS, FolderCase


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
        done = self.expect_equal(folder)[1]
        self.assertEqual(done.stderr.count("attention_sink, unheard_of are fields that hiddenkey does not know"), 1, done.stderr)

    def test_configs_that_transformers_writes_hold_nothing_unknown(self):
        for family in tiny_hub.SHAPES:
            with self.subTest(family):
                folder = tiny_hub.make(self.root / family, family, pad_token_id=tiny_hub.PAD)
                self.assertNotIn("does not know", self.expect_equal(folder)[1].stderr)

    def test_fields_that_change_the_function_do_so_here(self):
        cases = [("bert", dict(hidden_act="gelu_python_tanh")), ("bert", dict(layer_norm_eps=0.1)), ("roberta", dict(hidden_act="relu")),
                 ("gpt2", dict(n_inner=20, activation_function="gelu_fast", layer_norm_epsilon=0.1)),
                 ("llama", dict(attention_bias=True, mlp_bias=True)), ("llama", dict(head_dim=10, rms_norm_eps=0.1, pretraining_tp=2)),
                 ("qwen2", dict(head_dim=12, use_sliding_window=True, sliding_window=3, max_window_layers=2)),
                 ("mistral", dict(head_dim=12, sliding_window=64)),
                 ("qwen3", dict(head_dim=12, attention_bias=True, use_sliding_window=True, sliding_window=3, max_window_layers=2)),
                 ("distilbert", dict(activation="relu")), ("electra", dict(embedding_size=32, layer_norm_eps=0.1)),
                 ("modernbert", dict(classifier_pooling="mean", hidden_activation="relu")),
                 ("modernbert", dict(local_attention=5, norm_eps=0.1, classifier_activation="tanh", classifier_bias=True)),
                 ("modernbert", dict(norm_bias=True, attention_bias=True, mlp_bias=True)),
                 ("modernbert", dict(layer_types=["sliding_attention", "full_attention", "full_attention", "sliding_attention"]))]
        for number, (family, changes) in enumerate(cases):
            with self.subTest(family, **changes):
                self.expect_equal(tiny_hub.make(self.root / str(number), family, **{"pad_token_id": tiny_hub.PAD} | changes))

    def test_modernberts_older_fields_are_those_of_transformers(self):
        plain = self.reference(tiny_hub.make(self.root / "plain", "modernbert"), TEXTS)
        cases = [dict(global_attn_every_n_layers=2), dict(global_rope_theta=100.0), dict(local_rope_theta=100.0),
                 dict(rope_scaling=dict(rope_type="linear", factor=4.0)),
                 dict(rope_parameters=dict(full_attention=dict(rope_theta=70.0, rope_type="default")), local_rope_theta=30.0)]
        for number, case in enumerate(cases):
            with self.subTest(case):
                folder = tiny_hub.make(self.root / str(number), "modernbert")
                tiny_hub.edit(folder / "config.json", remove=["rope_parameters", "layer_types"], **case)
                self.expect_equal(folder)
                self.assertGreater((self.reference(folder, TEXTS) - plain).abs().max(), 1e-3, "the case changes nothing")

    def test_what_would_change_modernberts_function_is_refused_by_name(self):
        cases = [("classifier_pooling", "max", 'classifier_pooling: "max" is neither cls nor mean'), ("layer_types", ["full_attention"], "layer_types: expected a type for each of 4 layers"),
                 ("local_attention", 1, "local_attention: 1 leaves a query its own key alone"), ("sliding_window", 2, "sliding_window: 2 is not supported, only 4"),
                 ("rope_parameters", dict(rope_theta=1e4), "rope_parameters: rope_theta: expected full_attention and sliding_attention alone")]
        for field, value, expected in cases:
            with self.subTest(field):
                folder = tiny_hub.make(self.root / field, "modernbert")
                tiny_hub.edit(folder / "config.json", **{field: value})
                self.assertIn(expected, self.refused(folder))

    def test_a_missing_norm_epsilon_of_roberta_is_that_of_transformers(self):
        folder = tiny_hub.make(self.root / "model", "roberta")
        tiny_hub.edit(folder / "config.json", remove=["layer_norm_eps"])
        # What enters the last norm is made so small that an epsilon of 1e-5 would show.
        weights = load_file(folder / "model.safetensors")
        small = lambda name: "layer.1.attention.output.LayerNorm" in name or "layer.1.output.dense" in name
        save_file({name: weight * 1e-3 if small(name) else weight for name, weight in weights.items()}, folder / "model.safetensors", {"format": "pt"})
        self.expect_equal(folder)

    def test_another_family_is_never_suggested(self):
        folder = tiny_hub.make(self.root / "model", "bert")
        for name in ("albert", "qwen3_moe", "gpt", "llama4"):
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
                    shown[family, given] = self.expect_equal(folder, self.PAIRS, ("one", "two"))[0]
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


if __name__ == "__main__":
    unittest.main()
