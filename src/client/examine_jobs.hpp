// SPDX-License-Identifier: MIT
#pragma once

#include "client/job_rules.hpp"
#include "core/findings.hpp"
#include "storage/jobs.hpp"
#include "storage/store.hpp"

namespace ipcm {

/// The part of examine_mail() that is about jobs.
void examine_jobs(storage::Store& store, storage::Snapshot& view, storage::Jobs& jobs, const JobTime& time,
                  Findings& findings);

}  // namespace ipcm
