// SPDX-License-Identifier: MIT
// Mail as part of your own SQLite transaction. A route is an SQLite file: keep your tables in it, and an order and the
// message about it are committed together, or not at all. No two-phase commit, no outbox to poll.
//
// The view `send` has the columns sender, recipient and content (JSON text). The sqlite3 shell can do the same.
#include <ipcm/ipcm.hpp>

#include <sqlite3.h>

#include <iostream>
#include <string>

#include "expect.hpp"

void run(sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return;
  std::cerr << sql << ": " << sqlite3_errmsg(database) << std::endl;
  std::exit(1);
}

int main() {
  ipcm::Spawn store = ipcm::spawn();
  auto shipping = store.connect("shipping");

  // The application's own connection, by the same SQLite library as ipcm's (one process, one SQLite).
  sqlite3* shop = nullptr;
  expect(sqlite3_open(store.route().c_str(), &shop) == SQLITE_OK, "a route opens as any SQLite file does");
  sqlite3_busy_timeout(shop, 10'000);
  run(shop, "CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL)");

  // An order that is taken back: neither the order nor the message ever was.
  run(shop, "BEGIN IMMEDIATE");
  run(shop, "INSERT INTO orders VALUES (1, 'a mistake')");
  run(shop, "INSERT INTO send (sender, recipient, content) VALUES ('shop', 'shipping', '{\"order\": 1}')");
  run(shop, "ROLLBACK");
  expect(!shipping->have_ready_messages(), "what is rolled back was never sent");
  std::cout << "order 1 was rolled back: shipping hears nothing\n";

  // One that stands: with the commit the message is delivered.
  run(shop, "BEGIN IMMEDIATE");
  run(shop, "INSERT INTO orders VALUES (2, 'a teapot')");
  run(shop, "INSERT INTO send (sender, recipient, content) VALUES ('shop', 'shipping', '{\"order\": 2}')");
  run(shop, "COMMIT");
  expect(shipping->wait(std::chrono::seconds(30)), "plain SQL reaches a waiting client");

  const auto messages = shipping->get_messages();
  expect(messages.size() == 1 && messages[0].from() == "shop", "one message, from whom the statement says");
  expect(messages[0].content() == ipcm::Json({{"order", 2}}), "it is about the order that stands");
  std::cout << "order 2 was committed: shipping gets " << messages[0].content() << " from " << messages[0].from()
            << "\n";

  // The view refuses what a client would refuse.
  const char* to_nobody = "INSERT INTO send (sender, recipient, content) VALUES ('shop', 'nobody', '1')";
  expect(sqlite3_exec(shop, to_nobody, nullptr, nullptr, nullptr) != SQLITE_OK, "an unknown recipient is an error");
  std::cout << "to nobody: " << sqlite3_errmsg(shop) << "\n";
  sqlite3_close(shop);

  expect(ipcm::check_route(ipcm::ConnectionInfo::parse(store.info())).problems.empty(), "the route is in good order");
}
