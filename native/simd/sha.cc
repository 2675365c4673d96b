#include "simd/sha.h"

#include "simd/level.h"

#if defined(__x86_64__) || defined(_M_X64)
#include <cpuid.h>
#define OFFLOOP_HAS_CPUID 1
#else
#define OFFLOOP_HAS_CPUID 0
#endif

namespace offloop {

namespace {

bool Detect() {
#if OFFLOOP_HAS_CPUID
  uint32_t a, b, c, d;
  constexpr uint32_t kSha = 1u << 29;
  return ActiveLevel() != Level::kBaseline && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & kSha) != 0;
#else
  return false;
#endif
}

}  // namespace

bool HasShaInstructions() {
  static const bool has = Detect();
  return has;
}

}  // namespace offloop
