#!/usr/bin/env python3
"""The peer's side of scripts/bench.sh: Transformers and PEFT train on the batches that the tool trains on.

    bench_peer.py CASE MODEL RTE_FOLDER STEPS WARMUP [OPTION ...]

CASE is lora, dora, hiddenkey- or hiddenkey. The schemes are written as a researcher would on Transformers: an attention function
with DropKey's column mask, dropout on the FFN's activation, and a second forward pass without gradient for the KL term.
Prints one line of JSON: real tokens per second after the warm-up steps, and the peak of memory: resident on a CPU, allocated
on a GPU. The options are those of peer_options.py.
"""

import json
import pathlib

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

import peer_options

RATE, BATCH, LENGTH, SEED = 0.1, 32, 128, 42
MASK64 = (1 << 64) - 1


def split_mix(state):
    """The tool's generator (core/split_mix.h), so that both shuffle alike."""
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK64
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK64
        yield z ^ (z >> 31)


def first_epoch(count, batch):
    random = split_mix(next(split_mix(SEED)) ^ next(split_mix(MASK64)))
    order = list(range(count))
    for i in range(count, 1, -1):
        rest = ((1 << 64) - i) % i
        value = next(random)
        while value < rest:
            value = next(random)
        order[i - 1], order[value % i] = order[value % i], order[i - 1]
    return [order[begin:begin + batch] for begin in range(0, count, batch)]


def dropkey_attention(module, query, key, value, attention_mask, scaling=None, dropout=0.0, **kwargs):
    scores = torch.matmul(query, key.transpose(2, 3)) * (scaling or query.size(-1) ** -0.5)
    if attention_mask is not None:
        scores = scores + attention_mask
    if module.training:
        shape = (scores.size(0), scores.size(1), 1, scores.size(3))
        dropped = torch.bernoulli(torch.full(shape, RATE, device=scores.device)).bool()
        dropped[..., 0] &= ~dropped.all(-1)
        scores = scores.masked_fill(dropped, torch.finfo(scores.dtype).min)
    weights = F.softmax(scores, dim=-1)
    return torch.matmul(weights, value).transpose(1, 2).contiguous(), weights


def make_model(case, path, options):
    config = AutoConfig.from_pretrained(path)
    dropouts = ("hidden_dropout_prob", "attention_probs_dropout_prob")
    settings = options.settings() | dict(num_labels=2) | {name: 0.0 for name in dropouts if hasattr(config, name)}
    targets = ["Wqkv"] if config.model_type == "modernbert" else ["query", "value"]
    if case.startswith("hiddenkey"):
        ALL_ATTENTION_FUNCTIONS.register("dropkey", dropkey_attention)
        from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS, eager_mask
        ALL_MASK_ATTENTION_FUNCTIONS.register("dropkey", eager_mask)
        settings["attn_implementation"] = "dropkey"
    model = AutoModelForSequenceClassification.from_pretrained(path, **settings).to(options.device)
    model = get_peft_model(model, LoraConfig(task_type="SEQ_CLS", r=8, lora_alpha=16, target_modules=targets, use_dora=case == "dora"))
    if case.startswith("hiddenkey"):
        for name, module in model.named_modules():
            if name.endswith(".intermediate"):
                module.register_forward_hook(lambda module, _, output: F.dropout(output, RATE, module.training))
    return model.train()


def loss_of(case, model, batch):
    first = model(**batch)
    if case != "hiddenkey":
        return first.loss
    with torch.no_grad():
        second = model(**batch).logits.log_softmax(-1)
    log_p = first.logits.log_softmax(-1)
    kl = sum(F.kl_div(p, q, reduction="batchmean", log_target=True) for p, q in ((second, log_p), (log_p, second)))
    return first.loss + kl / 2


def tokenised(rows, tokenizer, length):
    batch = tokenizer([row[1] for row in rows], [row[2] for row in rows], truncation=True, max_length=length, padding=True,
                      return_tensors="pt")
    batch["labels"] = torch.tensor([int(row[3] == "not_entailment") for row in rows])
    return batch


def train(options, path, rows):
    tokenizer = AutoTokenizer.from_pretrained(path)
    torch.manual_seed(SEED)
    model = make_model(options.case, path, options)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=4e-4, weight_decay=0.1, fused=True)
    orders = first_epoch(len(rows), options.batch or BATCH)[:options.steps]
    batches = [tokenised([rows[i] for i in order], tokenizer, options.length or LENGTH) for order in orders]

    def step(batch):
        optimizer.zero_grad()
        with options.arithmetic():
            loss = loss_of(options.case, model, options.moved(batch))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    tokens = sum(int(batch["attention_mask"].sum()) for batch in batches[options.warmup:])
    return options.measured(step, batches, tokens)


def main():
    options = peer_options.parse(__doc__, ("lora", "dora", "hiddenkey-", "hiddenkey"))
    rows = (pathlib.Path(options.data) / "train.tsv").read_text(encoding="utf-8").splitlines()[1:]
    print(json.dumps(train(options, options.model, [row.split("\t") for row in rows])))


if __name__ == "__main__":
    main()
