#!/usr/bin/env python3
"""The peer's side of scripts/bench.sh for decoders: Transformers and PEFT on the batches that the tool trains on.

    bench_language_peer.py CASE GGUF E2E_FOLDER STEPS WARMUP

CASE is e2e-lora, e2e-hiddenkey or generate. HiddenKey is written as a researcher would on Transformers: an attention
function with DropKey's column mask in the latter half of the layers, dropout on the input of down_proj there, and a second
forward pass without gradient for the KL term at the labelled positions. Prints one line of JSON: real (or new) tokens per
second after the warm-up, and the peak of resident memory.
"""

import csv
import json
import pathlib
import re
import sys
import time

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

import bench_peer

RATE, BATCH = 0.1, 8
NAMES = {"eatType": "Type", "priceRange": "price", "familyFriendly": "family friendly"}


def linearised(meaning):
    parts = []
    for name, value in re.findall(r"(\w[\w ]*)\[(.*?)\]", meaning):
        if name == "priceRange":
            value = re.sub(r"£(\d)", r"£ \1", value).replace("-", " - ") if "£" in value else value
        parts.append(f"{NAMES.get(name, name)} : {value}")
    return " | ".join(parts)


def examples(folder, tokenizer):
    with open(folder / "trainset.csv", encoding="utf-8", newline="") as file:
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
        dropped = torch.bernoulli(torch.full((scores.size(0), scores.size(1), 1, scores.size(3)), RATE)).bool()
        own = torch.eye(scores.size(3), dtype=torch.bool)
        scores = scores.masked_fill(dropped & ~own, torch.finfo(scores.dtype).min)
    weights = F.softmax(scores, dim=-1)
    return torch.matmul(weights, value).transpose(1, 2).contiguous(), weights


def make_model(case, path):
    settings = {}
    if case == "e2e-hiddenkey":
        ALL_ATTENTION_FUNCTIONS.register("dropkey", dropkey_attention)
        from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS, eager_mask
        ALL_MASK_ATTENTION_FUNCTIONS.register("dropkey", eager_mask)
        settings["attn_implementation"] = "dropkey"
    model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32, **settings)
    if case == "generate":
        return model.eval()
    # What is read from GGUF is plain float32; PEFT would take the note of its origin for a quantised model.
    model.is_quantized = False
    vars(model.config).pop("quantization_config", None)
    layers = model.model.layers
    model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"]))
    if case == "e2e-hiddenkey":
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
    kl = F.kl_div(second, log_p, reduction="batchmean", log_target=True) + F.kl_div(log_p, second, reduction="batchmean", log_target=True)
    return first.loss + kl / 2


def padded(rows, value):
    width = max(len(row) for row in rows)
    return torch.tensor([row + [value] * (width - len(row)) for row in rows])


def train(case, model, tokenizer, folder, steps, warmup):
    rows = list(examples(folder, tokenizer))
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=2e-4, weight_decay=0.1, fused=True)
    tokens = seconds = 0
    for number, indices in enumerate(bench_peer.first_epoch(len(rows), BATCH)[:steps]):
        picked = [rows[i] for i in indices]
        start = time.perf_counter()
        batch = {"input_ids": padded([prompt + text for prompt, text in picked], 0),
                 "attention_mask": padded([[1] * (len(prompt) + len(text)) for prompt, text in picked], 0),
                 "labels": padded([[-100] * len(prompt) + text for prompt, text in picked], -100)}
        optimizer.zero_grad()
        loss_of(case, model, batch).backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        if number >= warmup:
            seconds += time.perf_counter() - start
            tokens += int(batch["attention_mask"].sum())
    return tokens / seconds, tokens


def generate(model, tokenizer):
    inputs = tokenizer("The capital of France is", return_tensors="pt")

    def run(count):
        start = time.perf_counter()
        output = model.generate(**inputs, max_new_tokens=count, do_sample=False, pad_token_id=tokenizer.eos_token_id)
        new = output[0, inputs["input_ids"].shape[1] :].tolist()
        return time.perf_counter() - start, len([token for token in new if token != tokenizer.eos_token_id])

    (short, few), (long, many) = run(8), run(200)
    return (many - few) / (long - short), many


def main():
    case, path, folder, steps, warmup = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
    torch.set_num_threads(2)
    torch.manual_seed(bench_peer.SEED)
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    model = make_model(case, path)
    speed, tokens = generate(model, tokenizer) if case == "generate" else train(case, model, tokenizer, folder, steps, warmup)
    peak = next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(json.dumps({"tokens_per_second": speed, "tokens": tokens, "peak_memory_bytes": peak}))


if __name__ == "__main__":
    main()
