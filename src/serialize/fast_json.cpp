// SPDX-License-Identifier: MIT
#include "serialize/fast_json.hpp"

#include <simdjson.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "core/byte_order_mark.hpp"
#include "core/names.hpp"

namespace ipcm {
namespace {

// A parser keeps some twelve bytes for each byte of text, so long ones are left to the other.
constexpr std::size_t kLongest = std::size_t{1} << 20;

// simdjson chooses its code at the first use and ends the process where there is no memory for that: so it does it
// before main(), and not in the middle of a take.
[[maybe_unused]] const bool kCodeIsChosen = !simdjson::get_active_implementation()->name().empty();

// At exit simdjson's own static objects are destroyed right after this one.
// Objects with static storage that are destroyed later may still read mail.
std::atomic<bool> is_gone{false};
struct NoteOfExit {
  ~NoteOfExit() { is_gone = true; }
};
[[maybe_unused]] const NoteOfExit kNoteOfExit;

/// What one thread parses with. Memory grows with the longest text that it has seen.
struct Workshop {
  simdjson::dom::parser parser;
  std::vector<char> text;  // simdjson reads a little beyond the end
};

// Of this thread. Trivially destructible, as destructors that run later at the thread's end may still read mail.
thread_local Workshop* workshop = nullptr;
thread_local bool thread_ends = false;

struct WorkshopKeeper {
  ~WorkshopKeeper() {
    delete std::exchange(workshop, nullptr);
    thread_ends = true;
  }
};

// Null: it is too late for one.
Workshop* this_threads_workshop() {
  if (is_gone || thread_ends) return nullptr;
  if (workshop == nullptr) {
    static thread_local WorkshopKeeper keeper;
    static_cast<void>(&keeper);
    workshop = new Workshop;
  }
  return workshop;
}

// simdjson 3.0 takes half a surrogate pair, which no UTF-8 can hold.
bool has_surrogate(std::string_view text) {
  for (auto at = text.find('\\'); at != std::string_view::npos && at + 2 < text.size(); at = text.find('\\', at + 2)) {
    if (text[at + 1] == 'u' && (text[at + 2] == 'd' || text[at + 2] == 'D')) return true;
  }
  return false;
}

std::optional<simdjson::dom::element> parse(std::string_view text) {
  // Later versions of simdjson skip a byte order mark.
  if (text.size() > kLongest || text.starts_with(kByteOrderMark) || has_surrogate(text)) return std::nullopt;
  Workshop* const own = this_threads_workshop();
  if (own == nullptr) return std::nullopt;
  if (own->parser.capacity() < text.size() || own->parser.max_depth() != kMaxContentDepth) {
    const std::size_t capacity = std::max<std::size_t>(2 * text.size(), 4096);
    if (own->parser.allocate(capacity, kMaxContentDepth) != simdjson::SUCCESS) return std::nullopt;
  }
  const std::size_t padded = text.size() + simdjson::SIMDJSON_PADDING;
  if (own->text.size() < padded) own->text.resize(padded);
  text.copy(own->text.data(), text.size());
  simdjson::dom::element root;
  const bool already_padded = true;
  const auto outcome = own->parser.parse(own->text.data(), text.size(), !already_padded).get(root);
  if (outcome != simdjson::SUCCESS) return std::nullopt;
  return root;
}

// Recurses as deep as a content may be.
Json value_of(simdjson::dom::element element) {
  using simdjson::dom::element_type;
  switch (element.type()) {
    case element_type::OBJECT: {
      Json object = Json::object();
      auto& members = object.get_ref<Json::object_t&>();
      for (const auto& [key, value] : simdjson::dom::object(element)) members[std::string(key)] = value_of(value);
      return object;
    }
    case element_type::ARRAY: {
      Json array = Json::array();
      auto& elements = array.get_ref<Json::array_t&>();
      for (const simdjson::dom::element value : simdjson::dom::array(element)) elements.push_back(value_of(value));
      return array;
    }
    case element_type::STRING: return std::string(std::string_view(element));
    case element_type::INT64: {
      const auto number = std::int64_t(element);
      if (number < 0) return number;
      return static_cast<std::uint64_t>(number);  // as nlohmann has it
    }
    case element_type::UINT64: return std::uint64_t(element);
    case element_type::DOUBLE: return double(element);
    case element_type::BOOL: return bool(element);
    case element_type::NULL_VALUE: break;
  }
  return nullptr;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  constexpr std::size_t kShort = 64;  // where setting out costs more than it saves
  return text.size() < kShort || is_gone ? is_valid_utf8(text) : simdjson::validate_utf8(text.data(), text.size());
}

bool is_surely_json(std::string_view text) {
  return parse(text).has_value();
}

std::optional<Json> decode_surely_json(std::string_view text) {
  const auto root = parse(text);
  return root ? std::optional(value_of(*root)) : std::nullopt;
}

}  // namespace ipcm
