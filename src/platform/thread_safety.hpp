// SPDX-License-Identifier: MIT
// Words by which clang checks, while it compiles, that what a mutex guards is used only with that mutex held:
// https://clang.llvm.org/docs/ThreadSafetyAnalysis.html. clang-tidy asks for the check; for other compilers they are
// nothing.
//
// A lambda is looked at by itself, as if nothing were held where it runs: it gets what it needs as an argument.
#pragma once

#ifdef __clang__
#define IPCM_THREAD_SAFETY(attribute) __attribute__((attribute))
#else
#define IPCM_THREAD_SAFETY(attribute)
#endif

/// Of a class: its objects can be held.
#define IPCM_CAPABILITY(name) IPCM_THREAD_SAFETY(capability(name))
/// Of a class whose objects hold something for as long as they live.
#define IPCM_SCOPED_CAPABILITY IPCM_THREAD_SAFETY(scoped_lockable)
/// Of a member: it is used with that mutex held; and of a pointer: what it points to is.
#define IPCM_GUARDED_BY(mutex) IPCM_THREAD_SAFETY(guarded_by(mutex))
#define IPCM_PT_GUARDED_BY(mutex) IPCM_THREAD_SAFETY(pt_guarded_by(mutex))
/// Of a function: its caller holds them.
#define IPCM_REQUIRES(...) IPCM_THREAD_SAFETY(requires_capability(__VA_ARGS__))
/// Of a function: it takes them, or lets go of them. Without a name: the object itself.
#define IPCM_ACQUIRE(...) IPCM_THREAD_SAFETY(acquire_capability(__VA_ARGS__))
#define IPCM_RELEASE(...) IPCM_THREAD_SAFETY(release_capability(__VA_ARGS__))
/// Of a function: it ends the process where they are not held.
#define IPCM_ASSERTS_HELD(...) IPCM_THREAD_SAFETY(assert_capability(__VA_ARGS__))
/// Of a function that is not looked at: its comment says why.
#define IPCM_UNCHECKED IPCM_THREAD_SAFETY(no_thread_safety_analysis)

namespace ipcm::platform {

/// std::lock_guard that clang knows.
template <typename Mutex>
class IPCM_SCOPED_CAPABILITY LockGuard {
 public:
  explicit LockGuard(Mutex& mutex) IPCM_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~LockGuard() IPCM_RELEASE() { mutex_.unlock(); }
  LockGuard(const LockGuard&) = delete;
  LockGuard& operator=(const LockGuard&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace ipcm::platform
