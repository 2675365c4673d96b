// One block of a tally. Included again for every level, after simd/vec.h, kernels/lanes.h and kernels/tally.h.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

OFFLOOP_INLINE void ClearBytes(void* memory, int64_t bytes) { __builtin_memset(memory, 0, static_cast<size_t>(bytes)); }

// Counts numbers of bins, at most `bins`, in tables of `bins + 1` counts each.
OFFLOOP_INLINE void CountBins(const uint32_t* numbers, int64_t count, uint32_t* tables, int64_t table_count,
                              int64_t slots) {
  int64_t i = 0;
  if (table_count == kTallyTables) {
    uint32_t* a = tables;
    uint32_t* b = a + slots;
    uint32_t* c = b + slots;
    uint32_t* d = c + slots;
    for (; i + 4 <= count; i += 4) {
      ++a[numbers[i]];
      ++b[numbers[i + 1]];
      ++c[numbers[i + 2]];
      ++d[numbers[i + 3]];
    }
  }
  for (; i < count; ++i) ++tables[numbers[i]];
}

// The bytes of a contiguous view, counted by value into 256 slots: eight at a time by way of one word.
OFFLOOP_INLINE void CountBytes(const uint8_t* x, int64_t count, uint32_t* tables) {
  uint32_t* a = tables;
  uint32_t* b = a + 256;
  uint32_t* c = b + 256;
  uint32_t* d = c + 256;
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    uint64_t word;
    __builtin_memcpy(&word, x + i, sizeof(word));
    ++a[word & 255];
    ++b[word >> 8 & 255];
    ++c[word >> 16 & 255];
    ++d[word >> 24 & 255];
    ++a[word >> 32 & 255];
    ++b[word >> 40 & 255];
    ++c[word >> 48 & 255];
    ++d[word >> 56];
  }
  for (; i < count; ++i) ++a[x[i]];
  for (int value = 0; value < 256; ++value) a[value] += b[value] + c[value] + d[value];
}

// The counts of all tables together.
OFFLOOP_INLINE void AddTables(const uint32_t* tables, const TallyPlan& plan, double* partial) {
  for (int64_t bin = 0; bin < plan.bins; ++bin) {
    uint32_t total = 0;
    for (int64_t table = 0; table < plan.tables; ++table) total += tables[table * (plan.bins + 1) + bin];
    partial[bin] = total;
  }
}

// A block of elements. index(first, count, numbers) gives the bin of each, `bins` for those that belong nowhere; add
// (bin, amount) puts into the result, where blocks follow one another.
template <typename IndexOf, typename AddTo>
OFFLOOP_INLINE void RunTally(const Arguments& arguments, const Block& block, const TallyPlan& plan, const View* weights,
                             IndexOf index, AddTo add) {
  const int64_t number = plan.serial ? arguments.results[0].integer : static_cast<int64_t>(block.index);
  const int64_t start = number * kTallyBlock;
  const int64_t end = plan.elements - start < kTallyBlock ? plan.elements : start + kTallyBlock;
  const int64_t slots = plan.bins + 1;
  uint32_t numbers[kTallyPiece];
  double local[kTallyPiece];
  double* sums = reinterpret_cast<double*>(block.local);
  uint32_t* counts = reinterpret_cast<uint32_t*>(block.local);
  if (!plan.serial) {
    ClearBytes(block.local, plan.weighted ? slots * int64_t{sizeof(double)} : slots * plan.tables * int64_t{4});
  }
  for (int64_t first = start; first < end; first += kTallyPiece) {
    const int64_t count = end - first < kTallyPiece ? end - first : kTallyPiece;
    index(first, count, numbers);
    if (plan.weighted) {
      ReadDoubles(*weights, first, count, local);
      if (plan.serial) {
        for (int64_t i = 0; i < count; ++i) {
          if (numbers[i] < plan.bins) add(numbers[i], local[i]);
        }
      } else {
        for (int64_t i = 0; i < count; ++i) sums[numbers[i]] += local[i];
      }
    } else if (plan.serial) {
      for (int64_t i = 0; i < count; ++i) {
        if (numbers[i] < plan.bins) add(numbers[i], 1);
      }
    } else {
      CountBins(numbers, count, counts, plan.tables, slots);
    }
  }
  if (plan.serial) return;
  double* partial = reinterpret_cast<double*>(block.partial);
  if (!plan.weighted) return AddTables(counts, plan, partial);
  for (int64_t bin = 0; bin < plan.bins; ++bin) partial[bin] = sums[bin];
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
