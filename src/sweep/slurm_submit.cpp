#include "sweep/slurm_submit.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <string_view>

#include "core/error.h"
#include "core/file.h"
#include "core/log.h"
#include "core/shell_word.h"
#include "core/text.h"
#include "sweep/ask_program.h"

namespace hiddenkey {
namespace {

/// Seconds before its time limit at which a task is warned, so that it saves its state. Slurm itself gives 30 seconds.
constexpr int kWarning = 120;

/// The options without which the array would not be one task a trial, or its job's number would not be known.
struct OwnOption {
  std::string_view name, letter;
};
constexpr OwnOption kOwnOptions[] = {{"--array", "-a"}, {"--ntasks", "-n"},  {"--parsable", ""},
                                     {"--wait", "-W"},  {"--test-only", ""}, {"--wrap", ""}};

/// sbatch takes the beginning of an option's name for the option.
void require_foreign(const std::string& word) {
  const std::string name = word.substr(0, word.find('='));
  for (const OwnOption& own : kOwnOptions) {
    const bool is_long = name.size() > 2 && name.starts_with("--") && own.name.starts_with(name);
    const bool is_short = !own.letter.empty() && word.starts_with(own.letter);
    if (is_long || is_short)
      throw ConfigError(cat('"', word, "\" cannot be passed on to sbatch: ", own.name,
                            " is what `hiddenkey sweep run --slurm` sets itself",
                            own.name == "--array" ? "; --array-limit says how many tasks run at once" : ""));
  }
}

std::string script_of(const SweepFolder& sweep, const std::vector<std::string>& trials) {
  std::string text = "#!/bin/bash\n# A task of this array trains the trial that has its number.\ntrials=(\n";
  for (const std::string& trial : trials) text += cat("  ", shell_word(trial), '\n');
  const std::string program = fs::read_symlink("/proc/self/exe").string();
  return cat(text, ")\nexport OMP_NUM_THREADS=\"${SLURM_CPUS_PER_TASK:-${SLURM_CPUS_ON_NODE:-1}}\"\n",
             "# The program takes this shell's place, so that Slurm's signals reach it.\nexec ", shell_word(program),
             " sweep worker ", shell_word(sweep.path().string()),
             " --requeue --trial \"${trials[SLURM_ARRAY_TASK_ID]}\"\n");
}

/// A per cent sign in a file's name would begin one of Slurm's own patterns.
std::string plain_pattern(const std::string& path) {
  std::string pattern;
  for (const char c : path) pattern += c == '%' ? std::string("%%") : std::string(1, c);
  return pattern;
}

/// "sbatch: error: x\nsbatch: error: y" -> "x; y".
std::string in_one_line(const std::string& errors) {
  std::vector<std::string> said;
  for (std::string line : split(errors, '\n')) {
    for (const std::string_view mark : {"sbatch: ", "scontrol: ", "error: "}) {
      if (line.starts_with(mark)) line.erase(0, mark.size());
    }
    if (!line.empty()) said.push_back(line);
  }
  return said.empty() ? "it does not say why" : join(said, "; ");
}

/// An array's last task has the number of the whole array as its SLURM_JOB_ID.
std::string this_task() {
  const char* array = std::getenv("SLURM_ARRAY_JOB_ID");
  const char* number = std::getenv("SLURM_ARRAY_TASK_ID");
  if (array != nullptr && number != nullptr) return cat(array, '_', number);
  const char* job = std::getenv("SLURM_JOB_ID");
  return job == nullptr ? "" : job;
}

double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

}  // namespace

SlurmSubmission plan_submission(const SlurmFolder& folder, const SweepFolder& sweep,
                                const std::vector<std::string>& trials, const SlurmOptions& options) {
  for (const std::string& word : options.passed_on) require_foreign(word);
  const std::string limit = options.array_limit > 0 ? cat('%', options.array_limit) : "";
  const std::string last = trials.size() > 1 ? cat('-', trials.size() - 1) : "";
  SlurmSubmission submission{{}, script_of(sweep, trials), trials};
  submission.command = {"sbatch",
                        "--parsable",
                        cat("--array=0", last, limit),
                        "--ntasks=1",
                        cat("--job-name=", sweep.path().filename().string()),
                        "--requeue",
                        "--open-mode=append",
                        cat("--signal=B:USR1@", kWarning),
                        cat("--output=", plain_pattern(folder.path().string()), "/%A_%a.txt")};
  const std::pair<const char*, const std::string&> given[] = {
      {"--partition=", options.partition}, {"--gpus-per-task=", options.gpus_per_task}, {"--time=", options.time}};
  for (const auto& [name, value] : given) {
    if (!value.empty()) submission.command.push_back(name + value);
  }
  // The last of two options that say the same counts.
  submission.command.insert(submission.command.end(), options.passed_on.begin(), options.passed_on.end());
  submission.command.push_back(folder.script().string());
  return submission;
}

std::optional<std::size_t> most_slurm_tasks() {
  const std::optional<Answer> answer = ask_program({"scontrol", "show", "config"});
  if (!answer || answer->exit_code != 0) return std::nullopt;
  for (const std::string& line : split(answer->output, '\n')) {
    const std::size_t number = line.find_first_of("0123456789");
    std::size_t most = 0;
    if (!line.starts_with("MaxArraySize") || number == std::string::npos) continue;
    std::from_chars(line.data() + number, line.data() + line.size(), most);
    return most;
  }
  return std::nullopt;
}

SlurmArray submit(const SlurmFolder& folder, const SlurmSubmission& submission) {
  write_file_atomically(folder.script(), submission.script);
  SlurmArray array{"", "", now(), submission.trials};
  const std::optional<Answer> answer = ask_program(submission.command);
  if (!answer) throw ConfigError("--slurm: there is no sbatch on PATH; is this a machine that submits to Slurm?");
  const std::vector<std::string> said = split(answer->output.substr(0, answer->output.find('\n')), ';');
  if (answer->exit_code != 0) throw ConfigError(cat("--slurm: sbatch refuses: ", in_one_line(answer->errors)));
  if (said.front().empty() || said.front().find_first_not_of("0123456789") != std::string::npos)
    throw ConfigError(cat("--slurm: sbatch tells no job's number, but \"", answer->output.substr(0, 80), '"'));
  if (!answer->errors.empty()) log::warning(cat("sbatch: ", in_one_line(answer->errors)));
  array.job = said.front();
  if (said.size() > 1) array.cluster = said[1];
  add_slurm_array(folder, array);
  return array;
}

void requeue_this_task() {
  const std::string job = this_task();
  if (job.empty()) return log::warning("--requeue: this is no job of Slurm's: SLURM_JOB_ID is not set");
  try {
    const std::optional<Answer> answer = ask_program({"scontrol", "requeue", job});
    if (answer && answer->exit_code == 0) return log::notice(cat("Slurm's task ", job, " goes back into the queue"));
    log::warning(cat("--requeue: Slurm's task ", job, " does not go back into the queue: ",
                     answer ? in_one_line(answer->errors) : "there is no scontrol on PATH"));
  } catch (const IoError& error) {
    log::warning(cat("--requeue: ", error.what()));
  }
}

}  // namespace hiddenkey
