// SPDX-License-Identifier: MIT
#pragma once

#include <rapidcheck.h>

#include "conformance/model/model.hpp"
#include "conformance/model/operation.hpp"

namespace model {

/// Operations that fit what the model holds, refusals included.
rc::Gen<Operation> any_operation(const Model& model);

/// Whether the operation makes sense in that state, as it may not once others before it are left out.
bool makes_sense(const Model& model, const Operation& operation);

}  // namespace model
