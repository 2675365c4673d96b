// What topk does with a row: collect what passes a bound, and put it in order.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

struct TopkRow {
  KeyReader reader;
  void* values;
  uint32_t* indices;
  int64_t values_stride;
  int64_t indices_stride;
};

static inline TopkRow TopkRowAt(const Arguments& arguments, uint64_t row) {
  TopkRow parts;
  parts.reader = MakeKeyReader(arguments.inputs[0], arguments.scalars[1] != 0, false);
  GoToRow(&parts.reader, arguments.inputs[0], row);
  parts.values = RowOf(arguments.outputs[0], row);
  parts.indices = static_cast<uint32_t*>(RowOf(arguments.outputs[1], row));
  parts.values_stride = SortStride(arguments.outputs[0]);
  parts.indices_stride = SortStride(arguments.outputs[1]);
  return parts;
}

// Private keys, with the indices of their elements, and room to sort them in.
struct Candidates {
  int64_t* keys;
  uint32_t* indices;
  int64_t* packed;
  int64_t* spare;
  uint32_t* order;
};

// Keys that are not above the bound, and their indices, which begin at `first`; `to` has room for n more.
static inline size_t CollectUpTo(const int64_t* keys, size_t n, int64_t bound, uint64_t first, int64_t* to,
                                 uint32_t* indices) {
  size_t kept = 0;
  for (size_t i = 0; i < n; i += 64) {
    const size_t count = n - i < 64 ? n - i : 64;
    int64_t any = 0;
    for (size_t j = 0; j < count; ++j) any |= keys[i + j] <= bound ? 1 : 0;
    if (any == 0) continue;
    for (size_t j = 0; j < count; ++j) {
      to[kept] = keys[i + j];
      indices[kept] = static_cast<uint32_t>(first + i + j);
      kept += keys[i + j] <= bound ? 1 : 0;
    }
  }
  return kept;
}

// The best k of n candidates, whose indices ascend, to the row's outputs. Keys are used up. Many take a while: whoever
// has cancelled does not wait for all of it.
static inline void WriteBest(const Arguments& arguments, const TopkRow& row, const Candidates& candidates, size_t n,
                             uint64_t k) {
  View keys;
  keys.data = candidates.keys;
  keys.dtype = DType::kBigInt64;
  keys.rank = 1;
  keys.shape[0] = static_cast<int64_t>(n);
  keys.strides[0] = 1;
  const KeyReader reader = MakeKeyReader(keys, false, false);
  uint32_t index_bits = 1;
  while ((n - 1) >> index_bits != 0) ++index_bits;
  CopyKeys(candidates.keys, candidates.packed, n);
  const Packing packing =
      SortPacked(candidates.packed, candidates.spare, n, DTypeSize(row.reader.dtype) == 8, index_bits);
  if (IsCancelled(arguments)) return;
  Emitter emitter = {&reader, packing, candidates.order, 1, nullptr, nullptr, 0, false};
  Emit(&emitter, candidates.packed, candidates.spare, n, 0);
  if (IsCancelled(arguments)) return;
  for (uint64_t i = 0; i < k; ++i) {
    const uint32_t place = candidates.order[i];
    row.indices[static_cast<int64_t>(i) * row.indices_stride] = candidates.indices[place];
    candidates.packed[i] = candidates.keys[place];
  }
  WriteElements(row.reader, candidates.packed, k, row.values, row.values_stride, 0);
}

// The key of a sorted sample that k of n keys almost surely do not exceed.
static inline int64_t BoundOf(const int64_t* samples, uint64_t count, uint64_t k, uint64_t n) {
  const double place = BoundPlace(static_cast<double>(k), static_cast<double>(n), static_cast<double>(count));
  return place < static_cast<double>(count) ? samples[static_cast<uint64_t>(place)] : KeyLimits<int64_t>::kMax;
}

static void TopkRows(const Arguments& arguments, const TopkPlan& plan, const Block& block) {
  const size_t n = plan.n;
  const size_t bytes = SortAligned(n * sizeof(int64_t));
  int64_t* keys = reinterpret_cast<int64_t*>(block.local);
  const Candidates candidates = {
      reinterpret_cast<int64_t*>(block.local + bytes), reinterpret_cast<uint32_t*>(block.local + 4 * bytes),
      reinterpret_cast<int64_t*>(block.local + 2 * bytes), reinterpret_cast<int64_t*>(block.local + 3 * bytes),
      reinterpret_cast<uint32_t*>(block.local + 4 * bytes + SortAligned(n * sizeof(uint32_t)))};
  uint64_t at = block.index * plan.rows_per_block;
  const uint64_t end = plan.rows - at < plan.rows_per_block ? plan.rows : at + plan.rows_per_block;
  for (; at < end; ++at) {
    const TopkRow row = TopkRowAt(arguments, at);
    ReadKeys(row.reader, 0, n, keys);
    int64_t bound = KeyLimits<int64_t>::kMax;
    constexpr size_t kSamples = 512;
    if (n >= 8 * kSamples && plan.k < n / 8) {
      int64_t samples[2 * kSamples];
      const size_t step = n / kSamples;
      uint64_t state = reinterpret_cast<uintptr_t>(keys);
      for (size_t i = 0; i < kSamples; ++i) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        samples[i] = keys[i * step + (((state >> 40) * step) >> 24)];
      }
      SortKeys(samples, samples + kSamples, kSamples, state);
      bound = BoundOf(samples, kSamples, plan.k, n);
    }
    size_t kept = CollectUpTo(keys, n, bound, 0, candidates.keys, candidates.indices);
    if (kept < plan.k) {
      kept = CollectUpTo(keys, n, KeyLimits<int64_t>::kMax, 0, candidates.keys, candidates.indices);
    }
    WriteBest(arguments, row, candidates, kept, plan.k);
  }
}

static inline void TopkBound(const KeyReader& reader, const TopkPlan& plan, std::byte* scratch) {
  TopkState* state = reinterpret_cast<TopkState*>(scratch);
  int64_t* samples = reinterpret_cast<int64_t*>(scratch + plan.samples_at);
  uint64_t random = (reinterpret_cast<uintptr_t>(scratch) >> 12) * 0x9E3779B97F4A7C15u +
                    static_cast<uint64_t>(ReadKey(reader, plan.n / 2));
  for (uint64_t i = 0; i < plan.samples; ++i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    samples[i] = ReadKey(reader, ((random >> 32) * plan.n) >> 32);
  }
  SortKeys(samples, samples + plan.samples, plan.samples, random);
  *state = {BoundOf(samples, plan.samples, plan.k, plan.n), 0, 0};
}

static inline void TopkCollect(const KeyReader& reader, const TopkPlan& plan, std::byte* scratch, uint64_t chunk) {
  TopkState* state = reinterpret_cast<TopkState*>(scratch);
  int64_t* collected = reinterpret_cast<int64_t*>(scratch + plan.keys_at);
  uint32_t* indices = reinterpret_cast<uint32_t*>(scratch + plan.indices_at);
  constexpr size_t kStep = 1024;
  int64_t keys[kStep];
  int64_t kept[kStep + 1];
  uint32_t places[kStep + 1];
  const uint64_t first = chunk * kTopkChunk;
  const uint64_t last = plan.n - first < kTopkChunk ? plan.n : first + kTopkChunk;
  for (uint64_t at = first; at < last; at += kStep) {
    const size_t count = last - at < kStep ? last - at : kStep;
    ReadKeys(reader, at, count, keys);
    const size_t here = CollectUpTo(keys, count, state->bound, at, kept, places);
    if (here == 0) continue;
    const uint64_t place = __atomic_fetch_add(&state->collected, here, __ATOMIC_RELAXED);
    if (place + here > plan.room) continue;
    for (size_t i = 0; i < here; ++i) {
      collected[place + i] = kept[i];
      indices[place + i] = places[i];
    }
  }
}

static inline void TopkFinish(const Arguments& arguments, const TopkRow& row, const TopkPlan& plan,
                              std::byte* scratch) {
  TopkState* state = reinterpret_cast<TopkState*>(scratch);
  const size_t n = state->collected;
  if (n < plan.k || n > plan.room) {
    state->failed = 1;
    return;
  }
  const size_t words = SortAligned(plan.room * sizeof(int64_t));
  int64_t* collected = reinterpret_cast<int64_t*>(scratch + plan.keys_at);
  int64_t* packed = reinterpret_cast<int64_t*>(scratch + plan.work_at);
  int64_t* spare = reinterpret_cast<int64_t*>(scratch + plan.work_at + words);
  int64_t* keys = reinterpret_cast<int64_t*>(scratch + plan.work_at + 2 * words);
  uint32_t* indices = reinterpret_cast<uint32_t*>(scratch + plan.indices_at);
  uint32_t* order = reinterpret_cast<uint32_t*>(scratch + plan.indices_at + SortAligned(plan.room * sizeof(uint32_t)));
  // Blocks collected in any order: back to that of the input.
  for (size_t i = 0; i < n; ++i) {
    packed[i] = static_cast<int64_t>((static_cast<uint64_t>(indices[i]) << 32 | i) ^ kTopBit);
  }
  if (IsCancelled(arguments)) return;
  SortKeys(packed, spare, n, reinterpret_cast<uintptr_t>(packed));
  if (IsCancelled(arguments)) return;
  for (size_t i = 0; i < n; ++i) {
    const uint64_t whole = static_cast<uint64_t>(packed[i]) ^ kTopBit;
    keys[i] = collected[whole & 0xFFFFFFFF];
    indices[i] = static_cast<uint32_t>(whole >> 32);
  }
  if (IsCancelled(arguments)) return;
  WriteBest(arguments, row, {keys, indices, packed, spare, order}, n, plan.k);
}

// Indices are those of inputs[1]: nobody else's, made by argsort.
static void TopkGather(const Arguments& arguments, const TopkPlan& plan, const Block& block) {
  const TopkRow row = TopkRowAt(arguments, block.index);
  const uint32_t* order = static_cast<const uint32_t*>(arguments.inputs[1].data) + block.index * plan.n;
  constexpr uint64_t kStep = 256;
  int64_t keys[kStep];
  for (uint64_t first = 0; first < plan.k; first += kStep) {
    const uint64_t count = plan.k - first < kStep ? plan.k - first : kStep;
    for (uint64_t i = 0; i < count; ++i) {
      keys[i] = ReadKey(row.reader, order[first + i]);
      row.indices[static_cast<int64_t>(first + i) * row.indices_stride] = order[first + i];
    }
    WriteElements(row.reader, keys, count, row.values, row.values_stride, first);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
