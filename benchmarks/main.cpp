// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "report.hpp"
#include "workloads.hpp"

namespace bench {
namespace {

constexpr const char* kHelp = R"(usage: ipcm_benchmarks [options]
Measures ipcm against baselines in the same run and prints a table of ratios.
  --smoke         tiny: shows that the benchmarks work, not how fast anything is
  --rounds N      how often each side is measured (7)
  --only NAME     only this workload; may be repeated
  --list          print the names of the workloads
  --folder DIR    where stores are made: on the disk that is meant (.)
  --json FILE     write all values
  --svg FILE      draw the ratios
)";

struct Options {
  Context context;
  std::vector<std::string> only;
  std::string folder = ".";
  std::string json;
  std::string svg;
};

int rounds_from(const std::string& text) {
  const int rounds = std::atoi(text.c_str());
  if (rounds < 1) throw std::invalid_argument("--rounds wants a number of 1 or more, not " + text);
  return rounds;
}

// Nothing when there is nothing to run.
std::optional<Options> parse(std::vector<std::string> words) {
  Options options;
  for (auto word = words.begin(); word != words.end(); ++word) {
    const auto value = [&] {
      if (word + 1 == words.end()) throw std::invalid_argument(*word + " wants a value");
      return *++word;
    };
    if (*word == "--smoke") {
      options.context.smoke = true;
      options.context.rounds = 1;
    } else if (*word == "--rounds") {
      options.context.rounds = rounds_from(value());
    } else if (*word == "--only") {
      options.only.push_back(value());
    } else if (*word == "--folder") {
      options.folder = value();
    } else if (*word == "--json") {
      options.json = value();
    } else if (*word == "--svg") {
      options.svg = value();
    } else if (*word == "--list") {
      for (const Workload& workload : kWorkloads) std::cout << workload.name << "\n";
      return std::nullopt;
    } else if (*word == "--help") {
      std::cout << kHelp;
      return std::nullopt;
    } else {
      throw std::invalid_argument("unknown option " + *word + "; see --help");
    }
  }
  return options;
}

std::vector<Workload> chosen(const std::vector<std::string>& only) {
  std::vector<Workload> some;
  for (const Workload& workload : kWorkloads) {
    if (only.empty() || std::find(only.begin(), only.end(), workload.name) != only.end()) some.push_back(workload);
  }
  if (some.size() < only.size()) throw std::invalid_argument("--only wants names that --list prints");
  return some;
}

// A fresh folder in `parent`, removed with everything in it.
class Folder {
 public:
  explicit Folder(const std::string& parent) : path_((std::filesystem::path(parent) / "benchmark-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make a folder in " + parent);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void write_file(const std::string& path, const std::function<void(std::ostream&)>& write) {
  if (path.empty()) return;
  std::ofstream file(path);
  write(file);
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

void run(Options options) {
  const std::vector<Workload> workloads = chosen(options.only);
  const Folder folder(options.folder);
  options.context.folder = folder.path();
  const Conditions conditions = conditions_here(folder.path());
  for (const auto& [name, value] : conditions) std::cout << name << ": " << value << "\n";
  std::cout << "\n";

  std::vector<Figure> figures;
  for (const Workload& workload : workloads) {
    std::cerr << "measuring: " << workload.name << std::endl;
    for (Figure& figure : workload.run(options.context)) figures.push_back(std::move(figure));
  }
  write_table(std::cout, figures);
  if (options.context.smoke) std::cout << "\nA smoke run: these numbers say nothing about speed.\n";
  write_file(options.json, [&](std::ostream& out) { write_json(out, conditions, figures); });
  write_file(options.svg, [&](std::ostream& out) { write_svg(out, figures); });
}

}  // namespace
}  // namespace bench

int main(int count, char** arguments) {
  try {
    if (auto options = bench::parse({arguments + 1, arguments + count})) bench::run(std::move(*options));
    return 0;
  } catch (const std::invalid_argument& mistake) {
    std::cerr << "ipcm_benchmarks: " << mistake.what() << "\n";
    return 2;
  } catch (const std::exception& failure) {
    std::cerr << "ipcm_benchmarks: " << failure.what() << "\n";
    return 1;
  }
}
