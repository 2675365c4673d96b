#include "sched/sleep.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace offloop {
namespace {

TEST_CASE("parker: a token given first is not lost, and two are one") {
  Parker parker;
  parker.Unpark();
  parker.Unpark();
  parker.Park();
  const auto before = std::chrono::steady_clock::now();
  parker.ParkFor(20'000'000);
  CHECK(std::chrono::steady_clock::now() - before > std::chrono::milliseconds(10));
}

TEST_CASE("parker: ping-pong between two threads") {
  Parker ping, pong;
  int value = 0;  // unguarded: the tokens are its order
  std::thread other([&] {
    for (int i = 0; i < 2000; ++i) {
      ping.Park();
      ++value;
      pong.Unpark();
    }
  });
  for (int i = 0; i < 2000; ++i) {
    ++value;
    ping.Unpark();
    pong.Park();
  }
  other.join();
  CHECK(value == 4000);
}

TEST_CASE("event count: wakes the waiter that came last, and counts") {
  EventCount events;
  EventCount::Waiter first, second;
  CHECK(events.SearchersAfterPublish() == 0);
  CHECK_FALSE(events.Notify());
  events.BeginSearch();
  events.BeginSearch();
  CHECK(events.SearchersAfterPublish() == 2);
  events.PrepareWait(&first);
  events.PrepareWait(&second);
  CHECK(events.waiting() == 2);
  CHECK(events.searching() == 0);
  CHECK(events.Notify());
  CHECK_FALSE(second.listed);
  CHECK(first.listed);
  events.CommitWait(&second);  // returns at once
  CHECK(events.searching() == 1);
  events.CancelWait(&first);
  CHECK(events.waiting() == 0);
  CHECK_FALSE(events.EndSearch());
  CHECK(events.EndSearch());
}

TEST_CASE("event count: a wait that is cancelled after its notification leaves no token behind") {
  EventCount events;
  EventCount::Waiter waiter;
  events.BeginSearch();
  events.PrepareWait(&waiter);
  CHECK(events.Notify());
  events.CancelWait(&waiter);
  const auto before = std::chrono::steady_clock::now();
  waiter.parker.ParkFor(20'000'000);
  CHECK(std::chrono::steady_clock::now() - before > std::chrono::milliseconds(10));
}

// Tickets to be taken by threads that follow the protocol and sleep whenever there are none.
struct TicketOffice {
  EventCount events;
  std::atomic<int> tickets{0}, taken{0};
  std::atomic<bool> over{false};
  std::vector<std::unique_ptr<EventCount::Waiter>> waiters;
  std::vector<std::thread> threads;

  explicit TicketOffice(int consumers) {
    for (int i = 0; i < consumers; ++i) {
      waiters.push_back(std::make_unique<EventCount::Waiter>());
      threads.emplace_back([this, waiter = waiters.back().get()] { Consume(waiter); });
    }
  }
  ~TicketOffice() {
    over.store(true);
    for (auto& waiter : waiters) waiter->parker.Unpark();
    for (std::thread& thread : threads) thread.join();
  }

  void Publish() {
    tickets.fetch_add(1, std::memory_order_relaxed);
    Call();
  }
  void Call() {
    if (events.SearchersAfterPublish() == 0) events.Notify();
  }
  bool Take() {
    int seen = tickets.load(std::memory_order_relaxed);
    while (seen > 0 && !tickets.compare_exchange_weak(seen, seen - 1, std::memory_order_relaxed)) {
    }
    return seen > 0;
  }
  void Consume(EventCount::Waiter* waiter) {
    events.BeginSearch();
    while (!over.load(std::memory_order_relaxed)) {
      if (Take()) {
        if (events.EndSearch() && tickets.load(std::memory_order_relaxed) > 0) Call();
        do {
          taken.fetch_add(1, std::memory_order_relaxed);
        } while (Take());
        events.BeginSearch();
        continue;
      }
      events.PrepareWait(waiter);
      if (tickets.load(std::memory_order_relaxed) > 0 || over.load(std::memory_order_relaxed)) {
        events.CancelWait(waiter);
      } else {
        events.CommitWait(waiter);
      }
    }
    events.EndSearch();
  }
  bool WaitFor(int count) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    // Spins at first: a thread that gives its CPU away is not there when the race is.
    for (int spins = 0; taken.load() < count; ++spins) {
      if (spins < 2000) continue;
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }
};

// A lost wake-up leaves the ticket there with everybody asleep, and no later one comes to the rescue.
TEST_CASE("event count: no wake-up is lost, one ticket at a time") {
  for (const int consumers : {1, 2}) {
    TicketOffice office(consumers);
    for (int i = 1; i <= 20000; ++i) {
      office.Publish();
      if (!office.WaitFor(i)) {
        FAIL("ticket ", i, " was not taken");
        break;
      }
      // A pause of varying length, so that the next ticket meets the consumer at every step of falling asleep.
      for (volatile int pause = i * 7 % 400; pause > 0;) pause = pause - 1;
    }
  }
}

TEST_CASE("event count: no wake-up is lost with several publishers") {
  for (const int producers : {1, 3}) {
    constexpr int kTickets = 30000;
    TicketOffice office(3);
    std::vector<std::thread> makers;
    for (int p = 0; p < producers; ++p) {
      makers.emplace_back([&] {
        for (int i = 0; i < kTickets / producers; ++i) {
          office.Publish();
          // Let the consumers fall asleep now and then: that is where the races are.
          if (i % 64 == 0) std::this_thread::sleep_for(std::chrono::microseconds(20));
        }
      });
    }
    for (std::thread& maker : makers) maker.join();
    CHECK(office.WaitFor(kTickets));
  }
}

}  // namespace
}  // namespace offloop
