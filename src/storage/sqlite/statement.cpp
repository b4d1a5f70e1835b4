// SPDX-License-Identifier: MIT
#include "storage/sqlite/statement.hpp"

#include "core/fault_point.hpp"

namespace ipcm::storage::sqlite {

bool Use::step() {
  faults::reach("statement");
  return statement_.executeStep();
}

int Use::run() {
  faults::reach("statement");
  return statement_.exec();
}

}  // namespace ipcm::storage::sqlite
