// A job: what the pool runs. A sequence of grids, each a number of blocks that may run in any order on any
// threads, with one serial step between grids. The scheduler sees pointers and functions, never a kernel.
#pragma once
#include <atomic>
#include <cstdint>

namespace offloop {

enum class Priority : uint8_t { kHigh = 0, kNormal = 1, kLow = 2 };

struct Job;
class Queue;

// What `Job::advance` fills in for the next grid.
struct Grid {
  uint64_t blocks = 0;
  // Blocks that one claim takes at once; more than 1 when blocks are very short.
  uint64_t grain = 1;
  // The most strands worth starting (a wake-up costs about 7 us); the job's and queue's limits apply as well.
  uint32_t strands = UINT32_MAX;
};

struct Job {
  // --- set before Submit, constant after it
  // Called on one thread at the start, and again when every block of the grid before is done. Fills `next` and
  // returns true, or returns false when the job is over. Not called again once the job is cancelled.
  bool (*advance)(Job* job, Grid* next) = nullptr;
  // Runs blocks first .. last - 1. `strand` is less than `max_threads` after Submit has clamped it, and no two
  // strands of one job that run at the same time have the same number.
  void (*run)(Job* job, uint64_t first, uint64_t last, uint32_t strand) = nullptr;
  // Called once, on the thread that ran last, when no thread will touch the job or its memory again. May free it.
  void (*done)(Job* job) = nullptr;
  Priority priority = Priority::kNormal;
  uint32_t max_threads = UINT32_MAX;
  // Estimated time on one thread. Short jobs (under kExpressNanoseconds) need not wait for a long one to end.
  double cost_ns = 0;

  // --- read by anyone at any time
  std::atomic<bool> cancelled{false};
  std::atomic<uint64_t> blocks_done{0};  // over all grids

  // --- set by the pool; stable once done() is called
  uint64_t submitted_ns = 0;  // monotonic clock
  std::atomic<uint64_t> started_ns{0};  // 0 while queued
  std::atomic<uint32_t> threads_used{0};  // most strands that ran blocks

  // --- the scheduler's own (see sched/README.md)
};

}  // namespace offloop
