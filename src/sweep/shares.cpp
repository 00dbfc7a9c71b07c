#include "sweep/shares.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <thread>

#include "core/text.h"

namespace hiddenkey {

std::vector<Share> share_out(int workers, int processors, const std::vector<std::string>& gpus) {
  std::vector<Share> shares(static_cast<std::size_t>(std::max(workers, 1)));
  for (std::size_t i = 0; i < shares.size(); ++i) {
    shares[i].threads = std::max(1, processors / static_cast<int>(shares.size()));
    shares[i].alone = shares.size() == 1;
    if (gpus.size() > 1) shares[i].gpu = gpus[i % gpus.size()];
  }
  return shares;
}

int usable_processors() {
  if (const char* given = std::getenv("OMP_NUM_THREADS")) {
    int threads = 0;
    const std::string_view text = given;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), threads);
    if (error == std::errc() && threads > 0) return threads;
  }
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

std::vector<std::string> usable_gpus() {
  std::vector<std::string> gpus;
  if (const char* given = std::getenv("CUDA_VISIBLE_DEVICES")) {
    for (const std::string& name : split(given, ',')) {
      if (!name.empty()) gpus.push_back(name);
    }
    return gpus;
  }
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/driver/nvidia/gpus", error)) {
    static_cast<void>(entry);
    gpus.push_back(cat(gpus.size()));
  }
  return gpus;
}

}  // namespace hiddenkey
