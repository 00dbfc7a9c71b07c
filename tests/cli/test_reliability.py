"""Hostile and damaged files: each is refused in one line that names it, and none runs anything, crashes or takes memory without end."""

import contextlib
import json
import pathlib
import resource
import struct
import subprocess
import tempfile
import unittest
import zipfile

import tiny
import tiny_decoder
import tool

CONFIG, DATA, MODEL = 2, 3, 4
GIB = 1 << 30


def inspected(folder, *arguments, code=MODEL, **options):
    return tool.run("inspect", folder, *arguments, code=code, **options)


def refused(folder, *arguments, **options):
    return tool.error_line(inspected(folder, *arguments, **options))


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)


class Weights(Case):
    def setUp(self):
        super().setUp()
        self.model = tiny.make_model(self.root / "model")
        self.file = self.model / "model.safetensors"
        self.whole = self.file.read_bytes()

    def test_an_empty_file_one_that_lacks_a_byte_and_one_whose_header_is_no_text(self):
        no_text = self.whole.replace(b"pooler", b"pool\xffr")
        for bytes_, reason in ((b"", "it has 0 bytes"), (self.whole[:-1], "lie outside"), (no_text, "no valid JSON")):
            self.file.write_bytes(bytes_)
            line = refused(self.model)
            self.assertIn("model.safetensors: is no valid safetensors file: ", line)
            self.assertIn(reason, line)

    def test_an_index_leads_to_no_file_outside_of_its_folder(self):
        self.file.rename(self.model / "part.safetensors")
        for name, reason in (("../../etc/passwd", "is no name of a file in this folder"), ("/etc/passwd", "is no name of a file in this folder"),
                             ("..", "is no name of a file in this folder"), ("none.safetensors", "the shard none.safetensors is missing")):
            (self.model / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"pooler.dense.bias": name}}))
            self.assertIn(reason, refused(self.model))


class Pickles(Case):
    """pytorch_model.bin with a pickle that is written by hand."""

    # torch._utils._rebuild_tensor_v2 with a storage "0" of four floats; behind it come offset, shape and strides.
    STORAGE = b"((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04tQ"

    def tensor(self, offset=0, size=4, stride=1):
        number = lambda value: b"J" + struct.pack("<i", value)
        parts = self.STORAGE + number(offset) + number(size) + b"\x85" + number(stride) + b"\x85\x89ccollections\nOrderedDict\n)Rt"
        return b"X\x01\x00\x00\x00actorch._utils\n_rebuild_tensor_v2\n" + parts + b"R"

    def file(self, pickle):
        folder = self.root / "model"
        folder.mkdir(exist_ok=True)
        (folder / "config.json").write_text(json.dumps({"model_type": "bert", "vocab_size": 9, "hidden_act": "gelu", **tiny.SHAPE}))
        with contextlib.suppress(FileNotFoundError):
            (folder / "pytorch_model.bin").unlink()
        with zipfile.ZipFile(folder / "pytorch_model.bin", "w") as archive:
            for name, data in (("data.pkl", b"\x80\x02" + pickle), ("byteorder", b"little"), ("data/0", bytes(16)), ("version", b"3\n")):
                archive.writestr("model/" + name, data)
        return folder

    def test_a_place_in_the_memo_costs_what_is_in_it(self):
        folder = self.file(b"}r\xff\xff\xff\xff" + self.tensor() + b"s.")

        def little_memory():
            resource.setrlimit(resource.RLIMIT_AS, (24 * GIB, 24 * GIB))

        done = subprocess.run([tool.TOOL, "inspect", folder, "--json"], capture_output=True, text=True, preexec_fn=little_memory, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["parameters"], 4)

    def test_programs_that_are_none_are_refused(self):
        entry = self.tensor()
        for pickle, reason in ((b"}X\xff\xff\xff\xffabc.", "it is cut off"), (b"}X\x00\x00\x00\xf0" + bytes(1000) + b".", "it is cut off"),
                               (b"0.", "it takes more values than there are"), (b"s.", "it takes more values than there are"),
                               (b"}(" + entry + b"Nu.", "a key without a value"), (b"u.", "a mark that is not there"),
                               (b"h\x07.", "recalls a value that it has not made"), (b"(" * 200_000 + b".", "does not end with one value"),
                               (b"}" + b"]" * 200_000 + b"a" * 199_999 + b".", "does not end with one value"),
                               (b"cos\nsystem\n.", "asks for os.system")):
            self.assertIn(reason, refused(self.file(pickle)), pickle[:20])

    def test_tensors_that_reach_beyond_their_storage_are_refused(self):
        self.assertIn('"parameters": 4', inspected(self.file(b"}" + self.tensor() + b"s."), "--json", code=0).stdout)
        for beyond in (dict(offset=1), dict(offset=-1), dict(size=5), dict(size=-1), dict(stride=2), dict(stride=-1),
                       dict(size=2**31 - 1, stride=2**31 - 1)):
            self.assertIn('tensor "a" does not lie within its storage', refused(self.file(b"}" + self.tensor(**beyond) + b"s.")), beyond)


class Tokenizers(Case):
    def setUp(self):
        super().setUp()
        self.model = tiny_decoder.make_decoder(self.root / "model")

    def ids(self, text):
        return json.loads(inspected(self.model, "--tokenize", "-", stdin=text + "\n", code=0).stdout)

    def refusal(self):
        return refused(self.model, "--tokenize", "-", stdin="a\n")

    def test_a_merge_into_a_token_that_is_not_there(self):
        (self.model / "merges.txt").write_text("#version: 0.2\na b\n")
        self.assertIn('merges.txt:2: merges "a" and "b", but the vocabulary lacks "ab"', self.refusal())

    def test_ids_that_two_tokens_share_or_that_are_none(self):
        for vocabulary, reason in (({"a": 0, "b": 0}, "have the same id 0"), ({"a": -1}, "has no id"), ({"a": 1.5}, "has no id"),
                                   ({"a": 2**31}, "has no id")):
            (self.model / "vocab.json").write_text(json.dumps(vocabulary))
            self.assertIn(reason, self.refusal())

    def sentence_piece(self, *pieces):
        """A folder with a SentencePiece model of an unknown token and these pieces."""
        def varint(value):
            return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + varint(value >> 7)

        def field(number, data):
            return varint(number << 3 | 2) + varint(len(data)) + data

        model = field(1, field(1, b"<unk>") + b"\x18\x02")
        for i, piece in enumerate(pieces):
            model += field(1, field(1, piece.encode()) + b"\x15" + struct.pack("<f", -i))
        # A BPE without normalization, whose spaces become marks.
        model += field(2, b"\x18\x02") + field(3, field(1, b"identity") + b"\x20\x00")
        (self.model / "tokenizer.model").write_bytes(model)
        (self.model / "tokenizer_config.json").write_text(json.dumps(dict(tokenizer_class="LlamaTokenizer", add_bos_token=False, unk_token="<unk>")))
        for name in ("vocab.json", "merges.txt"):
            (self.model / name).unlink(missing_ok=True)

    def test_a_piece_of_half_a_million_letters(self):
        self.sentence_piece("a", "b", "\u2581", "b" * 500_000)
        self.assertEqual(self.ids("a"), [3, 1])

    def test_a_nul_is_a_piece_like_others(self):
        self.sentence_piece("a", "b", "\u2581", "\0")
        self.assertEqual(self.ids("a\0b"), [3, 1, 4, 2])
        vocabulary = {"a": 0, "b": 1, "\0": 2}
        tokenizer = dict(model=dict(type="BPE", vocab=vocabulary, merges=[]), pre_tokenizer=dict(type="Metaspace", prepend_scheme="never"))
        (self.model / "tokenizer.json").write_text(json.dumps(tokenizer))
        (self.model / "tokenizer_config.json").write_text(json.dumps(dict(tokenizer_class="PreTrainedTokenizerFast")))
        self.assertEqual(self.ids("a\0b"), [0, 2, 1])


class Text(Case):
    def test_numbers_that_are_none_and_rates_of_one(self):
        path = self.root / "run.yaml"
        path.write_text("model: {path: models/x}\ntask: {name: rte, data_dir: glue/RTE}\noutput_dir: o\n"
                        "lora: {r: 1.5, alpha: .inf, dropout: 1}\ntraining: {learning_rate: .nan, batch_size: 99999999999999999999}\n")
        shown = tool.run("validate", path, code=CONFIG).stderr
        for key in ("lora.r", "lora.alpha", "lora.dropout", "training.learning_rate", "training.batch_size"):
            self.assertIn(f" {key}: ", shown)

    def test_lists_in_lists_without_end(self):
        deep = "[" * 200_000 + "]" * 200_000
        path = self.root / "deep.json"
        path.write_text(deep)
        self.assertIn("is nested deeper than 64 levels", tool.error_line(tool.run("validate", path, code=CONFIG)))
        model = tiny.make_model(self.root / "model")
        rows = self.root / "rows.jsonl"
        rows.write_text('{"sentence": "a film", "label": "x"}\n{"more": ' + deep + ', "sentence": "a film", "label": "y"}\n')
        task = {"train": str(rows), "validation": str(rows), "text_columns": ["sentence"]}
        done = tool.run("train", tiny.config(self.root, model, self.root, task=task), "--dry-run", code=DATA)
        self.assertIn("rows.jsonl:2: is nested deeper than 64 levels", tool.error_line(done))
        for name in ("train", "dev"):
            (self.root / f"{name}.json").write_text('{"entries": [' + deep + '], "more": 1}')
        task = {"name": "webnlg", "data_dir": str(self.root)}
        config = self.root / "webnlg.yaml"
        decoder = tiny_decoder.make_decoder(self.root / "decoder")
        config.write_text(json.dumps(dict(model=dict(path=str(decoder)), task=task, training=dict(max_length=40),
                                         output_dir=str(self.root / "run"))))
        done = tool.run("train", config, "--dry-run", code=DATA)
        self.assertIn("train.json: is nested deeper than 64 levels", tool.error_line(done))
        (model / "config.json").write_text('{"model_type": ' + deep + "}")
        self.assertIn("config.json: line 1, column 79: is nested deeper than 64 levels", refused(model))


if __name__ == "__main__":
    unittest.main()
