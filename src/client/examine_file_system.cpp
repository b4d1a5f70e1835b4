// SPDX-License-Identifier: MIT
#include "client/examine_file_system.hpp"

#include "core/size_text.hpp"

namespace ipcm {
namespace {

using Kind = platform::FileSystemFacts::Kind;

// A few logs, which have 4 MB each time they are folded in, and room for what waits.
constexpr std::uint64_t kLittleSpace = 64 << 20;
constexpr std::uint64_t kHardlyAnySpace = 1 << 20;

void judge_kind(const platform::FileSystemFacts& facts, const std::string& path, Findings& findings) {
  switch (facts.kind) {
    case Kind::network:
      findings.problem("file system",
                       path + " lies on " + facts.name +
                           ", a file system over a network or served by a process. Locks and shared memory are not to "
                           "be trusted there: messages can be lost or damaged.",
                       "Move the route to a local file system: stop its clients, and copy all of its files.");
      break;
    case Kind::memory:
      findings.note("file system", path + " lies in memory (" + facts.name + "): it is gone when the machine stops.",
                    "Fine for what may be lost; else move it to a disk.");
      break;
    case Kind::overlay:
      findings.note(
          "file system",
          path + " lies in the file system of a container (" + facts.name + "): it is gone with the container.",
          "Keep routes that must last in a volume.");
      break;
    case Kind::unknown:
      findings.note("file system", path + " lies on a file system that ipcm does not know (" + facts.name + ").",
                    "It must be a local one, with shared memory and locks.");
      break;
    case Kind::local: break;
  }
}

}  // namespace

void judge_file_system(const platform::FileSystemFacts& facts, const std::string& path, Findings& findings) {
  judge_kind(facts, path, findings);
  const std::string space = size_text(facts.free_bytes) + " are free on the file system (" + facts.name + ")";
  if (facts.read_only) {
    findings.problem("file system", path + " lies on a file system that is mounted read-only.",
                     "See what `dmesg` says of the disk; `mount -o remount,rw` where it is whole.");
  } else if (facts.free_bytes < kHardlyAnySpace) {
    findings.problem("space", space + ": messages are refused.",
                     "Make room. What is stored is safe meanwhile and can be taken.");
  } else if (facts.free_bytes < kLittleSpace) {
    findings.warning("space", space + ".", "Make room soon: without it messages are refused.");
  } else {
    findings.ok("space", space + ".");
  }
}

void examine_file_system(const std::string& path, Findings& findings) {
  if (const auto facts = platform::file_system_of(path)) judge_file_system(*facts, path, findings);
}

}  // namespace ipcm
