// Reads the call block and the typed arrays beside it into views that kernels may trust.
#pragma once
#include <node_api.h>

#include <cstdint>

#include "addon/environment.h"

namespace offloop {

struct CallHeader {
  const Kernel* kernel;
  Queue* queue;
  Priority priority;
  uint32_t threads;
  double cost_ns;
  uint32_t inputs;
  uint32_t outputs;
  uint32_t scalars;
};

// Integers from a double that JavaScript wrote: false unless it is one, and within [low, high].
bool ReadInteger(double value, int64_t low, int64_t high, int64_t* result);

Status ReadHeader(const Environment* environment, CallHeader* header);

// Fills `views` (header.inputs + header.outputs of them) from the call block and `count` arrays, checking that every
// element that a view can reach lies inside its array. Where `holds` is not null each array is pinned or referenced,
// and none may be carried by the block, which is used again at once.
Status ReadViews(const Environment* environment, const CallHeader& header, const napi_value* arrays, size_t count,
                 View* views, Hold* holds);

// Copies scalars and wires the job's arguments to `views`.
void FillJob(const Environment* environment, const CallHeader& header, View* views, KernelJob* job);

}  // namespace offloop
