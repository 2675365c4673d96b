// Elements that are in order as they come, or in reverse order: told while they are read, and written to their places
// in the same pass. Elements in no order answer within the first few.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// A piece this long is looked at before it is written, so that it stays in the nearest cache.
inline constexpr size_t kOrderPiece = 512;

// Whether any of n + 1 keys is below the next one; or above.
template <typename Key>
static inline bool HasRise(const Key* keys, size_t n) {
  Key found = 0;
  for (size_t i = 0; i < n; ++i) found |= keys[i] < keys[i + 1] ? 1 : 0;
  return found != 0;
}

template <typename Key>
static inline bool HasFall(const Key* keys, size_t n) {
  Key found = 0;
  for (size_t i = 0; i < n; ++i) found |= keys[i] > keys[i + 1] ? 1 : 0;
  return found != 0;
}

template <typename Key>
static inline void ReverseKeys(const Key* __restrict from, size_t n, Key* __restrict to) {
  for (size_t i = 0; i < n; ++i) to[i] = from[n - 1 - i];
}

// A piece of a row, to be written to its place if the row is in order or, where its ends are that way round, in
// reverse order. What goes from its end to its front in the same memory can't be written before all is read.
template <typename Element>
struct OrderedCopy {
  const Element* from;  // the piece
  int64_t from_stride;
  Element* to;
  int64_t to_stride;
  size_t n;
  bool is_falling;
  bool is_in_place;
  bool is_streamed;  // past the caches

  inline bool Writes() const { return !is_falling || !is_in_place; }
};

// Of elements first .. first + n - 1 of a row of `length`.
template <typename Element, typename Key>
static inline OrderedCopy<Element> PlanOrdered(const Element* from, int64_t from_stride, Element* to, int64_t to_stride,
                                               uint64_t length, uint64_t first, size_t n, const Coding<Key>& coding) {
  Key ends[2];
  ends[0] = Encode(static_cast<Key>(from[0]), coding);
  ends[1] = Encode(static_cast<Key>(from[static_cast<int64_t>(length - 1) * from_stride]), coding);
  OrderedCopy<Element> copy;
  copy.is_falling = ends[0] > ends[1];
  copy.is_in_place = from == to && from_stride == to_stride;
  copy.is_streamed = false;
  copy.from = from + static_cast<int64_t>(first) * from_stride;
  copy.from_stride = from_stride;
  copy.to = to + static_cast<int64_t>(copy.is_falling ? length - first - n : first) * to_stride;
  copy.to_stride = to_stride;
  copy.n = n;
  return copy;
}

template <typename Element, typename Key>
static inline void WriteOrdered(const OrderedCopy<Element>& copy, const Coding<Key>& coding, const Key* keys, size_t at,
                                size_t n) {
  Key turned[kOrderPiece];
  if (copy.is_falling) {
    ReverseKeys(keys, n, turned);
    keys = turned;
    at = copy.n - at - n;
  }
  Element* to = copy.to + static_cast<int64_t>(at) * copy.to_stride;
  if constexpr (sizeof(Element) == sizeof(Key)) {
    if (copy.is_streamed && copy.to_stride == 1) return StreamKeys(keys, n, reinterpret_cast<Key*>(to), coding);
  }
  DecodeKeys(keys, n, to, copy.to_stride, coding);
}

// Whether all are in order. Each is read once, so what was told is true of what was written. *first and *last are the
// keys of the first and the last that were looked at.
template <typename Element, typename Key>
static inline bool CopyOrdered(const OrderedCopy<Element>& copy, const Coding<Key>& coding, Key* first, Key* last) {
  Key keys[1 + kOrderPiece];
  *first = *last = keys[0] = Encode(static_cast<Key>(copy.from[0]), coding);
  bool is_ordered = true;
  for (size_t i = 1; i < copy.n || i == 1;) {
    // The first look is short: it is the only one at keys in no order. The first key of all is written with it.
    const size_t aim = i == 1 ? 15 : kOrderPiece;
    const size_t held = i == 1 ? 1 : 0;
    const size_t count = copy.n - i < aim ? copy.n - i : aim;
    EncodeKeys(copy.from + static_cast<int64_t>(i) * copy.from_stride, copy.from_stride, count, keys + 1, coding);
    *last = keys[count];
    is_ordered = copy.is_falling ? !HasRise(keys, count) : !HasFall(keys, count);
    if (!is_ordered) break;
    // In place, only NaN may have to change, which are last.
    const bool stays = copy.is_in_place && *last != coding.nan_key;
    if (copy.Writes() && !stays) WriteOrdered(copy, coding, keys + 1 - held, i - held, count + held);
    keys[0] = keys[count];
    i += count;
    if (count == 0) break;
  }
#if OFFLOOP_SORT_VECTORS
  if (copy.is_streamed) _mm_sfence();
#endif
  return is_ordered;
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
