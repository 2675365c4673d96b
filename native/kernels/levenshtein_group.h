// Edit distances of one query to 32 short strings at once, one a lane: Myers' bit-vector algorithm ("A fast bit-vector
// algorithm for approximate string matching based on dynamic programming", 1999) in the form of Hyyrö ("A bit-vector
// algorithm for computing Levenshtein and Damerau edit distances", 2003), whose vertical differences of a whole column
// of the distance table are two bit vectors. Included once a level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// 32 strings side by side: unit j of lane l is text[j * 32 + l].
struct TextBatch {
  const uint16_t* text;
  uint16_t lengths[kTextGroup];
  int64_t shortest;
  int64_t longest;
};

// uint16 units widened to the lanes of V.
template <typename V, typename T>
static inline __attribute__((always_inline)) V LoadUnits(const uint16_t* from) {
  constexpr int kLanes = OFFLOOP_VECTOR_BYTES / sizeof(T);
  if constexpr (sizeof(T) == 2) {
    return Load<V>(from);
  } else {
    typedef uint16_t Narrow __attribute__((vector_size(kLanes * 2)));
    Narrow narrow;
    __builtin_memcpy(&narrow, from, sizeof(narrow));
    return __builtin_convertvector(narrow, V);
  }
}

// Queries of at most as many units as T has bits.
template <typename V, typename T>
static void GroupDistances(const TextBatch& batch, const TextQuery& query, uint32_t* distances) {
  constexpr int kLanes = OFFLOOP_VECTOR_BYTES / sizeof(T);
  const int top = static_cast<int>(query.length) - 1;
  const V one = Broadcast<V>(T{1});
  for (int at = 0; at < kTextGroup; at += kLanes) {
    const V lengths = LoadUnits<V, T>(batch.lengths + at);
    V rises = ~V{};  // differences +1 down the column, and -1
    V falls = V{};
    V score = Broadcast<V>(static_cast<T>(query.length));
    for (int64_t j = 0; j < batch.longest; ++j) {
      const V text = LoadUnits<V, T>(batch.text + j * kTextGroup + at);
      V equal = V{};
      for (int64_t u = 0; u < query.unique; ++u) {
        const V mask = Broadcast<V>(static_cast<T>(query.masks[u]));
        equal |= (V)(text == Broadcast<V>(static_cast<T>(query.units[u]))) & mask;
      }
      const V vertical = equal | falls;
      const V horizontal = (((equal & rises) + rises) ^ rises) | equal;
      V up = falls | ~(horizontal | rises);
      V down = rises & horizontal;
      V change = ((up >> top) & one) - ((down >> top) & one);
      if (j >= batch.shortest) change &= (V)(Broadcast<V>(static_cast<T>(j)) < lengths);
      score += change;
      up = (up << 1) | one;
      down = down << 1;
      rises = down | ~(vertical | up);
      falls = up & vertical;
    }
    T scores[kLanes];
    Store(scores, score);
    for (int lane = 0; lane < kLanes; ++lane) distances[at + lane] = static_cast<uint32_t>(scores[lane]);
  }
}

// Queries of any length, in words of 64 bits from the top row down; `state` is [2][words] vectors.
static void GroupDistancesOfWords(const TextBatch& batch, const TextQuery& query, std::byte* state,
                                  uint32_t* distances) {
  constexpr int kLanes = U64Lanes;
  const int64_t words = query.words;
  const int top = static_cast<int>((query.length - 1) % 64);
  const U64 one = Broadcast<U64>(uint64_t{1});
  for (int at = 0; at < kTextGroup; at += kLanes) {
    const U64 lengths = LoadUnits<U64, uint64_t>(batch.lengths + at);
    for (int64_t word = 0; word < words; ++word) {
      Store(state + word * 2 * sizeof(U64), ~U64{});
      Store(state + (word * 2 + 1) * sizeof(U64), U64{});
    }
    U64 score = Broadcast<U64>(static_cast<uint64_t>(query.length));
    for (int64_t j = 0; j < batch.longest; ++j) {
      const U64 text = LoadUnits<U64, uint64_t>(batch.text + j * kTextGroup + at);
      U64 carry_up = one;  // the row above the first grows by one with every unit
      U64 carry_down = U64{};
      for (int64_t word = 0; word < words; ++word) {
        std::byte* place = state + word * 2 * sizeof(U64);
        const U64 rises = Load<U64>(place);
        const U64 falls = Load<U64>(place + sizeof(U64));
        U64 equal = U64{};
        for (int64_t u = 0; u < query.unique; ++u) {
          const U64 mask = Broadcast<U64>(query.masks[u * words + word]);
          equal |= (U64)(text == Broadcast<U64>(static_cast<uint64_t>(query.units[u]))) & mask;
        }
        const U64 vertical = equal | falls;
        equal |= carry_down;
        const U64 horizontal = (((equal & rises) + rises) ^ rises) | equal;
        U64 up = falls | ~(horizontal | rises);
        U64 down = rises & horizontal;
        if (word == words - 1) {
          U64 change = ((up >> top) & one) - ((down >> top) & one);
          if (j >= batch.shortest) change &= (U64)(Broadcast<U64>(static_cast<uint64_t>(j)) < lengths);
          score += change;
        }
        const U64 next_up = up >> 63;
        const U64 next_down = down >> 63;
        up = (up << 1) | carry_up;
        down = (down << 1) | carry_down;
        carry_up = next_up;
        carry_down = next_down;
        Store(place, down | ~(vertical | up));
        Store(place + sizeof(U64), up & vertical);
      }
    }
    uint64_t scores[kLanes];
    Store(scores, score);
    for (int lane = 0; lane < kLanes; ++lane) distances[at + lane] = static_cast<uint32_t>(scores[lane]);
  }
}

static void BatchDistances(const TextBatch& batch, const TextQuery& query, std::byte* state, uint32_t* distances) {
  if (query.length == 0) {
    for (int lane = 0; lane < kTextGroup; ++lane) distances[lane] = batch.lengths[lane];
  } else if (query.length <= 16) {
    GroupDistances<U16, uint16_t>(batch, query, distances);
  } else if (query.length <= 32) {
    GroupDistances<U32, uint32_t>(batch, query, distances);
  } else if (query.length <= 64) {
    GroupDistances<U64, uint64_t>(batch, query, distances);
  } else {
    GroupDistancesOfWords(batch, query, state, distances);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
