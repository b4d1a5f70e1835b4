// SPDX-License-Identifier: MIT
// The log beside the file of a route. The first byte says what the rest is: L, the bytes of the log; C, edits of a
// whole one, whose checksums are written anew; else edits of it as it is.
#include "fuzz/support/edits.hpp"
#include "fuzz/support/fuzz.hpp"
#include "fuzz/support/sample_route.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const fuzz::Workplace workplace;
  const std::string_view bytes = fuzz::text_of(data, size).substr(1);
  fuzz::RouteBytes route = fuzz::sample_route();
  data[0] == 'L' ? void(route.log = bytes) : fuzz::edit(route.log, bytes);
  if (data[0] == 'C') fuzz::mend_checksums(route.log);
  workplace.lay_out(route);
  fuzz::use_route(workplace.path());
  return 0;
}
