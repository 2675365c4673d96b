// Fork and join inside a block of a job: the block's thread and any idle ones run body(context, i) for i in
// [0, count), and the call returns when all are done. Uses no more threads than the job may. On a thread that is
// not the pool's it is a plain loop. Bodies may call it again.
#pragma once
#include <cstddef>
#include <cstdint>

namespace offloop {

void ParallelFor(uint64_t count, void (*body)(void* context, uint64_t index), void* context);

// Every index writes a partial of `bytes` bytes; partials are folded pairwise in a tree that depends on `count`
// alone, the result left in partials[0]. `partials` is count * bytes long and the caller's.
void ParallelReduce(uint64_t count, size_t bytes, void* partials,
                    void (*body)(void* context, uint64_t index, void* partial),
                    void (*combine)(void* context, void* into, const void* from), void* context);

}  // namespace offloop
