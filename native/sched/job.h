// A job: what the pool runs. A sequence of grids, each a number of blocks that may run in any order on any
// threads, with one serial step between grids. The scheduler sees pointers and functions, never a kernel.
#pragma once
#include <atomic>
#include <cstdint>

namespace offloop {

enum class Priority : uint8_t { kHigh = 0, kNormal = 1, kLow = 2 };

// A job that is expected to take less than this on one thread need not wait for a longer one of its priority.
inline constexpr double kExpressNanoseconds = 1e6;

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
  // Estimated time on one thread; 0 where nothing is known, which counts as long. Short jobs (under
  // kExpressNanoseconds) need not wait for a long one to end.
  double cost_ns = 0;

  // --- read by anyone at any time
  // Written by Pool::Cancel, read by every strand before it claims. Relaxed: it carries no data with it.
  std::atomic<bool> cancelled{false};
  // Over all grids. Added to by strands after each claim, read as progress. Relaxed: the blocks' own memory is
  // handed over by the injector's mutex, never by this count.
  std::atomic<uint64_t> blocks_done{0};

  // --- set by the pool; stable once done() is called
  uint64_t submitted_ns = 0;  // monotonic clock
  // Written once by the thread that starts the job, read as a status. 0 while queued. Relaxed, as above.
  std::atomic<uint64_t> started_ns{0};
  // Most threads that ran its blocks, or helped with loops inside them, at once. A maximum that its threads raise.
  std::atomic<uint32_t> threads_used{0};

  // --- the scheduler's own (see sched/README.md). Guarded by the injector's mutex unless a line says otherwise.
  enum class Place : uint8_t {
    kNowhere,   // not submitted, or over
    kWaiting,   // in a waiting list of its queue, never started
    kRunning,   // in no list: has all the strands it wants, or is between grids
    kOpen,      // in the open list of its queue: more strands may join
    kRetiring,  // cancelled while no thread was in it: some thread has to call done()
  };
  Place place = Place::kNowhere;
  Job* previous = nullptr;
  Job* next = nullptr;
  Queue* queue = nullptr;
  uint64_t deadline_ns = 0;    // virtual: when its turn comes before that of any priority
  uint64_t idle_since_ns = 0;  // when the last strand was called away, or when it was submitted
  uint64_t seats[4] = {};      // one bit a strand number in use
  uint32_t strands = 0;        // threads that claim blocks of the grid
  uint32_t wanted = 0;         // strands that the grid has use for
  // Strands and helpers of nested loops. Written under the mutex; read without it, relaxed, as a hint whether
  // offering a nested loop to other threads can come to anything.
  std::atomic<uint32_t> threads{0};
  // Written by the one thread that ran advance() while no other is in the job; others read it after they have
  // joined under the mutex.
  Grid grid;
  // First block that nobody has claimed, or beyond the end. Strands add to it, each getting blocks of its own.
  // Relaxed: what it hands out is a number; grid and memory come through the mutex.
  std::atomic<uint64_t> cursor{0};
};

}  // namespace offloop
