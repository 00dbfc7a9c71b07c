"""Tiny models and tasks as the tests make them. In the repository they lie there, and beside this package in what was packed."""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "support"))

import tiny  # noqa: E402, F401
import tiny_hub  # noqa: E402, F401
