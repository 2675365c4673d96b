// Reductions along axes: what sum, mean, variance, minmax, dot and their kin share.
//
// A view's first `scalars[0]` axes are kept, the rest are reduced. Every output is the reduction of one sequence: its
// elements in row-major order of the reduced axes. A sequence is cut in blocks of kReduceBlock elements whose partials
// are folded along the driver's fixed tree, so that a result depends on its own sequence and on nothing else: not on
// strides, on the other outputs, on threads. This file is compiled once; a kernel has its operations per CPU level.
#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"

namespace offloop {

inline constexpr int64_t kReduceBlock = 16384;
// What is brought into contiguous local memory at once, when the sequence is not contiguous; divides kReduceBlock.
inline constexpr int64_t kReduceChunk = 1024;
// Outputs whose sequences run side by side through one tile, and the bytes of a row of that tile.
inline constexpr int64_t kMaxTileWidth = 32;
inline constexpr int64_t kTileRowBytes = 128;
// Elements from one column of a transposed tile to the next; not a power of two, for the sake of cache sets.
inline constexpr int64_t kTileStride = kReduceChunk + 16;
// Room for one output's running state in local memory, the size of nearly every partial, and that of the largest.
inline constexpr uint32_t kReduceStateBytes = 320;
inline constexpr uint32_t kReducePartialBytes = 32;
inline constexpr uint32_t kMaxReducePartialBytes = 80;

inline constexpr uint32_t kMaxReduceInputs = 2;
inline constexpr uint32_t kMaxReduceOutputs = 3;
inline constexpr uint32_t kMaxReduceOperands = kMaxReduceInputs + kMaxReduceOutputs;

inline constexpr bool IsFloat(DType dtype) {
  return dtype == DType::kFloat16 || dtype == DType::kFloat32 || dtype == DType::kFloat64;
}

// Scalars of every reduction.
enum ReduceScalar : uint32_t { kKeptAxes = 0, kSkipNaN = 1, kDdof = 2 };

// How the reduction of a kernel looks, whatever its arguments.
struct ReductionShape {
  uint32_t inputs;
  uint32_t outputs;
  // Values that go to output 0 for each sequence, along a last axis of its own; 0: one value and no such axis.
  uint32_t fields = 0;
  uint32_t partial_bytes = kReducePartialBytes;  // a multiple of 16
};

// Axes of several operands, outer to inner: those of length 1 left out, neighbours merged where all operands allow.
struct Axes {
  uint32_t count = 0;
  int64_t shape[kMaxRank];
  int64_t strides[kMaxReduceOperands][kMaxRank];
};

// How the elements of a sequence are reached: where they are; copied to local memory; or, when neighbouring outputs
// lie closer together than neighbouring elements, a tile of several sequences at a time, transposed on the way.
enum class Access : uint8_t { kDirect, kGather, kTile };

struct Reduction {
  const std::byte* data[kMaxReduceInputs];
  uint32_t inputs;
  uint32_t operands;  // inputs and stored outputs
  uint32_t element_bytes;
  uint32_t partial_bytes;
  bool whole;  // no axis is kept and there is no output: the result goes to `results`
  Access access;
  int64_t outputs;  // number of sequences
  int64_t length;   // of each
  int64_t blocks;   // kReduceBlock pieces of each, at least 1
  int64_t width;    // outputs of one grid block
  Axes kept;        // operands: inputs, then outputs
  Axes reduced;     // operands: inputs

  // Partials pass between phases; otherwise the block that reduces an output stores it.
  bool HasPartials() const { return whole || blocks > 1; }
};

// Writes one output; `offsets` are in elements, one for each output view.
using StorePartial = void (*)(const Arguments& arguments, const std::byte* partial, const int64_t* offsets);

// Reads views and scalars. kInvalidArgument when they do not fit together.
Status PlanReduction(const Arguments& arguments, const ReductionShape& shape, Reduction* plan);

// The grids: one of partials or of outputs, and where partials of kept axes must still be stored, one for that.
void LayOutReduction(const Reduction& plan, Layout* layout);

// How many partials a block has: what combine() must fold.
int64_t PartialWidth(const Arguments& arguments, const ReductionShape& shape);

// What a kernel does to the elements of one sequence, in a state of at most kReduceStateBytes.
struct ReduceOperation {
  // An empty sequence.
  void (*begin)(void* state);
  // Takes in the next `count` elements, at most kReduceBlock, from one pointer an input. Only the last piece of a
  // block may have a count that kReduceChunk does not divide.
  void (*add)(void* state, const void* const* x, int64_t count);
  // The partial of what was taken in.
  void (*end)(const void* state, std::byte* partial);
};

// One block of either grid.
void RunReduction(const Arguments& arguments, const Block& block, const ReductionShape& shape,
                  const ReduceOperation& operation, StorePartial store);

// A 192-bit integer in two's complement, low word first: room for 2^64 products of 64-bit integers.
struct Wide {
  uint64_t words[3];
};

static inline void AddWide(Wide* into, const Wide& from) {
  unsigned carry = 0;
  for (int i = 0; i < 3; ++i) {
    const unsigned __int128 sum = static_cast<unsigned __int128>(into->words[i]) + from.words[i] + carry;
    into->words[i] = static_cast<uint64_t>(sum);
    carry = static_cast<unsigned>(sum >> 64);
  }
}

static inline Wide WideOf(__int128 value) {
  return {{static_cast<uint64_t>(value), static_cast<uint64_t>(value >> 64), static_cast<uint64_t>(value >> 127)}};
}

// The nearest double, ties to even.
double RoundWide(Wide value);

// One NaN for all, so that results are the same bits everywhere.
static inline double CanonicalNumber(double value) { return value == value ? value : __builtin_nan(""); }

// float16 from its bits, exactly.
static inline double DecodeFloat16(uint16_t bits) {
  const uint64_t sign = static_cast<uint64_t>(bits & 0x8000) << 48;
  const uint64_t exponent = (bits >> 10) & 31;
  const uint64_t fraction = bits & 1023;
  uint64_t word;
  if (exponent == 31) {
    word = 0x7ff0000000000000 | fraction << 42;
  } else if (exponent != 0) {
    word = (exponent + 1008) << 52 | fraction << 42;
  } else {
    word = __builtin_bit_cast(uint64_t, static_cast<double>(fraction) * 0x1p-24);
  }
  return __builtin_bit_cast(double, word | sign);
}

}  // namespace offloop
