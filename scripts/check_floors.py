#!/usr/bin/env python3
"""A file of src/ includes what is on its own floor, or on one that src/floors.txt lets it include.

Prints each line that breaks that, as file:line, and exits 1. Floors without tensors include none of LibTorch's headers.
"""

import re
import sys

from source_check import print_faults

INCLUDE = re.compile(r'\s*#include\s+(?:"([a-z_]+)/[^"]+"|<((?:ATen|torch|c10)/[^>]+)>)')


def read_floors(path):
    """Each floor with all that it may include, and the floors that know no tensor."""
    allowed, without_tensors, tensors = {}, set(), False
    for line in path.read_text().splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("["):
            tensors = line == "[with LibTorch]"
        elif line:
            floor, _, included = line.partition(":")
            allowed[floor] = set(included.split())
            if not tensors:
                without_tensors.add(floor)
    return {floor: reachable(floor, allowed) for floor in allowed}, without_tensors


def reachable(floor, allowed, above=()):
    if floor in above:
        sys.exit(f"src/floors.txt: {' includes '.join([*above, floor])}")
    found = {floor}
    for included in allowed[floor]:
        found |= reachable(included, allowed, (*above, floor))
    return found


def faults(source):
    allowed, without_tensors = read_floors(source / "floors.txt")
    for path in sorted(source.glob("*/**/*.[ch]*")):
        floor = path.relative_to(source).parts[0]
        where = path.relative_to(source.parent)
        if floor not in allowed:
            yield f"{where}:1: {floor}/ is no floor of src/floors.txt"
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            included, library = match.groups()
            if included in allowed and included not in allowed[floor]:
                yield f"{where}:{number}: {floor}/ includes {included}/, which src/floors.txt does not let it"
            if library and floor in without_tensors:
                yield f"{where}:{number}: {floor}/ includes {library}, but knows no tensor"


print_faults(faults)
