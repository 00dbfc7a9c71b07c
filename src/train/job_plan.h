#pragma once

#include <nlohmann/json.hpp>

#include "train/job.h"
#include "train/memory.h"
#include "train/time_estimate.h"

namespace hiddenkey {

/// What a job would do, as far as it is known before the first step: model, data, targets, parameters, dropout sites,
/// consistency, memory in bytes, time in seconds, steps and schedule.
nlohmann::ordered_json job_plan(const Job& job, const MemoryEstimate& memory, const TimeEstimate& time);

/// Says in the log how much memory the job will take and how many steps it has.
void describe_plan(const Job& job, const MemoryEstimate& memory);

/// "about 12 min (0.95 s a step, 5 evaluations of 8 s)"
std::string describe_time(const TimeEstimate& time);

}  // namespace hiddenkey
