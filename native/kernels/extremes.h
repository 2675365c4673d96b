// Least and greatest elements of every dtype as integers in one order: what minmax, argmin and describe share.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/kernel.h"
#include "kernels/reduce.h"

namespace offloop {

// Elements of every dtype as integers in the same order. Those of floats are their bits, the negative ones with all
// but the sign turned over; then -0 is below +0 without more ado.
struct Extremes {
  int64_t least;
  int64_t greatest;
  int64_t nan;  // not 0 when there was a NaN that counts
  int64_t unused;
};
static_assert(sizeof(Extremes) == kReducePartialBytes);

inline __attribute__((always_inline)) void MergeExtremes(Extremes* into, int64_t least, int64_t greatest) {
  if (least < into->least) into->least = least;
  if (greatest > into->greatest) into->greatest = greatest;
}

// Between the bits of a float, sign-extended to 64, and its place in the order.
template <typename Bits>
inline __attribute__((always_inline)) int64_t TurnNegative(int64_t bits) {
  constexpr int64_t kAllButSign = (int64_t{1} << (8 * sizeof(Bits) - 1)) - 1;
  return bits < 0 ? bits ^ kAllButSign : bits;
}
template <>
inline __attribute__((always_inline)) int64_t TurnNegative<int64_t>(int64_t bits) {
  return bits < 0 ? bits ^ INT64_MAX : bits;
}

// The bits of an element, in the low bytes, from its place in the order.
static inline uint64_t BitsOf(DType dtype, const Extremes& extremes, int64_t key) {
  const bool nan = extremes.nan != 0 || extremes.least > extremes.greatest;
  switch (dtype) {
    case DType::kFloat16:
      return nan ? 0x7e00 : static_cast<uint64_t>(TurnNegative<int16_t>(key));
    case DType::kFloat32:
      return nan ? 0x7fc00000 : static_cast<uint64_t>(TurnNegative<int32_t>(key));
    case DType::kFloat64:
      return nan ? 0x7ff8000000000000 : static_cast<uint64_t>(TurnNegative<int64_t>(key));
    case DType::kBigUint64:
      return static_cast<uint64_t>(key) ^ 0x8000000000000000;
    default:
      return static_cast<uint64_t>(key);
  }
}

static inline Slot SlotOf(DType dtype, uint64_t bits) {
  Slot slot;
  slot.bits = bits;
  switch (dtype) {
    case DType::kFloat16:
      slot.number = DecodeFloat16(static_cast<uint16_t>(bits));
      break;
    case DType::kFloat32:
      slot.number = __builtin_bit_cast(float, static_cast<uint32_t>(bits));
      break;
    case DType::kFloat64:
    case DType::kBigInt64:
    case DType::kBigUint64:
      break;
    default:
      slot.number = static_cast<double>(static_cast<int64_t>(bits));
  }
  return slot;
}

// An element by its bits, to where any view may have it.
static inline void StoreElement(void* to, uint32_t size, uint64_t bits) {
  switch (size) {
    case 1:
      std::memcpy(to, &bits, 1);
      break;
    case 2:
      std::memcpy(to, &bits, 2);
      break;
    case 4:
      std::memcpy(to, &bits, 4);
      break;
    default:
      std::memcpy(to, &bits, 8);
  }
}

}  // namespace offloop
