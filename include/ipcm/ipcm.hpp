// SPDX-License-Identifier: MIT
// The whole public interface of ipcm.
#pragma once

#include <ipcm/claim.hpp>
#include <ipcm/client.hpp>
#include <ipcm/clock.hpp>
#include <ipcm/connect.hpp>
#include <ipcm/connection_info.hpp>
#include <ipcm/content.hpp>
#include <ipcm/copy.hpp>
#include <ipcm/error.hpp>
#include <ipcm/finding.hpp>
#include <ipcm/message.hpp>
#include <ipcm/outcome.hpp>
#include <ipcm/peer_status.hpp>
#include <ipcm/queue.hpp>
#include <ipcm/request.hpp>
#include <ipcm/route.hpp>
#include <ipcm/salvage.hpp>
#include <ipcm/schedule.hpp>
#include <ipcm/send_in.hpp>
#include <ipcm/serializer.hpp>
#include <ipcm/service.hpp>
#include <ipcm/spawn.hpp>
#include <ipcm/stats.hpp>
#include <ipcm/transaction.hpp>
#include <ipcm/version.hpp>
#include <ipcm/waited.hpp>
