#!/usr/bin/env python3
"""The host waits for a device only where it must: a call that does stands in a file of the list below, with the reason.

Prints each line that breaks that, as file:line, and exits 1.
"""

import re

from source_check import print_faults

WAITS = re.compile(r"\.item(<|\()|\.cpu\(\)|\bnonzero\(|masked_select|to\(at::kCPU|\.equal\(|is_nonzero|_local_scalar|synchronize\(")
MAY_WAIT = {
    "io/safetensors.cpp": "saving",
    "model/write_model.cpp": "saving",
    "adapter/adapter_tensors.cpp": "loading",
    "adapter/load_adapter.cpp": "loading",
    "kernels/cuda/self_test.cpp": "the first use of a device",
    "kernels/cuda/flash_attention.cpp": "the first use of a device",
    "generate/search.cpp": "each token that is chosen",
    "generate/beam.cpp": "each token that is chosen",
    "train/step_interval.cpp": "each line that is logged",
    "train/updates.cpp": "a step that may have failed",
    "train/last_loss.cpp": "a loss that has arrived",
    "train/time_estimate.cpp": "each step that is timed, before a training",
    "task/evaluation.cpp": "a split that has been evaluated",
    "task/generation.cpp": "a split that has been evaluated",
}
# LibTorch chooses the kernel by the device, the type and the shapes; the choice is made in one place.
ATTENTION = re.compile(r"scaled_dot_product_attention")
MAY_CHOOSE = {"kernels/reference/attention.cpp": "training and evaluation", "kernels/reference/decode_attention.cpp": "generation"}


def faults(source):
    for path in sorted(source.glob("*/**/*.cpp")):
        name = str(path.relative_to(source))
        for number, line in enumerate(path.read_text().splitlines(), 1):
            code = line.split("//")[0]
            if WAITS.search(code) and name not in MAY_WAIT:
                yield f"src/{name}:{number}: waits for the device: {code.strip()}"
            if ATTENTION.search(code) and name not in MAY_CHOOSE:
                yield f"src/{name}:{number}: calls LibTorch's attention: {code.strip()}"


print_faults(faults)
