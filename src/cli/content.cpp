// SPDX-License-Identifier: MIT
#include "content.hpp"

#include <unistd.h>

#include <ipcm/error.hpp>
#include <ipcm/route.hpp>

#include "errors.hpp"

namespace ipcm::cli {
namespace {

constexpr std::string_view kJson = "JSON";
// To read a longer text takes longer than to ask the route whether it takes so much.
constexpr std::size_t kLongText = std::size_t{1} << 20U;
constexpr const char* kJsonSpace = " \t\r\n";

void trim(std::string& text) {
  text.erase(text.find_last_not_of(kJsonSpace) + 1);
  text.erase(0, text.find_first_not_of(kJsonSpace));
}

Content json_content(std::string text) {
  trim(text);
  if (text.empty()) throw Failure("the content is empty, which is not JSON");
  try {
    return Content::from_text(std::move(text));
  } catch (const Error& error) {
    throw Failure(error.what());
  }
}

Content text_content(std::string text) {
  try {
    return Content::from_text(Json(std::move(text)).dump());
  } catch (const Json::exception&) {
    throw Failure("the text is not UTF-8, so no JSON string can hold it; encode it first, e.g. with base64");
  }
}

Content argument_content(const std::string& argument, ContentKind kind) {
  try {
    return to_content(argument, kind);
  } catch (const Failure& failure) {
    if (kind == ContentKind::text) throw;
    throw Failure(without_period(failure.what()) +
                  "; quote JSON for the shell, e.g. '{\"n\":1}' or '\"text\"', or send plain text with --text");
  }
}

}  // namespace

std::size_t most_text(const Client& client) {
  return client.serializer() == kJson ? client.max_content() : kHighestMaxContent;  // others may make it shorter
}

Content to_content(std::string text, ContentKind kind, std::size_t most) {
  if (text.size() > most) {
    throw Failure("the content has " + std::to_string(text.size()) + " bytes; this route takes at most " +
                  std::to_string(most));
  }
  return kind == ContentKind::text ? text_content(std::move(text)) : json_content(std::move(text));
}

bool names_input(const std::string& argument) {
  return argument == "-" || argument.starts_with('@');
}

Input open_input(const std::string& argument) {
  if (argument.starts_with('@')) return Input::file(argument.substr(1));
  if (::isatty(STDIN_FILENO) != 0) complain("reading from this terminal; Ctrl-D on a line of its own ends it");
  return Input::standard();
}

Content read_content(const std::string& argument, ContentKind kind, const ConnectionInfo& info) {
  if (!names_input(argument)) return argument_content(argument, kind);
  Input input = open_input(argument);
  std::string text = input.read_all();
  if (text.ends_with('\n')) text.pop_back();
  try {
    const bool ask = text.size() > kLongText && info.serializer == kJson;
    return to_content(std::move(text), kind, ask ? route_info(info).max_content : kHighestMaxContent);
  } catch (const Failure& failure) {
    throw Failure(input.name() + ": " + failure.what());
  }
}

}  // namespace ipcm::cli
