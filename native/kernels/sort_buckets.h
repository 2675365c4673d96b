// Long rows of 32- or 64-bit keys, in six phases. The caller's memory is read in the first and third, written in the
// last two, and in the first as far as that has keys in order; everything between is private.
//
//   look       each chunk: is it in order, or in reverse order? Then it is written (sort_order.h). Samples.
//   choose     each row: done, reversed in place, or splitters from the sorted samples
//   deal       each chunk: read it into its place in scratch, part it by the splitters, note where buckets start
//   add up     each row: where each bucket starts in the output
//   sort       each bucket: gather its pieces from all chunks, sort, write
//   write      each chunk of the output: whatever is not a sorted bucket
//
// Medium rows, of which each phase is over in a few dozen microseconds, have fewer: a block looks at a row and chooses,
// every bucket adds up where it starts, and writes itself even if it holds one key.
//
// A key that the sample has more than once becomes two splitters, key and key + 1 (Samplesort's equality buckets,
// Axtmann, Witt, Ferizovic and Sanders 2017, for integer keys): its bucket is never moved or sorted, only counted.
// Which keys are sampled cannot change the result, so the sample is drawn with a seed nobody can foresee, and no
// input is bad for it but by chance or by a race; a bucket without room is parted in place until it has.
//
// A row of which only the different keys are asked for is over after the sort: each bucket's are in one piece, with -0
// as +0, and the pieces at the front of the output, in any order, so that memory is not touched for what is repeated.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

enum class RowMode : uint32_t { kBuckets, kReversed, kDone };

struct RowState {
  RowMode mode;
  uint32_t splitters;
  uint64_t taken;  // places of the output, where only different keys are asked for
};

struct ChunkInfo {
  int64_t first;
  int64_t last;
  uint32_t is_ordered;
  uint32_t is_falling;
};

// One row of a bucket sort: pointers into its piece of scratch.
template <typename Key>
struct RowParts {
  const Key* from;
  Key* to;
  int64_t from_stride;
  int64_t to_stride;
  RowState* state;
  ChunkInfo* chunk_info;
  Key* samples;
  Key* splitters;
  uint64_t* totals;
  uint32_t* starts;
  Key* keys;
  Key* spill;
  double* pieces;    // of each bucket, where its different keys begin and how many they are; or null
  uint32_t* counts;  // how often each of those occurs, at the place that it has; or null
};

template <typename Key>
static inline RowParts<Key> PartsOfRow(const Arguments& arguments, const SortPlan& plan, uint64_t row) {
  const View& input = arguments.inputs[0];
  const View& output = arguments.outputs[0];
  std::byte* scratch = arguments.scratch + row * plan.row_bytes;
  RowParts<Key> parts;
  parts.from = static_cast<const Key*>(input.data) + SortRowOffset(input, row);
  parts.to = static_cast<Key*>(output.data) + SortRowOffset(output, row);
  parts.from_stride = SortStride(input);
  parts.to_stride = SortStride(output);
  parts.state = reinterpret_cast<RowState*>(scratch);
  parts.chunk_info = reinterpret_cast<ChunkInfo*>(scratch + plan.chunk_info_at);
  parts.samples = reinterpret_cast<Key*>(scratch + plan.samples_at);
  parts.splitters = reinterpret_cast<Key*>(scratch + plan.splitters_at);
  parts.totals = reinterpret_cast<uint64_t*>(scratch + plan.totals_at);
  parts.starts = reinterpret_cast<uint32_t*>(scratch + plan.starts_at);
  parts.keys = reinterpret_cast<Key*>(scratch + plan.keys_at);
  parts.spill = reinterpret_cast<Key*>(scratch + plan.spill_at);
  const bool is_distinct = arguments.scalars[1] != 0;
  parts.pieces = is_distinct ? static_cast<double*>(arguments.outputs[1].data) : nullptr;
  parts.counts =
      is_distinct && arguments.output_count > 2 ? static_cast<uint32_t*>(arguments.outputs[2].data) : nullptr;
  return parts;
}

template <typename Key>
static inline bool HoldsOneKey(const RowParts<Key>& row, uint64_t bucket) {
  return HoldsOneKey(row.splitters, row.state->splitters, bucket);
}

template <typename Key>
static inline bool IsInPlace(const RowParts<Key>& row) {
  return row.from == row.to && row.from_stride == row.to_stride;
}

template <typename Key>
static inline void DrawSamples(const RowParts<Key>& row, const Coding<Key>& coding, uint64_t first, uint64_t length,
                               uint64_t seed, Key* samples, uint64_t count) {
  const Key* from = row.from + static_cast<int64_t>(first) * row.from_stride;
  uint64_t state = (reinterpret_cast<uintptr_t>(row.keys) >> 12) * 0x9E3779B97F4A7C15u + seed;
  for (uint64_t i = 0; i < count; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const uint64_t place = ((state >> 32) * length) >> 32;
    samples[i] = Encode(from[static_cast<int64_t>(place) * row.from_stride], coding);
  }
}

template <typename Key>
static inline void LookAtChunk(const RowParts<Key>& row, const SortPlan& plan, const Coding<Key>& coding,
                               uint64_t chunk) {
  const uint64_t first = chunk * plan.chunk;
  const uint64_t length = plan.n - first < plan.chunk ? plan.n - first : plan.chunk;
  OrderedCopy<Key> copy = PlanOrdered(row.from, row.from_stride, row.to, row.to_stride, plan.n, first, length, coding);
  copy.is_streamed = IsBeyondCaches<Key>(plan);
  ChunkInfo info;
  Key ends[2];
  info.is_ordered = CopyOrdered(copy, coding, ends, ends + 1) ? 1 : 0;
  info.is_falling = copy.is_falling ? 1 : 0;
  info.first = ends[0];
  info.last = ends[1];
  row.chunk_info[chunk] = info;
  DrawSamples(row, coding, first, length, static_cast<uint64_t>(info.last) + chunk,
              row.samples + chunk * plan.samples_per_chunk, plan.samples_per_chunk);
}

template <typename Key>
static inline RowMode ModeOfRow(const RowParts<Key>& row, const SortPlan& plan) {
  const bool is_falling = row.chunk_info[0].is_falling != 0;
  bool is_ordered = true;
  for (uint64_t chunk = 0; chunk < plan.chunks; ++chunk) {
    const ChunkInfo& info = row.chunk_info[chunk];
    // Ends that others write may have told chunks to go different ways.
    is_ordered = is_ordered && info.is_ordered != 0 && (info.is_falling != 0) == is_falling;
    if (chunk == 0) continue;
    const int64_t before = row.chunk_info[chunk - 1].last;
    is_ordered = is_ordered && (is_falling ? before >= info.first : before <= info.first);
  }
  return !is_ordered ? RowMode::kBuckets : is_falling && IsInPlace(row) ? RowMode::kReversed : RowMode::kDone;
}

template <typename Key>
static inline void SortSamples(const RowParts<Key>& row, uint64_t samples) {
  SortKeys(row.samples, row.samples + samples, samples, reinterpret_cast<uintptr_t>(row.samples));
}

template <typename Key>
static inline void ChooseSplitters(const RowParts<Key>& row, const SortPlan& plan) {
  const uint64_t samples = plan.samples_per_chunk * plan.chunks;
  uint32_t count = 0;
  for (uint64_t b = 1; b < plan.buckets; ++b) {
    const Key key = row.samples[b * samples / plan.buckets];
    if (count == 0 || row.splitters[count - 1] < key) {
      row.splitters[count++] = key;
    } else if (row.splitters[count - 1] == key && key != KeyLimits<Key>::kMax) {
      // Seen before, as itself or as its smaller neighbour's second splitter: its bucket ends right after it.
      row.splitters[count++] = key + 1;
    }
  }
  row.state->splitters = count;
}

// Keys of few values are counted by QuickSort(), which takes no longer than to deal them out.
template <typename Key>
static inline bool AreFew(const Key* samples, uint64_t count) {
  uint64_t values = 1;
  for (uint64_t i = 1; i < count; ++i) values += samples[i] != samples[i - 1] ? 1 : 0;
  return values <= 16;
}

template <typename Key>
static inline void LookAtMedium(const RowParts<Key>& row, const SortPlan& plan, const Coding<Key>& coding) {
  const OrderedCopy<Key> copy =
      PlanOrdered(row.from, row.from_stride, row.to, row.to_stride, plan.n, 0, plan.n, coding);
  Key first;
  Key last;
  const bool is_ordered = CopyOrdered(copy, coding, &first, &last);
  row.state->mode = !is_ordered ? RowMode::kBuckets : copy.Writes() ? RowMode::kDone : RowMode::kReversed;
  if (is_ordered) return;
  const uint64_t samples = plan.samples_per_chunk * plan.chunks;
  DrawSamples(row, coding, 0, plan.n, static_cast<uint64_t>(last), row.samples, samples);
  SortSamples(row, samples);
  if (AreFew(row.samples, samples)) {
    EncodeKeys(row.from, row.from_stride, plan.n, row.keys, coding);
    SortKeys(row.keys, row.spill, plan.n, reinterpret_cast<uintptr_t>(row.keys));
    DecodeKeys(row.keys, plan.n, row.to, row.to_stride, coding);
    row.state->mode = RowMode::kDone;
  } else {
    ChooseSplitters(row, plan);
  }
}

// `local` has room for two chunks.
template <typename Key>
static inline void DealChunk(const RowParts<Key>& row, const SortPlan& plan, const Coding<Key>& coding, uint64_t chunk,
                             Key* local) {
  if (row.state->mode == RowMode::kDone) return;
  const uint64_t first = chunk * plan.chunk;
  const uint64_t length = plan.n - first < plan.chunk ? plan.n - first : plan.chunk;
  const Key* from = row.from + static_cast<int64_t>(first) * row.from_stride;
  Key* keys = row.keys + first;
  if (row.state->mode == RowMode::kReversed) {
    EncodeKeys(from, row.from_stride, length, keys, coding);
    return;
  }
  const Dealing<Key> dealing = {row.splitters, row.state->splitters,      row.starts + chunk * (plan.buckets + 1),
                                keys,          IsBeyondCaches<Key>(plan), true};
  const uint64_t last_bucket = row.state->splitters;
  Key* home = dealing.is_apart ? local + plan.chunk : keys;
  dealing.starts[last_bucket + 1] = static_cast<uint32_t>(length);
#if OFFLOOP_SORT_VECTORS
  if (row.from_stride == 1 && last_bucket > 0) {
    // The first step of Deal(), straight from the caller's memory.
    const uint64_t middle = (last_bucket + 1) / 2;
    const size_t below = Partition(CodedElements<Key>{from, coding}, length, home, local, row.splitters[middle - 1]);
    const size_t above = length - below;
    Deal(dealing, home, home, local + above, below, 0, middle - 1, 0);
    Deal(dealing, local, home + below, local, above, middle, last_bucket, static_cast<uint32_t>(below));
    _mm_sfence();
    return;
  }
#endif
  EncodeKeys(from, row.from_stride, length, home, coding);
  Deal(dealing, home, home, local, length, 0, last_bucket, 0);
#if OFFLOOP_SORT_VECTORS
  _mm_sfence();
#endif
}

template <typename Key>
static inline void WriteKeys(const RowParts<Key>& row, const SortPlan& plan, const Coding<Key>& coding, const Key* keys,
                             uint64_t at, size_t n) {
  Key* to = row.to + static_cast<int64_t>(at) * row.to_stride;
  if (row.to_stride == 1 && IsBeyondCaches<Key>(plan)) {
    StreamKeys(keys, n, to, coding);
#if OFFLOOP_SORT_VECTORS
    _mm_sfence();
#endif
  } else {
    DecodeKeys(keys, n, to, row.to_stride, coding);
  }
}

// The different ones of n sorted keys to their front; returns how many. -0 counts as +0. `counts`, with room for n,
// gets how often each occurs, unless it is null.
template <typename Key>
static inline size_t KeepDistinct(Key* keys, size_t n, const Coding<Key>& coding, uint32_t* counts) {
  for (size_t i = 0; i < n; ++i) keys[i] += keys[i] == -1 ? coding.float_mask & 1 : 0;
  size_t kept = 0;
  if (counts == nullptr) {
    for (size_t i = 0; i + 1 < n; ++i) {
      keys[kept] = keys[i];
      kept += keys[i] != keys[i + 1] ? 1 : 0;
    }
  } else {
    // How many keys there are up to the last of each kind, then the differences.
    for (size_t i = 0; i + 1 < n; ++i) {
      keys[kept] = keys[i];
      counts[kept] = static_cast<uint32_t>(i + 1);
      kept += keys[i] != keys[i + 1] ? 1 : 0;
    }
    counts[kept] = static_cast<uint32_t>(n);
    for (size_t i = kept; i > 0; --i) counts[i] -= counts[i - 1];
  }
  keys[kept] = keys[n - 1];
  return kept + 1;
}

// Where a bucket's keys go in the output.
template <typename Key>
struct Places {
  uint64_t first;
  uint64_t next;
  bool are_known;
  Key last;  // what was written before `next`, where only different keys are
};

template <typename Key>
static inline Places<Key> TakePlaces(const RowParts<Key>& row, uint64_t n) {
  const uint64_t first = __atomic_fetch_add(&row.state->taken, n, __ATOMIC_RELAXED);
  return {first, first, true, 0};
}

// n sorted keys to the next places. `counts` is room for as many.
template <typename Key>
static inline void Append(const RowParts<Key>& row, const SortPlan& plan, const Coding<Key>& coding, Key* keys,
                          size_t n, uint32_t* counts, Places<Key>* places) {
  if (row.pieces != nullptr) {
    n = KeepDistinct(keys, n, coding, row.counts == nullptr ? nullptr : counts);
    if (!places->are_known) *places = TakePlaces(row, n);
    // The zeros may have been parted.
    const size_t again = places->next > places->first && keys[0] == places->last ? 1 : 0;
    places->last = keys[n - 1];
    if (row.counts != nullptr) {
      if (again > 0) row.counts[places->next - 1] += counts[0];
      for (size_t i = again; i < n; ++i) row.counts[places->next + i - again] = counts[i];
    }
    keys += again;
    n -= again;
  }
  WriteKeys(row, plan, coding, keys, places->next, n);
  places->next += n;
}

// As many of one key.
template <typename Key>
static inline void AppendOneKey(const RowParts<Key>& row, const SortPlan& plan, const Coding<Key>& coding, Key key,
                                Key* keys, size_t n, Places<Key>* places) {
  if (row.pieces == nullptr) {
    FillKeys(keys, n, key);
    return Append(row, plan, coding, keys, n, nullptr, places);
  }
  uint32_t once;
  Append(row, plan, coding, &key, 1, &once, places);
  if (row.counts != nullptr) row.counts[places->next - 1] += static_cast<uint32_t>(n - 1);
}

// A bucket too large for its room: parted in place, a key at a time, at the middle of its range of values, which
// ends after 64 halvings at most. `local` has room for `room` keys twice.
template <typename Key>
static void SortSpilled(const RowParts<Key>& row, const SortPlan& plan, const Coding<Key>& coding, Key* keys, size_t n,
                        Key* local, Places<Key>* places) {
  const size_t room = plan.bucket_room;
  while (n > room) {
    Key least;
    Key most;
    FindRange(keys, n, &least, &most);
    if (least == most) return AppendOneKey(row, plan, coding, least, keys, n, places);
    const Key pivot = Middle(least, most);
    const size_t below = PartitionInPlace(keys, n, pivot);
    SortSpilled(row, plan, coding, keys, below, local, places);
    keys += below;
    n -= below;
  }
  CopyKeys(keys, local, n);
  SortKeys(local, local + room, n, reinterpret_cast<uintptr_t>(local));
  Append(row, plan, coding, local, n, reinterpret_cast<uint32_t*>(local + room), places);
}

// Where buckets from `bucket` on start in the output: its pieces' places in all chunks, added up.
template <typename Key>
static inline uint64_t StartOf(const RowParts<Key>& row, const SortPlan& plan, uint64_t bucket) {
  if (!plan.is_medium) return row.totals[bucket];
  uint64_t start = 0;
  for (uint64_t chunk = 0; chunk < plan.chunks; ++chunk) start += row.starts[chunk * (plan.buckets + 1) + bucket];
  return start;
}

template <typename Key>
static inline void SortBucket(const RowParts<Key>& row, const SortPlan& plan, const Coding<Key>& coding,
                              uint64_t bucket, Key* local) {
  if (row.state->mode != RowMode::kBuckets || bucket > row.state->splitters) return;
  const bool is_one_key = HoldsOneKey(row, bucket);
  if (is_one_key && !plan.is_medium && row.pieces == nullptr) return;
  const uint64_t start = StartOf(row, plan, bucket);
  const size_t n = StartOf(row, plan, bucket + 1) - start;
  if (n == 0) return;
  Key* keys = n > plan.bucket_room ? row.spill + start : local;
  Places<Key> places = {start, start, row.pieces == nullptr, 0};
  if (is_one_key) {
    AppendOneKey(row, plan, coding, row.splitters[bucket - 1], keys, n, &places);
  } else {
    GatherBucket(row, plan, bucket, keys);
    if (n > plan.bucket_room) {
      if (row.pieces != nullptr) places = TakePlaces(row, n);
      SortSpilled(row, plan, coding, keys, n, local, &places);
    } else {
      SortKeys(local, local + plan.bucket_room, n, reinterpret_cast<uintptr_t>(local));
      Append(row, plan, coding, local, n, reinterpret_cast<uint32_t*>(local + plan.bucket_room), &places);
    }
  }
  if (row.pieces == nullptr) return;
  row.pieces[2 * bucket] = static_cast<double>(places.first);
  row.pieces[2 * bucket + 1] = static_cast<double>(places.next - places.first);
}

template <typename Key>
static inline void WriteChunk(const RowParts<Key>& row, const SortPlan& plan, const Coding<Key>& coding, uint64_t chunk,
                              Key* local) {
  const uint64_t first = chunk * plan.chunk;
  const uint64_t last = plan.n - first < plan.chunk ? plan.n : first + plan.chunk;
  if (row.state->mode == RowMode::kBuckets && !plan.is_medium) {
    EachBucket(row, first, last, [&](uint64_t bucket, uint64_t at, uint64_t end) {
      if (!HoldsOneKey(row, bucket)) return;
      FillKeys(local, end - at, row.splitters[bucket - 1]);
      WriteKeys(row, plan, coding, local, at, end - at);
    });
  } else if (row.state->mode == RowMode::kReversed) {
    ReverseKeys(row.keys + (plan.n - last), last - first, local);
    WriteKeys(row, plan, coding, local, first, last - first);
  }
}

template <typename Key>
static void BucketBlock(const Arguments& arguments, const SortPlan& plan, const Block& block) {
  const Coding<Key> coding = MakeCoding<Key>(arguments.inputs[0].dtype, arguments.scalars[0] != 0);
  const bool is_row = block.phase == 1 || block.phase == 3 || (block.phase == 0 && plan.is_medium);
  const uint64_t per_row = is_row ? 1 : block.phase == 4 ? plan.buckets : plan.chunks;
  const RowParts<Key> row = PartsOfRow<Key>(arguments, plan, block.index / per_row);
  const uint64_t part = block.index % per_row;
  Key* local = reinterpret_cast<Key*>(block.local);
  switch (block.phase) {
    case 0:
      return plan.is_medium ? LookAtMedium(row, plan, coding) : LookAtChunk(row, plan, coding, part);
    case 1:
      row.state->splitters = 0;
      row.state->taken = 0;
      row.state->mode = ModeOfRow(row, plan);
      if (row.state->mode == RowMode::kBuckets) {
        SortSamples(row, plan.samples_per_chunk * plan.chunks);
        ChooseSplitters(row, plan);
      }
      return;
    case 2:
      return DealChunk(row, plan, coding, part, local);
    case 3:
      if (row.state->mode == RowMode::kBuckets) AddUp(row, plan);
      return;
    case 4:
      return SortBucket(row, plan, coding, part, local);
    default:
      return WriteChunk(row, plan, coding, part, local);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
