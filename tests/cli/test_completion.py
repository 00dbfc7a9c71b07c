"""The completion scripts, each in its own shell, and the manual pages."""

import os
import pty
import re
import select
import shutil
import subprocess
import tempfile
import time
import unittest

import tool


def needs(shell):
    return unittest.skipUnless(shutil.which(shell), f"{shell} is not there")


class Bash(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.script = tool.run("completion", "bash").stdout

    def completed(self, *words):
        """What the registered function makes of the words, of which the last is completed."""
        shown = " ".join(f"'{word}'" for word in words)
        call = f"""{self.script}
set -- $(complete -p hiddenkey); while [[ $1 != -F ]]; do shift; done
COMP_WORDS=({shown}); COMP_CWORD={len(words) - 1}; "$2"; printf '%s\\n' "${{COMPREPLY[@]}}" """
        done = subprocess.run(["bash", "--norc", "-c", call], capture_output=True, text=True, check=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_commands(self):
        self.assertEqual(self.completed("hiddenkey", "tr"), ["train"])
        self.assertIn("completion", self.completed("hiddenkey", ""))
        self.assertNotIn("man", self.completed("hiddenkey", ""))

    def test_options_and_their_choices(self):
        self.assertEqual(self.completed("hiddenkey", "train", "--res"), ["--resume"])
        self.assertEqual(self.completed("hiddenkey", "predict", "--format", "j"), ["jsonl"])
        self.assertEqual(self.completed("hiddenkey", "train", "--log-level", "w"), ["warning"])
        self.assertEqual(self.completed("hiddenkey", "completion", "f"), ["fish"])
        self.assertEqual(self.completed("hiddenkey", "predict", "run", "--input", "dropout"), [], "a file")

    def test_config_keys_and_their_choices(self):
        self.assertEqual(self.completed("hiddenkey", "train", "c.yaml", "dropout.sch"), ["dropout.scheme="])
        # This is how bash cuts dropout.scheme=hiddenk.
        self.assertEqual(self.completed("hiddenkey", "train", "c.yaml", "dropout.scheme", "=", "hiddenk"), ["hiddenkey-", "hiddenkey"])
        self.assertIn("hiddencut", self.completed("hiddenkey", "train", "c.yaml", "dropout.scheme", "="))
        self.assertEqual(self.completed("hiddenkey", "train", "c.yaml", "lora.use_rslora", "=", "t"), ["true"])
        self.assertEqual(self.completed("hiddenkey", "merge", "run", "dropout.sch"), [], "merge takes no keys")

    def test_each_option_of_each_help_is_completed(self):
        for command in self.completed("hiddenkey", ""):
            if command.startswith("-"):
                continue
            shown = set(re.findall(r"(?<=[ ,])--[a-z-]+", tool.run(command, "--help").stdout.split("Example:")[0]))
            self.assertLessEqual(shown, set(self.completed("hiddenkey", command, "--")), command)


@needs("fish")
class Fish(unittest.TestCase):
    def completed(self, line):
        call = f"'{tool.TOOL}' completion fish | source; complete -C '{line}'"
        done = subprocess.run(["fish", "--no-config", "-c", call], capture_output=True, text=True, check=True)
        self.assertEqual(done.stderr, "")
        return [shown.split("\t")[0] for shown in done.stdout.splitlines()]

    def test_commands_options_choices_and_keys(self):
        self.assertEqual(self.completed("hiddenkey tra"), ["train"])
        self.assertEqual(self.completed("hiddenkey train --resu"), ["--resume"])
        self.assertEqual(self.completed("hiddenkey predict --format j"), ["jsonl"])
        self.assertIn("dropout.scheme=hiddencut", self.completed("hiddenkey train c.yaml dropout.scheme="))
        self.assertEqual(self.completed("hiddenkey train c.yaml training.max_le"), ["training.max_length="])


@needs("zsh")
class Zsh(unittest.TestCase):
    def completed(self, line):
        """Types the line and a tab in a real zsh, and gives the line as it then stands."""
        with tempfile.TemporaryDirectory() as folder:
            script = os.path.join(folder, "completion.zsh")
            with open(script, "w") as file:
                file.write(tool.run("completion", "zsh").stdout)
            process, terminal = pty.fork()
            if process == 0:
                os.environ.update(TERM="dumb", PS1="% ", HOME=folder)
                os.execlp("zsh", "zsh", "-f", "-i")
            try:
                os.write(terminal, f"stty -echo; autoload -U compinit; compinit -u; source {script}; PS1=; echo re''ady\n".encode())
                self.read_until(terminal, "ready\r\n")
                os.write(terminal, f"\x15show() {{ print -r -- \"<$BUFFER>\"; BUFFER=; }}; zle -N show; bindkey '^G' show; echo se''t\n".encode())
                self.read_until(terminal, "set\r\n")
                os.write(terminal, line.encode() + b"\t\x07")
                return re.findall(r"<([^>]*)>", self.read_until(terminal, ">"))[-1]
            finally:
                os.write(terminal, b"\x15exit\n")
                os.close(terminal)
                os.waitpid(process, 0)

    def read_until(self, terminal, end):
        text, last = "", time.monotonic() + 20
        while end not in text:
            self.assertTrue(select.select([terminal], [], [], max(0, last - time.monotonic()))[0], f"zsh says {text!r}")
            text += os.read(terminal, 65536).decode(errors="replace")
        return text

    def test_commands_options_choices_and_keys(self):
        self.assertEqual(self.completed("hiddenkey tra"), "hiddenkey train ")
        self.assertEqual(self.completed("hiddenkey train --resu"), "hiddenkey train --resume ")
        self.assertEqual(self.completed("hiddenkey predict --format cs"), "hiddenkey predict --format csv ")
        self.assertEqual(self.completed("hiddenkey train c.yaml dropout.sche"), "hiddenkey train c.yaml dropout.scheme=")
        self.assertEqual(self.completed("hiddenkey train c.yaml dropout.scheme=hiddenc"), "hiddenkey train c.yaml dropout.scheme=hiddencut ")


class Manual(unittest.TestCase):
    def test_pages_hold_what_the_help_says(self):
        page = tool.run("man", "train").stdout
        for text in (".TH hiddenkey-train 1", "hiddenkey train [OPTIONS] CONFIG [key=value ...]", "\\-\\-resume", ".SH NAME"):
            self.assertIn(text, page)
        self.assertIn("hiddenkey\\-predict", tool.run("man").stdout)
        self.assertIn('"tain" is no command', tool.error_line(tool.run("man", "tain", code=2)))

    @needs("man")
    def test_pages_are_taken_by_man_without_a_complaint(self):
        for name in ("", "train", "predict", "score", "completion"):
            page = tool.run("man", *([name] if name else [])).stdout
            done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-"], input=page, capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""), name)


if __name__ == "__main__":
    unittest.main()
