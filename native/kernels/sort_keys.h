// Elements to keys and back. A key is a signed integer whose order is the order of the sort, so that every
// algorithm gives the same bits. For floats sign and magnitude become two's complement (-0 just below +0), every
// NaN becomes the largest key and comes back as one canonical NaN; unsigned integers flip their top bit; a
// descending sort complements all but NaN. Keys of 8- and 16-bit elements are 32 bits wide.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {

template <typename Key>
struct Coding {
  Key magnitude = 0;  // all bits but the sign, for floats; else 0
  Key complement = 0;
  Key nan_above = KeyLimits<Key>::kMax;  // magnitudes above this are NaN
  Key nan_key = 0;
  Key nan_bits = 0;
  Key float_mask = 0;  // -1 for floats
};

namespace {

template <typename Key>
static inline Coding<Key> MakeCoding(DType dtype, bool descending) {
  Coding<Key> coding;
  if (dtype == DType::kUint32 || dtype == DType::kBigUint64) coding.complement = KeyLimits<Key>::kMin;
  if (descending) coding.complement = ~coding.complement;
  if (dtype == DType::kFloat16 || dtype == DType::kFloat32 || dtype == DType::kFloat64) {
    const bool half = dtype == DType::kFloat16;
    const bool single = dtype == DType::kFloat32;
    const int64_t infinity = half ? 0x7c00 : single ? 0x7f800000 : 0x7ff0000000000000;
    const int64_t quiet = half ? 0x200 : single ? 0x400000 : 0x8000000000000;
    coding.magnitude = half ? static_cast<Key>(0x7fff) : KeyLimits<Key>::kMax;
    coding.nan_above = static_cast<Key>(infinity);
    coding.nan_key = coding.magnitude;
    coding.nan_bits = static_cast<Key>(infinity | quiet);
    coding.float_mask = -1;
  }
  return coding;
}

template <typename Key>
static inline __attribute__((always_inline)) Key Encode(Key bits, const Coding<Key>& coding) {
  const Key key = bits ^ (bits < 0 ? coding.magnitude : 0) ^ coding.complement;
  return (bits & coding.magnitude) > coding.nan_above ? coding.nan_key : key;
}

template <typename Key>
static inline __attribute__((always_inline)) Key Decode(Key key, const Coding<Key>& coding) {
  Key bits = key ^ coding.complement;
  bits ^= bits < 0 ? coding.magnitude : 0;
  return (key == coding.nan_key ? coding.float_mask : 0) ? coding.nan_bits : bits;
}

// `from` may be memory that others write: every element is read once.
template <typename Element, typename Key>
static inline __attribute__((always_inline)) void EncodeHere(const Element* from, int64_t stride, size_t n,
                                                             Key* __restrict to, const Coding<Key>& coding_in) {
  const Coding<Key> coding = coding_in;
  if (stride == 1) {
    for (size_t i = 0; i < n; ++i) to[i] = Encode<Key>(static_cast<Key>(from[i]), coding);
  } else {
    for (size_t i = 0; i < n; ++i) {
      to[i] = Encode<Key>(static_cast<Key>(from[static_cast<int64_t>(i) * stride]), coding);
    }
  }
}

template <typename Element, typename Key>
static __attribute__((noinline)) void EncodeKeys(const Element* from, int64_t stride, size_t n, Key* to,
                                                 const Coding<Key>& coding) {
  EncodeHere(from, stride, n, to, coding);
}

template <typename Element, typename Key>
static __attribute__((noinline)) void DecodeKeys(const Key* __restrict from, size_t n, Element* to, int64_t stride,
                                                 const Coding<Key>& coding_in) {
  const Coding<Key> coding = coding_in;
  if (stride == 1) {
    for (size_t i = 0; i < n; ++i) to[i] = static_cast<Element>(Decode<Key>(from[i], coding));
  } else {
    for (size_t i = 0; i < n; ++i) {
      to[static_cast<int64_t>(i) * stride] = static_cast<Element>(Decode<Key>(from[i], coding));
    }
  }
}

#if OFFLOOP_SORT_VECTORS

template <typename Key>
struct KeyVectorOf {
  typedef Key Type __attribute__((vector_size(OFFLOOP_VECTOR_BYTES), may_alias));
};

// Elements of the caller's that become keys as Partition() reads them. For AVX-512 no element is read twice, nor is
// any beyond the last.
template <typename Key>
struct CodedElements {
  using Vec = typename Lanes<Key>::Vec;
  using KeyVector = typename KeyVectorOf<Key>::Type;
  const Key* from;
  Coding<Key> coding;

  inline __attribute__((always_inline)) Key At(size_t i) const { return Encode<Key>(from[i], coding); }
  inline __attribute__((always_inline)) Vec LoadAt(size_t i) const { return Code(Lanes<Key>::Load(from + i)); }
  inline __attribute__((always_inline)) Vec LoadFirstAt(size_t i, size_t n) const {
    return Code(Lanes<Key>::LoadFirst(from + i, n));
  }
  inline __attribute__((always_inline)) Vec Code(Vec elements) const {
    const KeyVector bits = reinterpret_cast<KeyVector>(elements);
    const KeyVector key = bits ^ ((bits < 0) & coding.magnitude) ^ coding.complement;
    const KeyVector nan = (bits & coding.magnitude) > coding.nan_above;
    return reinterpret_cast<Vec>((key & ~nan) | (nan & coding.nan_key));
  }
};

#endif

// DecodeKeys for outputs beyond the caches: whole vectors go past them, which saves reading what is overwritten. The
// caller fences.
template <typename Key>
static inline void StreamKeys(const Key* __restrict from, size_t n, Key* to, const Coding<Key>& coding_in) {
#if OFFLOOP_SORT_VECTORS
  using L = Lanes<Key>;
  using Vec = typename L::Vec;
  using KeyVector = typename KeyVectorOf<Key>::Type;
  const Coding<Key> coding = coding_in;
  constexpr size_t kStep = static_cast<size_t>(L::kCount);
  const size_t misaligned = reinterpret_cast<uintptr_t>(to) / sizeof(Key) % kStep;
  size_t head = misaligned == 0 ? 0 : kStep - misaligned;
  if (head > n) head = n;
  DecodeKeys<Key, Key>(from, head, to, 1, coding);
  size_t i = head;
  for (; i + kStep <= n; i += kStep) {
    const KeyVector key = reinterpret_cast<KeyVector>(L::Load(from + i));
    KeyVector bits = key ^ coding.complement;
    bits ^= (bits < 0) & coding.magnitude;
    const KeyVector nan = (key == coding.nan_key) & coding.float_mask;
    bits = (bits & ~nan) | (nan & coding.nan_bits);
    L::Stream(to + i, reinterpret_cast<Vec>(bits));
  }
  DecodeKeys<Key, Key>(from + i, n - i, to + i, 1, coding);
#else
  DecodeKeys<Key, Key>(from, n, to, 1, coding_in);
#endif
}

// Copies private keys past the caches, to be read much later by whoever gets there first. The caller fences.
template <typename Key>
static inline void StreamCopy(const Key* __restrict from, size_t n, Key* __restrict to) {
  size_t i = 0;
#if OFFLOOP_SORT_VECTORS
  using L = Lanes<Key>;
  constexpr size_t kLine = 64 / sizeof(Key);
  for (; i < n && reinterpret_cast<uintptr_t>(to + i) % 64 != 0; ++i) to[i] = from[i];
  for (; i + kLine <= n; i += kLine) {
    for (size_t lane = 0; lane < kLine; lane += static_cast<size_t>(L::kCount)) {
      L::Stream(to + i + lane, L::Load(from + i + lane));
    }
  }
#endif
  for (; i < n; ++i) to[i] = from[i];
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
