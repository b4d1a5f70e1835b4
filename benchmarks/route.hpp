// SPDX-License-Identifier: MIT
// The side of ipcm, by its public interface only.
#pragma once

#include <ipcm/ipcm.hpp>

#include <string>
#include <vector>

#include "figure.hpp"

namespace bench {

/// A fresh route in the benchmark's folder, removed at the end.
ipcm::Spawn fresh_route(const Context& context, const std::string& name, ipcm::Durability durability);
/// The same; `options.route` is set here.
ipcm::Spawn fresh_route(const Context& context, const std::string& name, ipcm::SpawnOptions options);

/// Throws unless the route's integrity and its books are in order.
void require_good_books(const ipcm::Spawn& store);

/// An object with the number as "n" that takes that many bytes as JSON: 40 at least.
ipcm::Json content_of(std::size_t number, std::size_t bytes = 100);
std::vector<ipcm::Json> contents_of(std::size_t count, std::size_t bytes = 100);

/// The same as text, for the baseline.
std::vector<std::string> texts_of(std::size_t count, std::size_t bytes = 100);

/// Takes all there is, decodes it and throws unless it is numbered 0 to count - 1 in this order.
void take_all(ipcm::Client& reader, std::size_t count);

}  // namespace bench
