"""What torch.save wrote is read as torch.load reads it, runs nothing, and is refused in one line where it is damaged."""

import json
import os
import pathlib
import pickle
import shutil
import tempfile
import unittest
import warnings
import zipfile

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertForSequenceClassification

import tiny
import tool

SENTENCES = ["a good film", "the plot is so bad", "great cast but awful song"]


class Runs:
    """Pickled, it asks whoever reads it to make a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


class TorchFiles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.temporary.name)
        cls.base = tiny.make_model(cls.root / "base")
        config = json.loads((cls.base / "config.json").read_text())
        torch.manual_seed(1)
        model = BertForSequenceClassification(BertConfig(**config, num_labels=2, initializer_range=0.3))
        cls.state = model.state_dict()
        model.save_pretrained(cls.base)
        (cls.root / "sentences.tsv").write_text("\n".join(["sentence", *SENTENCES]) + "\n")
        cls.expected = cls.predicted(cls.base).stdout

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    @classmethod
    def predicted(cls, folder, code=0):
        return tool.run("predict", folder, "--text-columns", "sentence", "--labels", "no,yes", "--input", cls.root / "sentences.tsv",
                        "--output", "-", code=code)

    def folder(self):
        """The base without its weights."""
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.root))
        for name in ("config.json", "vocab.txt"):
            shutil.copy(self.base / name, folder)
        return folder

    def assert_reads(self, state, **options):
        folder = self.folder()
        torch.save(state, folder / "pytorch_model.bin", **options)
        self.assertEqual(self.predicted(folder).stdout, self.expected)

    def refusal(self, write):
        folder = self.folder()
        write(folder / "pytorch_model.bin")
        line = tool.error_line(self.predicted(folder, code=4))
        self.assertIn("pytorch_model.bin: ", line)
        return line

    def test_both_forms_of_the_file_give_the_weights(self):
        self.assert_reads(self.state)
        self.assert_reads(self.state, _use_new_zipfile_serialization=False)
        self.assert_reads(dict(self.state), pickle_protocol=4)

    def test_parameters_and_views_give_the_weights(self):
        self.assert_reads({name: torch.nn.Parameter(tensor) if tensor.is_floating_point() else tensor for name, tensor in self.state.items()})
        prefix = "bert.encoder.layer.0.attention.self."
        names = [prefix + part + ".weight" for part in ("query", "key", "value")]
        fused = torch.cat([self.state[name] for name in names])
        views = dict(zip(names, fused.chunk(3)))
        for form in (True, False):
            self.assert_reads({**self.state, **views}, _use_new_zipfile_serialization=form)
            turned = {name: tensor.t().contiguous().t() if tensor.dim() == 2 else tensor for name, tensor in self.state.items()}
            self.assert_reads(turned, _use_new_zipfile_serialization=form)

    def test_other_types_are_widened_as_in_safetensors(self):
        for kind in (torch.float16, torch.bfloat16, torch.float64):
            state = {name: tensor.to(kind) for name, tensor in self.state.items()}
            as_safetensors, as_pickle = self.folder(), self.folder()
            save_file(state, as_safetensors / "model.safetensors", {"format": "pt"})
            torch.save(state, as_pickle / "pytorch_model.bin")
            self.assertEqual(self.predicted(as_pickle).stdout, self.predicted(as_safetensors).stdout)

    def test_shards_are_read_by_their_index(self):
        folder = self.folder()
        names = sorted(self.state)
        halves = {"pytorch_model-00001-of-00002.bin": names[::2], "pytorch_model-00002-of-00002.bin": names[1::2]}
        for file, part in halves.items():
            torch.save({name: self.state[name] for name in part}, folder / file)
        index = {"metadata": {}, "weight_map": {name: file for file, part in halves.items() for name in part}}
        (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index))
        self.assertEqual(self.predicted(folder).stdout, self.expected)
        (folder / "pytorch_model-00002-of-00002.bin").unlink()
        self.assertIn("the shard pytorch_model-00002-of-00002.bin is missing", tool.error_line(self.predicted(folder, code=4)))

    def test_safetensors_come_first(self):
        folder = self.folder()
        shutil.copy(self.base / "model.safetensors", folder)
        (folder / "pytorch_model.bin").write_bytes(b"no weights")
        self.assertEqual(self.predicted(folder).stdout, self.expected)

    def test_nothing_of_a_pickle_is_run(self):
        mark = self.root / "it-ran"
        for form in (True, False):
            line = self.refusal(lambda path: torch.save({"x": Runs(mark)}, path, _use_new_zipfile_serialization=form))
            self.assertRegex(line, "asks for (posix|os).system, which plain tensors have no need of; nothing of it was run")
        self.assertFalse(mark.exists())

    def test_what_is_no_dictionary_of_tensors_is_named(self):
        def saved(value):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return self.refusal(lambda path: torch.save(value, path))

        self.assertIn('"epoch" is no tensor', saved({"epoch": 3, **self.state}))
        self.assertIn("holds no dictionary of tensors", saved([torch.zeros(2)]))
        self.assertIn("torch.ComplexFloatStorage", saved({"x": torch.zeros(2, dtype=torch.complex64)}))
        self.assertIn("does not lie within its storage", saved({"x": torch.zeros(1).expand(1000)}))
        self.assertIn("begins neither as a zip archive", self.refusal(lambda path: path.write_bytes(pickle.dumps({}))))
        self.assertIn("begins neither as a zip archive", self.refusal(lambda path: path.write_bytes(b"")))

    def test_a_damaged_archive_is_refused(self):
        good = self.root / "good.bin"
        torch.save(self.state, good)
        with zipfile.ZipFile(good) as archive:
            parts = {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}

        def rewritten(path, compression=zipfile.ZIP_STORED, twice=None, **changes):
            with warnings.catch_warnings(), zipfile.ZipFile(path, "w", compression) as archive:
                warnings.simplefilter("ignore")
                for name, data in {**parts, **changes}.items():
                    if data is not None:
                        archive.writestr("good/" + name, data)
                if twice:
                    archive.writestr("good/" + twice, parts[twice])

        self.assertIn("not in little endian order", self.refusal(lambda path: rewritten(path, byteorder=b"big")))
        self.assertIn("holds a file twice", self.refusal(lambda path: rewritten(path, twice="data/0")))
        self.assertIn("it has no data/0", self.refusal(lambda path: rewritten(path, **{"data/0": None})))
        self.assertIn("does not lie within its storage", self.refusal(lambda path: rewritten(path, **{"data/0": parts["data/0"][:-4]})))
        bomb = {"data/0": bytes(100_000_000)}
        self.assertIn("data/0 would be larger than the file", self.refusal(lambda path: rewritten(path, zipfile.ZIP_DEFLATED, **bomb)))

        data = bytearray(good.read_bytes())
        place = data.find(parts["data/3"])
        data[place] ^= 1
        self.assertIn("data/3 is damaged: its checksum differs", self.refusal(lambda path: path.write_bytes(data)))

    def test_a_file_that_is_cut_off_is_refused(self):
        for form in (True, False):
            whole = self.root / "whole.bin"
            torch.save(self.state, whole, _use_new_zipfile_serialization=form)
            data = whole.read_bytes()
            for share in (0.001, 0.01, 0.1, 0.5, 0.9, 0.999):
                self.refusal(lambda path: path.write_bytes(data[:int(len(data) * share)]))


if __name__ == "__main__":
    unittest.main()
