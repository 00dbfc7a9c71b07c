"""Adapters as PEFT leaves them: each is made by PEFT on a tiny random model, and what `predict`, `eval` and `merge` make of it
is held against the model that PEFT itself loads from the same files."""

import json
import pathlib
import shutil
import tempfile
import unittest
import warnings

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import (AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer, BertConfig, BertForSequenceClassification,
                          GPT2Config, GPT2ForSequenceClassification, GPT2Tokenizer, LlamaConfig, LlamaForSequenceClassification, MistralConfig,
                          MistralForSequenceClassification, PreTrainedTokenizerFast, Qwen2Config, RobertaConfig,
                          RobertaForSequenceClassification)
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers.utils import logging

import tiny_decoder
import tool

warnings.simplefilter("ignore")
logging.disable_progress_bar()
logging.set_verbosity_error()
WORDS = "[PAD] [UNK] good bad fine poor great awful film plot cast song the a is was very not and but".split()
TEXTS = ["the film was very good", "a poor plot and bad cast", "great song but awful film", "not fine", "the cast is great and the plot is not bad"]
# Float32 of the same operations in another order, on logits of about 1.
LOGITS = 1e-5
SHAPE = dict(vocab_size=len(WORDS) + 2, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48, pad_token_id=0,
             initializer_range=0.2, max_position_embeddings=40)
FAMILIES = {
    "bert": (BertForSequenceClassification, BertConfig(**SHAPE)),
    "roberta": (RobertaForSequenceClassification, RobertaConfig(**SHAPE, type_vocab_size=1)),
    "gpt2": (GPT2ForSequenceClassification, GPT2Config(vocab_size=SHAPE["vocab_size"], n_embd=32, n_layer=2, n_head=4, n_positions=40, pad_token_id=0,
                                                       bos_token_id=1, eos_token_id=1, initializer_range=0.2)),
    "llama": (LlamaForSequenceClassification, LlamaConfig(**SHAPE, num_key_value_heads=2)),
    "mistral": (MistralForSequenceClassification, MistralConfig(**SHAPE, num_key_value_heads=2)),
}
ATTENTION = {"bert": ["query", "value"], "roberta": ["query", "value"], "gpt2": ["c_attn"], "llama": ["q_proj", "v_proj"],
             "mistral": ["q_proj", "v_proj"], "qwen2": ["q_proj", "v_proj"]}
EMBEDDINGS = {"bert": "word_embeddings", "roberta": "word_embeddings", "gpt2": "wte", "llama": "embed_tokens", "mistral": "embed_tokens",
              "qwen2": "embed_tokens"}


def make_tokenizer(folder):
    tokenizer = Tokenizer(models.WordPiece({word: i for i, word in enumerate(WORDS + ["<s>", "</s>"])}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    start, end = len(WORDS), len(WORDS) + 1
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", pair="<s> $A </s> $B </s>",
                                                             special_tokens=[("<s>", start), ("</s>", end)])
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(folder)


def stir(model, seed=1):
    """Gives everything that the adapter trains other values, as training would."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.1)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.holder.name)
        (cls.root / "texts.tsv").write_text("sentence\n" + "\n".join(TEXTS) + "\n")
        (cls.root / "labelled.tsv").write_text("sentence\tlabel\n" + "".join(f"{text}\t{'yn'[i % 2]}\n" for i, text in enumerate(TEXTS)))

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    def base(self, family):
        folder = self.root / family
        if not folder.exists():
            torch.manual_seed(3)
            kind, config = FAMILIES[family]
            model = kind(config)
            with torch.no_grad():
                for parameter in model.parameters():
                    parameter.add_(torch.randn_like(parameter) * 0.05)
            model.save_pretrained(folder)
            make_tokenizer(folder)
        return folder

    def adapter(self, family, name="adapter", save=None, change=None, **settings):
        """What PEFT saves of an adapter with these settings, and the model that PEFT loads from it."""
        folder = self.root / f"{family}-{name}"
        shutil.rmtree(folder, ignore_errors=True)
        settings = {"task_type": "SEQ_CLS", "r": 4, "lora_alpha": 8, "target_modules": ATTENTION[family], **settings}
        torch.manual_seed(4)
        model = get_peft_model(AutoModelForSequenceClassification.from_pretrained(self.base(family)), LoraConfig(**settings))
        stir(model)
        model.save_pretrained(folder, **(save or {}))
        path = folder / "adapter_config.json"
        if change is not None:
            path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
        return folder

    def load(self, family, folder):
        return PeftModel.from_pretrained(AutoModelForSequenceClassification.from_pretrained(self.base(family)), folder).eval()

    def logits(self, model, folder):
        batch = AutoTokenizer.from_pretrained(folder)(TEXTS, padding=True, return_tensors="pt")
        batch.pop("token_type_ids", None)
        with torch.no_grad():
            return model(**batch).logits

    def predicted(self, folder, *arguments):
        out = self.root / "out.jsonl"
        done = tool.run("predict", folder, *arguments, "--text-columns", "sentence", "--labels", "y,n", "--input", self.root / "texts.tsv", "--output", out)
        return torch.tensor([line["logits"] for line in tool.json_lines(out)]), done.stderr

    def refused(self, family, folder):
        done = tool.run("predict", folder, "--model", self.base(family), "--text-columns", "sentence", "--labels", "y,n",
                        "--input", self.root / "texts.tsv", "--output", self.root / "none.jsonl", code=4)
        self.assertFalse((self.root / "none.jsonl").exists())
        return tool.error_line(done)

    def check(self, family, merged=True, **settings):
        """Our logits before and after merging are PEFT's."""
        folder = self.adapter(family, **settings)
        base = self.base(family)
        plain = self.logits(AutoModelForSequenceClassification.from_pretrained(base).eval(), base)
        expected = self.logits(self.load(family, folder), base)
        self.assertGreater((expected - plain).abs().max(), 1e-2, "the adapter does nothing")
        ours, stderr = self.predicted(folder, "--model", base)
        self.assertLess((ours - expected).abs().max(), LOGITS * max(1, expected.abs().max()))
        if merged:
            shutil.rmtree(self.root / "merged", ignore_errors=True)
            tool.run("merge", folder, "--model", base, "--text-columns", "sentence", "--labels", "y,n", "--output", self.root / "merged")
            theirs = AutoModelForSequenceClassification.from_pretrained(self.root / "merged").eval()
            self.assertLess((self.logits(theirs, base) - expected).abs().max(), LOGITS * max(1, expected.abs().max()))
        return stderr

    def families(self, **settings):
        for family in FAMILIES:
            with self.subTest(family=family):
                self.check(family, **{name: value(family) if callable(value) else value for name, value in settings.items()})


class Initialisations(Case):
    def test_pissa_and_olora_compute_the_residual_base_anew(self):
        for family in ("bert", "gpt2", "mistral"):
            for kind in ("pissa", "olora"):
                if (family, kind) == ("gpt2", "olora"):
                    continue  # PEFT's OLoRA gives GPT-2's c_attn matrices of the wrong shapes
                with self.subTest(family=family, kind=kind):
                    self.check(family, init_lora_weights=kind, use_rslora=True)
        self.check("gpt2", init_lora_weights="olora", target_modules=[f"h.{i}.attn.c_proj" for i in range(2)])

    def test_initialisations_that_leave_the_base_alone_are_plain_lora(self):
        for kind in (False, "gaussian", "orthogonal", "eva", "mica"):
            with self.subTest(kind=kind):
                self.check("bert", init_lora_weights=kind)

    def test_initialisations_whose_base_is_not_in_the_file_are_refused_by_name(self):
        folder = self.adapter("bert")
        path = folder / "adapter_config.json"
        for kind in ("pissa_niter_16", "corda", "lora_ga", "loftq", "something_new"):
            path.write_text(json.dumps({**json.loads(path.read_text()), "init_lora_weights": kind}))
            line = self.refused("bert", folder)
            self.assertIn(f'init_lora_weights: "{kind}" is not supported', line)
            self.assertIn("adapter_config.json", line)

    def test_an_adapter_that_peft_converted_to_plain_lora_needs_no_residual(self):
        torch.manual_seed(4)
        base, converted = self.base("bert"), self.root / "converted"
        config = LoraConfig(task_type="SEQ_CLS", r=4, target_modules=["query"], init_lora_weights="pissa")
        model = get_peft_model(AutoModelForSequenceClassification.from_pretrained(base), config)
        model.peft_config["default"].init_lora_weights = True
        model.save_pretrained(self.root / "initial")
        model.peft_config["default"].init_lora_weights = "pissa"
        stir(model)
        expected = self.logits(model.eval(), base)
        model.save_pretrained(converted, path_initial_model_for_weight_conversion=str(self.root / "initial"))
        # PEFT's conversion loses the head, and PEFT does not load its result (KeyError); neither is it read here.
        self.assertIn("tensors are missing: base_model.model.classifier.weight", self.refused("bert", converted))
        tensors = load_file(converted / "adapter_model.safetensors")
        head = {f"base_model.model.classifier.{part}": getattr(model.base_model.classifier.modules_to_save["default"], part).detach()
                for part in ("weight", "bias")}
        save_file(tensors | head, converted / "adapter_model.safetensors")
        ours, _ = self.predicted(converted, "--model", base)
        self.assertLess((ours - expected).abs().max(), LOGITS * max(1, expected.abs().max()))


class Modules(Case):
    def test_all_linear_is_read_in_every_family(self):
        self.families(target_modules="all-linear")

    def test_names_of_other_families_in_the_list_are_passed_over(self):
        self.families(target_modules=["query", "q_proj", "c_attn", "down_proj", "c_fc", "nothing"])

    def test_no_list_of_targets_is_the_familys_usual_one(self):
        self.families(target_modules=None, change={"target_modules": None})

    def test_a_regex_with_a_named_group(self):
        self.check("bert", target_modules=r".*layer\.(?P<layer>\d+)\.attention\.self\.(query|key)")

    def test_the_first_pattern_of_the_file_that_matches_decides_rank_and_alpha(self):
        # PEFT sorts the keys when it saves.
        self.check("bert", rank_pattern={"layer.1.*": 2, "query": 6}, alpha_pattern={"layer.1.attention.self.query": 64, "query": 4, ".*value": 5})
        self.check("llama", rank_pattern={"q_proj": 2}, alpha_pattern={"self_attn.q_proj": 32, "v_proj": 1}, use_rslora=True)

    def test_dora_of_every_kind_of_module(self):
        self.families(use_dora=True)
        self.check("bert", use_dora=True, target_modules="all-linear", rank_pattern={"query": 2}, use_rslora=True)
        self.check("gpt2", use_dora=True, target_modules=["c_attn", "c_fc", "wte"], bias="all")
        self.check("llama", use_dora=True, target_modules=["q_proj", "embed_tokens"], init_lora_weights="pissa")

    def test_a_dora_adapter_without_its_magnitudes_and_one_with_a_bias_are_refused(self):
        folder = self.adapter("bert", use_dora=True)
        tensors = load_file(folder / "adapter_model.safetensors")
        missing = next(name for name in tensors if name.endswith("lora_magnitude_vector"))
        save_file({name: tensor for name, tensor in tensors.items() if name != missing}, folder / "adapter_model.safetensors")
        self.assertIn(f"tensors are missing: {missing}", self.refused("bert", folder))
        folder = self.adapter("bert", use_dora=True, change={"use_dora": False})
        self.assertIn("tensors that the base has no place for", self.refused("bert", folder))
        folder = self.adapter("bert", use_dora=True, change={"lora_bias": True})
        self.assertIn("adapter_config.json: lora_bias: ", self.refused("bert", folder))

    def test_excluded_modules_and_layers(self):
        self.check("bert", target_modules=["query", "dense"], exclude_modules=["pooler.dense", "layer.0.attention.self.query"])
        self.check("roberta", target_modules=["query"], exclude_modules=r".*layer\.0.*")
        self.check("llama", target_modules="all-linear", exclude_modules=["down_proj"])
        self.check("gpt2", layers_to_transform=[1], layers_pattern="h")
        self.check("mistral", layers_to_transform=0)

    def test_embeddings_carry_adapters(self):
        self.families(target_modules=lambda family: ATTENTION[family] + [EMBEDDINGS[family]])
        self.check("bert", target_modules=["position_embeddings", "token_type_embeddings"])

    def test_the_head_carries_an_adapter_without_a_task_type(self):
        self.check("bert", task_type=None, target_modules="all-linear")
        self.check("llama", task_type=None, target_modules=["score", "q_proj"])

    def test_a_norm_as_target_is_refused(self):
        folder = self.adapter("bert", change={"target_modules": ["query", "value", "LayerNorm"]})
        self.assertIn("LayerNorm is neither a linear layer nor an embedding", self.refused("bert", folder))

    def test_no_module_at_all_is_an_error(self):
        folder = self.adapter("bert", change={"target_modules": ["nothing"]})
        self.assertIn("tensors that the base has no place for", self.refused("bert", folder))
        folder = self.adapter("bert", task_type=None, change={"target_modules": ["nothing"]})
        save_file({}, folder / "adapter_model.safetensors")
        self.assertIn("match no module of this base", self.refused("bert", folder))


class BaseTensors(Case):
    def test_biases_saved_along_take_the_place_of_the_bases(self):
        for family in ("bert", "roberta", "gpt2"):
            for bias in ("lora_only", "all"):
                with self.subTest(family=family, bias=bias):
                    self.assertNotIn("differ", self.check(family, bias=bias))

    def test_a_missing_bias_is_named(self):
        folder = self.adapter("bert", bias="all")
        tensors = load_file(folder / "adapter_model.safetensors")
        del tensors["base_model.model.bert.encoder.layer.0.attention.self.query.base_layer.bias"]
        save_file(tensors, folder / "adapter_model.safetensors")
        self.assertIn("tensors are missing: base_model.model.bert.encoder.layer.0.attention.self.query.base_layer.bias", self.refused("bert", folder))

    def test_the_adapters_own_bias(self):
        for family in ("bert", "gpt2"):
            self.check(family, lora_bias=True)
        self.check("llama", lora_bias=True, merged=False)
        done = tool.run("merge", self.root / "llama-adapter", "--model", self.base("llama"), "--text-columns", "sentence", "--labels", "y,n",
                        "--output", self.root / "no", code=4)
        self.assertIn("lora_bias: the adapter gives model.layers.0.self_attn.q_proj a bias", tool.error_line(done))
        self.assertFalse((self.root / "no").exists())

    def test_modules_saved_whole(self):
        self.check("bert", modules_to_save=["pooler", "LayerNorm", "key"])
        self.check("roberta", modules_to_save=["word_embeddings", "layer.1.output"])
        self.check("gpt2", modules_to_save=["ln_f", "wpe", "c_fc"])
        self.check("llama", modules_to_save=["norm", "embed_tokens"])
        self.check("mistral", modules_to_save=["up_proj"])

    def test_rows_of_tokens(self):
        self.families(trainable_token_indices=[3, 7, 12])
        self.check("bert", trainable_token_indices={"word_embeddings": [4], "position_embeddings": [1, 2]})
        folder = self.adapter("bert", trainable_token_indices=[3, 7, 12], change={"trainable_token_indices": [3, 7, 99]})
        self.assertIn("trainable_token_indices: 99 is no row of bert.embeddings.word_embeddings", self.refused("bert", folder))

    def test_embeddings_saved_along_are_taken_and_a_difference_is_said(self):
        folder = self.adapter("llama", save={"save_embedding_layers": True})
        expected = self.logits(self.load("llama", folder), self.base("llama"))
        ours, stderr = self.predicted(folder, "--model", self.base("llama"))
        self.assertLess((ours - expected).abs().max(), LOGITS * max(1, expected.abs().max()))
        self.assertNotIn("warning", stderr)
        tensors = load_file(folder / "adapter_model.safetensors")
        tensors["base_model.model.model.embed_tokens.weight"] += 0.1
        save_file(tensors, folder / "adapter_model.safetensors")
        expected = self.logits(self.load("llama", folder), self.base("llama"))
        ours, stderr = self.predicted(folder, "--model", self.base("llama"))
        self.assertLess((ours - expected).abs().max(), LOGITS * max(1, expected.abs().max()))
        self.assertIn("differ from this base's and take their place, as in PEFT: base_model.model.model.embed_tokens.weight", stderr)


class Files(Case):
    def changed(self, **change):
        return self.adapter("bert", change=change)

    def test_every_field_that_is_not_supported_is_named(self):
        for name, value in dict(layer_replication=[[0, 2], [1, 2]], alora_invocation_tokens=[3], use_qalora=True,
                                target_parameters=["query.weight"], use_bdlora={"a": 1}, arrow_config={}, kasa_config={}, velora_config={},
                                monteclora_config={}, megatron_config={"x": 1}, enable_lora=[True], bias="some").items():
            with self.subTest(name=name):
                self.assertIn(f"adapter_config.json: {name}: ", self.refused("bert", self.changed(**{name: value})))
        self.assertIn('peft_type: "IA3" is not supported', self.refused("bert", self.changed(peft_type="IA3")))

    def test_values_that_are_none_of_their_fields_are_errors(self):
        for name, value in dict(r=0, lora_alpha="8", lora_dropout=2, use_dora="yes", rank_pattern=[1], alpha_pattern={"query": None}, layers_to_transform="x",
                                modules_to_save="classifier", target_modules=[], use_rslora=1, trainable_token_indices=3,
                                exclude_modules=[1]).items():
            with self.subTest(name=name):
                self.assertIn(f"adapter_config.json: {name}: ", self.refused("bert", self.changed(**{name: value})))
        self.assertIn("rank_pattern: \"(\" is no valid regular expression", self.refused("bert", self.changed(rank_pattern={"(": 3})))

    def test_numbers_beyond_their_types_are_the_files_fault(self):
        for name, value in dict(r=2**63, lora_alpha=1e39, alpha_pattern={"query": 1e300}, rank_pattern={"query": 2**70},
                                layers_to_transform=[2**64]).items():
            with self.subTest(name=name):
                self.assertIn(f"adapter_config.json: {name}: ", self.refused("bert", self.changed(**{name: value})))
        self.assertIn("another base or rank", self.refused("bert", self.changed(r=10**18)))
        folder = self.adapter("bert")
        path = folder / "adapter_config.json"
        path.write_text(path.read_text().replace('"lora_alpha": 8', '"lora_alpha": 1e999'))
        self.assertIn("the number 1e999 is too large", self.refused("bert", folder))

    def test_a_field_on_no_list_gives_one_warning(self):
        folder = self.changed(new_field=1, another=None)
        _, stderr = self.predicted(folder, "--model", self.base("bert"))
        warned = [line for line in stderr.splitlines() if line.startswith("warning: ")]
        self.assertEqual(len(warned), 1, stderr)
        self.assertIn("new_field, another", warned[0])

    def test_a_plain_adapter_gives_no_warning(self):
        _, stderr = self.predicted(self.adapter("bert"), "--model", self.base("bert"))
        self.assertNotIn("warning", stderr)

    def test_tensors_that_hold_no_real_numbers_are_named(self):
        folder = self.adapter("bert")
        whole = load_file(folder / "adapter_model.safetensors")
        name = next(name for name in whole if ".lora_A." in name)
        for bad in (whole[name].to(torch.int32), whole[name] > 0, whole[name].double() * 1e300, whole[name] * float("nan")):
            save_file({**whole, name: bad}, folder / "adapter_model.safetensors")
            self.assertIn(f"{name} holds ", self.refused("bert", folder))
        half = {key: value.to(torch.bfloat16) for key, value in whole.items()}
        save_file(half, folder / "adapter_model.safetensors")
        expected = self.logits(self.load("bert", folder), self.base("bert"))
        self.assertLess((self.predicted(folder, "--model", self.base("bert"))[0] - expected).abs().max(), LOGITS * max(1, expected.abs().max()))

    def test_a_file_of_torch_save_is_read_too(self):
        folder = self.adapter("bert")
        expected = self.logits(self.load("bert", folder), self.base("bert"))
        torch.save(load_file(folder / "adapter_model.safetensors"), folder / "adapter_model.bin")
        (folder / "adapter_model.safetensors").unlink()
        self.assertLess((self.predicted(folder, "--model", self.base("bert"))[0] - expected).abs().max(), LOGITS * max(1, expected.abs().max()))
        (folder / "adapter_model.bin").unlink()
        self.assertIn("has no adapter_model.safetensors", self.refused("bert", folder))


PROMPTS = ["abcd", "hello world", "x"]


class LanguageModels(Case):
    """Head and token embeddings, tied and not: the log-probability of a generated text, and the merged model's logits."""

    def language_base(self, family, tied):
        folder = self.root / f"{family}-{tied}"
        if not folder.exists():
            tiny_decoder.make_decoder(folder)
            (folder / "model.safetensors").unlink()
            size = dict(vocab_size=96, bos_token_id=95, eos_token_id=95, tie_word_embeddings=tied, initializer_range=0.2)
            shape = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, intermediate_size=48,
                         max_position_embeddings=48)
            config = {"gpt2": lambda: GPT2Config(n_embd=32, n_layer=2, n_head=4, n_positions=48, **size),
                      "llama": lambda: LlamaConfig(**shape, **size), "mistral": lambda: MistralConfig(**shape, **size),
                      "qwen2": lambda: Qwen2Config(**shape, **size)}[family]()
            torch.manual_seed(8)
            AutoModelForCausalLM.from_config(config).save_pretrained(folder)
        return folder

    def check_language(self, family, tied, save=None, **settings):
        base = self.language_base(family, tied)
        folder = self.root / "language-adapter"
        shutil.rmtree(folder, ignore_errors=True)
        settings = {"target_modules": ATTENTION[family], **settings}
        torch.manual_seed(4)
        model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=8, **settings))
        stir(model)
        model.save_pretrained(folder, **(save or {}))
        theirs = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), folder).eval()
        (self.root / "prompts.txt").write_text("\n".join(PROMPTS) + "\n")
        out = self.root / "texts.jsonl"
        done = tool.run("generate", folder, "--model", base, "--input", self.root / "prompts.txt", "--output", out, "--max-new-tokens", "8")
        tokenizer = GPT2Tokenizer.from_pretrained(base)
        with torch.no_grad():
            for prompt, line in zip(PROMPTS, tool.json_lines(out), strict=True):
                ids = tokenizer(prompt)["input_ids"]
                new = line["tokens"] + ([95] if line["finish"] == "end" else [])
                scores = theirs(torch.tensor([ids + new])).logits[0].log_softmax(-1)
                expected = sum(scores[len(ids) + i - 1, token].item() for i, token in enumerate(new))
                self.assertAlmostEqual(line["score"], expected, delta=LOGITS * 8)  # a sum of at most eight
            batch = torch.tensor([tokenizer("the quick brown fox")["input_ids"]])
            expected = theirs(batch).logits
            self.assertGreater((expected - AutoModelForCausalLM.from_pretrained(base)(batch).logits).abs().max(), 1e-2)
            shutil.rmtree(self.root / "merged", ignore_errors=True)
            tool.run("merge", folder, "--model", base, "--task", "generation", "--output", self.root / "merged")
            merged = AutoModelForCausalLM.from_pretrained(self.root / "merged").eval()
            self.assertLess((merged(batch).logits - expected).abs().max(), LOGITS * max(1, expected.abs().max()))
        return done.stderr, merged

    def test_an_adapter_of_the_head(self):
        for family, tied in (("llama", False), ("llama", True), ("gpt2", True), ("qwen2", True), ("mistral", False)):
            with self.subTest(family=family, tied=tied):
                stderr, merged = self.check_language(family, tied, target_modules=ATTENTION[family] + ["lm_head"])
                self.assertNotIn("warning", stderr)
                self.assertFalse(merged.config.tie_word_embeddings)

    def test_an_adapter_of_the_token_embeddings(self):
        for family, tied in (("llama", False), ("llama", True), ("gpt2", True)):
            with self.subTest(family=family, tied=tied):
                self.check_language(family, tied, target_modules=ATTENTION[family] + [EMBEDDINGS[family]])

    def test_residuals_and_biases_of_a_decoder(self):
        for settings in (dict(init_lora_weights="pissa"), dict(init_lora_weights="olora"), dict(bias="all"), dict(lora_bias=True), dict(use_dora=True)):
            with self.subTest(**settings):
                self.check_language("qwen2", True, **settings)

    def test_an_adapter_that_keeps_them_tied(self):
        self.check_language("llama", True, target_modules=["q_proj", "embed_tokens"], ensure_weight_tying=True)
        self.check_language("llama", True, modules_to_save=["embed_tokens"], ensure_weight_tying=True)

    def test_head_and_embeddings_saved_whole(self):
        for tied in (False, True):
            for saved in (["lm_head"], ["embed_tokens"], ["embed_tokens", "lm_head", "norm"]):
                with self.subTest(tied=tied, saved=saved):
                    self.check_language("llama", tied, modules_to_save=saved)

    def test_rows_of_tokens(self):
        for tied in (False, True):
            with self.subTest(tied=tied):
                self.check_language("qwen2", tied, trainable_token_indices=[40, 66, 67])
        self.check_language("llama", True, trainable_token_indices={"embed_tokens": [66], "lm_head": [70, 71]})
        self.check_language("llama", False, trainable_token_indices={"embed_tokens": [66], "lm_head": [70, 71]})

    def test_embeddings_saved_along(self):
        for tied in (False, True):
            with self.subTest(tied=tied):
                stderr, _ = self.check_language("llama", tied, save={"save_embedding_layers": True})
                self.assertNotIn("warning", stderr)

    def test_all_linear_leaves_the_head_out(self):
        for family, tied in (("gpt2", True), ("llama", False), ("mistral", True), ("qwen2", False)):
            with self.subTest(family=family, tied=tied):
                self.check_language(family, tied, target_modules="all-linear")


if __name__ == "__main__":
    unittest.main()
