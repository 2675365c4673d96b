// What kernels know of caches when they write large results.
#pragma once
#include <cstdint>

namespace offloop {

inline constexpr int64_t kLineBytes = 64;

// Results from here up are not worth the caches: they are written past them.
inline constexpr int64_t kStreamBytes = int64_t{32} << 20;

}  // namespace offloop
