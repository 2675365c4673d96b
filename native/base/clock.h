// The monotonic clock of timings and ageing.
#pragma once
#include <chrono>
#include <cstdint>

namespace offloop {

inline uint64_t NowNanoseconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

}  // namespace offloop
