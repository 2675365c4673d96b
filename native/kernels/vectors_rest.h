// The last steps of a row, as a vector. Included once a CPU level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// Zeros, then ones: a vector from byte 64 - n on keeps its last n bytes.
static constexpr struct TailMask {
  uint8_t bytes[128];
  constexpr TailMask() : bytes{} {
    for (int i = 64; i < 128; ++i) bytes[i] = 255;
  }
} kTailMask;

// The last `rest` steps of a row in the last lanes of a vector, zeros before them. Reads nothing outside the row: a
// lane that is masked out is not looked at, wherever it would lie.
template <typename Op>
static inline LanesOf<Op> LoadRest(const char* row, int64_t steps, int64_t rest) {
  using V = LanesOf<Op>;
  using T = typename Op::Step;
  constexpr int64_t kLanes = kStepLanes<Op>;
#if OFFLOOP_X64 && OFFLOOP_VECTOR_BYTES >= 32
  const void* from = reinterpret_cast<const void*>(reinterpret_cast<uintptr_t>(row) +
                                                   static_cast<uintptr_t>((steps - kLanes) * int64_t{sizeof(T)}));
#if OFFLOOP_VECTOR_BYTES == 64
  const uint32_t lanes = ~uint32_t{0} << (kLanes - rest);
  if constexpr (sizeof(T) == 4)
    return (V)_mm512_maskz_loadu_epi32(static_cast<__mmask16>(lanes), from);
  else
    return (V)_mm512_maskz_loadu_epi64(static_cast<__mmask8>(lanes), from);
#else
  const U8 lanes = Load<U8>(kTailMask.bytes + 64 - OFFLOOP_VECTOR_BYTES + rest * int64_t{sizeof(T)});
  if constexpr (sizeof(T) == 4)
    return (V)_mm256_maskload_epi32(static_cast<const int*>(from), (__m256i)lanes);
  else
    return (V)_mm256_maskload_epi64(static_cast<const long long*>(from), (__m256i)lanes);
#endif
#else
  const int64_t bytes = rest * static_cast<int64_t>(sizeof(T));
  if (steps >= kLanes) {
    const U8 all = Load<U8>(row + (steps - kLanes) * static_cast<int64_t>(sizeof(T)));
    return (V)(all & Load<U8>(kTailMask.bytes + 64 - OFFLOOP_VECTOR_BYTES + bytes));
  }
  alignas(64) T lanes[kLanes] = {};
  for (int64_t i = 0; i < rest; ++i) lanes[kLanes - rest + i] = Load<T>(row + i * static_cast<int64_t>(sizeof(T)));
  return Load<V>(lanes);
#endif
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
