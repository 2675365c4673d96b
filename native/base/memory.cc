#include "base/memory.h"

#include <cstdint>
#include <cstdlib>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#if defined(_WIN32)
#include <malloc.h>
#endif

namespace offloop {
namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kLargest = size_t{1} << 46;

#if defined(__linux__)
// From here up a piece is mapped by itself, so that it goes back to the system when the job is over.
constexpr size_t kMapFrom = kHugePage;

size_t MappedSize(size_t bytes) { return (bytes + kHugePage - 1) / kHugePage * kHugePage; }

void* MapHuge(size_t bytes) {
  // One huge page more than needed, so that an aligned piece can be cut out of the middle.
  const size_t size = MappedSize(bytes);
  void* mapped = mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  const auto start = reinterpret_cast<uintptr_t>(mapped);
  const uintptr_t aligned = (start + kHugePage - 1) & ~(kHugePage - 1);
  if (aligned > start) munmap(mapped, aligned - start);
  const size_t tail = start + kHugePage - aligned;
  if (tail > 0) munmap(reinterpret_cast<void*>(aligned + size), tail);
  void* memory = reinterpret_cast<void*>(aligned);
  madvise(memory, size, MADV_HUGEPAGE);  // advice: where it is not taken, ordinary pages do
  return memory;
}
#endif

}  // namespace

void* AllocateAligned(size_t bytes) {
  if (bytes == 0 || bytes > kLargest) return nullptr;
#if defined(__linux__)
  if (bytes >= kMapFrom) return MapHuge(bytes);
#endif
  const size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
#if defined(_WIN32)
  return _aligned_malloc(rounded, kAlignment);
#else
  return std::aligned_alloc(kAlignment, rounded);
#endif
}

void FreeAligned(void* memory, size_t bytes) {
  if (memory == nullptr) return;
#if defined(__linux__)
  if (bytes >= kMapFrom) {
    munmap(memory, MappedSize(bytes));
    return;
  }
#endif
  (void)bytes;
#if defined(_WIN32)
  _aligned_free(memory);
#else
  std::free(memory);
#endif
}

void AdviseHugePages(void* memory, size_t bytes) {
#if defined(__linux__)
  const auto start = reinterpret_cast<uintptr_t>(memory);
  const uintptr_t first = (start + kHugePage - 1) & ~(kHugePage - 1);
  const uintptr_t end = (start + bytes) & ~(kHugePage - 1);
  if (end > first) madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
#else
  (void)memory;
  (void)bytes;
#endif
}

}  // namespace offloop
