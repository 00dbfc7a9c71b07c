"""The same numbers on the device as on the CPU, also with dropout."""

import json
import math

from gpu.context import largest_difference, losses, step_lines

# Tiny models keep what the README promises. Twelve layers of 768 add their roundings.
LOGITS = {"tiny": 1e-5, "base": 1e-4}
# A step divides by the size of the gradient, also where that is nearly nothing: differences grow from step to step.
LOSSES = 1e-4
FLOAT32 = "model.dtype=float32"


def steps_of(context):
    return 4 if context.small else 8


def encoders(context):
    return ["roberta-tiny"] if context.small else ["roberta-tiny", "roberta-base"]


def decoders(context):
    return ["llama-tiny"] if context.small else ["llama-tiny", "llama-medium"]


def limit_of(model):
    return LOGITS["tiny" if model.endswith("tiny") else "base"]


def predicted(context, model, device, dtype=FLOAT32):
    """The logits of the dev set."""
    out = context.path(f"{model}-{device.replace(':', '')}-{dtype}.jsonl")
    context.run("predict", context.path("models", model), "--task", "rte", "--input", context.path("data", "rte", "dev.tsv"),
                "--output", out, f"training.device={device}", dtype, "evaluation.batch_size=16", "--quiet")
    return [json.loads(line)["logits"] for line in out.read_text().splitlines()]


def evaluated(context, model, device, dtype=FLOAT32):
    """The language model's loss on the dev set."""
    task = ["task.name=e2e", f"task.data_dir={context.path('data', 'e2e')}"]
    done = context.run("eval", context.path("models", model), *task, "--no-text", "--json", f"training.device={device}", dtype,
                       "evaluation.batch_size=16", "--quiet")
    return json.loads(done.stdout)["loss"]


def training(context, model, task, name, device, *overrides):
    return losses(context.train(f"{model}-{name}", model, task, steps_of(context), *overrides, device=device))


def with_tasks(context):
    return [(model, "rte") for model in encoders(context)] + [(model, "e2e") for model in decoders(context)]


def against_cpu(context, findings):
    """Each thing on the device and on the CPU, several at a time."""
    def on_both(compute):
        return [lambda: compute("here", context.device), lambda: compute("cpu", "cpu")]

    def evaluation(model, task):
        evaluate = predicted if task == "rte" else evaluated
        return on_both(lambda _, device: evaluate(context, model, device))

    def run(model, task):
        return on_both(lambda name, device: training(context, model, task, name, device, FLOAT32))

    cases = with_tasks(context)
    found = context.together([work for case in cases for work in [*evaluation(*case), *run(*case)]])
    for (model, task), begin in zip(cases, range(0, len(found), 4)):
        here, there, trained_here, trained_there = found[begin:begin + 4]
        findings.below(f"{model} {'logits' if task == 'rte' else 'loss'}", largest_difference([here], [there]), limit_of(model))
        findings.below(f"{model} training", largest_difference(trained_here, trained_there), LOSSES)


MASKS = {
    "hiddenkey": ["dropout.scheme=hiddenkey", "dropout.logits.rate=0.3", "dropout.hidden.rate=0.3"],
    "spans": ["dropout.scheme=custom", "dropout.logits.rate=0.3", "dropout.logits.pattern=span", "dropout.input.rate=0.2",
              "dropout.output.rate=0.2"],
    "dropattention": ["dropout.scheme=dropattention", "dropout.weights.rate=0.3", "dropout.weights.pattern=element"],
}


def masks(context, findings):
    """Runs that differ in nothing but the device. With other masks their losses would differ as from those without any."""
    def cross_entropies(model, task, name, device, overrides):
        run = context.train(f"{model}-{name}", model, task, steps_of(context), FLOAT32, *overrides, device=device)
        return [line["ce"] for line in step_lines(run)]

    tiny = ("roberta-tiny", "rte"), ("llama-tiny", "e2e")
    cases = [(*tiny[0], name) for name in MASKS] + [(*tiny[1], "hiddenkey")]
    plain = [lambda c=case: cross_entropies(*c, "plain", "cpu", []) for case in tiny]
    masked = [lambda c=case, d=device, p=place: cross_entropies(c[0], c[1], f"{c[2]}-{p}", d, MASKS[c[2]])
              for case in cases for place, device in (("here", context.device), ("there", "cpu"))]
    found = iter(context.together([*plain, *masked]))
    without = {model: next(found) for model, _ in tiny}
    for model, _, name in cases:
        here, there = next(found), next(found)
        findings.below(f"{model} {name}", largest_difference(here, there), LOSSES)
        apart = largest_difference(there, without[model])
        findings.holds(math.isfinite(apart) and apart > 20 * LOSSES, f"{model} {name}: masks hardly change the losses.")
    if findings.faults:
        findings.note("Masks that differ are the device's own, where the kernels are off, or wrong ones.")
