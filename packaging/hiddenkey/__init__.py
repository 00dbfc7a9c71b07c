"""hiddenkey is a native program; this package brings it along and starts it beside the environment's LibTorch."""

import importlib.util
import os
import pathlib
import sys


def main():
    """Becomes the native program. It is told where torch is, which need not lie beside this package."""
    torch = importlib.util.find_spec("torch")
    os.environ["HIDDENKEY_TORCH"] = os.path.dirname(torch.origin) if torch and torch.origin else ""
    program = pathlib.Path(__file__).parent / "bin" / "hiddenkey"
    os.execv(program, ["hiddenkey", *sys.argv[1:]])
