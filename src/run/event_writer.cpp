#include "run/event_writer.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>

#include "core/error.h"
#include "core/file.h"
#include "core/log.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

std::array<uint32_t, 256> crc_table() {
  constexpr uint32_t kPolynomial = 0x82F63B78;
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1U) != 0 ? (value >> 1) ^ kPolynomial : value >> 1;
    table[i] = value;
  }
  return table;
}

uint32_t masked_crc(std::string_view bytes) {
  const uint32_t crc = crc32c(bytes);
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
}

template <class Number>
std::string raw(Number value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

// The few parts of Protocol Buffers' wire format that an Event needs.
std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}
std::string key(int field, int type) { return varint(static_cast<uint64_t>(field) << 3 | static_cast<uint64_t>(type)); }
std::string bytes_field(int field, const std::string& bytes) { return key(field, 2) + varint(bytes.size()) + bytes; }

double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::string event(int64_t step) { return key(1, 1) + raw(now()) + key(2, 0) + varint(static_cast<uint64_t>(step)); }

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  static const std::array<uint32_t, 256> kTable = crc_table();
  uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) crc = kTable[(crc ^ static_cast<unsigned char>(c)) & 0xFFU] ^ (crc >> 8);
  return ~crc;
}

EventWriter::EventWriter(const fs::path& folder) {
  make_writable_folder(folder);
  char host[256] = "localhost";
  gethostname(host, sizeof host - 1);
  path_ = (folder / cat("events.out.tfevents.", static_cast<int64_t>(now()), ".", host, ".", getpid())).string();
  file_.open(path_, std::ios::binary | std::ios::app);
  if (!file_) throw IoError(cat(path_, ": cannot be written"));
  record(key(1, 1) + raw(now()) + bytes_field(3, "brain.Event:2"));
}

void EventWriter::scalar(const std::string& tag, double value, int64_t step) {
  const std::string entry = bytes_field(1, tag) + key(2, 5) + raw(static_cast<float>(value));
  record(event(step) + bytes_field(5, bytes_field(1, entry)));
}

void EventWriter::record(const std::string& event_bytes) {
  const std::string length = raw(static_cast<uint64_t>(event_bytes.size()));
  file_ << length << raw(masked_crc(length)) << event_bytes << raw(masked_crc(event_bytes)) << std::flush;
  if (file_ || warned_) return;
  warned_ = true;
  log::warning(cat(path_, ": TensorBoard's scalars are lost: the file cannot be written"));
}

}  // namespace hiddenkey
