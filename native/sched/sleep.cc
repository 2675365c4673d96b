#include "sched/sleep.h"

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#else
#include <chrono>
#endif

namespace offloop {

#if defined(__linux__)

namespace {

// Private futexes: the kernel need not look up who else maps the page.
void FutexWait(std::atomic<uint32_t>* word, uint32_t expected, const timespec* timeout) {
  syscall(SYS_futex, reinterpret_cast<uint32_t*>(word), FUTEX_WAIT_PRIVATE, expected, timeout, nullptr, 0);
}

void FutexWakeOne(std::atomic<uint32_t>* word) {
  syscall(SYS_futex, reinterpret_cast<uint32_t*>(word), FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

}  // namespace

void Parker::Park() {
  uint32_t expected = kEmpty;
  if (state_.compare_exchange_strong(expected, kParked, std::memory_order_acquire)) {
    // Signals and stray wake-ups return early; only the token counts.
    while (state_.load(std::memory_order_acquire) == kParked) FutexWait(&state_, kParked, nullptr);
  }
  state_.exchange(kEmpty, std::memory_order_acquire);
}

void Parker::ParkFor(uint64_t nanoseconds) {
  uint32_t expected = kEmpty;
  if (state_.compare_exchange_strong(expected, kParked, std::memory_order_acquire)) {
    timespec timeout;
    timeout.tv_sec = static_cast<time_t>(nanoseconds / 1'000'000'000);
    timeout.tv_nsec = static_cast<long>(nanoseconds % 1'000'000'000);
    FutexWait(&state_, kParked, &timeout);
  }
  state_.exchange(kEmpty, std::memory_order_acquire);
}

void Parker::Unpark() {
  if (state_.exchange(kToken, std::memory_order_acq_rel) == kParked) FutexWakeOne(&state_);
}

#else

void Parker::Park() {
  std::unique_lock<std::mutex> lock(mutex_);
  condition_.wait(lock, [this] { return state_.load(std::memory_order_acquire) == kToken; });
  state_.store(kEmpty, std::memory_order_relaxed);
}

void Parker::ParkFor(uint64_t nanoseconds) {
  std::unique_lock<std::mutex> lock(mutex_);
  condition_.wait_for(lock, std::chrono::nanoseconds(nanoseconds),
                      [this] { return state_.load(std::memory_order_acquire) == kToken; });
  state_.store(kEmpty, std::memory_order_relaxed);
}

void Parker::Unpark() {
  // Notified with the mutex held: parkers are never destroyed, but the token's effect must not outrun the wake-up.
  std::lock_guard<std::mutex> lock(mutex_);
  state_.store(kToken, std::memory_order_release);
  condition_.notify_one();
}

#endif

void EventCount::BeginSearch() { state_.fetch_add(kSearchingOne, std::memory_order_acq_rel); }

bool EventCount::EndSearch() { return state_.fetch_sub(kSearchingOne, std::memory_order_acq_rel) / kSearchingOne == 1; }

void EventCount::PrepareWait(Waiter* waiter) {
  std::lock_guard<std::mutex> lock(mutex_);
  waiter->listed = true;
  waiter->previous = nullptr;
  waiter->next = top_;
  if (top_ != nullptr) top_->previous = waiter;
  top_ = waiter;
  state_.fetch_add(kWaitingOne - kSearchingOne, std::memory_order_acq_rel);
}

void EventCount::CancelWait(Waiter* waiter) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (waiter->listed) {
      (waiter->previous != nullptr ? waiter->previous->next : top_) = waiter->next;
      if (waiter->next != nullptr) waiter->next->previous = waiter->previous;
      waiter->listed = false;
      state_.fetch_add(kSearchingOne - kWaitingOne, std::memory_order_acq_rel);
      return;
    }
  }
  // A notification came in between: its token is on the way and must not end a later wait.
  waiter->parker.Park();
}

void EventCount::CommitWait(Waiter* waiter) { waiter->parker.Park(); }

uint32_t EventCount::SearchersAfterPublish() {
  // An addition of nothing, for its place in the word's history.
  return state_.fetch_add(0, std::memory_order_acq_rel) / kSearchingOne;
}

bool EventCount::Notify() {
  Waiter* waiter;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    waiter = top_;
    if (waiter == nullptr) return false;
    top_ = waiter->next;
    if (top_ != nullptr) top_->previous = nullptr;
    waiter->listed = false;
    state_.fetch_add(kSearchingOne - kWaitingOne, std::memory_order_acq_rel);
  }
  // Outside the mutex, so that the woken thread does not run into it.
  waiter->parker.Unpark();
  return true;
}

}  // namespace offloop
