// SPDX-License-Identifier: MIT
// Every subcommand: each is declared by a function of its own, in a file of its name.
#pragma once

namespace ipcm::cli {

class CommandLine;

/// Declares the command that the arguments name, as declaring all takes longer than most commands do; all of them where
/// the arguments name none.
void setup_commands(CommandLine& line, int count, const char* const* arguments);

void setup_spawn(CommandLine& line);
void setup_unspawn(CommandLine& line);
void setup_info(CommandLine& line);
void setup_connect_info(CommandLine& line);
void setup_durability(CommandLine& line);
void setup_connect(CommandLine& line);
void setup_queue(CommandLine& line);
void setup_schedule(CommandLine& line);
void setup_work(CommandLine& line);
void setup_jobs(CommandLine& line);
void setup_dead(CommandLine& line);
void setup_suspend(CommandLine& line);
void setup_forget(CommandLine& line);
void setup_peers(CommandLine& line);
void setup_send(CommandLine& line);
void setup_broadcast(CommandLine& line);
void setup_get(CommandLine& line);
void setup_peek(CommandLine& line);
void setup_requeue(CommandLine& line);
void setup_request(CommandLine& line);
void setup_reply(CommandLine& line);
void setup_stats(CommandLine& line);
void setup_check(CommandLine& line);
void setup_doctor(CommandLine& line);
void setup_backup(CommandLine& line);
void setup_salvage(CommandLine& line);
void setup_dump(CommandLine& line);
void setup_load(CommandLine& line);
void setup_migrate(CommandLine& line);

}  // namespace ipcm::cli
