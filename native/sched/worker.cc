#include "sched/worker.h"

#include <algorithm>
#include <new>

#include "base/assert.h"
#include "base/clock.h"
#include "sched/thread.h"

namespace offloop {

namespace {

// How long one thread looks for work before it sleeps: several times the cost of sleeping and being woken, since
// the next job of an awaiting caller comes 5 to 20 us after the one before.
constexpr uint64_t kSpinNanoseconds = 40'000;

// How long a thread keeps its CPU without letting others on it; more when they keep it for long themselves.
constexpr uint64_t kGiveWayNanoseconds = 500'000;
constexpr uint64_t kLongestKeepNanoseconds = 20'000'000;

// How long the end of a nested loop is waited for in one piece. In between the thread looks for other loops of its
// job, which nobody wakes it for.
constexpr uint64_t kJoinSpinNanoseconds = 5'000;
constexpr uint64_t kJoinNapNanoseconds = 100'000;

// Each help while waiting is a few frames more on the stack; beyond this many a thread just waits.
constexpr uint32_t kDeepestHelp = 16;

constexpr int64_t kNoOffer = -1;  // held by no deque: their indices start at 0

// Threads that one thread wakes for a new grid. Each of those that join wakes one in its turn.
constexpr uint32_t kFanOut = 2;

thread_local Worker* current_worker = nullptr;

void RaiseTo(std::atomic<uint32_t>* maximum, uint32_t value) {
  uint32_t seen = maximum->load(std::memory_order_relaxed);
  while (seen < value && !maximum->compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
  }
}

}  // namespace

Worker* Worker::Current() { return current_worker; }

void Worker::Live() {
  current_worker = this;
  for (;;) {
    // The thread counts as searching here: it was started or woken as one, or became one below.
    Visit visit;
    while (!FindWork(&visit)) Wait();
    StopSearching();
    give_way_at_ns_ = NowNanoseconds() + kGiveWayNanoseconds;
    do {
      Serve(visit);
      MakeWay();
    } while (TakeNext(&visit));
    crew_->sleep.BeginSearch();
  }
}

void Worker::StopSearching() {
  // Who published work while this was the only searcher relied on it to find that as well.
  if (crew_->sleep.EndSearch() && crew_->HasWork()) crew_->Call();
}

// From one job to the next, while there are more, without counting as searching in between.
bool Worker::TakeNext(Visit* visit) {
  Injector& injector = crew_->injector;
  if (!injector.Ready() || !injector.Pick(NowNanoseconds(), visit)) return false;
  if (injector.Ready()) crew_->Call();
  return true;
}

// Looks once everywhere. A nested loop that could be helped with is helped with here.
bool Worker::FindWork(Visit* visit) {
  if (crew_->injector.Ready() && crew_->injector.Pick(NowNanoseconds(), visit)) return true;
  if (crew_->offers.load(std::memory_order_relaxed) <= 0) return false;
  Loop* loop = Steal(nullptr);
  if (loop == nullptr) return false;
  StopSearching();
  Help(loop);
  crew_->sleep.BeginSearch();
  return crew_->injector.Ready() && crew_->injector.Pick(NowNanoseconds(), visit);
}

// Nothing was found: spins for a while if nobody else does, then sleeps. Returns to look again.
void Worker::Wait() {
  // Exchange, so that one thread alone gets `false`.
  if (!crew_->spinning.load(std::memory_order_relaxed) && !crew_->spinning.exchange(true, std::memory_order_relaxed)) {
    const uint64_t end = NowNanoseconds() + kSpinNanoseconds;
    bool found = crew_->HasWork();
    while (!found && NowNanoseconds() < end) {
      for (int i = 0; i < 4; ++i) Relax();
      // The event loop's thread, told of the job before, may be waiting for this very CPU.
      GiveWay();
      found = crew_->HasWork();
    }
    crew_->spinning.store(false, std::memory_order_relaxed);
    if (found) return;
  }
  crew_->sleep.PrepareWait(&waiter_);
  if (crew_->HasWork()) {
    crew_->sleep.CancelWait(&waiter_);
  } else {
    crew_->sleep.CommitWait(&waiter_);
  }
}

// Stays in the job, or in whatever is to be done before it, until it has no more use for this thread.
void Worker::Serve(Visit visit) {
  Injector& injector = crew_->injector;
  for (;;) {
    Job* const job = visit.job;
    if (visit.kind == Visit::Kind::kRetire) {
      job->done(job);
      return;
    }
    bool over = false;
    if (visit.kind == Visit::Kind::kStart) {
      job->started_ns.store(NowNanoseconds(), std::memory_order_relaxed);
      over = !Advance(job);
    }
    bool overtaken = false;
    while (!over) {
      overtaken = RunStrand(&visit) == Stop::kOvertaken;
      if (overtaken) break;
      if (!injector.Leave(visit)) return;
      over = !Advance(job);
    }
    if (overtaken) {
      // The seat that was given up may be wanted by a thread that sleeps.
      if (injector.Ready()) crew_->Call();
      continue;
    }
    injector.Finish(visit);
    // Nobody but this thread knows the job any more.
    job->done(job);
    return;
  }
}

// Prepares the next grid and lets other threads in. False when the job is over.
bool Worker::Advance(Job* job) {
  do {
    if (job->cancelled.load(std::memory_order_relaxed)) return false;
    job->grid = Grid{};
    if (!job->advance(job, &job->grid)) return false;
  } while (job->grid.blocks == 0);
  // Every strand may add `grain` once more than there is to claim.
  OFFLOOP_ASSERT(job->grid.blocks < uint64_t{1} << 54);
  job->grid.grain = std::clamp<uint64_t>(job->grid.grain, 1, job->grid.blocks);
  job->cursor.store(0, std::memory_order_relaxed);
  const uint32_t more = crew_->injector.OpenGrid(job);
  if (more > 0) crew_->CallMore(std::min(more, kFanOut));
  return true;
}

Worker::Stop Worker::RunStrand(Visit* visit) {
  Injector& injector = crew_->injector;
  Job* const job = visit->job;
  const uint64_t blocks = job->grid.blocks, grain = job->grid.grain;
  const uint32_t strand = visit->strand;
  Stop stop = Stop::kExhausted;
  job_.store(job, std::memory_order_relaxed);
  bool counted = false;
  while (!job->cancelled.load(std::memory_order_relaxed)) {
    if (injector.Pressed(job)) [[unlikely]] {
      Visit instead;
      if (injector.Overtake(*visit, NowNanoseconds(), &instead)) {
        *visit = instead;
        stop = Stop::kOvertaken;
        break;
      }
    }
    const uint64_t first = job->cursor.fetch_add(grain, std::memory_order_relaxed);
    if (first >= blocks) break;
    const uint64_t last = std::min(first + grain, blocks);
    if (!counted) {
      counted = true;
      RaiseTo(&job->threads_used, job->threads.load(std::memory_order_relaxed));
    }
    job->run(job, first, last, strand);
    job->blocks_done.fetch_add(last - first, std::memory_order_relaxed);
    // Not after the last block: the end of the grid should not wait.
    if (last < blocks) MakeWay();
  }
  job_.store(nullptr, std::memory_order_relaxed);
  return stop;
}

// The event loop's thread, when it wakes on a CPU where this one is in a block, would else wait for the end of a time
// slice. But a thread that gives way to others which compute all the time gets nearly nothing: it keeps the CPU for
// twice as long as it was without it, the last two times at least.
void Worker::MakeWay() {
  const uint64_t before = NowNanoseconds();
  if (before < give_way_at_ns_) return;
  GiveWay();
  const uint64_t after = NowNanoseconds();
  const uint64_t away = after - before;
  give_way_at_ns_ = after + std::clamp(2 * std::min(away, away_ns_), kGiveWayNanoseconds, kLongestKeepNanoseconds);
  away_ns_ = away;
}

void Worker::RunLoop(Loop* loop) {
  RunIndices(loop, nullptr, false);
  Join(loop);
}

// Claims indices and runs them until there are none left, keeping one offer of the loop where others can take it.
// A helper stops early for what is more urgent (`polite`), or when the loop it waits for itself is over (`awaited`).
void Worker::RunIndices(Loop* loop, const Loop* awaited, bool polite) {
  int64_t offer = kNoOffer;
  for (;;) {
    if (polite && crew_->injector.Pressed(loop->job)) break;
    if (awaited != nullptr && awaited->outstanding.load(std::memory_order_acquire) == 0) break;
    const uint64_t first = loop->cursor.fetch_add(loop->grain, std::memory_order_relaxed);
    if (first >= loop->count) break;
    const uint64_t last = std::min(first + loop->grain, loop->count);
    if (last < loop->count && !offers_.Holds(offer)) offer = Offer(loop);
    for (uint64_t index = first; index < last; ++index) loop->body(loop->context, index);
    if (last < loop->count) MakeWay();
  }
  if (!offers_.Holds(offer)) return;
  // Loops inside the bodies have withdrawn theirs, so that this offer is the one at the bottom, or stolen.
  if (offers_.Pop() == nullptr) return;
  crew_->offers.fetch_sub(1, std::memory_order_relaxed);
  GiveBack(loop);
}

int64_t Worker::Offer(Loop* loop) {
  const Job* job = loop->job;
  if (!crew_->HasIdle() || job->threads.load(std::memory_order_relaxed) >= job->max_threads ||
      job->queue->in_use.load(std::memory_order_relaxed) >= job->queue->limit) {
    return kNoOffer;
  }
  // Relaxed: who offers is in the loop, whose end waits for it in any case.
  loop->outstanding.fetch_add(1, std::memory_order_relaxed);
  crew_->offers.fetch_add(1, std::memory_order_relaxed);
  const int64_t offer = offers_.Push(loop);
  crew_->Call();
  return offer;
}

void Worker::GiveBack(Loop* loop) {
  // The loop may be gone right after the decrement; workers are for ever.
  Worker* owner = loop->owner;
  if (loop->outstanding.fetch_sub(1, std::memory_order_acq_rel) == 1 && owner != current_worker) owner->join_.Unpark();
}

// The indices are all claimed: waits for those that other threads are still in. They need nobody else to get done,
// so waiting can't deadlock; meanwhile the thread helps with loops inside them, or others of the same job, for
// which it has a seat already.
void Worker::Join(Loop* loop) {
  uint64_t spin_end = 0;
  while (loop->outstanding.load(std::memory_order_acquire) != 0) {
    if (crew_->offers.load(std::memory_order_relaxed) > 0 && helping_ < kDeepestHelp) {
      Loop* other = Steal(loop->job);
      if (other != nullptr) {
        // The victim may have gone on to another job in between; that one's offer is made again.
        ++helping_;
        if (other->job == loop->job) RunIndices(other, loop, false);
        --helping_;
        GiveBack(other);
        continue;
      }
    }
    const uint64_t now = NowNanoseconds();
    if (spin_end == 0) spin_end = now + kJoinSpinNanoseconds;
    if (now < spin_end) {
      Relax();
    } else {
      join_.ParkFor(kJoinNapNanoseconds);
    }
  }
}

// The oldest offer of some other worker; with `of` given, one that is likely to be of that job.
Loop* Worker::Steal(Job* of) {
  // Acquire pairs with the release in Crew::StartOne.
  const uint32_t count = crew_->started.load(std::memory_order_acquire);
  if (count == 0) return nullptr;  // this thread is quicker than the one that started it
  random_ = random_ * 6364136223846793005u + 1442695040888963407u;  // Knuth's MMIX generator
  const uint32_t start = static_cast<uint32_t>((random_ >> 33) % count);
  for (uint32_t i = 0; i < count; ++i) {
    Worker* victim = crew_->workers[(start + i) % count];
    if (victim == this || victim->offers_.Empty()) continue;
    if (of != nullptr && victim->job() != of) continue;
    Loop* loop = victim->offers_.Steal();
    if (loop == nullptr) continue;
    crew_->offers.fetch_sub(1, std::memory_order_relaxed);
    return loop;
  }
  return nullptr;
}

// The offer keeps loop and job alive until it is given back.
void Worker::Help(Loop* loop) {
  Job* const job = loop->job;
  const uint32_t threads = crew_->injector.Admit(job);
  if (threads > 0) {
    RaiseTo(&job->threads_used, threads);
    job_.store(job, std::memory_order_relaxed);
    RunIndices(loop, nullptr, true);
    job_.store(nullptr, std::memory_order_relaxed);
    crew_->injector.Dismiss(job);
  }
  GiveBack(loop);
}

void Crew::Call() {
  if (sleep.SearchersAfterPublish() == 0) Rouse();
}

void Crew::CallMore(uint32_t count) {
  for (uint32_t i = sleep.SearchersAfterPublish(); i < count; ++i) {
    if (!Rouse()) return;
  }
}

bool Crew::Rouse() {
  if (sleep.Notify()) return true;
  return StartOne();
}

bool Crew::HasIdle() const {
  return sleep.waiting() + sleep.searching() > 0 ||
         (started.load(std::memory_order_relaxed) < size.load(std::memory_order_relaxed) &&
          !exhausted.load(std::memory_order_relaxed));
}

bool Crew::StartOne() {
  if (started.load(std::memory_order_relaxed) >= size.load(std::memory_order_relaxed)) return false;
  std::lock_guard<std::mutex> lock(start_mutex);
  const uint32_t number = started.load(std::memory_order_relaxed);
  if (number >= size.load(std::memory_order_relaxed)) return false;
  // Once the system has refused a thread the pool makes do with those it has, if it has any.
  if (number > 0 && exhausted.load(std::memory_order_relaxed)) return false;
  // Counted as searching from here on, so that others do not start a second one for the same work.
  sleep.BeginSearch();
  Worker* worker = nullptr;
  try {
    worker = new Worker(this, number);
  } catch (const std::bad_alloc&) {
  }
  if (worker != nullptr && start(worker, number)) {
    workers[number] = worker;
    started.store(number + 1, std::memory_order_release);
    return true;
  }
  delete worker;
  exhausted.store(true, std::memory_order_relaxed);
  sleep.EndSearch();
  return false;
}

void Crew::Grow(uint32_t wanted) { RaiseTo(&size, std::min(wanted, Pool::kMaxThreads)); }

}  // namespace offloop
