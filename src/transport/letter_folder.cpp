// SPDX-License-Identifier: MIT
#include "transport/letter_folder.hpp"

#include <charconv>
#include <vector>

#include <ipcm/error.hpp>

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

std::string addressed_name(const Enclosure& enclosure, const Peer& recipient) {
  return prefix_of(recipient) + name_of(enclosure);
}

// What numbers_in() finds in the name of a draft, or of a file that has its recipient.
std::optional<std::vector<std::uint64_t>> numbers_of_own(std::string_view name) {
  const bool draft = name.starts_with(kDraft);
  auto numbers = numbers_in(draft ? name.substr(kDraft.size()) : name);
  if (numbers && numbers->size() != (draft ? 2U : 4U)) numbers.reset();
  return numbers;
}

}  // namespace

LetterFolder::Draft::~Draft() {
  if (name_.empty()) return;
  try {
    folder_->remove_file(name_);
  } catch (...) {  // whoever connects next removes it
  }
}

LetterFolder::Draft LetterFolder::write(const Enclosure& enclosure, std::string_view content) const {
  Draft draft;
  std::string name = std::string(kDraft) + name_of(enclosure);
  folder_->write_new_file(name, content);
  draft.folder_ = folder_;
  draft.name_ = std::move(name);
  return draft;
}

void LetterFolder::address(Draft& draft, const Enclosure& enclosure, const Peer& recipient) const {
  std::string addressed = addressed_name(enclosure, recipient);
  if (addressed == draft.name_) return;
  folder_->rename_file(draft.name_, addressed);
  draft.name_ = std::move(addressed);
}

std::optional<std::string> LetterFolder::read(const Enclosure& enclosure, const Peer& recipient) const {
  std::optional<std::string> content = folder_->read_file(addressed_name(enclosure, recipient));
  if (content && content->size() != enclosure.size) return std::nullopt;
  return content;
}

void LetterFolder::remove(const Enclosure& enclosure, const Peer& recipient) const noexcept {
  try {
    folder_->remove_file(addressed_name(enclosure, recipient));
  } catch (...) {  // the next client of the name removes it
  }
}

void LetterFolder::clean(const Peer& self, FunctionRef<bool(std::int64_t id)> is_present) const {
  for (const std::string& name : folder_->names()) {
    const bool draft = name.starts_with(kDraft);
    const auto numbers = numbers_of_own(name);
    if (!numbers) continue;
    const auto owner = static_cast<std::int64_t>(numbers->front());
    const bool of_self = owner == self.id;
    const bool stale = of_self ? draft || numbers->at(1) != static_cast<std::uint64_t>(self.epoch) : !is_present(owner);
    if (stale) folder_->remove_file(name);
  }
}

void LetterFolder::remove_mail_of(const Peer& recipient) const {
  for (const std::string& name : folder_->names()) {
    if (name.starts_with(prefix_of(recipient)) && is_own_name(name)) folder_->remove_file(name);
  }
}

bool LetterFolder::is_own_name(std::string_view name) {
  return numbers_of_own(name).has_value();
}

}  // namespace ipcm::transport
