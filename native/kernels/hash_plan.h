// What a call of `hash` consists of, and how it is cut into blocks.
//
//   inputs   packed > 0: bytes of that many small items, one after another, and where they begin (uint32, one more than
//            there are items); then one view of bytes for each other item
//   outputs  the digests, one after another; in a stream the state (kHashStateBytes); none for one item, whose digest
//            is the first results
//   scalars  algorithm, packed, mode, bytes of the stream before this piece, seed (low and high 32 bits)
//
// An item is cut into segments. Those of blake3 and crc32c are parts: hashed in any order, then joined. Those of
// sha256 and xxh3 follow from one another: an item of more than one goes through rounds of one segment each.
// Parts lie one after another on a line of weights, of which every block does a piece: small items share blocks.
#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/kernel.h"
#include "simd/sha.h"

namespace offloop {

enum class HashAlgorithm : uint32_t { kBlake3 = 0, kXxh3 = 1, kXxh3Wide = 2, kCrc32c = 3, kSha256 = 4 };
inline constexpr uint32_t kHashAlgorithmCount = 5;
inline constexpr uint32_t kHashDigestBytes[kHashAlgorithmCount] = {32, 8, 16, 4, 32};

enum class HashMode : uint32_t {
  kDigest = 0,  // of every item
  kUpdate = 1,  // of a stream: kHashPieceBytes of it, of which more is to come
  kFinal = 2,   // of a stream: its last bytes, one at least
};

// Every piece of a stream but the last has this many bytes: whole chunks, stripes and blocks of every algorithm.
inline constexpr uint64_t kHashPieceBytes = uint64_t{1} << 20;
inline constexpr uint64_t kHashStateBytes = 2048;
// Packed items are no longer than this.
inline constexpr uint64_t kHashPackedMost = 65536;

enum HashPhase : uint32_t { kHashTable = 0, kHashParts = 1, kHashLong = 2, kHashPhaseCount = 3 };

struct HashItem {
  const uint8_t* data;
  uint64_t bytes;
  uint64_t weight;      // of all items before
  uint64_t first_part;  // of the parts of long items
};

struct HashPlan {
  HashAlgorithm algorithm = HashAlgorithm::kBlake3;
  HashMode mode = HashMode::kDigest;
  uint64_t packed = 0;
  uint64_t items = 0;
  uint64_t longs = 0;         // items of several segments
  uint64_t parts = 0;         // of long items
  uint64_t rounds = 0;        // of the longest item
  uint64_t weight = 0;        // of all items
  uint64_t block_weight = 1;  // of a block of kHashParts
  uint64_t part_blocks = 0;   // of the phases
  uint64_t long_blocks = 0;
  uint64_t before = 0;  // bytes of the stream before this piece
  uint64_t seed = 0;
  // Bytes from the start of scratch.
  uint64_t items_at = 0;
  uint64_t longs_at = 0;
  uint64_t states_at = 0;
  uint64_t scratch_bytes = 0;
  uint64_t local_bytes = 0;

  bool IsTree() const { return algorithm == HashAlgorithm::kBlake3 || algorithm == HashAlgorithm::kCrc32c; }
  bool IsStream() const { return mode != HashMode::kDigest; }
};

// At the start of scratch, written by the table's block.
struct HashHeader {
  HashPlan plan;
  uint64_t round;  // of kHashLong
};

namespace {

// An item costs this much by itself, in bytes.
inline constexpr uint64_t kHashItemWeight = 256;
// Of a tree's parts, and of the items that need many of them.
inline constexpr uint64_t kHashPart = uint64_t{64} << 10;
inline constexpr uint64_t kHashLargePart = uint64_t{512} << 10;
inline constexpr uint64_t kHashLargeItem = uint64_t{64} << 20;
// Of what long items keep between blocks: a chaining value of blake3 for each part; a state for each item.
inline constexpr uint64_t kHashPartBytes = 32;
inline constexpr uint64_t kHashChainBytes = 64;

// Weight of a block: a 64th of all, so that many threads have something to do, but enough to fill the lanes, and under
// 2 ms at the slowest level. SHA-256 goes through pairs, of which fewer are left over in a large block.
inline uint64_t HashBlockWeight(HashAlgorithm algorithm, uint64_t weight) {
  const uint64_t most = algorithm == HashAlgorithm::kSha256 ? uint64_t{768} << 10 : uint64_t{256} << 10;
  const uint64_t part = weight / 64;
  return part > most ? most : part < most / 4 ? most / 4 : part;
}

inline uint64_t HashSegment(HashAlgorithm algorithm, uint64_t bytes) {
  if (algorithm == HashAlgorithm::kSha256) return uint64_t{256} << 10;
  if (algorithm == HashAlgorithm::kXxh3 || algorithm == HashAlgorithm::kXxh3Wide) return uint64_t{2} << 20;
  return bytes < kHashLargeItem ? kHashPart : kHashLargePart;
}

inline uint64_t HashSegments(HashAlgorithm algorithm, uint64_t bytes) {
  const uint64_t segment = HashSegment(algorithm, bytes);
  return bytes <= segment ? 1 : (bytes + segment - 1) / segment;
}

// A pair of long items shares a block where their rounds can be interleaved.
inline uint64_t HashLongsPerBlock(HashAlgorithm algorithm) {
  return algorithm == HashAlgorithm::kSha256 && HasShaInstructions() ? 2 : 1;
}

// Adds an item at the end of the plan. Returns its number of segments when it is a long one, else 0.
inline uint64_t AddHashItem(HashPlan* plan, uint64_t bytes) {
  const uint64_t segments = HashSegments(plan->algorithm, bytes);
  const bool is_long = segments > 1 || plan->IsStream();
  ++plan->items;
  if (!is_long || plan->IsTree()) plan->weight += bytes + kHashItemWeight;
  if (!is_long) return 0;
  ++plan->longs;
  if (plan->IsTree()) plan->parts += segments;
  if (segments > plan->rounds) plan->rounds = segments;
  return segments;
}

inline uint64_t HashBytesAt(const Arguments& arguments, const HashPlan& plan, uint64_t view) {
  return static_cast<uint64_t>(arguments.inputs[(plan.packed > 0 ? 2 : 0) + view].Size());
}

inline HashPlan BeginHashPlan(const Arguments& arguments) {
  const double* scalars = arguments.scalars;
  HashPlan plan;
  plan.algorithm = static_cast<HashAlgorithm>(scalars[0]);
  plan.packed = static_cast<uint64_t>(scalars[1]);
  plan.mode = static_cast<HashMode>(scalars[2]);
  plan.before = static_cast<uint64_t>(scalars[3]);
  plan.seed = static_cast<uint64_t>(scalars[5]) << 32 | static_cast<uint64_t>(scalars[4]);
  return plan;
}

inline HashPlan PlanHash(const Arguments& arguments) {
  HashPlan plan = BeginHashPlan(arguments);
  const uint64_t views = arguments.input_count - (plan.packed > 0 ? 2 : 0);
  uint64_t bytes = 0;
  if (plan.packed > 0) {
    bytes = static_cast<uint64_t>(arguments.inputs[0].Size());
    plan.items = plan.packed;
    plan.weight = bytes + plan.packed * kHashItemWeight;
  }
  for (uint64_t i = 0; i < views; ++i) {
    const uint64_t length = HashBytesAt(arguments, plan, i);
    bytes += length;
    AddHashItem(&plan, length);
  }
  plan.block_weight = HashBlockWeight(plan.algorithm, plan.weight);
  plan.part_blocks = (plan.weight + plan.block_weight - 1) / plan.block_weight;
  const uint64_t at_once = HashLongsPerBlock(plan.algorithm);
  plan.long_blocks = (plan.longs + at_once - 1) / at_once;
  if (plan.items > 1 || plan.longs > 0) {
    plan.items_at = (sizeof(HashHeader) + 63) & ~uint64_t{63};
    plan.longs_at = plan.items_at + plan.items * sizeof(HashItem);
    plan.states_at = (plan.longs_at + plan.longs * sizeof(uint64_t) + 63) & ~uint64_t{63};
    plan.scratch_bytes = plan.states_at + (plan.IsTree() ? plan.parts * kHashPartBytes : plan.longs * kHashChainBytes);
  }
  if (plan.algorithm == HashAlgorithm::kBlake3) {
    // A chaining value for every chunk of a block, and 32 bytes for every part of it.
    const uint64_t weight = plan.weight < plan.block_weight ? plan.weight : plan.block_weight;
    const uint64_t parts = weight / kHashItemWeight + 2;
    const uint64_t chunks = (weight + (bytes < kHashLargePart ? bytes : kHashLargePart)) / 1024 + parts + 1;
    plan.local_bytes = (chunks + parts) * 32;
  }
  return plan;
}

// The one item of a call that needs no table.
inline HashItem OnlyHashItem(const Arguments& arguments, const HashPlan& plan) {
  HashItem item = {static_cast<const uint8_t*>(arguments.inputs[0].data), 0, 0, 0};
  item.bytes = static_cast<uint64_t>(arguments.inputs[0].Size());
  if (plan.packed > 0 && item.bytes > kHashPackedMost) item.bytes = kHashPackedMost;
  return item;
}

// Fills the table of items and the list of long ones.
inline void FillHashTable(const Arguments& arguments) {
  HashHeader* header = reinterpret_cast<HashHeader*>(arguments.scratch);
  header->plan = PlanHash(arguments);
  header->round = 0;
  const HashPlan& plan = header->plan;
  HashItem* items = reinterpret_cast<HashItem*>(arguments.scratch + plan.items_at);
  uint64_t* longs = reinterpret_cast<uint64_t*>(arguments.scratch + plan.longs_at);
  HashPlan sum = BeginHashPlan(arguments);
  if (plan.packed > 0) {
    const uint8_t* data = static_cast<const uint8_t*>(arguments.inputs[0].data);
    const uint64_t bytes = static_cast<uint64_t>(arguments.inputs[0].Size());
    const uint32_t* starts = static_cast<const uint32_t*>(arguments.inputs[1].data);
    uint64_t at = 0;
    for (uint64_t i = 0; i < plan.packed; ++i) {
      // Each number is read once and held within the bytes that there are.
      uint64_t end = starts[i + 1];
      if (end > bytes) end = bytes;
      if (end < at) end = at;
      if (end - at > kHashPackedMost) end = at + kHashPackedMost;
      items[sum.items] = {data + at, end - at, sum.weight, 0};
      sum.weight += end - at + kHashItemWeight;
      ++sum.items;
      at = end;
    }
  }
  while (sum.items < plan.items) {
    const uint64_t i = sum.items;
    const View& view = arguments.inputs[(plan.packed > 0 ? 2 : 0) + (i - plan.packed)];
    const uint64_t bytes = static_cast<uint64_t>(view.Size());
    items[i] = {static_cast<const uint8_t*>(view.data), bytes, sum.weight, sum.parts};
    if (AddHashItem(&sum, bytes) > 0) longs[sum.longs - 1] = i;
  }
}

// A part of a tree, or a short item as a whole.
struct HashPart {
  uint64_t item;
  uint64_t number;  // of the item's parts
  const uint8_t* data;
  uint64_t bytes;
  uint64_t before;  // bytes of the item before this part
  bool whole;       // the item has no other
  uint64_t slot;    // of the parts of long items
};

// Goes through the parts of one block.
struct HashWalk {
  const HashPlan& plan;
  const HashItem* items;
  uint64_t item = 0;
  uint64_t number = 0;
  uint64_t end = 0;  // of the block's weights

  HashWalk(const HashPlan& a_plan, const HashItem* table, uint64_t block) : plan(a_plan), items(table) {
    const uint64_t begin = block * plan.block_weight;
    end = begin + plan.block_weight;
    uint64_t count = plan.items;
    while (count > 0) {
      const uint64_t half = count / 2;
      if (items[item + half].weight < begin) {
        item += half + 1;
        count -= half + 1;
      } else {
        count = half;
      }
    }
    if (item == 0 || !plan.IsTree()) return;
    // The item before may have parts that begin in this block.
    const HashItem& last = items[item - 1];
    const uint64_t segment = HashSegment(plan.algorithm, last.bytes);
    const uint64_t first = (begin - last.weight + segment - 1) / segment;
    if (first < HashSegments(plan.algorithm, last.bytes)) {
      --item;
      number = first;
    }
  }

  bool Next(HashPart* part) {
    for (; item < plan.items; ++item) {
      const HashItem& at = items[item];
      const uint64_t segments = HashSegments(plan.algorithm, at.bytes);
      const bool is_long = segments > 1 || plan.IsStream();
      if (is_long && !plan.IsTree()) continue;
      const uint64_t segment = HashSegment(plan.algorithm, at.bytes);
      if (at.weight + number * segment >= end) return false;
      part->item = item;
      part->number = number;
      part->before = number * segment;
      part->data = at.data + part->before;
      part->bytes = at.bytes - part->before < segment ? at.bytes - part->before : segment;
      part->whole = !is_long;
      part->slot = at.first_part + number;
      if (++number == segments) {
        number = 0;
        ++item;
      }
      return true;
    }
    return false;
  }
};

// The state of a stream; null where there is none.
inline uint8_t* HashState(const Arguments& arguments) {
  return arguments.output_count == 0 ? nullptr : static_cast<uint8_t*>(arguments.outputs[0].data);
}

inline uint8_t* HashDigestAt(const Arguments& arguments, const HashPlan& plan, uint64_t item) {
  if (arguments.output_count == 0) return reinterpret_cast<uint8_t*>(arguments.results);
  return static_cast<uint8_t*>(arguments.outputs[0].data) +
         item * kHashDigestBytes[static_cast<uint32_t>(plan.algorithm)];
}

}  // namespace
}  // namespace offloop
