"""`inspect --tokenize` gives the ids of Hugging Face's `tokenizers` on every line of real files and of awkward ones."""

import json
import pathlib
import tempfile
import unittest

from transformers import BertTokenizer, GPT2Tokenizer, RobertaTokenizer

import tool

AWKWARD = [
    "", " ", "  two  spaces ", "emoji \U0001f600\U0001f468‍\U0001f469‍\U0001f467 and text", "中文字符 mixed 日本語テキスト 한국어",
    "combining e\u0301 a\u0308 n\u0303 \u0301alone", "İstanbul ǅ ß ẞ ﬁ Σίσυφος ΣΑΣ", "control\x01\x02\x7f\u200b\u200e\u00ad\ufeff characters",
    "spaces\u00a0\u2003\u3000\u2028between\u0085them", "\ttabs\tand\rreturns\r", "[SEP] [CLS]x [MASK] [sep] <s></s><mask>  <mask> y <pad>",
    "<|endoftext|> in the middle<|endoftext|>", "don't we'll THEY'RE 'tis 'S 'llama", "x" * 99, "y" * 100, "z" * 101, "word " * 300,
    "!@#$%^&*()_+-=[]{}|;':\",./<>?`~", "«quotes» “curly” ‚low‘ – — … ·", "١٢٣ ½ ² Ⅷ 1,234.56 3rd", "a\u0300\u0316\u0301b",
    "\U00020000\U0002b820\U0002b920\U0002f800", "\ue000private\U000e0001tag \u0378unassigned", "ǆ\u0345 ͅ ᾳ", "क्षि நி ກຳ ༀ",
]
INVALID = [b"caf\xe9 latin", b"\xff\xfe\xfd", b"\xe4\xb8", b"\xf0\x9f\x98 cut", b"\xc0\xaf overlong", b"\xed\xa0\x80 surrogate",
           b"\xf4\x90\x80\x80 beyond", b"ok \x80\x80 stray", b"\xe4\xb8\xe4\xb8\xad", b"nul\x00inside"]


def reference_ids(tokenizer, data):
    lines = data.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    texts = [line.decode("utf-8", "replace") for line in lines]
    return [encoding.ids for encoding in tokenizer.encode_batch(texts)]


class Tokenizers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        vocabularies = tool.DATA / "tokenizers"
        if not vocabularies.exists():
            raise unittest.SkipTest(f"{vocabularies} is not there")
        bert, gpt2, roberta = (vocabularies / name for name in ("bert-base-uncased", "gpt2", "roberta"))
        cls.made = {
            bert: BertTokenizer(vocab=str(bert / "vocab.txt")),
            gpt2: GPT2Tokenizer(vocab=str(gpt2 / "vocab.json"), merges=str(gpt2 / "merges.txt")),
            roberta: RobertaTokenizer(vocab=str(roberta / "vocab.json"), merges=str(roberta / "merges.txt")),
        }

    def compare(self, folder, tokenizer, path):
        backend = tokenizer.backend_tokenizer
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

    def test_every_character(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "characters.txt"
            changed = {0x166D, 0x1734, 0x1885, 0x1886, 0xA9BD, 0x111C9}
            characters = (c for c in range(1, 0x30000) if not 0xD800 <= c < 0xE000 and c != 10 and c not in changed)
            # Six characters changed their category after Unicode 8; newer ones are unknown to the reference.
            text = "".join(f"a{chr(c)}B\n" for c in characters)
            path.write_text(text, newline="\n")
            for model, tokenizer in self.made.items():
                self.compare(model, tokenizer, path)

    def test_the_same_from_tokenizer_json(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "awkward.txt"
            path.write_bytes(b"\n".join([*(text.encode() for text in AWKWARD), *INVALID]) + b"\n")
            for model, tokenizer in self.made.items():
                saved = pathlib.Path(folder) / model.name
                tokenizer.save_pretrained(saved)
                for name in ("vocab.txt", "vocab.json", "merges.txt"):
                    (saved / name).unlink(missing_ok=True)
                self.compare(saved, tokenizer, path)

    def test_every_line_of_glue_and_e2e(self):
        files = sorted((tool.DATA / "glue").glob("*/*.tsv")) + sorted((tool.DATA / "e2e").glob("*.csv"))
        self.assertTrue(files)
        for path in files:
            for model, tokenizer in self.made.items():
                self.compare(model, tokenizer, path)


if __name__ == "__main__":
    unittest.main()
