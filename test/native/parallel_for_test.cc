#include "sched/parallel_for.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "sched/pool.h"
#include "base/clock.h"
#include "sched/thread.h"

namespace offloop {
namespace {

Pool& Four() {
  static Pool* const pool = new Pool(4, nullptr);
  return *pool;
}

// One grid of blocks that call `body`, run to its end.
struct BlockJob : Job {
  uint64_t blocks;
  std::function<void(uint64_t)> body;
  bool started = false;
  std::atomic<bool> finished{false};

  BlockJob(uint64_t blocks, std::function<void(uint64_t)> body) : blocks(blocks), body(std::move(body)) {
    advance = [](Job* job, Grid* next) {
      auto* self = static_cast<BlockJob*>(job);
      next->blocks = self->blocks;
      return !std::exchange(self->started, true);
    };
    run = [](Job* job, uint64_t first, uint64_t last, uint32_t) {
      for (uint64_t i = first; i < last; ++i) static_cast<BlockJob*>(job)->body(i);
    };
    done = [](Job* job) { static_cast<BlockJob*>(job)->finished.store(true, std::memory_order_release); };
  }

  bool Wait() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(40);
    while (!finished.load(std::memory_order_acquire)) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
    return true;
  }
};

bool RunJob(uint64_t blocks, uint32_t max_threads, std::function<void(uint64_t)> body,
            uint32_t* threads_used = nullptr) {
  Queue* queue = Four().OpenQueue(0);
  BlockJob job(blocks, std::move(body));
  job.max_threads = max_threads;
  Four().Submit(queue, &job);
  if (!job.Wait()) return false;
  if (threads_used != nullptr) *threads_used = job.threads_used;
  Four().CloseQueue(queue);
  return true;
}

template <typename Body>
void For(uint64_t count, Body body) {
  ParallelFor(
      count, [](void* context, uint64_t index) { (*static_cast<Body*>(context))(index); }, &body);
}

void Spin(uint64_t microseconds) {
  const uint64_t end = NowNanoseconds() + microseconds * 1000;
  while (NowNanoseconds() < end) Relax();
}

TEST_CASE("parallel_for: runs every index once, in a block and outside of the pool") {
  for (const uint64_t count : {0, 1, 2, 3, 100, 10007}) {
    std::vector<int> runs(count);  // unguarded: the end of the loop is what orders them
    For(count, [&](uint64_t i) { ++runs[i]; });
    CHECK(RunJob(1, 4, [&](uint64_t) {
      For(count, [&](uint64_t i) { ++runs[i]; });
      For(count, [&](uint64_t i) { ++runs[count - 1 - i]; });
    }));
    int wrong = 0;
    for (const int run : runs) wrong += run != 3;
    CHECK(wrong == 0);
  }
}

TEST_CASE("parallel_for: idle threads help, as many as the job may have") {
  for (const uint32_t threads : {1, 2, 4}) {
    std::atomic<int> inside{0}, most{0};
    uint32_t used = 0;
    CHECK(RunJob(
        1, threads,
        [&](uint64_t) {
          For(1000, [&](uint64_t) {
            const int now = ++inside;
            int seen = most;
            while (seen < now && !most.compare_exchange_weak(seen, now)) {
            }
            Spin(100);
            --inside;
          });
        },
        &used));
    CHECK(most <= static_cast<int>(threads));
    CHECK(used <= threads);
    if (threads > 1) CHECK(most > 1);
  }
}

TEST_CASE("parallel_for: loops in loops in blocks add up") {
  for (int round = 0; round < 5; ++round) {
    std::atomic<uint64_t> total{0};
    CHECK(RunJob(6, 4, [&](uint64_t block) {
      For(7, [&](uint64_t i) {
        For(9, [&](uint64_t j) {
          For(11, [&](uint64_t k) { total.fetch_add(block + i * j + k, std::memory_order_relaxed); });
        });
      });
    }));
    uint64_t expected = 0;
    for (uint64_t block = 0; block < 6; ++block) {
      for (uint64_t i = 0; i < 7; ++i) {
        for (uint64_t j = 0; j < 9; ++j) {
          for (uint64_t k = 0; k < 11; ++k) expected += block + i * j + k;
        }
      }
    }
    CHECK(total == expected);
  }
}

uint64_t Fibonacci(uint64_t n) {
  if (n < 2) return n;
  uint64_t parts[2];
  For(2, [&](uint64_t i) { parts[i] = Fibonacci(n - 1 - i); });
  return parts[0] + parts[1];
}

TEST_CASE("parallel_for: deep recursion of tiny loops, by many jobs at once") {
  Queue* queue = Four().OpenQueue(0);
  std::atomic<int> right{0};
  std::vector<std::unique_ptr<BlockJob>> jobs;
  for (int i = 0; i < 8; ++i) {
    jobs.push_back(std::make_unique<BlockJob>(2, [&](uint64_t) { right += Fibonacci(17) == 1597; }));
    jobs.back()->priority = static_cast<Priority>(i % 3);
    Four().Submit(queue, jobs.back().get());
  }
  for (auto& job : jobs) CHECK(job->Wait());
  CHECK(right == 16);
  Four().CloseQueue(queue);
}

TEST_CASE("parallel_for: a loop of a cancelled job still runs all its indices") {
  Queue* queue = Four().OpenQueue(0);
  std::atomic<int> runs{0};
  std::atomic<bool> inside{false};
  BlockJob job(1000, [&](uint64_t) {
    inside = true;
    const int before = runs;
    For(100, [&](uint64_t) {
      Spin(20);
      ++runs;
    });
    CHECK(runs >= before + 100);
  });
  Four().Submit(queue, &job);
  while (!inside) std::this_thread::yield();
  CHECK_FALSE(Four().Cancel(queue, &job));
  CHECK(job.Wait());
  CHECK(runs % 100 == 0);
  CHECK(runs < 1000 * 100);
  Four().CloseQueue(queue);
}

TEST_CASE("parallel_for: a plain loop inside RunHere, on and off the pool") {
  auto run_here = [] {
    BlockJob inner(1, [](uint64_t) {
      const std::thread::id here = std::this_thread::get_id();
      For(50, [&](uint64_t) { CHECK(std::this_thread::get_id() == here); });
    });
    RunHere(&inner);
    CHECK(inner.finished);
  };
  run_here();
  CHECK(RunJob(4, 4, [&](uint64_t) { run_here(); }));
}

TEST_CASE("parallel_reduce: the tree depends on the count alone") {
  // Rounding shows the order of additions.
  for (const uint64_t count : {1, 2, 3, 5, 64, 1000, 40001}) {
    std::vector<double> expected(count);
    auto body = [](void*, uint64_t index, void* partial) {
      const double x = 1.0 / static_cast<double>(3 * index + 1);
      std::memcpy(partial, &x, sizeof(x));
    };
    auto combine = [](void*, void* into, const void* from) {
      *static_cast<double*>(into) += *static_cast<const double*>(from);
    };
    for (uint64_t i = 0; i < count; ++i) body(nullptr, i, &expected[i]);
    for (uint64_t stride = 1; stride < count; stride *= 2) {
      for (uint64_t i = 0; i + stride < count; i += 2 * stride) expected[i] += expected[i + stride];
    }
    std::vector<double> partials(count);
    ParallelReduce(count, sizeof(double), partials.data(), body, combine, nullptr);
    CHECK(partials[0] == expected[0]);
    for (const uint32_t threads : {1, 2, 4}) {
      CHECK(RunJob(1, threads,
                   [&](uint64_t) { ParallelReduce(count, sizeof(double), partials.data(), body, combine, nullptr); }));
      CHECK(partials[0] == expected[0]);
    }
  }
}

}  // namespace
}  // namespace offloop
