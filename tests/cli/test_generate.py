"""`generate` reads prompts from a file, stdin or a terminal, and writes one JSON object a candidate."""

import json
import os
import pathlib
import pty
import subprocess
import tempfile
import unittest

import tiny
import tiny_decoder
import tool


class Generate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.root = pathlib.Path(cls.folder.name)
        cls.model = tiny_decoder.make_decoder(cls.root / "model")
        cls.prompts = ["The food", "a", "name[Aromi], near the river", "b c"]
        cls.text = cls.root / "prompts.txt"
        cls.text.write_text("\n".join(cls.prompts) + "\n")

    def generate(self, *arguments, stdin=None, most=8):
        done = tool.run("generate", self.model, "--max-new-tokens", most, *arguments, stdin=stdin)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def failure(self, *arguments, code, stdin="a\n"):
        return tool.error_line(tool.run("generate", self.model, *arguments, stdin=stdin, code=code))

    def test_one_object_a_prompt_in_their_order(self):
        rows = self.generate("--input", self.text)
        self.assertEqual([row["prompt"] for row in rows], self.prompts)
        self.assertEqual(set(rows[0]), {"prompt", "text", "tokens", "score", "finish"})
        for row in rows:
            self.assertEqual("".join(chr(32 + token) for token in row["tokens"]), row["text"])
            self.assertLess(row["score"], 0)

    def test_text_jsonl_stdin_and_file_say_the_same(self):
        rows = self.generate("--input", self.text)
        jsonl = "".join(json.dumps({"prompt": prompt}) + "\n" for prompt in self.prompts)
        (self.root / "prompts.jsonl").write_text(jsonl)
        self.assertEqual(self.generate("--input", self.root / "prompts.jsonl"), rows)
        self.assertEqual(self.generate("--format", "jsonl", stdin=jsonl), rows)
        self.assertEqual(self.generate(stdin=self.text.read_text()), rows)
        out = self.root / "out.jsonl"
        self.assertEqual(self.generate("--input", self.text, "--output", out), [])
        self.assertEqual(tool.json_lines(out), rows)

    def test_the_batch_changes_nothing(self):
        for options in ((), ("--num-beams", 4, "--num-return-sequences", 2), ("--top-k", 20, "--temperature", 0.8, "--num-return-sequences", 3)):
            together = self.generate("--input", self.text, *options)
            apart = self.generate("--input", self.text, "--batch-size", 1, *options)
            self.assertEqual([row["tokens"] for row in together], [row["tokens"] for row in apart])

    def test_the_config_says_what_flags_do_not(self):
        keys = ("generation.num_beams=4", "generation.length_penalty=0.5", "generation.early_stopping=true")
        beams = self.generate("--input", self.text, "--num-beams", 4, "--length-penalty", 0.5, "--early-stopping")
        self.assertEqual(self.generate("--input", self.text, *keys), beams)
        self.assertNotEqual(self.generate("--input", self.text), beams)
        self.assertEqual(self.generate("--input", self.text, *keys, "--num-beams", 1), self.generate("--input", self.text))
        self.assertEqual(self.generate("--input", self.text, *keys, "--seed", 3), self.generate("--input", self.text, "--seed", 3))

    def test_samples_are_a_function_of_the_seed(self):
        sample = lambda seed: [row["text"] for row in self.generate("--input", self.text, "--seed", seed)]
        self.assertEqual(sample(1), sample(1))
        self.assertNotEqual(sample(1), sample(2))
        greedy = self.generate("--input", self.text)
        self.assertEqual(self.generate("--input", self.text, "--temperature", 0, "--seed", 5), greedy)

    def test_a_stop_string_cuts_the_text(self):
        text = self.generate(stdin="The food\n")[0]["text"]
        stop = text[3:5]
        row = self.generate("--stop", stop, stdin="The food\n")[0]
        self.assertEqual(row["text"], text[:text.index(stop)])
        self.assertEqual(row["finish"], "stop")

    def test_the_context_ends_a_text(self):
        row = self.generate(stdin="abc\n", most=1000)[0]
        self.assertLessEqual(3 + len(row["tokens"]), tiny_decoder.CONTEXT)
        self.assertIn(row["finish"], ("context", "end"))

    def test_errors_name_what_is_wrong(self):
        self.assertIn("prompt 2: its 48 tokens leave no room", self.failure(stdin="a\n" + "x" * 48 + "\n", code=3))
        self.assertIn("(and 2 more)", self.failure(stdin="a\n" + ("x" * 48 + "\n") * 3, code=3))
        self.assertIn("num_beams: 97 are more than the 96 tokens", self.failure("--num-beams", 97, code=2))
        self.assertIn("top_p: 1.5 is not in (0, 1]", self.failure("--top-p", 1.5, code=2))
        self.assertIn("temperature: -1 is no finite number", self.failure("--temperature", -1, code=2))
        self.assertIn("length_penalty: ranks the beams", self.failure("--length-penalty", 0.5, code=2))
        self.assertIn("num_return_sequences: 2", self.failure("--num-return-sequences", 2, code=2))
        self.assertIn("holds no prompt", self.failure(stdin="", code=3))
        self.assertIn("prompt", self.failure("--format", "jsonl", stdin='{"text": "a"}\n', code=3))
        encoder = tiny.make_model(self.root / "encoder")
        tool.error_line(tool.run("generate", encoder, stdin="a\n", code=4))

    def test_a_terminal_is_asked_line_by_line(self):
        expected = [self.generate(stdin=line + "\n")[0]["text"] for line in ("The food", "a")]
        ours, theirs = pty.openpty()
        process = subprocess.Popen([tool.TOOL, "generate", str(self.model), "--max-new-tokens", "8"], stdin=theirs,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        os.write(ours, b"The food\na\n\x04")
        out, err = process.communicate(timeout=120)
        os.close(ours)
        os.close(theirs)
        self.assertEqual((process.returncode, out.splitlines()), (0, expected), err)


if __name__ == "__main__":
    unittest.main()
