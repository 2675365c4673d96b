// How threads of the pool wait without losing a wake-up: a parker for one thread, and an event count over many.
// The protocol and its proof are in README.md, "Sleeping".
#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>
#if !defined(__linux__)
#include <condition_variable>
#endif

namespace offloop {

// Where one thread waits for one token. Unpark() before Park() is not lost; two of them are one.
class Parker {
 public:
  // Owner only: returns when there was a token, and takes it.
  void Park();
  // Owner only: the same, but gives up after a time. May return early.
  void ParkFor(uint64_t nanoseconds);
  // Anyone.
  void Unpark();

 private:
  static constexpr uint32_t kEmpty = 0;
  static constexpr uint32_t kToken = 1;
  static constexpr uint32_t kParked = 2;

  // kEmpty to kParked and back by the owner, anything to kToken by others. The release of Unpark pairs with the
  // acquire of Park, so that what came before the token is seen after it.
  std::atomic<uint32_t> state_{kEmpty};
#if !defined(__linux__)
  std::mutex mutex_;
  std::condition_variable condition_;
#endif
};

// Which threads sleep and which look for work. A thread of the pool is working, searching or waiting:
//
//              BeginSearch              PrepareWait
//     working ------------> searching -------------> waiting --- CommitWait: sleeps until
//             <------------           <-------------           | Notify makes it searching
//               EndSearch     CancelWait, Notify    <----------+
//
// Whoever publishes work calls SearchersAfterPublish() after it. Both counts live in one word and every change, as
// well as that question, is a read-modify-write of it; their order in that word's history is the proof.
class EventCount {
 public:
  struct Waiter {
    Parker parker;
    Waiter* previous = nullptr;
    Waiter* next = nullptr;
    bool listed = false;
  };

  void BeginSearch();
  // True when no other thread searches any more: the caller should look whether there is work for one more.
  bool EndSearch();

  void PrepareWait(Waiter* waiter);
  void CancelWait(Waiter* waiter);
  void CommitWait(Waiter* waiter);

  // After work was published: how many are searching and will find it. When it is none, somebody has to be woken.
  uint32_t SearchersAfterPublish();
  // Wakes the waiter that came last (its caches are the warmest) as a searcher; false when there is none.
  bool Notify();

  // Hints.
  uint32_t waiting() const { return state_.load(std::memory_order_relaxed) & kWaitingMask; }
  uint32_t searching() const { return state_.load(std::memory_order_relaxed) / kSearchingOne; }

 private:
  static constexpr uint32_t kWaitingOne = 1;
  static constexpr uint32_t kWaitingMask = 0xffff;
  static constexpr uint32_t kSearchingOne = 0x10000;

  // Bits 0-15: threads waiting; 16-31: threads searching. Changed by each thread for itself, and by Notify for the
  // thread it wakes. All changes and NeedsNotify are acquire and release, pairing with each other.
  std::atomic<uint32_t> state_{0};
  std::mutex mutex_;       // guards the list, `listed`, and the waiting half of state_
  Waiter* top_ = nullptr;  // the waiters, as a stack
};

}  // namespace offloop
