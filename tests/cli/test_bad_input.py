"""What is wrong with data, weights, adapters and folders is said in one line, with the right exit code, and leaves nothing."""

import json
import pathlib
import resource
import signal
import struct
import subprocess
import tempfile
import unittest

from safetensors.numpy import load_file, save_file

import tiny
import tool

CONFIG, DATA, MODEL, IO = 2, 3, 4, 7


class BadInput(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.model = tiny.make_model(self.root / "model")
        self.task = tiny.make_task(self.root / "task")

    def train_fails(self, code, *arguments, **sections):
        path = tiny.config(self.root, self.model, self.task, **sections)
        return tool.error_line(tool.run("train", path, *arguments, code=code, env={"XDG_CACHE_HOME": str(self.root / "cache")}))

    def weights(self):
        return load_file(self.model / "model.safetensors")

    def save_weights(self, weights):
        save_file(weights, self.model / "model.safetensors", {"format": "pt"})

    def test_a_checkpoint_that_is_cut_off(self):
        path = self.model / "model.safetensors"
        path.write_bytes(path.read_bytes()[:-5])
        self.assertIn("model.safetensors", self.train_fails(MODEL))

    def test_a_checkpoint_that_is_no_safetensors_file(self):
        (self.model / "model.safetensors").write_bytes(b"PK\x03\x04 something else entirely")
        self.assertIn("is no valid safetensors file", self.train_fails(MODEL))
        (self.model / "model.safetensors").write_bytes(struct.pack("<Q", 1 << 60) + b"{}")
        self.assertIn("header", self.train_fails(MODEL))

    def test_missing_weights_are_listed(self):
        weights = self.weights()
        del weights["encoder.layer.1.output.dense.weight"], weights["embeddings.LayerNorm.bias"]
        self.save_weights(weights)
        line = self.train_fails(MODEL)
        self.assertIn("bert.encoder.layer.1.output.dense.weight", line)
        self.assertIn("bert.embeddings.LayerNorm.bias", line)

    def test_unexpected_weights_are_listed(self):
        self.save_weights({**self.weights(), "encoder.layer.7.output.dense.bias": self.weights()["pooler.dense.bias"]})
        self.assertIn("encoder.layer.7.output.dense.bias", self.train_fails(MODEL))

    def test_dimensions_that_differ_from_the_weights(self):
        tiny.make_model(self.model, intermediate_size=48)
        self.assertIn("encoder.layer.0.intermediate.dense.weight is [32, 16], the config says [48, 16]", self.train_fails(MODEL))

    def test_config_fields_that_change_the_function_are_refused_by_name(self):
        for field, value in (("position_embedding_type", "relative_key"), ("hidden_act", "mish"), ("model_type", "t5"), ("num_attention_heads", 3), ("is_decoder", True)):
            tiny.make_model(self.model, **{field: value})
            self.assertIn(field, self.train_fails(MODEL))

    def test_a_model_folder_that_is_not_there(self):
        self.assertIn("there is no such model folder", self.train_fails(MODEL, model={"path": str(self.root / "none")}))

    def test_a_name_of_the_hub_is_called_that(self):
        for name in ("bert-base-uncased", "org-of-nobody/bert.base_2"):
            line = self.train_fails(MODEL, model={"path": name})
            self.assertIn(f"there is no such model folder; if it is a name on the Hugging Face hub, get its folder with `hf download {name} --local-dir models/", line)
        for path in ("./none", "a/b/c", "none.gguf"):
            line = self.train_fails(MODEL, model={"path": path})
            self.assertIn("there is no such model", line)
            self.assertNotIn("hub", line)

    def test_a_pointer_of_git_lfs_is_called_that(self):
        pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 123456\n"
        for name in ("model.safetensors", "vocab.txt", "config.json", "tokenizer.json"):
            before = (self.model / name).read_bytes() if (self.model / name).exists() else None
            (self.model / name).write_text(pointer)
            line = self.train_fails(MODEL)
            self.assertIn(f"{name}: is a pointer of git-lfs, not the file itself", line)
            (self.model / name).unlink() if before is None else (self.model / name).write_bytes(before)
        (self.task / "train.tsv").write_text(pointer)
        self.assertIn("train.tsv: is a pointer of git-lfs", self.train_fails(DATA))

    def test_sizes_that_the_weights_cannot_hold(self):
        for field in ("num_hidden_layers", "vocab_size", "hidden_size", "intermediate_size", "max_position_embeddings"):
            tiny.make_model(self.model, **{field: 1_000_000_000})
            self.assertIn("config.json: the sizes", self.train_fails(MODEL))

    def test_an_index_of_no_weights(self):
        (self.model / "model.safetensors").rename(self.model / "model-00001-of-00001.safetensors")
        (self.model / "model.safetensors.index.json").write_text('{"metadata": {}, "weight_map": {}}')
        self.assertIn("model.safetensors.index.json: weight_map: is empty", self.train_fails(MODEL))

    def test_a_tokenizer_that_is_broken(self):
        (self.model / "vocab.txt").write_text("")
        self.assertIn("vocab.txt", self.train_fails(MODEL))

    def test_targets_that_match_nothing(self):
        line = self.train_fails(CONFIG, lora={"target_modules": ["query", "valeu"]})
        self.assertIn("\"valeu\" matches no module of the model (did you mean \"value\"?)", line)
        self.assertIn("no linear layer", self.train_fails(CONFIG, lora={"target_modules": ["LayerNorm"]}))

    def test_a_row_with_too_few_fields(self):
        with open(self.task / "train.tsv", "a") as file:
            file.write("no label here\n")
        self.assertIn("train.tsv:98: expected 2 fields, found 1", self.train_fails(DATA))

    def test_an_unknown_label(self):
        with open(self.task / "dev.tsv", "a") as file:
            file.write("good film\tpositve\n")
        self.assertIn("dev.tsv:42: the label \"positve\" is none of negative, positive (did you mean \"positive\"?)", self.train_fails(DATA))

    def test_a_file_without_examples_and_one_that_is_not_there(self):
        (self.task / "train.tsv").write_text("sentence\tlabel\n")
        self.assertIn("holds no examples", self.train_fails(DATA))
        (self.task / "train.tsv").unlink()
        self.assertIn("train.tsv: there is no such data file", self.train_fails(DATA))

    def test_a_column_that_is_not_there(self):
        self.assertIn("has no column \"sentense\" (did you mean \"sentence\"?)", self.train_fails(DATA, task={"text_columns": ["sentense"]}))

    def test_invalid_utf8_is_counted_in_a_text_and_refused_in_a_label(self):
        with open(self.task / "train.tsv", "ab") as file:
            file.write(b"bad \xff\xfe film\tnegative\n")
        done = tool.run("train", tiny.config(self.root, self.model, self.task, training={"max_steps": 1}))
        self.assertIn("train.tsv: 1 example has bytes that are not UTF-8; they are read as U+FFFD (the first in line 98)", done.stderr)
        before = (self.task / "train.tsv").read_bytes()
        (self.task / "train.tsv").write_bytes(before + b"bad \0 film\tnegative\n")
        self.assertIn("train.tsv:99: holds a NUL byte", self.train_fails(DATA, "--overwrite"))
        (self.task / "train.tsv").write_bytes(before + b"bad film\tnega\xfftive\n")
        self.assertIn("train.tsv:99: the label holds bytes that are not UTF-8", self.train_fails(DATA, "--overwrite"))

    def test_an_output_folder_that_holds_another_run(self):
        path = tiny.config(self.root, self.model, self.task, training={"max_steps": 1})
        tool.run("train", path)
        before = (self.root / "run" / "metrics.jsonl").read_bytes()
        self.assertIn("holds another run", tool.error_line(tool.run("train", path, code=CONFIG)))
        self.assertEqual((self.root / "run" / "metrics.jsonl").read_bytes(), before)
        tool.run("train", path, "--overwrite")

    def test_an_output_folder_that_cannot_be_written(self):
        (self.root / "file").write_text("")
        self.assertIn("file", self.train_fails(IO, output_dir=str(self.root / "file" / "run")))

    def test_a_run_to_resume_that_is_not_there(self):
        self.assertIn("holds no run to resume", self.train_fails(CONFIG, "--resume"))

    def test_a_full_disk_while_saving_leaves_nothing_half_written(self):
        path = tiny.config(self.root, self.model, self.task, training={"max_steps": 2}, lora={"r": 64, "target_modules": "all-linear"})

        def small_files():
            # A limit on the size of a file fails as a full disk does, in the middle of a write.
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

        done = subprocess.run([tool.TOOL, "train", path], capture_output=True, text=True, preexec_fn=small_files, timeout=300,
                              env={"XDG_CACHE_HOME": str(self.root / "cache"), "HOME": str(self.root)})
        self.assertEqual(done.returncode, IO, done.stderr)
        self.assertIn("error: ", done.stderr.splitlines()[-1])
        self.assertFalse((self.root / "run" / "adapter").exists())
        leftovers = [path for path in (self.root / "run").rglob("*") if ".tmp" in path.name]
        self.assertEqual(leftovers, [])

    def trained(self, **sections):
        tool.run("train", tiny.config(self.root, self.model, self.task, training={"max_steps": 1}, **sections))
        return self.root / "run" / "adapter"

    def test_an_adapter_of_another_rank_and_one_with_other_tensors(self):
        adapter = self.trained()
        config = json.loads((adapter / "adapter_config.json").read_text())
        (adapter / "adapter_config.json").write_text(json.dumps({**config, "r": 4}))
        self.assertIn("another base or rank", tool.error_line(tool.run("eval", adapter, code=MODEL)))
        (adapter / "adapter_config.json").write_text(json.dumps({**config, "target_modules": ["query"]}))
        self.assertIn("no place for", tool.error_line(tool.run("eval", adapter, code=MODEL)))
        (adapter / "adapter_config.json").write_text(json.dumps({**config, "target_modules": ["query", "key", "value"]}))
        self.assertIn("tensors are missing", tool.error_line(tool.run("eval", adapter, code=MODEL)))
        (adapter / "adapter_config.json").write_text(json.dumps({**config, "use_dora": True}))
        self.assertIn("query.lora_magnitude_vector", tool.error_line(tool.run("eval", adapter, code=MODEL)))
        (adapter / "adapter_config.json").write_text(json.dumps({**config, "use_qalora": True}))
        self.assertIn("use_qalora", tool.error_line(tool.run("eval", adapter, code=MODEL)))

    def test_an_adapter_of_another_base(self):
        adapter = self.trained()
        other = tiny.make_model(self.root / "other")
        save_file(tiny.bert_weights(len(tiny.WORDS) + 5, seed=1), other / "model.safetensors", {"format": "pt"})
        self.assertIn("is another base", tool.error_line(tool.run("eval", adapter, "--model", other, code=MODEL)))
        tool.run("eval", adapter, "--model", other, "--any-base")

    def test_an_adapter_whose_task_is_not_known(self):
        adapter = self.trained()
        (adapter / "hiddenkey.json").unlink()
        elsewhere = adapter.rename(self.root / "alone")
        line = tool.error_line(tool.run("eval", elsewhere, code=CONFIG))
        self.assertIn("--task", line)


if __name__ == "__main__":
    unittest.main()
