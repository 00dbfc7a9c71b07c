"""Makes models of random weights and data of random letters, always the same ones: nothing is fetched.

A tokenizer knows single letters alone, so that a text has as many tokens as letters.
"""

import csv
import json
import random

import torch
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, LlamaConfig, ModernBertConfig, RobertaConfig

from gpu.support import tiny_hub

ASCII = ["\u0120", *map(chr, range(33, 127))]  # byte-level vocabularies write a space as that letter
LETTERS = "abcdefghijklmnopqrstuvwxyz"
ENCODER_SPECIAL, DECODER_SPECIAL = 4, 2  # <s> </s></s> </s>, and the two ends of a completion

# Name: width, layers, heads, heads of keys, width of the FFN, vocabulary, deviation of the weights.
ENCODERS = {"roberta-tiny": (64, 3, 4, 4, 128, 300, 0.2), "roberta-base": (768, 12, 12, 12, 3072, 50265, 0.05),
            "roberta-large": (1024, 24, 16, 16, 4096, 50265, 0.02), "modernbert-tiny": (64, 4, 4, 4, 96, 300, 0.2),
            "modernbert-base": (768, 22, 12, 12, 1152, 50368, 0.02)}
# The last has the width of LLaMA2-7B, and a quarter of its layers.
DECODERS = {"llama-tiny": (64, 3, 4, 2, 128, 300, 0.2), "llama-medium": (1024, 8, 16, 4, 2816, 32000, 0.03),
            "llama-wide": (4096, 8, 32, 32, 11008, 32000, 0.02)}
SMALL = ("roberta-tiny", "modernbert-tiny", "llama-tiny")


def write_tokenizer(folder, first, special, settings):
    """Byte-level BPE without a merge."""
    tokens = [*first, *ASCII, *special]
    (folder / "vocab.json").write_text(json.dumps({token: number for number, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def encoder_config(name, shape):
    width, layers, heads, _, inner, vocabulary, deviation = shape
    size = dict(hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=inner, vocab_size=vocabulary,
                initializer_range=deviation, pad_token_id=1, bos_token_id=0, eos_token_id=2, id2label={0: "entailment", 1: "not_entailment"},
                label2id={"entailment": 0, "not_entailment": 1})
    if name.startswith("modernbert"):
        return ModernBertConfig(**size, cls_token_id=0, sep_token_id=2, max_position_embeddings=8192)
    return RobertaConfig(**size, max_position_embeddings=514, type_vocab_size=1, layer_norm_eps=1e-5, hidden_dropout_prob=0.0,
                         attention_probs_dropout_prob=0.0)


def write_encoder(folder, shape, dtype, device):
    write_model(folder, AutoModelForSequenceClassification, encoder_config(folder.name, shape), dtype, device)
    if folder.name.startswith("modernbert"):
        tiny_hub.write_tokenizer(folder, ("<s> $A </s>", "<s> $A </s> </s> $B </s>"))
        return
    names = dict(bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>", unk_token="<unk>", pad_token="<pad>",
                 mask_token="<mask>")
    write_tokenizer(folder, ["<s>", "<pad>", "</s>", "<unk>"], ["<mask>"], {"tokenizer_class": "RobertaTokenizer", **names})


def write_decoder(folder, shape, dtype, device):
    width, layers, heads, key_heads, inner, vocabulary, deviation = shape
    end = len(ASCII)
    config = LlamaConfig(hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads, num_key_value_heads=key_heads,
                         intermediate_size=inner, vocab_size=vocabulary, max_position_embeddings=1024,
                         initializer_range=deviation, bos_token_id=end, eos_token_id=end, pad_token_id=None)
    write_model(folder, AutoModelForCausalLM, config, dtype, device)
    names = dict(bos_token="<|endoftext|>", eos_token="<|endoftext|>", unk_token="<|endoftext|>")
    write_tokenizer(folder, [], ["<|endoftext|>"], {"tokenizer_class": "GPT2Tokenizer", **names})


def write_model(folder, kind, config, dtype, device):
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    with torch.device(device):
        model = kind.from_config(config, dtype=dtype)
    # Norms and biases that are not their initial values, so that a mix-up shows.
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    model.save_pretrained(folder)


def text(source, length):
    letters = [source.choice(LETTERS + "  ") for _ in range(length)]
    # A space at an end could be stripped.
    letters[0], letters[-1] = source.choice(LETTERS), source.choice(LETTERS)
    return "".join(letters)


def write_pairs(folder, rows, length_of):
    """RTE's files: pairs of sentences of so many tokens."""
    folder.mkdir(parents=True, exist_ok=True)
    source = random.Random(2)
    for split in ("train", "dev"):
        lines = ["index\tsentence1\tsentence2\tlabel"]
        for number in range(rows):
            letters = length_of(source) - ENCODER_SPECIAL
            first = letters * 2 // 3
            label = source.choice(("entailment", "not_entailment"))
            lines.append(f"{number}\t{text(source, first)}\t{text(source, letters - first)}\t{label}")
        (folder / f"{split}.tsv").write_text("\n".join(lines) + "\n")


def write_texts(folder, rows, length_of):
    """E2E's files: a meaning, and a text that takes three quarters of the tokens."""
    folder.mkdir(parents=True, exist_ok=True)
    source = random.Random(3)
    for split in ("trainset", "devset"):
        with open(folder / f"{split}.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["mr", "ref"])
            for _ in range(rows):
                letters = length_of(source) - DECODER_SPECIAL - len("name :  ")
                first = letters // 4
                writer.writerow([f"name[{text(source, first)}]", text(source, letters - first)])


def between(low, high):
    return lambda source: source.randint(low, high)


def like_rte(source):
    """RTE's mean of 72 tokens, and 159 at its 95th percentile."""
    return min(max(round(source.lognormvariate(4.106, 0.585)), 16), 320)


def check(context, findings):
    small = context.small
    for shapes, write in ((ENCODERS, write_encoder), (DECODERS, write_decoder)):
        for name, shape in shapes.items():
            if name in SMALL or not small:
                large = name in ("roberta-large", "modernbert-base", "llama-wide")
                write(context.path("models", name), shape, torch.bfloat16 if large else torch.float32, context.device)
    rows, long = (32, 40) if small else (64 * 40, 128)
    write_pairs(context.path("data", "rte"), 64 if small else 256, between(8, 60))
    write_pairs(context.path("data", "rte-flat"), rows, lambda _: long)
    write_pairs(context.path("data", "rte-like"), rows, like_rte)
    write_pairs(context.path("data", "rte-long"), 32 if small else 16 * 20, lambda _: 80 if small else 2048)
    write_texts(context.path("data", "e2e"), 64 if small else 256, between(24, 80))
    write_texts(context.path("data", "e2e-flat"), 32 if small else 8 * 40, lambda _: 48 if small else 512)
    findings.number("models", len(list(context.path("models").iterdir())))
