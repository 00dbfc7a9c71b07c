"""Every family, way of training and kind of task on the device as on the CPU, masks of dropout included, on tiny models."""

import json

from gpu.context import largest_difference, losses, norm_difference
from gpu.parity import LOSSES, steps_of
from gpu.support import tiny, tiny_hub

DECODERS = ("gpt2", "llama", "mistral", "qwen2", "qwen3")
HIDDENKEY = ["dropout.scheme=hiddenkey"]
# Flash attention takes heads of 64. The window is shorter than the texts.
WIDE = dict(hidden_size=256, num_attention_heads=4, intermediate_size=384, local_attention=16)
# bfloat16 keeps 8 bits, and each of a few layers rounds a few times.
BFLOAT16 = 0.06


ROWS = {
    "classification": lambda words, label: dict(text=" ".join(words), label=label),
    "regression": lambda words, _: dict(text=" ".join(words), label=len(words) / 10),
    "multi_label_classification": lambda words, _: dict(text=" ".join(words), label=[word for word in ("bad", "good") if word in words]),
    "token_classification": lambda words, _: dict(tokens=words, tags=["B-X" if word in ("film", "plot") else "O" for word in words]),
    "generation": lambda words, _: dict(prompt=" ".join(words[:4]), completion=" " + " ".join(words[4:9] or ["so"])),
}


def write_tasks(context):
    """Each task's files: sentences of a few words in the shape that it reads."""
    made = tiny.make_task(context.path("data", "sentences"))
    for split in ("train", "dev"):
        rows = [line.split("\t") for line in (made / f"{split}.tsv").read_text().splitlines()[1:]]
        for name, row in ROWS.items():
            file = context.path("data", f"{name}-{split}.jsonl")
            file.write_text("".join(json.dumps(row(text.split(), label)) + "\n" for text, label in rows))


def task_of(context, name):
    """The section of a config."""
    return {"name": name, "text_columns": [] if name in ("generation", "token_classification") else ["text"],
            **{key: str(context.path("data", f"{name}-{split}.jsonl")) for split, key in (("train", "train"), ("dev", "validation"))}}


def base_of(context, family, task, **shape):
    head = "none" if task == "generation" else "classifier"
    folder = context.path("models", "-".join([family, head, *map(str, shape.values())]))
    if not folder.exists():
        tiny_hub.make(folder, family, head=head, pad_token_id=tiny_hub.PAD, **shape,
                      **(dict(num_labels=2) if head == "classifier" else {}))
    return folder


def cases():
    """Families, tasks, names and keys of runs."""
    yield from ((family, "classification", "hiddenkey", HIDDENKEY) for family in tiny_hub.SHAPES)
    for family in ("bert", "modernbert", "electra", "distilbert", "qwen3"):
        yield family, "classification", "full", ["method=full", "dropout.scheme=hiddenkey-"]
    for family in ("roberta", "modernbert", "llama"):
        yield family, "classification", "dora", [*HIDDENKEY, "lora.use_dora=true", "lora.dropout=0.1"]
    for family in ("bert", "modernbert", "qwen3"):
        yield family, "token_classification", "tags", HIDDENKEY
    yield "bert", "multi_label_classification", "labels", HIDDENKEY
    yield "roberta", "regression", "scores", HIDDENKEY
    for family in DECODERS:
        yield family, "generation", "texts", [*HIDDENKEY, "generation.every=1", "generation.num_beams=3", "generation.max_new_tokens=8"]


def train(context, family, task, name, device, overrides, **shape):
    folder = context.path("families", f"{family}-{name}")
    folder.mkdir(parents=True, exist_ok=True)
    training = {"max_steps": steps_of(context), "batch_size": 8, "max_length": 60, "learning_rate": 1e-3, "device": device}
    config = tiny.config(folder, base_of(context, family, task, **shape), folder, logging={"every": 1, "tensorboard": False}, training=training,
                         task=task_of(context, task), checkpoint={"every": "never"})
    context.run("train", config, *overrides, "--overwrite", "--quiet")
    return folder / "run"


def texts_of(run):
    return [json.loads(line)["text"] for line in (run / "generations-dev.jsonl").read_text().splitlines()]


def check(context, findings):
    wanted = list(cases())
    write_tasks(context)
    for family, task, *_ in wanted:  # before several runs would make one at a time
        base_of(context, family, task)
    runs = iter(context.together([lambda c=case, p=place, d=device: train(context, *c[:2], f"{c[2]}-{p}", d, [*c[3], "model.dtype=float32"])
                                  for case in wanted for place, device in (("here", context.device), ("there", "cpu"))]))
    for family, task, name, _ in wanted:
        here, there = next(runs), next(runs)
        findings.below(f"{family} {name}", largest_difference(losses(here), losses(there)), LOSSES)
        if task == "generation":
            findings.holds(texts_of(here) == texts_of(there), f"{family}: the texts are not those of the CPU.")


def windows(context, findings):
    """Attention with a sliding window in bfloat16, which flash attention computes, beside float32."""
    write_tasks(context)
    base_of(context, "modernbert", "classification", **WIDE)
    exact, rounded = context.together([lambda t=dtype: train(context, "modernbert", "classification", f"window-{t}", context.device,
                                                             [f"model.dtype={t}", "dropout.scheme=hiddencut"], **WIDE)
                                       for dtype in ("float32", "bfloat16")])
    findings.below("modernbert bfloat16", norm_difference(losses(rounded), losses(exact)), BFLOAT16)
    findings.holds("is left alone" not in context.path("program.log").read_text(), "Flash attention was left alone: program.log says why.")
