#include "sweep/metrics.h"

#include "data/metric_names.h"
#include "data/task.h"

namespace hiddenkey {

std::string default_metric(const RunConfig& config) {
  return config.evaluation.metric == "auto" ? task_info(config.task).metric : config.evaluation.metric;
}

std::vector<std::string> metrics_of(const RunConfig& config) {
  const TaskInfo info = task_info(config.task);
  std::vector<std::string> names = metrics_to_choose_from(info);
  if (!info.makes_text()) return names;
  const std::vector<std::string> of_texts =
      config.task.name == "webnlg" ? std::vector<std::string>{"BLEU", "METEOR", "TER", "corpus TER", "chrF++"}
                                   : std::vector<std::string>{"BLEU", "NIST", "METEOR", "ROUGE-L", "CIDEr"};
  names.insert(names.end(), of_texts.begin(), of_texts.end());
  return names;
}

}  // namespace hiddenkey
