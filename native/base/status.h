// Every outcome of native work, in one list: enumerator, code seen by JavaScript's side of the seam, sentence.
#pragma once
#include <cstdint>

namespace offloop {

#define OFFLOOP_STATUS_MAP(X)                                                  \
  X(kOk, 0, "done")                                                            \
  X(kCancelled, 1, "the work was cancelled before it was done")                \
  X(kOutOfMemory, 2, "not enough memory for the result or for working space")  \
  X(kInvalidArgument, 3, "an argument that the JavaScript side let through")   \
  X(kDetached, 4, "the memory of an argument went away before the work began") \
  X(kInternal, 5, "an invariant of the native side was broken")

enum class [[nodiscard]] Status : int32_t{
#define OFFLOOP_STATUS_ENUM(name, value, text) name = value,
    OFFLOOP_STATUS_MAP(OFFLOOP_STATUS_ENUM)
#undef OFFLOOP_STATUS_ENUM
};

inline const char* StatusText(Status status) {
  switch (status) {
#define OFFLOOP_STATUS_TEXT(name, value, text) \
  case Status::name:                           \
    return text;
    OFFLOOP_STATUS_MAP(OFFLOOP_STATUS_TEXT)
#undef OFFLOOP_STATUS_TEXT
  }
  return "unknown status";
}

}  // namespace offloop
