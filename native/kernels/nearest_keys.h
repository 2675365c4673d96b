// Candidates as keys: the rank of a score above, the index below, the smaller the better. A rank is a float whose order
// is that of its bits: distances as they are, similarities negated, NaN after all others. Included once a CPU level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

static inline uint64_t KeyOf(float rank, uint32_t index) {
  // Both zeros are one.
  rank += 0.0f;
  uint32_t bits;
  __builtin_memcpy(&bits, &rank, 4);
  const uint32_t mask = static_cast<uint32_t>(static_cast<int32_t>(bits) >> 31) | 0x80000000u;
  const uint32_t order = rank == rank ? bits ^ mask : 0xffffffffu;
  return static_cast<uint64_t>(order) << 32 | index;
}

static inline float RankOf(uint64_t key) {
  const uint32_t order = static_cast<uint32_t>(key >> 32);
  const uint32_t bits = (order & 0x80000000u) != 0 ? order ^ 0x80000000u : ~order;
  float rank;
  __builtin_memcpy(&rank, &bits, 4);
  return rank;
}

// A heap of the best keys seen, the worst of them first.
static inline void SinkKey(uint64_t* heap, uint32_t count, uint32_t at, uint64_t key) {
  for (;;) {
    uint32_t child = 2 * at + 1;
    if (child >= count) break;
    if (child + 1 < count && heap[child + 1] > heap[child]) ++child;
    if (heap[child] <= key) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = key;
}

static inline void RaiseKey(uint64_t* heap, uint32_t at, uint64_t key) {
  while (at > 0) {
    const uint32_t parent = (at - 1) / 2;
    if (heap[parent] >= key) break;
    heap[at] = heap[parent];
    at = parent;
  }
  heap[at] = key;
}

// Takes a key in where it is among the `most` best.
static inline void OfferKey(uint64_t* heap, uint32_t* count, uint32_t most, uint64_t key) {
  if (*count < most) {
    RaiseKey(heap, (*count)++, key);
  } else if (key < heap[0]) {
    SinkKey(heap, most, 0, key);
  }
}

// Best first.
static inline void SortKeys(uint64_t* heap, uint32_t count) {
  for (uint32_t last = count; last > 1;) {
    --last;
    const uint64_t key = heap[last];
    heap[last] = heap[0];
    SinkKey(heap, last, 0, key);
  }
}

// Which of a vector of ranks are not above their limits; a limit of NaN lets all pass.
static inline __attribute__((always_inline)) uint32_t WithinLimits(const float* ranks, const float* limits) {
#if OFFLOOP_VECTOR_BYTES == 64
  return _mm512_cmp_ps_mask((__m512)Load<F32>(ranks), (__m512)Load<F32>(limits), _CMP_NGT_UQ);
#elif OFFLOOP_VECTOR_BYTES == 32
  return static_cast<uint32_t>(
      _mm256_movemask_ps(_mm256_cmp_ps((__m256)Load<F32>(ranks), (__m256)Load<F32>(limits), _CMP_NGT_UQ)));
#elif OFFLOOP_X64
  return static_cast<uint32_t>(_mm_movemask_ps(_mm_cmpngt_ps((__m128)Load<F32>(ranks), (__m128)Load<F32>(limits))));
#else
  uint32_t within = 0;
  for (int i = 0; i < F32Lanes; ++i) within |= (ranks[i] > limits[i] ? 0u : 1u) << i;
  return within;
#endif
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
