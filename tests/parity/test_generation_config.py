"""`generate` takes what a model's generation_config.json says as Transformers' `generate` does: the same ids."""

import json
import pathlib
import tempfile
import unittest
import warnings

import torch
import transformers
from transformers import AutoModelForCausalLM

import tiny_decoder
import tool

END = 95
PROMPTS = ["The food", "a", "name[Aromi], near the river", "aba b"]
# Each is a generation_config.json, apart from the end token and, where no length is given, max_new_tokens.
GREEDY = [
    {},
    {"repetition_penalty": 1.7},
    {"encoder_repetition_penalty": 3.0},
    {"no_repeat_ngram_size": 2},
    {"encoder_no_repeat_ngram_size": 1},
    {"repetition_penalty": 0.4, "no_repeat_ngram_size": 3},
    {"suppress_tokens": [38, 21, 500], "begin_suppress_tokens": [84]},
    {"begin_suppress_tokens": list(range(0, 90, 2)), "forced_bos_token_id": 7},
    {"bad_words_ids": [[38], [58, 84], [21, 22, 23], [END]]},
    {"sequence_bias": [[[38], -4.0], [[58, 84], -30.0], [[5], 6.5], [[7, 5], 2.0]]},
    {"eos_token_id": [END, 38, 58], "min_new_tokens": 5},
    {"eos_token_id": [END, 38, 58], "min_length": 14},
    {"eos_token_id": [END, 38], "bad_words_ids": [[38], [84]]},
    {"forced_eos_token_id": [END, 12], "forced_bos_token_id": 9},
    {"eos_token_id": [END, 13], "exponential_decay_length_penalty": [3, 1.4]},
    {"suppress_tokens": list(range(96)), "remove_invalid_values": True},
    {"max_length": 31},
    {"max_length": 30, "max_new_tokens": 9},
    {"repetition_penalty": 1.4, "renormalize_logits": True, "temperature": 0.3, "top_k": 3, "length_penalty": 2.0},
    {"do_sample": True, "top_k": 1},
    {"do_sample": True, "min_p": 1.0, "temperature": 0.7},
    {"do_sample": True, "epsilon_cutoff": 0.99, "repetition_penalty": 1.3},
    {"use_cache": False, "pad_token_id": 3, "diversity_penalty": 0.5, "num_assistant_tokens": 7},
]
BEAMS = [
    {"num_beams": 4, "num_return_sequences": 3},
    {"num_beams": 3, "early_stopping": True, "length_penalty": 0.5},
    {"num_beams": 3, "early_stopping": "never", "length_penalty": 1.5},
    {"num_beams": 4, "repetition_penalty": 1.5, "renormalize_logits": True},
    {"num_beams": 4, "repetition_penalty": 1.5, "no_repeat_ngram_size": 2, "num_return_sequences": 2},
    {"num_beams": 3, "eos_token_id": [END, 38, 58], "min_new_tokens": 4, "suppress_tokens": [21]},
    {"num_beams": 3, "bad_words_ids": [[38], [58, 84]], "forced_eos_token_id": END},
    {"num_beams": 3, "sequence_bias": [[[38], -4.0], [[58, 84], 3.0]], "exponential_decay_length_penalty": [2, 1.2]},
    {"num_beams": 4, "forced_bos_token_id": 9, "begin_suppress_tokens": [38, 21]},
]


REFUSED = {"guidance_scale": 1.5, "num_beam_groups": 2, "penalty_alpha": 0.6, "max_time": 3.0, "force_words_ids": [[3]], "constraints": [3],
           "token_healing": True, "watermarking_config": {"bias": 2.5}, "cache_implementation": "quantized", "dola_layers": "low",
           "low_memory": True, "is_assistant": True}
# Values of the fields that have no default and may not be just anything.
HONOURED = {"max_new_tokens": 3, "min_new_tokens": 1, "stop_strings": ["x"], "min_p": 0.1, "top_h": 0.5, "bad_words_ids": [[3]],
            "sequence_bias": [[[3], 1.0]], "renormalize_logits": False, "forced_bos_token_id": 3, "forced_eos_token_id": 3,
            "exponential_decay_length_penalty": [3, 1.1], "suppress_tokens": [3], "begin_suppress_tokens": [3], "eos_token_id": END,
            "bos_token_id": END}


class GenerationConfig(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        warnings.simplefilter("ignore")
        transformers.logging.set_verbosity_error()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.model = tiny_decoder.make_decoder(pathlib.Path(folder.name) / "model")
        cls.config = json.loads((cls.model / "config.json").read_text())

    def write(self, fields, into="generation_config.json"):
        (self.model / "config.json").write_text(json.dumps(self.config))
        (self.model / "generation_config.json").unlink(missing_ok=True)
        if into == "config.json":
            fields = {**self.config, **fields}
        (self.model / into).write_text(json.dumps(fields))

    def ours(self, *flags, prompts=PROMPTS):
        arguments = [part for prompt in prompts for part in ("--prompt", prompt)]
        done = tool.run("generate", self.model, *arguments, *flags)
        return [json.loads(line)["tokens"] for line in done.stdout.splitlines()], done.stderr

    def theirs(self, prompts=PROMPTS, **settings):
        model = AutoModelForCausalLM.from_pretrained(self.model).eval()
        ends = settings.get("eos_token_id", model.generation_config.eos_token_id)
        ends = ends if isinstance(ends, list) else [ends]
        rows = []
        for prompt in prompts:
            ids = torch.tensor([[ord(letter) - 32 for letter in prompt]])
            for row in model.generate(ids, attention_mask=torch.ones_like(ids), pad_token_id=ends[0] or 0, **settings):
                row = row[ids.shape[1]:].tolist()
                rows.append(row[:next((i for i, token in enumerate(row) if token in ends), len(row))])
        return rows

    def check(self, fields):
        file = {"eos_token_id": END, **fields}
        if "max_length" not in file:
            file.setdefault("max_new_tokens", 12)
        self.write(file)
        with self.subTest(**fields):
            self.assertEqual(self.ours()[0], self.theirs())

    def test_greedy_search_with_each_field_gives_the_same_ids(self):
        for fields in GREEDY:
            self.check(fields)

    def test_beam_search_with_each_field_gives_the_same_ids(self):
        for fields in BEAMS:
            self.check(fields)

    def test_fields_of_config_json_count_where_there_is_no_file_of_their_own(self):
        self.write({"repetition_penalty": 1.6, "max_length": 33}, into="config.json")
        rows, said = self.ours()
        self.assertEqual(rows, self.theirs())
        self.assertIn("as the model's config.json says, max_length 33, repetition_penalty 1.6", said)
        (self.model / "generation_config.json").write_text(json.dumps({"eos_token_id": END, "max_new_tokens": 7}))
        self.assertEqual(self.ours()[0], self.theirs())

    def test_a_file_without_an_end_token_never_ends_a_text(self):
        self.write({"max_new_tokens": 30, "suppress_tokens": [38]})
        rows, said = self.ours(prompts=["abc"])
        self.assertEqual(rows, self.theirs(prompts=["abc"]))
        self.assertIn("names no eos_token_id", said)

    def test_flags_and_keys_win_and_one_line_says_what_is_left(self):
        self.write({"eos_token_id": END, "repetition_penalty": 1.9, "num_beams": 3, "max_new_tokens": 5, "temperature": 0.2})
        rows, said = self.ours("--num-beams", 1, "--repetition-penalty", 1.2, "--max-new-tokens", 9)
        self.assertEqual(rows, self.theirs(num_beams=1, repetition_penalty=1.2, max_new_tokens=9))
        self.assertEqual(said, "")
        rows, said = self.ours("generation.num_beams=2", "--max-new-tokens", 6)
        self.assertEqual(rows, self.theirs(num_beams=2, max_new_tokens=6))
        self.assertEqual(said.count("\n"), 1, said)
        self.assertIn("as the model's generation_config.json says, repetition_penalty 1.9", said)

    def test_sampling_by_the_file_is_sampling_by_flags(self):
        self.write({"eos_token_id": END, "do_sample": True, "temperature": 0.6, "top_p": 0.8, "max_new_tokens": 8})
        sampled, said = self.ours()
        self.assertIn("do_sample true", said)
        self.write({"eos_token_id": END, "max_new_tokens": 8})
        self.assertEqual(self.ours("--sample", "--temperature", 0.6, "--top-p", 0.8)[0], sampled)
        self.assertNotEqual(self.ours()[0], sampled)

    def test_what_is_not_supported_is_refused_by_its_name(self):
        for name, value in REFUSED.items():
            self.write({name: value})
            self.assertIn(f"generation_config.json: {name}:", tool.error_line(tool.run("generate", self.model, "--prompt", "a", code=4)))
        self.write({"eos_token_id": END, **{name: None for name in REFUSED}})
        self.assertEqual(self.ours()[1], "")

    def test_malformed_values_and_unknown_fields_are_named(self):
        for fields, part in (({"repetition_penalty": "x"}, 'repetition_penalty: expected a number, found "x"'),
                             ({"top_p": 1.5}, "top_p: 1.5 is not in (0, 1]"), ({"num_beams": 2.5}, "num_beams: expected an integer"),
                             ({"bad_words_ids": [3]}, "bad_words_ids: expected a list of token ids"),
                             ({"eos_token_id": "</s>"}, "eos_token_id"), ({"early_stopping": 3}, "early_stopping: expected")):
            self.write(fields)
            error = tool.error_line(tool.run("generate", self.model, "--prompt", "a", code=4))
            self.assertIn("generation_config.json: " + part, error)
        self.write({"eos_token_id": END, "num_beams": 2, "do_sample": True})
        self.assertIn("num_beams", tool.error_line(tool.run("generate", self.model, "--prompt", "a", code=2)))
        self.write({"eos_token_id": END, "max_new_tokens": 3, "fancy_penalty": 3})
        self.assertEqual(self.ours()[1].count("fancy_penalty is not a known field"), 1)

    def test_every_field_of_the_installed_transformers_is_known(self):
        values = {**transformers.GenerationConfig._get_default_generation_params(), **HONOURED}
        names = set(vars(transformers.GenerationConfig())) - set(REFUSED) - {"_original_object_hash"}
        self.write({name: "any" if values.get(name) is None else values[name] for name in names})
        self.assertNotIn("is not a known field", self.ours()[1])



if __name__ == "__main__":
    unittest.main()
