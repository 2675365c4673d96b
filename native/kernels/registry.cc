#include "kernels/registry.h"

namespace offloop {

#define OFFLOOP_KERNEL(name, version, table) extern const Kernel table;
#include "kernels/kernels.def"
#undef OFFLOOP_KERNEL

namespace {

const Kernel* const kKernels[] = {
#define OFFLOOP_KERNEL(name, version, table) &table,
#include "kernels/kernels.def"
#undef OFFLOOP_KERNEL
};

constexpr uint32_t kCount = sizeof(kKernels) / sizeof(kKernels[0]);

}  // namespace

uint32_t KernelCount() { return kCount; }

const Kernel* KernelAt(uint32_t index) { return index < kCount ? kKernels[index] : nullptr; }

}  // namespace offloop
