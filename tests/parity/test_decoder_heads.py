"""A decoder's heads read what they read in Transformers: a classifier its last token that is no padding, a language model its own matrix."""

import json
import unittest

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

import tiny_hub
import tool
from folder_case import FolderCase


class DecoderClassifiers(FolderCase):
    TEXTS = ["a film", "bad</s>", "a long and strange plot</s></s>", "</s>", "so</s>so"]

    def test_the_last_token_that_is_no_padding_is_read(self):
        for family, pad in (("gpt2", tiny_hub.PAD), ("gpt2", tiny_hub.END), ("llama", tiny_hub.END), ("qwen2", tiny_hub.END)):
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
