// SPDX-License-Identifier: MIT
// The file of a route. The first byte says what the rest is: F, the bytes of the file; else edits of a whole one.
#include "fuzz/support/edits.hpp"
#include "fuzz/support/fuzz.hpp"
#include "fuzz/support/sample_route.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const fuzz::Workplace workplace;
  const std::string_view bytes = fuzz::text_of(data, size).substr(1);
  fuzz::RouteBytes route{fuzz::sample_route().file, {}};
  data[0] == 'F' ? void(route.file = bytes) : fuzz::edit(route.file, bytes);
  workplace.lay_out(route);
  fuzz::use_route(workplace.path());
  return 0;
}
