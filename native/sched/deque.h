// A work-stealing deque: its owner pushes and pops at the bottom, anyone steals from the top. After Chase and Lev
// (Dynamic circular work-stealing deque, SPAA 2005), with the memory orders worked out by Lê, Pop, Cohen and
// Zappa Nardelli (Correct and efficient work-stealing for weak memory models, PPoPP 2013). Where they use fences
// this uses sequentially consistent accesses, which ThreadSanitizer understands. README.md, "The deque".
#pragma once
#include <atomic>
#include <cstdint>

namespace offloop {

template <typename T>
class Deque {
 public:
  explicit Deque(int64_t capacity = 64) { buffer_.store(new Buffer(capacity, nullptr), std::memory_order_relaxed); }

  Deque(const Deque&) = delete;
  Deque& operator=(const Deque&) = delete;

  ~Deque() {
    for (Buffer* buffer = buffer_.load(std::memory_order_relaxed); buffer != nullptr;) {
      Buffer* older = buffer->older;
      delete buffer;
      buffer = older;
    }
  }

  // Owner only. The index of the item, for Holds().
  int64_t Push(T* item) {
    const int64_t bottom = bottom_.load(std::memory_order_relaxed);
    // Acquire pairs with the CAS of thieves: a slot that they have left may be written over.
    const int64_t top = top_.load(std::memory_order_acquire);
    Buffer* buffer = buffer_.load(std::memory_order_relaxed);
    if (bottom - top >= buffer->capacity) buffer = Grow(buffer, top, bottom);
    buffer->Put(bottom, item);
    // Release pairs with the load of bottom_ in Steal: slot, buffer and the item's own memory come before it.
    bottom_.store(bottom + 1, std::memory_order_release);
    return bottom;
  }

  // Owner only, about an item that it has not popped: whether it is still here. `false` is certain.
  bool Holds(int64_t index) const { return top_.load(std::memory_order_relaxed) <= index; }

  // Owner only. The item pushed last, or null.
  T* Pop() {
    const int64_t bottom = bottom_.load(std::memory_order_relaxed) - 1;
    Buffer* buffer = buffer_.load(std::memory_order_relaxed);
    // This store and the next load must not change places: either a thief sees the lower bottom, or the owner
    // sees the thief's higher top. Both are in the single order of sequentially consistent accesses.
    bottom_.store(bottom, std::memory_order_seq_cst);
    const int64_t top = top_.load(std::memory_order_seq_cst);
    if (top > bottom) {
      bottom_.store(bottom + 1, std::memory_order_release);
      return nullptr;
    }
    T* item = buffer->Get(bottom);
    if (top < bottom) return item;
    // The last item: whoever moves top_ has it.
    if (!MoveTop(top)) item = nullptr;
    bottom_.store(bottom + 1, std::memory_order_release);
    return item;
  }

  // Anyone. The oldest item, or null when there is none or another thread was quicker.
  T* Steal() {
    const int64_t top = top_.load(std::memory_order_seq_cst);
    const int64_t bottom = bottom_.load(std::memory_order_seq_cst);
    if (top >= bottom) return nullptr;
    // Acquire pairs with the store in Grow. An older buffer is as good: its slots from `top` on never change again.
    T* item = buffer_.load(std::memory_order_acquire)->Get(top);
    return MoveTop(top) ? item : nullptr;
  }

  // Anyone; a hint.
  bool Empty() const { return top_.load(std::memory_order_relaxed) >= bottom_.load(std::memory_order_relaxed); }

 private:
  struct Buffer {
    Buffer(int64_t capacity, Buffer* older) : capacity(capacity), older(older), slots(new std::atomic<T*>[capacity]) {}
    ~Buffer() { delete[] slots; }

    // Relaxed: top_ and bottom_ say when a slot holds something. Atomic all the same, because a thief may read a
    // slot while its owner writes the next item to it; the thief's CAS then fails and the value is dropped.
    T* Get(int64_t index) const { return slots[index & (capacity - 1)].load(std::memory_order_relaxed); }
    void Put(int64_t index, T* item) { slots[index & (capacity - 1)].store(item, std::memory_order_relaxed); }

    const int64_t capacity;  // a power of two
    Buffer* const older;     // kept until the deque goes: a slow thief may still read it
    std::atomic<T*>* const slots;
  };

  // Takes the item at `top`, unless somebody else has.
  bool MoveTop(int64_t top) {
    return top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst, std::memory_order_relaxed);
  }

  Buffer* Grow(Buffer* buffer, int64_t top, int64_t bottom) {
    Buffer* wider = new Buffer(buffer->capacity * 2, buffer);
    for (int64_t index = top; index < bottom; ++index) wider->Put(index, buffer->Get(index));
    buffer_.store(wider, std::memory_order_release);
    return wider;
  }

  // Moved up by whoever takes the oldest item (thieves, and the owner for the last one). Only ever grows.
  alignas(64) std::atomic<int64_t> top_{0};
  // Written by the owner alone; thieves read it to know whether there is something at top_.
  alignas(64) std::atomic<int64_t> bottom_{0};
  // Written by the owner when it grows, read by thieves.
  std::atomic<Buffer*> buffer_;
};

}  // namespace offloop
