"""Inside of a step nothing waits for the GPU, and after the warm-up no memory is asked of CUDA. The program must tell.

With HIDDENKEY_CUDA_CHECK=1 the program lets each step after the first five run in CUDA's mode in which waiting is an error, and
`result.json` gets `"cuda_check": {"checked_steps": N, "device_allocations": M}`: M counts those after the warm-up.
"""

import json

from gpu.context import ProgramError

VARIABLE = "HIDDENKEY_CUDA_CHECK"


def check(context, findings):
    model = "roberta-tiny" if context.small else "roberta-base"
    decoder = "llama-tiny" if context.small else "llama-medium"
    for name, task in ((model, "rte-flat"), (decoder, "e2e-flat")):
        for scheme in ("none", "hiddenkey"):
            try:
                run = context.train(f"{name}-waits", name, task, 20, f"dropout.scheme={scheme}", "logging.every=1000",
                                    env={VARIABLE: "1"})
            except ProgramError as error:
                findings.holds(False, f"{name} {scheme}: {error}")
                continue
            found = json.loads((run / "result.json").read_text()).get("cuda_check")
            if found is None:
                findings.skip("This is not supported by this build, or not by this device.")
                return
            findings.number(f"{name} {scheme}", found)
            findings.holds(found["checked_steps"] > 0, f"{name} {scheme}: no step was checked.")
            findings.holds(found["device_allocations"] == 0, f"{name} {scheme}: memory was asked for after the warm-up.")
