#!/usr/bin/env python3
"""Makes the reference values that the parity tests compare with, by Transformers and PEFT: float32, on the CPU, no dropout.

    make_goldens.py FOLDER

FOLDER/versions.json says what made them; where nothing has changed since, nothing is made again.
    bert/, roberta/, gpt2/, llama/ (rope of llama3, shared keys), qwen2/ (biases, tied), qwen3/ (norms of heads),
    modernbert/ (reads the first token, no bias), modernbert_mean/ (reads the mean, every bias), distilbert/,
    electra/ (embeddings of another width), xlm_roberta/
                      tiny random models: model/, adapter/ (query, value), adapter_all/ (every linear layer, rslora),
                      adapter_dora/ (every linear layer, DoRA), adapter_dora_new/ (as it starts)
                      batch.safetensors (packed), expected.safetensors, expected_full.safetensors
    bert/model_*      the same weights sharded, in half precision, and without head and prefix
    minilm/           the same for MiniLM on real RTE pairs, where both are there
    *_lm/             language models, see make_language_goldens.py
    smollm2.json      the weights of a GGUF file, see make_gguf_goldens.py
"""

import hashlib
import json
import os
import pathlib
import shutil
import sys

import peft
import torch
import transformers
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import (AutoModelForSequenceClassification, AutoTokenizer, BertConfig, DistilBertConfig, ElectraConfig, GPT2Config,
                          LlamaConfig, ModernBertConfig, Qwen2Config, Qwen3Config, RobertaConfig, XLMRobertaConfig)

import make_gguf_goldens
import make_language_goldens

SOURCE = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "hiddenkey"
SCRIPTS = [pathlib.Path(module) for module in (__file__, make_language_goldens.__file__, make_gguf_goldens.__file__)]
DATA = pathlib.Path(os.environ.get("HIDDENKEY_DATA", SOURCE.parent / "shared" / "data"))
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
LENGTHS = (9, 3, 17, 12, 1)


FAMILIES = {
    "bert": (["query", "value"], ["query", "key", "value", "dense"]),
    "roberta": (["query", "value"], ["query", "key", "value", "dense"]),
    "gpt2": (["c_attn"], ["c_attn", "c_proj", "c_fc"]),
    "llama": (["q_proj", "v_proj"], ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]),
    "qwen2": (["q_proj", "v_proj"], ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]),
    "qwen3": (["q_proj", "v_proj"], ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]),
    "modernbert": (["attn.Wqkv"], ["Wqkv", "Wo", "Wi", "head.dense"]),
    "modernbert_mean": (["attn.Wqkv", "attn.Wo"], ["Wqkv", "Wo", "Wi"]),
    "distilbert": (["q_lin", "v_lin"], ["q_lin", "k_lin", "v_lin", "out_lin", "lin1", "lin2"]),
    "electra": (["query", "value"], ["query", "key", "value", "dense", "embeddings_project"]),
    "xlm_roberta": (["query", "value"], ["query", "key", "value", "dense"]),
}
BERTS_TYPES = ("bert", "electra")  # their tokenizers tell a pair's texts apart
PADDED_BY_1 = ("roberta", "xlm_roberta")


def tiny_config(family):
    common = dict(vocab_size=120, num_labels=3, initializer_range=0.3)
    shape = dict(hidden_size=32, num_hidden_layers=3, num_attention_heads=4, intermediate_size=64, max_position_embeddings=64, **common)
    if family == "bert":
        return BertConfig(type_vocab_size=2, **shape, **NO_DROPOUT)
    if family == "roberta":
        return RobertaConfig(type_vocab_size=1, pad_token_id=1, layer_norm_eps=1e-5, **shape, **NO_DROPOUT)
    if family == "gpt2":
        return GPT2Config(n_embd=32, n_layer=3, n_head=4, n_positions=64, pad_token_id=0, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0, **common)
    if family == "llama":
        scaling = dict(rope_type="llama3", rope_theta=1000.0, factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16)
        return LlamaConfig(num_key_value_heads=2, head_dim=10, rope_scaling=scaling, pad_token_id=0, **shape)
    if family == "qwen3":
        return Qwen3Config(num_key_value_heads=2, head_dim=10, pad_token_id=0, **shape)
    if family == "modernbert":
        return ModernBertConfig(local_attention=6, pad_token_id=0, **shape)
    if family == "modernbert_mean":
        rope = {"full_attention": dict(rope_theta=500.0, rope_type="default"), "sliding_attention": dict(rope_theta=50.0, rope_type="default")}
        return ModernBertConfig(local_attention=5, layer_types=["sliding_attention", "full_attention", "sliding_attention"], pad_token_id=0,
                                classifier_pooling="mean", classifier_activation="silu", classifier_bias=True, norm_bias=True, mlp_bias=True,
                                attention_bias=True, rope_parameters=rope, **shape)
    if family == "distilbert":
        return DistilBertConfig(dim=32, n_layers=3, n_heads=4, hidden_dim=64, max_position_embeddings=64, pad_token_id=0, **common)
    if family == "electra":
        return ElectraConfig(embedding_size=20, type_vocab_size=2, **shape, **NO_DROPOUT)
    if family == "xlm_roberta":
        return XLMRobertaConfig(type_vocab_size=1, pad_token_id=1, layer_norm_eps=1e-5, **shape, **NO_DROPOUT)
    return Qwen2Config(num_key_value_heads=1, tie_word_embeddings=True, pad_token_id=0, **shape)


def tiny_model(family):
    torch.manual_seed(1)
    model = AutoModelForSequenceClassification.from_config(tiny_config(family))
    # Norms and biases that are not their initial values, so that a mix-up shows.
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 1:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    return model.eval()


def tiny_batch(family):
    generator = torch.Generator().manual_seed(2)
    ids = [torch.randint(5, 120, (length,), generator=generator) for length in LENGTHS]
    if family in PADDED_BY_1:
        ids[2][4] = 1  # a text may hold the padding token, which RoBERTa's positions pass over
    types = [torch.arange(length) * 2 // length if family in BERTS_TYPES else torch.zeros(length, dtype=torch.long) for length in LENGTHS]
    return ids, types, torch.tensor([0, 2, 1, 1, 0])


def padded(ids, types, pad, family="bert"):
    width = max(len(row) for row in ids)
    fill = lambda rows, value: torch.stack([torch.nn.functional.pad(row, (0, width - len(row)), value=value) for row in rows])
    mask = fill([torch.ones_like(row) for row in ids], 0)
    batch = dict(input_ids=fill(ids, pad), attention_mask=mask)
    return batch | (dict(token_type_ids=fill(types, 0)) if family in (*BERTS_TYPES, *PADDED_BY_1) else {})


def save_batch(path, ids, types, labels):
    offsets = torch.tensor([0, *(len(row) for row in ids)]).cumsum(0)
    save_file({"ids": torch.cat(ids), "type_ids": torch.cat(types), "offsets": offsets, "labels": labels}, path)


def lora_model(model, **settings):
    config = LoraConfig(task_type="SEQ_CLS", lora_dropout=0.0, **settings)
    wrapped = get_peft_model(model, config)
    torch.manual_seed(3)
    with torch.no_grad():
        for name, parameter in wrapped.named_parameters():
            if "lora_B" in name:
                parameter.copy_(torch.randn_like(parameter) * 0.1)
            elif "lora_magnitude" in name:
                parameter.mul_(1 + 0.1 * torch.randn_like(parameter))
    return wrapped.eval()


def file_name(name):
    name = name.replace(".default", "").replace(".modules_to_save", "")
    return name.removesuffix(".weight") if name.endswith("lora_magnitude_vector.weight") else name


def gradients(model):
    return {"grad." + file_name(name): parameter.grad.clone() for name, parameter in model.named_parameters() if parameter.grad is not None}


def adamw_losses(model, batch, labels, steps=10):
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.1)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = model(**batch, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        losses.append(loss.item())
    return torch.tensor(losses)


def expected_of(folder, name, model, batch, labels, with_steps):
    model.save_pretrained(folder / name)
    output = model(**batch, labels=labels)
    output.loss.backward()
    values = {"logits": output.logits.detach(), "loss": output.loss.detach(), **gradients(model)}
    if with_steps:
        values["adamw_losses"] = adamw_losses(model, batch, labels)
    save_file({key: value.contiguous() for key, value in values.items()}, folder / f"expected_{name}.safetensors")


def make_case(folder, make_model, ids, types, labels, pad, family="bert"):
    folder.mkdir(parents=True, exist_ok=True)
    batch = padded(ids, types, pad, family)
    few, many = FAMILIES[family]
    save_batch(folder / "batch.safetensors", ids, types, labels)
    model = make_model()
    model.save_pretrained(folder / "model")
    output = model(**batch, labels=labels)
    output.loss.backward()
    values = {"logits": output.logits.detach(), "loss": output.loss.detach(), **gradients(model)}
    save_file({key: value.contiguous() for key, value in values.items()}, folder / "expected_full.safetensors")
    narrow = lora_model(make_model(), r=4, lora_alpha=8, target_modules=few)
    expected_of(folder, "adapter", narrow, batch, labels, True)
    wide = lora_model(make_model(), r=4, lora_alpha=8, target_modules=many, use_rslora=True)
    expected_of(folder, "adapter_all", wide, batch, labels, False)
    # A magnitude that PEFT sets itself has to be the one that training starts with here.
    get_peft_model(make_model(), LoraConfig(task_type="SEQ_CLS", r=4, target_modules=many, use_dora=True)).save_pretrained(folder / "adapter_dora_new")
    dora = lora_model(make_model(), r=4, lora_alpha=8, target_modules=many, use_dora=True)
    expected_of(folder, "adapter_dora", dora, batch, labels, True)


def make_variants(folder):
    model = tiny_model("bert")
    model.save_pretrained(folder / "model_sharded", max_shard_size="20KB")
    model.bert.save_pretrained(folder / "model_base")
    for name, dtype in (("model_fp16", torch.float16), ("model_bf16", torch.bfloat16)):
        tiny_model("bert").to(dtype).save_pretrained(folder / name)
        half = AutoModelForSequenceClassification.from_pretrained(folder / name, dtype=torch.float32).eval()
        ids, types, _ = tiny_batch("bert")
        save_file({"logits": half(**padded(ids, types, 0)).logits.detach()}, folder / f"expected_{name}.safetensors")


def make_minilm(folder):
    source, pairs = CACHE / "models" / "minilm", DATA / "glue" / "RTE" / "dev.tsv"
    if not source.exists() or not pairs.exists():
        return
    rows = [line.split("\t") for line in pairs.read_text(encoding="utf-8").splitlines()[1:17]]
    tokenizer = AutoTokenizer.from_pretrained(source)
    encodings = tokenizer([row[1] for row in rows], [row[2] for row in rows], truncation=True, max_length=128)
    tensors = lambda key: [torch.tensor(row) for row in encodings[key]]
    labels = torch.tensor([int(row[3] == "not_entailment") for row in rows])

    def make_model():
        torch.manual_seed(4)
        return AutoModelForSequenceClassification.from_pretrained(source, num_labels=2, **NO_DROPOUT).eval()

    make_case(folder, make_model, tensors("input_ids"), tensors("token_type_ids"), labels, 0)
    tokenizer.save_pretrained(folder / "model")


def main():
    out = pathlib.Path(sys.argv[1])
    versions = {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__,
                "scripts": [hashlib.sha256(path.read_bytes()).hexdigest() for path in SCRIPTS], "data": DATA.exists(),
                "smollm2": make_gguf_goldens.SMOLLM2.exists()}
    stamp = out / "versions.json"
    if stamp.exists() and json.loads(stamp.read_text()) == versions:
        return
    shutil.rmtree(out, ignore_errors=True)
    torch.set_num_threads(2)
    for family in FAMILIES:
        ids, types, labels = tiny_batch(family)
        make_case(out / family, lambda: tiny_model(family), ids, types, labels, 1 if family in PADDED_BY_1 else 0, family)
    make_variants(out / "bert")
    make_minilm(out / "minilm")
    make_language_goldens.make(out)
    make_gguf_goldens.make(out)
    stamp.write_text(json.dumps(versions, indent=2) + "\n")


main()
