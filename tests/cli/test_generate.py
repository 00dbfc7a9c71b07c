"""`generate` reads prompts from a file, stdin or a terminal, and writes one JSON object a candidate."""

import contextlib
import json
import os
import pathlib
import pty
import select
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
        for options in ((), ("--num-beams", 4, "--num-return-sequences", 2), ("--sample", "--top-k", 20, "--temperature", 0.8, "--num-return-sequences", 3)):
            together = self.generate("--input", self.text, *options)
            apart = self.generate("--input", self.text, "--batch-size", 1, *options)
            self.assertEqual([row["tokens"] for row in together], [row["tokens"] for row in apart])

    def test_the_config_says_what_flags_do_not(self):
        keys = ("generation.num_beams=4", "generation.length_penalty=0.5", "generation.early_stopping=true")
        beams = self.generate("--input", self.text, "--num-beams", 4, "--length-penalty", 0.5, "--early-stopping")
        self.assertEqual(self.generate("--input", self.text, *keys), beams)
        self.assertNotEqual(self.generate("--input", self.text), beams)
        self.assertEqual(self.generate("--input", self.text, *keys, "--num-beams", 1), self.generate("--input", self.text))
        self.assertEqual(self.generate("--input", self.text, *keys, "--sample", "--seed", 3),
                         self.generate("--input", self.text, "--sample", "--seed", 3))

    def test_samples_are_a_function_of_the_seed(self):
        sample = lambda seed: [row["text"] for row in self.generate("--input", self.text, "--sample", "--seed", seed)]
        self.assertEqual(sample(1), sample(1))
        self.assertNotEqual(sample(1), sample(2))

    def test_whether_it_samples_is_said_and_not_guessed(self):
        for default in (("--temperature", 1), ("--top-k", 50), ("--top-p", 1), ("--seed", 42), ("generation.temperature=1",)):
            self.assertIn("has no effect without sampling; give --sample", self.failure(*default, code=2))
        greedy = self.generate("--input", self.text)
        sampled = self.generate("--input", self.text, "--sample")
        self.assertNotEqual(sampled, greedy)
        self.assertEqual(self.generate("--input", self.text, "generation.do_sample=true"), sampled)
        self.assertEqual(self.generate("--input", self.text, "generation.do_sample=true", "--no-sample"), greedy)
        self.assertEqual(self.generate("--input", self.text, "generation.do_sample=true", "--num-beams", 2),
                         self.generate("--input", self.text, "--num-beams", 2))
        self.assertIn("beams are searched and not sampled", self.failure("--sample", "--num-beams", 2, code=2))

    def test_prompts_can_be_given_as_options(self):
        options = [part for prompt in self.prompts for part in ("--prompt", prompt)]
        self.assertEqual(self.generate(*options, "generation.num_beams=2"), self.generate("--input", self.text, "--num-beams", 2))
        tool.run("generate", self.model, "--prompt", "a", "--input", self.text, code=2)

    def test_a_text_file_has_a_text_a_line(self):
        out = self.root / "out.txt"
        self.generate("--input", self.text, "--output", out, "--num-beams", 2, "--num-return-sequences", 2)
        rows = self.generate("--input", self.text, "--num-beams", 2, "--num-return-sequences", 2)
        self.assertEqual(out.read_text().split("\n"), [row["text"] for row in rows] + [""])

    def test_a_very_negative_length_penalty_loses_no_prompt(self):
        for penalty in (-5, -40):
            rows = self.generate("--input", self.text, "--num-beams", 3, "--length-penalty", penalty, most=30)
            self.assertEqual([row["prompt"] for row in rows], self.prompts)

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
        self.assertIn("top_p: 1.5 is not in (0, 1]", self.failure("--sample", "--top-p", 1.5, code=2))
        self.assertIn("temperature: -1 is no finite number", self.failure("--sample", "--temperature", -1, code=2))
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

    def test_a_line_at_a_terminal_can_be_edited(self):
        expected = self.generate(stdin="The food\n")[0]["text"]
        ours, theirs = pty.openpty()
        process = subprocess.Popen([tool.TOOL, "generate", str(self.model), "--max-new-tokens", "8"], stdin=theirs,
                                   stdout=subprocess.PIPE, stderr=theirs, env={**os.environ, "TERM": "xterm"})
        os.close(theirs)
        shown = b""

        def wait_for(part):
            nonlocal shown
            while part not in shown:
                self.assertTrue(select.select([ours], [], [], 120)[0], f"{part} never came; last were {shown}")
                shown += os.read(ours, 65536)
            shown = shown[shown.index(part) + len(part):]

        wait_for(b"Ctrl-D on an empty line leaves")
        wait_for(b"\n> ")
        os.write(ours, b"The fxod\x1b[D\x1b[D\x7fo\x05\n")  # the arrows, backspace and Ctrl-E work
        first = process.stdout.readline()
        wait_for(b"\n> ")
        os.write(ours, b"\x1b[A\n")  # the arrow up brings the line back
        second = process.stdout.readline()
        wait_for(b"The food\r\n> ")
        os.write(ours, b"\x04")
        with contextlib.suppress(OSError):  # how Linux tells that nobody writes any more
            while os.read(ours, 65536):
                pass
        self.assertEqual(process.wait(timeout=120), 0)
        process.stdout.close()
        os.close(ours)
        self.assertEqual([first.decode(), second.decode()], [expected + "\n"] * 2)


if __name__ == "__main__":
    unittest.main()
