#include "sched/pool.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "sched/thread.h"
#include "sched/worker.h"

namespace offloop {
namespace {

using std::chrono::milliseconds;

// A job made of functions. `phases` holds the blocks of each grid.
struct TestJob : Job {
  std::vector<Grid> phases;
  std::function<void(TestJob*, uint64_t, uint32_t)> block;
  std::function<void(TestJob*)> on_done;
  size_t phase = 0;
  std::atomic<int> dones{0};

  explicit TestJob(std::vector<Grid> grids) : phases(std::move(grids)) {
    advance = [](Job* job, Grid* next) {
      auto* self = static_cast<TestJob*>(job);
      if (self->phase == self->phases.size()) return false;
      *next = self->phases[self->phase++];
      return true;
    };
    run = [](Job* job, uint64_t first, uint64_t last, uint32_t strand) {
      auto* self = static_cast<TestJob*>(job);
      for (uint64_t i = first; self->block && i < last; ++i) self->block(self, i, strand);
    };
    done = [](Job* job) {
      auto* self = static_cast<TestJob*>(job);
      if (self->on_done) self->on_done(self);
      self->dones.fetch_add(1, std::memory_order_release);
    };
  }

  bool Wait(milliseconds limit = milliseconds(60000)) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (dones.load(std::memory_order_acquire) == 0) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    return true;
  }
};

void Spin(uint64_t microseconds) {
  const uint64_t end = NowNanoseconds() + microseconds * 1000;
  while (NowNanoseconds() < end) Relax();
}

template <typename Condition>
bool Eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return true;
}

// A pool of its own for one test. Kept for ever, like its threads, and where a leak checker finds it.
Pool& NewPool(uint32_t threads, StartWorker start = nullptr) {
  static std::vector<Pool*>* const pools = new std::vector<Pool*>;
  pools->push_back(new Pool(threads, start));
  return *pools->back();
}

// One pool of four threads for the tests of behaviour, whatever the machine has.
Pool& Four() {
  static Pool& pool = NewPool(4);
  return pool;
}

struct Peak {
  std::atomic<int> now{0}, most{0};
  void Enter() {
    const int count = now.fetch_add(1) + 1;
    int seen = most.load();
    while (seen < count && !most.compare_exchange_weak(seen, count)) {
    }
  }
  void Leave() { now.fetch_sub(1); }
};

TEST_CASE("pool: starts no thread before the first job") {
  Pool& pool = NewPool(3);
  Queue* queue = pool.OpenQueue(0);
  CHECK(pool.default_threads() == 3);
  CHECK(pool.stats().threads_started == 0);
  TestJob job({Grid{.blocks = 1}});
  pool.Submit(queue, &job);
  CHECK(job.Wait());
  CHECK(pool.stats().threads_started == 1);
  CHECK(pool.stats().jobs_done == 1);
  pool.CloseQueue(queue);
}

TEST_CASE("pool: every block of every grid runs exactly once, grids one after another") {
  Queue* queue = Four().OpenQueue(0);
  for (const uint64_t blocks : {1, 2, 3, 7, 100, 5000}) {
    for (const uint64_t grain : {uint64_t{0}, uint64_t{1}, uint64_t{3}, UINT64_MAX}) {
      constexpr size_t kGrids = 3;
      std::vector<std::atomic<uint8_t>> runs(blocks * kGrids);
      std::vector<int> unguarded(blocks);  // each block reads what another wrote in the grid before
      const Grid grid{.blocks = blocks, .grain = grain};
      TestJob job({grid, Grid{}, grid, grid});
      std::atomic<int> wrong{0};
      job.block = [&](TestJob* self, uint64_t i, uint32_t strand) {
        const size_t at = self->phase == 1 ? 0 : self->phase - 2;
        if (runs[at * blocks + i].fetch_add(1) != 0 || strand >= 4) ++wrong;
        const uint64_t place = at % 2 == 0 ? i : blocks - 1 - i;
        if (unguarded[place] != static_cast<int>(at)) ++wrong;
        ++unguarded[place];
      };
      Four().Submit(queue, &job);
      CHECK(job.Wait());
      CHECK(wrong == 0);
      CHECK(job.blocks_done == blocks * kGrids);
      for (auto& count : runs) wrong += count != 1;
      CHECK(wrong == 0);
      CHECK(job.threads_used >= 1);
      CHECK(job.threads_used <= 4);
      CHECK(job.started_ns >= job.submitted_ns);
    }
  }
  Four().CloseQueue(queue);
}

TEST_CASE("pool: a job without blocks is done") {
  Queue* queue = Four().OpenQueue(0);
  TestJob none({}), empty({Grid{}, Grid{}});
  Four().Submit(queue, &none);
  Four().Submit(queue, &empty);
  CHECK(none.Wait());
  CHECK(empty.Wait());
  CHECK(empty.threads_used == 0);
  Four().CloseQueue(queue);
}

TEST_CASE("pool: no two strands of a job share a number") {
  Queue* queue = Four().OpenQueue(0);
  std::atomic<int> in[4] = {};
  std::atomic<int> wrong{0};
  TestJob job({Grid{.blocks = 3000}, Grid{.blocks = 3000}});
  job.block = [&](TestJob*, uint64_t, uint32_t strand) {
    if (in[strand].fetch_add(1) != 0) ++wrong;
    Spin(5);
    in[strand].fetch_sub(1);
  };
  // Short jobs make strands leave and come back all the time.
  Four().Submit(queue, &job);
  for (int i = 0; i < 200; ++i) {
    TestJob fast({Grid{.blocks = 1}});
    fast.cost_ns = 1000;
    Four().Submit(queue, &fast);
    CHECK(fast.Wait());
  }
  CHECK(job.Wait());
  CHECK(wrong == 0);
  CHECK(job.blocks_done == 6000);
  Four().CloseQueue(queue);
}

TEST_CASE("pool: limits of jobs, grids and queues are never exceeded") {
  Queue* narrow = Four().OpenQueue(2);
  Queue* wide = Four().OpenQueue(0);
  Peak in_narrow, in_single, in_grid;
  std::vector<std::unique_ptr<TestJob>> jobs;
  for (int i = 0; i < 30; ++i) {
    jobs.push_back(std::make_unique<TestJob>(std::vector<Grid>{Grid{.blocks = 40}}));
    jobs.back()->block = [&](TestJob*, uint64_t, uint32_t) {
      in_narrow.Enter();
      Spin(20);
      in_narrow.Leave();
    };
    jobs.back()->cost_ns = i % 3 == 0 ? 1000 : 0;
    jobs.back()->priority = static_cast<Priority>(i % 3);
    Four().Submit(narrow, jobs.back().get());
  }
  TestJob single({Grid{.blocks = 300}});
  single.max_threads = 1;
  single.block = [&](TestJob*, uint64_t, uint32_t strand) {
    in_single.Enter();
    CHECK(strand == 0);
    Spin(20);
    in_single.Leave();
  };
  Four().Submit(wide, &single);
  TestJob grid({Grid{.blocks = 300, .grain = 1, .strands = 2}});
  grid.block = [&](TestJob*, uint64_t, uint32_t strand) {
    in_grid.Enter();
    CHECK(strand < 2);
    Spin(20);
    in_grid.Leave();
  };
  Four().Submit(wide, &grid);
  for (auto& job : jobs) CHECK(job->Wait());
  CHECK(single.Wait());
  CHECK(grid.Wait());
  CHECK(in_narrow.most <= 2);
  CHECK(in_single.most == 1);
  CHECK(in_grid.most <= 2);
  CHECK(single.threads_used == 1);
  Four().CloseQueue(narrow);
  Four().CloseQueue(wide);
}

TEST_CASE("pool: a cancel in the queue takes the job out, and done is not called") {
  Queue* queue = Four().OpenQueue(1);
  std::atomic<bool> go{false};
  TestJob first({Grid{.blocks = 1}}), second({Grid{.blocks = 1}}), third({Grid{.blocks = 1}});
  first.block = [&](TestJob*, uint64_t, uint32_t) {
    while (!go) std::this_thread::yield();
  };
  Four().Submit(queue, &first);
  CHECK(Eventually([&] { return first.started_ns != 0; }));
  Four().Submit(queue, &second);
  Four().Submit(queue, &third);
  CHECK(Four().stats().jobs_queued >= 2);
  CHECK(Four().Cancel(queue, &second));
  go = true;
  CHECK(third.Wait());
  CHECK(first.Wait());
  CHECK(second.dones == 0);
  CHECK(second.started_ns == 0);
  Four().CloseQueue(queue);
}

TEST_CASE("pool: a cancel in flight stops the claims, and done is called once") {
  Queue* queue = Four().OpenQueue(0);
  TestJob job({Grid{.blocks = 1u << 30}, Grid{.blocks = 1}});
  job.block = [](TestJob*, uint64_t, uint32_t) { Spin(50); };
  Four().Submit(queue, &job);
  CHECK(Eventually([&] { return job.blocks_done > 10; }));
  CHECK_FALSE(Four().Cancel(queue, &job));
  CHECK(job.Wait());
  CHECK(job.phase == 1);
  std::this_thread::sleep_for(milliseconds(5));
  CHECK(job.dones == 1);
  Four().CloseQueue(queue);
}

TEST_CASE("pool: cancels at any moment leave every job either removed or done once") {
  Queue* queue = Four().OpenQueue(2);
  int removed = 0;
  for (int i = 0; i < 300; ++i) {
    TestJob slow({Grid{.blocks = 20}, Grid{.blocks = 20}}), other({Grid{.blocks = 3}});
    slow.block = other.block = [](TestJob*, uint64_t, uint32_t) { Spin(3); };
    slow.priority = Priority::kLow;
    other.priority = i % 2 == 0 ? Priority::kHigh : Priority::kLow;
    // A canceller needs the job alive: here the frame does that, whatever becomes of the job.
    Four().Submit(queue, &slow);
    Spin(i % 7 * 40);
    Four().Submit(queue, &other);
    Spin(i % 5 * 30);
    const bool gone = Four().Cancel(queue, &slow);
    removed += gone;
    if (!gone) CHECK(slow.Wait());
    CHECK(other.Wait());
    CHECK(slow.dones == (gone ? 0 : 1));
  }
  MESSAGE("removed in the queue: ", removed);
  Four().CloseQueue(queue);
}

TEST_CASE("pool: a suspended job that is cancelled is done without waiting for its turn") {
  Pool& pool = NewPool(1);
  Queue* queue = pool.OpenQueue(1);
  TestJob slow({Grid{.blocks = 1u << 30}});
  slow.block = [](TestJob*, uint64_t, uint32_t) { Spin(20); };
  pool.Submit(queue, &slow);
  CHECK(Eventually([&] { return slow.blocks_done > 0; }));
  TestJob high({Grid{.blocks = 1u << 30}});
  high.block = slow.block;
  high.priority = Priority::kHigh;
  pool.Submit(queue, &high);
  CHECK(Eventually([&] { return high.blocks_done > 0; }));
  CHECK_FALSE(pool.Cancel(queue, &slow));
  CHECK(slow.Wait());
  CHECK(high.dones == 0);
  CHECK_FALSE(pool.Cancel(queue, &high));
  CHECK(high.Wait());
  pool.CloseQueue(queue);
}

// AddressSanitizer and ThreadSanitizer watch what the pool does with a job after its done().
TEST_CASE("pool: 100000 tiny jobs, each freed in its done, from several threads and queues") {
  constexpr int kJobs = 100000, kThreads = 4;
  std::atomic<int> finished{0};
  Queue* queues[2] = {Four().OpenQueue(0), Four().OpenQueue(1)};
  std::vector<std::thread> submitters;
  for (int t = 0; t < kThreads; ++t) {
    submitters.emplace_back([&, t] {
      for (int i = 0; i < kJobs / kThreads; ++i) {
        struct Tiny : Job {
          std::atomic<int>* finished;
          uint64_t left;
        };
        auto* job = new Tiny;
        job->finished = &finished;
        job->left = i % 50 == 0 ? 3 : 1;
        job->cost_ns = i % 3 * 1000.0;
        job->priority = static_cast<Priority>(i % 3);
        job->advance = [](Job* job, Grid* next) {
          next->blocks = static_cast<Tiny*>(job)->left;
          return std::exchange(static_cast<Tiny*>(job)->left, 0) != 0;
        };
        job->run = [](Job*, uint64_t, uint64_t, uint32_t) {};
        job->done = [](Job* job) {
          auto* finished = static_cast<Tiny*>(job)->finished;
          delete static_cast<Tiny*>(job);
          finished->fetch_add(1);
        };
        Four().Submit(queues[(t + i) % 2], job);
      }
    });
  }
  for (std::thread& submitter : submitters) submitter.join();
  CHECK(Eventually([&] { return finished == kJobs; }));
  for (Queue* queue : queues) Four().CloseQueue(queue);
}

TEST_CASE("pool: a short job does not wait for a long one, and a high one not for a normal one") {
  Queue* queue = Four().OpenQueue(0);
  TestJob slow({Grid{.blocks = 1u << 30}});
  slow.block = [](TestJob*, uint64_t, uint32_t) { Spin(200); };
  Four().Submit(queue, &slow);
  CHECK(Eventually([&] { return slow.blocks_done > 20; }));
  for (int i = 0; i < 20; ++i) {
    TestJob fast({Grid{.blocks = 1}}), high({Grid{.blocks = 8}});
    fast.cost_ns = 50000;
    high.priority = Priority::kHigh;
    Four().Submit(queue, &fast);
    CHECK(fast.Wait(milliseconds(5000)));
    Four().Submit(queue, &high);
    CHECK(high.Wait(milliseconds(5000)));
  }
  CHECK(slow.dones == 0);
  const uint64_t before = slow.blocks_done;
  CHECK(Eventually([&] { return slow.blocks_done > before + 20; }));
  Four().Cancel(queue, &slow);
  CHECK(slow.Wait());
  Four().CloseQueue(queue);
}

TEST_CASE("pool: a long job goes on while short ones never stop coming") {
  Pool& pool = NewPool(1);
  Queue* queue = pool.OpenQueue(1);
  TestJob slow({Grid{.blocks = 100}});
  slow.block = [](TestJob*, uint64_t, uint32_t) { Spin(100); };
  std::atomic<bool> stop{false};
  std::thread feeder([&] {
    std::vector<std::unique_ptr<TestJob>> fast;
    while (!stop) {
      for (int i = 0; i < 20; ++i) {
        fast.push_back(std::make_unique<TestJob>(std::vector<Grid>{Grid{.blocks = 1}}));
        fast.back()->cost_ns = 50000;
        fast.back()->block = [](TestJob*, uint64_t, uint32_t) { Spin(50); };
        pool.Submit(queue, fast.back().get());
      }
      fast[fast.size() - 5]->Wait();
    }
    for (auto& job : fast) job->Wait();
  });
  pool.Submit(queue, &slow);
  CHECK(slow.Wait());
  stop = true;
  feeder.join();
  pool.CloseQueue(queue);
}

TEST_CASE("pool: grows to the largest queue that was opened, and no further") {
  Pool& pool = NewPool(2);
  Queue* small = pool.OpenQueue(0);
  auto together = [&](Queue* queue, uint32_t threads) {
    // Every block waits for all the others: it ends only when there are as many threads.
    std::atomic<uint32_t> arrived{0};
    TestJob job({Grid{.blocks = threads}});
    job.block = [&](TestJob*, uint64_t, uint32_t) {
      arrived.fetch_add(1);
      while (arrived < threads) std::this_thread::yield();
    };
    pool.Submit(queue, &job);
    CHECK(job.Wait());
    CHECK(job.threads_used == threads);
  };
  together(small, 2);
  CHECK(pool.stats().threads_started == 2);
  Queue* large = pool.OpenQueue(9);
  together(large, 9);
  CHECK(pool.stats().threads_started == 9);
  together(small, 2);
  CHECK(Eventually([&] { return pool.stats().threads_parked == 9; }));
  CHECK(pool.stats().jobs_running == 0);
  CHECK(pool.stats().jobs_queued == 0);
  pool.CloseQueue(small);
  pool.CloseQueue(large);
}

TEST_CASE("pool: a running job gets the threads that another leaves") {
  Pool& pool = NewPool(2);
  Queue* queue = pool.OpenQueue(2);
  std::atomic<bool> release{false};
  TestJob first({Grid{.blocks = 1}});
  first.block = [&](TestJob*, uint64_t, uint32_t) {
    while (!release) std::this_thread::yield();
  };
  pool.Submit(queue, &first);
  CHECK(Eventually([&] { return first.started_ns != 0; }));
  std::atomic<uint32_t> arrived{0};
  TestJob second({Grid{.blocks = 2}});
  second.block = [&](TestJob*, uint64_t, uint32_t) {
    arrived.fetch_add(1);
    while (arrived < 2) std::this_thread::yield();
  };
  pool.Submit(queue, &second);
  CHECK(Eventually([&] { return arrived == 1; }));
  release = true;
  CHECK(second.Wait());
  CHECK(first.Wait());
  pool.CloseQueue(queue);
}

TEST_CASE("pool: with fewer threads than hoped for it makes do") {
  Pool& pool = NewPool(4, [](Worker* worker, uint32_t number) {
    return number == 0 && StartThread(
                              number, [](void* context) { static_cast<Worker*>(context)->Live(); }, worker);
  });
  Queue* queue = pool.OpenQueue(0);
  TestJob job({Grid{.blocks = 1000}});
  pool.Submit(queue, &job);
  CHECK(job.Wait());
  CHECK(job.blocks_done == 1000);
  CHECK(pool.stats().threads_started == 1);
  pool.CloseQueue(queue);
}

TEST_CASE("pool: without any thread the submitter does the work") {
  Pool& pool = NewPool(4, [](Worker*, uint32_t) { return false; });
  Queue* queue = pool.OpenQueue(0);
  const std::thread::id here = std::this_thread::get_id();
  TestJob job({Grid{.blocks = 10}});
  job.block = [&](TestJob*, uint64_t, uint32_t) { CHECK(std::this_thread::get_id() == here); };
  pool.Submit(queue, &job);
  CHECK(job.dones == 1);
  CHECK(job.blocks_done == 10);
  pool.CloseQueue(queue);
}

TEST_CASE("pool: RunHere runs all of a job on the calling thread") {
  TestJob job({Grid{.blocks = 10, .grain = 3}, Grid{}, Grid{.blocks = 1}});
  std::vector<uint64_t> order;
  job.block = [&](TestJob* self, uint64_t i, uint32_t strand) { order.push_back(self->phase * 100 + i + strand); };
  RunHere(&job);
  CHECK(job.dones == 1);
  CHECK(job.threads_used == 1);
  CHECK(job.blocks_done == 11);
  CHECK(order == std::vector<uint64_t>{100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 300});
  TestJob cancelled({Grid{.blocks = 10}});
  cancelled.block = [&](TestJob* self, uint64_t i, uint32_t) {
    if (i == 4) self->cancelled = true;
  };
  RunHere(&cancelled);
  CHECK(cancelled.blocks_done == 5);
  CHECK(cancelled.dones == 1);
}

TEST_CASE("pool: jobs may submit jobs") {
  Queue* queue = Four().OpenQueue(1);
  TestJob inner({Grid{.blocks = 4}}), outer({Grid{.blocks = 1}});
  outer.on_done = [&](TestJob*) { Four().Submit(queue, &inner); };
  Four().Submit(queue, &outer);
  CHECK(inner.Wait());
  CHECK(outer.Wait());
  Four().CloseQueue(queue);
}

TEST_CASE("pool: idle threads use no CPU") {
  Queue* queue = Four().OpenQueue(0);
  TestJob job({Grid{.blocks = 100}});
  Four().Submit(queue, &job);
  CHECK(job.Wait());
  CHECK(Eventually([&] { return Four().stats().threads_parked == Four().stats().threads_started; }));
  const clock_t before = clock();
  std::this_thread::sleep_for(milliseconds(200));
  CHECK(static_cast<double>(clock() - before) / CLOCKS_PER_SEC < 0.05);
  Four().CloseQueue(queue);
}

}  // namespace
}  // namespace offloop
