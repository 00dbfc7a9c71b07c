"""What Transformers makes of a GGUF file: the SHA-256 of each weight of SmolLM2, in smollm2.json of the folder of goldens.

Needs the file that scripts/setup.sh --references fetches; without it nothing is written, and the test is skipped.
"""

import hashlib
import json
import os
import pathlib

import torch
from transformers import AutoModelForCausalLM

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
SMOLLM2 = CACHE / "hiddenkey" / "models" / "smollm2.gguf"


def make(out):
    if not SMOLLM2.exists():
        return
    model = AutoModelForCausalLM.from_pretrained(SMOLLM2.parent, gguf_file=SMOLLM2.name, dtype=torch.float32)
    # The head is the table of token embeddings.
    sums = {name: hashlib.sha256(tensor.numpy().tobytes()).hexdigest()
            for name, tensor in model.state_dict().items() if name != "lm_head.weight"}
    (out / "smollm2.json").write_text(json.dumps(sums, indent=1) + "\n")
