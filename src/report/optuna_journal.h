#pragma once

#include <filesystem>
#include <string>

#include "report/study.h"

namespace hiddenkey {

/// The study as a journal of Optuna's (optuna/storages/journal): a line creates the study, and one each trial, with its
/// varied keys as parameters, seed, cell, name and error as attributes, and the metric at each evaluation as
/// intermediate values.
std::string optuna_journal(const Study& study);

/// ConfigError where there is a file that is no journal of this tool's, which Optuna has perhaps added to.
void require_replaceable_journal(const std::filesystem::path& file);

}  // namespace hiddenkey
