"""Every code point, in every normaliser and cutter of words that the program has, gives the ids of `tokenizers`.

The vocabulary is made so that ids show where a text was cut: bytes, and merges of the letters, digits and marks around
a character with that character's own bytes.
"""

import json
import pathlib
import subprocess
import tempfile
import unittest

from tokenizers import Tokenizer

import tool

# What may stand before and behind a character.
AROUND = [("a", "b"), (" ", "1")]
PER_LINE = 64
BYTES = [b for b in range(256) if 33 <= b <= 126 or 161 <= b <= 172 or 174 <= b]
SHOWN = {b: chr(b) for b in BYTES} | {b: chr(256 + i) for i, b in enumerate(b for b in range(256) if b not in BYTES)}
LETTERS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def lines():
    """Characters of the planes that hold any within words, those of small scripts also after a space; of the empty planes,
    where all are alike, alone."""
    def is_in_large_script(c):
        return 0x3400 <= c < 0xA000 or 0xAC00 <= c < 0xD7A4 or 0xE000 <= c < 0xF900 or 0x17000 <= c < 0x18D00 or c >= 0x20000

    surroundings = {"within": [], "spaced": [], "alone": []}
    for c in range(0x110000):
        if c == 10 or 0xD800 <= c < 0xE000:
            continue
        empty = 0x34000 <= c < 0xE0000 or c >= 0xE0200
        surroundings["alone" if empty else "within" if is_in_large_script(c) else "spaced"].append(c)
    around = {"within": ["a{}1 "], "spaced": ["a{}b ", "{}1 "], "alone": ["{}"]}
    return ["".join(form.format(chr(c)) for c in characters[begin:begin + PER_LINE] for form in around[name])
            for name, characters in surroundings.items() for begin in range(0, len(characters), PER_LINE)]


def byte_level(use_regex):
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": use_regex}


def split(regex):
    return {"type": "Split", "pattern": {"Regex": regex}, "behavior": "Isolated", "invert": False}


def byte_bpe(*steps, normalizer=None):
    vocabulary = {shown: b for b, shown in SHOWN.items()}
    merges = []
    for left, right in AROUND:
        for shown in SHOWN.values():
            merges += [(SHOWN[ord(left)], shown), (shown, SHOWN[ord(right)])]
    merges = list(dict.fromkeys(merges))
    for merge in merges:
        vocabulary.setdefault("".join(merge), len(vocabulary))
    return {"added_tokens": [], "normalizer": normalizer,
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [*steps]},
            "model": {"type": "BPE", "vocab": vocabulary, "merges": [list(merge) for merge in merges]}}


def bert(**changes):
    return {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": True,
            "lowercase": True, **changes}


def words(normalizer=None):
    """WordPiece that knows the surroundings alone, and a token that is none inside of a word."""
    vocabulary = {"[UNK]": 0} | {c: i for i, c in enumerate("ab1?cd", 1)}
    added = {"id": vocabulary["?"], "content": "?", "single_word": True, "lstrip": False, "rstrip": False, "normalized": False, "special": False}
    return {"added_tokens": [added], "normalizer": normalizer, "pre_tokenizer": {"type": "BertPreTokenizer"},
            "model": {"type": "WordPiece", "vocab": vocabulary | {"#": 8}, "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                      "max_input_chars_per_word": 100}}


FORMS = {
    "Split": byte_bpe(split(LETTERS + r"\p{N}{1,3}" + REST), byte_level(False)),
    "Digits and GPT-2's words": byte_bpe({"type": "Digits", "individual_digits": True}, byte_level(True)),
    "Digits in runs": byte_bpe({"type": "Digits", "individual_digits": False}, byte_level(False)),
    "word class": byte_bpe(split(r"\w+"), byte_level(False)),
    "NFC": byte_bpe(byte_level(False), normalizer={"type": "NFC"}),
    "BertNormalizer": byte_bpe(byte_level(False), normalizer=bert()),
    "BertNormalizer that keeps accents": byte_bpe(byte_level(False), normalizer=bert(strip_accents=False)),
    "BertPreTokenizer": words(),
    "BERT": words(bert()),
}


class EveryCharacter(unittest.TestCase):
    def test_ids_are_those_of_tokenizers(self):
        texts = lines()
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "text.txt").write_text("".join(text + "\n" for text in texts), newline="\n")
            running = {}
            for number, (name, form) in enumerate(FORMS.items()):
                model = folder / str(number)
                model.mkdir()
                (model / "tokenizer.json").write_text(json.dumps({"version": "1.0", "truncation": None, "padding": None,
                                                                  "post_processor": None, "decoder": None, **form}))
                with open(folder / f"{number}.jsonl", "w") as output:
                    running[name] = subprocess.Popen([tool.TOOL, "inspect", model, "--tokenize", folder / "text.txt"], stdout=output)
            for number, (name, process) in enumerate(running.items()):
                reference = Tokenizer.from_file(str(folder / str(number) / "tokenizer.json"))
                expected = [encoding.ids for encoding in reference.encode_batch(texts, add_special_tokens=False)]
                self.assertEqual(process.wait(), 0, name)
                given = [json.loads(line) for line in (folder / f"{number}.jsonl").read_text().splitlines()]
                self.assertEqual(len(given), len(expected), name)
                wrong = [text for text, ours, theirs in zip(texts, given, expected) if ours != theirs]
                self.assertEqual([], [self.first_difference(text, model=folder / str(number), reference=reference) for text in wrong[:3]], name)

    def first_difference(self, text, model, reference):
        """The surroundings of the first character that differs, as code points."""
        parts = text.split(" ") if " " in text else [text]
        for size in (1, 2, 3, 4, 8, len(parts)):
            tries = [" ".join(parts[begin:begin + size]) for begin in range(0, len(parts), size)]
            printed = tool.run("inspect", model, "--tokenize", "-", stdin="".join(t + "\n" for t in tries)).stdout.splitlines()
            for part, line in zip(tries, printed):
                if json.loads(line) != reference.encode(part, add_special_tokens=False).ids:
                    return " ".join(f"{ord(c):X}" for c in part)
        return "only together"


if __name__ == "__main__":
    unittest.main()
