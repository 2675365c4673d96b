// BLAKE3 (O'Connor, Aumasson, Neves and Wilcox-O'Hearn 2020), 256 bits: chunks of 1024 bytes are the leaves of a
// binary tree whose left subtrees are whole powers of two, which is what pairing neighbours level by level gives.
// As many nodes as there are lanes are compressed at once, whichever items they belong to. Included again for every
// level.
#include <cstddef>
#include <cstdint>

namespace offloop {
namespace OFFLOOP_LEVEL {
namespace {

inline constexpr uint32_t kBlake3Start[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                             0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
inline constexpr uint64_t kBlake3Chunk = 1024;
inline constexpr uint32_t kBlake3ChunkStart = 1;
inline constexpr uint32_t kBlake3ChunkEnd = 2;
inline constexpr uint32_t kBlake3Parent = 4;
inline constexpr uint32_t kBlake3Root = 8;

// The words that each round takes, in order: the permutation applied once more every time.
inline constexpr uint8_t kBlake3Order[7][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8},
    {3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1}, {10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6},
    {12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4}, {9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7},
    {11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13}};

// A chunk, or a parent of two nodes: a chunk of one block, but for its flags.
struct Blake3Node {
  const uint8_t* data;
  uint32_t bytes;
  uint32_t start_flags;
  uint32_t end_flags;
  uint64_t counter;
  uint8_t* to;
};

OFFLOOP_HASH_INLINE void Blake3Mix(U32& a, U32& b, U32& c, U32& d, U32 x, U32 y) {
  a = a + b + x;
  d = RotateRight<16>(d ^ a);
  c = c + d;
  b = RotateRight<12>(b ^ c);
  a = a + b + y;
  d = RotateRight<8>(d ^ a);
  c = c + d;
  b = RotateRight<7>(b ^ c);
}

template <int kRound>
OFFLOOP_HASH_INLINE void Blake3Round(U32* v, const U32* m) {
  constexpr const uint8_t* order = kBlake3Order[kRound];
  Blake3Mix(v[0], v[4], v[8], v[12], m[order[0]], m[order[1]]);
  Blake3Mix(v[1], v[5], v[9], v[13], m[order[2]], m[order[3]]);
  Blake3Mix(v[2], v[6], v[10], v[14], m[order[4]], m[order[5]]);
  Blake3Mix(v[3], v[7], v[11], v[15], m[order[6]], m[order[7]]);
  Blake3Mix(v[0], v[5], v[10], v[15], m[order[8]], m[order[9]]);
  Blake3Mix(v[1], v[6], v[11], v[12], m[order[10]], m[order[11]]);
  Blake3Mix(v[2], v[7], v[8], v[13], m[order[12]], m[order[13]]);
  Blake3Mix(v[3], v[4], v[9], v[14], m[order[14]], m[order[15]]);
}

// One block of every lane: `v` has the chaining values first and gets the new ones.
OFFLOOP_HASH_INLINE void Blake3Compress(U32* h, const uint8_t* const* lanes, size_t at, U32 low, U32 high, U32 bytes,
                                        U32 flags) {
  U32 m[16];
  LoadTurned(lanes, at, m);
  U32 v[16] = {h[0],
               h[1],
               h[2],
               h[3],
               h[4],
               h[5],
               h[6],
               h[7],
               Broadcast<U32>(kBlake3Start[0]),
               Broadcast<U32>(kBlake3Start[1]),
               Broadcast<U32>(kBlake3Start[2]),
               Broadcast<U32>(kBlake3Start[3]),
               low,
               high,
               bytes,
               flags};
  Blake3Round<0>(v, m);
  Blake3Round<1>(v, m);
  Blake3Round<2>(v, m);
  Blake3Round<3>(v, m);
  Blake3Round<4>(v, m);
  Blake3Round<5>(v, m);
  Blake3Round<6>(v, m);
  for (int i = 0; i < 8; ++i) h[i] = v[i] ^ v[i + 8];
}

OFFLOOP_HASH_INLINE uint32_t Blake3Blocks(uint32_t bytes) { return bytes == 0 ? 1 : (bytes + 63) / 64; }

// The rows of one node's state: four columns side by side.
typedef uint32_t Blake3Row __attribute__((vector_size(16)));

template <int kBits>
OFFLOOP_HASH_INLINE Blake3Row RotateRow(Blake3Row x) {
  return x >> kBits | x << (32 - kBits);
}

OFFLOOP_HASH_INLINE void MixRows(Blake3Row& a, Blake3Row& b, Blake3Row& c, Blake3Row& d, Blake3Row x, Blake3Row y) {
  a = a + x + b;
  d = RotateRow<16>(d ^ a);
  c = c + d;
  b = RotateRow<12>(b ^ c);
  a = a + y + b;
  d = RotateRow<8>(d ^ a);
  c = c + d;
  b = RotateRow<7>(b ^ c);
}

// A node by itself, for which the lanes of a whole vector would be twice as slow.
static void Blake3One(const Blake3Node& node) {
  const Blake3Row start = {kBlake3Start[0], kBlake3Start[1], kBlake3Start[2], kBlake3Start[3]};
  Blake3Row low = start;
  Blake3Row high = {kBlake3Start[4], kBlake3Start[5], kBlake3Start[6], kBlake3Start[7]};
  const uint32_t blocks = Blake3Blocks(node.bytes);
  for (uint32_t block = 0; block < blocks; ++block) {
    const bool last = block + 1 == blocks;
    const uint32_t bytes = last ? node.bytes - 64 * block : 64;
    const uint8_t* from = node.data + 64 * block;
    alignas(16) uint32_t m[16] = {};
    if (bytes == 64) {
      __builtin_memcpy(m, from, 64);
    } else {
      uint8_t* to = reinterpret_cast<uint8_t*>(m);
      for (uint32_t i = 0; i < bytes; ++i) to[i] = from[i];
    }
    Blake3Row a = low;
    Blake3Row b = high;
    Blake3Row c = start;
    Blake3Row d = {static_cast<uint32_t>(node.counter), static_cast<uint32_t>(node.counter >> 32), bytes,
                   (block == 0 ? node.start_flags : 0) | (last ? node.end_flags : 0)};
#pragma GCC unroll 7
    for (int round = 0; round < 7; ++round) {
      const uint8_t* o = kBlake3Order[round];
      MixRows(a, b, c, d, Blake3Row{m[o[0]], m[o[2]], m[o[4]], m[o[6]]}, Blake3Row{m[o[1]], m[o[3]], m[o[5]], m[o[7]]});
      // Turned so that diagonals are columns, and back.
      b = __builtin_shufflevector(b, b, 1, 2, 3, 0);
      c = __builtin_shufflevector(c, c, 2, 3, 0, 1);
      d = __builtin_shufflevector(d, d, 3, 0, 1, 2);
      MixRows(a, b, c, d, Blake3Row{m[o[8]], m[o[10]], m[o[12]], m[o[14]]},
              Blake3Row{m[o[9]], m[o[11]], m[o[13]], m[o[15]]});
      b = __builtin_shufflevector(b, b, 3, 0, 1, 2);
      c = __builtin_shufflevector(c, c, 2, 3, 0, 1);
      d = __builtin_shufflevector(d, d, 1, 2, 3, 0);
    }
    low = a ^ c;
    high = b ^ d;
  }
  __builtin_memcpy(node.to, &low, 16);
  __builtin_memcpy(node.to + 16, &high, 16);
}

// Compresses up to U32Lanes nodes. Every node's bytes are read before any result is written.
static void Blake3Nodes(const Blake3Node* nodes, int count) {
  if (count == 1) return Blake3One(nodes[0]);
  const uint8_t* lanes[U32Lanes];
  uint8_t* to[U32Lanes];
  alignas(64) uint8_t ends[U32Lanes][64];  // last blocks that are not whole, filled up with zeros
  alignas(64) uint8_t unwanted[32];
  U32 low, high, start_flags, end_flags, end_bytes, blocks;
  uint32_t most = 0;
  bool even = true;
  for (int i = 0; i < U32Lanes; ++i) {
    const Blake3Node& node = nodes[i < count ? i : 0];
    lanes[i] = node.data;
    to[i] = i < count ? node.to : unwanted;
    low[i] = static_cast<uint32_t>(node.counter);
    high[i] = static_cast<uint32_t>(node.counter >> 32);
    start_flags[i] = node.start_flags;
    end_flags[i] = node.end_flags;
    const uint32_t number = Blake3Blocks(node.bytes);
    blocks[i] = number;
    end_bytes[i] = node.bytes - 64 * (number - 1);
    if (number > most) most = number;
    even &= node.bytes == nodes[0].bytes && node.bytes % 64 == 0 && node.bytes > 0;
  }
  const U32 whole = Broadcast<U32>(64u);
  U32 h[8];
  for (int i = 0; i < 8; ++i) h[i] = Broadcast<U32>(kBlake3Start[i]);
  if (even) {
    for (uint32_t block = 0; block < most; ++block) {
      // Chunks mostly follow one another, and so many streams at once are more than the CPU foresees.
      if (most > 1) {
        for (int i = 0; i < U32Lanes; ++i) {
          __builtin_prefetch(lanes[i] + size_t{64} * block + 2 * U32Lanes * kBlake3Chunk);
        }
      }
      U32 flags = {};
      if (block == 0) flags |= start_flags;
      if (block + 1 == most) flags |= end_flags;
      Blake3Compress(h, lanes, size_t{64} * block, low, high, whole, flags);
    }
    StoreTurned(h, to);
    return;
  }
  for (int i = 0; i < U32Lanes; ++i) {
    const uint32_t size = end_bytes[i];
    if (size == 64) continue;
    const uint8_t* from = lanes[i] + 64 * (blocks[i] - 1);
    for (uint32_t byte = 0; byte < 64; ++byte) ends[i][byte] = 0;
    for (uint32_t byte = 0; byte < size; ++byte) ends[i][byte] = from[byte];
  }
  for (uint32_t block = 0; block < most; ++block) {
    const uint8_t* at[U32Lanes];
    for (int i = 0; i < U32Lanes; ++i) {
      const bool inside = block + 1 < blocks[i] || (block + 1 == blocks[i] && end_bytes[i] == 64);
      at[i] = inside ? lanes[i] + size_t{64} * block : ends[i];
    }
    const U32 last = reinterpret_cast<U32>(blocks == Broadcast<U32>(block + 1));
    const U32 live = reinterpret_cast<U32>(blocks > Broadcast<U32>(block));
    U32 flags = last & end_flags;
    if (block == 0) flags |= start_flags;
    U32 next[8];
    for (int i = 0; i < 8; ++i) next[i] = h[i];
    Blake3Compress(next, at, 0, low, high, (last & end_bytes) | (~last & whole), flags);
    for (int i = 0; i < 8; ++i) h[i] = (live & next[i]) | (~live & h[i]);
  }
  StoreTurned(h, to);
}

// Nodes that wait until there is one for every lane.
struct Blake3Batch {
  Blake3Node nodes[U32Lanes];
  int count = 0;

  OFFLOOP_HASH_INLINE void Flush(Blake3Batch* batch) {
    if (batch->count > 0) Blake3Nodes(batch->nodes, batch->count);
    batch->count = 0;
  }

  OFFLOOP_HASH_INLINE void Add(Blake3Batch* batch, const Blake3Node& node) {
    batch->nodes[batch->count++] = node;
    if (batch->count == U32Lanes) Flush(batch);
  }
};

OFFLOOP_HASH_INLINE void AddBlake3Parent(Blake3Batch* batch, const uint8_t* children, uint8_t* to, bool root) {
  Blake3Batch::Add(batch, {children, 64, kBlake3Parent, root ? kBlake3Root : 0, 0, to});
}

// Pairs `count` neighbours of chaining values, in place, but for the odd one at the end.
OFFLOOP_HASH_INLINE void PairBlake3(Blake3Batch* batch, uint8_t* values, uint64_t count, bool root) {
  for (uint64_t i = 0; i + 1 < count; i += 2) {
    AddBlake3Parent(batch, values + 32 * i, values + 16 * i, root && count == 2);
  }
}

// The odd one goes up as it is; only when the pairs before it are done.
OFFLOOP_HASH_INLINE uint64_t RaiseBlake3(uint8_t* values, uint64_t count) {
  if (count > 1 && count % 2 == 1) __builtin_memcpy(values + 16 * (count - 1), values + 32 * (count - 1), 32);
  return (count + 1) / 2;
}

// Folds the chaining values of a tree into the first.
static void FoldBlake3(uint8_t* values, uint64_t count, bool root) {
  Blake3Batch batch;
  while (count > 1) {
    PairBlake3(&batch, values, count, root);
    Blake3Batch::Flush(&batch);
    count = RaiseBlake3(values, count);
  }
}

// Of a part whose chunks are hashed and its tree not yet folded.
struct Blake3Pending {
  uint8_t* values;
  uint8_t* to;
  uint64_t count;
  bool root;
};
static_assert(sizeof(Blake3Pending) == 32, "hash_plan.h counts on it");

static void Blake3PartsBlock(const Arguments& arguments, const HashPlan& plan, const HashItem* items,
                             const Block& block) {
  uint8_t* values = reinterpret_cast<uint8_t*>(block.local);
  uint8_t* const end = values + plan.local_bytes;
  Blake3Pending* const pending_end = reinterpret_cast<Blake3Pending*>(end);
  Blake3Pending* pending = pending_end;
  uint64_t most = 0;
  Blake3Batch batch;
  HashWalk walk(plan, items, block.index);
  HashPart part;
  // Chaining values grow from the front of local memory, what is pending from its end.
  while (walk.Next(&part)) {
    const uint64_t chunks = part.bytes == 0 ? 1 : (part.bytes + kBlake3Chunk - 1) / kBlake3Chunk;
    const bool root = part.whole;
    uint8_t* to = root ? HashDigestAt(arguments, plan, part.item)
                       : reinterpret_cast<uint8_t*>(arguments.scratch) + plan.states_at + 32 * part.slot;
    uint64_t counter = (plan.before + part.before) / kBlake3Chunk;
    if (chunks > 1) *--pending = {values, to, chunks, root};
    for (uint64_t chunk = 0; chunk < chunks; ++chunk) {
      const uint64_t left = part.bytes - chunk * kBlake3Chunk;
      const uint32_t size = static_cast<uint32_t>(left < kBlake3Chunk ? left : kBlake3Chunk);
      uint8_t* value = chunks > 1 ? values + 32 * chunk : to;
      const uint32_t end_flags = kBlake3ChunkEnd | (root && chunks == 1 ? kBlake3Root : 0);
      Blake3Batch::Add(&batch,
                       {part.data + chunk * kBlake3Chunk, size, kBlake3ChunkStart, end_flags, counter++, value});
    }
    if (chunks > 1) values += 32 * chunks;
    if (chunks > most) most = chunks;
  }
  Blake3Batch::Flush(&batch);
  for (; most > 1; most = (most + 1) / 2) {
    for (Blake3Pending* one = pending; one < pending_end; ++one) {
      PairBlake3(&batch, one->values, one->count, one->root);
    }
    Blake3Batch::Flush(&batch);
    for (Blake3Pending* one = pending; one < pending_end; ++one) one->count = RaiseBlake3(one->values, one->count);
  }
  for (Blake3Pending* one = pending; one < pending_end; ++one) __builtin_memcpy(one->to, one->values, 32);
}

// A stream's state: the subtrees of its pieces so far, largest first, as many as there are ones in their number.
OFFLOOP_HASH_INLINE uint64_t Blake3Depth(uint64_t pieces) {
  uint64_t depth = 0;
  for (; pieces > 0; pieces &= pieces - 1) ++depth;
  return depth;
}

OFFLOOP_HASH_INLINE void JoinBlake3(uint8_t* left, const uint8_t* right, bool root) {
  alignas(64) uint8_t both[64];
  __builtin_memcpy(both, left, 32);
  __builtin_memcpy(both + 32, right, 32);
  const Blake3Node node = {both, 64, kBlake3Parent, root ? kBlake3Root : 0, 0, left};
  Blake3Nodes(&node, 1);
}

static void Blake3LongBlock(const Arguments& arguments, const HashPlan& plan, const HashItem* items, uint64_t index) {
  const HashItem& item = items[index];
  uint8_t* values = reinterpret_cast<uint8_t*>(arguments.scratch) + plan.states_at + 32 * item.first_part;
  FoldBlake3(values, HashSegments(plan.algorithm, item.bytes), !plan.IsStream());
  if (!plan.IsStream()) {
    __builtin_memcpy(HashDigestAt(arguments, plan, index), values, 32);
    return;
  }
  uint8_t* state = HashState(arguments);
  uint64_t pieces = plan.before / kHashPieceBytes;
  uint64_t depth = Blake3Depth(pieces);
  uint8_t value[32];
  __builtin_memcpy(value, values, 32);
  while (depth > 0 && (plan.mode == HashMode::kFinal || pieces % 2 == 1)) {
    --depth;
    JoinBlake3(state + 32 * depth, value, plan.mode == HashMode::kFinal && depth == 0);
    __builtin_memcpy(value, state + 32 * depth, 32);
    pieces /= 2;
  }
  __builtin_memcpy(state + 32 * depth, value, 32);
}

}  // namespace
}  // namespace OFFLOOP_LEVEL
}  // namespace offloop
