"""Inside of a step nothing waits for the GPU, and after the warm-up no memory is asked of CUDA.

With HIDDENKEY_CUDA_CHECK=1 the program lets each step after the first five run in CUDA's mode in which waiting is an error, and
`result.json` gets `"cuda_check": {"checked_steps": N, "device_allocations": M}`: M counts those after the warm-up.
"""

import json

from gpu.context import ProgramError

VARIABLE = "HIDDENKEY_CUDA_CHECK"


def check(context, findings):
    if not context.on_gpu():
        findings.skip("A GPU is needed.")
        return
    for name, task in (("roberta-base", "rte-flat"), ("llama-medium", "e2e-flat")):
        for scheme in ("none", "hiddenkey"):
            try:
                run = context.train(f"{name}-waits", name, task, 20, f"dropout.scheme={scheme}", "logging.every=1000",
                                    env={VARIABLE: "1"})
            except ProgramError as error:
                findings.holds(False, f"{name} {scheme}: {error}")
                continue
            found = json.loads((run / "result.json").read_text())["cuda_check"]
            findings.number(f"{name} {scheme}", found)
            findings.holds(found["checked_steps"] > 0, f"{name} {scheme}: no step was checked.")
            findings.holds(found["device_allocations"] == 0, f"{name} {scheme}: memory was asked for after the warm-up.")
