// levenshtein: edit distances between queries and a packed list of strings, each the least number of units to insert,
// delete or replace (Levenshtein 1966); and the strings closest to each query. levenshtein_plan.h has the arguments.
// Distances over the cutoff become cutoff + 1.
#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/view.h"
#include "kernels/kernel.h"
#include "kernels/levenshtein_plan.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/levenshtein.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"

#include "kernels/levenshtein_query.h"
#include "kernels/levenshtein_group.h"
#include "kernels/levenshtein_long.h"
#include "kernels/levenshtein_select.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// A string of the packed list, with its place and length clamped to the units that there are.
struct PackedString {
  int64_t start;
  int64_t length;
  int64_t index;  // in the caller's list
};

static PackedString StringAt(const Arguments& arguments, int64_t at, int64_t most) {
  const int64_t units = arguments.inputs[0].shape[0];
  PackedString string;
  string.start = static_cast<const uint32_t*>(arguments.inputs[1].data)[at];
  string.length = static_cast<const uint32_t*>(arguments.inputs[2].data)[at];
  string.index = static_cast<const uint32_t*>(arguments.inputs[3].data)[at];
  if (string.start > units) string.start = units;
  if (string.length > most) string.length = most;
  if (string.length > units - string.start) string.length = units - string.start;
  if (string.index >= arguments.inputs[1].shape[0]) string.index = 0;
  return string;
}

// Where the distances of the query at `place` of its tile go.
static uint32_t* DistancesOf(const Arguments& arguments, const TextPlan& plan, int64_t place) {
  return plan.closest ? reinterpret_cast<uint32_t*>(arguments.scratch) + place * plan.strings
                      : static_cast<uint32_t*>(arguments.outputs[0].data);
}

static uint32_t Cut(uint32_t distance, const TextPlan& plan) {
  return distance > plan.cutoff ? plan.cutoff + 1 : distance;
}

// Whether no string of the batch can be within the cutoff, as a distance is at least the difference of lengths.
static bool IsOutOfReach(const TextBatch& batch, const TextQuery& query, const TextPlan& plan) {
  return plan.cutoff != kNoCutoff &&
         (batch.shortest - query.length > plan.cutoff || query.length - batch.longest > plan.cutoff);
}

static void LayOut(const Arguments& arguments, const TextPlan& plan, int64_t first, int64_t count, uint16_t* text,
                   TextBatch* batch, int64_t* indices) {
  const auto* units = static_cast<const uint16_t*>(arguments.inputs[0].data);
  batch->text = text;
  batch->shortest = count < kTextGroup ? 0 : kShortUnits;
  batch->longest = 0;
  for (int64_t lane = 0; lane < kTextGroup; ++lane) {
    batch->lengths[lane] = 0;
    if (lane >= count) continue;
    const PackedString string = StringAt(arguments, first + lane, plan.most_short);
    for (int64_t j = 0; j < string.length; ++j) text[j * kTextGroup + lane] = units[string.start + j];
    batch->lengths[lane] = static_cast<uint16_t>(string.length);
    indices[lane] = string.index;
    if (string.length < batch->shortest) batch->shortest = string.length;
    if (string.length > batch->longest) batch->longest = string.length;
  }
}

static void ShortBlock(const Arguments& arguments, const TextPlan& plan, int64_t chunk, int64_t first_query,
                       int64_t queries, std::byte* local) {
  TextQuery ready[kTextTile];
  for (int64_t q = 0; q < queries; ++q) {
    ready[q] = ReadQuery(arguments, plan, first_query + q, local + plan.queries_at + q * plan.query_bytes, nullptr);
  }
  auto* text = reinterpret_cast<uint16_t*>(local + plan.text_at);
  const int64_t end = (chunk + 1) * plan.chunk < plan.shorts ? (chunk + 1) * plan.chunk : plan.shorts;
  for (int64_t first = chunk * plan.chunk; first < end; first += kTextGroup) {
    const int64_t count = end - first < kTextGroup ? end - first : kTextGroup;
    TextBatch batch;
    int64_t indices[kTextGroup];
    LayOut(arguments, plan, first, count, text, &batch, indices);
    for (int64_t q = 0; q < queries; ++q) {
      uint32_t distances[kTextGroup];
      const bool skip = IsOutOfReach(batch, ready[q], plan);
      if (!skip) BatchDistances(batch, ready[q], local + plan.state_at, distances);
      uint32_t* to = DistancesOf(arguments, plan, q);
      for (int64_t lane = 0; lane < count; ++lane) {
        to[indices[lane]] = skip ? plan.cutoff + 1 : Cut(distances[lane], plan);
      }
    }
  }
}

static void LongBlock(const Arguments& arguments, const TextPlan& plan, int64_t at, int64_t query, int64_t place,
                      std::byte* local) {
  const PackedString string = StringAt(arguments, at, UINT32_MAX);
  auto* symbols = reinterpret_cast<uint16_t*>(local + plan.symbols_at);
  __builtin_memset(symbols, 0, kSymbols * sizeof(uint16_t));
  const TextQuery ready = ReadQuery(arguments, plan, query, local + plan.queries_at, symbols);
  const int64_t apart = string.length > ready.length ? string.length - ready.length : ready.length - string.length;
  uint32_t distance = kNoCutoff;
  if (plan.cutoff == kNoCutoff || apart <= plan.cutoff) {
    const auto* units = static_cast<const uint16_t*>(arguments.inputs[0].data) + string.start;
    distance = LongDistance(arguments, units, string.length, ready, symbols,
                            reinterpret_cast<uint64_t*>(local + plan.state_at));
  }
  DistancesOf(arguments, plan, place)[string.index] = Cut(distance, plan);
}

static void LevenshteinBlock(const Arguments& arguments, const Block& block) {
  TextPlan plan;
  if (!PlanText(arguments, &plan)) return;
  const int64_t first_query = plan.closest ? arguments.results[kTextTileResult].integer * plan.tile : 0;
  const int64_t left = plan.queries - first_query;
  const int64_t queries = left < plan.tile ? left : plan.tile;
  const auto index = static_cast<int64_t>(block.index);
  if (block.phase == 1) {
    if (index >= queries) return;
    SelectClosest(arguments, plan, first_query + index, DistancesOf(arguments, plan, index),
                  reinterpret_cast<uint64_t*>(block.local + plan.counts_at));
    return;
  }
  if (index < plan.chunks) {
    ShortBlock(arguments, plan, index, first_query, queries, block.local);
    return;
  }
  const int64_t place = (index - plan.chunks) % plan.tile;
  const int64_t at = plan.shorts + (index - plan.chunks) / plan.tile;
  if (place >= queries) return;
  LongBlock(arguments, plan, at, first_query + place, place, block.local);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop

#if OFFLOOP_ONCE
namespace offloop {
namespace {

Status PrepareLevenshtein(const Arguments& arguments, Layout* layout) {
  if (arguments.input_count != 6) return Status::kInvalidArgument;
  const View* inputs = arguments.inputs;
  const int64_t strings = inputs[1].shape[0];
  const int64_t queries = inputs[5].shape[0] - 1;
  TextPlan plan;
  if (!IsVector(inputs[0], DType::kUint16, inputs[0].shape[0]) || !IsVector(inputs[1], DType::kUint32, strings) ||
      !IsVector(inputs[2], DType::kUint32, strings) || !IsVector(inputs[3], DType::kUint32, strings) ||
      !IsVector(inputs[4], DType::kUint16, inputs[4].shape[0]) || !IsVector(inputs[5], DType::kUint32, queries + 1) ||
      queries < 1 || !PlanText(arguments, &plan)) {
    return Status::kInvalidArgument;
  }
  const View* outputs = arguments.outputs;
  if (plan.closest) {
    if (arguments.output_count != 3 || !IsVector(outputs[0], DType::kUint32, queries * plan.k) ||
        !IsVector(outputs[1], DType::kUint32, queries * plan.k) || !IsVector(outputs[2], DType::kUint32, queries)) {
      return Status::kInvalidArgument;
    }
  } else if (arguments.output_count != 1 || queries != 1 || !IsVector(outputs[0], DType::kUint32, strings)) {
    return Status::kInvalidArgument;
  }
  layout->phase_count = plan.closest ? 2 : 1;
  layout->phases[0].blocks = static_cast<uint64_t>(plan.chunks + plan.longs * plan.tile);
  layout->phases[1].blocks = plan.closest ? static_cast<uint64_t>(plan.tile) : 0;
  layout->blocks_most = (layout->phases[0].blocks + layout->phases[1].blocks) * static_cast<uint64_t>(plan.tiles);
  layout->local_bytes = static_cast<uint64_t>(plan.local_bytes);
  layout->scratch_bytes = static_cast<uint64_t>(plan.scratch_bytes);
  return Status::kOk;
}

uint32_t PhaseAfterLevenshtein(const Arguments& arguments, uint32_t phase) {
  TextPlan plan;
  if (phase == 0 || !PlanText(arguments, &plan)) return phase + 1;
  return ++arguments.results[kTextTileResult].integer < plan.tiles ? 0 : 2;
}

}  // namespace

extern const Kernel kLevenshteinKernel;
const Kernel kLevenshteinKernel = {
    .name = "levenshtein",
    .version = 1,
    .prepare = PrepareLevenshtein,
    .run_block = OFFLOOP_EACH_LEVEL(LevenshteinBlock),
    .combine = nullptr,
    .finish = nullptr,
    .next = PhaseAfterLevenshtein,
};

}  // namespace offloop
#endif
