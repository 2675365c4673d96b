// Kernels that work along lines: the last axis of inputs[0] and outputs[0], whose other axes number the lines.
#pragma once
#include <cstdint>

#include "base/view.h"

namespace offloop {

struct Lines {
  int64_t count = 1;
  int64_t length = 1;  // of a line of the input
  int64_t in_stride = 1;
  int64_t out_stride = 1;
};

inline Lines LinesOf(const View& input, const View& output) {
  Lines lines;
  if (input.rank == 0) return lines;
  const uint32_t last = input.rank - 1;
  for (uint32_t axis = 0; axis < last; ++axis) lines.count *= input.shape[axis];
  lines.length = input.shape[last];
  lines.in_stride = input.strides[last];
  lines.out_stride = output.strides[last];
  return lines;
}

// Whether all axes but the last agree, and the dtype rule of a scan holds: floats and BigInts keep theirs, small
// integers give float64.
inline bool LinesFit(const View& input, const View& output) {
  if (input.rank != output.rank || input.rank == 0) return false;
  for (uint32_t axis = 0; axis + 1 < input.rank; ++axis) {
    if (input.shape[axis] != output.shape[axis]) return false;
  }
  const bool small_integers = static_cast<uint8_t>(input.dtype) <= static_cast<uint8_t>(DType::kUint32);
  return output.dtype == (small_integers ? DType::kFloat64 : input.dtype);
}

// Elements from the start of the view's data to the start of a line.
inline int64_t LineOffset(const View& view, int64_t line) {
  int64_t offset = 0;
  for (uint32_t axis = view.rank - 1; axis-- > 0;) {
    offset += line % view.shape[axis] * view.strides[axis];
    line /= view.shape[axis];
  }
  return offset;
}

// The bits of the float16 nearest to a number, ties to even. Straight from 53 bits, so that it is rounded once.
inline uint16_t EncodeFloat16(double value) {
  const uint64_t bits = __builtin_bit_cast(uint64_t, value);
  const uint16_t sign = static_cast<uint16_t>(bits >> 48 & 0x8000);
  const int exponent = static_cast<int>(bits >> 52 & 0x7ff) - 1023;
  if (value != value) return 0x7e00;
  if (exponent > 15) return static_cast<uint16_t>(sign | 0x7c00);
  if (exponent < -25) return sign;
  const uint64_t fraction = (bits & 0xfffffffffffff) | 0x10000000000000;
  // What is dropped: 42 bits, or more where the result has no full significand.
  const int drop = exponent < -14 ? 42 - 14 - exponent : 42;
  uint64_t kept = fraction >> drop;
  const uint64_t rest = fraction & ((uint64_t{1} << drop) - 1);
  const uint64_t half = uint64_t{1} << (drop - 1);
  kept += rest > half || (rest == half && (kept & 1) != 0) ? 1 : 0;
  // A carry out of the significand raises the exponent by itself, up to infinity.
  const uint64_t base = exponent < -14 ? 0 : static_cast<uint64_t>(exponent + 14) << 10;
  return static_cast<uint16_t>(sign | (base + kept));
}

}  // namespace offloop
