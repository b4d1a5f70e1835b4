// SPDX-License-Identifier: MIT
// Gives a fuzzer's function the bytes of files, in the place of libFuzzer: `fuzz_replay names FOLDER` or `… FILE`.
// Input that breaks a rule ends the process, and the last line names its file.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "fuzz/support/fuzz.hpp"
#include "fuzz_targets.hpp"
#include "support/temporary_folder.hpp"

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const fs::path& path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path)) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

}  // namespace

int main(int count, char** arguments) {
  const auto target = count > 1 ? fuzz::targets().find(arguments[1]) : fuzz::targets().end();
  if (target == fuzz::targets().end()) {
    std::fprintf(stderr, "usage: fuzz_replay TARGET FOLDER|FILE...\n");
    return 2;
  }
  std::size_t replayed = 0;
  for (int i = 2; i < count; ++i) {
    for (const fs::path& file : files_of(arguments[i])) {
      std::printf("%s\n", file.filename().c_str());
      std::fflush(stdout);
      const std::string bytes = test::read_file(file.string());
      // Of exactly that size, so that AddressSanitizer sees who reads beyond.
      const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
      target->second(exact.data(), exact.size());
      ++replayed;
    }
  }
  std::printf("%zu replayed\n", replayed);
  return replayed > 0 ? 0 : 1;
}
