// How a batch of edit distances is laid out: a function of shapes and scalars alone, so every block computes it again.
//
// Inputs: 0 the units of all strings one after another (uint16), 1 where each string starts, 2 how many units
// it has, 3 which string it is in the caller's list (all uint32, in ascending order of length), 4 the units of all
// queries (uint16), 5 where each query starts, and the end of the last (uint32). Every length and place is clamped
// where it is used. Strings of up to kShortUnits units, the first `shorts` of them, go 32 at a time; longer ones each
// by itself. Outputs: the distances by string (one query); or, with kClosest, indices and distances [query][k] and
// counts [query].
#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"

namespace offloop {

inline constexpr int64_t kTextGroup = 32;
inline constexpr int64_t kShortUnits = 255;
inline constexpr int64_t kTextTile = 16;  // most queries that are compared at once
inline constexpr int64_t kSymbols = 65536;
inline constexpr uint32_t kNoCutoff = UINT32_MAX;

enum TextScalar : uint32_t {
  kTextClosest = 0,
  kTextCutoff = 1,      // the greatest distance of interest, -1 for none
  kTextShorts = 2,      // strings that go in groups
  kTextChunk = 3,       // of them a block
  kTextMostShort = 4,   // units of the longest of them
  kTextMostLong = 5,    // units of the longest string
  kTextMostQuery = 6,   // units of the longest query
  kTextMostUnique = 7,  // different units in a query
  kTextK = 8,
};
inline constexpr uint32_t kTextTileResult = 7;  // the word of `results` that counts tiles of queries

struct TextPlan {
  bool closest;
  uint32_t cutoff;
  int64_t strings;
  int64_t queries;
  int64_t shorts;
  int64_t longs;
  int64_t chunk;
  int64_t chunks;
  int64_t most_short;
  int64_t most_query;
  int64_t most_unique;
  int64_t most_distance;
  int64_t words;  // of 64 bits, for the longest query
  int64_t tile;   // queries at once
  int64_t tiles;
  int64_t k;
  // Bytes from the start of a strand's local memory.
  int64_t text_at;
  int64_t queries_at;
  int64_t query_bytes;
  int64_t symbols_at;
  int64_t state_at;
  int64_t counts_at;
  int64_t local_bytes;
  int64_t scratch_bytes;
};

namespace {

inline int64_t TextAligned(int64_t bytes) { return (bytes + 63) & ~int64_t{63}; }

inline bool IsVector(const View& view, DType dtype, int64_t length) {
  return view.dtype == dtype && view.rank == 1 && view.shape[0] == length && view.IsContiguous();
}

// False when the scalars are not those of src/kernels/text.ts.
inline bool PlanText(const Arguments& arguments, TextPlan* plan) {
  const auto scalar = [&](TextScalar which) { return static_cast<int64_t>(arguments.scalars[which]); };
  for (uint32_t i = 0; i <= kTextK; ++i) {
    if (!(arguments.scalars[i] >= -1 && arguments.scalars[i] < 9e15)) return false;
  }
  plan->closest = scalar(kTextClosest) != 0;
  plan->cutoff = scalar(kTextCutoff) < 0 || scalar(kTextCutoff) >= kNoCutoff
                     ? kNoCutoff
                     : static_cast<uint32_t>(scalar(kTextCutoff));
  plan->strings = arguments.inputs[1].shape[0];
  plan->queries = arguments.inputs[5].shape[0] - 1;
  plan->shorts = scalar(kTextShorts);
  plan->longs = plan->strings - plan->shorts;
  plan->chunk = scalar(kTextChunk);
  plan->most_short = scalar(kTextMostShort);
  plan->most_query = scalar(kTextMostQuery);
  plan->most_unique = scalar(kTextMostUnique);
  plan->k = scalar(kTextK);
  const int64_t most_long = scalar(kTextMostLong);
  if (plan->shorts < 0 || plan->longs < 0 || plan->chunk < kTextGroup || plan->chunk % kTextGroup != 0 ||
      plan->most_short < 0 || plan->most_short > kShortUnits || plan->most_query < 0 || plan->most_query > UINT32_MAX ||
      most_long < 0 || most_long > UINT32_MAX || plan->most_unique < 0 || plan->most_unique > kSymbols ||
      plan->queries < 0 || plan->k < 0 || plan->k > plan->strings) {
    return false;
  }
  plan->most_distance = plan->most_query > most_long ? plan->most_query : most_long;
  plan->chunks = (plan->shorts + plan->chunk - 1) / plan->chunk;
  plan->words = plan->most_query == 0 ? 1 : (plan->most_query + 63) / 64;
  // A header of 64 bytes, the units, and a row of masks for each, with one of zeros.
  plan->query_bytes = 64 + TextAligned(plan->most_unique * 2) + TextAligned((plan->most_unique + 1) * plan->words * 8);
  constexpr int64_t kTileBytes = int64_t{1} << 18;
  plan->tile = kTileBytes / plan->query_bytes;
  if (plan->tile > kTextTile) plan->tile = kTextTile;
  if (plan->tile > plan->queries) plan->tile = plan->queries;
  if (plan->tile < 1) plan->tile = 1;
  plan->tiles = (plan->queries + plan->tile - 1) / plan->tile;
  plan->text_at = 0;
  plan->queries_at = TextAligned(plan->most_short * kTextGroup * 2);
  plan->symbols_at = plan->queries_at + plan->tile * plan->query_bytes;
  plan->state_at = plan->symbols_at + kSymbols * 2;
  plan->counts_at = plan->state_at + plan->words * 128;
  plan->local_bytes = plan->counts_at + (plan->closest ? (plan->most_distance + 2) * 8 : 0);
  plan->scratch_bytes = plan->closest ? plan->tile * plan->strings * 4 : 0;
  return true;
}

}  // namespace
}  // namespace offloop
