"""The same losses and logits as Transformers and PEFT compute on the device, in float32 and without dropout."""

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

import bench_language_peer
import bench_peer
from gpu.context import largest_difference, losses
from gpu.parity import FLOAT32, LOSSES, decoders, encoders, evaluated, limit_of, predicted, steps_of

BATCH = 8


def rows_of(context, split):
    lines = context.path("data", "rte", f"{split}.tsv").read_text().splitlines()[1:]
    return [line.split("\t") for line in lines]


def theirs(context, kind, model):
    return kind.from_pretrained(context.path("models", model), dtype=torch.float32).to(context.device).eval()


def logits_of_theirs(context, model, tokenizer):
    network, rows, logits = theirs(context, AutoModelForSequenceClassification, model), rows_of(context, "dev"), []
    with torch.no_grad():
        for begin in range(0, len(rows), 16):
            batch = bench_peer.tokenised(rows[begin:begin + 16], tokenizer, 512)
            batch.pop("labels")
            logits += network(**batch.to(context.device)).logits.tolist()
    return logits


def loss_of_theirs(context, model, tokenizer):
    """The mean over all labelled tokens of the dev set."""
    network, total, count = theirs(context, AutoModelForCausalLM, model), 0.0, 0
    rows = list(bench_language_peer.examples(context.path("data", "e2e"), tokenizer, "devset.csv"))
    with torch.no_grad():
        for begin in range(0, len(rows), 16):
            batch = moved(context, bench_language_peer.batch_of(rows[begin:begin + 16]))
            labels = batch.pop("labels")[:, 1:]
            logits = network(**batch).logits[:, :-1]
            total += F.cross_entropy(logits[labels != -100].double(), labels[labels != -100], reduction="sum").item()
            count += int((labels != -100).sum())
    return total / count


def moved(context, batch):
    return {name: values.to(context.device) for name, values in batch.items()}


def batches_of(context, model, task, tokenizer):
    """The batches of the program's first steps."""
    if task == "rte":
        rows = rows_of(context, "train")
        return [bench_peer.tokenised([rows[i] for i in order], tokenizer, 512)
                for order in bench_peer.first_epoch(len(rows), BATCH)[:steps_of(context)]]
    rows = list(bench_language_peer.examples(context.path("data", task), tokenizer))
    return [bench_language_peer.batch_of([rows[i] for i in order])
            for order in bench_peer.first_epoch(len(rows), BATCH)[:steps_of(context)]]


def losses_of_theirs(context, model, task, tokenizer, start):
    """PEFT trains from the adapter that the program began with."""
    encoder = task == "rte"
    targets = ["query", "value"] if encoder else ["q_proj", "v_proj"]
    base = theirs(context, AutoModelForSequenceClassification if encoder else AutoModelForCausalLM, model)
    config = LoraConfig(task_type="SEQ_CLS" if encoder else "CAUSAL_LM", r=8, lora_alpha=16, lora_dropout=0.0, target_modules=targets)
    network = get_peft_model(base, config)
    set_peft_model_state_dict(network, load_file(start))
    network = network.to(context.device).train()
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=0.0, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)
    found = []
    for number, batch in enumerate(batches_of(context, model, task, tokenizer)):
        optimizer.param_groups[0]["lr"] = 1e-3 if number > 0 else 0.0
        optimizer.zero_grad()
        loss = network(**moved(context, batch)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        found.append(loss.item())
    return found


def training_of(context, model, task):
    # The first step has a learning rate of zero, so that the checkpoint after it holds the adapter before it.
    return context.train(f"{model}-peer", model, task, steps_of(context), FLOAT32, "checkpoint.every=1", "checkpoint.keep=100")


def check(context, findings):
    torch.backends.cuda.enable_cudnn_sdp(False)
    for models, task in ((encoders(context), "rte"), (decoders(context), "e2e")):
        evaluate, evaluate_theirs = (predicted, logits_of_theirs) if task == "rte" else (evaluated, loss_of_theirs)
        for model in models:
            tokenizer = AutoTokenizer.from_pretrained(context.path("models", model))
            found, run = context.together([lambda: evaluate(context, model, context.device), lambda: training_of(context, model, task)])
            findings.below(f"{model} {'logits' if task == 'rte' else 'loss'}",
                           largest_difference([found], [evaluate_theirs(context, model, tokenizer)]), limit_of(model))
            start = run / "checkpoints" / "step-000001" / "trained.safetensors"
            expected = losses_of_theirs(context, model, task, tokenizer, start)
            findings.below(f"{model} training", largest_difference(losses(run), expected), LOSSES)
            findings.holds(max(expected) - min(expected) > 1e-3, f"{model}: the losses hardly change, which proves little.")
