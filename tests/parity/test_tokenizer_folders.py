"""`inspect --tokenize` gives the ids of Transformers' AutoTokenizer for folders whose side files say this and that."""

import itertools
import json
import pathlib
import shutil
import tempfile
import unittest

import tool
from tokenizers import Tokenizer
from transformers import AutoTokenizer, BertTokenizer, GPT2Tokenizer, LlamaTokenizer, Qwen2Tokenizer, RobertaTokenizer
from transformers.convert_slow_tokenizer import bytes_to_unicode, import_protobuf

VOCABULARIES = tool.DATA / "tokenizers"
# Of the large vocabularies: reading them whole takes Transformers a second each time.
MERGES, PIECES = 2000, 1500
TEXTS = ["Hello World", "HTTPURLS httpurl", "Héllo 中文 naïve", " <mask> x", "a [E1] b", "[e1][E1]x x[E1]y", "zz ZZ zza", "<s>Hi</s> there",
         "[CLS] a [SEP] [MASK]", "  two  spaces ", "1999 don't", "[A][B] [FOO]<img>", "<|endoftext|>x<|im_start|> y", "caf\u00e9 cafe\u0301", "x <pad> y <unk>"]


def token(content, **flags):
    return {"content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": True, "special": False, **flags}


SPECIAL = {"normalized": False, "special": True}

# What a side file may say, for any folder: the names of the files, each with its fields.
VARIANTS = {
    "nothing": {},
    "keeps case": {"tokenizer_config": {"do_lower_case": False}},
    "keeps accents": {"tokenizer_config": {"strip_accents": False}},
    "strips accents of cased text": {"tokenizer_config": {"do_lower_case": False, "strip_accents": True}},
    "joins Chinese": {"tokenizer_config": {"tokenize_chinese_chars": False}},
    "space before": {"tokenizer_config": {"add_prefix_space": True}},
    "no space before": {"tokenizer_config": {"add_prefix_space": False}},
    "legacy": {"tokenizer_config": {"legacy": True}},
    "begins": {"tokenizer_config": {"add_bos_token": True}},
    "begins and ends": {"tokenizer_config": {"add_bos_token": True, "add_eos_token": True}},
    "another end": {"tokenizer_config": {"add_eos_token": True, "eos_token": "[END]"}},
    "named tokens": {"tokenizer_config": {"pad_token": "[FOO]", "image_token": "<img>", "mask_token": "[A]"}},
    "named tokens in the map": {"special_tokens_map": {"pad_token": "[FOO]", "mask_token": token("[B]", lstrip=True)}},
    "the map wins": {"tokenizer_config": {"pad_token": "[A]"}, "special_tokens_map": {"pad_token": "[B]"}},
    "the map is not read": {"tokenizer_config": {"pad_token": "[A]", "added_tokens_decoder": {}}, "special_tokens_map": {"pad_token": "[B]"}},
    "extra tokens": {"tokenizer_config": {"additional_special_tokens": ["[A]", "[E1]"]}},
    "extra tokens twice": {"tokenizer_config": {"additional_special_tokens": ["[A]"]}, "special_tokens_map": {"additional_special_tokens": ["[B]"]}},
    "extra tokens in the map": {"special_tokens_map": {"additional_special_tokens": ["[A]", "[E1]"]}},
    "newer extra tokens": {"tokenizer_config": {"extra_special_tokens": ["[B]"]}},
    "named extra tokens": {"tokenizer_config": {"extra_special_tokens": {"image_token": "<img>"}}},
    "added": {"added_tokens": {"[E1]": 90000, "zz": 90001}},
    "added and special": {"added_tokens": {"[E1]": 90000, "zz": 90001}, "tokenizer_config": {"additional_special_tokens": ["[E1]"]}},
    "decoder": {"tokenizer_config": {"added_tokens_decoder": {"90001": token("zz"), "90000": token("[E1]", **SPECIAL)}}},
    "decoder with flags": {"tokenizer_config": {"added_tokens_decoder": {
        "90000": token("[E1]", lstrip=True, rstrip=True, **SPECIAL), "90001": token("zz", single_word=True), "90002": token("HTTPURL", normalized=True)}}},
    "decoder beside added": {"added_tokens": {"[A]": 90000}, "tokenizer_config": {"added_tokens_decoder": {"90000": token("[B]", **SPECIAL)}}},
    "a word of the vocabulary": {"tokenizer_config": {"added_tokens_decoder": {"90000": token("Hello", normalized=False)}}},
    "special tokens are split": {"tokenizer_config": {"split_special_tokens": True}},
    "httpurl": {"tokenizer_config": {"additional_special_tokens": ["httpurl"]}},
    "fast class": {"tokenizer_config": {"tokenizer_class": "PreTrainedTokenizerFast"}},
    "side of truncation": {"tokenizer_config": {"truncation_side": "left", "model_max_length": 8}},
}
# Each process takes its time to start, so a family has the variants that its class treats in a way of its own.
OF_FAMILY = {
    ("bert", "vocab"): [name for name in VARIANTS if name != "fast class"],
    ("bert", "json"): ["keeps case", "keeps accents", "joins Chinese", "added", "decoder", "decoder with flags", "extra tokens", "fast class"],
    ("roberta", "vocab"): ["nothing"],
    ("roberta", "json"): ["nothing", "space before", "named tokens in the map", "decoder with flags"],
    ("gpt2", "vocab"): ["nothing", "space before", "begins and ends", "another end", "decoder with flags", "special tokens are split"],
    ("gpt2", "json"): ["begins and ends", "extra tokens"],
    ("qwen2", "json"): ["nothing", "space before", "extra tokens", "decoder with flags"],
    ("qwen2", "vocab"): ["begins and ends"],
    ("llama", "vocab"): ["nothing", "no space before", "legacy", "begins and ends", "named tokens", "added", "decoder with flags"],
    ("llama", "json"): ["nothing", "no space before", "legacy", "begins and ends", "decoder with flags", "fast class"],
    ("mistral", "vocab"): ["nothing", "begins", "decoder"],
}
TOGETHER = [("keeps case", "added", "extra tokens"), ("named tokens", "added"), ("begins", "space before", "decoder with flags"),
            ("extra tokens in the map", "added", "keeps accents")]


def merged(*names):
    files = {}
    for name in names:
        for file, fields in VARIANTS[name].items():
            files.setdefault(file, {}).update(fields)
    return files


class TokenizerFolders(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not VOCABULARIES.exists():
            raise unittest.SkipTest(f"{VOCABULARIES} is not there")
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.root = pathlib.Path(temporary.name)
        cls.count = itertools.count()
        bert = VOCABULARIES / "bert-base-uncased" / "vocab.txt"
        merges = (VOCABULARIES / "gpt2" / "merges.txt").read_text(encoding="utf-8").splitlines()[1:MERGES]
        letters = list(bytes_to_unicode().values())
        words = letters + [merge.replace(" ", "") for merge in merges]
        gpt2 = cls.byte_level("gpt2", [*words, "<|endoftext|>"], merges)
        roberta = cls.byte_level("roberta", ["<s>", "<pad>", "</s>", "<unk>", *words, "<mask>"], merges)
        llama = cls.shortened(VOCABULARIES / "llama2" / "tokenizer.model")
        cls.files = {"bert": [bert], "roberta": roberta, "gpt2": gpt2, "qwen2": gpt2, "llama": [llama], "mistral": [llama]}
        made = {"bert": BertTokenizer(vocab=str(bert)), "llama": LlamaTokenizer.from_pretrained(llama.parent)}
        for family, kind in (("gpt2", GPT2Tokenizer), ("qwen2", Qwen2Tokenizer), ("roberta", RobertaTokenizer)):
            vocabulary, rules = map(str, cls.files[family])
            made[family] = kind(vocab=vocabulary, merges=rules)
        cls.json = {family: tokenizer.backend_tokenizer.to_str() for family, tokenizer in made.items()}

    @classmethod
    def byte_level(cls, name, tokens, merges):
        folder = cls.root / name
        folder.mkdir()
        (folder / "vocab.json").write_text(json.dumps({token: number for number, token in enumerate(tokens)}))
        (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]) + "\n", encoding="utf-8")
        return [folder / "vocab.json", folder / "merges.txt"]

    @classmethod
    def shortened(cls, path):
        """LLaMA 2's model without most of its pieces: the first have the best scores."""
        model = import_protobuf().ModelProto()
        model.ParseFromString(path.read_bytes())
        first, last = model.pieces[:PIECES], [piece for piece in model.pieces[PIECES:] if len(piece.piece) == 1]
        del model.pieces[:]
        model.pieces.extend([*first, *last])
        (cls.root / "sentencepiece").mkdir()
        (cls.root / "sentencepiece" / path.name).write_bytes(model.SerializeToString())
        return cls.root / "sentencepiece" / path.name

    def folder(self, family, from_json, side_files):
        folder = self.root / f"{family}-{next(self.count)}"
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps({"model_type": family}))
        if from_json:
            (folder / "tokenizer.json").write_text(from_json if isinstance(from_json, str) else self.json[family])
        else:
            for file in self.files[family]:
                shutil.copy(file, folder)
        for name, fields in side_files.items():
            (folder / f"{name}.json").write_text(json.dumps(fields))
        return folder

    def compare(self, folder, texts=TEXTS):
        reference = AutoTokenizer.from_pretrained(folder)
        done = tool.run("inspect", folder, "--tokenize", "-", stdin="".join(text + "\n" for text in texts))
        ours = [json.loads(line) for line in done.stdout.splitlines()]
        for text, ids in zip(texts, ours, strict=True):
            self.assertEqual(ids, reference(text)["input_ids"], f"{type(reference).__name__}: {text!r}")
        return done

    def compare_family(self, family, names, from_json, **config):
        with self.subTest(family=family, names=names, from_json=bool(from_json)):
            files = merged(*names)
            files.setdefault("tokenizer_config", {}).update({key: value for key, value in config.items() if key not in files["tokenizer_config"]})
            # Of runs of spaces SentencePiece itself makes other tokens than the merges that Transformers 5 derives from the file.
            texts = TEXTS if from_json or self.files[family][0].suffix != ".model" else [text for text in TEXTS if "  " not in text]
            self.compare(self.folder(family, from_json, files), texts)

    def test_side_files_one_by_one(self):
        for (family, source), names in OF_FAMILY.items():
            for name in names:
                self.compare_family(family, [name], source == "json", **({"tokenizer_class": "LlamaTokenizer"} if family == "llama" else {}))

    def test_side_files_together(self):
        for names in TOGETHER:
            self.compare_family("bert", names, False)
            self.compare_family("gpt2", names, True)

    def test_a_llama_folder_that_names_no_class(self):
        self.compare_family("llama", ["nothing"], False)
        self.compare_family("llama", ["begins"], True)

    def as_family(self, model_type, *made):
        folder = self.folder(*made)
        (folder / "config.json").write_text(json.dumps({"model_type": model_type}))
        return folder

    def test_families_that_take_the_tokenizer_of_another(self):
        for model_type, like in (("distilbert", "bert"), ("electra", "bert"), ("qwen3", "qwen2")):
            for from_json in (True, False):
                with self.subTest(model_type, from_json=from_json):
                    self.compare(self.as_family(model_type, like, from_json, {}))

    def test_modernberts_tokenizer_json_is_taken_as_it_stands_whatever_class_is_named(self):
        made = json.loads(self.json["gpt2"])
        made["normalizer"] = {"type": "NFC"}
        ends = {"[CLS]": 7, "[SEP]": 8}
        made["post_processor"] = {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
            "special_tokens": {name: {"id": name, "ids": [number], "tokens": [name]} for name, number in ends.items()}}
        for config in ({}, {"tokenizer_class": "PreTrainedTokenizerFast"}, {"tokenizer_class": "BertTokenizer"}, {"tokenizer_class": "GPT2Tokenizer"}):
            with self.subTest(config):
                self.compare(self.as_family("modernbert", "gpt2", json.dumps(made), {"tokenizer_config": config}))

    def test_added_tokens_stay_out_of_the_models_vocabulary(self):
        made = json.loads(self.json["bert"])
        made["added_tokens"].append({"id": 30522, **token("httpurl", **SPECIAL)})
        for tokenizer_class in ("BertTokenizer", "PreTrainedTokenizerFast"):
            self.compare(self.folder("bert", json.dumps(made), {"tokenizer_config": {"tokenizer_class": tokenizer_class}}))
        made = json.loads(self.json["gpt2"])
        made["added_tokens"].append({"id": 2256, **token("zz", **SPECIAL)})
        made["model"]["ignore_merges"] = True
        self.compare(self.folder("gpt2", json.dumps(made), {"tokenizer_config": {"tokenizer_class": "PreTrainedTokenizerFast"}}))

    def test_a_cased_tokenizer_json(self):
        made = json.loads(self.json["bert"])
        made["normalizer"]["lowercase"] = False
        for config in ({}, {"do_lower_case": False}, {"tokenizer_class": "PreTrainedTokenizerFast"}):
            with self.subTest(config):
                self.compare(self.folder("bert", json.dumps(made), {"tokenizer_config": config}))

    def test_a_token_twice_in_vocab_txt(self):
        folder = self.folder("bert", False, {"added_tokens": {"[E1]": 30524}})
        with open(folder / "vocab.txt", "a", encoding="utf-8") as file:
            file.write("hello\nworld \n")
        done = self.compare(folder)
        self.assertIn("2 tokens stand there twice", done.stderr)

    def test_a_tokenizer_json_that_truncates_itself(self):
        """Its length is not ours; what is cut off where we cut is held by the tokenizer's unit tests."""
        made = Tokenizer.from_str(self.json["bert"])
        made.enable_truncation(6, direction="left")
        folder = self.folder("bert", made.to_str(), {})
        self.assertEqual(AutoTokenizer.from_pretrained(folder).truncation_side, "left")
        self.compare(folder)

    def test_a_class_that_is_not_known(self):
        config = {"tokenizer_class": "MyTokenizer"}
        done = self.compare(self.folder("bert", True, {"tokenizer_config": config}))
        self.assertIn('"MyTokenizer" is not known here', done.stderr)
        folder = self.folder("bert", False, {"tokenizer_config": config})
        error = tool.error_line(tool.run("inspect", folder, "--tokenize", "-", stdin="x\n", code=4))
        self.assertIn('tokenizer_config.json: tokenizer_class: "MyTokenizer" is not supported without', error)

    def test_a_field_that_is_not_known_is_named_once(self):
        done = self.compare(self.folder("bert", False, {"tokenizer_config": {"do_upper_case": True, "errors": "replace"}}))
        self.assertEqual([line.split(": ")[-1] for line in done.stderr.splitlines() if "not known" in line], ["do_upper_case"])

    def test_what_is_not_supported_is_refused_by_name(self):
        for fields, name in (({"auto_map": {"AutoTokenizer": ["a.B", None]}}, "auto_map"), ({"fix_mistral_regex": True}, "fix_mistral_regex"),
                             ({"truncation_side": "middle"}, "truncation_side"), ({"do_lower_case": "no"}, "do_lower_case"),
                             ({"added_tokens_decoder": {"x": token("a")}}, "added_tokens_decoder"), ({"pad_token": 3}, "pad_token")):
            with self.subTest(name):
                folder = self.folder("bert", False, {"tokenizer_config": fields})
                error = tool.error_line(tool.run("inspect", folder, "--tokenize", "-", stdin="x\n", code=4))
                self.assertIn(f"tokenizer_config.json: {name}: ", error)


if __name__ == "__main__":
    unittest.main()
