// argmin(x), argmax(x): the position of the first least or greatest element of each sequence, counted in row-major
// order of the reduced axes. -0 is below +0; the first NaN is both unless NaNs are left out, and where there is nothing
// else the position is 0. There must be an element.
//   inputs[0]    any dtype, any strides; the first scalars[0] axes are kept
//   outputs[0]   if any: uint32, or float64 where positions can go beyond
//   results      without outputs: [0] the position
//   scalars      [0] kept axes, [1] leave NaNs out, [2] the greatest instead
#include <cstring>

#include "kernels/extremes.h"

#ifndef OFFLOOP_ARGMIN_STORE
#define OFFLOOP_ARGMIN_STORE
namespace offloop {
namespace {

constexpr ReductionShape kArgminShape = {1, 1};

// The best element so far, by its place in the order (extremes.h), and where it is.
struct Place {
  int64_t key;
  int64_t position;
  int64_t length;  // elements gone through
  enum Kind : int64_t { kNothing = 0, kNumber = 1, kNaN = 2 } kind;
};
static_assert(sizeof(Place) == kReducePartialBytes);

inline __attribute__((always_inline)) bool IsBetter(int64_t key, int64_t than, bool greatest) {
  return greatest ? key > than : key < than;
}

void MergePlaces(Place* into, const Place& from, bool greatest) {
  const bool better = from.kind > into->kind || (from.kind == Place::kNumber && into->kind == Place::kNumber &&
                                                 IsBetter(from.key, into->key, greatest));
  const int64_t length = into->length;
  if (better) *into = {from.key, length + from.position, 0, from.kind};
  into->length = length + from.length;
}

void StorePlace(const Arguments& arguments, const std::byte* partial, const int64_t* offsets) {
  const int64_t position = reinterpret_cast<const Place*>(partial)->position;
  const View& output = arguments.outputs[0];
  if (output.dtype == DType::kFloat64) {
    const double number = static_cast<double>(position);
    std::memcpy(static_cast<double*>(output.data) + offsets[0], &number, sizeof(number));
  } else {
    const uint32_t index = static_cast<uint32_t>(position);
    std::memcpy(static_cast<uint32_t*>(output.data) + offsets[0], &index, sizeof(index));
  }
}

}  // namespace
}  // namespace offloop
#endif  // OFFLOOP_ARGMIN_STORE

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/argmin.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"
#include "kernels/lanes.h"
#include "kernels/extremes_search.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// The place of the first element that `is` tells of, looked for in runs whose tests need no branch; 0 where there is
// none, because another thread has written over it.
template <typename T, typename Is>
OFFLOOP_INLINE int64_t FindFirst(const T* x, int64_t count, Is is) {
  constexpr int64_t kRun = 256 / sizeof(T);
  int64_t i = 0;
  for (; i + kRun <= count; i += kRun) {
    T found = 0;
    for (int64_t j = 0; j < kRun; ++j) found |= is(x[i + j]) ? T{1} : T{0};
    if (found != 0) break;
  }
  for (; i < count; ++i) {
    if (is(x[i])) return i;
  }
  return 0;
}

template <typename Bits>
OFFLOOP_INLINE int64_t FindBits(const void* x, int64_t count, Bits wanted) {
  typedef Bits AliasedBits __attribute__((may_alias));
  return FindFirst(static_cast<const AliasedBits*>(x), count, [wanted](Bits bits) { return bits == wanted; });
}

// NaNs are the bits beyond those of infinity, but for the sign.
template <typename T>
OFFLOOP_INLINE int64_t FindNaN(const T* x, int64_t count) {
  using Bits = typename Traits<T>::Bits;
  typedef Bits AliasedBits __attribute__((may_alias));
  const Bits infinity = __builtin_bit_cast(Bits, static_cast<T>(__builtin_inf()));
  return FindFirst(reinterpret_cast<const AliasedBits*>(x), count, [infinity](Bits bits) {
    constexpr Bits kAllButSign = static_cast<Bits>(~(Bits{1} << (8 * sizeof(Bits) - 1)));
    return (bits & kAllButSign) > infinity;
  });
}

// Least or greatest by `<`, to which NaNs are nothing.
template <typename T, bool greatest, bool watch_nan>
struct OneSided {
  using V = typename Traits<T>::Vector;
  V best[kChains];
  NaNs<T> nans;

  OFFLOOP_INLINE void At(const T* x) {
    constexpr int64_t kVector = OFFLOOP_VECTOR_BYTES / sizeof(T);
    V values[kChains];
#pragma GCC unroll 4
    for (int c = 0; c < kChains; ++c) {
      values[c] = Load<V>(x + c * kVector);
      best[c] = greatest ? Greater(values[c], best[c]) : Lesser(values[c], best[c]);
    }
    if constexpr (watch_nan) {
      nans.Note(values[0], values[1]);
      nans.Note(values[2], values[3]);
    }
  }
};

template <typename T, bool greatest, bool watch_nan>
OFFLOOP_INLINE bool FindBest(const T* x, int64_t count, T* best) {
  using V = typename Traits<T>::Vector;
  *best = greatest ? Traits<T>::kFirst : Traits<T>::kLast;
  bool nan = false;
  if (count >= kChains * int64_t{OFFLOOP_VECTOR_BYTES / sizeof(T)}) {
    OneSided<T, greatest, watch_nan> search = {};
#pragma GCC unroll 4
    for (int c = 0; c < kChains; ++c) search.best[c] = *best - V{};
    Cover(x, count, &search);
    *best = greatest ? FoldChains<T>(search.best, ChooseGreater()) : FoldChains<T>(search.best, ChooseLesser());
    return watch_nan && search.nans.Any();
  }
  for (int64_t i = 0; i < count; ++i) {
    const T value = x[i];
    nan = nan || (watch_nan && value != value);
    *best = greatest ? Greater(value, *best) : Lesser(value, *best);
  }
  return nan;
}

// A piece is gone over again when it has something better, so it must stay in the first-level cache.
inline constexpr int64_t kPieceBytes = 16384;

// Takes in a piece whose best element, a number, has this key and these bits.
template <bool greatest, typename Bits>
OFFLOOP_INLINE void TakeBest(Place* state, const void* x, int64_t count, int64_t key, Bits bits) {
  if (state->kind == Place::kNumber && !IsBetter(key, state->key, greatest)) return;
  *state = {key, state->length + FindBits(x, count, bits), state->length, Place::kNumber};
}

template <typename T, bool greatest>
OFFLOOP_INLINE void AddIntegers(Place* state, const T* x, int64_t count) {
  T best;
  FindBest<T, greatest, false>(x, count, &best);
  TakeBest<greatest>(state, x, count, KeyOf(best), best);
}

template <typename T, bool skip_nan, bool greatest>
OFFLOOP_INLINE void AddFloats(Place* state, const T* x, int64_t count) {
  T best;
  if (FindBest<T, greatest, !skip_nan>(x, count, &best)) {
    *state = {0, state->length + FindNaN(x, count), state->length, Place::kNaN};
    return;
  }
  using Bits = typename Traits<T>::Bits;
  constexpr T kStart = greatest ? Traits<T>::kFirst : Traits<T>::kLast;
  // The infinity that was there from the start may not be an element.
  if (skip_nan && best == kStart && !FloatExtremes<T, true>::Has(x, count, best)) return;
  // Comparisons don't tell zeros apart: the better one is looked for, unless it would change nothing.
  if (best == 0) {
    const T better = greatest ? T{0} : -T{0};
    if (state->kind == Place::kNumber && !IsBetter(KeyOf(better), state->key, greatest)) return;
    best = FloatExtremes<T, true>::Has(x, count, better) ? better : -better;
  }
  TakeBest<greatest>(state, x, count, KeyOf(best), __builtin_bit_cast(Bits, best));
}

// float16 in its integer order, copied so; NaNs beyond both infinities.
template <bool skip_nan, bool greatest>
OFFLOOP_INLINE void AddHalves(Place* state, const Half* x, int64_t count) {
  constexpr int16_t kInfinity = FloatExtremes<Half, skip_nan>::kInfinity;
  constexpr int16_t kMinusInfinity = FloatExtremes<Half, skip_nan>::kMinusInfinity;
  constexpr int16_t kStart = greatest ? INT16_MIN : INT16_MAX;
  int16_t keys[kPieceBytes / sizeof(Half)];
  int16_t best = kStart;
  int16_t nans = 0;
  for (int64_t i = 0; i < count; ++i) {
    const int16_t bits = static_cast<int16_t>(x[i].bits);
    const int16_t key = static_cast<int16_t>(bits ^ ((bits >> 15) & 0x7fff));
    const bool is_nan = key > kInfinity || key < kMinusInfinity;
    const int16_t kept = is_nan ? kStart : key;
    nans |= is_nan ? 1 : 0;
    keys[i] = kept;
    best = greatest ? Greater(kept, best) : Lesser(kept, best);
  }
  if (nans != 0 && !skip_nan) {
    *state = {0, state->length + FindBits(keys, count, kStart), state->length, Place::kNaN};
  } else if (best != kStart) {
    TakeBest<greatest>(state, keys, count, best, best);
  }
}

struct PlaceOp {
  static constexpr uint32_t kInputs = 1;
  using State = Place;
  static OFFLOOP_INLINE void Begin(State* state) { *state = {0, 0, 0, Place::kNothing}; }
  static OFFLOOP_INLINE void End(const State* state, std::byte* to) { *reinterpret_cast<Place*>(to) = *state; }

  // Calls add(x, count) for pieces; after a NaN, which nothing is better than, for none.
  template <typename T, typename AddPiece>
  static OFFLOOP_INLINE void AddPieces(State* state, const T* x, int64_t count, AddPiece add) {
    constexpr int64_t kPiece = kPieceBytes / sizeof(T);
    const int64_t length = state->length + count;
    for (int64_t done = 0; done < count && state->kind != Place::kNaN; done += kPiece) {
      const int64_t left = count - done;
      const int64_t size = left < kPiece ? left : kPiece;
      add(x + done, size);
      state->length += size;
    }
    state->length = length;
  }
};

template <typename T, bool greatest>
struct IntegerPlace : PlaceOp {
  using Element = T;
  static OFFLOOP_INLINE void Add(State* state, const T* x, int64_t count) {
    AddPieces(state, x, count, [state](const T* piece, int64_t size) OFFLOOP_INLINE_LAMBDA {
      AddIntegers<T, greatest>(state, piece, size);
    });
  }
};

template <typename T, bool skip_nan, bool greatest>
struct FloatPlace : PlaceOp {
  using Element = T;
  static OFFLOOP_INLINE void Add(State* state, const T* x, int64_t count) {
    AddPieces(state, x, count, [state](const T* piece, int64_t size) OFFLOOP_INLINE_LAMBDA {
      if constexpr (sizeof(T) == sizeof(Half)) {
        AddHalves<skip_nan, greatest>(state, piece, size);
      } else {
        AddFloats<T, skip_nan, greatest>(state, piece, size);
      }
    });
  }
};

template <typename T>
using LeastInteger = IntegerPlace<T, false>;
template <typename T>
using GreatestInteger = IntegerPlace<T, true>;
template <typename T, bool skip_nan>
using LeastFloat = FloatPlace<T, skip_nan, false>;
template <typename T, bool skip_nan>
using GreatestFloat = FloatPlace<T, skip_nan, true>;

void ArgminBlock(const Arguments& arguments, const Block& block) {
  const bool skip_nan = arguments.scalars[kSkipNaN] != 0;
  const DType dtype = arguments.inputs[0].dtype;
  const ReduceOperation& operation = arguments.scalars[2] != 0
                                         ? OperationFor<GreatestInteger, GreatestFloat>(dtype, skip_nan)
                                         : OperationFor<LeastInteger, LeastFloat>(dtype, skip_nan);
  RunReduction(arguments, block, kArgminShape, operation, StorePlace);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL

#if OFFLOOP_ONCE

static Status PrepareArgmin(const Arguments& arguments, Layout* layout) {
  Reduction plan;
  const Status status = PlanReduction(arguments, kArgminShape, &plan);
  if (status != Status::kOk) return status;
  if (plan.length == 0 && plan.outputs > 0) return Status::kInvalidArgument;
  if (!plan.whole) {
    const DType dtype = arguments.outputs[0].dtype;
    const bool fits = dtype == DType::kUint32 && plan.length <= int64_t{1} << 32;
    if (dtype != DType::kFloat64 && !fits) return Status::kInvalidArgument;
  }
  LayOutReduction(plan, layout);
  return Status::kOk;
}

static void CombineArgmin(const Arguments& arguments, uint32_t, std::byte* into, const std::byte* from) {
  const int64_t width = PartialWidth(arguments, kArgminShape);
  const bool greatest = arguments.scalars[2] != 0;
  for (int64_t i = 0; i < width; ++i) {
    MergePlaces(reinterpret_cast<Place*>(into) + i, reinterpret_cast<const Place*>(from)[i], greatest);
  }
}

static Status FinishArgmin(const Arguments& arguments) {
  if (arguments.output_count > 0) return Status::kOk;
  arguments.results[0].number = static_cast<double>(reinterpret_cast<const Place*>(arguments.partials)->position);
  return Status::kOk;
}

extern const Kernel kArgminKernel;
const Kernel kArgminKernel = {
    "argmin", 1, PrepareArgmin, OFFLOOP_EACH_LEVEL(ArgminBlock), CombineArgmin, FinishArgmin,
};

#endif  // OFFLOOP_ONCE
}  // namespace offloop
