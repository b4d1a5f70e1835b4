// SPDX-License-Identifier: MIT
#include "commands.hpp"

namespace ipcm::cli {

void setup_all(CommandLine& line) {
  for (const auto setup :
       {setup_spawn,        setup_connect, setup_send,       setup_get,       setup_peers,  setup_peek,
        setup_requeue,      setup_request, setup_reply,      setup_broadcast, setup_queue,  setup_schedule,
        setup_work,         setup_jobs,    setup_dead,       setup_suspend,   setup_forget, setup_info,
        setup_connect_info, setup_stats,   setup_check,      setup_doctor,    setup_backup, setup_salvage,
        setup_dump,         setup_load,    setup_durability, setup_migrate,   setup_unspawn}) {
    setup(line);
  }
}

}  // namespace ipcm::cli
