// Long rows: the sample sort of sort_buckets.h over packed keys, and what packing needs around it.
//
//   look       each chunk: its range, and whether it is in order; samples
//   choose     each row: in order, in strictly reverse order, or how to pack, and splitters
//   deal       each chunk: read, pack, part by the splitters
//   add up     each row: where each bucket starts
//   sort       each bucket: gather, sort, write
//   write      each chunk of the output: whatever is not a sorted bucket
//
// Splitters have no index bits, so a bucket has all elements of equal leading bits, and a leading part that the sample
// has more than once gets a bucket of its own, which keeps the order of the input by itself. Only where the leading
// bits of many keys are equal and the rest is not (numbers in two far and narrow clusters), the row is not done in one
// round; then it is sorted by the low half of its keys, and stably by the high half, which are two rounds without rest.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

enum class ArgsortMode : uint32_t { kBuckets, kSorted, kReversed, kDone };
enum class ArgsortRound : uint32_t { kLeading, kLowHalf, kHighHalf };

struct ArgsortState {
  ArgsortMode mode;
  ArgsortRound round;
  uint32_t splitters;
  uint32_t unresolved;  // set by any block that finds equal leading bits in too many different keys
  Packing packing;
};
static_assert(sizeof(ArgsortState) <= kArgsortStateBytes);

struct ArgsortInfo {
  KeyRange range;
  int64_t first;
  int64_t last;
  uint32_t ascending;
  uint32_t descending;
};
static_assert(sizeof(ArgsortInfo) <= kArgsortInfoBytes);

struct ArgsortRow {
  KeyReader reader;
  uint32_t* order;
  int64_t order_stride;
  uint8_t* flags;
  ArgsortState* state;
  ArgsortInfo* chunk_info;
  int64_t* samples;
  int64_t* splitters;
  uint64_t* totals;
  uint32_t* starts;
  int64_t* keys;
  int64_t* spill;
  uint32_t* half;  // the order by the low half of the keys
};

static inline KeyReader ArgsortReader(const Arguments& arguments) {
  return MakeKeyReader(arguments.inputs[0], arguments.scalars[0] != 0, arguments.scalars[1] != 0);
}

static inline ArgsortRow ArgsortRowAt(const Arguments& arguments, const ArgsortPlan& plan, uint64_t row) {
  std::byte* scratch = arguments.scratch + row * plan.row_bytes;
  ArgsortRow parts;
  parts.reader = ArgsortReader(arguments);
  GoToRow(&parts.reader, arguments.inputs[0], row);
  parts.order = static_cast<uint32_t*>(RowOf(arguments.outputs[0], row));
  parts.order_stride = SortStride(arguments.outputs[0]);
  parts.flags = arguments.output_count < 2 ? nullptr : static_cast<uint8_t*>(RowOf(arguments.outputs[1], row));
  parts.state = reinterpret_cast<ArgsortState*>(scratch);
  parts.chunk_info = reinterpret_cast<ArgsortInfo*>(scratch + plan.chunk_info_at);
  parts.samples = reinterpret_cast<int64_t*>(scratch + plan.samples_at);
  parts.splitters = reinterpret_cast<int64_t*>(scratch + plan.splitters_at);
  parts.totals = reinterpret_cast<uint64_t*>(scratch + plan.totals_at);
  parts.starts = reinterpret_cast<uint32_t*>(scratch + plan.starts_at);
  parts.keys = reinterpret_cast<int64_t*>(scratch + plan.keys_at);
  parts.spill = reinterpret_cast<int64_t*>(scratch + plan.spill_at);
  parts.half = reinterpret_cast<uint32_t*>(scratch + plan.half_at);
  return parts;
}

static inline Emitter MakeEmitter(const ArgsortRow& row) {
  Emitter emitter = {&row.reader, row.state->packing, row.order, row.order_stride, row.flags, nullptr, 0, false};
  if (row.state->round == ArgsortRound::kLowHalf) {
    emitter.order = row.half;
    emitter.order_stride = 1;
    emitter.flags = nullptr;
  } else if (row.state->round == ArgsortRound::kHighHalf) {
    emitter.via = row.half;
    emitter.flags = nullptr;
  }
  return emitter;
}

static inline void ArgsortLook(const ArgsortRow& row, const ArgsortPlan& plan, uint64_t chunk) {
  constexpr size_t kLook = 512;
  int64_t keys[kLook + 1];
  const uint64_t first = chunk * plan.chunk;
  const uint64_t length = plan.n - first < plan.chunk ? plan.n - first : plan.chunk;
  ArgsortInfo info;
  ReadKeys(row.reader, first, 1, keys);
  info.first = keys[0];
  info.range = {keys[0], keys[0], 0};
  info.ascending = info.descending = 1;
  for (uint64_t i = 1; i < length && (plan.is_wide || (info.ascending | info.descending) != 0);) {
    const uint64_t aim = i == 1 ? 15 : kLook;
    const uint64_t count = length - i < aim ? length - i : aim;
    ReadKeys(row.reader, first + i, count, keys + 1);
    if (plan.is_wide) AddToRange(keys + 1, count, &info.range);
    if ((info.ascending | info.descending) != 0) {
      int64_t rises_not = 0;
      int64_t falls = 0;
      for (uint64_t k = 0; k < count; ++k) {
        falls |= keys[k] > keys[k + 1] ? 1 : 0;
        rises_not |= keys[k] <= keys[k + 1] ? 1 : 0;
      }
      if (falls != 0) info.ascending = 0;
      if (rises_not != 0) info.descending = 0;
    }
    keys[0] = keys[count];
    i += count;
  }
  info.last = keys[0];
  row.chunk_info[chunk] = info;
  uint64_t state =
      (reinterpret_cast<uintptr_t>(row.keys) >> 12) * 0x9E3779B97F4A7C15u + static_cast<uint64_t>(info.last) + chunk;
  int64_t* samples = row.samples + chunk * plan.samples_per_chunk;
  for (uint64_t i = 0; i < plan.samples_per_chunk; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    samples[i] = ReadKey(row.reader, first + (((state >> 32) * length) >> 32));
  }
}

static inline void ArgsortChooseSplitters(const ArgsortRow& row, const ArgsortPlan& plan) {
  const Packing& packing = row.state->packing;
  const uint64_t samples = plan.samples_per_chunk * plan.chunks;
  int64_t* packed = row.samples + samples;
  for (uint64_t i = 0; i < samples; ++i) packed[i] = Pack(row.samples[i], 0, packing);
  SortKeys(packed, packed + samples, samples, reinterpret_cast<uintptr_t>(packed));
  const int64_t step = static_cast<int64_t>(packing.index_mask);
  uint32_t count = 0;
  for (uint64_t b = 1; b < plan.buckets; ++b) {
    const int64_t key = packed[b * samples / plan.buckets];
    if (count == 0 || row.splitters[count - 1] < key) {
      row.splitters[count++] = key;
    } else if (row.splitters[count - 1] == key && (key | step) != INT64_MAX) {
      row.splitters[count++] = (key | step) + 1;
    }
  }
  row.state->splitters = count;
}

static inline void ArgsortChoose(const ArgsortRow& row, const ArgsortPlan& plan) {
  ArgsortState* state = row.state;
  if (state->mode == ArgsortMode::kDone) return;
  if (state->round == ArgsortRound::kLeading) {
    bool ascending = true;
    bool descending = true;
    KeyRange range = row.chunk_info[0].range;
    for (uint64_t chunk = 0; chunk < plan.chunks; ++chunk) {
      const ArgsortInfo& info = row.chunk_info[chunk];
      ascending = ascending && info.ascending != 0 && (chunk == 0 || row.chunk_info[chunk - 1].last <= info.first);
      descending = descending && info.descending != 0 && (chunk == 0 || row.chunk_info[chunk - 1].last > info.first);
      const int64_t ends[2] = {info.range.least, info.range.most};
      AddToRange(ends, 2, &range);
      range.varying |= info.range.varying;
    }
    state->mode = ascending ? ArgsortMode::kSorted : descending ? ArgsortMode::kReversed : ArgsortMode::kBuckets;
    state->packing = plan.is_wide ? PackWide(range, plan.index_bits) : PackNarrow(plan.index_bits);
  }
  state->unresolved = 0;
  state->splitters = 0;
  if (state->mode == ArgsortMode::kBuckets) ArgsortChooseSplitters(row, plan);
}

static inline void ReadPacked(const ArgsortRow& row, uint64_t first, size_t n, int64_t* to) {
  if (row.state->round == ArgsortRound::kHighHalf) {
    for (size_t i = 0; i < n; ++i) to[i] = ReadKey(row.reader, row.half[first + i]);
  } else {
    ReadKeys(row.reader, first, n, to);
  }
  PackKeys(to, n, first, row.state->packing);
}

// `local` has room for two chunks.
static inline void ArgsortDeal(const ArgsortRow& row, const ArgsortPlan& plan, uint64_t chunk, int64_t* local) {
  if (row.state->mode != ArgsortMode::kBuckets) return;
  const uint64_t first = chunk * plan.chunk;
  const uint64_t length = plan.n - first < plan.chunk ? plan.n - first : plan.chunk;
  int64_t* keys = row.keys + first;
  const uint32_t last_bucket = row.state->splitters;
  const Dealing<int64_t> dealing = {
      row.splitters, last_bucket, row.starts + chunk * (plan.buckets + 1), keys, IsBeyondCaches<int64_t>(plan), false};
  int64_t* home = dealing.is_apart ? local + plan.chunk : keys;
  dealing.starts[last_bucket + 1] = static_cast<uint32_t>(length);
  if (last_bucket == 0) {
    ReadPacked(row, first, length, home);
    Deal(dealing, home, home, local, length, 0, 0, 0);
  } else {
    // The first step of Deal(), as keys are read.
    constexpr size_t kStep = 512;
    alignas(64) int64_t some[kStep];
    const uint64_t middle = (last_bucket + 1) / 2;
    size_t below = 0;
    for (size_t i = 0; i < length; i += kStep) {
      const size_t count = length - i < kStep ? length - i : kStep;
      ReadPacked(row, first + i, count, some);
      below += PartKeys(some, count, home + below, local + (i - below), row.splitters[middle - 1]);
    }
    const size_t above = length - below;
    Deal(dealing, home, home, local + above, below, 0, middle - 1, 0);
    Deal(dealing, local, home + below, local, above, middle, last_bucket, static_cast<uint32_t>(below));
  }
#if OFFLOOP_SORT_VECTORS
  _mm_sfence();
#endif
}

// Whether the keys of a bucket share their leading bits, and so are in the order of the input already.
static inline bool HoldsOneLeading(const ArgsortRow& row, uint64_t bucket) {
  if (bucket == 0) return false;
  const int64_t end = row.splitters[bucket - 1] | static_cast<int64_t>(row.state->packing.index_mask);
  return end == INT64_MAX || (bucket < row.state->splitters && row.splitters[bucket] == end + 1);
}

static inline void SetUnresolved(const ArgsortRow& row) {
  __atomic_store_n(&row.state->unresolved, 1u, __ATOMIC_RELAXED);
}

// A bucket too large for its room, parted in place at the middle of its range, which ends after 64 halvings at most.
static void ArgsortSpilled(const ArgsortRow& row, const ArgsortPlan& plan, Emitter* emitter, int64_t* keys, uint64_t at,
                           size_t n, int64_t* local) {
  const size_t room = plan.bucket_room;
  while (n > room) {
    int64_t least;
    int64_t most;
    FindRange(keys, n, &least, &most);
    int64_t pivot = Middle(least, most);
    // Where it can be, between two leading parts.
    const int64_t whole = pivot & ~static_cast<int64_t>(emitter->packing.index_mask);
    if (whole > least) {
      pivot = whole;
    } else if (emitter->packing.rest_mask != 0) {
      SetUnresolved(row);
      return;
    }
    const size_t below = PartitionInPlace(keys, n, pivot);
    ArgsortSpilled(row, plan, emitter, keys, at, below, local);
    keys += below;
    at += below;
    n -= below;
  }
  CopyKeys(keys, local, n);
  SortKeys(local, local + room, n, reinterpret_cast<uintptr_t>(local));
  Emit(emitter, local, local + room, n, at);
}

static inline void ArgsortBucket(const ArgsortRow& row, const ArgsortPlan& plan, uint64_t bucket, int64_t* local) {
  if (row.state->mode != ArgsortMode::kBuckets || bucket > row.state->splitters) return;
  const uint64_t at = row.totals[bucket];
  const size_t n = row.totals[bucket + 1] - at;
  if (n == 0 || HoldsOneLeading(row, bucket)) return;
  int64_t* keys = n > plan.bucket_room ? row.spill + at : local;
  GatherBucket(row, plan, bucket, keys);
  Emitter emitter = MakeEmitter(row);
  if (n > plan.bucket_room) {
    ArgsortSpilled(row, plan, &emitter, keys, at, n, local);
  } else {
    SortKeys(local, local + plan.bucket_room, n, reinterpret_cast<uintptr_t>(local));
    Emit(&emitter, local, local + plan.bucket_room, n, at);
  }
}

// Places first .. last - 1 of the output, which lie in a bucket of one leading part.
static inline void EmitOneLeading(const ArgsortRow& row, const ArgsortPlan& plan, uint64_t bucket, uint64_t first,
                                  uint64_t last) {
  const Emitter emitter = MakeEmitter(row);
  const Packing& packing = emitter.packing;
  uint64_t chunk_at = row.totals[bucket];
  bool has_rest = false;
  uint64_t rest = 0;
  uint64_t unequal = 0;
  for (uint64_t chunk = 0; chunk < plan.chunks && chunk_at < last; ++chunk) {
    const uint32_t* starts = row.starts + chunk * (plan.buckets + 1) + bucket;
    const uint64_t count = starts[1] - starts[0];
    const int64_t* keys = row.keys + chunk * plan.chunk + starts[0];
    if (!has_rest && count > 0) {
      has_rest = true;
      if (packing.rest_mask != 0) {
        rest = static_cast<uint64_t>(ReadKey(row.reader, IndexOf(keys[0], packing))) -
               static_cast<uint64_t>(packing.least);
      }
    }
    const uint64_t from = first > chunk_at ? first - chunk_at : 0;
    const uint64_t to = last - chunk_at < count ? last - chunk_at : count;
    if (from < to) {
      EmitPlain(emitter, keys + from, to - from, chunk_at + from);
      if (packing.rest_mask != 0) {
        for (uint64_t i = from; i < to; ++i) {
          const uint64_t distance = static_cast<uint64_t>(ReadKey(row.reader, IndexOf(keys[i], packing))) -
                                    static_cast<uint64_t>(packing.least);
          unequal |= distance ^ rest;
        }
      }
    }
    chunk_at += count;
  }
  if ((unequal & packing.rest_mask) != 0) SetUnresolved(row);
  if (emitter.flags != nullptr) {
    for (uint64_t i = first; i < last; ++i) emitter.flags[i] = i == row.totals[bucket] ? 0 : 1;
  }
}

// Which elements of a sorted result equal the one before: by reading the elements again.
static inline void ReadFlags(const ArgsortRow& row, uint64_t first, uint64_t last) {
  int64_t before = 0;
  for (uint64_t i = first == 0 ? 0 : first - 1; i < last; ++i) {
    const int64_t key = ReadKey(row.reader, row.order[static_cast<int64_t>(i) * row.order_stride]);
    if (i >= first) row.flags[i] = i > 0 && key == before ? 1 : 0;
    before = key;
  }
}

static inline void ArgsortWrite(const ArgsortRow& row, const ArgsortPlan& plan, uint64_t chunk) {
  const uint64_t first = chunk * plan.chunk;
  const uint64_t last = plan.n - first < plan.chunk ? plan.n : first + plan.chunk;
  switch (row.state->mode) {
    case ArgsortMode::kDone:
      return;
    case ArgsortMode::kBuckets:
      return EachBucket(row, first, last, [&](uint64_t bucket, uint64_t at, uint64_t end) {
        if (HoldsOneLeading(row, bucket)) EmitOneLeading(row, plan, bucket, at, end);
      });
    case ArgsortMode::kSorted:
    case ArgsortMode::kReversed: {
      const bool reversed = row.state->mode == ArgsortMode::kReversed;
      for (uint64_t i = first; i < last; ++i) {
        row.order[static_cast<int64_t>(i) * row.order_stride] = static_cast<uint32_t>(reversed ? plan.n - 1 - i : i);
      }
      if (row.flags == nullptr) return;
      if (!reversed) {
        // Places are indices here, and no other block's are read.
        int64_t before = first == 0 ? 0 : ReadKey(row.reader, first - 1);
        for (uint64_t i = first; i < last; ++i) {
          const int64_t key = ReadKey(row.reader, i);
          row.flags[i] = i > 0 && key == before ? 1 : 0;
          before = key;
        }
      } else {
        for (uint64_t i = first; i < last; ++i) row.flags[i] = 0;
      }
    }
  }
}

static void ArgsortBuckets(const Arguments& arguments, const ArgsortPlan& plan, const Block& block) {
  const uint64_t per_row = block.phase == 1 || block.phase == 3 ? 1 : block.phase == 4 ? plan.buckets : plan.chunks;
  const ArgsortRow row = ArgsortRowAt(arguments, plan, block.index / per_row);
  const uint64_t part = block.index % per_row;
  int64_t* local = reinterpret_cast<int64_t*>(block.local);
  switch (block.phase) {
    case 0:
      if (part == 0) {
        row.state->mode = ArgsortMode::kBuckets;
        row.state->round = ArgsortRound::kLeading;
      }
      return ArgsortLook(row, plan, part);
    case 1:
      return ArgsortChoose(row, plan);
    case 2:
      return ArgsortDeal(row, plan, part, local);
    case 3:
      if (row.state->mode == ArgsortMode::kBuckets) AddUp(row, plan);
      return;
    case 4:
      return ArgsortBucket(row, plan, part, local);
    case 5:
      return ArgsortWrite(row, plan, part);
    default:
      // After two rounds, equal keys have equal neighbours, but nobody has looked yet.
      if (row.flags != nullptr && row.state->round == ArgsortRound::kHighHalf) {
        const uint64_t first = part * plan.chunk;
        ReadFlags(row, first, plan.n - first < plan.chunk ? plan.n : first + plan.chunk);
      }
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
