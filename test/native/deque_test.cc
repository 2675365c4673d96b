#include "sched/deque.h"

#include <doctest/doctest.h>

#include <atomic>
#include <deque>
#include <random>
#include <thread>
#include <vector>

namespace offloop {
namespace {

TEST_CASE("deque: pops what was pushed last and steals what was pushed first, like a plain one") {
  std::vector<int> items(5000);
  Deque<int> deque(2);
  std::deque<int*> expected;
  std::mt19937 random(7);
  size_t pushed = 0;
  for (int step = 0; step < 20000; ++step) {
    const uint32_t choice = random() % 4;
    if (choice < 2 && pushed < items.size()) {
      deque.Push(&items[pushed]);
      expected.push_back(&items[pushed++]);
    } else if (choice == 2) {
      int* item = deque.Pop();
      CHECK(item == (expected.empty() ? nullptr : expected.back()));
      if (!expected.empty()) expected.pop_back();
    } else {
      int* item = deque.Steal();
      CHECK(item == (expected.empty() ? nullptr : expected.front()));
      if (!expected.empty()) expected.pop_front();
    }
    CHECK(deque.Empty() == expected.empty());
  }
}

TEST_CASE("deque: holds an item until it is stolen") {
  int items[2];
  Deque<int> deque;
  const int64_t first = deque.Push(&items[0]);
  const int64_t second = deque.Push(&items[1]);
  CHECK(deque.Holds(first));
  CHECK(deque.Steal() == &items[0]);
  CHECK_FALSE(deque.Holds(first));
  CHECK(deque.Holds(second));
}

TEST_CASE("deque: every item is taken exactly once while it grows and thieves are at it") {
  constexpr int kItems = 100000, kThieves = 3;
  struct Item {
    int value = 0;  // written before the push, read by the taker: ThreadSanitizer sees a missing order
    std::atomic<int> taken{0};
  };
  std::vector<Item> items(kItems);
  Deque<Item> deque(2);
  std::atomic<bool> over{false};
  std::atomic<int> stolen{0};
  auto take = [](Item* item, int index) {
    CHECK(item->value == index + 1);
    item->taken.fetch_add(1, std::memory_order_relaxed);
  };
  std::vector<std::thread> thieves;
  for (int i = 0; i < kThieves; ++i) {
    thieves.emplace_back([&] {
      for (;;) {
        const bool last = over.load(std::memory_order_acquire);
        Item* item = deque.Steal();
        if (item != nullptr) {
          take(item, static_cast<int>(item - items.data()));
          stolen.fetch_add(1, std::memory_order_relaxed);
        } else if (last && deque.Empty()) {
          return;
        }
      }
    });
  }
  std::mt19937 random(3);
  int popped = 0;
  for (int i = 0; i < kItems;) {
    // Bursts make it grow, the pops in between bring it down to the last item, where all compete.
    for (uint32_t burst = random() % 40; burst > 0 && i < kItems; --burst, ++i) {
      items[i].value = i + 1;
      deque.Push(&items[i]);
    }
    for (uint32_t pops = random() % 40; pops > 0; --pops) {
      Item* item = deque.Pop();
      if (item == nullptr) break;
      take(item, static_cast<int>(item - items.data()));
      ++popped;
    }
  }
  over.store(true, std::memory_order_release);
  for (std::thread& thief : thieves) thief.join();
  CHECK(popped + stolen.load() == kItems);
  int wrong = 0;
  for (Item& item : items) wrong += item.taken.load() != 1;
  CHECK(wrong == 0);
}

// With one or two items at a time, nearly every pop meets a thief at the last one.
TEST_CASE("deque: the last item goes to the owner or to a thief, not to both and not to none") {
  constexpr int kRounds = 400000;
  Deque<int> deque(2);
  int item = 0;
  std::atomic<bool> over{false};
  std::atomic<int64_t> stolen{0};
  std::vector<std::thread> thieves;
  for (int i = 0; i < 2; ++i) {
    thieves.emplace_back([&] {
      int64_t count = 0;
      while (!over.load(std::memory_order_relaxed)) count += deque.Steal() != nullptr;
      stolen.fetch_add(count);
    });
  }
  int64_t pushed = 0, popped = 0;
  for (int i = 0; i < kRounds; ++i) {
    deque.Push(&item);
    ++pushed;
    if (i % 3 == 0) {
      deque.Push(&item);
      ++pushed;
      popped += deque.Pop() != nullptr;
    }
    popped += deque.Pop() != nullptr;
  }
  while (deque.Pop() != nullptr) ++popped;
  over = true;
  for (std::thread& thief : thieves) thief.join();
  CHECK(popped + stolen == pushed);
}

}  // namespace
}  // namespace offloop
