"""`inspect --tokenize` gives the ids of Hugging Face's `tokenizers` on lines of real files and on awkward ones."""

import copy
import json
import os
import pathlib
import tempfile
import unittest

from sentencepiece import SentencePieceProcessor
from tokenizers import Tokenizer
from transformers import BertTokenizer, GPT2Tokenizer, LlamaTokenizer, RobertaTokenizer
from transformers.convert_slow_tokenizer import generate_merges

import tool

AWKWARD = [
    "", " ", "  two  spaces ", "emoji \U0001f600\U0001f468‍\U0001f469‍\U0001f467 and text", "中文字符 mixed 日本語テキスト 한국어",
    "combining e\u0301 a\u0308 n\u0303 \u0301alone", "İstanbul ǅ ß ẞ ﬁ Σίσυφος ΣΑΣ", "control\x01\x02\x7f\u200b\u200e\u00ad\ufeff characters",
    "spaces\u00a0\u2003\u3000\u2028between\u0085them", "\ttabs\tand\rreturns\r", "[SEP] [CLS]x [MASK] [sep] <s></s><mask>  <mask> y <pad>",
    "<|endoftext|> in the middle<|endoftext|>", "don't we'll THEY'RE 'tis 'S 'llama", "x" * 99, "y" * 100, "z" * 101, "word " * 300,
    "!@#$%^&*()_+-=[]{}|;':\",./<>?`~", "«quotes» “curly” ‚low‘ – — … ·", "١٢٣ ½ ² Ⅷ 1,234.56 3rd", "a\u0300\u0316\u0301b",
    "\U00020000\U0002b820\U0002b920\U0002f800", "\ue000private\U000e0001tag \u0378unassigned", "ǆ\u0345 ͅ ᾳ", "क्षि நி ກຳ ༀ",
    "<s>a </s> b<unk>c", "▁x ▁▁y a▁b", "<|begin_of_text|> 1234567 <|im_start|>user", "I'LL don'ſ 12.5\r x\x0b\x0c\x85y", "<0x0A> <0xff>",
    " " * 300 + "x", "a  b   ", "x\r\r y", "Å \u1e9b\u0323",
]
INVALID = [b"caf\xe9 latin", b"\xff\xfe\xfd", b"\xe4\xb8", b"\xf0\x9f\x98 cut", b"\xc0\xaf overlong", b"\xed\xa0\x80 surrogate",
           b"\xf4\x90\x80\x80 beyond", b"ok \x80\x80 stray", b"\xe4\xb8\xe4\xb8\xad", b"nul\x00inside"]


def reference_ids(tokenizer, data):
    lines = data.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    texts = [line.decode("utf-8", "replace") for line in lines]
    return [encoding.ids for encoding in tokenizer.encode_batch(texts)]


LLAMA3_WORDS = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
                r"|\s*[\r\n]+|\s+(?!\S)|\s+")


def special(token, number):
    return {"id": number, "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
            "special": True}


def split(regex):
    return [{"type": "Split", "pattern": {"Regex": regex}, "behavior": "Isolated", "invert": False},
            {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}]


def begins_with(token, number):
    first, text = {"SpecialToken": {"id": token, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}
    return {"type": "Sequence", "processors": [
        {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True},
        {"type": "TemplateProcessing", "single": [first, text], "pair": [first, text, {"Sequence": {"id": "B", "type_id": 1}}],
         "special_tokens": {token: {"id": token, "ids": [number], "tokens": [token]}}}]}


def decoder_forms(gpt2):
    """GPT-2's vocabulary in the forms in which LLaMA 3, Qwen2 and SmolLM2 come."""
    base = json.loads((gpt2 / "tokenizer.json").read_text())
    size = len(base["model"]["vocab"])
    llama3, qwen2, smollm2 = (copy.deepcopy(base) for _ in range(3))
    llama3["added_tokens"] = [special("<|begin_of_text|>", size), special("<|end_of_text|>", size + 1)]
    llama3["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": split(LLAMA3_WORDS)}
    llama3["post_processor"] = begins_with("<|begin_of_text|>", size)
    llama3["model"]["ignore_merges"] = True
    qwen2["added_tokens"] = [special("<|im_start|>", size)]
    qwen2["normalizer"] = {"type": "NFC"}
    qwen2["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": split(LLAMA3_WORDS.replace("{1,3}", ""))}
    smollm2["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [
        {"type": "Digits", "individual_digits": True},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}]}
    return {"llama3": llama3, "qwen2": qwen2, "smollm2": smollm2}


def llama2(folder):
    """LlamaTokenizer with the merges in the order of the model's scores. Transformers 5 orders them by id, which for
    runs of spaces (whose scores are the lowest of all) gives other ids than SentencePiece, and than LLaMA 2's own
    tokenizer.json."""
    backend = json.loads(LlamaTokenizer.from_pretrained(folder, add_bos_token=True).backend_tokenizer.to_str())
    pieces = SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
    normal = [i for i in range(len(pieces)) if not (pieces.is_unknown(i) or pieces.is_control(i) or pieces.is_byte(i))]
    scores = {pieces.id_to_piece(i): pieces.get_score(i) for i in normal}
    backend["model"]["merges"] = generate_merges(backend["model"]["vocab"], scores)
    return backend


def llama2_forms(backend):
    """The two older forms of LLaMA 2's tokenizer.json."""
    normalized, always = copy.deepcopy(backend), copy.deepcopy(backend)
    normalized["normalizer"] = {"type": "Sequence", "normalizers": [
        {"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}
    normalized["pre_tokenizer"] = None
    always["pre_tokenizer"]["prepend_scheme"] = "always"
    return {"llama2-normalized": normalized, "llama2-always": always}


class Tokenizers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        vocabularies = tool.DATA / "tokenizers"
        if not vocabularies.exists():
            raise unittest.SkipTest(f"{vocabularies} is not there")
        bert, gpt2, roberta, llama = (vocabularies / name for name in ("bert-base-uncased", "gpt2", "roberta", "llama2"))
        backend = llama2(llama)
        cls.made = {
            bert: BertTokenizer(vocab=str(bert / "vocab.txt")).backend_tokenizer,
            gpt2: GPT2Tokenizer(vocab=str(gpt2 / "vocab.json"), merges=str(gpt2 / "merges.txt")).backend_tokenizer,
            roberta: RobertaTokenizer(vocab=str(roberta / "vocab.json"),
                                      merges=str(roberta / "merges.txt")).backend_tokenizer,
            llama: Tokenizer.from_str(json.dumps(backend)),
        }
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        for name, form in (decoder_forms(gpt2) | llama2_forms(backend)).items():
            folder = pathlib.Path(temporary.name) / name
            folder.mkdir()
            (folder / "tokenizer.json").write_text(json.dumps(form))
            cls.made[folder] = Tokenizer.from_file(str(folder / "tokenizer.json"))

    def compare(self, folder, backend, path):
        backend.no_truncation()
        expected = reference_ids(backend, pathlib.Path(path).read_bytes())
        printed = tool.run("inspect", folder, "--tokenize", path).stdout.splitlines()
        self.assertEqual(len(printed), len(expected), path)
        for number, (line, ids) in enumerate(zip(printed, expected), 1):
            self.assertEqual(json.loads(line), ids, f"{folder.name}, {path}:{number}")

    def test_awkward_text_and_invalid_utf8(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "awkward.txt"
            path.write_bytes(b"\n".join([*(text.encode() for text in AWKWARD), *INVALID]) + b"\n")
            for model, tokenizer in self.made.items():
                self.compare(model, tokenizer, path)

    def test_the_same_from_tokenizer_json(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "awkward.txt"
            path.write_bytes(b"\n".join([*(text.encode() for text in AWKWARD), *INVALID]) + b"\n")
            for model, tokenizer in self.made.items():
                saved = pathlib.Path(folder) / model.name
                saved.mkdir()
                tokenizer.save(str(saved / "tokenizer.json"))
                self.compare(saved, tokenizer, path)

    def test_lines_of_glue_e2e_and_webnlg(self):
        """Each tokenizer reads other lines. HIDDENKEY_EVERY_LINE=1 gives every line to each, which takes ten minutes."""
        files = sorted((tool.DATA / "glue").glob("*/*.tsv")) + sorted((tool.DATA / "e2e").glob("*.csv"))
        files += sorted((tool.DATA / "webnlg").glob("*.json"))
        self.assertTrue(files)
        lines = [line for path in files for line in path.read_bytes().splitlines(keepends=True)]
        step = 1 if os.environ.get("HIDDENKEY_EVERY_LINE") else 20
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "lines.txt"
            for number, (model, tokenizer) in enumerate(self.made.items()):
                path.write_bytes(b"".join(lines[number % step::step]))
                self.compare(model, tokenizer, path)


if __name__ == "__main__":
    unittest.main()
