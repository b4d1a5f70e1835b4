// SPDX-License-Identifier: MIT
#include "unit/storage/memory/memory_fixture.hpp"

#include <sstream>

namespace test {

using namespace ipcm::storage;

namespace {

void describe(std::ostream& out, const PeerRow& row) {
  out << row.id << ' ' << row.name << " state " << static_cast<int>(row.state) << " pid " << row.pid.value_or(-1) << '@'
      << row.pid_started.value_or(-1) << ' ' << row.host << " expires " << row.suspend_expires.value_or(-1) << " epoch "
      << row.epoch << '\n';
}

/// Appends one message and takes the change back, to see which number it got.
void describe_next_number(std::ostream& out, MemoryStore& store, const PeerRow& row) {
  struct TakeBack {};
  try {
    store.write([&](Transaction& transaction) {
      transaction.append(row.id, parcel(MessageId::generate(1), "probe"));
      Place last = 0;
      transaction.peek(row.id, SIZE_MAX, [&](const StoredMessage& message) {
        last = message.place;
        return true;
      });
      out << "next " << last << '\n';
      throw TakeBack();
    });
  } catch (const TakeBack&) {}
}

}  // namespace

PeerRow MemoryRouteFixture::add_peer(const std::string& name) {
  PeerRow row;
  store.write([&](Transaction& transaction) { row = transaction.insert_peer(name); });
  return row;
}

bool MemoryRouteFixture::append(const PeerRow& inbox, const Parcel& parcel) {
  bool done = false;
  store.write([&](Transaction& transaction) { done = transaction.append(inbox.id, parcel); });
  return done;
}

bool MemoryRouteFixture::put_back(const PeerRow& inbox, std::optional<Place> place, const Parcel& parcel) {
  bool done = false;
  store.write([&](Transaction& transaction) { done = transaction.put_back(inbox, place, parcel); });
  return done;
}

std::vector<std::string> MemoryRouteFixture::take(const PeerRow& inbox, std::size_t limit) {
  std::vector<std::string> ids;
  store.write([&](Transaction& transaction) {
    transaction.take(inbox, limit, [&](const StoredMessage& message) -> std::optional<std::string> {
      ids.push_back(message.parcel.id.text());
      return std::nullopt;
    });
  });
  return ids;
}

std::vector<std::string> MemoryRouteFixture::ids(const PeerRow& inbox) {
  std::vector<std::string> ids;
  store.read([&](Snapshot& snapshot) {
    snapshot.peek(inbox.id, SIZE_MAX, [&](const StoredMessage& message) {
      ids.push_back(message.parcel.id.text());
      return true;
    });
  });
  return ids;
}

std::vector<Place> MemoryRouteFixture::places(const PeerRow& inbox) {
  std::vector<Place> places;
  store.read([&](Snapshot& snapshot) {
    snapshot.peek(inbox.id, SIZE_MAX, [&](const StoredMessage& message) {
      places.push_back(message.place);
      return true;
    });
  });
  return places;
}

std::string MemoryRouteFixture::everything() {
  std::ostringstream out;
  std::vector<PeerRow> rows;
  store.read([&](Snapshot& snapshot) {
    rows = snapshot.peers();
    for (const PeerRow& row : rows) {
      describe(out, row);
      snapshot.peek(row.id, SIZE_MAX, [&](const StoredMessage& message) {
        const Parcel& parcel = message.parcel;
        out << "  " << message.place << ' ' << parcel.id.text() << ' ' << parcel.sender << ' ' << parcel.stamp << ' '
            << parcel.broadcast << ' ' << parcel.serializer << ' ' << parcel.content << '\n';
        return true;
      });
    }
    for (const PairCount& pair : snapshot.counts()) {
      out << pair.sender << " to " << pair.recipient << ' ' << pair.sent << ' ' << pair.read << ' ' << pair.dead << ' '
          << pair.queued << '\n';
    }
  });
  for (const PeerRow& row : rows) describe_next_number(out, store, row);
  const MemoryRouteTotals totals = route->totals();
  out << totals.peers << ' ' << totals.queued << ' ' << totals.dead << '\n';
  for (const std::string& problem : route->audit().problems) out << problem << '\n';
  return out.str();
}

}  // namespace test
