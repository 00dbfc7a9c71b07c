#include "run/event_writer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>

#include "core/file.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

// RFC 3720, appendix B.4.
TEST(Crc32c, HasTheKnownAnswers) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43U);
}

template <class Number>
Number at(const std::string& bytes, std::size_t place) {
  Number value{};
  std::memcpy(&value, bytes.data() + place, sizeof value);
  return value;
}

uint32_t masked(std::string_view bytes) {
  const uint32_t crc = crc32c(bytes);
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
}

/// The contents of the frames: length, its checksum, that many bytes, their checksum.
std::vector<std::string> frames(const std::string& bytes) {
  std::vector<std::string> contents;
  for (std::size_t place = 0; place < bytes.size();) {
    const auto size = static_cast<std::size_t>(at<uint64_t>(bytes, place));
    EXPECT_EQ(at<uint32_t>(bytes, place + 8), masked(std::string_view(bytes).substr(place, 8)));
    if (size > bytes.size() - place - 16) return contents;
    contents.push_back(bytes.substr(place + 12, size));
    EXPECT_EQ(at<uint32_t>(bytes, place + 12 + size), masked(contents.back()));
    place += 16 + size;
  }
  return contents;
}

TEST(EventWriter, FramesEventsAndFlushesEachOne) {
  const fs::path folder = fs::path(testing::TempDir()) / cat("hiddenkey-events-", getpid());
  EventWriter writer(folder);
  writer.scalar("dev/f1", 0.5, 300);
  const std::vector<std::string> events = frames(read_file(fs::directory_iterator(folder)->path()));
  fs::remove_all(folder);
  ASSERT_EQ(events.size(), 2U);
  // Both begin with field 1, the time as a double: one byte of key and eight of number.
  EXPECT_EQ(events[0].substr(9),
            "\x1a\x0d"
            "brain.Event:2");
  // Field 2, step 300 as a varint; field 5, a summary with a value of the tag and a float.
  EXPECT_EQ(events[1].substr(9), std::string("\x10\xac\x02\x2a\x0f\x0a\x0d\x0a\x06"
                                             "dev/f1\x15\0\0\0\x3f",
                                             20));
}

}  // namespace
}  // namespace hiddenkey
