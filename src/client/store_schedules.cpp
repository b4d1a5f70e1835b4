// SPDX-License-Identifier: MIT
#include "client/parcels.hpp"
#include "client/peer_state.hpp"
#include "client/store_jobs.hpp"
#include "core/names.hpp"
#include "core/recurrence.hpp"
#include "platform/uptime.hpp"

namespace ipcm {

void StoreJobs::add_schedule(std::string_view name, std::string_view recurrence, const Message& message,
                             Missed missed) {
  check_name(name);
  const Recurrence parsed = Recurrence::parse(recurrence);
  endpoint_.require_connected();
  const PackedMessage packed = endpoint_.packed(message);
  std::set<storage::PeerId> readers;
  endpoint_.write([&](storage::Transaction& transaction) {
    readers.clear();
    const double now = endpoint_.now();
    const std::optional<storage::PeerRow> peer = transaction.find_peer(message.to());
    if (auto refused = refusal(message.to(), peer, now, endpoint_.route())) throw Error(*refused);
    JobRules rules(transaction, jobs_of(transaction), {now, platform::uptime()});
    storage::ScheduleRow row;
    row.name = name;
    row.recipient = peer->id;
    row.recurrence = parsed.text();
    row.anchor = now;
    row.missed = static_cast<storage::ScheduleRow::Missed>(missed);
    if (!rules.put_schedule(row, packed.parcel())) {
      throw Error(ErrorCode::InvalidArgument, "the recurrence " + in_quotes(recurrence) + " never comes.");
    }
    add_readers(transaction, peer->id, readers);
  });
  wake(readers);
}

std::vector<Schedule> StoreJobs::schedules() {
  std::vector<Schedule> all;
  check_clock_if_writable();
  endpoint_.read([&](storage::Snapshot& view) {
    all.clear();
    std::map<storage::PeerId, std::string> names;
    for (const storage::PeerRow& peer : view.peers()) names.emplace(peer.id, peer.name);
    for (const storage::ScheduleRow& row : jobs_of(view).schedules()) {
      Schedule& schedule = all.emplace_back();
      schedule.name = row.name;
      schedule.recurrence = row.recurrence;
      schedule.missed = static_cast<Missed>(row.missed);
      jobs_of(view).visit_later_at(row.place, [&](const storage::LaterMessage& next) {
        schedule.message = unpack_dead(next.message, names[row.recipient]);
        schedule.next_due = next.due;
        return false;
      });
    }
  });
  return all;
}

bool StoreJobs::remove_schedule(std::string_view name) {
  bool removed = false;
  endpoint_.write([&](storage::Transaction& transaction) {
    removed = JobRules(transaction, jobs_of(transaction), {endpoint_.now(), platform::uptime()}).remove_schedule(name);
  });
  return removed;
}

std::string StoreJobs::time_zone() {
  std::string name;
  endpoint_.read([&](storage::Snapshot& view) { name = jobs_of(view).time_zone(); });
  return name;
}

// What is to come next comes by the new clock already.
void StoreJobs::set_time_zone(std::string_view name) {
  const TimeZone zone = TimeZone::find(name);
  std::set<storage::PeerId> readers;
  endpoint_.write([&](storage::Transaction& transaction) {
    readers.clear();
    storage::Jobs& jobs = jobs_of(transaction);
    jobs.set_time_zone(zone.name());
    JobRules rules(transaction, jobs, {endpoint_.now(), platform::uptime()});
    for (const storage::ScheduleRow& row : jobs.schedules()) {
      rules.reschedule(row);
      add_readers(transaction, row.recipient, readers);
    }
  });
  wake(readers);
}

}  // namespace ipcm
