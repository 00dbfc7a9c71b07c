#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "data/generation.h"
#include "data/reader.h"
#include "data/sources/e2e.h"
#include "data/table.h"
#include "data/task.h"

namespace hiddenkey {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class GenerationFilesTest : public testing::Test {
 protected:
  void SetUp() override { make_writable_folder(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) { write_file_atomically(folder_ / name, text); }
  TaskConfig task(const std::string& name, const std::string& format = "") const {
    TaskConfig config;
    config.name = name;
    config.format = format;
    if (name == "generation") {
      config.train = (folder_ / "train.jsonl").string();
    } else {
      config.data_dir = folder_.string();
    }
    return config;
  }
  static std::vector<TextExample> read(const TaskConfig& config, const std::string& split = "train") {
    TaskInfo info = task_info(config);
    Notes notes;
    return read_split(config, info, split, notes);
  }
  static void expect_fault(const TaskConfig& config, const std::string& part) {
    try {
      read(config);
      FAIL() << "read; expected a fault with " << part;
    } catch (const DataError& error) {
      EXPECT_THAT(error.what(), HasSubstr(part));
    }
  }

  fs::path folder_ = fs::path(testing::TempDir()) / cat("hiddenkey-generation-files-", getpid());
};

TEST_F(GenerationFilesTest, GenerationHasNoLabelsAndIsChosenByItsLoss) {
  for (const char* name : {"e2e", "webnlg", "generation"}) {
    const TaskInfo info = task_info(task(name));
    EXPECT_EQ(info.kind, TaskKind::kGeneration);
    EXPECT_EQ(info.num_outputs(), 0);
    EXPECT_EQ(info.metric, "loss");
    EXPECT_THAT(info.metrics, ElementsAre("perplexity"));
  }
}

TEST(LineariseE2e, WritesAMeaningAsTheAuthorsOfLoraDid) {
  EXPECT_EQ(linearise_e2e("name[Blue Spice], eatType[coffee shop], area[city centre]"),
            "name : Blue Spice | Type : coffee shop | area : city centre");
  EXPECT_EQ(linearise_e2e("name[A, B], familyFriendly[no], customer rating[5 out of 5]"),
            "name : A, B | family friendly : no | customer rating : 5 out of 5");
  EXPECT_EQ(linearise_e2e("priceRange[£20-25]"), "price : £ 20 - 25");
  EXPECT_EQ(linearise_e2e("priceRange[less than £20]"), "price : less than £ 20");
  EXPECT_EQ(linearise_e2e("food[Anglo-French]"), "food : Anglo-French");
  for (const char* broken : {"", "name", "name[A", "name]A[", "[A]", "name[]", "name[A],", "name[A] food[B]"})
    EXPECT_EQ(linearise_e2e(broken), std::nullopt) << broken;
}

TEST_F(GenerationFilesTest, E2eIsReadFromCsv) {
  write("trainset.csv",
        "\xEF\xBB\xBFmr,ref\r\n\"name[A], food[B]\",\"A, \"\"the\"\" B.\r\n  Good.\"\r\nname[C],C is.\r\n"
        "\"name[A], food[B]\",B at A.\r\n");
  const std::vector<TextExample> examples = read(task("e2e"));
  ASSERT_EQ(examples.size(), 3U);
  EXPECT_EQ(examples[0].text, "name : A | food : B");
  EXPECT_EQ(examples[0].completion, "A, \"the\" B.   Good.");
  EXPECT_EQ(examples[2].id, "2");
  EXPECT_EQ(examples[2].group, examples[0].group);
  EXPECT_NE(examples[1].group, examples[0].group);

  const std::vector<GenerationItem> items = read_generation_items(task("e2e", "csv"), "train");
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].prompt, "name : A | food : B");
  EXPECT_THAT(items[0].references, ElementsAre("A, \"the\" B.   Good.", "B at A."));
  EXPECT_EQ(items[0].part, "");
  EXPECT_EQ(items[1].id, examples[1].group);
  EXPECT_THAT(items[1].references, ElementsAre("C is."));
  EXPECT_THAT(splits(task("e2e")), ElementsAre("train"));
}

TEST_F(GenerationFilesTest, E2eIsReadFromTheTokenisedText) {
  write("lora_train.txt", "name : A | Type : B||A is a B . \n\nname : C||C .");
  const std::vector<TextExample> examples = read(task("e2e", "lora"));
  ASSERT_EQ(examples.size(), 2U);
  EXPECT_EQ(examples[0].text, "name : A | Type : B");
  EXPECT_EQ(examples[0].completion, "A is a B .");
  EXPECT_EQ(examples[1].completion, "C .");
}

TEST_F(GenerationFilesTest, FaultsOfE2eNameTheLine) {
  const TaskConfig csv = task("e2e"), lora = task("e2e", "lora");
  write("trainset.csv", "mr,ref\nname[A],a\nname(B),b\n");
  expect_fault(csv, "trainset.csv:3: the meaning representation \"name(B)\" is not of the form");
  write("trainset.csv", "mr,ref\n\"name[A]\",\"a\nb\"\nname[B],  \n");
  expect_fault(csv, "trainset.csv:4: the reference is empty");
  write("trainset.csv", "mr,reference\nname[A],a\n");
  expect_fault(csv, "trainset.csv:1: has no column \"ref\"");
  write("trainset.csv", "");
  expect_fault(csv, "trainset.csv: holds no examples");
  write("lora_train.txt", "name : A||a\nname : B | b\n");
  expect_fault(lora, "lora_train.txt:2: has no || between");
  write("lora_train.txt", "||a\n");
  expect_fault(lora, "lora_train.txt:1: the meaning before || is empty");
  write("lora_train.txt", "name : A|| \n");
  expect_fault(lora, "lora_train.txt:1: the reference after || is empty");
  write("lora_train.txt", "name : A||b||c\n");
  expect_fault(lora, "lora_train.txt:1: has || more than once");
  write("lora_train.txt", "\n");
  expect_fault(lora, "lora_train.txt: holds no examples");
}

TEST_F(GenerationFilesTest, AMissingFileIsNamed) {
  write("lora_train.txt", "name : A||a\n");
  expect_fault(task("e2e"), "trainset.csv: is not there; lora_train.txt is, which task.format=lora takes");
  try {
    read(task("webnlg"), "dev");
    FAIL();
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr((folder_ / "dev.json").string() + ": there is no such data file"));
  }
  EXPECT_THROW(read(task("e2e"), "dev_mismatched"), DataError);
  EXPECT_THROW(read(task("e2e", "tsv")), ConfigError);
  TaskConfig sst2 = task("sst2");
  EXPECT_THROW(read_generation_items(sst2, "train"), ConfigError);
}

std::string lexicalisation(const std::string& comment, const std::string& text) {
  return cat("{\"comment\": \"", comment, "\", \"lex\": \"", text, "\", \"lang\": \"\"}");
}

const std::string kTriple = R"({"subject": "A_1", "property": "is", "object": "\"b, c\""})";

std::string entry(int number, const std::string& category, const std::string& triples, const std::string& texts) {
  return cat("{\"", number, "\": {\"category\": \"", category, "\", \"lexicalisations\": [", texts,
             "], \"modifiedtripleset\": [", triples, "], \"size\": \"1\"}}");
}

std::string entries(const std::vector<std::string>& all) {
  return cat("{\"about\": [{}, \"entries [{\"],\n\"entries\": [\n", join(all, ",\n"), "\n]}\n");
}

TEST_F(GenerationFilesTest, WebnlgHasTheGoodLexicalisationsOfEachEntry) {
  write("train.json", entries({entry(1, "Airport", kTriple + "," + kTriple,
                                     lexicalisation("good", "One.") + "," + lexicalisation("toFix", "Bad.") + "," +
                                         lexicalisation("good", "Two.")),
                               entry(2, "Airport", kTriple, lexicalisation("toFix", "Bad.")),
                               entry(3, "Artist", kTriple + "," + kTriple, lexicalisation("good", "Three."))}));
  const std::vector<TextExample> examples = read(task("webnlg"));
  ASSERT_EQ(examples.size(), 3U);
  EXPECT_EQ(examples[0].text, "A_1 : is : \"b, c\" | A_1 : is : \"b, c\"");
  EXPECT_EQ(examples[1].completion, "Two.");
  EXPECT_EQ(examples[1].part, "seen");
  EXPECT_EQ(examples[2].part, "unseen");
  const std::vector<GenerationItem> items = read_generation_items(task("webnlg"), "train");
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].id, "1");
  EXPECT_THAT(items[0].references, ElementsAre("One.", "Two."));
  EXPECT_EQ(items[1].id, "3");  // the same triples, but an entry of its own
  EXPECT_EQ(items[1].part, "unseen");
}

TEST_F(GenerationFilesTest, FaultsOfWebnlgNameTheLineOfTheEntry) {
  const TaskConfig config = task("webnlg");
  const std::string good = entry(1, "Food", kTriple, lexicalisation("good", "[{,\\\"}"));
  const auto expect = [&](const std::string& second, const std::string& part) {
    write("train.json", entries({good, second}));
    expect_fault(config, cat("train.json:4: entry 2: ", part));
  };
  const std::string text = lexicalisation("good", "Text.");
  expect("7", "expected an object with one key");
  expect(R"({"2": 7})", "expected an object under");
  expect(R"({"2": {"lexicalisations": []}})", "the entry has no \"category\"");
  expect(R"({"2": {"category": 3}})", "\"category\" of the entry is no text");
  expect(R"({"2": {"category": "Food"}})", "has no list \"modifiedtripleset\"");
  expect(entry(2, "Food", "", text), "\"modifiedtripleset\" is empty");
  expect(entry(2, "Food", "3", text), "expected objects in \"modifiedtripleset\"");
  expect(entry(2, "Food", R"({"subjekt": "a", "property": "b", "object": "c"})", text),
         "a triple has the unknown field \"subjekt\" (did you mean \"subject\"?)");
  expect(entry(2, "Food", R"({"subject": "a", "object": "c"})", text), "a triple has no \"property\"");
  expect(entry(2, "Food", R"({"subject": "", "property": "b", "object": "c"})", text), "the subject of a triple is");
  expect(entry(2, "Food", kTriple, "{}"), "a lexicalisation has no \"comment\"");
  expect(entry(2, "Food", kTriple, "3"), "expected objects in \"lexicalisations\"");
  expect(entry(2, "Food", kTriple, lexicalisation("good", " ")), "a lexicalisation is empty");
}

TEST_F(GenerationFilesTest, WebnlgThatIsNoJsonIsAFaultWithItsPlace) {
  const TaskConfig config = task("webnlg");
  write("train.json", "{\"entries\": [\n{\"1\": {]\n}");
  expect_fault(config, "train.json:2: is no valid JSON from here on");
  write("train.json", entries({entry(1, "Food", kTriple, lexicalisation("good", "a"))}).substr(0, 90));
  expect_fault(config, "train.json:3: is no valid JSON from here on");
  write("train.json", "{\"entries\":\n[1e999]}");
  expect_fault(config, "train.json:2: a number is too large");
  write("train.json", "[]");
  expect_fault(config, "train.json:1: expected an object with a list \"entries\"");
  for (const char* empty : {"", "\n", "{\"entries\": []}"}) {
    write("train.json", empty);
    expect_fault(config, "train.json: holds no examples");
  }
}

std::string xml(const std::string& entries) {
  return cat("<?xml version='1.0'?>\n<benchmark><entries>\n", entries, "\n</entries></benchmark>\n");
}

TEST_F(GenerationFilesTest, WebnlgIsReadFromXmlWhereThereIsNoJson) {
  make_writable_folder(folder_ / "train" / "1triples");
  write("train/1triples/b.xml",
        xml("<entry category='Artist' eid=\"Id1\"><modifiedtripleset><mtriple>A | b | c</mtriple>"
            "</modifiedtripleset><lex comment=\"good\">Late.</lex></entry>"));
  write(
      "train/1triples/a.xml",
      xml("<!-- first -->\n<entry category='Food' eid='Id1'>\n<originaltripleset><otriple>x | y | z</otriple>"
          "</originaltripleset><modifiedtripleset><mtriple>A &amp; B | is | \"c\" &lt;d&gt;</mtriple>\n<mtriple>e | f "
          "| &#233;&#x20AC;</mtriple></modifiedtripleset>\n<lex comment='good' lid='Id1'> A &apos;text&quot;. </lex>"
          "<lex comment='toFix'>Bad.</lex><lex comment='good'>Two.</lex><dbpedialinks/></entry>"));
  const std::vector<TextExample> examples = read(task("webnlg"));
  ASSERT_EQ(examples.size(), 3U);
  EXPECT_EQ(examples[0].text, "A & B : is : \"c\" <d> | e : f : \u00e9\u20ac");
  EXPECT_EQ(examples[0].completion, "A 'text\".");
  EXPECT_EQ(examples[1].group, "1");
  EXPECT_EQ(examples[1].part, "seen");
  EXPECT_EQ(examples[2].group, "2");
  EXPECT_EQ(examples[2].part, "unseen");
  EXPECT_THAT(splits(task("webnlg")), ElementsAre("train"));
  write("train.json", entries({entry(1, "Food", kTriple, lexicalisation("good", "From JSON."))}));
  EXPECT_EQ(read(task("webnlg"))[0].completion, "From JSON.");
}

TEST_F(GenerationFilesTest, FaultsOfWebnlgsXmlNameTheLine) {
  make_writable_folder(folder_ / "train");
  const TaskConfig config = task("webnlg");
  const auto expect = [&](const std::string& bytes, const std::string& part) {
    write("train/a.xml", bytes);
    expect_fault(config, cat("train/a.xml:", part));
  };
  const std::string triples = "<modifiedtripleset>\n<mtriple>a | b | c</mtriple></modifiedtripleset>";
  expect("", "1: is no valid XML: no element found");
  expect("text", "1: is no valid XML");
  expect("<a/><b/>", "1: is no valid XML: junk after document element");
  expect("<benchmark>\n<entries>", "2: is no valid XML: no element found; <entries> of line 2 is open");
  expect("<a>\n<b>\n</a>", "3: is no valid XML: mismatched tag; <b> of line 2 is open");
  expect("</a>", "1: is no valid XML");
  expect("<!DOCTYPE a>", "1: a document type (DOCTYPE) is not taken");
  expect("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "1: a document type (DOCTYPE) is not taken");
  for (const char* tag : {"<a b>", "<a b=c>", "<a b='c", "<a b='1' b='2'/>", "<a>\xff</a>", "<a>b & c</a>"})
    expect(tag, "1: is no valid XML");
  for (const char* unknown : {"&nbsp;", "&#0;", "&#xD800;", "&#x110000;", "&#;", "&;", "&#12a;"})
    expect(cat("<a b='", unknown, "'/>"), "1: is no valid XML");
  std::string deep;
  for (int i = 0; i < 33; ++i) deep += "<a>\n";
  expect(deep, "33: elements nest deeper than 32 levels");
  expect("<a/>", "1: expected <benchmark><entries>");
  expect(xml("<entry>" + triples + "</entry>"), "3: <entry> has no \"category\"");
  expect(xml("<entry category='Food'/>"), "3: the entry has no triples");
  expect(xml("<entry category='Food'>" + triples + "<lex>a</lex></entry>"), "4: <lex> has no \"comment\"");
  expect(xml("<entry category='Food'>" + triples + "<lex comment='good'> </lex></entry>"),
         "4: a lexicalisation is empty");
  const auto triple = [&](const std::string& text) {
    return xml(cat("<entry category='Food'><modifiedtripleset>\n", text, "</modifiedtripleset></entry>"));
  };
  expect(triple("<mtriple>a | b</mtriple>"), "4: expected subject | property | object, found 2 parts");
  expect(triple("<mtriple>a | b | </mtriple>"), "4: a part of the triple is empty");
  expect(triple("<triple>a | b | c</triple>"), "4: expected <mtriple>, found <triple>");
}

TEST_F(GenerationFilesTest, OnesOwnPromptsAreReadFromATable) {
  TaskConfig config = task("generation");
  write("train.jsonl",
        "{\"prompt\": \"p\\nq\", \"completion\": \" a\"}\n{\"prompt\": \"p\\nq\", \"completion\": \"b \"}\n");
  const std::vector<GenerationItem> items = read_generation_items(config, "train");
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].prompt, "p\nq");
  EXPECT_THAT(items[0].references, ElementsAre(" a", "b "));

  config.train = (folder_ / "train.tsv").string();
  config.text_columns = {"in", "out"};
  write("train.tsv", "out\tin\nx\ty\n");
  EXPECT_EQ(read(config)[0].text, "y");
  EXPECT_EQ(read(config)[0].completion, "x");
  Notes notes;
  EXPECT_EQ(read_inputs(parse_table("in\nz\n", "f", TableFormat::kTsv), config, notes)[0].text, "z");
}

TEST_F(GenerationFilesTest, FaultsOfOnesOwnPromptsNameTheLine) {
  TaskConfig config = task("generation");
  write("train.jsonl", "{\"prompt\": \"p\", \"completion\": \"a\"}\n{\"prompt\": \"p\", \"completion\": \" \"}\n");
  expect_fault(config, "train.jsonl:2: \"completion\" is empty");
  write("train.jsonl", "{\"prompt\": \"\", \"completion\": \"a\"}\n");
  expect_fault(config, "train.jsonl:1: \"prompt\" is empty");
  write("train.jsonl", "{\"promt\": \"p\", \"completion\": \"a\"}\n");
  expect_fault(config, "train.jsonl:1: has no column \"prompt\" (did you mean \"promt\"?)");
  write("train.jsonl", "{\"prompt\": \"p\", \"completion\": \"a\"}\n{\"prompt\": \"p\", \"comp");
  expect_fault(config, "train.jsonl:2: is no JSON object");
  config.text_columns = {"prompt"};
  EXPECT_THROW(read(config), ConfigError);
}

}  // namespace
}  // namespace hiddenkey
