#pragma once

#include <nlohmann/json.hpp>

#include "train/build.h"
#include "train/memory.h"

namespace hiddenkey {

/// What a job would do, as far as it is known before the first step: model, data, targets, parameters, dropout sites,
/// consistency, memory in bytes, steps and schedule.
nlohmann::ordered_json job_plan(const Job& job, const MemoryEstimate& memory);

/// Says in the log how much memory the job will take and how many steps it has.
void describe_plan(const Job& job, const MemoryEstimate& memory);

}  // namespace hiddenkey
