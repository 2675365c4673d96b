// Exact sums of integers. Included again for every level, after lanes.h.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// Sums of at most kReduceBlock elements that can't overflow: 32 bits hold 2^14 elements of 16, 64 bits those of 32.
OFFLOOP_INLINE __int128 AddIntegers(const int8_t* x, int64_t count) {
  int32_t sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += x[i];
  return sum;
}
OFFLOOP_INLINE __int128 AddIntegers(const uint8_t* x, int64_t count) {
  uint32_t sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += x[i];
  return sum;
}
OFFLOOP_INLINE __int128 AddIntegers(const int16_t* x, int64_t count) {
  int32_t sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += x[i];
  return sum;
}
OFFLOOP_INLINE __int128 AddIntegers(const uint16_t* x, int64_t count) {
  uint32_t sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += x[i];
  return sum;
}
OFFLOOP_INLINE __int128 AddIntegers(const int32_t* x, int64_t count) {
  int64_t sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += x[i];
  return sum;
}
OFFLOOP_INLINE __int128 AddIntegers(const uint32_t* x, int64_t count) {
  uint64_t sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += x[i];
  return sum;
}
// 64-bit elements are added by halves, signed ones moved up by 2^63 so that both halves count from 0.
OFFLOOP_INLINE __int128 AddHalves(const uint64_t* x, int64_t count, uint64_t flip) {
  uint64_t low = 0;
  uint64_t high = 0;
  for (int64_t i = 0; i < count; ++i) {
    const uint64_t value = x[i] ^ flip;
    low += value & 0xffffffff;
    high += value >> 32;
  }
  return (static_cast<__int128>(high) << 32) + low;
}
OFFLOOP_INLINE __int128 AddIntegers(const int64_t* x, int64_t count) {
  const __int128 moved = AddHalves(reinterpret_cast<const uint64_t*>(x), count, 0x8000000000000000);
  return moved - (static_cast<__int128>(count) << 63);
}
OFFLOOP_INLINE __int128 AddIntegers(const uint64_t* x, int64_t count) { return AddHalves(x, count, 0); }

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
