#include "score/task_metrics.h"

#include <memory>

#include "score/e2e.h"
#include "score/webnlg.h"

namespace hiddenkey {
namespace {

template <class Metrics>
TaskMetrics of(const fs::path& paraphrases) {
  return [metrics = std::make_shared<Metrics>(paraphrases)](const std::vector<Segment>& segments) {
    return metrics->of(segments);
  };
}

}  // namespace

TaskMetrics task_metrics(const std::string& task, const fs::path& paraphrases) {
  return task == "webnlg" ? of<WebnlgMetrics>(paraphrases) : of<E2eMetrics>(paraphrases);
}

}  // namespace hiddenkey
