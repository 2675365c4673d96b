// The edit distance of one query to one long string, by the same algorithm in words of 64 bits, one unit after another.
// May take long: it asks now and then whether the job is still wanted. Included once a level.

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// `symbols` has each unit's number + 1, 0 for those that the query has not; `state` is [2][words] words.
static uint32_t LongDistance(const Arguments& arguments, const uint16_t* text, int64_t length, const TextQuery& query,
                             const uint16_t* symbols, uint64_t* state) {
  if (query.length == 0) return static_cast<uint32_t>(length);
  const int64_t words = query.words;
  const int top = static_cast<int>((query.length - 1) % 64);
  for (int64_t word = 0; word < words; ++word) {
    state[word * 2] = ~uint64_t{0};
    state[word * 2 + 1] = 0;
  }
  int64_t score = query.length;
  const int64_t between = (int64_t{1} << 19) / words + 1;  // units: about 2 ms
  int64_t asked = 0;
  for (int64_t j = 0; j < length; ++j) {
    if (j - asked >= between) {
      asked = j;
      if (IsCancelled(arguments)) return 0;
    }
    const int64_t symbol = symbols[text[j]];
    const uint64_t* masks = query.masks + (symbol == 0 ? query.unique : symbol - 1) * words;
    uint64_t carry_up = 1;
    uint64_t carry_down = 0;
    for (int64_t word = 0; word < words; ++word) {
      const uint64_t rises = state[word * 2];
      const uint64_t falls = state[word * 2 + 1];
      uint64_t equal = masks[word];
      const uint64_t vertical = equal | falls;
      equal |= carry_down;
      const uint64_t horizontal = (((equal & rises) + rises) ^ rises) | equal;
      uint64_t up = falls | ~(horizontal | rises);
      uint64_t down = rises & horizontal;
      if (word == words - 1) {
        score += static_cast<int64_t>((up >> top) & 1) - static_cast<int64_t>((down >> top) & 1);
      }
      const uint64_t next_up = up >> 63;
      const uint64_t next_down = down >> 63;
      up = (up << 1) | carry_up;
      down = (down << 1) | carry_down;
      carry_up = next_up;
      carry_down = next_down;
      state[word * 2] = down | ~(vertical | up);
      state[word * 2 + 1] = up & vertical;
    }
  }
  return static_cast<uint32_t>(score);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
