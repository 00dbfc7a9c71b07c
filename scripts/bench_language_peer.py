#!/usr/bin/env python3
"""The peer's side of scripts/bench.sh for decoders: Transformers and PEFT on the batches that the tool trains on.

    bench_language_peer.py CASE MODEL E2E_FOLDER STEPS WARMUP [OPTION ...]

MODEL is a GGUF file or a folder. CASE is e2e-lora, e2e-hiddenkey-, e2e-hiddenkey or generate. HiddenKey is written as a
researcher would on Transformers: an attention function with DropKey's column mask in the latter half of the layers, dropout
on the input of down_proj there, and a second forward pass without gradient for the KL term at the labelled positions. Prints
one line of JSON: real (or new) tokens per second after the warm-up, and the peak of memory: resident on a CPU, allocated on a
GPU. The options are those of peer_options.py.
"""

import csv
import json
import pathlib
import re
import time

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

import bench_peer
import peer_options

RATE, BATCH = 0.1, 8
NAMES = {"eatType": "Type", "priceRange": "price", "familyFriendly": "family friendly"}


def linearised(meaning):
    parts = []
    for name, value in re.findall(r"(\w[\w ]*)\[(.*?)\]", meaning):
        if name == "priceRange":
            value = re.sub(r"£(\d)", r"£ \1", value).replace("-", " - ") if "£" in value else value
        parts.append(f"{NAMES.get(name, name)} : {value}")
    return " | ".join(parts)


def examples(folder, tokenizer, file_name="trainset.csv"):
    with open(folder / file_name, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            prompt = tokenizer(linearised(row["mr"]))["input_ids"] + [tokenizer.bos_token_id]
            text = " ".join(row["ref"].split("\n")).strip()
            yield prompt, tokenizer(" " + text, add_special_tokens=False)["input_ids"] + [tokenizer.eos_token_id]


def dropkey_attention(module, query, key, value, attention_mask, scaling=None, dropout=0.0, **kwargs):
    key, value = (x.repeat_interleave(query.size(1) // x.size(1), dim=1) for x in (key, value))
    scores = torch.matmul(query, key.transpose(2, 3)) * (scaling or query.size(-1) ** -0.5)
    if attention_mask is not None:
        scores = scores + attention_mask
    if module.training and module.layer_idx >= module.config.num_hidden_layers // 2:
        shape = (scores.size(0), scores.size(1), 1, scores.size(3))
        dropped = torch.bernoulli(torch.full(shape, RATE, device=scores.device)).bool()
        own = torch.eye(scores.size(3), dtype=torch.bool, device=scores.device)
        scores = scores.masked_fill(dropped & ~own, torch.finfo(scores.dtype).min)
    weights = F.softmax(scores, dim=-1)
    return torch.matmul(weights, value).transpose(1, 2).contiguous(), weights


def place_of(path):
    """How Transformers is told of a folder, or of a GGUF file."""
    return (path, {}) if path.is_dir() else (path.parent, {"gguf_file": path.name})


def make_model(case, path, options):
    settings = options.settings()
    if case.startswith("e2e-hiddenkey"):
        ALL_ATTENTION_FUNCTIONS.register("dropkey", dropkey_attention)
        from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS, eager_mask
        ALL_MASK_ATTENTION_FUNCTIONS.register("dropkey", eager_mask)
        settings["attn_implementation"] = "dropkey"
    folder, file = place_of(path)
    model = AutoModelForCausalLM.from_pretrained(folder, **file, **settings).to(options.device)
    if case == "generate":
        return model.eval()
    # What is read from GGUF is plain float32; PEFT would take the note of its origin for a quantised model.
    model.is_quantized = False
    vars(model.config).pop("quantization_config", None)
    layers = model.model.layers
    model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"]))
    if case.startswith("e2e-hiddenkey"):
        for layer in layers[len(layers) // 2 :]:
            down = layer.mlp.down_proj
            down.register_forward_pre_hook(lambda module, inputs: (F.dropout(inputs[0], RATE, module.training),))
    return model.train()


def loss_of(case, model, batch):
    first = model(**batch)
    if case != "e2e-hiddenkey":
        return first.loss
    labelled = batch["labels"][:, 1:] != -100
    with torch.no_grad():
        second = model(**batch).logits[:, :-1][labelled].log_softmax(-1)
    log_p = first.logits[:, :-1][labelled].log_softmax(-1)
    kl = sum(F.kl_div(p, q, reduction="batchmean", log_target=True) for p, q in ((second, log_p), (log_p, second)))
    return first.loss + kl / 2


def padded(rows, value):
    width = max(len(row) for row in rows)
    return torch.tensor([row + [value] * (width - len(row)) for row in rows])


def batch_of(picked):
    return {"input_ids": padded([prompt + text for prompt, text in picked], 0),
            "attention_mask": padded([[1] * (len(prompt) + len(text)) for prompt, text in picked], 0),
            "labels": padded([[-100] * len(prompt) + text for prompt, text in picked], -100)}


def train(options, model, tokenizer, folder):
    rows = list(examples(folder, tokenizer))
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=2e-4, weight_decay=0.1, fused=True)
    orders = bench_peer.first_epoch(len(rows), options.batch or BATCH)[:options.steps]
    batches = [[rows[i] for i in order] for order in orders]

    def step(picked):
        optimizer.zero_grad()
        with options.arithmetic():
            loss = loss_of(options.case, model, options.moved(batch_of(picked)))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()

    tokens = sum(len(prompt) + len(text) for picked in batches[options.warmup:] for prompt, text in picked)
    return options.measured(step, batches, tokens)


def generate(options, model, tokenizer):
    inputs = tokenizer("The capital of France is", return_tensors="pt").to(options.device)

    def run(count):
        start = options.clock()
        output = model.generate(**inputs, max_new_tokens=count, do_sample=False, pad_token_id=tokenizer.eos_token_id)
        new = output[0, inputs["input_ids"].shape[1] :].tolist()
        return options.clock() - start, len([token for token in new if token != tokenizer.eos_token_id])

    (short, few), (long, many) = run(8), run(200)
    return {"tokens_per_second": (many - few) / (long - short), "tokens": many, "peak_memory_bytes": options.peak_memory()}


def run(options):
    torch.manual_seed(bench_peer.SEED)
    path = pathlib.Path(options.model)
    folder, file = place_of(path)
    tokenizer = AutoTokenizer.from_pretrained(folder, **file)
    model = make_model(options.case, path, options)
    if options.case == "generate":
        return generate(options, model, tokenizer)
    return train(options, model, tokenizer, pathlib.Path(options.data))


def main():
    options = peer_options.parse(__doc__, ("e2e-lora", "e2e-hiddenkey-", "e2e-hiddenkey", "generate"))
    print(json.dumps(run(options)))


if __name__ == "__main__":
    main()
