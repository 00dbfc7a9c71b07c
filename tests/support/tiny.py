"""Tiny models and tasks, made in a moment, for tests that drive the tool."""

import json
import pathlib

import numpy
from safetensors.numpy import save_file

WORDS = "good bad fine poor great awful film plot cast song the a is was very not and but quite so".split()
SHAPE = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, max_position_embeddings=32, type_vocab_size=2)


def bert_weights(vocab_size, seed=0, shape=SHAPE):
    random = numpy.random.default_rng(seed)
    width, inner = shape["hidden_size"], shape["intermediate_size"]
    weights = {}

    def matrix(name, *size):
        weights[name] = random.normal(0, 0.2, size).astype(numpy.float32)

    def linear(name, outputs, inputs):
        matrix(name + ".weight", outputs, inputs)
        matrix(name + ".bias", outputs)

    def norm(name):
        weights[name + ".weight"] = numpy.ones(width, numpy.float32)
        weights[name + ".bias"] = numpy.zeros(width, numpy.float32)

    matrix("embeddings.word_embeddings.weight", vocab_size, width)
    matrix("embeddings.position_embeddings.weight", shape["max_position_embeddings"], width)
    matrix("embeddings.token_type_embeddings.weight", shape["type_vocab_size"], width)
    norm("embeddings.LayerNorm")
    for i in range(shape["num_hidden_layers"]):
        layer = f"encoder.layer.{i}."
        for name in ("query", "key", "value"):
            linear(layer + "attention.self." + name, width, width)
        linear(layer + "attention.output.dense", width, width)
        norm(layer + "attention.output.LayerNorm")
        linear(layer + "intermediate.dense", inner, width)
        linear(layer + "output.dense", width, inner)
        norm(layer + "output.LayerNorm")
    linear("pooler.dense", width, width)
    return weights


def make_model(folder, **changes):
    """A BERT without a head. `changes` go into config.json alone."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    config = {"model_type": "bert", "vocab_size": len(vocabulary), "hidden_act": "gelu", **SHAPE, **changes}
    (folder / "config.json").write_text(json.dumps(config))
    save_file(bert_weights(len(vocabulary)), folder / "model.safetensors", {"format": "pt"})
    return folder


def make_task(folder, train=96, dev=40, seed=0):
    """Sentences whose label is whether they hold more praise than blame."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    random = numpy.random.default_rng(seed)
    for name, count in (("train", train), ("dev", dev)):
        lines = ["sentence\tlabel"]
        for _ in range(count):
            words = list(random.choice(WORDS, random.integers(3, 14)))
            praise = sum(word in ("good", "fine", "great") for word in words) - sum(word in ("bad", "poor", "awful") for word in words)
            lines.append(" ".join(words) + "\t" + ("positive" if praise > 0 else "negative"))
        (folder / f"{name}.tsv").write_text("\n".join(lines) + "\n")
    return folder


def config(folder, model_folder, task_folder, **sections):
    """A config file as text of JSON, which is YAML too. Sections are merged key by key."""
    made = {
        "model": {"path": str(model_folder)},
        "task": {"name": "classification", "train": str(task_folder / "train.tsv"), "validation": str(task_folder / "dev.tsv"), "text_columns": ["sentence"]},
        "dropout": {"scheme": "hiddenkey"},
        "training": {"epochs": 2, "batch_size": 8, "learning_rate": 1e-2, "max_length": 24},
        "output_dir": str(pathlib.Path(folder) / "run"),
    }
    for name, value in sections.items():
        made[name] = {**made.get(name, {}), **value} if isinstance(value, dict) else value
    path = pathlib.Path(folder) / "config.yaml"
    path.write_text(json.dumps(made, indent=1))
    return path
