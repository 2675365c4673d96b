// Sorts private keys, by whichever way is quickest for what they are.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {

// `spare` has room for n keys as well. For int32_t and int64_t: sort_private.cc.
template <typename Key>
void SortKeys(Key* home, Key* spare, size_t n, uint64_t seed);

namespace {

template <typename Key>
static inline bool IsSorted(const Key* keys, size_t n) {
  // Steps of 64, so that the loop inside has no exit and the first steps of unsorted keys end it.
  for (size_t i = 1; i < n;) {
    const size_t end = n - i < 64 ? n : i + 64;
    Key wrong = 0;
    for (; i < end; ++i) wrong |= keys[i] < keys[i - 1] ? 1 : 0;
    if (wrong != 0) return false;
  }
  return true;
}

// Whether every key is below the one before it.
template <typename Key>
static inline bool IsFalling(const Key* keys, size_t n) {
  for (size_t i = 1; i < n;) {
    const size_t end = n - i < 64 ? n : i + 64;
    Key wrong = 0;
    for (; i < end; ++i) wrong |= keys[i] >= keys[i - 1] ? 1 : 0;
    if (wrong != 0) return false;
  }
  return true;
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
