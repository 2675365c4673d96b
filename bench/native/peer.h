// What the programs here share: each waits for lines "<what> <n> <runs>" on its input and answers each with one line of
// times in milliseconds, so that bench/peers.bench.mjs can alternate it with offloop. Inputs are made when they are
// first asked for, and kept.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace peer {

inline double NowMs() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// The inputs of bench/harness/inputs.mjs: mulberry32 (Tommy Ettinger, 2017).
template <typename T>
void FillUniform(T* numbers, size_t n, uint32_t state) {
  for (size_t i = 0; i < n; ++i) {
    state += 0x6d2b79f5u;
    uint32_t bits = (state ^ (state >> 15)) * (1 | state);
    bits = (bits + (bits ^ (bits >> 7)) * (61 | bits)) ^ bits;
    numbers[i] = static_cast<T>(static_cast<double>(bits ^ (bits >> 14)) / 4294967296.0);
  }
}

template <typename T>
T* Allocate(size_t n) {
  void* memory = nullptr;
  if (posix_memalign(&memory, 4096, n * sizeof(T)) != 0) std::abort();
  return static_cast<T*>(memory);
}

// `run(what, n)` does the work once and gives its milliseconds; negative for what it does not know.
template <typename Run>
int Serve(Run run) {
  char what[64];
  size_t n;
  int runs;
  while (std::scanf("%63s %zu %d", what, &n, &runs) == 3) {
    for (int i = 0; i < runs; ++i) std::printf(i == 0 ? "%.6f" : " %.6f", run(what, n));
    std::printf("\n");
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace peer
