#pragma once

#include "train/job.h"

namespace hiddenkey {

/// Logs one line for each thing a user should know before the first step: data, parameters, targets, dropout sites.
void describe_job(const Job& job);

}  // namespace hiddenkey
