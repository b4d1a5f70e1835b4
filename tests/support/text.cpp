// SPDX-License-Identifier: MIT
#include "support/text.hpp"

#include "support/errors.hpp"

namespace test {
namespace {

std::string joined_members(std::span<const ipcm::Message> messages,
                           const std::string& (ipcm::Message::*member)() const) {
  std::vector<std::string> words;
  for (const ipcm::Message& message : messages) words.push_back((message.*member)());
  return joined(words);
}

std::string text(const std::map<std::string, std::uint64_t>& counts) {
  std::string all;
  for (const auto& [name, count] : counts) all += (all.empty() ? "" : " ") + name + ":" + std::to_string(count);
  return all;
}

}  // namespace

std::string contents(std::span<const ipcm::Message> messages) {
  ipcm::Json all = ipcm::Json::array();
  for (const ipcm::Message& message : messages) all.push_back(message.content());
  return all.dump();
}

std::string ids(std::span<const ipcm::Message> messages) {
  return joined_members(messages, &ipcm::Message::id);
}

std::string senders(std::span<const ipcm::Message> messages) {
  return joined_members(messages, &ipcm::Message::from);
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ",") + word;
  return all;
}

std::string text(const ipcm::Stats& stats) {
  return "read{" + text(stats.read) + "} sent{" + text(stats.sent) + "}";
}

std::string text(const std::map<std::string, ipcm::Outcome>& outcomes) {
  std::string all;
  for (const auto& [name, outcome] : outcomes) all += (all.empty() ? "" : " ") + name + ":" + code_of(outcome);
  return all;
}

}  // namespace test
