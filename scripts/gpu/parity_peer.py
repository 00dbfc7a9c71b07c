"""The same losses and logits as Transformers and PEFT compute on the device, without dropout.

In float32 both must agree. In bfloat16 each has roundings of its own: ours must be no larger than theirs.
"""

import torch
import torch.nn.functional as F
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

import bench_language_peer
import bench_peer
from gpu.context import largest_difference, losses, norm_difference
from gpu.parity import FLOAT32, LOSSES, decoders, encoders, evaluated, limit_of, predicted, steps_of

BATCH = 8
BFLOAT16 = "model.dtype=bfloat16"
TYPES = (torch.float32, torch.bfloat16)


def rows_of(context, split):
    lines = context.path("data", "rte", f"{split}.tsv").read_text().splitlines()[1:]
    return [line.split("\t") for line in lines]


def theirs(context, kind, model, dtype=torch.float32):
    return kind.from_pretrained(context.path("models", model), dtype=dtype).to(context.device).eval()


def logits_of_theirs(context, model, tokenizer, dtype=torch.float32):
    network, rows, logits = theirs(context, AutoModelForSequenceClassification, model, dtype), rows_of(context, "dev"), []
    with torch.no_grad():
        for begin in range(0, len(rows), 16):
            batch = bench_peer.tokenised(rows[begin:begin + 16], tokenizer, 512)
            batch.pop("labels")
            logits += network(**batch.to(context.device)).logits.float().tolist()
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


def losses_of_theirs(context, model, task, tokenizer, start, dtype=torch.float32):
    """PEFT trains from the adapter that the program began with."""
    encoder = task == "rte"
    targets = ["query", "value"] if encoder else ["q_proj", "v_proj"]
    base = theirs(context, AutoModelForSequenceClassification if encoder else AutoModelForCausalLM, model, dtype)
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


def training_of(context, model, task, dtype=FLOAT32):
    # The first step has a learning rate of zero, so that the checkpoint after it holds the adapter before it.
    return context.train(f"{model}-peer-{dtype}", model, task, steps_of(context), dtype, "checkpoint.every=1", "checkpoint.keep=100")


def start_of(run):
    return run / "checkpoints" / "step-000001" / "trained.safetensors"


def check(context, findings):
    torch.backends.cuda.enable_cudnn_sdp(False)
    for models, task in ((encoders(context), "rte"), (decoders(context), "e2e")):
        evaluate, evaluate_theirs = (predicted, logits_of_theirs) if task == "rte" else (evaluated, loss_of_theirs)
        for model in models:
            tokenizer = AutoTokenizer.from_pretrained(context.path("models", model))
            found, run = context.together([lambda: evaluate(context, model, context.device), lambda: training_of(context, model, task)])
            findings.below(f"{model} {'logits' if task == 'rte' else 'loss'}",
                           largest_difference([found], [evaluate_theirs(context, model, tokenizer)]), limit_of(model))
            expected = losses_of_theirs(context, model, task, tokenizer, start_of(run))
            findings.below(f"{model} training", largest_difference(losses(run), expected), LOSSES)
            findings.holds(max(expected) - min(expected) > 1e-3, f"{model}: the losses hardly change, which proves little.")


# Both round some thousand values in another order: their errors are alike, and chance makes one the larger, more so where a
# few losses are compared.
ROUNDED_ALIKE = 3


def bfloat16(context, findings):
    """How far bfloat16 leads from float32, beside how far it leads Transformers and PEFT."""
    torch.backends.cuda.enable_cudnn_sdp(False)
    for model, task in [(model, "rte") for model in encoders(context)] + [(model, "e2e") for model in decoders(context)]:
        tokenizer = AutoTokenizer.from_pretrained(context.path("models", model))
        exact, rounded = context.together([lambda t=dtype: training_of(context, model, task, t) for dtype in (FLOAT32, BFLOAT16)])
        compare_errors(findings, f"{model} training", [losses(run) for run in (exact, rounded)],
                       [losses_of_theirs(context, model, task, tokenizer, start_of(exact), dtype) for dtype in TYPES])
        if task == "rte":
            ours = context.together([lambda t=dtype: predicted(context, model, context.device, t) for dtype in (FLOAT32, BFLOAT16)])
            compare_errors(findings, f"{model} logits", ours, [logits_of_theirs(context, model, tokenizer, dtype) for dtype in TYPES])


def compare_errors(findings, name, ours, theirs_of_both):
    error, peer_error = (norm_difference(rounded, exact) for exact, rounded in (ours, theirs_of_both))
    findings.number(name, {"error": error, "peer_error": peer_error})
    findings.holds(0 < error <= ROUNDED_ALIKE * peer_error, f"{name}: bfloat16's error is {error:.2g}, and the peer's {peer_error:.2g}.")
