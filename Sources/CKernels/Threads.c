#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "CKernels.h"

// Threads that wait for work by looking for it for a moment, and only then sleep: waking a sleeping thread costs as much as
// a small layer does. A thread that has not begun when the caller is through has its work taken back, so that nobody waits
// for a thread which the system does not run.

enum { MOST_HELPERS = 255 };
/// How long an idle helper looks for work before it sleeps, in nanoseconds.
enum { PATIENCE = 200000 };

typedef enum { IDLE, OFFERED, RUNNING } State;

typedef struct {
  _Atomic(int) state;
  atomic_bool sleeps;
  pthread_mutex_t mutex;
  pthread_cond_t wakes;
  VitcamWork work;
  void *context;
} Helper;

static Helper helpers[MOST_HELPERS];
static size_t started;
/// Held by the one caller whom the helpers serve.
static pthread_mutex_t served = PTHREAD_MUTEX_INITIALIZER;

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static bool is_offered(Helper *helper) { return atomic_load(&helper->state) == OFFERED; }

static bool finds_work(Helper *helper) {
  int64_t end = nanoseconds() + PATIENCE;
  do {
    for (int i = 0; i < 32; i++) {
      if (is_offered(helper)) return true;
      pause_briefly();
    }
  } while (nanoseconds() < end);
  return false;
}

static void sleep_until_offered(Helper *helper) {
  pthread_mutex_lock(&helper->mutex);
  atomic_store(&helper->sleeps, true);
  while (!is_offered(helper)) pthread_cond_wait(&helper->wakes, &helper->mutex);
  atomic_store(&helper->sleeps, false);
  pthread_mutex_unlock(&helper->mutex);
}

static void *help(void *argument) {
  Helper *helper = argument;
  for (;;) {
    if (!finds_work(helper)) sleep_until_offered(helper);
    int offered = OFFERED;
    if (!atomic_compare_exchange_strong(&helper->state, &offered, RUNNING)) continue;
    helper->work(helper->context);
    atomic_store(&helper->state, IDLE);
  }
  return NULL;
}

/// Starts helpers until there are `count`; returns how many there are of these.
static size_t start(size_t count) {
  if (count > MOST_HELPERS) count = MOST_HELPERS;
  while (started < count) {
    Helper *helper = &helpers[started];
    pthread_mutex_init(&helper->mutex, NULL);
    pthread_cond_init(&helper->wakes, NULL);
    pthread_t thread;
    if (pthread_create(&thread, NULL, help, helper) != 0) return started;
    pthread_detach(thread);
    started++;
  }
  return count;
}

static void offer(Helper *helper, VitcamWork work, void *context) {
  helper->work = work;
  helper->context = context;
  atomic_store(&helper->state, OFFERED);
  if (!atomic_load(&helper->sleeps)) return;
  pthread_mutex_lock(&helper->mutex);
  pthread_cond_signal(&helper->wakes);
  pthread_mutex_unlock(&helper->mutex);
}

/// Takes the work back where it has not begun, else waits for its end.
static void settle(Helper *helper) {
  int offered = OFFERED;
  if (atomic_compare_exchange_strong(&helper->state, &offered, IDLE)) return;
  for (int i = 0; atomic_load(&helper->state) != IDLE; i++) {
    pause_briefly();
    if (i % 1024 == 1023) sched_yield();
  }
}

void vitcam_work_together(size_t threads, VitcamWork work, void *context) {
  if (threads < 2 || pthread_mutex_trylock(&served) != 0) {
    work(context);
    return;
  }
  size_t count = start(threads - 1);
  for (size_t i = 0; i < count; i++) offer(&helpers[i], work, context);
  work(context);
  for (size_t i = 0; i < count; i++) settle(&helpers[i]);
  pthread_mutex_unlock(&served);
}
