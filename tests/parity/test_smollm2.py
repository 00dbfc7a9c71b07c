"""A pretrained decoder writes what it writes in Transformers, id for id: greedy, and by the paper's beam search."""

import json
import unittest

import smollm2
import tool


@tool.needs(smollm2.MODEL)
@tool.needs(smollm2.E2E)
class SmolLM2(unittest.TestCase):
    def check(self, name, most_different):
        prompts, expected = smollm2.prompts(), json.loads(smollm2.GOLDEN.read_text())[name]
        flags = [item for key, value in smollm2.SEARCHES[name].items() for item in ("--" + key.replace("_", "-"), value)]
        lines = "".join(json.dumps({"prompt": prompt}) + "\n" for prompt in prompts)
        done = tool.run("generate", smollm2.MODEL, "--format", "jsonl", "--max-new-tokens", smollm2.NEW_TOKENS, *flags, stdin=lines)
        found = {row["prompt"]: row["tokens"] for row in map(json.loads, done.stdout.splitlines())}
        different = [prompt for prompt, tokens in zip(prompts, expected) if found[prompt] != tokens]
        self.assertLessEqual(len(different), most_different, different)

    # On the machine that made the golden file none differs; where two tokens are as good as equal to float32, another
    # machine's rounding may choose the other.
    def test_greedy_search(self):
        self.check("greedy", 1)

    def test_beam_search(self):
        self.check("beams", 3)


if __name__ == "__main__":
    unittest.main()
