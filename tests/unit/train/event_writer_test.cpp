#include "train/event_writer.h"

#include <gtest/gtest.h>

namespace hiddenkey {
namespace {

// RFC 3720, appendix B.4.
TEST(Crc32c, HasTheKnownAnswers) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43U);
}

}  // namespace
}  // namespace hiddenkey
