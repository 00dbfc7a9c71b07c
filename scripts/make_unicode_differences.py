"""Writes src/text/unicode_differences.h: where Hugging Face's `tokenizers` and ICU read different versions of Unicode.

`tokenizers` takes a character's properties from five libraries, each with tables of its own. They are asked about every
code point, and so is this machine's ICU; only what differs is written. Run it with the Python of the tests again when
either changes. tests/parity/test_every_character.py holds the program to the same answers.
"""

import ctypes
import ctypes.util
import pathlib
import re
import struct

import tokenizers
from tokenizers import Regex, normalizers, pre_tokenizers

TARGET = pathlib.Path(__file__).parents[1] / "src" / "text" / "unicode_differences.h"
CATEGORIES = "Cn Lu Ll Lt Lm Lo Mn Me Mc Nd Nl No Zs Zl Zp Cc Cf Co Cs Pd Ps Pe Pc Po Sm Sc Sk So Pi Pf".split()
ALL = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
TEXT = "".join(map(chr, ALL))
# A character that ICU has known for long and no pattern names, for each category of a newer one.
STAND_INS = {"Cn": 0x378, "Lu": 0x10C80, "Ll": 0x10CC0, "Lm": 0x16B40, "Lo": 0x10480, "Mn": 0x1E8D0, "Mc": 0x11145,
             "Nd": 0x104A0, "Pd": 0x10EAD, "Po": 0x10A50, "Sm": 0x1EEF0, "So": 0x1D000}
IDEOGRAPH, IDEOGRAPHS = 0x2CEB0, range(0x2E000, 0x40000)


class Icu:
    def __init__(self):
        name = ctypes.util.find_library("icuuc")
        self.library, self.suffix = ctypes.CDLL(name), "_" + re.search(r"so\.(\d+)", name)[1]

    def version(self, function, *arguments):
        numbers = (ctypes.c_uint8 * 4)()
        getattr(self.library, function + self.suffix)(*arguments, numbers)
        return numbers[0], numbers[1]

    def ask(self, function, c):
        return getattr(self.library, function + self.suffix)(ctypes.c_int32(c))

    def category(self, c):
        return CATEGORIES[self.ask("u_charType", c) & 0xFF]


def ranges(values):
    """{code point: value} as (first, last, value)."""
    result = []
    for c, value in sorted(values.items()):
        if result and result[-1][1] == c - 1 and result[-1][2] == value:
            result[-1][1] = c
        else:
            result.append([c, c, value])
    return result


def kept_by(pre_tokenizer):
    return {ord(c) for part, _ in pre_tokenizer.pre_tokenize_str(TEXT) for c in part}


def regex_categories():
    """What Oniguruma makes of \\p{..}."""
    known = {}
    for category in CATEGORIES:
        if category in ("Cn", "Cs"):
            continue
        for c in kept_by(pre_tokenizers.Split(Regex(rf"\p{{{category}}}"), "removed", invert=True)):
            known[c] = category
    return known


def stand_in(c, category):
    return IDEOGRAPH if category == "Lo" and c in IDEOGRAPHS else STAND_INS[category]


def bert_categories(icu, ages):
    """Punctuation and marks of Unicode 8, where ICU has given the character another category since."""
    bare = normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
    unmarked = pre_tokenizers.Punctuation("removed")
    others = {}
    for c in ALL:
        if c < 0x80 or ages[c] > (8, 0) or ages[c] == (0, 0):
            continue
        category = icu.category(c)
        is_mark, is_punctuation = bare.normalize_str(chr(c)) == "", not unmarked.pre_tokenize_str(chr(c))
        if is_mark != (category == "Mn") or is_punctuation != (category[0] == "P"):
            others[c] = "Mn" if is_mark else "Po" if is_punctuation else "Lo"
    return others


def numbers_of_digits(regex):
    cutter = pre_tokenizers.Digits(individual_digits=True)
    text = "".join("a" + chr(c) for c in ALL if c != ord("a"))
    alone = {ord(part) for part, _ in cutter.pre_tokenize_str(text) if len(part) == 1 and part != "a"}
    return {c: 0 for c in alone if regex.get(c, "Cn")[0] != "N"}


def lower_cases(icu):
    lower = normalizers.Lowercase()
    made = {c: lower.normalize_str(chr(c)) for c in ALL if c != 0x130}  # its lower case is two characters
    return {c: ord(text) - c for c, text in made.items() if len(text) == 1 and ord(text) != icu.ask("u_tolower", c)}


def newest_normalized(ages):
    """The newest version whose combining marks are put in order: one of class 220 goes before one of class 230."""
    nfd = normalizers.NFD()
    known = {ages[c] for c in ALL if ages[c] > (0, 0) and nfd.normalize_str("e\u0301" + chr(c)) == "e" + chr(c) + "\u0301"}
    return max(known)


def table_of_one_letter():
    """A compiled table of SentencePiece that knows "A" alone, which becomes "B"."""
    letter, leaf = 256 + ord("A"), 512
    units = [0] * 768
    units[0], units[letter], units[leaf] = 256 << 10, (letter ^ leaf) << 10 | 0x100 | ord("A"), 0x80000000
    return struct.pack(f"<{1 + len(units)}I", 4 * len(units), *units) + b"B\0"


def joined_characters(icu):
    """What makes one character with the letter before it: the table then replaces both by what the letter becomes."""
    extend, spacing_mark, joiner = 3, 10, 17  # of ICU's UGraphemeClusterBreak
    grapheme_cluster_break = ctypes.c_int32(0x1012)
    table = normalizers.Precompiled(table_of_one_letter())
    others = {}
    for c in ALL:
        kind = getattr(icu.library, "u_getIntPropertyValue" + icu.suffix)(ctypes.c_int32(c), grapheme_cluster_break)
        is_joined = table.normalize_str("A" + chr(c)) == "B"
        if is_joined != (kind in (extend, spacing_mark, joiner)):
            others[c] = STAND_INS["Mn" if is_joined else "Cn"]
    return others


def rows(entries, shown):
    lines, line = [], "   "
    for entry in entries:
        text = " {" + shown(*entry) + "},"
        if len(line) + len(text) > 118:
            lines, line = [*lines, line], "   "
        line += text
    return "\n".join([*lines, line])


def main():
    icu = Icu()
    ages = {c: icu.version("u_charAge", ctypes.c_int32(c)) for c in ALL}
    regex = regex_categories()
    newer = {c: stand_in(c, regex.get(c, "Cn")) for c in ALL if regex.get(c, "Cn") != icu.category(c)}
    bert = {c: STAND_INS[category] for c, category in bert_categories(icu, ages).items()}
    shown = lambda first, last, other: f"0x{first:X}, 0x{last:X}, 0x{other:X}"
    icu_version = ".".join(map(str, icu.version("u_getVersion")))
    unicode_version = ".".join(map(str, icu.version("u_getUnicodeVersion")))
    normalized = newest_normalized(ages)
    TARGET.write_text(f"""#pragma once

#include <cstdint>

// Made by scripts/make_unicode_differences.py with tokenizers {tokenizers.__version__} and ICU {icu_version} (Unicode {unicode_version}). Do not edit.

namespace hiddenkey {{

/// The characters from first to last have the properties that ICU gives to the character `like`.
struct LikeRange {{
  char32_t first, last, like;
}};
struct ShiftRange {{
  char32_t first, last;
  int32_t by;
}};

/// In regular expressions (Oniguruma, Unicode 16).
inline constexpr LikeRange kInRegexes[] = {{
{rows(ranges(newer), shown)}
}};
/// In BERT's parts (unicode_categories, Unicode 8).
inline constexpr LikeRange kInBert[] = {{
{rows(ranges(bert), shown)}
}};
/// Numbers (Rust, Unicode 17) that are none in regular expressions.
inline constexpr LikeRange kMoreNumbers[] = {{
{rows(((first, last, STAND_INS["Nd"]) for first, last, _ in ranges(numbers_of_digits(regex))), shown)}
}};
/// Lower cases (Rust, Unicode 17) that ICU does not know.
inline constexpr ShiftRange kMoreLowerCases[] = {{
{rows(ranges(lower_cases(icu)), lambda first, last, by: f"0x{first:X}, 0x{last:X}, {by}")}
}};
/// In graphemes (unicode-segmentation).
inline constexpr LikeRange kInGraphemes[] = {{
{rows(ranges(joined_characters(icu)), shown)}
}};
/// The newest characters that are normalised (unicode-normalization).
inline constexpr char kNormalizedAge[] = "[:Age={normalized[0]}.{normalized[1]}:]";

}}  // namespace hiddenkey
""")


if __name__ == "__main__":
    main()
