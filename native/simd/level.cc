#include "simd/level.h"

#include <cstdlib>
#include <cstring>

#if defined(__x86_64__) || defined(_M_X64)
#include <cpuid.h>
#define OFFLOOP_HAS_CPUID 1
#else
#define OFFLOOP_HAS_CPUID 0
#endif

namespace offloop {

namespace {

#if OFFLOOP_HAS_CPUID

constexpr bool HasAll(uint64_t word, uint64_t bits) { return (word & bits) == bits; }

// The registers that the operating system saves on a switch. Only where cpuid says that xgetbv exists.
uint64_t SavedState() {
  uint32_t low, high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return uint64_t{high} << 32 | low;
}

// Intel's Software Developer's Manual, volume 2, CPUID; lzcnt is AMD's bit in the extended leaf.
Level Detect() {
  uint32_t a, b, c, d;
  constexpr uint32_t kFma = 1u << 12, kPopcnt = 1u << 23, kXsaveInUse = 1u << 27, kAvx = 1u << 28, kF16c = 1u << 29;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return Level::kBaseline;
  if (!HasAll(c, kFma | kPopcnt | kXsaveInUse | kAvx | kF16c)) return Level::kBaseline;
  constexpr uint64_t kXmmYmm = 0x6, kZmm = 0xe0;
  const uint64_t saved = SavedState();
  if (!HasAll(saved, kXmmYmm)) return Level::kBaseline;
  constexpr uint32_t kLzcnt = 1u << 5;
  if (!__get_cpuid(0x80000001, &a, &b, &c, &d) || !HasAll(c, kLzcnt)) return Level::kBaseline;
  constexpr uint32_t kBmi = 1u << 3, kAvx2 = 1u << 5, kBmi2 = 1u << 8;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !HasAll(b, kBmi | kAvx2 | kBmi2)) return Level::kBaseline;
  constexpr uint32_t kF = 1u << 16, kDq = 1u << 17, kBw = 1u << 30, kVl = 1u << 31;
  return HasAll(b, kF | kDq | kBw | kVl) && HasAll(saved, kZmm) ? Level::kAvx512 : Level::kAvx2;
}

#else

Level Detect() { return Level::kBaseline; }

#endif

// OFFLOOP_CPU lowers the level, never raises it. JavaScript reports a name that is not one of these.
Level Choose(Level supported) {
  const char* name = std::getenv("OFFLOOP_CPU");
  if (name == nullptr) return supported;
  Level asked = supported;
  if (std::strcmp(name, "baseline") == 0) asked = Level::kBaseline;
  if (std::strcmp(name, "avx2") == 0) asked = Level::kAvx2;
  return asked < supported ? asked : supported;
}

}  // namespace

Level SupportedLevel() {
  static const Level level = Detect();
  return level;
}

Level ActiveLevel() {
  static const Level level = Choose(SupportedLevel());
  return level;
}

const char* LevelName(Level level) {
#if defined(__aarch64__)
  (void)level;
  return "neon";
#else
  constexpr const char* kNames[] = {"baseline", "avx2", "avx512"};
  return kNames[static_cast<uint32_t>(level)];
#endif
}

}  // namespace offloop
