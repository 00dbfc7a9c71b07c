"""Reference values of language models, by Transformers and PEFT: float32, on the CPU, no dropout. Used by make_goldens.py.

gpt2_lm/, llama_lm/ (rope of llama3, shared keys), qwen2_lm/ (biases, tied), mistral_lm/, qwen3_lm/ (norms of heads): tiny random models with prompts
and completions of different lengths; the loss is on the completions' tokens alone.
    model/, adapter/, adapter_all/, batch.safetensors (packed, with the length of each prompt),
    expected_full.safetensors, expected_NAME.safetensors (logits at the labelled rows, loss, gradients, with smoothing too)
gpt2_lm/expected_slices.safetensors: query and value of c_attn with an adapter each, as loralib has it
"""

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig, MistralConfig, Qwen2Config, Qwen3Config

LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
FAMILIES = {
    "gpt2": (["c_attn"], ["c_attn", "c_proj", "c_fc"]),
    "llama": (["q_proj", "v_proj"], LINEARS),
    "qwen2": (["q_proj", "v_proj"], LINEARS),
    "mistral": (["q_proj", "v_proj"], LINEARS),
    "qwen3": (["q_proj", "v_proj"], LINEARS),
}
LENGTHS, PROMPTS = (9, 3, 17, 12, 2), (4, 1, 11, 5, 1)


def tiny_config(family):
    common = dict(vocab_size=120, initializer_range=0.3)
    shape = dict(hidden_size=32, num_hidden_layers=4, num_attention_heads=4, intermediate_size=64, max_position_embeddings=64, **common)
    if family == "gpt2":
        return GPT2Config(n_embd=32, n_layer=4, n_head=4, n_positions=64, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0, **common)
    if family == "llama":
        scaling = dict(rope_type="llama3", rope_theta=1000.0, factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16)
        return LlamaConfig(num_key_value_heads=2, head_dim=10, rope_scaling=scaling, **shape)
    if family == "mistral":
        return MistralConfig(num_key_value_heads=2, sliding_window=None, **shape)
    if family == "qwen3":
        return Qwen3Config(num_key_value_heads=2, head_dim=10, tie_word_embeddings=True, **shape)
    return Qwen2Config(num_key_value_heads=1, tie_word_embeddings=True, **shape)


def tiny_model(family):
    torch.manual_seed(1)
    model = AutoModelForCausalLM.from_config(tiny_config(family))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(torch.randn_like(parameter) * 0.1)
    return model.eval()


def batch():
    generator = torch.Generator().manual_seed(2)
    ids = [torch.randint(5, 120, (length,), generator=generator) for length in LENGTHS]
    width = max(LENGTHS)
    fill = lambda rows, value: torch.stack([torch.nn.functional.pad(row, (0, width - len(row)), value=value) for row in rows])
    labels = [torch.cat([torch.full((prompt,), -100), row[prompt:]]) for row, prompt in zip(ids, PROMPTS)]
    return ids, dict(input_ids=fill(ids, 0), attention_mask=fill([torch.ones_like(row) for row in ids], 0)), fill(labels, -100)


def labelled_logits(logits):
    return torch.cat([logits[row, prompt - 1 : length - 1] for row, (prompt, length) in enumerate(zip(PROMPTS, LENGTHS))])


def values_of(model, inputs, labels, name_of):
    values = {}
    for prefix, smoothing in (("", 0.0), ("smooth.", 0.1)):
        model.zero_grad()
        logits = model(**inputs).logits
        shifted = logits[:, :-1].reshape(-1, logits.shape[-1])
        loss = torch.nn.functional.cross_entropy(shifted, labels[:, 1:].reshape(-1), ignore_index=-100, label_smoothing=smoothing)
        loss.backward()
        values[prefix + "loss"] = loss.detach()
        for name, parameter in model.named_parameters():
            if parameter.grad is not None:
                values[f"{prefix}grad.{name_of(name)}"] = parameter.grad.clone()
    values["logits"] = labelled_logits(logits.detach())
    return {key: value.contiguous() for key, value in values.items()}


def with_adapter(model, **settings):
    wrapped = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", lora_dropout=0.0, **settings))
    torch.manual_seed(3)
    with torch.no_grad():
        for name, parameter in wrapped.named_parameters():
            if "lora_B" in name:
                parameter.copy_(torch.randn_like(parameter) * 0.1)
    return wrapped.eval()


def add_slices(model, r, alpha):
    """Query and value of each c_attn with adapters of their own, written out; returns them by name."""
    adapters = {}
    torch.manual_seed(5)
    for number, block in enumerate(model.transformer.h):
        width = block.attn.c_attn.nf // 3
        for place, part in ((0, "q"), (2, "v")):
            name = f"base_model.model.transformer.h.{number}.attn.{part}"
            adapters[f"{name}.lora_A.weight"] = (torch.randn(r, width) * 0.2).requires_grad_()
            adapters[f"{name}.lora_B.weight"] = (torch.randn(width, r) * 0.1).requires_grad_()

            def add(module, inputs, output, name=name, place=place):
                update = inputs[0] @ adapters[f"{name}.lora_A.weight"].T @ adapters[f"{name}.lora_B.weight"].T * (alpha / r)
                return output + torch.nn.functional.pad(update, (place * width, (2 - place) * width))

            block.attn.c_attn.register_forward_hook(add)
    return adapters


def make_slices(folder, inputs, labels):
    model = tiny_model("gpt2").requires_grad_(False)
    adapters = add_slices(model, 4, 8)
    logits = model(**inputs).logits
    loss = torch.nn.functional.cross_entropy(logits[:, :-1].reshape(-1, 120), labels[:, 1:].reshape(-1), ignore_index=-100)
    loss.backward()
    values = {"loss": loss.detach(), "logits": labelled_logits(logits.detach())}
    for name, parameter in adapters.items():
        values |= {name: parameter.detach(), "grad." + name: parameter.grad}
    save_file({key: value.contiguous() for key, value in values.items()}, folder / "expected_slices.safetensors")


def make(out):
    ids, inputs, labels = batch()
    offsets = torch.tensor([0, *LENGTHS]).cumsum(0)
    for family, (few, many) in FAMILIES.items():
        folder = out / f"{family}_lm"
        folder.mkdir(parents=True, exist_ok=True)
        save_file({"ids": torch.cat(ids), "offsets": offsets, "prompts": torch.tensor(PROMPTS)}, folder / "batch.safetensors")
        tiny_model(family).save_pretrained(folder / "model")
        save_file(values_of(tiny_model(family), inputs, labels, lambda name: name), folder / "expected_full.safetensors")
        settings = {"adapter": dict(target_modules=few), "adapter_all": dict(target_modules=many, use_rslora=True)}
        for name, chosen in settings.items():
            model = with_adapter(tiny_model(family), r=4, lora_alpha=8, **chosen)
            model.save_pretrained(folder / name)
            save_file(values_of(model, inputs, labels, lambda key: key.replace(".default", "")), folder / f"expected_{name}.safetensors")
    make_slices(out / "gpt2_lm", inputs, labels)
