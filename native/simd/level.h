// CPU levels: which of a kernel's bodies runs. Chosen once a process, from cpuid and OFFLOOP_CPU.
#pragma once
#include <cstdint>

namespace offloop {

// The order is that of Kernel::run_block. On arm64 the baseline is NEON and the only level.
enum class Level : uint32_t { kBaseline = 0, kAvx2 = 1, kAvx512 = 2 };

// The best level that this CPU and its operating system support.
Level SupportedLevel();

// The level in use: SupportedLevel(), or a lower one that OFFLOOP_CPU names.
Level ActiveLevel();

// 'baseline', 'avx2', 'avx512' or 'neon'.
const char* LevelName(Level level);

}  // namespace offloop
