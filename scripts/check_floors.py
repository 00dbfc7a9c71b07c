#!/usr/bin/env python3
"""A file of src/ includes only what is on its own floor or a lower one; the lowest floors know no tensor.

Prints each line that breaks that, as file:line, and exits 1. Files above 400 lines are named, but pass.
"""

import pathlib
import re
import sys

FLOORS = ["core", "config", "io", "text", "data", "score", "report", "kernels", "dropout", "nn", "model", "lora", "generate", "eval"]
FLOORS += ["train", "sweep", "cli", "commands"]
WITHOUT_TENSORS = {"core", "config", "text", "data", "score", "report", "sweep"}
LONG = 400
INCLUDE = re.compile(r'\s*#include\s+(?:"([a-z_]+)/[^"]+"|<((?:ATen|torch|c10)/[^>]+)>)')


def faults(source):
    for path in sorted(source.glob("*/**/*.[ch]*")):
        floor = path.relative_to(source).parts[0]
        where = path.relative_to(source.parent)
        if floor not in FLOORS:
            yield f"{where}:1: {floor}/ is no floor that this script knows"
            continue
        lines = path.read_text().splitlines()
        if len(lines) > LONG:
            print(f"note: {where} has {len(lines)} lines")
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            included, library = match.groups()
            if included in FLOORS and FLOORS.index(included) > FLOORS.index(floor):
                yield f"{where}:{number}: {floor}/ includes {included}/, which is a higher floor"
            if library and floor in WITHOUT_TENSORS:
                yield f"{where}:{number}: {floor}/ includes {library}, but knows no tensor"


def main():
    source = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent / "src")
    found = list(faults(source))
    print(*found, sep="\n", end="\n" if found else "")
    sys.exit(1 if found else 0)


main()
