// SPDX-License-Identifier: MIT
// A worker that may be killed at any moment. It is sent paths of files and answers with their SHA-256 sums:
//
//   sha256_worker ROUTE NAME ANSWER_TO
//
// A job leaves the queue only after its result is stored. Between these two steps a kill is possible, and then the job
// is done again: that is why a result has the id of its job. The route refuses a second one with DuplicateMessage as
// long as it holds the first, so that nothing is lost and nothing is there twice.
#include <cstdlib>
#include <exception>
#include <iostream>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <ipcm/ipcm.hpp>

#include "sha256sum.hpp"

namespace {

constexpr std::size_t kBatch = 64;

std::vector<ipcm::MessageFields> results_for(std::span<const ipcm::Message> jobs, const std::string& recipient) {
  std::vector<std::string> paths;
  for (const ipcm::Message& job : jobs) paths.push_back(job.content().is_string() ? job.content() : ipcm::Json(""));
  const std::map<std::string, std::string> sums = sha256sum(paths);

  std::vector<ipcm::MessageFields> results;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto sum = sums.find(paths[i]);
    ipcm::Json content{{"path", paths[i]}, {"sha256", nullptr}};
    if (sum != sums.end()) content["sha256"] = sum->second;
    results.push_back({.to = recipient, .content = std::move(content), .id = jobs[i].id()});
  }
  return results;
}

// All at once; one by one where some are there already, sent by a process that was killed before it removed the jobs.
void send(ipcm::Client& client, const std::vector<ipcm::MessageFields>& results) {
  try {
    client.send_messages(results);
  } catch (const ipcm::Error& error) {
    if (error.code() != ipcm::ErrorCode::DuplicateMessage) throw;
    for (const ipcm::MessageFields& result : results) {
      const ipcm::Outcome sent = client.try_message(result);
      if (!sent && sent.error().code() != ipcm::ErrorCode::DuplicateMessage) sent.or_throw();
    }
  }
}

// Until a terminate message comes.
void work(ipcm::Client& client, const std::string& recipient) {
  std::size_t stored = 0;
  for (bool terminated = false; !terminated;) {
    client.wait();
    const std::vector<ipcm::Message> messages = client.peek(kBatch);
    std::vector<ipcm::Message> jobs;
    for (const ipcm::Message& message : messages) {
      terminated = message.is_terminate();
      if (terminated) break;
      jobs.push_back(message);
    }
    send(client, results_for(jobs, recipient));
    stored += jobs.size();
    std::cout << "stored " << stored << std::endl;
    client.remove_messages(std::span(messages).first(jobs.size() + (terminated ? 1 : 0)));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: sha256_worker ROUTE NAME ANSWER_TO\n";
    return 2;
  }
  try {
    ipcm::ConnectOptions options;
    options.at_end = ipcm::ConnectOptions::AtEnd::suspend;
    const auto client = ipcm::connect(argv[2], argv[1], options);
    work(*client, argv[3]);
  } catch (const std::exception& error) {
    std::cerr << "sha256_worker: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
