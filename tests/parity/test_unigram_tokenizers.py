"""`inspect --tokenize` gives the ids of Transformers for Unigram models: XLM-RoBERTa's folders of both kinds, and files of
others that are taken as they stand."""

import base64
import json
import math
import pathlib
import random
import shutil
import tempfile
import unittest

import sentencepiece
import tool
from test_tokenizers import AWKWARD, INVALID, reference_ids, special
from tokenizers import Tokenizer
from tokenizers.models import Unigram
from transformers import AutoTokenizer
from transformers.convert_slow_tokenizer import import_protobuf

WORDS = tool.DATA / "glue"
# What the compiled tables of SentencePiece change, and what stands in their way.
COMPATIBLE = ["ﬁne ﬀﬃ ①② ㌀㍿ ｱｶﾞﾊﾟ ＦＵＬＬ　ｗｉｄｔｈ ﷺ ﻼ ½ ™ Ⅷ ª", "e\u0301\u0301 a\u0300\u0316 A\u0301 É\u0327 ñ n\u0303\u0303 \u0301x", "\u1100\u1161\u11a8 한글 ㄱㅏ",
              "a\u200db\u200cc\u200e\ufeff\u00add\u2060", "A\u0308 Ä\u200d ΑΆ ΐ\u0301 ς Σ İ I\u0307", "ا\u064b لا\u0653 \u0600١ ـ \u06dd", "\r\n a\r\nb \r",
              "क्षि নি த்", "\u0e33\u0e49 ำ", "ᄀ각", "🇩🇪🇫🇷 👩‍👩‍👧 ☝\ufe0f 1\ufe0f\u20e3", "\u0344 \u0385 ΅ \u1fee", "x\u0000y\u0001z\x7f\x80", "~〜～ …‥ ″‴ ℡"]


def hostile(pieces):
    """Texts of pieces without a space: many ways to cut them are as good as each other but for rounding."""
    draw = random.Random(7)
    texts = [letter * size for letter in "aeszx.-0" for size in (7, 33, 250)] + ["ab" * 90, "▁" * 40, "▁a" * 40, "a▁" * 40, "☃" * 30, "a☃☃b☃"]
    return texts + ["".join(draw.choices(pieces, k=draw.randrange(2, 60))).replace("\n", "") for _ in range(300)]


def train(folder, rule, **options):
    lines = []
    for path in sorted(WORDS.glob("*/*.tsv")):
        lines += path.read_text(encoding="utf-8", errors="replace").splitlines()[:400]
    target = folder / f"{rule}{len(list(folder.iterdir()))}"
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(line for line in lines if line.strip()), model_prefix=str(target), vocab_size=1000, character_coverage=0.9995,
        normalization_rule_name=rule, model_type="unigram", num_threads=1, minloglevel=2, **options)
    return target.with_suffix(".model")


def metaspace(scheme="always", split=True):
    return {"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": split}


def as_it_stands(model, first=(), byte_fallback=False, **parts):
    """The tokenizer.json of a model's pieces, between these parts."""
    proto = import_protobuf().ModelProto()
    proto.ParseFromString(model.read_bytes())
    vocab = [[piece, 0.0] for piece in first] + [[piece.piece, piece.score] for piece in proto.pieces]
    unknown = len(first) + proto.trainer_spec.unk_id
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [special("<unk>", unknown)], "normalizer": None,
            "pre_tokenizer": None, "post_processor": None, "decoder": None,
            "model": {"type": "Unigram", "unk_id": unknown, "vocab": vocab, "byte_fallback": byte_fallback}, **parts}


def precompiled(model):
    proto = import_protobuf().ModelProto()
    proto.ParseFromString(model.read_bytes())
    return {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(proto.normalizer_spec.precompiled_charsmap).decode()}


class UnigramTokenizers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not WORDS.exists():
            raise unittest.SkipTest(f"{WORDS} is not there")
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.root = pathlib.Path(temporary.name)
        cls.plain, cls.folded = train(cls.root, "nmt_nfkc"), train(cls.root, "nmt_nfkc_cf")
        cls.none = train(cls.root, "identity", byte_fallback=True, user_defined_symbols="<sep>,[E1]", control_symbols="<ctrl>")
        pieces = sentencepiece.SentencePieceProcessor(model_file=str(cls.plain))
        cls.texts = AWKWARD + COMPATIBLE + hostile([pieces.id_to_piece(i) for i in range(3, len(pieces))])
        lines = [line for path in sorted(WORDS.glob("*/*.tsv")) for line in path.read_bytes().splitlines()]
        cls.lines = b"\n".join([*(text.encode() for text in cls.texts), *INVALID, *lines[::100]]) + b"\n"

    def folder(self, files, model_type="xlm-roberta"):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.root))
        if model_type:
            (folder / "config.json").write_text(json.dumps({"model_type": model_type}))
        for name, content in files.items():
            if isinstance(content, pathlib.Path):
                shutil.copy(content, folder / name)
            else:
                (folder / name).write_text(json.dumps(content))
        return folder

    def compare(self, folder, backend, data=None):
        data = data or self.lines
        backend.no_truncation()
        path = folder / "text.txt"
        path.write_bytes(data)
        expected = reference_ids(backend, data)
        done = tool.run("inspect", folder, "--tokenize", path)
        printed = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(printed), len(expected))
        wrong = [(line.decode("utf-8", "replace")[:200], ours, theirs) for line, ours, theirs in zip(data.split(b"\n"), printed, expected)
                 if ours != theirs]
        self.assertEqual(wrong[:3], [], f"{len(wrong)} of {len(expected)}")
        return done

    def compare_auto(self, files, class_name="XLMRobertaTokenizer", data=None, **how):
        folder = self.folder(files, **how)
        reference = AutoTokenizer.from_pretrained(folder)
        self.assertEqual(type(reference).__name__, class_name)
        return self.compare(folder, reference.backend_tokenizer, data)

    def test_a_sentencepiece_model_has_fairseqs_ids(self):
        for model in (self.plain, self.folded, self.none):
            with self.subTest(model.name):
                self.compare_auto({"sentencepiece.bpe.model": model})

    def test_a_tokenizer_json_gives_its_pieces_and_its_table_alone(self):
        for model in (self.plain, self.folded):
            made = AutoTokenizer.from_pretrained(self.folder({"sentencepiece.bpe.model": model}))
            form = json.loads(made.backend_tokenizer.to_str())
            with self.subTest(model.name):
                self.compare_auto({"tokenizer.json": form, "tokenizer_config.json": {"tokenizer_class": "XLMRobertaTokenizerFast"}}, model_type="")
                # As Transformers 4 wrote it: the steps are not read.
                form["normalizer"] = {"type": "Sequence", "normalizers": [form["normalizer"], {"type": "Strip", "strip_left": False, "strip_right": True},
                                                                         {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"}]}
                form["pre_tokenizer"], form["model"]["unk_id"] = metaspace(), 4
                self.compare_auto({"tokenizer.json": form})

    def test_side_files(self):
        mask = {"__type": "AddedToken", "content": "<mask>", "lstrip": True, "rstrip": False, "normalized": False, "single_word": False, "special": True}
        few = b"\n".join(text.encode() for text in AWKWARD) + b"\n<s> x <mask>y  <mask> [A]z <pad><sep> [E1]<ctrl> </s>\n"
        for config in ({"mask_token": mask}, {"add_prefix_space": False}, {"split_special_tokens": True}, {"additional_special_tokens": ["[A]"]},
                       {"bos_token": "[B]", "eos_token": "[E]", "unk_token": "[U]", "pad_token": "[P]", "mask_token": "[M]"},
                       {"cls_token": "[C]", "sep_token": "[S]"}, {"added_tokens_decoder": {"1005": {"content": "[A]", "special": True}}},
                       {"add_bos_token": False, "add_eos_token": False}):
            for files in ({"sentencepiece.bpe.model": self.none}, {"tokenizer.json": self.json_of_fairseq()}):
                with self.subTest(config=config, files=list(files)):
                    folder = self.folder({**files, "tokenizer_config.json": {"tokenizer_class": "XLMRobertaTokenizer", **config}})
                    self.compare(folder, AutoTokenizer.from_pretrained(folder).backend_tokenizer, few)

    def json_of_fairseq(self):
        return json.loads(AutoTokenizer.from_pretrained(self.folder({"sentencepiece.bpe.model": self.none})).backend_tokenizer.to_str())

    def test_files_of_others_are_taken_as_they_stand(self):
        words = {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace()]}
        ends = {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
                "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
                "special_tokens": {"</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}}
        runs = {"type": "Sequence", "normalizers": [precompiled(self.plain), {"type": "Strip", "strip_left": False, "strip_right": True},
                                                    {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"}]}
        forms = {
            "T5's": as_it_stands(self.plain, normalizer=precompiled(self.plain), pre_tokenizer=words, post_processor=ends, decoder=metaspace()),
            "Transformers 4's": as_it_stands(self.plain, normalizer=runs, pre_tokenizer=metaspace()),
            "stripped": as_it_stands(self.plain, normalizer={"type": "Strip", "strip_left": False, "strip_right": True}, pre_tokenizer=metaspace("first")),
            "one prefix": as_it_stands(self.folded, normalizer=precompiled(self.folded), pre_tokenizer={"type": "Sequence", "pretokenizers": [
                {"type": "WhitespaceSplit"}, metaspace("first")]}),
            "unsplit": as_it_stands(self.plain, pre_tokenizer=metaspace("never", split=False)),
            "no steps": as_it_stands(self.plain, normalizer={"type": "Replace", "pattern": {"String": " "}, "content": "▁"}),
            "bytes": as_it_stands(self.none, byte_fallback=True, pre_tokenizer=metaspace()),
            "some bytes": as_it_stands(self.plain, first=["<0xE2>", "<0x98>", "<0x83>", "<0x0A>"], byte_fallback=True, pre_tokenizer=metaspace()),
        }
        del forms["no steps"]["model"]["type"]
        for name, form in forms.items():
            with self.subTest(name):
                folder = self.folder({"tokenizer.json": form, "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast"}}, model_type="")
                self.compare(folder, Tokenizer.from_file(str(folder / "tokenizer.json")))

    def test_scores_that_tie_but_for_their_last_bit(self):
        """A pair of letters is a piece as good as the two, or better or worse by one bit: `tokenizers` reads a file's decimals to within a bit,
        where Transformers hands it the numbers that Python read."""
        draw, vocab, words = random.Random(5), [["<s>", 0.0], ["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0], ["▁", -1.5]], []
        for number in range(600):
            first, second = chr(0x4E00 + 2 * number), chr(0x4E01 + 2 * number)
            scores = -draw.uniform(1, 12), -draw.uniform(1, 12)
            together = math.nextafter(sum(scores), draw.choice([-99, 0])) if number % 3 else sum(scores)
            vocab += [[first, scores[0]], [second, scores[1]], [first + second, together]]
            words.append(first + second)
        data = "\n".join(words).encode() + b"\n"
        form = {**as_it_stands(self.plain, pre_tokenizer=metaspace("never")), "added_tokens": [special("<unk>", 3)]}
        form["model"] |= {"unk_id": 3, "vocab": vocab}
        folder = self.folder({"tokenizer.json": form, "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast"}}, model_type="")
        read, given = Tokenizer.from_file(str(folder / "tokenizer.json")), Tokenizer(Unigram([tuple(piece) for piece in vocab], 3))
        self.assertTrue(any(read.encode(word).ids != given.encode(word).ids for word in words), "the test shows nothing")
        self.compare(folder, read, data)
        self.compare_auto({"tokenizer.json": form, "tokenizer_config.json": {"tokenizer_class": "XLMRobertaTokenizer"}}, data=data)

    def test_every_character_in_the_table(self):
        """Behind and before a letter: the table sees some characters together with their neighbours."""
        characters = [chr(c) for c in range(1, 0x20000) if c not in (10, 13) and not 0x3400 <= c < 0x9F00 and not 0xAD00 <= c < 0xF900
                      and not 0x12000 <= c < 0x16000 and not 0x17000 <= c < 0x1B000]
        forms = ["A{0} ", "{0}A "]
        data = "".join("".join(form.format(c) for c in characters[begin:begin + 64]) + "\n"
                       for form in forms for begin in range(0, len(characters), 64)).encode()
        # Each character is a piece of its own, so that ids show what a text became.
        for model in (self.plain, self.folded):
            pieces = [["<unk>", 0.0]] + [[c, -1.0] for c in characters if not c.isspace()]
            form = as_it_stands(model, normalizer=precompiled(model), pre_tokenizer={"type": "WhitespaceSplit"})
            form["model"].update(vocab=pieces, unk_id=0)
            form["added_tokens"] = []
            with self.subTest(model.name):
                folder = self.folder({"tokenizer.json": form}, model_type="")
                self.compare(folder, Tokenizer.from_file(str(folder / "tokenizer.json")), data)

    def refused(self, files, **how):
        return tool.error_line(tool.run("inspect", self.folder(files, **how), "--tokenize", "-", stdin="x\n", code=4))

    def test_what_is_not_supported_is_refused_by_name(self):
        def form(**parts):
            return as_it_stands(self.plain, **parts)

        def changed(**model):
            made = form()
            made["model"].update(model)
            return made

        table = {"type": "Precompiled", "precompiled_charsmap": "AAAA"}
        strip = {"type": "Strip", "strip_left": True, "strip_right": True}
        for made, message in ((form(normalizer=strip), "normalizer: a Strip of the left side is not supported"), (form(normalizer={"type": "NFKD"}), 'normalizer.type: "NFKD" is not supported'),
                              (form(normalizer={"type": "Replace", "pattern": {"Regex": "a+"}, "content": ""}), "normalizer: pattern"),
                              (form(normalizer={**table, "precompiled_charsmap": "?"}), "precompiled_charsmap: is no base64"),
                              (form(normalizer=table), "precompiled_charsmap: is damaged"),
                              (form(pre_tokenizer={"type": "ByteLevel"}), "only WhitespaceSplit and Metaspace"),
                              (changed(unk_id=None), "model.unk_id: null is no piece"), (changed(unk_id=9999), "model.unk_id: 9999 is no piece"),
                              (changed(vocab=[["a", 0.0], ["a", 1.0]], unk_id=0), '"a" stands there twice'),
                              (changed(vocab=[["a"]], unk_id=0), 'model.vocab: ["a"] is no piece'), (changed(vocab=[], unk_id=0), "model.vocab: is empty")):
            with self.subTest(message):
                self.assertIn(message, self.refused({"tokenizer.json": made}, model_type=""))
        bert = {"type": "WordPiece", "vocab": {"[UNK]": 0}, "unk_token": "[UNK]"}
        self.assertIn("without scores, which is of another kind", self.refused({"tokenizer.json": {"model": bert}}))
        self.assertIn("with scores, which is of another kind", self.refused({"tokenizer.json": form()}, model_type="bert"))
        self.assertIn("sentencepiece.bpe.model", self.refused({}))


if __name__ == "__main__":
    unittest.main()
