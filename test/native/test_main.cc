// The C++ tests: everything in native/ that runs without Node. `-tc="pool*"` chooses some.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
