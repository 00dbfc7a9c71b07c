#!/usr/bin/env python3
"""Prints sacreBLEU's TER and chrF++ of small odd corpora, which tests/unit/score/{ter,chrf}_test.cpp hold.

Needs sacrebleu (the numbers in the tests are of 2.x); run it with the Python of scripts/setup.sh --references.
"""

from sacrebleu.metrics import CHRF, TER

# Hypotheses, and streams of references: one text of each stream belongs to a hypothesis.
CORPORA = {
    "empty hypothesis": ([""], [["a b c"]]),
    "repeated words": (["the the the the cat"], [["the cat sat on the mat the end"]]),
    "one shift": (["d e a b c"], [["a b c d e"]]),
    "two shifts": (["e f g x c d y a b"], [["a b x c d y e f g"]]),
    "shift and edits": (
        ["This week the Saudis denied information published in the New York Times"],
        [["Saudi Arabia denied this week information published in the American New York Times"]],
    ),
    "much shorter hypothesis": (["w"], [[" ".join(f"w{i}" for i in range(60)) + " w"]]),
    "two references": (["b a c", "x (hi) y, z!"], [["a b c", "x (hi) z y."], ["c d", "hi! x y"]]),
}


def main():
    for name, (hypotheses, references) in CORPORA.items():
        ter = TER().corpus_score(hypotheses, references).score
        chrf = CHRF(word_order=2).corpus_score(hypotheses, references).score
        print(f"{name}: TER {ter!r}, chrF++ {chrf!r}")


if __name__ == "__main__":
    main()
