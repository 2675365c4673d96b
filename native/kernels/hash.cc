// hash: digests of many items of bytes, or of a stream piece by piece; hash_plan.h says what a call consists of.
// Three phases: a table of the items where there are several (kHashTable); short items, and the parts of long ones
// where an algorithm is a tree (kHashParts); then long items, whose parts are joined, or which go through rounds of one
// segment each (kHashLong). Inputs may be rewritten meanwhile: no length or place is read from them but the table of
// packed items, which is held within its bytes.
#include <cstddef>
#include <cstdint>

#include "base/status.h"
#include "base/view.h"
#include "kernels/hash_crc32c_tables.h"
#include "kernels/hash_plan.h"
#include "kernels/hash_sha256_constants.h"
#include "kernels/hash_sha256_ni.h"
#include "kernels/hash_xxh3_short.h"
#include "kernels/kernel.h"

#undef OFFLOOP_THIS_FILE
#define OFFLOOP_THIS_FILE "kernels/hash.cc"
#include "simd/foreach_level.h"
#include "simd/vec.h"

#include "kernels/hash_lanes.h"
#include "kernels/hash_blake3.h"
#include "kernels/hash_crc32c.h"
#include "kernels/hash_sha256.h"
#include "kernels/hash_xxh3.h"

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

// States of long items that are sequential.
static void BeginChains(const Arguments& arguments, const HashPlan& plan) {
  const void* state = plan.before > 0 ? HashState(arguments) : nullptr;
  for (uint64_t i = 0; i < plan.longs; ++i) {
    std::byte* chain = arguments.scratch + plan.states_at + i * kHashChainBytes;
    if (state != nullptr) {
      __builtin_memcpy(chain, state, kHashChainBytes);
    } else if (plan.algorithm == HashAlgorithm::kSha256) {
      __builtin_memcpy(chain, kSha256Start, sizeof(kSha256Start));
    } else {
      Xxh3Begin(reinterpret_cast<uint64_t*>(chain));
    }
  }
}

static void HashParts(const Arguments& arguments, const HashPlan& plan, const HashItem* items, const Block& block) {
  switch (plan.algorithm) {
    case HashAlgorithm::kBlake3:
      return Blake3PartsBlock(arguments, plan, items, block);
    case HashAlgorithm::kCrc32c:
      return Crc32cPartsBlock(arguments, plan, items, block);
    case HashAlgorithm::kSha256:
      return Sha256PartsBlock(arguments, plan, items, block);
    case HashAlgorithm::kXxh3:
    case HashAlgorithm::kXxh3Wide:
      return Xxh3PartsBlock(arguments, plan, items, block);
  }
}

static void HashLongs(const Arguments& arguments, const HashPlan& plan, const HashItem* items, const Block& block) {
  const uint64_t* longs = reinterpret_cast<const uint64_t*>(arguments.scratch + plan.longs_at);
  const uint64_t round = reinterpret_cast<const HashHeader*>(arguments.scratch)->round;
  switch (plan.algorithm) {
    case HashAlgorithm::kBlake3:
      return Blake3LongBlock(arguments, plan, items, longs[block.index]);
    case HashAlgorithm::kCrc32c:
      return Crc32cLongBlock(arguments, plan, items, longs[block.index]);
    case HashAlgorithm::kSha256:
      return Sha256LongBlock(arguments, plan, items, longs, block.index * HashLongsPerBlock(plan.algorithm), round);
    case HashAlgorithm::kXxh3:
    case HashAlgorithm::kXxh3Wide: {
      uint64_t* chain = reinterpret_cast<uint64_t*>(arguments.scratch + plan.states_at + block.index * kHashChainBytes);
      const uint64_t index = longs[block.index];
      return Xxh3LongBlock(arguments, plan, items[index], round, chain, HashDigestAt(arguments, plan, index));
    }
  }
}

static void HashBlock(const Arguments& arguments, const Block& block) {
  if (block.phase == kHashTable) {
    FillHashTable(arguments);
    const HashPlan& plan = reinterpret_cast<const HashHeader*>(arguments.scratch)->plan;
    if (!plan.IsTree()) BeginChains(arguments, plan);
    return;
  }
  if (arguments.scratch == nullptr) {
    const HashPlan plan = PlanHash(arguments);
    const HashItem only = OnlyHashItem(arguments, plan);
    return HashParts(arguments, plan, &only, block);
  }
  const HashPlan& plan = reinterpret_cast<const HashHeader*>(arguments.scratch)->plan;
  const HashItem* items = reinterpret_cast<const HashItem*>(arguments.scratch + plan.items_at);
  if (block.phase == kHashParts) {
    HashParts(arguments, plan, items, block);
  } else {
    HashLongs(arguments, plan, items, block);
  }
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop

#if OFFLOOP_ONCE
namespace offloop {
namespace {

bool IsWhole(double x, double limit) {
  return x >= 0 && x < limit && x == static_cast<double>(static_cast<int64_t>(x));
}

Status PrepareHash(const Arguments& arguments, Layout* layout) {
  const double* scalars = arguments.scalars;
  constexpr double kWord = 4294967296.0;
  if (!IsWhole(scalars[0], kHashAlgorithmCount) || !IsWhole(scalars[1], kWord) || !IsWhole(scalars[2], 3) ||
      !IsWhole(scalars[3], 9007199254740992.0) || !IsWhole(scalars[4], kWord) || !IsWhole(scalars[5], kWord)) {
    return Status::kInvalidArgument;
  }
  const bool packed = scalars[1] > 0;
  if (arguments.output_count > 1 || (packed && arguments.input_count < 2)) return Status::kInvalidArgument;
  for (uint32_t i = 0; i < arguments.input_count; ++i) {
    const View& view = arguments.inputs[i];
    const DType dtype = packed && i == 1 ? DType::kUint32 : DType::kUint8;
    if (view.dtype != dtype || view.rank != 1 || !view.IsContiguous()) return Status::kInvalidArgument;
  }
  if (packed && arguments.inputs[1].Size() != static_cast<int64_t>(scalars[1]) + 1) return Status::kInvalidArgument;
  const HashPlan plan = PlanHash(arguments);
  uint64_t out_bytes = plan.items * kHashDigestBytes[static_cast<uint32_t>(plan.algorithm)];
  if (plan.IsStream()) {
    const uint64_t bytes = packed || plan.items != 1 ? 0 : static_cast<uint64_t>(arguments.inputs[0].Size());
    const bool first = plan.before == 0;
    const bool right = plan.mode == HashMode::kUpdate ? bytes == kHashPieceBytes : bytes > 0 && !first;
    if (!right || plan.before % kHashPieceBytes != 0) return Status::kInvalidArgument;
    out_bytes = kHashStateBytes;
  } else if (plan.before != 0) {
    return Status::kInvalidArgument;
  }
  if (arguments.output_count == 0) {
    if (plan.items != 1 || packed || plan.IsStream()) return Status::kInvalidArgument;
  } else {
    const View& out = arguments.outputs[0];
    if (out.dtype != DType::kUint8 || out.rank != 1 || !out.IsContiguous()) return Status::kInvalidArgument;
    if (out.Size() != static_cast<int64_t>(out_bytes)) return Status::kInvalidArgument;
  }
  layout->phase_count = kHashPhaseCount;
  layout->phases[kHashTable].blocks = plan.scratch_bytes > 0 ? 1 : 0;
  layout->phases[kHashParts].blocks = plan.part_blocks;
  layout->phases[kHashLong].blocks = plan.long_blocks;
  layout->scratch_bytes = plan.scratch_bytes;
  layout->local_bytes = plan.local_bytes;
  const uint64_t rounds = plan.IsTree() ? 1 : plan.rounds;
  layout->blocks_most = 1 + plan.part_blocks + plan.long_blocks * rounds;
  return Status::kOk;
}

// Long items that are sequential stay in their phase until the longest is through.
uint32_t NextHashPhase(const Arguments& arguments, uint32_t phase) {
  if (phase != kHashLong || arguments.scratch == nullptr) return phase + 1;
  HashHeader* header = reinterpret_cast<HashHeader*>(arguments.scratch);
  if (header->plan.IsTree() || ++header->round >= header->plan.rounds) return kHashPhaseCount;
  return kHashLong;
}

}  // namespace

extern const Kernel kHashKernel;
const Kernel kHashKernel = {
    .name = "hash",
    .version = 1,
    .prepare = PrepareHash,
    .run_block = OFFLOOP_EACH_LEVEL(HashBlock),
    .combine = nullptr,
    .finish = nullptr,
    .next = NextHashPhase,
};

}  // namespace offloop
#endif
