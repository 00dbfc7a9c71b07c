#include "score/ptb_abbreviations.h"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <unordered_map>

namespace hiddenkey {
namespace {

enum class Case { kAny, kCapital };
struct AbbreviationEntry {
  Abbreviation kind;
  Case first;  ///< of the first letter: "Mass." is a state, "mass." is not
};
using AbbreviationTable = std::unordered_map<std::string, AbbreviationEntry>;

void add(AbbreviationTable& table, AbbreviationEntry entry, std::initializer_list<const char*> words) {
  for (const char* word : words) table.emplace(word, entry);
}

AbbreviationTable make_table() {
  constexpr AbbreviationEntry kLower{Abbreviation::kBeforeLower, Case::kAny},
      kUpper{Abbreviation::kBeforeUpper, Case::kAny}, kNumber{Abbreviation::kBeforeNumber, Case::kAny};
  AbbreviationTable table;
  add(table, kLower,
      {"jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "mon", "tue", "tues", "wed",
       "thu", "thurs", "fri"});
  add(table, kLower,
      {"ala",  "ariz", "calif", "colo", "conn", "ct",  "dak",  "fla",  "ga",   "ind", "kan", "kans", "ky",   "md",
       "mich", "minn", "mo",    "mont", "neb",  "nev", "okla", "penn", "tenn", "va",  "vt",  "wis",  "wisc", "wyo"});
  add(table, {Abbreviation::kBeforeLower, Case::kCapital},
      {"az", "ark", "del", "ill", "la", "mass", "miss", "ore", "pa", "tex", "wash"});
  add(table, kLower, {"inc",  "co",   "cos",  "corp", "pty", "pte",  "ppty", "ltd", "plc",  "rt",  "bancorp",
                      "bhd",  "assn", "univ", "intl", "sys", "tel",  "est",  "ext", "sq",   "jr",  "sr",
                      "bros", "esq",  "etc",  "al",   "seq", "bldg", "blvd", "rd",  "ed.d", "ph.d"});
  add(table, kUpper, {"mr",   "mrs",   "ms",   "dr",   "drs",  "prof",   "profs", "sen",  "sens",  "rep",   "reps",
                      "atty", "attys", "lt",   "col",  "gen",  "messrs", "gov",   "govs", "adm",   "rev",   "maj",
                      "sgt",  "cpl",   "pvt",  "capt", "st",   "ste",    "ave",   "pres", "lieut", "hon",   "brig",
                      "cmdr", "comdr", "pfc",  "spc",  "supt", "supts",  "det",   "mt",   "ft",    "adj",   "adv",
                      "asst", "assoc", "ens",  "insp", "mlle", "mme",    "msgr",  "sfc",  "invt",  "elec",  "natl",
                      "mfg",  "mtg",   "dept", "vs",   "alex", "wm",     "jos",   "cie",  "cf",    "treas", "ph"});
  add(table, kNumber, {"ca", "fig", "figs", "prop", "no", "nos", "art", "arts", "pp", "op"});
  return table;
}

bool is_ascii_letter(char16_t c) { return (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z'); }

/// One letter, or letters with periods between: U.S
bool is_acronym(std::u16string_view word) {
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (i % 2 == 0 ? !is_ascii_letter(word[i]) : word[i] != u'.') return false;
  }
  return word.size() % 2 == 1;
}

}  // namespace

Abbreviation abbreviation_of(std::u16string_view word) {
  static const AbbreviationTable table = make_table();
  if (is_acronym(word)) return Abbreviation::kBeforeUpper;
  std::string lower;
  for (const char16_t c : word) {
    if (c != u'.' && !is_ascii_letter(c)) return Abbreviation::kNone;
    lower += static_cast<char>(c >= u'A' && c <= u'Z' ? c + 32 : c);
  }
  const auto found = table.find(lower);
  if (found == table.end()) return Abbreviation::kNone;
  if (found->second.first == Case::kCapital && (word[0] < u'A' || word[0] > u'Z')) return Abbreviation::kNone;
  return found->second.kind;
}

}  // namespace hiddenkey
