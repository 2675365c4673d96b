// One thread of the pool, and what all of them share.
#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>

#include "sched/deque.h"
#include "sched/injector.h"
#include "sched/pool.h"
#include "sched/sleep.h"

namespace offloop {

struct Crew;
class Worker;

// A ParallelFor under way, on the stack of the thread that called it. A pointer to it in a deque is an offer: the
// thread that takes it may help, or let it be. Every offer counts as outstanding until it is given back, and the
// call does not return before all are.
struct Loop {
  uint64_t count;
  uint64_t grain;
  void (*body)(void* context, uint64_t index);
  void* context;
  Job* job;
  Worker* owner;
  // First index that nobody has claimed, or beyond the end. Added to by everyone in the loop. Relaxed: indices only;
  // the loop itself came through the deque.
  std::atomic<uint64_t> cursor{0};
  // Offers in deques and in hands. Raised by whoever pushes one (who has one, or is the owner), lowered by whoever
  // gives one back: that is a release, the owner's load of 0 the acquire, and the bodies' memory goes with it.
  std::atomic<uint32_t> outstanding{0};
};

class Worker {
 public:
  Worker(Crew* crew, uint32_t number) : crew_(crew), number_(number), random_(number * 2 + 1) {}

  // The calling thread's own, or null where it is not the pool's.
  static Worker* Current();

  // The thread's life: it never returns.
  void Live();

  // The job whose block this thread is in; null outside of one. Written by this thread; others read it, relaxed, to
  // see whether stealing from here could help their own job.
  Job* job() const { return job_.load(std::memory_order_relaxed); }
  // For RunHere on a pool thread: loops inside it belong to no job of the pool. Returns the job before.
  Job* ExchangeJob(Job* job) { return job_.exchange(job, std::memory_order_relaxed); }

  // Runs a loop together with whoever takes its offers, and returns when all indices are done.
  void RunLoop(Loop* loop);

 private:
  enum class Stop : uint8_t { kExhausted, kOvertaken };

  void StopSearching();
  bool TakeNext(Visit* visit);
  bool FindWork(Visit* visit);
  void Wait();
  void Serve(Visit visit);
  bool Advance(Job* job);
  Stop RunStrand(Visit* visit);
  void MakeWay();

  Loop* Steal(Job* of);
  void Help(Loop* loop);
  void RunIndices(Loop* loop, const Loop* awaited, bool polite);
  int64_t Offer(Loop* loop);
  static void GiveBack(Loop* loop);
  void Join(Loop* loop);

  Crew* const crew_;
  const uint32_t number_;
  uint64_t random_;
  uint64_t give_way_at_ns_ = 0;  // when MakeWay has something to do next
  uint64_t away_ns_ = 0;         // how long it last was without the CPU
  uint32_t helping_ = 0;         // joins of this thread that are helping with another loop
  std::atomic<Job*> job_{nullptr};
  Deque<Loop> offers_;
  EventCount::Waiter waiter_;
  Parker join_;  // for the end of a loop; a token may be left over from an earlier one, which costs a look
};

// The threads of a pool and what they share. Never destroyed.
struct Crew {
  Crew(uint32_t size, StartWorker start) : start(start), size(size) {}

  // After work was published: sees to it that a thread comes to look, by waking or starting one if none is looking.
  void Call();
  // The same for work that `count` more threads could share, even when one is looking already.
  void CallMore(uint32_t count);
  // Wakes a waiting thread, or starts one. False when all are awake and there can't be more.
  bool Rouse();
  bool StartOne();
  void Grow(uint32_t size);

  // Whether there is something to do that a searching thread could take.
  bool HasWork() const { return injector.Ready() || offers.load(std::memory_order_relaxed) > 0; }
  // Whether a thread is free, or could be started. A hint.
  bool HasIdle() const;

  Injector injector;
  EventCount sleep;
  const StartWorker start;
  // Offers in all deques, so that a searching thread need not look into each. Raised by whoever pushes, before the
  // push; lowered by whoever takes it out. Relaxed: a hint, made timely by the event count's word.
  std::atomic<int64_t> offers{0};
  // One searching thread at most spins; the flag is its right to. Relaxed: it guards no data.
  std::atomic<bool> spinning{false};
  // The most threads there may be. Raised by Grow, read by whoever would start one; relaxed.
  std::atomic<uint32_t> size;
  // Threads started; written under start_mutex. The release store pairs with the acquire of thieves, who may then
  // read workers[0 .. started).
  std::atomic<uint32_t> started{0};
  // Set when the system refused a thread. Written under start_mutex, read as a hint; relaxed.
  std::atomic<bool> exhausted{false};
  Worker* workers[Pool::kMaxThreads] = {};
  std::mutex start_mutex;  // guards workers[] and `started`; no other mutex is taken under it
};

}  // namespace offloop
