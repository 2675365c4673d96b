// The call block: a Float64Array that JavaScript fills before submit() and run() and reads afterwards, and the done
// block, which collect() fills. Numbers cross in memory that both sides see, which costs 2 ns each instead of 10 for
// a Node-API value. src/wire.ts has the same layout; a test holds the two together.
#pragma once
#include <cstdint>

namespace offloop {

// --- call block, JavaScript → C++
inline constexpr uint32_t kCallKernel = 0;       // position in kernels.def
inline constexpr uint32_t kCallQueue = 1;        // what open() gave
inline constexpr uint32_t kCallPriority = 2;     // 0 high, 1 normal, 2 low
inline constexpr uint32_t kCallThreads = 3;      // most threads, 0 for the queue's
inline constexpr uint32_t kCallCost = 4;         // estimated nanoseconds on one thread
inline constexpr uint32_t kCallInputs = 5;       // number of input views
inline constexpr uint32_t kCallOutputs = 6;      // number of output views
inline constexpr uint32_t kCallScalarCount = 7;  // number of scalars
inline constexpr uint32_t kCallScalars = 8;
// Per view: dtype, rank, offset, carried, shape[rank], strides[rank]. `carried` is 0 where the view's array is an
// argument, else 1 + the length of an array that the block itself carries (run() alone, and of the first 8 views):
// that of view i from kCallCarried + i * kCallCarriedWords on.
inline constexpr uint32_t kCallViews = 32;
inline constexpr uint32_t kCallCarried = 32 + 8 * (4 + 2 * 16);
inline constexpr uint32_t kCallCarriedWords = 256;
// Room for 8 views of any rank, and for as many of one axis as a call may have.
inline constexpr uint32_t kCallWords = 32 + 8 * (4 + 2 * 16) + 1028 * (4 + 2);

// --- call block, C++ → JavaScript
inline constexpr uint32_t kCallStatus = 0;   // a Status
inline constexpr uint32_t kCallSlot = 1;     // submit(): the job's number until it is collected
inline constexpr uint32_t kCallResults = 8;  // run(): kMaxResults words
// info(slot):
inline constexpr uint32_t kCallState = 0;     // 0 queued, 1 running
inline constexpr uint32_t kCallProgress = 1;  // 0..1

// --- done block: kDoneRecords records of kDoneWords words
inline constexpr uint32_t kDoneRecords = 64;
inline constexpr uint32_t kDoneWords = 16;
inline constexpr uint32_t kDoneSlot = 0;
inline constexpr uint32_t kDoneStatus = 1;
inline constexpr uint32_t kDoneQueuedMs = 2;
inline constexpr uint32_t kDoneRunMs = 3;
inline constexpr uint32_t kDoneThreads = 4;
inline constexpr uint32_t kDoneResults = 8;  // kMaxResults words

}  // namespace offloop
