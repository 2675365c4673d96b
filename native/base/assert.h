// Asserts that stay on in release builds: a broken invariant stops the process with its place, rather than
// reading memory that is not ours. For what a caller can cause, return a Status instead.
#pragma once
#include <cstdio>
#include <cstdlib>

#define OFFLOOP_ASSERT(condition)                                                                       \
  do {                                                                                                  \
    if (!(condition)) [[unlikely]] {                                                                    \
      std::fprintf(stderr, "offloop: broken invariant at %s:%d: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                                     \
    }                                                                                                   \
  } while (0)
