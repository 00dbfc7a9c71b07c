"""The prompts and settings over which SmolLM2 is held against Transformers (scripts/make_smollm2_goldens.py)."""

import tool

MODEL = tool.CACHE / "models" / "smollm2.gguf"
GOLDEN = tool.SOURCE / "tests" / "parity" / "smollm2_e2e.json"
E2E = tool.DATA / "e2e" / "lora_test.txt"
NEW_TOKENS = 20
SEARCHES = {"greedy": {}, "beams": {"num_beams": 10, "length_penalty": 0.9, "no_repeat_ngram_size": 4}}


def prompts():
    """The first 100 meanings of the test set, as LoRA's authors write them."""
    meanings = dict.fromkeys(line.split("||")[0] for line in E2E.read_text(encoding="utf-8").splitlines())
    return list(meanings)[:100]
