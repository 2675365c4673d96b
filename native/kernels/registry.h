// All kernels, by the number that crosses the seam: the position in kernels.def.
#pragma once
#include <cstdint>

#include "kernels/kernel.h"

namespace offloop {

uint32_t KernelCount();

// Null for a number that is out of range.
const Kernel* KernelAt(uint32_t index);

}  // namespace offloop
