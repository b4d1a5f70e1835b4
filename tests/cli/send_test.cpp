// SPDX-License-Identifier: MIT
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "shell.hpp"

using test::check_fails;
using test::ipcm_json;
using test::ipcm_ok;
using test::ipcm_run;

namespace {

/// Takes what waits for worker; returns the contents as text.
std::string contents(const test::Route& route) {
  std::string all;
  for (const auto& line : test::objects_of(ipcm_run({"get", route.path(), "--as", "worker", "--json"}).out)) {
    all += line["content"].dump() + ";";
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(send)

BOOST_AUTO_TEST_CASE(the_content_comes_from_the_argument_a_file_or_standard_input) {
  const test::Route route;
  test::write_file(route.file("job.json"), "{\n  \"from\": \"file\"\n}\n");
  ipcm_ok({"send", route.path(), "worker", R"({"from": "argument"})"});
  ipcm_ok({"send", route.path(), "worker", "@" + route.file("job.json")});
  ipcm_ok({"send", route.path(), "worker", "-"}, "{\"from\":\"dash\"}\n");
  ipcm_ok({"send", route.path(), "worker"}, "{\"from\":\"standard input\"}\n");
  BOOST_TEST(contents(route) == R"({"from":"argument"};{"from":"file"};{"from":"dash"};{"from":"standard input"};)");
}

BOOST_AUTO_TEST_CASE(any_json_value_is_content) {
  const test::Route route;
  for (const char* content : {"null", "true", "0", "-1.5e3", "\"\"", "[]", "{}", " 1 "}) {
    ipcm_ok({"send", route.path(), "worker", content});
  }
  BOOST_TEST(contents(route) == R"(null;true;0;-1500.0;"";[];{};1;)");
}

BOOST_AUTO_TEST_CASE(text_is_sent_as_a_json_string) {
  const test::Route route;
  test::write_file(route.file("note"), "two\nlines\n");
  ipcm_ok({"send", route.path(), "worker", "--text", "hello \"world\""});
  ipcm_ok({"send", route.path(), "worker", "--text", "@" + route.file("note")});
  ipcm_ok({"send", route.path(), "worker", "--text"}, "from a pipe\n");
  ipcm_ok({"send", route.path(), "worker", "--text"}, std::string("NUL \0 inside", 12));
  ipcm_ok({"send", route.path(), "worker", "--text", ""});
  BOOST_TEST(contents(route) == R"("hello \"world\"";"two\nlines";"from a pipe";"NUL \u0000 inside";"";)");
}

BOOST_AUTO_TEST_CASE(it_tells_the_id) {
  const test::Route route;
  const auto sent = ipcm_json({"send", route.path(), "worker", "1"}).at(0);
  BOOST_TEST(sent["to"] == "worker");
  BOOST_TEST(ipcm_json({"get", route.path(), "--as", "worker"}).at(0)["id"] == sent["id"]);
  BOOST_TEST(ipcm_ok({"send", route.path(), "worker", "2", "--id", "order 17"}) == "sent to worker: order 17\n");
}

BOOST_AUTO_TEST_CASE(a_chosen_id_is_refused_while_the_first_is_held) {
  const test::Route route;
  ipcm_ok({"send", route.path(), "worker", "1", "--id", "a"});
  check_fails(ipcm_run({"send", route.path(), "worker", "2", "--id", "a"}), 1, "\"a\"");
  BOOST_TEST(contents(route) == "1;");
  ipcm_ok({"send", route.path(), "worker", "3", "--id", "a"});
  BOOST_TEST(contents(route) == "3;");
}

BOOST_AUTO_TEST_CASE(without_a_name_it_leaves_no_row) {
  const test::Route route;
  ipcm_ok({"send", route.path(), "worker", "1"});
  BOOST_TEST(ipcm_json({"peers", route.path()}).size() == 1U);
  BOOST_TEST(ipcm_json({"get", route.path(), "--as", "worker"}).at(0)["from"] == "_anonymous");
}

BOOST_AUTO_TEST_CASE(with_a_name_the_sender_is_suspended_and_can_get_an_answer) {
  const test::Route route;
  ipcm_ok({"send", route.path(), "worker", "1", "--as", "boss"});
  BOOST_TEST(ipcm_json({"get", route.path(), "--as", "worker"}).at(0)["from"] == "boss");
  BOOST_TEST(route.peer("boss")["state"] == "suspended");
  ipcm_ok({"send", route.path(), "boss", "2"});
  BOOST_TEST(route.peer("boss")["queued"] == 1);
}

BOOST_AUTO_TEST_CASE(what_is_not_json_is_refused_with_advice_and_nothing_is_stored) {
  const test::Route route;
  struct Row {
    std::string content;
    std::string words;
  };
  const std::vector<Row> rows = {
      {"hello", "--text"},
      {"{n:1}", "quote JSON for the shell"},
      {"", "the content is empty"},
      {"  ", "the content is empty"},
      {"{\"n\":1} x", "--text"},
      {"\"\xff\"", "UTF-8"},
      {"NaN", "--text"},
      {"{\"n\":1", "--text"},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT("content: " << row.content) {
      check_fails(ipcm_run({"send", route.path(), "worker", row.content}), 1, row.words);
      check_fails(ipcm_run({"send", route.path(), "worker"}, row.content), 1, "standard input: ");
    }
  }
  check_fails(ipcm_run({"send", route.path(), "worker"}, std::string("{\"n\":\0}", 7)), 1, "standard input: ");
  check_fails(ipcm_run({"send", route.path(), "worker", "--text", "\xff"}), 1, "not UTF-8");
  check_fails(ipcm_run({"send", route.path(), "worker"}, std::string(100'000, '[') + std::string(100'000, ']')), 1,
              "deep");
  BOOST_TEST(contents(route) == "");
}

BOOST_AUTO_TEST_CASE(an_input_that_cannot_be_read_is_named) {
  const test::Route route;
  const std::string folder = route.folder().path().string();
  check_fails(ipcm_run({"send", route.path(), "worker", "@" + route.file("none")}), 1,
              route.file("none") + ": No such file");
  check_fails(ipcm_run({"send", route.path(), "worker", "@" + folder}), 1, folder + ": Is a directory");
  check_fails(ipcm_run({"send", route.path(), "worker", "@" + folder, "--lines"}), 1, folder + ": Is a directory");
}

BOOST_AUTO_TEST_CASE(content_beyond_the_limit_is_refused_before_anything_is_stored) {
  const test::TemporaryFolder folder;
  const std::string route = folder.file("r");
  ipcm_ok({"spawn", route, "--max-content", "1K"});
  ipcm_ok({"connect", route, "--as", "worker"});
  ipcm_ok({"send", route, "worker", "--text", std::string(1022, 'x')});
  check_fails(ipcm_run({"send", route, "worker", "--text", std::string(1023, 'x')}), 1, "at most 1024");
  BOOST_TEST(ipcm_json({"info", route}).at(0)["queued"] == 1);
}

BOOST_AUTO_TEST_CASE(a_recipient_that_takes_no_mail_is_an_error) {
  const test::Route route;
  check_fails(ipcm_run({"send", route.path(), "nobody", "1"}), 1, "ipcm connect");
  check_fails(ipcm_run({"send", route.path(), "_worker", "1"}), 1, "'_'");
  check_fails(ipcm_run({"send", route.path(), "", "1"}), 1, "empty");
  ipcm_ok({"suspend", route.path(), "--as", "worker", "--expires-in", "1ms"});
  BOOST_TEST(test::eventually([&] { return route.peer("worker")["state"] == "expired"; }));
  check_fails(ipcm_run({"send", route.path(), "worker", "1"}), 1, "suspension ran out");
}

BOOST_AUTO_TEST_CASE(names_may_have_spaces_and_any_script) {
  const test::Route route;
  for (const std::string name : {"a b", "Jürgen", "漢字", "🦊", "-x", "--json", "quo'te"}) {
    BOOST_TEST_CONTEXT(name) {
      ipcm_ok({"connect", route.path(), "--as=" + name});
      ipcm_ok({"send", route.path(), "--as=" + name, "--", name, "1"});
      const auto got = ipcm_json({"get", route.path(), "--as=" + name}).at(0);
      BOOST_TEST(got["from"] == name);
      BOOST_TEST(got["to"] == name);
    }
  }
}

BOOST_AUTO_TEST_CASE(names_that_are_not_valid_are_refused) {
  const test::Route route;
  for (const std::string& name :
       {std::string(), std::string("_x"), std::string("a\nb"), std::string("\xff"), std::string(256, 'x')}) {
    BOOST_TEST_CONTEXT(name) {
      check_fails(ipcm_run({"connect", route.path(), "--as", name}), 1, "name");
    }
  }
  BOOST_TEST(ipcm_json({"peers", route.path()}).size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_it_says_of_a_job_is_kept) {
  const test::Route route;
  ipcm_ok({"send", route.path(), "worker", "1", "--priority", "6", "--max-attempts", "3", "--group-key", "g",
           "--dedup-key", "d", "--expires-at", "2099-01-31T09:30:00.500Z"});
  const auto got = ipcm_json({"get", route.path(), "--as", "worker"}).at(0);
  BOOST_TEST(got["priority"] == 6);
  BOOST_TEST(got["max_attempts"] == 3);
  BOOST_TEST(got["group_key"] == "g");
  BOOST_TEST(got["dedup_key"] == "d");
  BOOST_TEST(got["expires_at"] == 4073535000.5);
  ipcm_ok({"requeue", route.path(), "--as", "worker"}, got.dump() + "\n");
  BOOST_TEST(ipcm_json({"get", route.path(), "--as", "worker"}).at(0) == got);
}

BOOST_AUTO_TEST_CASE(a_message_can_be_for_later_and_for_a_while) {
  const test::Route route;
  ipcm_ok({"send", route.path(), "worker", "1", "--delay", "1h"});
  ipcm_ok({"send", route.path(), "worker", "2", "--deliver-at", "2099-01-31T09:30:00Z"});
  ipcm_ok({"send", route.path(), "worker", "3", "--deliver-at", "1.5"});
  ipcm_ok({"send", route.path(), "worker", "4", "--ttl", "1h"});
  BOOST_TEST(contents(route) == "3;4;");
  std::vector<test::Json> due;
  for (const auto& job : ipcm_json({"jobs", route.path(), "worker"})) {
    if (job["state"] == "scheduled") due.push_back(job["due"]);
  }
  BOOST_REQUIRE(due.size() == 2U);
  BOOST_TEST(due[1] == 4073535000.0);
}

BOOST_AUTO_TEST_CASE(times_and_numbers_are_read_strictly) {
  for (const char* time :
       {"2026-02-29T00:00:00Z", "2026-01-31T09:30:00", "2026-01-31 09:30:00Z", "2026-01-31T24:00:00Z",
        "2026-1-31T09:30:00Z", "2026-01-31T09:30:00+1:00", "2026-01-31T09:30:00+24:00", "2026-01-31T09:30:00 01:00",
        "1970-01-01T00:30:00+01:00", "2026-01-31T09:30:0Z", "2026-01-31T09:30Z", "tomorrow", "-1", "1e9", "Z", "nan",
        "99999999999999"}) {
    check_fails(ipcm_run({"send", "r", "p", "1", std::string("--deliver-at=") + time}), 2, "is not a time such as");
  }
  check_fails(ipcm_run({"send", "r", "p", "1", "--priority", "8"}), 2, "'8' is not a whole number from 0 to 7");
  check_fails(ipcm_run({"send", "r", "p", "1", "--max-attempts", "0"}), 2, "from 1 on");
  check_fails(ipcm_run({"send", "r", "p", "1", "--delay", "1s", "--deliver-at", "1"}), 2, "exclude each other");
  check_fails(ipcm_run({"send", "r", "p", "1", "--ttl", "1s", "--expires-at", "1"}), 2, "exclude each other");
  check_fails(ipcm_run({"send", "r", "p", "--lines", "--dedup-key", "k"}), 2, "--dedup-key names one message");
}

BOOST_AUTO_TEST_CASE(one_with_a_key_that_is_known_is_not_sent_and_says_so) {
  const test::Route route;
  const auto first = ipcm_json({"send", route.path(), "worker", "1", "--dedup-key", "k"}).at(0);
  BOOST_TEST(first["deduplicated"] == false);
  const auto second = ipcm_json({"send", route.path(), "worker", "2", "--dedup-key", "k"}).at(0);
  BOOST_TEST(second["deduplicated"] == true);
  BOOST_TEST(second["id"] == first["id"]);
  BOOST_TEST(ipcm_ok({"send", route.path(), "worker", "3", "--dedup-key", "k"}) ==
             "not sent again: a message to worker has that key already: " + first["id"].get<std::string>() + "\n");
  BOOST_TEST(contents(route) == "1;");
}

BOOST_AUTO_TEST_CASE(each_line_is_a_job_with_the_same_options) {
  const test::Route route;
  ipcm_ok({"send", route.path(), "worker", "--lines", "--priority", "7", "--group-key", "g"}, "1\n2\n");
  for (const auto& job : ipcm_json({"jobs", route.path()})) {
    BOOST_TEST(job["priority"] == 7);
    BOOST_TEST(job["group_key"] == "g");
  }
  BOOST_TEST(contents(route) == "1;2;");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(broadcast)

BOOST_AUTO_TEST_CASE(everyone_but_the_sender_gets_it) {
  const test::Route route;
  ipcm_ok({"connect", route.path(), "--as", "other"});
  const auto outcomes = ipcm_json({"broadcast", route.path(), "--as", "boss", R"({"n":7})"});
  BOOST_TEST(test::Json(outcomes) == test::Json::parse(R"([{"to":"other","sent":true},{"to":"worker","sent":true}])"));
  const auto got = ipcm_json({"get", route.path(), "--as", "other"}).at(0);
  BOOST_TEST(got["broadcast"] == true);
  BOOST_TEST(got["to"] == "other");
  BOOST_TEST(got["content"]["n"] == 7);
  BOOST_TEST(route.peer("boss")["queued"] == 0);
}

BOOST_AUTO_TEST_CASE(for_people_it_is_a_table) {
  const test::Route route;
  BOOST_TEST(ipcm_ok({"broadcast", route.path(), "--text"}, "tea\n") == "PEER    OUTCOME\nworker  sent\n");
  BOOST_TEST(contents(route) == "\"tea\";");
}

BOOST_AUTO_TEST_CASE(alone_nobody_gets_it_and_that_is_no_error) {
  const test::TemporaryFolder folder;
  ipcm_ok({"spawn", folder.file("r")});
  BOOST_TEST(ipcm_ok({"broadcast", folder.file("r"), "1"}) == "nobody else is there, so nobody got it\n");
  BOOST_TEST(ipcm_json({"broadcast", folder.file("r"), "1"}).empty());
}

BOOST_AUTO_TEST_CASE(one_that_cannot_be_sent_reaches_nobody) {
  const test::Route route;
  check_fails(ipcm_run({"broadcast", route.path(), "{"}), 1, "--text");
  check_fails(ipcm_run({"broadcast", route.path(), "--as", "_x", "1"}), 1, "'_'");
  BOOST_TEST(contents(route) == "");
}

BOOST_AUTO_TEST_CASE(a_time_may_have_an_offset_and_a_duration_parts) {
  const test::Route route;
  const auto due_of = [&](const std::string& option, const std::string& value) {
    ipcm_ok({"send", route.path(), "worker", "1", option, value});
    const test::Json due = ipcm_json({"jobs", route.path(), "worker"}).at(0)["due"];
    ipcm_ok({"queue", "promote", route.path(), "worker", "--all"});
    ipcm_ok({"get", route.path(), "--as", "worker"});
    return due.get<double>();
  };
  BOOST_TEST(due_of("--deliver-at", "2099-01-31T10:30:00+01:00") == 4073535000.0);
  BOOST_TEST(std::abs(due_of("--deliver-at", "2099-01-31T05:00:00.5-04:30") - 4073535000.5) < 0.001);
  const auto check_delay = [&](const std::string& duration, double seconds) {
    const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    const double delay = due_of("--delay", duration) - now;
    BOOST_TEST((delay >= seconds && delay < seconds + 600), duration << ": " << delay);  // a busy machine
  };
  check_delay("1h30m", 5400);
  check_delay("1d2h3m4s5ms", 93784.005);
  check_delay("1.5h", 5400);
  check_delay("1h0.5m", 3630);
  for (const char* wrong : {"1m1h", "1m1m", "1", "m", "1.m", ".5s", "0.0001s", "1.5h30m", "1h 30m", "+1m", "1,5s",
                            "1h-1m", "99999999999d", "36525d1ms", "1.0000000001h"}) {
    check_fails(ipcm_run({"send", "r", "p", "1", std::string("--delay=") + wrong}), 2, "is not a duration such as");
  }
}

BOOST_AUTO_TEST_CASE(what_nobody_could_get_is_refused_with_what_to_do) {
  const test::Route route;
  const auto check_refused = [&](const std::vector<std::string>& options, const std::string& words) {
    std::vector<std::string> arguments = {"send", route.path(), "worker", "1"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    check_fails(ipcm_run(arguments), 1, words);
  };
  check_refused({"--ttl", "0s"}, "Give a longer ttl");
  check_refused({"--expires-at", "2000-01-01T00:00:00Z"}, "later expires_at");
  check_refused({"--delay", "2h", "--expires-at", "2026-01-01T00:00:00Z"}, "later expires_at");
  check_refused({"--dedup-key", std::string(300, 'k')}, "the dedup_key ");
  check_refused({"--group-key", std::string(300, 'k')}, "the group_key ");
  BOOST_TEST(ipcm_run({"get", route.path(), "--as", "worker"}).exit_code == 3);
}

BOOST_AUTO_TEST_CASE(a_byte_order_mark_at_the_beginning_of_a_file_is_left_out) {
  const test::Route route;
  test::write_file(route.file("job.json"), "\xEF\xBB\xBF{\"a\":1}\r\n");
  ipcm_ok({"send", route.path(), "worker", "@" + route.file("job.json")});
  ipcm_ok({"send", route.path(), "worker", "--lines"}, "\xEF\xBB\xBF[2]\r\n[3]\r\n");
  ipcm_ok({"send", route.path(), "worker", "\xEF\xBB\xBF[4]"});
  const std::string lines = ipcm_ok({"get", route.path(), "--as", "worker", "--json"});
  for (const char* content : {R"("content":{"a":1},)", R"("content":[2],)", R"("content":[3],)", R"("content":[4],)"}) {
    BOOST_TEST(lines.find(content) != std::string::npos, lines);
  }
  ipcm_ok({"queue", "create", route.path(), "q"});
  ipcm_ok({"schedule", "add", route.path(), "s", "@daily", "q", "@" + route.file("job.json")});
  BOOST_TEST(ipcm_json({"schedule", "list", route.path()}).at(0)["content"] == test::Json({{"a", 1}}));
}

BOOST_AUTO_TEST_CASE(what_is_too_large_is_refused_before_it_is_read) {
  const test::Route route;
  const std::string small = route.file("small.ipcm");
  ipcm_ok({"spawn", small, "--max-content", "2M"});
  ipcm_ok({"connect", small, "--as", "worker"});
  const std::string no_json((std::size_t{2} << 20U) + 1, '[');
  check_fails(ipcm_run({"send", small, "worker"}, no_json), 1, "this route takes at most 2097152");
  check_fails(ipcm_run({"send", small, "worker", "--lines"}, "1\n" + no_json), 1,
              "line 2 of standard input: the content has");
  check_fails(ipcm_run({"send", route.path(), "worker"}, no_json), 1, "deeper than");
}

BOOST_AUTO_TEST_SUITE_END()
