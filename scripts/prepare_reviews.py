#!/usr/bin/env python3
"""Makes demo/train.tsv and demo/dev.tsv from the movie-review sentences of Hutto and Gilbert (ICWSM 2014).

    prepare_reviews.py VADER_SOURCE_PACKAGE FOLDER

The source package holds an archive with the sentences and the mean of 20 people's ratings, from -4 to 4. A sentence rated
above 1 is positive, below -1 negative; what lies between is left out. One in six, by a hash of its text, is for
validation. Prints the share of the larger class in it, the score of a guess that ignores the text.
"""

import hashlib
import io
import pathlib
import sys
import tarfile

CLEAR = 1.0


def sentences(package):
    with tarfile.open(package) as outer:
        name = next(name for name in outer.getnames() if name.endswith("hutto_ICWSM_2014.tar.gz"))
        with tarfile.open(fileobj=io.BytesIO(outer.extractfile(name).read())) as inner:
            name = next(name for name in inner.getnames() if name.endswith("movieReviewSnippets_GroundTruth.txt") and "/._" not in name)
            text = inner.extractfile(name).read().decode("utf-8", "replace")
    for line in text.splitlines():
        fields = line.split("\t")
        if len(fields) == 3:
            yield float(fields[1]), " ".join(fields[2].split())


def main():
    package, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    splits = {"train": [], "dev": []}
    for rating, text in sentences(package):
        if abs(rating) > CLEAR and text:
            split = "dev" if hashlib.sha256(text.encode()).digest()[0] % 6 == 0 else "train"
            splits[split].append((text, "positive" if rating > 0 else "negative"))
    for split, rows in splits.items():
        lines = ["sentence\tlabel", *(f"{text}\t{label}" for text, label in rows)]
        (folder / f"{split}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    labels = [label for _, label in splits["dev"]]
    print(f"{len(splits['train'])} sentences to train on, {len(labels)} to validate; "
          f"always guessing the larger class scores {max(map(labels.count, set(labels))) / len(labels):.3f}")


main()
