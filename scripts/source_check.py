"""What the checks of the sources share."""

import pathlib
import sys


def print_faults(faults):
    """Prints the faults that are found in src/, or in the folder that the command line names, and exits 1 where there is one."""
    source = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent / "src")
    found = list(faults(source))
    print(*found, sep="\n", end="\n" if found else "")
    sys.exit(1 if found else 0)
