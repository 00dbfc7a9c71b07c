#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "report/study.h"
#include "sweep/sweep_folder.h"
#include "sweep/trial_log.h"

namespace hiddenkey {

/// A study, and what its folder knows beyond it.
struct StudyState {
  SweepRecord record;
  std::map<std::string, TrialHistory> histories;
  Study study;
};

/// As read_study.
StudyState read_study_state(const std::filesystem::path& folder);

}  // namespace hiddenkey
