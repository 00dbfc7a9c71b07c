#!/usr/bin/env python3
"""Makes the texts that the tests of generation compare with, by Transformers' generate: float32, on the CPU.

    make_generation_goldens.py FOLDER

FOLDER/versions.json says what made them; where nothing has changed since, nothing is made again.
    gpt2/, llama/ (shared keys)   tiny random language models: model/, expected.json with the prompts, and for each case its
                                  settings and each prompt's candidates: new ids without the end token, and score
    filters.safetensors           logits of rows, and what Transformers' warpers leave of them, by their options as JSON
Each prompt goes alone: in a padded batch Transformers' rounding and n-gram windows depend on the others.
"""

import hashlib
import json
import pathlib
import shutil
import sys

import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig
from transformers.generation import (EpsilonLogitsWarper, EtaLogitsWarper, MinPLogitsWarper, TemperatureLogitsWarper, TopHLogitsWarper,
                                     TopKLogitsWarper, TopPLogitsWarper, TypicalLogitsWarper)

VOCABULARY = 120
LENGTHS = (9, 3, 17, 1)

CASES = [
    dict(),
    dict(no_repeat_ngram_size=2),
    dict(num_beams=4),
    dict(num_beams=4, early_stopping=True, num_return_sequences=4),
    dict(num_beams=10, length_penalty=0.9, no_repeat_ngram_size=4),
    dict(num_beams=10, length_penalty=0.8, no_repeat_ngram_size=4, num_return_sequences=3),
    dict(num_beams=4, length_penalty=2.0, no_repeat_ngram_size=2, num_return_sequences=2),
    dict(num_beams=3, length_penalty=-1.0, num_return_sequences=3),
    dict(num_beams=10, early_stopping=True, length_penalty=0.8),
    dict(num_beams=4, more_ends=[7, 11], num_return_sequences=2),
]


def config(family):
    common = dict(vocab_size=VOCABULARY, initializer_range=0.25, bos_token_id=2, eos_token_id=3, pad_token_id=0)
    if family == "gpt2":
        return GPT2Config(n_embd=32, n_layer=3, n_head=4, n_positions=64, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0, **common)
    return LlamaConfig(hidden_size=32, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2, intermediate_size=64,
                       max_position_embeddings=64, tie_word_embeddings=False, **common)


def generate(model, prompt, case, end):
    settings = dict(case)
    ends = [end, *settings.pop("more_ends", [])]
    settings.setdefault("num_beams", 1)
    output = model.generate(prompt[None], attention_mask=torch.ones_like(prompt[None]), max_new_tokens=20, do_sample=False,
                            eos_token_id=ends, pad_token_id=0, return_dict_in_generate=True, output_scores=True,
                            output_logits=True, **settings)
    candidates = []
    for i, row in enumerate(output.sequences[:, len(prompt):].tolist()):
        stop = next((at for at, token in enumerate(row) if token in ends), len(row))
        if settings["num_beams"] > 1:
            score = output.sequences_scores[i].item()
        else:
            score = sum(logits[0].log_softmax(-1)[token].item() for logits, token in zip(output.logits, row[:stop + 1]))
        candidates.append(dict(tokens=row[:stop], score=score, ended=stop < len(row)))
    return candidates


def make(folder, family):
    torch.manual_seed(1)
    model = AutoModelForCausalLM.from_config(config(family)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    model.save_pretrained(folder / "model")
    generator = torch.Generator().manual_seed(2)
    prompts = [torch.randint(5, VOCABULARY, (length,), generator=generator) for length in LENGTHS]
    # A token that the model likes ends a text, so that texts do end.
    end = generate(model, prompts[0], {}, -1)[0]["tokens"][6]
    cases = [dict(settings=case, candidates=[generate(model, prompt, case, end) for prompt in prompts]) for case in CASES]
    expected = dict(prompts=[prompt.tolist() for prompt in prompts], end=end, cases=cases)
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")
    ended = [c["ended"] for case in cases for row in case["candidates"] for c in row]
    distinct = [len(set(c["tokens"])) for case in cases for row in case["candidates"] for c in row]
    print(f"{family}: {sum(ended)} of {len(ended)} candidates end by themselves; {sum(distinct) / len(distinct):.1f} different tokens in each")


FILTERS = [dict(temperature=0.5), dict(top_k=1), dict(top_k=7), dict(top_k=500), dict(top_p=0.05), dict(top_p=0.6), dict(top_p=0.95),
           dict(temperature=0.7, top_k=20, top_p=0.9), dict(temperature=1.8, top_k=3, top_p=0.5), dict(top_h=0.3), dict(top_h=0.9),
           dict(min_p=0.05), dict(min_p=1.0), dict(typical_p=0.2), dict(typical_p=0.9), dict(epsilon_cutoff=0.02), dict(epsilon_cutoff=0.9),
           dict(eta_cutoff=0.01), dict(eta_cutoff=0.4),
           dict(temperature=1.3, top_h=0.8, top_k=30, top_p=0.97, min_p=0.02, typical_p=0.9, epsilon_cutoff=0.01, eta_cutoff=0.02)]
# In the order in which Transformers has them.
WARPERS = dict(temperature=TemperatureLogitsWarper, top_h=TopHLogitsWarper, top_k=TopKLogitsWarper, top_p=TopPLogitsWarper,
               min_p=MinPLogitsWarper, typical_p=TypicalLogitsWarper, epsilon_cutoff=EpsilonLogitsWarper, eta_cutoff=EtaLogitsWarper)


def make_filters(file):
    """Rows of peaked and of flat distributions, and one of values that often tie."""
    generator = torch.Generator().manual_seed(3)
    logits = torch.randn(6, VOCABULARY, generator=generator) * torch.tensor([0.1, 0.5, 1.0, 3.0, 9.0, 2.0])[:, None]
    logits[-1] = logits[-1].round()
    tensors = {"logits": logits}
    for options in FILTERS:
        scores = logits.clone()
        for name, warper in WARPERS.items():
            if name in options:
                scores = warper(options[name])(None, scores)
        tensors[json.dumps(options)] = scores.contiguous()
    save_file(tensors, file)


def main():
    out = pathlib.Path(sys.argv[1])
    versions = {"torch": torch.__version__, "transformers": transformers.__version__,
                "script": hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()}
    stamp = out / "versions.json"
    if stamp.exists() and json.loads(stamp.read_text()) == versions:
        return
    shutil.rmtree(out, ignore_errors=True)
    torch.set_num_threads(2)
    for family in ("gpt2", "llama"):
        (out / family).mkdir(parents=True)
        make(out / family, family)
    make_filters(out / "filters.safetensors")
    stamp.write_text(json.dumps(versions, indent=2) + "\n")


main()
