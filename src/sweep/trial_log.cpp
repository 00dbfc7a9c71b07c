#include "sweep/trial_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "core/log.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kPrefix = "trials";
constexpr const char* kTasks = "tasks";
constexpr const char* kSuffix = ".jsonl";

double now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<double>(std::chrono::duration_cast<std::chrono::milliseconds>(since).count()) / 1e3;
}

std::string to_line(const TrialEvent& event) {
  Json json = {{"trial", event.trial}, {"state", event.state}, {"time", event.time}, {"attempt", event.attempt}};
  if (event.exit_code) json["exit_code"] = *event.exit_code;
  if (!event.error.empty()) json["error"] = event.error;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<TrialEvent> event_of(const std::string& line) {
  const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  try {
    TrialEvent event{json.at("trial"), json.at("state"), json.at("time"), json.at("attempt"), {}, {}};
    if (json.contains("exit_code")) event.exit_code = json["exit_code"].get<int>();
    event.error = json.value("error", "");
    return event;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

/// The last byte is no line's end where a process died while it wrote, or a disk was full.
bool ends_inside_a_line(int file) {
  struct stat status {};
  if (::fstat(file, &status) != 0 || status.st_size == 0) return false;
  char last = '\n';
  return ::pread(file, &last, 1, status.st_size - 1) == 1 && last != '\n';
}

struct WrittenEvent {
  TrialEvent event;
  std::string writer;
};

void read_log(const fs::path& path, const std::string& writer, std::vector<WrittenEvent>& events) {
  std::size_t damaged = 0;
  for (const std::string& line : split(read_file(path), '\n')) {
    if (line.empty()) continue;
    if (std::optional<TrialEvent> event = event_of(line)) {
      events.push_back({std::move(*event), writer});
    } else {
      ++damaged;
    }
  }
  if (damaged > 0)
    log::warning(cat(path.string(), ": ", damaged, damaged > 1 ? " lines are" : " line is", " damaged and skipped"));
}

/// The logs of a folder whose names begin so; `mark` and what is left of the name is their writer.
void read_logs(const fs::path& folder, const std::string& prefix, const std::string& mark,
               std::vector<WrittenEvent>& events) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix) || !name.ends_with(kSuffix)) continue;
    const std::size_t length = name.size() - prefix.size() - std::strlen(kSuffix);
    read_log(entry.path(), mark + name.substr(prefix.size(), length), events);
  }
}

void add(const WrittenEvent& written, TrialHistory& history) {
  const TrialEvent& event = written.event;
  if (event.state == "running") {
    history.started = event.time;
  } else if (history.last.state == "running") {
    history.seconds += std::max(0.0, event.time - history.started);
  }
  history.last = event;
  history.writer = written.writer;
}

}  // namespace

TrialLog::TrialLog(const fs::path& path) : path_(path.string()) {
  file_ = ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (file_ < 0) throw IoError(cat(path_, ": cannot be written: ", std::strerror(errno)));
  if (ends_inside_a_line(file_) && ::write(file_, "\n", 1) != 1) log::debug(cat(path_, ": ends inside of a line"));
}

TrialLog::~TrialLog() { ::close(file_); }

void TrialLog::write(TrialEvent event) {
  event.time = now();
  const std::string line = to_line(event);
  const ssize_t written = ::write(file_, line.data(), line.size());
  if (written == std::ssize(line)) return;
  const int reason = written < 0 ? errno : ENOSPC;
  if (written > 0 && ::write(file_, "\n", 1) != 1) log::debug(cat(path_, ": a part of a line stays behind"));
  if (!std::exchange(warned_, true))
    log::warning(cat(path_, ": events are lost: the file cannot be written: ", std::strerror(reason)));
}

std::map<std::string, TrialHistory> read_trial_logs(const fs::path& folder) {
  std::vector<WrittenEvent> events;
  read_logs(folder, kPrefix, "", events);
  read_logs(folder / kTasks, "", "/", events);
  std::stable_sort(events.begin(), events.end(),
                   [](const WrittenEvent& a, const WrittenEvent& b) { return a.event.time < b.event.time; });
  std::map<std::string, TrialHistory> histories;
  for (const WrittenEvent& written : events) add(written, histories[written.event.trial]);
  return histories;
}

}  // namespace hiddenkey
