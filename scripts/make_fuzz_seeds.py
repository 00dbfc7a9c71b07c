#!/usr/bin/env python3
"""Makes the binary seeds of the fuzz targets, tests/fuzz/seeds/TARGET/; the others are text, written by hand.

    make_fuzz_seeds.py

It needs the Python of the environment that scripts/setup.sh --references makes. The seeds are kept in the repository: they
have to be made again only where a format is added.
"""

import gzip
import pathlib
import tempfile

import gguf
import numpy
import torch
from safetensors.torch import save
from sentencepiece import SentencePieceTrainer

SEEDS = pathlib.Path(__file__).resolve().parent.parent / "tests" / "fuzz" / "seeds"


def write(target, name, data):
    assert len(data) < 2048, f"{target}/{name} has {len(data)} bytes"
    path = SEEDS / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def make_safetensors():
    two = {"a": torch.arange(4, dtype=torch.float32).reshape(2, 2), "b": torch.ones(3, dtype=torch.bfloat16)}
    write("safetensors", "two", save(two, metadata={"format": "pt"}))
    write("safetensors", "scalar", save({"a": torch.tensor(1, dtype=torch.int64)}))
    write("safetensors", "empty", save({}))


def make_torch_files(folder):
    tensors = {"w": torch.arange(4, dtype=torch.float32).reshape(2, 2).t(), "b": torch.ones(2, dtype=torch.float16)}
    for name, zipped in (("zip", True), ("legacy", False)):
        path = folder / "w.bin"
        torch.save(tensors, path, _use_new_zipfile_serialization=zipped)
        write("torch_file", name, path.read_bytes())
    torch.save(tensors, folder / "w.bin")
    data = torch.PyTorchFileReader(str(folder / "w.bin")).get_record("data.pkl")
    write("pickle", "state_dict", data)
    torch.save({"w": torch.nn.Parameter(torch.ones(1))}, folder / "w.bin")
    write("pickle", "parameter", torch.PyTorchFileReader(str(folder / "w.bin")).get_record("data.pkl"))


def gguf_writer(path):
    writer = gguf.GGUFWriter(path, "llama")
    for add, value in ((writer.add_context_length, 16), (writer.add_embedding_length, 8), (writer.add_block_count, 1),
                       (writer.add_feed_forward_length, 8), (writer.add_head_count, 2), (writer.add_head_count_kv, 1),
                       (writer.add_rope_dimension_count, 4), (writer.add_layer_norm_rms_eps, 1e-5),
                       (writer.add_vocab_size, 6)):
        add(value)
    return writer


def finish(writer, path, name):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    write("gguf", name, path.read_bytes())


def make_gguf(folder):
    path = folder / "w.gguf"
    writer = gguf_writer(path)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(["<unk>", "<s>", "</s>", "a", "b", "ab"])
    writer.add_token_scores([0.0, 0.0, 0.0, -1.0, -2.0, -3.0])
    writer.add_token_types([2, 3, 3, 1, 1, 1])
    writer.add_bos_token_id(1)
    writer.add_tensor("token_embd.weight", numpy.ones((6, 8), dtype=numpy.float32))
    writer.add_tensor("blk.0.attn_q.weight", numpy.ones((8, 8), dtype=numpy.float16))
    finish(writer, path, "llama")
    writer = gguf_writer(path)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe")
    writer.add_token_list(["a", "b", "c", "ab", "<|end|>", "\u0120a"])
    writer.add_token_merges(["a b", "\u0120 a"])
    writer.add_eos_token_id(4)
    packed = gguf.quants.quantize(numpy.ones((1, 32), dtype=numpy.float32), gguf.GGMLQuantizationType.Q8_0)
    writer.add_tensor("output_norm.weight", packed, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    finish(writer, path, "gpt2")


def make_sentence_pieces(folder):
    (folder / "text").write_text("the cat sat on the mat\na dog sat on a cat\n" * 20)
    (folder / "rules.tsv").write_text("41\t61\nC4\t61\n1F600\t61 62\n")
    for name, rules in (("plain", {"normalization_rule_name": "identity"}),
                        ("rules", {"normalization_rule_tsv": folder / "rules.tsv"})):
        for kind in ("bpe", "unigram"):
            SentencePieceTrainer.train(input=folder / "text", model_prefix=str(folder / "w"), model_type=kind, vocab_size=24,
                                       hard_vocab_limit=False, minloglevel=2, **rules)
            named = str(folder).encode()  # the model says what it was trained on
            made = (folder / "w.model").read_bytes().replace(named, b"." * len(named))
            for target in ("tokenizer_model", "fairseq_model") if kind == "unigram" else ("tokenizer_model",):
                write(target, f"{name}-{kind}", made)


def make_paraphrases():
    table = b"0.5\na cat\na dog\n0.25\ncat\ndog\n"
    write("paraphrases", "plain", table)
    write("paraphrases", "packed", gzip.compress(table, mtime=0))


def make_checkpoint():
    state = (b'{"step": 1, "logged_step": 1, "evaluated_step": 0, "measured_step": 0, "metrics_size": 10, "best_metric": 0.5,'
             b' "best_step": 1, "evaluations_without_best": 0, "tokens": 12, "seconds": 1.5, "identity": {"config": "ab"}}')
    task = (b'{"format": 1, "task": {"name": "classification", "kind": "classification", "labels": ["no", "yes"],'
            b' "pair": false, "text_columns": ["text"], "label_column": "label"}, "max_length": 16,'
            b' "base": {"path": "model", "sha256": "ab"}, "training": {}}')
    tensors = save({"a": torch.ones(2)})
    for name, step in (("whole", b"1"), ("fraction", b"1e300")):
        numbered = state.replace(b'"step": 1,', b'"step": ' + step + b",")
        write("checkpoint", name, b"\n----\n".join((numbered, task, tensors)))


def make_weight_index():
    index = b'{"metadata": {"total_size": 8}, "weight_map": {"a": "a.safetensors"}}'
    write("weight_index", "one", b"\n----\n".join((index, save({"a": torch.ones(2)}))))


def main():
    make_safetensors()
    make_paraphrases()
    make_checkpoint()
    make_weight_index()
    with tempfile.TemporaryDirectory() as folder:
        for make in (make_torch_files, make_gguf, make_sentence_pieces):
            make(pathlib.Path(folder))


main()
