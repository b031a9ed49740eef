// The pieces of the hot path, one by one, in CPU time. run.py runs it and reads its JSON.

#include <benchmark/benchmark.h>

BENCHMARK_MAIN();
