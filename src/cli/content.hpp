// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <ipcm/client.hpp>
#include <ipcm/connection_info.hpp>
#include <ipcm/content.hpp>

#include "input.hpp"

namespace ipcm::cli {

/// The content that a command's CONTENT argument stands for.
enum class ContentKind { json, text };

/// One message's content from its text: JSON, kept to the byte but for the space around it, or any text as a JSON
/// string. Throws Failure that says what is wrong with it; with more than `most` bytes it is not read.
Content to_content(std::string text, ContentKind kind, std::size_t most = kHighestMaxContent);

/// The most bytes that a text may have that this client sends.
std::size_t most_text(const Client& client);

/// True for "-" and "@FILE": the content is read from there.
bool names_input(const std::string& argument);
/// The input that "-" or "@FILE" names.
Input open_input(const std::string& argument);

/// The whole content: of the argument itself, or of the input it names. It is for that route.
Content read_content(const std::string& argument, ContentKind kind, const ConnectionInfo& info);

/// Help for the CONTENT argument of several commands.
inline constexpr const char* kContentHelp =
    "JSON; or @FILE to read it from a file, or - to read it from standard input (the default)";
inline constexpr const char* kTextHelp = "CONTENT is any text, sent as a JSON string; a newline at its end is left out";

}  // namespace ipcm::cli
