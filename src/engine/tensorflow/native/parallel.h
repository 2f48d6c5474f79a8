// Threads of our own: TensorFlow's C API does not lend its pool. As many as TensorFlow uses within an operation.
#pragma once
#include <functional>

namespace lightnet {

/** Threads that work at once: TF_NUM_INTRAOP_THREADS, or the processor's. */
int threadCount();

/** Calls run(0) … run(count − 1), on all threads; returns when all have ended. */
void parallelFor(int count, const std::function<void(int)>& run);

} // namespace lightnet
