"""`recipes` lists the configs that come with the program, and prints one that can be edited and run."""

import pathlib
import tempfile
import unittest

import tool


class Recipes(unittest.TestCase):
    def test_each_file_is_listed_with_what_it_is(self):
        names = {str(path.relative_to(tool.SOURCE / "configs").with_suffix("")) for path in (tool.SOURCE / "configs").rglob("*.yaml")}
        lines = tool.run("recipes").stdout.splitlines()
        self.assertEqual({line.split()[0] for line in lines}, names)
        self.assertEqual(lines, sorted(lines))
        self.assertRegex("\n".join(lines), r"glue/rte +RTE with HiddenKey\. ")

    def test_a_printed_one_is_the_file_and_names_a_schema_that_is_there(self):
        with tempfile.TemporaryDirectory() as cache:
            text = tool.run("recipes", "glue/rte", env={"XDG_CACHE_HOME": cache}).stdout
            first, rest = text.split("\n", 1)
            self.assertEqual(rest, (tool.SOURCE / "configs" / "glue" / "rte.yaml").read_text().split("\n", 1)[1])
            self.assertTrue(pathlib.Path(first.split("$schema=")[1]).is_file())
            (pathlib.Path(cache) / "rte.yaml").write_text(text)
            tool.run("validate", pathlib.Path(cache) / "rte.yaml")

    def test_a_printed_sweep_finds_its_base_from_anywhere(self):
        with tempfile.TemporaryDirectory() as folder:
            text = tool.run("recipes", "sweeps/schemes").stdout
            sweep = pathlib.Path(folder) / "schemes.yaml"
            sweep.write_text(text)
            shown = tool.run("sweep", "run", sweep, "--dry-run").stdout
            self.assertIn("40 trials of 8 cells", shown)

    def test_an_unknown_one_leads_to_the_list(self):
        line = tool.error_line(tool.run("recipes", "glue/rtee", code=2))
        self.assertIn('there is no recipe "glue/rtee" (did you mean "glue/rte"?)', line)
        self.assertIn("`hiddenkey recipes` lists them", line)


if __name__ == "__main__":
    unittest.main()
