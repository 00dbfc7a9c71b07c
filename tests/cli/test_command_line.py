"""What the program says to command lines that are none, and that all it prints is written or an error."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import tiny
import tool


def said(*arguments, code=2):
    return tool.error_line(tool.run(*arguments, code=code))


class CommandLine(unittest.TestCase):
    def test_a_word_that_is_no_command_gets_the_line_that_helps(self):
        self.assertEqual(said("trian"), 'error: "trian" is no command (did you mean "train"?); see hiddenkey --help')
        self.assertIn("hiddenkey --help, or hiddenkey COMMAND --help", said("help"))
        self.assertIn("COMMAND --help", said("help", "train"))
        self.assertIn("hiddenkey --version shows it", said("version"))
        self.assertIn("hiddenkey --version shows it", said("-V"))
        self.assertIn('"--frob" is no option; see hiddenkey --help', said("--frob"))
        self.assertIn("see hiddenkey --help", said())

    def test_config_keys_given_as_options_are_shown_as_overrides(self):
        self.assertIn("which is given as training.seed=1", said("train", "x.yaml", "--training.seed", "1"))
        self.assertIn("which is given as training.weight_decay=0.1", said("train", "x.yaml", "--weight-decay=0.1"))
        self.assertIn("which is given as training.learning_rate=0.1", said("eval", "run", "--learning-rate", "0.1"))
        self.assertIn('"--resum" is no option of train (did you mean "--resume"?)', said("train", "x.yaml", "--resum"))
        self.assertIn('"--seed" is no option of merge', said("merge", "run", "-o", "out", "--seed", "1"))

    def test_an_option_that_is_a_list_leaves_overrides_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            model = tiny.make_model(folder / "model")
            for command in (["eval", model, "--task", "classification"], ["predict", model, "-i", "-", "-o", "-"]):
                for lists in (["--labels", "a,b"], ["--text-columns", "sentence"]):
                    done = tool.run(*command, *lists, "task.nonsense=1", code=None, stdin="")
                    self.assertEqual(done.returncode, 2, done.stderr)
                    self.assertIn("task.nonsense", done.stderr)

    @unittest.skipUnless(pathlib.Path("/dev/full").exists(), "/dev/full is not there")
    def test_what_cannot_be_written_is_an_error(self):
        for command in (["--help"], ["train", "--help"], ["--version"], ["schema"], ["completion", "bash"]):
            with open("/dev/full", "w") as full:
                done = subprocess.run([tool.TOOL, *command], stdout=full, stderr=subprocess.PIPE, text=True)
            self.assertEqual(done.returncode, 7, command)
            self.assertIn("cannot be written to stdout: No space left", done.stderr)

    def test_a_reader_that_has_gone_is_no_error(self):
        done = subprocess.run(["bash", "-c", f"'{tool.TOOL}' schema | head -c 10; exit ${{PIPESTATUS[0]}}"], capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_closed_files_are_not_taken_for_others(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            model = tiny.make_model(folder / "model")
            task = tiny.make_task(folder / "task", train=16, dev=8)
            config = tiny.config(folder, model, task, training={"max_steps": 2}, output_dir=str(folder / "run"))
            script = f"'{tool.TOOL}' train '{config}' 0<&- 1>&- 2>&-"
            done = subprocess.run(["bash", "-c", script])
            self.assertEqual(done.returncode, 7, "the line with the result cannot be written")
            for path in (folder / "run").rglob("*"):
                if path.is_file() and path.name != "log.txt":
                    self.assertNotIn(b"warning:", path.read_bytes(), path)
            for line in (folder / "run" / "metrics.jsonl").read_text().splitlines():
                self.assertTrue(line.startswith("{"), line)

    def test_control_characters_of_files_do_not_reach_the_terminal(self):
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder) / "bad.yaml"
            config.write_text('"tr\\e[31maining\\nerror: forged": 1\n')
            done = tool.run("validate", config, code=2)
            self.assertNotIn("\x1b", done.stderr)
            self.assertFalse([line for line in done.stderr.splitlines() if line.startswith("error: forged")], done.stderr)
            done = tool.run("inspect", os.path.join(folder, "no\x1b[31m\nerror: forged"), code=None)
            self.assertNotIn("\x1b", done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1)


if __name__ == "__main__":
    unittest.main()
