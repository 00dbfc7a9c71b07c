"""Tiny random models as Transformers saves them, with a tokenizer of printable ASCII, for tests that compare the tool with Transformers."""

import json
import pathlib

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSequenceClassification

import tool

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
TOKENS = SPECIAL + ["\u0120" if code == 32 else chr(code) for code in range(32, 127)]  # byte-level BPE writes a space so
END = TOKENS.index("</s>")
PAD = TOKENS.index("<pad>")
SHAPE = dict(vocab_size=len(TOKENS), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48,
             max_position_embeddings=64, initializer_range=0.3)
SHAPES = {
    "bert": SHAPE | dict(pad_token_id=PAD),
    "roberta": SHAPE | dict(pad_token_id=PAD),
    "llama": SHAPE | dict(num_key_value_heads=2),
    "mistral": SHAPE | dict(num_key_value_heads=2),
    "qwen2": SHAPE | dict(num_key_value_heads=2),
    "qwen3": SHAPE | dict(num_key_value_heads=2, head_dim=8),
    "modernbert": SHAPE | dict(num_hidden_layers=4, local_attention=8, pad_token_id=PAD),
    "distilbert": dict(vocab_size=len(TOKENS), dim=32, n_layers=2, n_heads=4, hidden_dim=48, max_position_embeddings=64, initializer_range=0.3,
                       pad_token_id=PAD),
    "electra": SHAPE | dict(embedding_size=20, pad_token_id=PAD),
    "xlm-roberta": SHAPE | dict(pad_token_id=PAD),
    "gpt2": dict(vocab_size=len(TOKENS), n_embd=32, n_layer=2, n_head=4, n_positions=64, initializer_range=0.3),
}


def write_tokenizer(folder, template=None, **settings):
    """`template` is (single, pair) in the words of `tokenizers`, such as "<s> $A </s>"."""
    tokenizer = Tokenizer(models.BPE({token: i for i, token in enumerate(TOKENS)}, []))
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    if template:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=template[0], pair=template[1], special_tokens=[("<s>", 0), ("</s>", END)])
    tokenizer.save(str(folder / "tokenizer.json"))
    made = dict(tokenizer_class="PreTrainedTokenizerFast", pad_token="<pad>", eos_token="</s>") | settings
    (folder / "tokenizer_config.json").write_text(json.dumps(made))


def make(folder, family, head="classifier", seed=0, template=None, tokenizer=None, **changes):
    """A folder of random weights; `changes` go into the config that the model is made of."""
    folder = pathlib.Path(folder)
    torch.manual_seed(seed)
    config = AutoConfig.for_model(family, **SHAPES[family] | (dict(num_labels=3) if head == "classifier" else {}) | changes)
    auto = AutoModelForSequenceClassification if head == "classifier" else AutoModelForCausalLM
    auto.from_config(config).save_pretrained(folder)
    write_tokenizer(folder, template, **(tokenizer or {}))
    return folder


def edit(path, remove=(), **changes):
    """Changes keys of a JSON file."""
    path = pathlib.Path(path)
    values = {key: value for key, value in json.loads(path.read_text()).items() if key not in remove} | changes
    path.write_text(json.dumps(values, indent=1))


def predicted(folder, texts, columns=("text",), code=0):
    """The logits [B,C] that the tool gives, and its finished process."""
    rows = [text if isinstance(text, tuple) else (text,) for text in texts]
    data = pathlib.Path(folder).parent / "rows.jsonl"
    data.write_text("".join(json.dumps(dict(zip(columns, row))) + "\n" for row in rows))
    done = tool.run("predict", folder, "--text-columns", ",".join(columns), "--labels", "a,b,c", "--input", data,
                    "--output", data.with_name("out.jsonl"), code=code)
    if code != 0:
        return done
    return torch.tensor([line["logits"] for line in tool.json_lines(data.with_name("out.jsonl"))]), done
