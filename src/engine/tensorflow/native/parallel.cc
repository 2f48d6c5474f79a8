#include "parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <thread>

namespace lightnet {
namespace {

/** Lives as long as the process: its threads sleep between calls and end with it. */
class Pool {
 public:
  explicit Pool(int helpers) {
    for (int i = 0; i < helpers; i++) std::thread([this] { work(); }).detach();
  }

  void run(int count, const std::function<void(int)>& task) {
    std::lock_guard<std::mutex> oneCaller(caller_);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      task_ = &task;
      count_ = count;
      next_ = 0;
      failure_ = nullptr;
      round_++;
    }
    wake_.notify_all();
    takeAll(task, count);
    std::unique_lock<std::mutex> lock(mutex_);
    idle_.wait(lock, [this] { return busy_ == 0; });
    task_ = nullptr;
    if (failure_ != nullptr) std::rethrow_exception(failure_);
  }

 private:
  void takeAll(const std::function<void(int)>& task, int count) {
    try {
      for (int i = next_++; i < count; i = next_++) task(i);
    } catch (...) { // no memory: the caller tells TensorFlow, once all threads have left the task
      std::lock_guard<std::mutex> lock(mutex_);
      failure_ = std::current_exception();
    }
  }

  void work() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (uint64_t seen = 0;;) {
      wake_.wait(lock, [&] { return round_ != seen; });
      seen = round_;
      if (task_ == nullptr) continue;
      const auto* task = task_;
      const int count = count_;
      busy_++;
      lock.unlock();
      takeAll(*task, count);
      lock.lock();
      if (--busy_ == 0) idle_.notify_one();
    }
  }

  std::mutex caller_, mutex_;
  std::condition_variable wake_, idle_;
  const std::function<void(int)>* task_ = nullptr;
  int count_ = 0, busy_ = 0;
  uint64_t round_ = 0;
  std::exception_ptr failure_;
  std::atomic<int> next_{0};
};

} // namespace

int threadCount() {
  static const int count = [] {
    const char* asked = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int number = asked == nullptr ? 0 : std::atoi(asked);
    return number > 0 ? number : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  }();
  return count;
}

void parallelFor(int count, const std::function<void(int)>& run) {
  if (count == 1 || threadCount() == 1) {
    for (int i = 0; i < count; i++) run(i);
    return;
  }
  static Pool* pool = new Pool(threadCount() - 1);
  pool->run(count, run);
}

} // namespace lightnet
