// SPDX-License-Identifier: MIT
// Routes as lines of JSON, and routes of such lines: docs/dump-format.md.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "integration/everything.hpp"
#include "support/errors.hpp"
#include "support/text.hpp"

namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

ipcm::DumpCounts load(const std::string& path, const Lines& lines) {
  std::size_t next = 0;
  return ipcm::load_route(ipcm::ConnectionInfo::parse(path), [&](std::string& line) {
    if (next == lines.size()) return false;
    line = lines[next++];
    return true;
  });
}

std::string problems_in(const std::string& path) {
  return test::joined(ipcm::check_route(ipcm::ConnectionInfo::parse(path)).problems);
}

Lines small_dump() {
  return {
      R"({"kind":"ipcm-dump","version":1})",
      R"({"kind":"route","created_at":1.5,"durability":"full","max_content":1000,"notifier":"auto","time_zone":"UTC"})",
      R"({"kind":"peer","name":"worker","state":"suspended","epoch":1})",
      R"({"kind":"message","to":"worker","number":1,"chosen_id":"a","from":"boss","stamp":2.5,"content":{"n":1}})",
      R"({"kind":"message","to":"worker","number":2,"chosen_id":"b","from":"boss","stamp":2.5,"content":2})",
      R"({"kind":"end","lines":5})",
  };
}

Lines with_line(std::size_t number, const std::string& line) {
  Lines lines = small_dump();
  lines.at(number - 1) = line;
  return lines;
}

// Refused with those words, and nothing is left of it.
void check_not_loaded(const Lines& lines, const std::string& words) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("new.ipcm");
  const auto error = test::caught([&] { load(path, lines); });
  BOOST_TEST_CONTEXT(words) {
    BOOST_REQUIRE(error.has_value());
    BOOST_TEST(ipcm::to_string(error->code()) == "InvalidArgument");
    BOOST_TEST(std::string(error->what()).find(words) != std::string::npos, error->what());
    BOOST_TEST(std::string(error->what()).size() < 400U);
    BOOST_TEST(fs::is_empty(folder.path()));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dump_and_load)

BOOST_AUTO_TEST_CASE(a_dump_that_is_loaded_and_dumped_again_is_the_same_text) {
  const test::RouteWithEverything route(60);
  const Lines first = test::dump_of(route.path());
  const test::TemporaryFolder folder;
  const std::string copy = folder.file("copy.ipcm");
  const ipcm::DumpCounts loaded = load(copy, first);
  BOOST_TEST(loaded.lines == first.size());
  BOOST_TEST(problems_in(copy) == "");
  BOOST_TEST(test::dump_of(copy) == first, boost::test_tools::per_element());
  BOOST_TEST(ipcm::route_info(ipcm::ConnectionInfo::parse(copy)).id != ipcm::route_info(route.info()).id);
  for (const char* kind : {"route", "peer", "queue", "settings", "message", "later", "claim", "dead", "dedup_key",
                           "schedule", "count", "end"}) {
    const std::string begin = std::string(R"({"kind":")") + kind + '"';
    BOOST_TEST(std::ranges::any_of(first, [&](const std::string& line) { return line.starts_with(begin); }), kind);
  }
}

BOOST_AUTO_TEST_CASE(every_line_is_json_and_the_content_is_in_it_as_it_was_stored) {
  const test::RouteWithEverything route;
  std::map<std::string, int> forms;
  for (const std::string& line : test::dump_of(route.path())) {
    BOOST_REQUIRE(ipcm::Json::accept(line));
    for (const char* form : {"content", "content_text", "content_base64"}) {
      forms[form] += ipcm::Json::parse(line).contains(form) ? 1 : 0;
    }
    BOOST_TEST(line.find('\n') == std::string::npos);
    if (line.find("\"b\":2") != std::string::npos) {
      BOOST_TEST(line.find(R"("content":{"b":1,"a":1.50,"b":2}})") != std::string::npos);
    }
  }
  BOOST_TEST(forms["content"] > 20);
  BOOST_TEST(forms["content_text"] == 1);
  BOOST_TEST(forms["content_base64"] == 1);
}

BOOST_AUTO_TEST_CASE(a_loaded_route_works_like_the_one_that_was_dumped) {
  const test::RouteWithEverything route;
  const test::TemporaryFolder folder;
  const std::string copy = folder.file("copy.ipcm");
  load(copy, test::dump_of(route.path()));
  const auto info = ipcm::ConnectionInfo::parse(copy);
  const auto expected = route.connect("worker")->peek();
  const auto worker = ipcm::connect("worker", info);
  const auto found = worker->get_messages();
  BOOST_REQUIRE(found.size() == expected.size());
  for (std::size_t n = 0; n < found.size(); ++n) {
    BOOST_TEST(found[n].id() == expected[n].id());
    BOOST_TEST(found[n].from() == expected[n].from());
    BOOST_TEST(found[n].stamp() == expected[n].stamp());
    BOOST_TEST(found[n].content_text() == expected[n].content_text());
    BOOST_TEST(found[n].priority() == expected[n].priority());
    BOOST_TEST(found[n].reply_to() == expected[n].reply_to());
  }
  // What the killed holder had claimed is ready, with its attempt counted.
  const auto claims = worker->claim("jobs", {.limit = 100});
  BOOST_TEST(std::ranges::any_of(claims, [](const ipcm::Claim& claim) { return claim.message().attempts() == 2; }));
  BOOST_TEST(worker->schedules().size() == 2U);
  // Numbers go on where they were: a message that is put back has its place again.
  worker->requeue_message(found.front());
  ipcm::connect("other", info)->send_message("worker", "last");
  BOOST_TEST(worker->get_messages().front().id() == found.front().id());
  BOOST_TEST(problems_in(copy) == "");
}

BOOST_AUTO_TEST_CASE(a_dump_is_of_one_moment_while_others_write) {
  const test::RouteFile route;
  const auto worker = route.connect("worker");
  for (int n = 0; n < 300; ++n) worker->send_message("worker", n);
  int lines = 0;
  Lines dumped;
  ipcm::dump_route(route.info(), [&](std::string_view line) {
    dumped.emplace_back(line);
    if (++lines % 50 != 0) return;
    worker->get_messages(20);
    worker->send_message("worker", "new");
  });
  const test::TemporaryFolder folder;
  load(folder.file("copy"), dumped);
  BOOST_TEST(problems_in(folder.file("copy")) == "");
  BOOST_TEST(ipcm::connect("worker", ipcm::ConnectionInfo::parse(folder.file("copy")))->get_messages().size() == 300U);
}

BOOST_AUTO_TEST_CASE(what_sql_left_in_odd_forms_comes_back_to_the_byte) {
  const test::RouteFile route;
  route.make_suspended("worker");
  {
    test::PlainSql sql(route.path());
    BOOST_REQUIRE(sql.run("INSERT INTO messages(place, id, sender, stamp, broadcast, content, error, group_key) VALUES"
                          " ((1 << 43) + (3 << 40) + (1 << 32) + 1, 'no json', 'boss', 1e308, 0, 'this is no json', "
                          "'why', NULL),"
                          " ((1 << 43) + (3 << 40) + (1 << 32) + 2, 'no utf8', 'boss', -0.1, 0,"
                          "  CAST(x'22ff22' AS TEXT), CAST(x'ff00fe' AS TEXT), CAST(x'c3' AS TEXT)),"
                          " ((1 << 43) + (3 << 40) + (1 << 32) + 3, '01890a5d-ac96-774b-bcce-b302099a8057', 'boss', 3,"
                          "  1, ' 1 ', NULL, NULL),"
                          " ((1 << 43) + (3 << 40) + (1 << 32) + 4, x'01890a5dac96774bbcceb302099a8057', 'boss', 3,"
                          "  1, '', NULL, NULL)") == "");
  }
  const Lines first = test::dump_of(route.path());
  const test::TemporaryFolder folder;
  load(folder.file("copy"), first);
  BOOST_TEST(test::dump_of(folder.file("copy")) == first, boost::test_tools::per_element());
  const std::string columns =
      "SELECT quote(id) || quote(hex(content)) || typeof(content) || quote(hex(error)) ||"
      " quote(stamp) || quote(hex(group_key)) FROM messages";
  BOOST_TEST(test::PlainSql(folder.file("copy")).query(columns) == test::PlainSql(route.path()).query(columns));
}

BOOST_AUTO_TEST_CASE(what_is_there_already_is_left_alone) {
  const test::RouteFile route;
  route.connect("boss")->send_message("boss", 1);
  CHECK_ERROR(InvalidArgument, load(route.path(), small_dump()));
  BOOST_TEST(test::contents(route.connect("boss")->get_messages()) == "[1]");
}

BOOST_AUTO_TEST_CASE(the_small_dump_is_a_good_one) {
  const test::TemporaryFolder folder;
  const ipcm::DumpCounts counts = load(folder.file("new"), small_dump());
  BOOST_TEST(counts.messages == 2U);
  BOOST_TEST(counts.peers == 1U);
  BOOST_TEST(test::dump_of(folder.file("new")) == small_dump(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_line_that_is_wrong_is_named_and_no_route_is_left) {
  const std::string message = R"({"kind":"message","to":"worker","number":1,"chosen_id":"a","from":"boss","stamp":2.5)";
  check_not_loaded(with_line(4, ""), "line 4: it is not a JSON object");
  check_not_loaded(with_line(4, "null"), "line 4: it is not a JSON object");
  check_not_loaded(with_line(4, "[1]"), "line 4: it is not a JSON object");
  check_not_loaded(with_line(4, "\xff\xfe"), "line 4: it is not a JSON object");
  check_not_loaded(with_line(4, message), "line 4: it is not a JSON object: no }");
  check_not_loaded(with_line(4, message + R"(,"content":")"), "line 4: it is not a JSON object: it ends in the middle");
  check_not_loaded(with_line(4, message + R"(,"content":[1})"), "line 4");
  check_not_loaded(with_line(4, message + R"(,"content":1}})"), "line 4: there is something after");
  check_not_loaded(with_line(4, message + R"(,"content":nonsense})"), "line 4");
  check_not_loaded(with_line(4, message + R"(,"content":"\ud800"})"), "line 4");
  check_not_loaded(with_line(4, message + R"(,"content":01})"), "line 4");
  check_not_loaded(with_line(4, message + "}"), "line 4: it has no content");
  check_not_loaded(with_line(4, message + R"(,"content_base64":"???"})"), "line 4: content_base64 must be base64");
  check_not_loaded(with_line(4, message + R"(,"content":1,"content":2})"),
                   "line 4: it has the member \"content\" twice");
  check_not_loaded(with_line(4, message + R"(,"content":1,"colour":2})"), "line 4: there is no member \"colour\"");
  check_not_loaded(with_line(4, message + R"(,"content":1,"priority":8})"), "line 4: the priority");
  check_not_loaded(with_line(4, message + R"(,"content":1,"priority":"high"})"),
                   "line 4: priority must be a whole number");
  check_not_loaded(with_line(4, message + R"(,"content":1,"attempts":1.5})"),
                   "line 4: attempts must be a whole number");
  check_not_loaded(with_line(4, message + R"(,"content":1,"max_attempts":0})"), "line 4: max_attempts");
  check_not_loaded(with_line(4, message + R"(,"content":1,"expires_at":1e999})"),
                   "line 4: expires_at must be a number");
  check_not_loaded(with_line(4, message + R"(,"content":1,"expires_at":{"a":1}})"),
                   "line 4: expires_at must be a number");
  check_not_loaded(with_line(4, message + R"(,"content":1,"broadcast":1})"), "line 4: broadcast must be true or false");
  check_not_loaded(with_line(3, R"({"kind":"peer","name":"wor\u0000ker","state":"suspended","epoch":1})"), "line 3");
  check_not_loaded(with_line(3, R"({"kind":"peer","name":"_worker","state":"suspended","epoch":1})"), "line 3");
  check_not_loaded(with_line(3, R"({"kind":"peer","name":"worker","state":"asleep","epoch":1})"), "line 3: a peer is");
  check_not_loaded(with_line(3, R"({"kind":"peer","name":["worker"],"state":"suspended","epoch":1})"),
                   "line 3: name must be a text");
  check_not_loaded(with_line(3, R"({"kind":"king","name":"worker"})"), "line 3: there is no kind \"king\"");
  check_not_loaded(with_line(3, R"({"name":"worker"})"), "line 3: it has no kind");
  check_not_loaded(with_line(2, small_dump()[2]), "line 2: the line of the kind \"route\" comes second");
  check_not_loaded(with_line(3, small_dump()[1]), "line 3: a route has one line");
  check_not_loaded({small_dump()[0], R"({"kind":"end","lines":1})"},
                   "line 2: the line of the kind \"route\" comes second");
  check_not_loaded(with_line(1, small_dump()[1]), "line 1: this is no dump");
  check_not_loaded(with_line(1, R"({"kind":"ipcm-dump","version":2})"), "line 1: the dump has the version 2");
  check_not_loaded(with_line(5, R"({"kind":"schedule","name":"s","to":"worker","recurrence":"now and then","anchor":0,)"
                                R"("missed":"once","number":1})"),
                   "line 5");
  for (const char* durability : {"fast", "", "Full"}) {
    check_not_loaded(with_line(2, R"({"kind":"route","created_at":1,"durability":")" + std::string(durability) +
                                      R"(","max_content":1,"notifier":"auto","time_zone":"UTC"})"),
                     "line 2: there is no durability");
  }
  check_not_loaded(
      with_line(2, R"({"kind":"route","created_at":1,"durability":"full","max_content":99999999999999999999,)"
                   R"("notifier":"auto","time_zone":"UTC"})"),
      "line 2: max_content must be a whole number");
  check_not_loaded(
      with_line(2, R"({"kind":"route","created_at":1,"durability":"full","max_content":1,"notifier":"auto",)"
                   R"("time_zone":"../../etc/passwd"})"),
      "line 2");
}

BOOST_AUTO_TEST_CASE(deep_and_odd_json_is_refused_and_not_recursed_into) {
  const std::string message =
      R"({"kind":"message","to":"worker","number":1,"chosen_id":"a","from":"boss","stamp":2.5,"content":)";
  const std::string deep = std::string(500'000, '[') + std::string(500'000, ']');
  check_not_loaded(with_line(4, message + deep + "}"), "line 4");
  check_not_loaded(with_line(3, R"({"kind":"peer","name":)" + deep + R"(,"state":"suspended","epoch":1})"), "line 3");
  check_not_loaded(with_line(3, R"({"kind":"peer","name":"worker","state":"suspended","epoch":)" + deep + "}"),
                   "line 3");
  check_not_loaded(with_line(4, deep), "line 4");
  const std::string within = std::string(1000, '[') + std::string(1000, ']');  // as deep as a content may be
  const test::TemporaryFolder folder;
  load(folder.file("new"), with_line(4, message + within + "}"));
}

BOOST_AUTO_TEST_CASE(lines_that_do_not_belong_together_are_refused) {
  Lines lines = small_dump();
  lines[4] = lines[3];
  check_not_loaded(lines, "line 5: there is one like it already");
  lines = with_line(
      5, R"({"kind":"message","to":"worker","number":2,"chosen_id":"a","from":"boss","stamp":1,"content":1})");
  check_not_loaded(lines, "line 5: there is one like it already");
  check_not_loaded(with_line(5, small_dump()[2]), "line 5: there is a peer or queue \"worker\" already");
  check_not_loaded(
      with_line(4, R"({"kind":"count","to":"nobody","from":"boss","sent":1,"read":1,"dead":0,"expired":0})"),
      "line 4: no line above it tells of a peer or queue \"nobody\"");
  check_not_loaded(
      with_line(4, R"({"kind":"count","to":"worker","from":"boss","sent":2,"read":1,"dead":0,"expired":0})"),
      "line 4: sent is not read + dead + expired");
  check_not_loaded(
      with_line(4, R"({"kind":"count","to":"worker","from":"boss","sent":-1,"read":-1,"dead":0,"expired":0})"),
      "line 4: a count is below 0");
  check_not_loaded(with_line(5, R"({"kind":"message","to":"worker","number":7,"chosen_id":"b","from":"boss","stamp":1,)"
                                R"("content":1})"),
                   "the dump does not add up: The inbox of \"worker\" gave out 7 numbers");
  check_not_loaded(
      with_line(5, R"({"kind":"message","to":"worker","number":999999999999999,"chosen_id":"b","from":"boss",)"
                   R"("stamp":1,"content":1})"),
      "line 5: the number");
  for (const char* number : {"9223372036854775807", "9223372036854775806", "-9223372036854775808", "-4294967296"}) {
    check_not_loaded(with_line(5, R"({"kind":"message","to":"worker","number":)" + std::string(number) +
                                      R"(,"chosen_id":"b","from":"boss","stamp":1,"content":1})"),
                     "line 5: the number");
    check_not_loaded(with_line(3, R"({"kind":"peer","name":"worker","state":"suspended","epoch":1,"last_number":)" +
                                      std::string(number) + "}"),
                     "line 3: the number");
  }
  check_not_loaded(with_line(5, R"({"kind":"later","to":"worker","number":2,"chosen_id":"b","from":"boss","stamp":1,)"
                                R"("content":1})"),
                   "line 5: it waits for neither a time nor its group");
  lines = with_line(3, R"({"kind":"peer","name":"worker","state":"suspended","epoch":1,"last_number":2})");
  lines[4] = R"({"kind":"later","to":"worker","number":2,"chosen_id":"b","from":"boss","stamp":1,"group_key":"g",)"
             R"("content":1})";
  check_not_loaded(lines, "the dump does not add up: Messages that waited for one of their group");
  // As many numbers as messages, but others.
  lines = with_line(3, R"({"kind":"peer","name":"worker","state":"suspended","epoch":1,"last_number":2})");
  lines[4] =
      R"({"kind":"later","to":"worker","number":7,"chosen_id":"b","from":"boss","stamp":1,"due":9e9,"content":1})";
  check_not_loaded(lines, "the dump does not add up: An inbox has higher numbers than it gave out");
}

BOOST_AUTO_TEST_CASE(a_dump_that_was_cut_off_anywhere_is_refused) {
  const Lines whole = small_dump();
  std::string text;
  for (const std::string& line : whole) text += line + "\n";
  for (std::size_t length = 0; length + 1 < text.size(); length += 7) {
    Lines lines;
    std::size_t begin = 0;
    const std::string cut = text.substr(0, length);
    for (std::size_t end = cut.find('\n'); end != std::string::npos; end = cut.find('\n', begin)) {
      lines.push_back(cut.substr(begin, end - begin));
      begin = end + 1;
    }
    if (begin < cut.size()) lines.push_back(cut.substr(begin));
    check_not_loaded(lines, "");
  }
  Lines lines = small_dump();
  lines.pop_back();
  check_not_loaded(lines, "the dump has no end: after line 5 some are missing");
  lines = small_dump();
  lines.erase(lines.begin() + 3);
  check_not_loaded(lines, "line 5: there should be 5 lines before this one, and there are 4");
  lines = small_dump();
  lines.push_back(lines[3]);
  check_not_loaded(lines, "line 7: the dump has ended before it");
}

BOOST_AUTO_TEST_CASE(a_source_that_throws_leaves_nothing) {
  const test::TemporaryFolder folder;
  struct Broken {};
  const Lines lines = small_dump();
  for (std::size_t after = 0; after < lines.size(); ++after) {
    std::size_t next = 0;
    BOOST_CHECK_THROW(ipcm::load_route(ipcm::ConnectionInfo::parse(folder.file("new")),
                                       [&](std::string& line) {
                                         if (next == after) throw Broken();
                                         line = lines[next++];
                                         return true;
                                       }),
                      Broken);
    BOOST_TEST(!fs::exists(folder.file("new")));
    BOOST_TEST(!fs::exists(folder.file("new-unfinished")));
  }
}

BOOST_AUTO_TEST_CASE(a_sink_that_throws_ends_the_dump_and_the_route_goes_on) {
  const test::RouteFile route;
  const auto boss = route.connect("boss");
  boss->send_message("boss", 1);
  struct Full {};
  BOOST_CHECK_THROW(ipcm::dump_route(route.info(), [](std::string_view) { throw Full(); }), Full);
  BOOST_TEST(test::contents(boss->get_messages()) == "[1]");
}

BOOST_AUTO_TEST_SUITE_END()
