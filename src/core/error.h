#pragma once

#include <stdexcept>
#include <string>

namespace hiddenkey {

/// What went wrong, as the shell sees it: each value is the exit code.
enum class ErrorKind {
  kBug = 1,
  kConfig = 2,
  kData = 3,
  kModel = 4,
  kDiverged = 5,
  kOutOfMemory = 6,
  kIo = 7,
  kStopped = 75
};

/// The only thing thrown on purpose. The message is one line for a user: the file, the place in it, the reason.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  /// The message is "place: reason"; whoever catches the error may ask for the two.
  Error(ErrorKind kind, const std::string& place, const std::string& reason)
      : std::runtime_error(place + ": " + reason), kind_(kind), place_(place), reason_(reason) {}
  ErrorKind kind() const { return kind_; }
  int exit_code() const { return static_cast<int>(kind_); }
  /// The key or the file; "" where it was not told apart.
  const std::string& place() const { return place_; }
  /// The message without the place.
  std::string reason() const { return place_.empty() ? what() : reason_; }

 private:
  ErrorKind kind_;
  std::string place_, reason_;
};

struct ConfigError : Error {
  explicit ConfigError(const std::string& message) : Error(ErrorKind::kConfig, message) {}
  ConfigError(const std::string& key, const std::string& reason) : Error(ErrorKind::kConfig, key, reason) {}
};
struct DataError : Error {
  explicit DataError(const std::string& message) : Error(ErrorKind::kData, message) {}
};
struct ModelError : Error {
  explicit ModelError(const std::string& message) : Error(ErrorKind::kModel, message) {}
};
struct DivergedError : Error {
  explicit DivergedError(const std::string& message) : Error(ErrorKind::kDiverged, message) {}
};
struct IoError : Error {
  explicit IoError(const std::string& message) : Error(ErrorKind::kIo, message) {}
  IoError(const std::string& file, const std::string& reason) : Error(ErrorKind::kIo, file, reason) {}
};
/// A signal asked for a stop and the state has been saved.
struct StoppedError : Error {
  explicit StoppedError(const std::string& message) : Error(ErrorKind::kStopped, message) {}
};

}  // namespace hiddenkey
