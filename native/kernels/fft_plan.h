// How one call of the FFT is done: a pure function of shapes and scalars. Phase 0 leaves it in scratch with the tables,
// where the blocks of later phases find it.
#pragma once
#include <cstdint>

#include "kernels/fft_factors.h"
#include "kernels/kernel.h"

namespace offloop {

enum class FftMode : uint8_t { kForward, kInverse, kRealForward, kRealInverse };

enum class FftKind : uint8_t {
  kNothing,
  kLines,   // short: every lane is a transform of its own
  kLocal,   // a transform in the cache of one thread
  kShared,  // a transform over all threads, by way of scratch
};

// Phases of kShared; kLines and kLocal have tables, filter, and the transforms in place of kFftColumns.
enum FftPhase : uint32_t { kFftTables, kFftPack, kFftColumns, kFftRows, kFftBack, kFftUnpack, kFftPhases };

// Results from here up, which no cache holds, are written past them.
inline constexpr int64_t kFftStreamBytes = int64_t{32} << 20;

// Pairs of numbers that one block of kFftPack or kFftUnpack takes.
inline constexpr int64_t kFftPairs = 16384;

struct FftPlan {
  FftMode mode;
  FftKind kind;
  bool halved;                      // real numbers, an even number of them, as half as many complex ones
  bool chirp;                       // a length with a large prime factor, as a convolution (fft_chirp.h)
  bool folded;                      // kShared, chirp: in two halves
  bool packed_out;                  // kShared, halved: the unfinished transform may lie in the output
  bool streamed;                    // kLocal: the results go past the caches
  int64_t length;                   // as the caller counts
  int64_t n;                        // complex numbers transformed
  int64_t m;                        // the length of the transforms that do it; n but for `chirp`
  FftFactors whole, first, second;  // of m; m = first second
  int64_t lines, chunk;             // transforms in all; of kShared, at once
  int64_t first_groups, second_groups;
  int64_t lines_per_block;
  int64_t rows;  // room of a local buffer
  // Offsets in scratch, in bytes.
  int64_t first_table, second_table, lanes_table, group_tables, roots_table, filter, linear, middle;
  int64_t chirp_lanes, chirp_turns;
  int64_t linear_bytes, middle_bytes;  // for one transform
  int64_t scratch_bytes, local_bytes;
  int64_t done;  // kShared: transforms finished
  // Of `folded`: which half is being done, and which part of the filter is there.
  int64_t half, part;
};

// Parts in which the spectrum of a folded filter is made, each when the one before it has been used, and the groups of
// rows in one of them.
inline constexpr int64_t kFftFilterParts = 2;
inline int64_t FftPartGroups(const FftPlan& plan) {
  return (plan.first_groups + kFftFilterParts - 1) / kFftFilterParts;
}

inline bool FftIsReal(const FftPlan& plan, bool input) {
  return plan.mode == (input ? FftMode::kRealForward : FftMode::kRealInverse);
}

// Where a line begins, of a view whose last `inner` axes are the line.
inline int64_t FftLineOffset(const View& view, uint32_t inner, int64_t line) {
  int64_t offset = 0;
  for (uint32_t axis = view.rank - inner; axis-- > 0;) {
    offset += line % view.shape[axis] * view.strides[axis];
    line /= view.shape[axis];
  }
  return offset;
}

inline bool FftIsPacked(const View& view, uint32_t inner) {
  if (view.strides[view.rank - 1] != 1) return false;
  return inner == 1 || view.strides[view.rank - 2] == 2;
}

template <typename T>
inline void LayOutFft(const Arguments& arguments, FftPlan* plan) {
  constexpr int64_t kLanes = kFftLanes<T>;
  constexpr int64_t kPair = 2 * static_cast<int64_t>(sizeof(T));
  const View& input = arguments.inputs[0];
  const uint32_t inner = FftIsReal(*plan, true) ? 1 : 2;
  // Neighbouring transforms side by side, each with its numbers far apart.
  const bool side_by_side = inner == 2 && input.rank > 2 && input.strides[input.rank - 3] == 2 &&
                            input.shape[input.rank - 3] >= kLanes && input.strides[input.rank - 2] != 2;
  plan->chirp = !FactorFft(plan->n, &plan->whole);
  plan->m = plan->n;
  const bool many = plan->lines >= kLanes;
  if (!plan->chirp && (plan->n <= 64 || (many && plan->n <= (side_by_side ? 4096 : 256)))) {
    plan->kind = FftKind::kLines;
  } else {
    if (plan->chirp) plan->m = RoundFftLength(2 * plan->n - 1, kLanes);
    plan->kind = plan->m * kPair <= (plan->lines > 1 ? 512 : 256) * 1024 ? FftKind::kLocal : FftKind::kShared;
    plan->folded = plan->chirp && plan->kind == FftKind::kShared;
    if (plan->folded) plan->m = RoundFftLength(plan->n, kLanes);
    if (plan->chirp) FactorFft(plan->m, &plan->whole);
    SplitFft(plan->whole, kLanes, &plan->first, &plan->second);
  }
  int64_t at = FftRoundUp(static_cast<int64_t>(sizeof(FftPlan)), kFftRowBytes);
  const auto take = [&at](int64_t bytes) {
    const int64_t place = at;
    at += FftRoundUp(bytes, kFftRowBytes);
    return place;
  };
  const int64_t half_roots = plan->halved ? (plan->n / 2 + 1 + kLanes) * kPair : 0;
  if (plan->kind == FftKind::kLines) {
    plan->first_table = take(FftPassNumbers(plan->whole) * sizeof(T));
    plan->roots_table = take(half_roots);
    plan->rows = plan->n + 1;
    plan->lines_per_block = kLanes;
    while (plan->lines_per_block * plan->n < 8192) plan->lines_per_block *= 2;
    plan->local_bytes = (2 * plan->rows + kLanes) * kFftRowBytes;
  } else {
    const int64_t n1 = plan->first.n;
    const int64_t n2 = plan->second.n;
    const int64_t padded1 = FftRoundUp(n1, kLanes);
    const int64_t padded2 = FftRoundUp(n2, kLanes);
    const bool shared = plan->kind == FftKind::kShared;
    plan->first_groups = padded1 / kLanes;
    plan->second_groups = padded2 / kLanes;
    plan->first_table = take(FftPassNumbers(plan->first) * sizeof(T));
    plan->second_table = take(FftPassNumbers(plan->second) * sizeof(T));
    plan->lanes_table = take(padded1 * kFftRowBytes);
    plan->group_tables = take(shared ? 0 : plan->second_groups * padded1 * kPair);
    plan->roots_table = take(shared ? 0 : half_roots);
    plan->middle_bytes = plan->first_groups * n2 * kFftRowBytes;
    plan->chirp_lanes = take(plan->chirp ? padded1 * kFftRowBytes : 0);
    plan->chirp_turns = take(plan->chirp ? padded1 * kPair : 0);
    const int64_t filter_groups = plan->folded ? FftPartGroups(*plan) : plan->first_groups;
    plan->filter = take(plan->chirp ? filter_groups * n2 * kFftRowBytes : 0);
    plan->rows = padded1 > padded2 ? padded1 : padded2;
    const int64_t group_tables = plan->chirp ? 3 : 1;
    plan->local_bytes = 3 * plan->rows * kFftRowBytes + group_tables * FftRoundUp(padded1 * kPair, kFftRowBytes);
    plan->streamed = !shared && plan->packed_out && !(plan->halved && plan->mode == FftMode::kRealForward) &&
                     plan->lines * plan->n * kPair >= kFftStreamBytes;
    // What is folded reads its numbers twice, and must not have written over them in between.
    const bool in_place = plan->folded && !plan->halved && input.data == arguments.outputs[0].data;
    const bool linear = plan->streamed || in_place ||
                        (plan->halved && (plan->mode == FftMode::kRealInverse || !plan->packed_out || !shared));
    plan->linear_bytes = linear ? FftRoundUp((plan->n + kLanes) * kPair, kFftRowBytes) : 0;
    if (shared) {
      plan->chunk = (int64_t{64} << 20) / plan->middle_bytes;
      if (plan->chunk < 1) plan->chunk = 1;
      if (plan->chunk > plan->lines) plan->chunk = plan->lines;
      plan->linear = take(plan->linear_bytes * plan->chunk);
      plan->middle = take(plan->middle_bytes * plan->chunk);
    } else {
      plan->local_bytes += plan->middle_bytes + plan->linear_bytes;
      plan->lines_per_block = 32768 / plan->m > 1 ? 32768 / plan->m : 1;
    }
  }
  plan->scratch_bytes = at;
}

// False where views and scalars do not fit together. scalars: 0 the length, 1 the mode.
inline bool PlanFft(const Arguments& arguments, FftPlan* plan) {
  *plan = FftPlan{};
  if (arguments.input_count != 1 || arguments.output_count != 1) return false;
  const View& input = arguments.inputs[0];
  const View& output = arguments.outputs[0];
  const double length = arguments.scalars[0];
  const double mode = arguments.scalars[1];
  if (!(mode >= 0 && mode <= 3) || !(length >= 0 && length < 4e15)) return false;
  if (input.dtype != output.dtype || (input.dtype != DType::kFloat64 && input.dtype != DType::kFloat32)) return false;
  plan->mode = static_cast<FftMode>(mode);
  plan->length = static_cast<int64_t>(length);
  const uint32_t in = FftIsReal(*plan, true) ? 1 : 2;
  const uint32_t out = FftIsReal(*plan, false) ? 1 : 2;
  if (input.rank < in || output.rank < out || input.rank - in != output.rank - out) return false;
  plan->lines = 1;
  for (uint32_t axis = 0; axis < input.rank - in; ++axis) {
    if (input.shape[axis] != output.shape[axis]) return false;
    plan->lines *= input.shape[axis];
  }
  const int64_t half = plan->length / 2 + 1;
  if (in == 2 && input.shape[input.rank - 1] != 2) return false;
  if (out == 2 && output.shape[output.rank - 1] != 2) return false;
  if (input.shape[input.rank - in] != (out == 1 ? half : plan->length)) return false;
  if (output.shape[output.rank - out] != (in == 1 ? half : plan->length)) return false;
  if (plan->lines == 0 || plan->length == 0) {
    plan->kind = FftKind::kNothing;
    return true;
  }
  plan->halved = (in == 1 || out == 1) && plan->length % 2 == 0;
  plan->n = plan->halved ? plan->length / 2 : plan->length;
  plan->packed_out = FftIsPacked(output, out);
  if (input.dtype == DType::kFloat64) {
    LayOutFft<double>(arguments, plan);
  } else {
    LayOutFft<float>(arguments, plan);
  }
  return true;
}

}  // namespace offloop
