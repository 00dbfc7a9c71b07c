"""Runs of text generation: what they leave, that they repeat and resume bit for bit, and that PEFT gives the same logits."""

import json
import pathlib
import random
import shutil
import tempfile
import unittest

import tiny_decoder
import tool

SCHEMES = ("none", "dropkey", "dropattention", "hiddencut", "hiddenkey-", "hiddenkey")


def make_pairs(path, count, seed):
    chooser = random.Random(seed)
    with open(path, "w") as file:
        for _ in range(count):
            word = "".join(chooser.choice("abcde") for _ in range(chooser.randint(1, 6)))
            file.write(json.dumps({"prompt": f"say {word}:", "completion": f" {word}"}) + "\n")
    return path


class GenerationRuns(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        cls.model = tiny_decoder.make_decoder(cls.root / "model", layers=4)
        cls.train_file = make_pairs(cls.root / "train.jsonl", 32, 1)
        cls.dev_file = make_pairs(cls.root / "dev.jsonl", 10, 2)
        cls.count = 0

    def train(self, *overrides, code=0, name=None):
        type(self).count += 1
        run = self.root / (name or f"run{self.count}")
        config = self.root / f"config{self.count}.json"
        config.write_text(json.dumps({
            "model": {"path": str(self.model)},
            "task": {"name": "generation", "train": str(self.train_file), "validation": str(self.dev_file)},
            "lora": {"r": 2, "alpha": 4, "target_modules": ["q", "v"]},
            "training": {"epochs": 2, "batch_size": 4, "max_length": 32, "learning_rate": 0.01},
            "generation": {"max_new_tokens": 6, "batch_size": 4},
            "logging": {"every": 2}, "output_dir": str(run)}))
        return run, tool.run("train", config, *overrides, code=code)

    def adapter(self, run):
        return (run / "adapter" / "adapter_model.safetensors").read_bytes()

    def test_a_run_leaves_losses_texts_and_an_adapter(self):
        run, done = self.train("dropout.scheme=hiddenkey", "generation.every=1")
        lines = tool.json_lines(run / "metrics.jsonl")
        self.assertEqual([(line["type"], line["step"]) for line in lines if line["type"] != "step"],
                         [("eval", 8), ("generation", 8), ("eval", 16), ("generation", 16)])
        step = next(line for line in lines if line["type"] == "step")
        self.assertLess(step["label_tokens"], step["tokens"])
        self.assertGreater(step["consistency"], 0)
        evaluation = next(line for line in lines if line["type"] == "eval")
        self.assertAlmostEqual(evaluation["perplexity"], 2.718281828459045 ** evaluation["loss"], places=4)
        texts = tool.json_lines(run / "generations-dev.jsonl")
        self.assertEqual(set(texts[0]), {"id", "prompt", "text", "references"})
        result = json.loads((run / "result.json").read_text())
        self.assertIn("BLEU", result["generation"]["metrics"])
        losses = [line["loss"] for line in lines if line["type"] == "eval"]
        self.assertLess(losses[1], losses[0])
        self.assertIn("attention logits (DropKey)", done.stderr)
        self.assertIn("layers 2-3", done.stderr)

    def test_a_base_in_bfloat16_trains_nearly_as_in_float32(self):
        for scheme in ("none", "hiddenkey"):
            losses = {}
            for dtype in ("float32", "bfloat16"):
                run, _ = self.train(f"model.dtype={dtype}", f"dropout.scheme={scheme}", "training.max_steps=8", "logging.every=1")
                losses[dtype] = [line["loss"] for line in tool.json_lines(run / "metrics.jsonl") if line["type"] != "generation"]
            # Three digits of a number in bfloat16.
            for single, half in zip(losses["float32"], losses["bfloat16"]):
                self.assertAlmostEqual(half, single, delta=0.02 * single)
            self.assertNotEqual(losses["float32"], losses["bfloat16"])
            texts = tool.run("generate", run, "--max-new-tokens", 4, stdin="say a:\n").stdout
            self.assertLessEqual(len(json.loads(texts)["tokens"]), 4)

    def test_prompts_beyond_the_context_are_counted_and_get_no_text(self):
        dev = self.root / "long.jsonl"
        rows = [{"prompt": "say a:", "completion": " a"}] + 2 * [{"prompt": "x" * tiny_decoder.CONTEXT, "completion": " b"}]
        dev.write_text("".join(json.dumps(row) + "\n" for row in rows))
        run, done = self.train("training.max_steps=1", f"task.validation={dev}")
        self.assertIn("1 of 2 prompts leave no room in the model's context", done.stderr)
        texts = [row["text"] for row in tool.json_lines(run / "generations-dev.jsonl")]
        self.assertEqual([bool(text) for text in texts], [True, False])
        report = json.loads(tool.run("eval", run, "--json").stdout)
        self.assertIn("1 of 2 prompts leave no room in the model's context; their texts count as empty", report["notes"])

    def test_a_terminal_shows_how_far_an_evaluation_is(self):
        run, _ = self.train("training.max_steps=1", "evaluation.every=never", "generation.every=never")
        shown, out = tool.shown_on_terminal("eval", run)
        for note in ("10/10 examples", "10/10 texts"):
            self.assertIn(note, shown)
        self.assertTrue(shown.endswith("\r\033[K"), "a bar is left behind")
        self.assertEqual(tool.shown_on_terminal("eval", run, "-q"), ("", out))
        self.assertEqual(tool.run("eval", run).stderr, "")
        shown, _ = tool.shown_on_terminal("train", self.root / f"config{self.count}.json", "--overwrite", "training.max_steps=1")
        for note in ("10/10 dev examples", "10/10 dev texts"):
            self.assertIn(note, shown)

    def test_every_scheme_trains_and_repeats(self):
        for scheme in SCHEMES:
            arguments = (f"dropout.scheme={scheme}", "training.max_steps=3", "evaluation.every=never", "generation.every=never")
            first, _ = self.train(*arguments)
            second, _ = self.train(*arguments)
            self.assertEqual(self.adapter(first), self.adapter(second), scheme)

    def test_a_stopped_run_goes_on_bit_for_bit(self):
        settings = ("dropout.scheme=hiddenkey", "checkpoint.every=3", "checkpoint.keep=9", "evaluation.keep_best=false")
        whole, _ = self.train(*settings)
        part = self.root / "part"
        shutil.copytree(whole, part)
        for folder in (part / "checkpoints").iterdir():
            if folder.name > "step-000006":
                shutil.rmtree(folder)
        tool.run("train", whole.parent / f"config{self.count}.json", *settings, f"output_dir={part}", "--resume")
        self.assertEqual(self.adapter(part), self.adapter(whole))

    def test_recomputed_activations_change_nothing(self):
        settings = ("dropout.scheme=hiddenkey", "training.max_steps=4", "generation.every=never")
        kept, _ = self.train(*settings)
        recomputed, _ = self.train(*settings, "training.activation_checkpointing=true")
        self.assertEqual(self.adapter(kept), self.adapter(recomputed))

    def test_accumulated_batches_are_one_large_batch(self):
        settings = ("training.max_steps=4", "generation.every=never", "evaluation.every=never", "training.length_grouping=false")
        losses = []
        for size, parts in ((8, 1), (2, 4)):
            run, _ = self.train(*settings, f"training.batch_size={size}", f"training.gradient_accumulation={parts}")
            losses.append([line["loss"] for line in tool.json_lines(run / "metrics.jsonl") if line["type"] == "step"])
        # float32: the same tokens in another order of sums.
        for large, small in zip(*losses):
            self.assertAlmostEqual(large, small, places=4)

    def test_eval_generate_and_peft_take_the_adapter(self):
        run, _ = self.train("training.max_steps=8")
        result = json.loads((run / "result.json").read_text())
        report = json.loads(tool.run("eval", run, "--json").stdout)
        self.assertAlmostEqual(report["loss"], result["final"]["dev"]["loss"], places=5)
        self.assertEqual(report["BLEU"], result["generation"]["metrics"]["BLEU"])
        texts = {row["prompt"]: row["text"] for row in tool.json_lines(run / "generations-dev.jsonl")}
        prompts = self.root / "prompts.jsonl"
        prompts.write_text("".join(json.dumps({"prompt": prompt}) + "\n" for prompt in texts))
        done = tool.run("generate", run, "--input", prompts)  # searches as the run's config says
        for row in map(json.loads, done.stdout.splitlines()):
            self.assertEqual(row["text"], texts[row["prompt"]])
        self.check_peft(run, report["loss"])
        merged = self.root / "merged"
        tool.run("merge", run, "--output", merged)
        again = json.loads(tool.run("eval", merged, "--json", "task.name=generation", f"task.train={self.train_file}",
                                    f"task.validation={self.dev_file}", "--no-text").stdout)
        self.assertAlmostEqual(again["loss"], report["loss"], places=5)
        self.assertNotIn("id2label", json.loads((merged / "config.json").read_text()))
        done = tool.run("predict", run, "--input", self.dev_file, "--output", "-", code=2)
        self.assertIn("hiddenkey generate", tool.error_line(done))

    def check_peft(self, run, expected):
        import peft
        import torch
        import transformers

        model = transformers.AutoModelForCausalLM.from_pretrained(self.model)
        model = peft.PeftModel.from_pretrained(model, run / "adapter").eval()
        encode = lambda text: [ord(letter) - 32 for letter in text]
        total, count = 0.0, 0
        for row in tool.json_lines(self.dev_file):
            prompt, completion = encode(row["prompt"]), encode(row["completion"]) + [95]
            ids = torch.tensor([prompt + completion])
            with torch.no_grad():
                logits = model(ids).logits[0, len(prompt) - 1 : -1]
            total += torch.nn.functional.cross_entropy(logits, ids[0, len(prompt) :], reduction="sum").item()
            count += len(completion)
        self.assertAlmostEqual(total / count, expected, places=5)

    def test_a_bare_model_is_measured(self):
        report = json.loads(tool.run("eval", self.model, "--json", "task.name=generation", f"task.train={self.train_file}",
                                     f"task.validation={self.dev_file}", "generation.max_new_tokens=6").stdout)
        self.assertGreater(report["perplexity"], 1)
        self.assertIn("BLEU", report)

    def test_what_cannot_work_says_so(self):
        for overrides, part in ((["generation.early_stopping=true"], "generation.early_stopping: is of beam search"),
                                (["lora.target_modules=[q, c_attn]"], "is a part of transformer.h.0.attn.c_attn"),
                                (["lora.modules_to_save=[wte]"], "is the model's head too"),
                                (["task.labels=[a, b]"], "task.labels: a generation has no class names"),
                                (["training.max_length=64"], "more than the 48 positions")):
            _, done = self.train(*overrides, code=2)
            self.assertIn(part, tool.error_line(done))
        _, done = self.train("training.max_length=5", code=3)
        self.assertIn("longer than 5 tokens", tool.error_line(done))


if __name__ == "__main__":
    unittest.main()
