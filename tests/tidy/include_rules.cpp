// SPDX-License-Identifier: MIT
// Who may include what.
#include <algorithm>
#include <map>

#include "tidy/rules.hpp"

namespace tidy {
namespace {

using Names = std::set<std::string, std::less<>>;

// What each layer may include of the others, besides itself. The same table stands in ARCHITECTURE.md.
const std::map<std::string, Names, std::less<>> kBelow{
    {"core", {}},
    {"platform", {"core"}},
    {"serialize", {"core"}},
    {"storage", {"core", "platform"}},
    {"notify", {"core", "platform"}},
    {"transport", {"core", "platform"}},
    {"client", {"core", "platform", "serialize", "storage", "notify", "transport"}},
};

// Public headers that belong to the client: what is below it must not know them.
const Names kClientHeaders{"claim.hpp", "client.hpp",  "connect.hpp", "copy.hpp",  "ipcm.hpp",       "request.hpp",
                           "route.hpp", "send_in.hpp", "service.hpp", "spawn.hpp", "transaction.hpp"};

struct Foreign {
  std::string prefix;  // of the include
  Names homes;         // where it is at home
};

const std::vector<Foreign> kForeign{
    {"SQLiteCpp/", {"src/storage/sqlite/", "tests/", "benchmarks/"}},
    {"sqlite3.h", {"src/storage/sqlite/", "src/cli/main.cpp", "schema/", "tests/", "examples/", "benchmarks/"}},
    {"simdjson", {"src/serialize/fast_json.cpp"}},
    {"date/", {"src/core/time_zone.cpp"}},
    {"CLI/", {"src/cli/"}},
    {"nlohmann/",
     {"include/", "src/core/", "src/serialize/", "src/client/", "src/cli/", "tests/", "examples/", "benchmarks/"}},
    {"boost/", {"tests/", "examples/"}},
    {"benchmark/", {"benchmarks/"}},
};

// The system is called in src/platform, and: where the events are that wake a client; for random bytes; for making a
// route's files under their final names in one step.
const Names kSystemHomes{"src/platform/", "src/notify/", "src/core/random.cpp", "src/storage/sqlite/route_file.cpp",
                         "src/cli/",      "tests/",      "examples/",           "benchmarks/"};
const Names kSystemHeaders{"dirent.h", "dlfcn.h",  "fcntl.h", "netdb.h",  "poll.h",   "pthread.h", "pwd.h",
                           "sched.h",  "signal.h", "spawn.h", "stdlib.h", "syslog.h", "termios.h", "unistd.h"};

std::string_view first_folder(std::string_view path) {
  return path.substr(0, path.find('/'));
}

std::string layer_of(const File& file) {
  if (!file.is_below("src/")) return {};
  return std::string(first_folder(std::string_view(file.path).substr(4)));
}

bool starts_with_any(std::string_view text, const Names& prefixes) {
  return std::ranges::any_of(prefixes, [&](const std::string& prefix) { return text.starts_with(prefix); });
}

std::string includes(const File& file, const Include& include) {
  return file.path + " includes " + include.target;
}

// Where the parts of a connection are put together: one file for each protocol.
bool is_protocol(const File& file) {
  return file.is_below("src/client/") && (file.ends_with("_protocol.cpp") || file.ends_with("_protocol.hpp"));
}

// A store, a notifier or a protocol, as opposed to what all of its kind have in common.
bool is_concrete(const std::string& target) {
  const bool in_folder_of_its_own = std::ranges::count(target, '/') > 1;
  return (target.starts_with("storage/") && in_folder_of_its_own) ||
         (target.starts_with("notify/") && target != "notify/notifier.hpp") || target.ends_with("_protocol.hpp");
}

bool exists(const Tree& tree, const std::string& path) {
  return std::ranges::binary_search(tree, path, {}, &File::path);
}

bool is_system_header(const std::string& target) {
  if (target == "sys/types.h") return false;  // names of types only
  return kSystemHeaders.contains(target) ||
         starts_with_any(target, {"sys/", "linux/", "net/", "netinet/", "arpa/", "asm/"});
}

// The layer's own check of one include.
void check_layer(const Tree& tree, const File& file, const Include& include, Problems& problems) {
  const std::string layer = layer_of(file);
  const auto below = kBelow.find(layer);
  if (below == kBelow.end()) {
    problems.push_back(file.path + " is in no layer that this test knows");
  } else if (include.quoted) {
    const std::string_view other = first_folder(include.target);
    if (!exists(tree, "src/" + include.target)) {
      problems.push_back(includes(file, include) + ", which is not a path below src");
    } else if (other != layer && !below->second.contains(other)) {
      problems.push_back(includes(file, include) + ", which is not below it");
    }
  } else if (include.target.starts_with("ipcm/") && layer != "client" &&
             kClientHeaders.contains(include.target.substr(5))) {
    problems.push_back(includes(file, include) + ", which belongs to the client above it");
  }
}

// Users of the library, the command among them: the public headers, and files of their own.
void check_user(const Tree& tree, const File& file, const Include& include, Problems& problems) {
  if (!include.quoted) return;
  const std::string top = file.is_below("src/") ? "src/cli" : std::string(first_folder(file.path));
  const std::string folder = std::filesystem::path(file.path).parent_path().string();
  const bool own = exists(tree, top + "/" + include.target) || exists(tree, folder + "/" + include.target);
  if (!own || file.is_below("include/")) {
    problems.push_back(includes(file, include) + ", which is neither a public header nor its own");
  }
}

}  // namespace

Problems includes_upward(const Tree& tree) {
  Problems problems;
  for (const File& file : tree) {
    if (!file.is_code() || file.is_below("tests/")) continue;
    for (const Include& include : includes_of(file)) {
      if (file.is_below("src/") && !file.is_below("src/cli/")) {
        check_layer(tree, file, include, problems);
      } else {
        check_user(tree, file, include, problems);
      }
    }
  }
  return problems;
}

Problems foreign_includes(const Tree& tree) {
  Problems problems;
  for (const File& file : tree) {
    if (!file.is_code()) continue;
    for (const Include& include : includes_of(file)) {
      for (const Foreign& foreign : kForeign) {
        if (include.target.starts_with(foreign.prefix) && !starts_with_any(file.path, foreign.homes)) {
          problems.push_back(includes(file, include) + ", which is not at home there");
        }
      }
      if (is_system_header(include.target) && !starts_with_any(file.path, kSystemHomes)) {
        problems.push_back(includes(file, include) + ": the system is called in src/platform");
      }
    }
  }
  return problems;
}

Problems concrete_kinds(const Tree& tree) {
  Problems problems;
  for (const File& file : tree) {
    if (!file.is_code() || !file.is_below("src/") || is_protocol(file)) continue;
    for (const Include& include : includes_of(file)) {
      const std::string folder = std::filesystem::path("src/" + include.target).parent_path().string() + "/";
      const bool listed = file.path == "src/client/protocols.cpp" && include.target.starts_with("client/");
      const bool own = file.is_below(folder) && folder != "src/client/";
      if (include.quoted && is_concrete(include.target) && !listed && !own) {
        problems.push_back(includes(file, include) + ": only the composition root knows the kinds");
      }
    }
  }
  return problems;
}

}  // namespace tidy
