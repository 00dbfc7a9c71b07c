#include "core/printable.h"

#include <gtest/gtest.h>

namespace hiddenkey {
namespace {

TEST(Printable, WritesOutWhatATerminalObeys) {
  EXPECT_EQ(printable("plain, ünïcode 中文 \U0001F600"), "plain, ünïcode 中文 \U0001F600");
  EXPECT_EQ(printable("red \x1b[31m\rerror: forged\nline\ttab\x7f"),
            "red \\x1b[31m\\x0derror: forged\\x0aline tab\\x7f");
  EXPECT_EQ(printable("c1 \xC2\x9b turn \xE2\x80\xAE end \xE2\x80\xA8"), "c1 \\u009b turn \\u202e end \\u2028");
  EXPECT_EQ(printable("caf\xE9 \xF0\x9F\x98"), "caf\\xe9 \\xf0\\x9f\\x98");
  EXPECT_EQ(printable(std::string("nul\0", 4)), "nul\\x00");
}

TEST(Printable, LeavesOutTheMiddleOfALongLine) {
  const std::string line = "begin " + std::string(100000, 'x') + " end";
  const std::string shown = printable(line);
  EXPECT_LT(shown.size(), 4000U);
  EXPECT_EQ(shown.substr(0, 6), "begin ");
  EXPECT_EQ(shown.substr(shown.size() - 4), " end");
  EXPECT_NE(shown.find("(96510 bytes left out)"), std::string::npos);
  std::string wide;
  for (int i = 0; i < 3000; ++i) wide += "é";
  for (const unsigned char byte : printable(wide)) EXPECT_NE(byte, '\\');
}

}  // namespace
}  // namespace hiddenkey
