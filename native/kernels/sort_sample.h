// Pivots for private keys, by samples of them. Included again for every level.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// Samples of a part: as many as one leaf network of 2 to 8 registers sorts at once.
inline constexpr size_t kSampleMost = 64;

template <typename Key>
struct Sample {
  Key keys[kSampleMost];  // in order
  size_t count;
};

template <typename Key>
static inline void DrawSample(const Key* keys, size_t n, uint64_t* state, Sample<Key>* sample) {
  const size_t count = n >= 8192 ? LeafSize<Key>() < kSampleMost ? LeafSize<Key>() : kSampleMost : 16;
  const uint64_t stride = n / count;
  // One step of the generator gives four places, which do not wait for each other.
  for (size_t i = 0; i < count; i += 4) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    const uint64_t draw = *state >> 16;
    for (size_t k = 0; k < 4; ++k) {
      sample->keys[i + k] = keys[(i + k) * stride + (((draw >> (12 * k) & 4095) * stride) >> 12)];
    }
  }
  SortLeaf(sample->keys, sample->keys, count);
  sample->count = count;
}

// *repeated says that the sample has the pivot more than once.
template <typename Key>
static inline Key PivotOf(const Sample<Key>& sample, bool* repeated) {
  const Key* middle = sample.keys + sample.count / 2;
  *repeated = middle[-1] == middle[0] || middle[1] == middle[0];
  return middle[0];
}

template <typename Key>
static inline Key ChoosePivot(const Key* keys, size_t n, uint64_t* state, bool* repeated) {
  Sample<Key> sample;
  DrawSample(keys, n, state, &sample);
  return PivotOf(sample, repeated);
}

// More uneven splits than this are bad luck or malice.
static inline uint32_t SplitLimit(size_t n) {
  uint32_t limit = 8;
  for (; n > 1; n >>= 1) limit += 2;
  return limit;
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
