// SPDX-License-Identifier: MIT
// Which bug the library of this program has: IPCM_TEST_BUG=NAME, or NAME/N for one that shows every N-th time only, as
// those do that are hard to find.
#include <atomic>
#include <cstdlib>
#include <string>

namespace ipcm::faults {

void reach(const char*) noexcept {}

bool has_bug(const char* bug) noexcept {
  struct Chosen {
    Chosen() {
      const char* given = std::getenv("IPCM_TEST_BUG");
      name = given != nullptr ? given : "";
      const std::size_t slash = name.find('/');
      if (slash == std::string::npos) return;
      every = static_cast<unsigned>(std::atoi(name.c_str() + slash + 1));
      name.resize(slash);
    }
    std::string name;
    unsigned every = 1;
  };
  static const Chosen chosen;
  static std::atomic<unsigned> times{0};
  return chosen.name == bug && ++times % chosen.every == 0;
}

}  // namespace ipcm::faults
