// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include <ipcm/error.hpp>
#include <ipcm/serializer.hpp>

namespace test {

/// JSON, but that bytes with the word "poison" in them cannot be decoded: what a message looks like that was damaged,
/// or written by a faulty serializer. Whatever it throws of other words, no caller may be harmed by it.
class PickySerializer : public ipcm::Serializer {
 public:
  explicit PickySerializer(std::string name) : name_(std::move(name)) {}

  std::string_view name() const override { return name_; }
  std::string encode(const ipcm::Json& content) const override {
    if (content == "cannot be encoded") throw std::runtime_error("no");
    return content == "half" ? "{" : content.dump();
  }

  ipcm::Json decode(std::string_view bytes) const override {
    if (bytes.find("poison") != std::string_view::npos) {
      throw ipcm::Error(ipcm::ErrorCode::InvalidMessage, "poison cannot be decoded");
    }
    if (bytes.find("number") != std::string_view::npos) throw 42;
    return ipcm::Json::parse(bytes);  // which throws an exception of its own
  }

 private:
  std::string name_;
};

}  // namespace test
