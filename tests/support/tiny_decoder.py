"""A tiny GPT-2 over printable ASCII, a token a character, made in a moment for tests that drive the tool."""

import json
import pathlib

import numpy
from safetensors.numpy import save_file

CONTEXT = 48
END = "<|endoftext|>"


def make_decoder(folder, seed=0, width=16, layers=2, heads=2):
    """As Transformers saves one. Its texts are random."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    # GPT-2 writes a space as this letter.
    tokens = ["\u0120" if code == 32 else chr(code) for code in range(32, 127)] + [END]
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    (folder / "tokenizer_config.json").write_text(json.dumps(dict(tokenizer_class="GPT2Tokenizer", eos_token=END, bos_token=END, unk_token=END)))
    end = len(tokens) - 1
    config = dict(model_type="gpt2", vocab_size=len(tokens), n_embd=width, n_layer=layers, n_head=heads, n_positions=CONTEXT,
                  eos_token_id=end, bos_token_id=end)
    (folder / "config.json").write_text(json.dumps(config))
    random = numpy.random.default_rng(seed)
    weights = {}

    def add(name, *size, mean=0.0):
        weights["transformer." + name] = random.normal(mean, 0.4, size).astype(numpy.float32)

    def linear(name, inputs, outputs):
        add(name + ".weight", inputs, outputs)
        add(name + ".bias", outputs)

    def norm(name):
        add(name + ".weight", width, mean=1.0)
        add(name + ".bias", width)

    add("wte.weight", len(tokens), width)
    add("wpe.weight", CONTEXT, width)
    for i in range(layers):
        norm(f"h.{i}.ln_1")
        linear(f"h.{i}.attn.c_attn", width, 3 * width)
        linear(f"h.{i}.attn.c_proj", width, width)
        norm(f"h.{i}.ln_2")
        linear(f"h.{i}.mlp.c_fc", width, 4 * width)
        linear(f"h.{i}.mlp.c_proj", 4 * width, width)
    norm("ln_f")
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    return folder
