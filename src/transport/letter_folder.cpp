// SPDX-License-Identifier: MIT
#include "transport/letter_folder.hpp"

#include <charconv>
#include <vector>

#include <ipcm/error.hpp>

#include "platform/file.hpp"

namespace ipcm::transport {
namespace {

constexpr std::string_view kDraft = "draft-";

// The numbers of a name "draft-SENDER-SERIAL" or "RECIPIENT-EPOCH-SENDER-SERIAL"; nothing for any other name.
std::optional<std::vector<std::uint64_t>> numbers_in(std::string_view name) {
  std::vector<std::uint64_t> numbers;
  for (;;) {
    std::uint64_t number = 0;
    const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (problem != std::errc()) return std::nullopt;
    numbers.push_back(number);
    name.remove_prefix(static_cast<std::size_t>(end - name.data()));
    if (name.empty()) return numbers;
    if (name.front() != '-') return std::nullopt;
    name.remove_prefix(1);
  }
}

std::string name_of(const Enclosure& enclosure) {
  return std::to_string(enclosure.sender) + "-" + std::to_string(enclosure.serial);
}

std::string prefix_of(const Peer& recipient) {
  return std::to_string(recipient.id) + "-" + std::to_string(recipient.epoch) + "-";
}

}  // namespace

LetterFolder::Draft::~Draft() {
  if (path_.empty()) return;
  try {
    platform::remove_file(path_);
  } catch (...) {  // whoever connects next removes it
  }
}

LetterFolder::Draft LetterFolder::write(const Enclosure& enclosure, std::string_view content) const {
  Draft draft;
  std::string path = path_ + "/" + std::string(kDraft) + name_of(enclosure);
  platform::write_new_file(path, content);
  draft.path_ = std::move(path);
  return draft;
}

void LetterFolder::address(Draft& draft, const Enclosure& enclosure, const Peer& recipient) const {
  std::string addressed = path_of(enclosure, recipient);
  if (addressed == draft.path_) return;
  platform::rename_file(draft.path_, addressed);
  draft.path_ = std::move(addressed);
}

std::string LetterFolder::path_of(const Enclosure& enclosure, const Peer& recipient) const {
  return path_ + "/" + prefix_of(recipient) + name_of(enclosure);
}

std::optional<std::string> LetterFolder::read(const Enclosure& enclosure, const Peer& recipient) const {
  std::optional<std::string> content = platform::read_file(path_of(enclosure, recipient));
  if (content && content->size() != enclosure.size) return std::nullopt;
  return content;
}

void LetterFolder::remove(const Enclosure& enclosure, const Peer& recipient) const noexcept {
  try {
    platform::remove_file(path_of(enclosure, recipient));
  } catch (...) {  // the next client of the name removes it
  }
}

void LetterFolder::clean(const Peer& self, FunctionRef<bool(std::int64_t id)> is_present) const {
  for (const std::string& name : platform::names_in(path_)) {
    const bool draft = name.starts_with(kDraft);
    const auto numbers = numbers_in(draft ? std::string_view(name).substr(kDraft.size()) : name);
    if (!numbers || numbers->size() != (draft ? 2U : 4U)) continue;
    const auto owner = static_cast<std::int64_t>(numbers->front());
    const bool of_self = owner == self.id;
    const bool stale = of_self ? draft || numbers->at(1) != static_cast<std::uint64_t>(self.epoch) : !is_present(owner);
    if (stale) platform::remove_file(path_ + "/" + name);
  }
}

void LetterFolder::remove_mail_of(const Peer& recipient) const {
  for (const std::string& name : platform::names_in(path_)) {
    if (name.starts_with(prefix_of(recipient))) platform::remove_file(path_ + "/" + name);
  }
}

}  // namespace ipcm::transport
