"""What the tests that drive the built tool share."""

import json
import os
import pathlib
import pty
import subprocess
import unittest

SOURCE = pathlib.Path(os.environ.get("HIDDENKEY_SOURCE", pathlib.Path(__file__).parents[2]))
TOOL = os.environ.get("HIDDENKEY", str(SOURCE / "build" / "release" / "hiddenkey"))
DATA = pathlib.Path(os.environ.get("HIDDENKEY_DATA", SOURCE.parent / "shared" / "data"))
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "hiddenkey"
MINILM = CACHE / "models" / "minilm"


def run(*arguments, stdin=None, code=0, env=None, timeout=600):
    """Runs the tool and gives its finished process; fails unless it exits with `code`."""
    done = subprocess.run([TOOL, *map(str, arguments)], input=stdin, capture_output=True, timeout=timeout,
                          env={**os.environ, **(env or {})}, text=not isinstance(stdin, bytes))
    if code is not None and done.returncode != code:
        raise AssertionError(f"exit code {done.returncode}, expected {code}\nstdout: {done.stdout}\nstderr: {done.stderr}")
    return done


def shown_on_terminal(*arguments):
    """Runs the tool with a terminal for stderr and gives what stands on it, and stdout."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([TOOL, *map(str, arguments)], stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:  # how Linux tells that nobody writes any more
            pass
        out = process.stdout.read().decode()
    os.close(ours)
    assert process.returncode == 0, shown
    return shown.decode(), out


def error_line(done):
    """The one line that an error is."""
    lines = [line for line in done.stderr.splitlines() if not line.startswith("warning: ")]
    assert len(lines) == 1 and lines[0].startswith("error: "), done.stderr
    return lines[0]


def json_lines(path):
    return [json.loads(line) for line in pathlib.Path(path).read_text().splitlines()]


def needs(path):
    """Skips a test (case) where data that is not in the repository is missing."""
    return unittest.skipUnless(pathlib.Path(path).exists(), f"{path} is not there")
