// How fast memory can be read at all: the sum of n float64 that nothing but the memory holds up, on one thread ("one"),
// on two ("two"), and on two from huge pages ("two-huge"). The second thread waits in a spin loop, so that no wake-up
// is in the time.
#include <sys/mman.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "peer.h"

namespace {

#if defined(__x86_64__)
#define LIMITS_SUM(name, isa, bytes)                                                          \
  __attribute__((target(isa))) double name(const double* x, size_t n) {                       \
    typedef double Vector __attribute__((vector_size(bytes), aligned(8), may_alias));         \
    constexpr size_t kLanes = (bytes) / sizeof(double);                                       \
    Vector a{}, b{}, c{}, d{}, e{}, f{}, g{}, h{};                                            \
    size_t i = 0;                                                                             \
    for (; i + 8 * kLanes <= n; i += 8 * kLanes) {                                            \
      const auto* v = reinterpret_cast<const Vector*>(x + i);                                 \
      a += v[0], b += v[1], c += v[2], d += v[3], e += v[4], f += v[5], g += v[6], h += v[7]; \
    }                                                                                         \
    const Vector all = ((a + b) + (c + d)) + ((e + f) + (g + h));                             \
    double total = 0;                                                                         \
    for (size_t lane = 0; lane < kLanes; ++lane) total += all[lane];                          \
    for (; i < n; ++i) total += x[i];                                                         \
    return total;                                                                             \
  }
LIMITS_SUM(Sum512, "avx512f", 64)
LIMITS_SUM(Sum256, "avx2", 32)
#endif

double SumPlain(const double* x, size_t n) {
  double lanes[8] = {};
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (size_t lane = 0; lane < 8; ++lane) lanes[lane] += x[i + lane];
  }
  double total = 0;
  for (const double lane : lanes) total += lane;
  for (; i < n; ++i) total += x[i];
  return total;
}

using Sum = double (*)(const double*, size_t);

Sum ChooseSum() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return Sum512;
  if (__builtin_cpu_supports("avx2")) return Sum256;
#endif
  return SumPlain;
}

void Relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

const Sum sum = ChooseSum();
volatile double sink;

// The second half of an array, on a thread that lives for one batch.
struct Second {
  const double* x;
  size_t n;
  std::atomic<uint32_t> asked{0};     // counts up: by the first thread; release, for x and n
  std::atomic<uint32_t> answered{0};  // follows: by the second; release, for total
  std::atomic<bool> over{false};
  double total = 0;

  void Live() {
    for (uint32_t seen = 0;;) {
      while (asked.load(std::memory_order_acquire) == seen) {
        if (over.load(std::memory_order_relaxed)) return;
        Relax();
      }
      total = sum(x, n);
      answered.store(++seen, std::memory_order_release);
    }
  }
};

struct Array {
  double* numbers = nullptr;
  size_t n = 0;

  const double* Get(size_t wanted, bool huge) {
    if (n == wanted) return numbers;
    std::free(numbers);
    constexpr size_t kHuge = size_t{2} << 20;
    void* memory = nullptr;
    if (posix_memalign(&memory, kHuge, (wanted * sizeof(double) + kHuge - 1) / kHuge * kHuge) != 0) std::abort();
    madvise(memory, wanted * sizeof(double), huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    numbers = static_cast<double*>(memory);
    n = wanted;
    peer::FillUniform(numbers, n, 1);
    return numbers;
  }
};

double SumByTwo(const double* x, size_t n) {
  Second second{x + n / 2, n - n / 2};
  std::thread thread(&Second::Live, &second);
  double best = 0;
  // The first goes uncounted: the thread has to come up.
  for (uint32_t i = 1; i <= 2; ++i) {
    const double start = peer::NowMs();
    second.asked.store(i, std::memory_order_release);
    const double first = sum(x, n / 2);
    while (second.answered.load(std::memory_order_acquire) != i) Relax();
    sink = first + second.total;
    best = peer::NowMs() - start;
  }
  second.over.store(true, std::memory_order_relaxed);
  thread.join();
  return best;
}

double Run(const char* what, size_t n) {
  static Array small_pages, huge_pages;
  if (std::strcmp(what, "one") == 0) {
    const double* x = small_pages.Get(n, false);
    const double start = peer::NowMs();
    sink = sum(x, n);
    return peer::NowMs() - start;
  }
  if (std::strcmp(what, "two") == 0) return SumByTwo(small_pages.Get(n, false), n);
  if (std::strcmp(what, "two-huge") == 0) return SumByTwo(huge_pages.Get(n, true), n);
  return -1;
}

}  // namespace

int main() { return peer::Serve(Run); }
