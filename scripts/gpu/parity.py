"""The same numbers on the device as on the CPU and as Transformers and PEFT compute there, and what bfloat16 changes."""

import contextlib
import json
import math

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

import bench_language_peer
import bench_peer
from gpu.context import largest_difference, losses, norm_difference, step_lines

STEPS, BATCH = 8, 8
# Tiny models keep what the README promises. Twelve layers of 768 add their roundings.
LOGITS = {"tiny": 1e-5, "base": 1e-4}
# A step divides by the size of the gradient, also where that is nearly nothing: differences grow from step to step.
LOSSES = 1e-4
# One rounding to bfloat16 is 2^-9 = 0.002. Those of all layers add like random steps.
BFLOAT16_LOGITS, BFLOAT16_LOSSES = 3e-2, 2e-2
FLOAT32 = "model.dtype=float32"


def encoders(context):
    return ["roberta-tiny"] if context.small else ["roberta-tiny", "roberta-base"]


def decoders(context):
    return ["llama-tiny"] if context.small else ["llama-tiny", "llama-medium"]


def limit_of(model):
    return LOGITS["tiny" if model.endswith("tiny") else "base"]


def predicted(context, model, device, dtype=FLOAT32):
    """The logits of the dev set."""
    out = context.path(f"{model}-{device.replace(':', '')}.jsonl")
    context.run("predict", context.path("models", model), "--task", "rte", "--input", context.path("data", "rte", "dev.tsv"),
                "--output", out, f"training.device={device}", dtype, "evaluation.batch_size=16", "--quiet")
    return [json.loads(line)["logits"] for line in out.read_text().splitlines()]


def evaluated(context, model, device, dtype=FLOAT32):
    """The language model's loss on the dev set."""
    task = ["task.name=e2e", f"task.data_dir={context.path('data', 'e2e')}"]
    done = context.run("eval", context.path("models", model), *task, "--no-text", "--json", f"training.device={device}", dtype,
                       "evaluation.batch_size=16", "--quiet")
    return json.loads(done.stdout)["loss"]


def against_cpu(context, findings):
    for model in encoders(context):
        here, there = (predicted(context, model, device) for device in (context.device, "cpu"))
        findings.below(f"{model} logits", largest_difference(here, there), limit_of(model))
    for model in decoders(context):
        here, there = (evaluated(context, model, device) for device in (context.device, "cpu"))
        findings.below(f"{model} loss", largest_difference([here], [there]), limit_of(model))
    for model, task in [(name, "rte") for name in encoders(context)] + [(name, "e2e") for name in decoders(context)]:
        here, there = (losses(context.train(f"{model}-{name}", model, task, STEPS, FLOAT32, device=device))
                       for name, device in (("here", context.device), ("cpu", "cpu")))
        findings.below(f"{model} training", largest_difference(here, there), LOSSES)


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
    with as_training_set(context) as folder, torch.no_grad():
        rows = list(bench_language_peer.examples(folder, tokenizer))
        for begin in range(0, len(rows), 16):
            batch = on_device(context, bench_language_peer.batch_of(rows[begin:begin + 16]))
            labels = batch.pop("labels")[:, 1:]
            logits = network(**batch).logits[:, :-1]
            total += F.cross_entropy(logits[labels != -100].double(), labels[labels != -100], reduction="sum").item()
            count += int((labels != -100).sum())
    return total / count


@contextlib.contextmanager
def as_training_set(context):
    """The peer reads a file of this name: for a while the dev set has it in a folder of its own."""
    folder = context.path("data", "e2e-dev")
    folder.mkdir(exist_ok=True)
    (folder / "trainset.csv").write_bytes(context.path("data", "e2e", "devset.csv").read_bytes())
    yield folder


def on_device(context, batch):
    return {name: values.to(context.device) for name, values in batch.items()}


def batches_of(context, model, task, tokenizer):
    """The batches of the program's first steps."""
    if task == "rte":
        rows = rows_of(context, "train")
        return [bench_peer.tokenised([rows[i] for i in order], tokenizer, 512)
                for order in bench_peer.first_epoch(len(rows), BATCH)[:STEPS]]
    rows = list(bench_language_peer.examples(context.path("data", task), tokenizer))
    return [bench_language_peer.batch_of([rows[i] for i in order])
            for order in bench_peer.first_epoch(len(rows), BATCH)[:STEPS]]


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
        loss = network(**on_device(context, batch)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        found.append(loss.item())
    return found


def training_against_theirs(context, findings, model, task, tokenizer):
    # The first step has a learning rate of zero, so that the checkpoint after it holds the adapter before it.
    run = context.train(f"{model}-peer", model, task, STEPS, FLOAT32, "checkpoint.every=1", "checkpoint.keep=100")
    start = run / "checkpoints" / "step-000001" / "trained.safetensors"
    expected = losses_of_theirs(context, model, task, tokenizer, start)
    findings.below(f"{model} training", largest_difference(losses(run), expected), LOSSES)
    findings.holds(max(expected) - min(expected) > 1e-3, f"{model}: the losses hardly change, which proves little.")


def against_peer(context, findings):
    torch.backends.cuda.enable_cudnn_sdp(False)
    for model in encoders(context):
        tokenizer = AutoTokenizer.from_pretrained(context.path("models", model))
        expected = logits_of_theirs(context, model, tokenizer)
        findings.below(f"{model} logits", largest_difference(predicted(context, model, context.device), expected), limit_of(model))
        training_against_theirs(context, findings, model, "rte", tokenizer)
    for model in decoders(context):
        tokenizer = AutoTokenizer.from_pretrained(context.path("models", model))
        expected = loss_of_theirs(context, model, tokenizer)
        findings.below(f"{model} loss", largest_difference([evaluated(context, model, context.device)], [expected]), limit_of(model))
        training_against_theirs(context, findings, model, "e2e", tokenizer)


def bfloat16(context, findings):
    half = "model.dtype=bfloat16"
    for model in encoders(context):
        exact, rounded = (predicted(context, model, context.device, dtype) for dtype in (FLOAT32, half))
        findings.below(f"{model} logits", norm_difference(rounded, exact), BFLOAT16_LOGITS)
    for model, task in [(name, "rte") for name in encoders(context)] + [(name, "e2e") for name in decoders(context)]:
        exact, rounded = (losses(context.train(f"{model}-{dtype.rpartition('=')[2]}", model, task, STEPS, dtype))
                          for dtype in (FLOAT32, half))
        difference = largest_difference(rounded, exact)
        findings.below(f"{model} training", difference, BFLOAT16_LOSSES)
        findings.holds(difference > 0, f"{model}: bfloat16 gives what float32 gives: the type may be ignored.")


MASKS = {
    "hiddenkey": ["dropout.scheme=hiddenkey", "dropout.logits.rate=0.3", "dropout.hidden.rate=0.3"],
    "dropattention": ["dropout.scheme=dropattention", "dropout.weights.rate=0.3", "dropout.weights.pattern=element"],
    "spans": ["dropout.scheme=custom", "dropout.logits.rate=0.3", "dropout.logits.pattern=span", "dropout.input.rate=0.2",
              "dropout.output.rate=0.2"],
}


def masks(context, findings):
    """Runs that differ in nothing but the device. Without the same masks their losses would differ as those without any."""
    for model, task in (("roberta-tiny", "rte"), ("llama-tiny", "e2e")):
        plain = losses(context.train(f"{model}-plain", model, task, STEPS, FLOAT32, device="cpu"))
        for name, overrides in MASKS.items() if task == "rte" else [("hiddenkey", MASKS["hiddenkey"])]:
            here, there = ([line["ce"] for line in step_lines(
                context.train(f"{model}-{name}-{place}", model, task, STEPS, FLOAT32, *overrides, device=device))]
                for place, device in (("here", context.device), ("cpu", "cpu")))
            findings.below(f"{model} {name}", largest_difference(here, there), LOSSES)
            apart = largest_difference(there, plain)
            findings.holds(math.isfinite(apart) and apart > 20 * LOSSES, f"{model} {name}: masks hardly change the losses.")
    if findings.faults:
        findings.note("Masks that differ are the device's own, where the kernels are off, or wrong ones.")
