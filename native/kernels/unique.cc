// unique: the different values of a sorted row, in two calls. scalars[0] == 0 counts them: where each chunk's first one
// is among them, float64 in outputs[0], and how many there are in results[0]. Else writes them: inputs[0] is what the
// first call left, outputs[0] gets the values, of the row's dtype, then come, where scalars[2] and scalars[3] ask for
// them, uint32 arrays of how often each occurs and of which value each element of the input is.
// scalars[0] == 2 joins what a sort left of the different values (sort.cc): inputs[0], float64 [pieces, 3], has where
// each piece begins in inputs[1], where in the outputs, and how long it is; outputs[0] gets the values and, where
// scalars[2] asks for it, outputs[1] what inputs[2] has at their places, both uint32.
// The row is sorted (scalars[1] == 0), or given by flags, order and elements as argsort leaves them; all but the
// elements is nobody else's memory. -0 equals +0 and comes back as +0, NaN equals NaN.
#include "simd/o3.h"

#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/view.h"
#include "kernels/kernel.h"
#include "kernels/sort_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/unique.cc"
#include "simd/foreach_level.h"

#include "kernels/sort_lanes.h"
#include "kernels/sort_keys.h"
#include "kernels/order_keys.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

inline constexpr uint64_t kUniqueChunk = 32768;
inline constexpr size_t kUniqueStep = 512;

// The row, whichever way it is given.
struct UniqueRow {
  KeyReader reader;
  const uint8_t* flags;   // null for a sorted row
  const uint32_t* order;  // null for a sorted row
  uint64_t n;
};

static inline UniqueRow UniqueRowOf(const Arguments& arguments) {
  const bool writes = arguments.scalars[0] != 0;
  const View* inputs = arguments.inputs + (writes ? 1 : 0);
  UniqueRow row = {};
  row.n = static_cast<uint64_t>(inputs[0].shape[0]);
  if (arguments.scalars[1] == 0) {
    row.reader = MakeKeyReader(inputs[0], false, true);
  } else {
    row.flags = static_cast<const uint8_t*>(inputs[0].data);
    if (writes) {
      row.order = static_cast<const uint32_t*>(inputs[1].data);
      row.reader = MakeKeyReader(inputs[2], false, true);
    }
  }
  return row;
}

// Flags of elements first .. first + n - 1 of the sorted row, n <= kUniqueStep: 1 where one equals the one before it.
static inline void FlagsOf(const UniqueRow& row, uint64_t first, size_t n, uint8_t* flags) {
  if (row.flags != nullptr) {
    for (size_t i = 0; i < n; ++i) flags[i] = row.flags[first + i];
    return;
  }
  int64_t keys[kUniqueStep + 1];
  const size_t before = first == 0 ? 0 : 1;
  ReadKeys(row.reader, first - before, n + before, keys + 1 - before);
  if (before == 0) keys[0] = ~keys[1];
  for (size_t i = 0; i < n; ++i) flags[i] = keys[i] == keys[i + 1] ? 1 : 0;
}

static void CountValues(const UniqueRow& row, uint64_t first, uint64_t last, double* count) {
  uint64_t values = 0;
  uint8_t flags[kUniqueStep];
  for (uint64_t at = first; at < last; at += kUniqueStep) {
    const size_t n = last - at < kUniqueStep ? last - at : kUniqueStep;
    FlagsOf(row, at, n, flags);
    uint32_t equal = 0;
    for (size_t i = 0; i < n; ++i) equal += flags[i];
    values += n - equal;
  }
  *count = static_cast<double>(values);
}

static void WriteValues(const Arguments& arguments, const UniqueRow& row, uint64_t first, uint64_t last,
                        uint64_t value) {
  const View& values = arguments.outputs[0];
  const uint64_t most = static_cast<uint64_t>(values.shape[0]);
  uint32_t* starts = arguments.scalars[2] != 0 ? reinterpret_cast<uint32_t*>(arguments.scratch) : nullptr;
  const bool inverts = arguments.scalars[3] != 0;
  uint32_t* inverse =
      inverts ? static_cast<uint32_t*>(arguments.outputs[arguments.scalars[2] != 0 ? 2 : 1].data) : nullptr;
  uint8_t flags[kUniqueStep];
  uint64_t from[kUniqueStep];
  int64_t keys[kUniqueStep];
  for (uint64_t at = first; at < last; at += kUniqueStep) {
    const size_t n = last - at < kUniqueStep ? last - at : kUniqueStep;
    FlagsOf(row, at, n, flags);
    size_t found = 0;
    for (size_t i = 0; i < n; ++i) {
      from[found] = at + i;
      found += flags[i] ^ 1;
    }
    if (found > most - value) found = most - value;
    for (size_t i = 0; i < found; ++i) {
      keys[i] = ReadKey(row.reader, row.order == nullptr ? from[i] : row.order[from[i]]);
    }
    if (starts != nullptr) {
      for (size_t i = 0; i < found; ++i) starts[value + i] = static_cast<uint32_t>(from[i]);
    }
    WriteElements(row.reader, keys, found, values.data, 1, value);
    if (inverse != nullptr) {
      uint64_t now = value;
      for (size_t i = 0; i < n; ++i) {
        now += flags[i] ^ 1;
        inverse[row.order[at + i]] = static_cast<uint32_t>(now - 1);
      }
    }
    value += found;
  }
}

template <typename Element>
static inline void JoinElements(const View& from, const View& to, uint64_t first, uint64_t at, uint64_t n) {
  const Element* read = static_cast<const Element*>(from.data) + first;
  Element* write = static_cast<Element*>(to.data) + at;
  for (uint64_t i = 0; i < n; ++i) write[i] = read[i];
}

static void JoinPiece(const Arguments& arguments, uint64_t piece) {
  const View& row = arguments.inputs[1];
  const View& values = arguments.outputs[0];
  const double* given = static_cast<const double*>(arguments.inputs[0].data) + 3 * piece;
  const uint64_t first = static_cast<uint64_t>(given[0]);
  const uint64_t at = static_cast<uint64_t>(given[1]);
  const uint64_t n = static_cast<uint64_t>(given[2]);
  const uint64_t length = static_cast<uint64_t>(row.shape[0]);
  const uint64_t room = static_cast<uint64_t>(values.shape[0]);
  if (first > length || n > length - first || at > room || n > room - at) return;
  if (DTypeSize(row.dtype) == 8) {
    JoinElements<uint64_t>(row, values, first, at, n);
  } else {
    JoinElements<uint32_t>(row, values, first, at, n);
  }
  if (arguments.scalars[2] != 0) JoinElements<uint32_t>(arguments.inputs[2], arguments.outputs[1], first, at, n);
}

static void UniqueBlock(const Arguments& arguments, const Block& block) {
  if (arguments.scalars[0] == 2) return JoinPiece(arguments, block.index);
  const uint64_t first = block.index * kUniqueChunk;
  if (block.phase == 1) {
    const uint32_t* starts = reinterpret_cast<const uint32_t*>(arguments.scratch);
    const uint64_t n = UniqueRowOf(arguments).n;
    const uint64_t values = static_cast<uint64_t>(arguments.outputs[0].shape[0]);
    const uint64_t last = values - first < kUniqueChunk ? values : first + kUniqueChunk;
    uint32_t* counts = static_cast<uint32_t*>(arguments.outputs[1].data);
    for (uint64_t i = first; i < last; ++i) {
      const uint64_t end = i + 1 < values ? starts[i + 1] : n;
      counts[i] = static_cast<uint32_t>(end - starts[i]);
    }
    return;
  }
  const UniqueRow row = UniqueRowOf(arguments);
  const uint64_t last = row.n - first < kUniqueChunk ? row.n : first + kUniqueChunk;
  if (arguments.scalars[0] == 0) {
    CountValues(row, first, last, static_cast<double*>(arguments.outputs[0].data) + block.index);
  } else {
    WriteValues(arguments, row, first, last,
                static_cast<uint64_t>(static_cast<const double*>(arguments.inputs[0].data)[block.index]));
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop

#if OFFLOOP_ONCE
namespace offloop {
namespace {

using baseline::kUniqueChunk;

uint64_t ChunksOf(uint64_t n) { return (n + kUniqueChunk - 1) / kUniqueChunk; }

bool IsLine(const View& view, DType dtype, int64_t length) {
  return view.rank == 1 && view.dtype == dtype && view.shape[0] == length && view.IsContiguous();
}

Status PrepareJoin(const Arguments& arguments, Layout* layout) {
  const uint32_t others = arguments.scalars[2] != 0 ? 1 : 0;
  if (arguments.input_count != 2 + others || arguments.output_count != 1 + others) return Status::kInvalidArgument;
  const View* inputs = arguments.inputs;
  const View* outputs = arguments.outputs;
  const uint32_t bytes = DTypeSize(inputs[1].dtype);
  if (inputs[0].dtype != DType::kFloat64 || inputs[0].rank != 2 || inputs[0].shape[1] != 3 ||
      !inputs[0].IsContiguous() || (bytes != 4 && bytes != 8) || inputs[1].rank != 1 || outputs[0].rank != 1 ||
      !IsLine(inputs[1], outputs[0].dtype, inputs[1].shape[0]) ||
      !IsLine(outputs[0], inputs[1].dtype, outputs[0].shape[0])) {
    return Status::kInvalidArgument;
  }
  if (others > 0 && (!IsLine(inputs[2], DType::kUint32, inputs[1].shape[0]) ||
                     !IsLine(outputs[1], DType::kUint32, outputs[0].shape[0]))) {
    return Status::kInvalidArgument;
  }
  layout->phase_count = 1;
  layout->phases[0].blocks = static_cast<uint64_t>(inputs[0].shape[0]);
  return Status::kOk;
}

Status PrepareUnique(const Arguments& arguments, Layout* layout) {
  if (arguments.scalars[0] == 2) return PrepareJoin(arguments, layout);
  const bool writes = arguments.scalars[0] != 0;
  const bool by_order = arguments.scalars[1] != 0;
  const bool counts = arguments.scalars[2] != 0;
  const bool inverts = arguments.scalars[3] != 0;
  if (arguments.input_count != (writes ? (by_order ? 4u : 2u) : 1u)) return Status::kInvalidArgument;
  if (arguments.output_count != (writes ? 1u + (counts ? 1u : 0u) + (inverts ? 1u : 0u) : 1u)) {
    return Status::kInvalidArgument;
  }
  const View& row = arguments.inputs[writes ? 1 : 0];
  if (row.rank != 1 || !row.IsContiguous()) return Status::kInvalidArgument;
  const int64_t n = row.shape[0];
  const int64_t chunks = static_cast<int64_t>(ChunksOf(static_cast<uint64_t>(n)));
  if (by_order && !IsLine(row, DType::kUint8, n)) return Status::kInvalidArgument;
  layout->phase_count = 1;
  layout->phases[0].blocks = static_cast<uint64_t>(chunks);
  if (!writes) return IsLine(arguments.outputs[0], DType::kFloat64, chunks) ? Status::kOk : Status::kInvalidArgument;
  const View& values = arguments.outputs[0];
  if (!IsLine(arguments.inputs[0], DType::kFloat64, chunks)) return Status::kInvalidArgument;
  if (values.rank != 1 || !values.IsContiguous()) return Status::kInvalidArgument;
  if (by_order) {
    const View& elements = arguments.inputs[3];
    if (!IsLine(arguments.inputs[2], DType::kUint32, n)) return Status::kInvalidArgument;
    if (elements.rank != 1 || elements.shape[0] != n || elements.dtype != values.dtype) {
      return Status::kInvalidArgument;
    }
  } else if (row.dtype != values.dtype || inverts) {
    return Status::kInvalidArgument;
  }
  if (counts) {
    if (!IsLine(arguments.outputs[1], DType::kUint32, values.shape[0])) return Status::kInvalidArgument;
    layout->phase_count = 2;
    layout->phases[1].blocks = ChunksOf(static_cast<uint64_t>(values.shape[0]));
    layout->scratch_bytes = static_cast<uint64_t>(values.shape[0]) * sizeof(uint32_t);
  }
  if (inverts && !IsLine(arguments.outputs[counts ? 2 : 1], DType::kUint32, n)) return Status::kInvalidArgument;
  return Status::kOk;
}

// The chunks' counts become where they begin.
Status FinishUnique(const Arguments& arguments) {
  if (arguments.scalars[0] != 0) return Status::kOk;
  double* starts = static_cast<double*>(arguments.outputs[0].data);
  double sum = 0;
  for (int64_t chunk = 0; chunk < arguments.outputs[0].shape[0]; ++chunk) {
    const double count = starts[chunk];
    starts[chunk] = sum;
    sum += count;
  }
  arguments.results[0].number = sum;
  return Status::kOk;
}

}  // namespace

extern const Kernel kUniqueKernel;
const Kernel kUniqueKernel = {
    .name = "unique",
    .version = 1,
    .prepare = PrepareUnique,
    .run_block = OFFLOOP_EACH_LEVEL(UniqueBlock),
    .combine = nullptr,
    .finish = FinishUnique,
};

}  // namespace offloop
#endif
