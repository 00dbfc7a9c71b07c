#!/usr/bin/env python3
"""What Transformers' generate makes of SmolLM2 over 100 prompts of E2E: tests/parity/smollm2_e2e.json. Takes minutes.

    make_smollm2_goldens.py

Needs SmolLM2 (scripts/setup.sh --references) and E2E's lora_test.txt. Float32 on the CPU; each prompt goes alone.
"""

import json
import pathlib
import sys

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

SOURCE = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SOURCE / "tests" / "support"))
import smollm2  # noqa: E402


def main():
    place = dict(pretrained_model_name_or_path=smollm2.MODEL.parent, gguf_file=smollm2.MODEL.name)
    tokenizer = AutoTokenizer.from_pretrained(**place)
    model = AutoModelForCausalLM.from_pretrained(**place, dtype=torch.float32).eval()
    golden = dict(made_by=dict(torch=torch.__version__, transformers=transformers.__version__))
    for name, settings in smollm2.SEARCHES.items():
        golden[name] = []
        for prompt in smollm2.prompts():
            ids = tokenizer(prompt, return_tensors="pt").input_ids
            output = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=smollm2.NEW_TOKENS,
                                    do_sample=False, eos_token_id=tokenizer.eos_token_id,
                                    pad_token_id=tokenizer.eos_token_id, **settings)
            row = output[0, ids.shape[1]:].tolist()
            ended = tokenizer.eos_token_id in row
            golden[name].append(row[:row.index(tokenizer.eos_token_id)] if ended else row)
    lines = [f' "made_by": {json.dumps(golden.pop("made_by"))}']
    for name, rows in golden.items():
        lines.append(f' "{name}": [\n  ' + ",\n  ".join(json.dumps(row) for row in rows) + "\n ]")
    smollm2.GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
