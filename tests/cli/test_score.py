"""`hiddenkey score` prints the figures of the reference scripts, and says in one line what is wrong with its files."""

import gzip
import json
import pathlib
import tempfile
import unittest

import tool

CONFIG, DATA, IO = 2, 3, 7
E2E = tool.DATA / "e2e"
WEBNLG = tool.DATA / "webnlg" / "golden"


class Score(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, name, content):
        path = self.root / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def score(self, hypotheses, references, *arguments, task="e2e"):
        files = [item for path in hypotheses for item in ("--hyp", path)] + [item for path in references for item in ("--ref", path)]
        return json.loads(tool.run("score", "--task", task, *files, "--json", *arguments).stdout)

    def fails(self, code, hypotheses, references, *arguments, task="e2e"):
        files = [item for path in hypotheses for item in ("--hyp", path)] + [item for path in references for item in ("--ref", path)]
        return tool.error_line(tool.run("score", "--task", task, *files, *arguments, code=code))

    @tool.needs(E2E)
    def test_the_figures_of_two_systems_and_their_difference(self):
        systems = [E2E / "system_outputs" / f"tgen-std.run{i}.txt" for i in (0, 1)]
        result = self.score(systems, [E2E / "testset_w_refs.csv"])
        self.assertEqual(result["segments"], 630)
        expected = ({"BLEU": 0.6616, "NIST": 8.5446, "ROUGE-L": 0.6914, "CIDEr": 2.2312},
                    {"BLEU": 0.6566, "NIST": 8.4679, "ROUGE-L": 0.6900, "CIDEr": 2.2204})
        for system, figures in zip(result["systems"], expected):
            for name, value in figures.items():
                self.assertAlmostEqual(system["metrics"][name], value, delta=5.1e-5)
            self.assertEqual(list(system["metrics"]), ["BLEU", "NIST", "METEOR", "ROUGE-L", "CIDEr"])
        self.assertNotIn("against_first", result["systems"][0])
        against = result["systems"][1]["against_first"]["BLEU"]
        self.assertAlmostEqual(against["difference"], 0.6566 - 0.6616, delta=1e-4)
        self.assertLess(against["interval"][0], against["difference"])
        self.assertGreater(against["interval"][1], against["difference"])
        self.assertTrue(0.01 < against["p_value"] < 0.5)
        self.assertEqual(result, self.score(systems, [E2E / "testset_w_refs.csv"]))
        other = self.score(systems, [E2E / "testset_w_refs.csv"], "--seed", 1)
        self.assertEqual(other["systems"][0], result["systems"][0])
        self.assertNotEqual(other["systems"][1], result["systems"][1])

    @tool.needs(WEBNLG)
    def test_webnlgs_figures(self):
        result = self.score([WEBNLG / "hypothesis"], [WEBNLG / f"reference{i}" for i in range(4)], task="webnlg")
        metrics = result["systems"][0]["metrics"]
        self.assertEqual(list(metrics), ["BLEU", "METEOR", "TER", "corpus TER", "chrF++"])
        for name, value in {"BLEU": 51.3190, "TER": 0.4824, "corpus TER": 64.4871, "chrF++": 54.3428}.items():
            self.assertAlmostEqual(metrics[name], value, delta=5.1e-5)
        self.assertEqual(result["notes"]["METEOR"], "without paraphrases")
        self.assertAlmostEqual(metrics["METEOR"], 0.3178214, places=7)
        self.assertIn("BLEU", result["notes"])

    def test_the_forms_of_references_and_hypotheses_agree(self):
        lines = self.write("h.txt", "The Mill is a pub .\nCotto serves food .\n")
        objects = self.write("h.jsonl", '{"text": "The Mill is a pub ."}\n{"id": "2", "text": "Cotto serves food ."}\n')
        table = self.write("r.csv", 'mr,ref\n"name[The Mill], x[y]","The Mill, a pub."\nname[Cotto],Cotto serves food.\n'
                                    '"name[The Mill], x[y]",The Mill is a cheap pub.\n')
        pairs = self.write("r.txt", "name : The Mill||The Mill, a pub.\nname : The Mill||The Mill is a cheap pub.\nname : Cotto||Cotto serves food.\n")
        blocks = self.write("blocks.txt", "The Mill, a pub.\nThe Mill is a cheap pub.\n\nCotto serves food.\n")
        results = [self.score([hypotheses], [references])["systems"][0]["metrics"]
                   for hypotheses in (lines, objects) for references in (table, pairs, blocks)]
        self.assertGreater(results[0]["CIDEr"], 0)
        self.assertTrue(all(result == results[0] for result in results))

    def test_a_table_for_people(self):
        hypotheses, references = self.write("h.txt", "a b c d e\n"), self.write("r.txt", "a b c d e\n")
        out = tool.run("score", "--task", "e2e", "--hyp", hypotheses, "--hyp", hypotheses, "--ref", references).stdout.splitlines()
        self.assertEqual(out[0].split()[:3], ["system", "BLEU", "NIST"])
        self.assertEqual(out[1].split()[:2], [str(hypotheses), "1.0000"])
        self.assertIn("p-value of the difference from", out[4])
        self.assertEqual(out[5].split()[:2], [str(hypotheses), "1.0000"])

    def test_numbers_of_texts_that_differ(self):
        hypotheses, references = self.write("h.txt", "a\nb\nc\n"), self.write("r.txt", "a\nb\n")
        self.assertIn("h.txt:3: has 3 texts, and there are references for 2 inputs", self.fails(DATA, [hypotheses], [references]))
        longer = self.write("r2.txt", "a\nb\nc\nd\n")
        self.assertIn("h.txt:3: has 3 texts, and there are references for 4 inputs", self.fails(DATA, [hypotheses], [longer]))
        self.assertIn("ends here", self.fails(DATA, [hypotheses], [longer, references], task="webnlg"))

    def test_files_that_are_empty_missing_or_of_another_kind(self):
        good, empty = self.write("h.txt", "a\n"), self.write("empty.txt", "")
        self.assertIn("empty.txt: holds no text", self.fails(DATA, [empty], [good]))
        self.assertIn("empty.txt: holds no text", self.fails(DATA, [good], [empty]))
        self.assertIn("none.txt", self.fails(DATA, [self.root / "none.txt"], [good]))
        self.assertIn("has no column \"ref\"", self.fails(DATA, [good], [self.write("r.csv", "mr,text\na,b\n")]))
        self.assertIn("r.txt:2: has no ||", self.fails(DATA, [good], [self.write("r.txt", "a||b\nc\n")]))
        self.assertIn("h.jsonl:1: ", self.fails(DATA, [self.write("h.jsonl", "a\n")], [good]))

    def test_meteor_takes_a_table_of_paraphrases(self):
        hypotheses, references = self.write("h.txt", "a cheap pub\n"), self.write("r.txt", "an inexpensive pub\n")
        table = self.write("paraphrases.gz", gzip.compress(b"0.5\nan inexpensive\na cheap\n"))
        for task in ("e2e", "webnlg"):
            without = self.score([hypotheses], [references], task=task)
            result = self.score([hypotheses], [references], "--meteor-data", table, task=task)
            self.assertGreater(result["systems"][0]["metrics"]["METEOR"], without["systems"][0]["metrics"]["METEOR"])
            self.assertNotIn("METEOR", result.get("notes", {}))

    def test_a_table_of_paraphrases_that_is_none(self):
        files = [self.write("h.txt", "a\n")], [self.write("r.txt", "a\n")]
        for content, reason in ((b"x\n", ":1: expected a probability"), (b"", ": is empty"), (b"0.1\na\n", ":1: expected"),
                                (gzip.compress(b"0.1\na\nb\n" * 9999)[:50], "")):
            table = self.write("table.gz", content)
            self.assertIn(f"table.gz{reason}", self.fails(DATA, *files, "--meteor-data", table))
        self.assertIn("none.gz", self.fails(IO, *files, "--meteor-data", self.root / "none.gz"))
        self.assertIn("is a folder", self.fails(IO, *files, "--meteor-data", self.root))

    def test_invalid_utf8_is_taken(self):
        self.score([self.write("h.txt", b"caf\xe9 \xff\n")], [self.write("r.txt", "café\n")])

    def test_wrong_usage(self):
        good = self.write("h.txt", "a\n")
        self.assertIn("several are given", self.fails(CONFIG, [good], [good, good]))
        self.assertIn("--task", self.fails(CONFIG, [good], [good], task="e2f"))
        self.assertIn("--resamples", self.fails(CONFIG, [good], [good], "--resamples", 0))
        self.assertIn("hiddenkey score --task e2e", tool.run("score", "--help").stdout)


if __name__ == "__main__":
    unittest.main()
