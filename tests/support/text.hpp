// SPDX-License-Identifier: MIT
// Values as text, so that a failed comparison shows them.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include <ipcm/message.hpp>
#include <ipcm/outcome.hpp>
#include <ipcm/stats.hpp>

namespace test {

/// The contents as a JSON array: [1,{"n":2}]
std::string contents(std::span<const ipcm::Message> messages);
/// The ids, joined as by joined().
std::string ids(std::span<const ipcm::Message> messages);
/// The senders, joined as by joined().
std::string senders(std::span<const ipcm::Message> messages);
/// a,b,c
std::string joined(const std::vector<std::string>& words);
/// read{boss:1} sent{worker:2}
std::string text(const ipcm::Stats& stats);
/// a:ok b:UnknownPeer
std::string text(const std::map<std::string, ipcm::Outcome>& outcomes);

}  // namespace test
