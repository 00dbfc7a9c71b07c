"""METEOR 1.5 itself, over the systems of E2E and WebNLG: the figures in tests/unit/score/{e2e,webnlg}_test.cpp.

    pip download --no-deps pycocoevalcap==1.2
    python scripts/make_meteor_goldens.py pycocoevalcap-1.2-py3-none-any.whl DATA

DATA has e2e and webnlg. The wheel (sha256 083ed791...) brings METEOR, its paraphrases and Stanford's tokenizer, which need
Java (17.0.15 here). Each figure is printed twice: without paraphrases, and with them.
"""

import csv
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

PUNCTUATION = {"''", "'", "``", "`", "-LRB-", "-RRB-", "-LCB-", "-RCB-", ".", "?", "!", ",", ":", "-", "--", "...", ";"}
EXACT_STEM_SYNONYM = ["-m", "exact stem synonym", "-w", "1.0 0.6 0.8"]


def lines(path):
    return path.read_text(encoding="utf-8").rstrip("\n").split("\n")


def penn_treebank(tools, texts):
    command = ["java", "-cp", str(tools / "tokenizer/stanford-corenlp-3.4.1.jar"),
               "edu.stanford.nlp.process.PTBTokenizer", "-preserveLines", "-lowerCase"]
    done = subprocess.run(command, input="\n".join(texts).encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=True)
    return [" ".join(word for word in line.split() if word not in PUNCTUATION)
            for line in done.stdout.decode().split("\n")[:len(texts)]]


def webnlg_words(texts):
    return [" ".join(re.findall(r"\w+|[^\w\s]", text.lower())) for text in texts]


def meteor(tools, hypotheses, references, options):
    command = ["java", "-Xmx2G", "-jar", str(tools / "meteor/meteor-1.5.jar"), "-", "-", "-stdio", "-l", "en", "-norm"]
    process = subprocess.Popen(command + options, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True, encoding="utf-8")

    def ask(line):
        process.stdin.write(line + "\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    counts = [ask(" ||| ".join(["SCORE", *of_one, text])) for text, of_one in zip(hypotheses, references)]
    ask(" ||| ".join(["EVAL", *counts]))
    for _ in counts[1:]:
        process.stdout.readline()
    return process.stdout.readline().strip()


def report(tools, name, tokenize, hypotheses, references):
    words = iter(tokenize([text for of_one in references for text in of_one]))
    parted = [[next(words) for _ in of_one] for of_one in references]
    for options in (EXACT_STEM_SYNONYM, []):
        print(name, "with paraphrases" if not options else "without", meteor(tools, tokenize(hypotheses), parted, options))


def main(wheel, data):
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(wheel).extractall(folder)
        tools, e2e, webnlg = pathlib.Path(folder) / "pycocoevalcap", data / "e2e", data / "webnlg" / "golden"
        of_input = {}
        for row in csv.DictReader((e2e / "testset_w_refs.csv").open(encoding="utf-8")):
            of_input.setdefault(row["mr"], []).append(row["ref"])
        for run in (0, 1):
            report(tools, f"E2E run{run}", lambda texts: penn_treebank(tools, texts),
                   lines(e2e / "system_outputs" / f"tgen-std.run{run}.txt"), list(of_input.values()))
        blocks = (e2e / "golden/devel-conc.txt").read_text(encoding="utf-8").strip().split("\n\n")
        report(tools, "E2E baseline", lambda texts: penn_treebank(tools, texts), lines(e2e / "golden/baseline-output.txt"),
               [block.split("\n") for block in blocks])
        columns = [(webnlg / f"reference{i}").read_text(encoding="utf-8").split("\n") for i in range(4)]
        hypotheses = (webnlg / "hypothesis").read_text(encoding="utf-8").split("\n")
        report(tools, "WebNLG", webnlg_words, hypotheses, [[text for text in row if text.strip()] for row in zip(*columns)])


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]))
