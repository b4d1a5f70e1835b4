// SPDX-License-Identifier: MIT
#pragma once

#include <ipcm/message.hpp>

#include "command_line.hpp"

namespace ipcm::cli {

/// --ttl, --priority and --max-attempts: what can be said of a message that is sent now or by a schedule.
void add_job_options(Command& command, MessageFields& fields);

}  // namespace ipcm::cli
