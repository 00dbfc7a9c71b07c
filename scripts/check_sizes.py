#!/usr/bin/env python3
"""No file of src/ has more than 330 lines, and no function more than 40, its head and its closing brace included.

Prints each one that is longer, as file:line, and exits 1. Functions are found by their braces: one opens a function where
it stands in a namespace or a class behind a list of parameters.
"""

import re

from source_check import print_faults

MOST_LINES_OF_FILE = 330
MOST_LINES_OF_FUNCTION = 40
# What is longer for a reason, "file" or "file: function", and the reason.
EXCEPTIONS = {
    "cli/completion.cpp: bash_completion": "the text of a shell script",
    "cli/completion.cpp: zsh_completion": "the text of a shell script",
    "io/unpickler.cpp: Unpickler::find_instruction": "a table with a row an instruction",
}

# Comments, texts and characters, in which braces mean nothing.
SILENT = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'|^[ \t]*#(?:\\\n|[^\n])*',
                    re.DOTALL | re.MULTILINE)
SCOPE = re.compile(r"\b(?:namespace|class|struct|union|enum)\b|\bextern\s*$")
BODY = re.compile(r"(?:\)|\b(?:const|override|final|noexcept|mutable|try)|\)\s*(?:const\s*)?->[^{};]*)\s*$")
NAME = re.compile(r"([\w~:]+|operator\s*\S+?)\s*\($")


def without_silent(text):
    return SILENT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def name_of(head):
    first = head.find("(")
    match = NAME.search(head[: first + 1])
    return match.group(1) if match else head.strip().split("\n")[-1].strip()


def functions(text):
    """Each function's name, first line and last line."""
    text = without_silent(text)
    scopes, head = [], 0  # of each open brace: what it opens, and where the function begins
    for match in re.finditer(r"[{};]", text):
        place, sign = match.start(), match.group()
        inside = next((scope for scope in reversed(scopes) if scope[0] != "scope"), None)
        if sign == "{":
            before = text[head:place]
            if inside is None and "(" in before and BODY.search(before):
                begin = head + len(before) - len(before.lstrip())
                scopes.append(("function", begin, name_of(before.lstrip())))
            elif inside is None and SCOPE.search(before):
                scopes.append(("scope", place, ""))
            else:
                scopes.append(("block", place, ""))
        elif sign == "}" and scopes:
            kind, begin, name = scopes.pop()
            if kind == "function":
                yield name, text.count("\n", 0, begin) + 1, text.count("\n", 0, place) + 1
            elif kind == "block" and not any(scope[0] != "scope" for scope in scopes):
                continue  # the braces of a member's initialiser: the function's head goes on
        if not any(scope[0] != "scope" for scope in scopes):
            head = place + 1
    if scopes:
        raise ValueError("braces that do not fit")


def long_ones(source):
    """What is too long: its name as in EXCEPTIONS, its place, and its length."""
    for path in sorted(path for path in source.glob("**/*") if path.is_file()):
        name, text = str(path.relative_to(source)), path.read_text()
        lines = text.count("\n")
        if lines > MOST_LINES_OF_FILE:
            yield name, f"src/{name}:1", f"has {lines} lines, more than {MOST_LINES_OF_FILE}"
        for function, first, last in functions(text) if path.suffix in {".cpp", ".h", ".cu", ".cuh"} else ():
            lines = last - first + 1
            if lines > MOST_LINES_OF_FUNCTION:
                yield f"{name}: {function}", f"src/{name}:{first}", f"{function} has {lines} lines, more than {MOST_LINES_OF_FUNCTION}"


def faults(source):
    found = list(long_ones(source))
    yield from (f"{place}: {what}" for name, place, what in found if name not in EXCEPTIONS)
    unneeded = set(EXCEPTIONS) - {name for name, _, _ in found}
    yield from (f"scripts/check_sizes.py: the exception of {name} is not needed any more" for name in sorted(unneeded))


print_faults(faults)
