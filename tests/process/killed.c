#include "tests/process/killed.h"

#include "tests/process/rig.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

static const long changing[] = {
    SYS_pwrite64, SYS_pwritev, SYS_writev,  SYS_fsync,    SYS_fdatasync, SYS_ftruncate,
    SYS_renameat, SYS_linkat,  SYS_mkdirat, SYS_unlinkat, SYS_renameat2,
#ifdef SYS_rename /* processors that are older than the calls with a folder */
    SYS_rename,   SYS_link,    SYS_mkdir,   SYS_unlink,   SYS_rmdir,
#endif
};

static bool is_change(const struct __ptrace_syscall_info *call)
{
  long number = (long)call->entry.nr;
  if (number == SYS_write) return call->entry.args[0] > STDERR_FILENO;
  if (number == SYS_openat) return (call->entry.args[2] & O_CREAT) != 0;
  for (size_t i = 0; i < sizeof changing / sizeof *changing; i++)
    if (number == changing[i]) return true;
  return false;
}

static pid_t spawn(const char *const *argv, const char *said)
{
  pid_t pid = fork();
  if (pid != 0) return pid;
  int out = open(said, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  ptrace(PTRACE_TRACEME, 0, NULL, NULL);
  raise(SIGSTOP);
  char *copy[16] = {NULL};
  for (int i = 0; argv[i] && i < 15; i++)
    copy[i] = strdup(argv[i]);
  execv(copy[0], copy);
  _exit(127);
}

/* -- a disk that fails -- */

/* What the path or the open file of a call names; "" when it cannot be said. */
static void name_of(pid_t thread, const struct __ptrace_syscall_info *call, char out[RIG_PATH_MAX])
{
  static const long first[] = {
#ifdef SYS_rename
      SYS_rename, SYS_link, SYS_mkdir, SYS_unlink, SYS_rmdir,
#endif
  };
  static const long second[] = {SYS_openat,  SYS_renameat, SYS_linkat,
                                SYS_mkdirat, SYS_unlinkat, SYS_renameat2};
  char link[64];
  uint64_t path = 0;
  out[0] = 0;
  for (size_t i = 0; i < sizeof first / sizeof *first; i++)
    if ((long)call->entry.nr == first[i]) path = call->entry.args[0];
  for (size_t i = 0; i < sizeof second / sizeof *second; i++)
    if ((long)call->entry.nr == second[i]) path = call->entry.args[1];
  if (path) {
    struct iovec to = {out, RIG_PATH_MAX - 1}, from = {(void *)(uintptr_t)path, RIG_PATH_MAX - 1};
    ssize_t n = process_vm_readv(thread, &to, 1, &from, 1, 0);
    for (size_t size = RIG_PATH_MAX / 2; n < 0 && size > 8;
         size /= 2) { /* the page behind may not be there */
      to.iov_len = from.iov_len = size;
      n = process_vm_readv(thread, &to, 1, &from, 1, 0);
    }
    out[n > 0 ? n : 0] = 0;
    return;
  }
  snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)thread, (int)call->entry.args[0]);
  ssize_t n = readlink(link, out, RIG_PATH_MAX - 1);
  out[n > 0 ? n : 0] = 0;
}

/* A full disk refuses what needs room; a read-only one everything. */
static bool refuses(const struct __ptrace_syscall_info *call, int error, const char *path)
{
  long number = (long)call->entry.nr;
  if (error == EROFS) return true;
  if (number == SYS_openat) return access(path, F_OK) != 0;
  if (number == SYS_write || number == SYS_pwrite64 || number == SYS_pwritev || number == SYS_writev)
    return true;
#ifdef SYS_rename
  if (number == SYS_mkdir || number == SYS_link) return true;
#endif
  return number == SYS_mkdirat || number == SYS_linkat;
}

/* Opening for writing is no change, and a read-only disk refuses it. */
static bool opens_for_writing(const struct __ptrace_syscall_info *call)
{
  return (long)call->entry.nr == SYS_openat && (call->entry.args[2] & O_ACCMODE) != O_RDONLY;
}

/* The number of the call becomes none, so that it does nothing; its answer is put in its place behind it. */
static void no_call(pid_t thread)
{
#if defined(__x86_64__)
  struct user_regs_struct regs;
  ptrace(PTRACE_GETREGS, thread, NULL, &regs);
  regs.orig_rax = (unsigned long long)-1;
  ptrace(PTRACE_SETREGS, thread, NULL, &regs);
#elif defined(__aarch64__)
  int none = -1;
  struct iovec iov = {&none, sizeof none};
  ptrace(PTRACE_SETREGSET, thread, (void *)NT_ARM_SYSTEM_CALL, &iov);
#else
#error "how does this processor answer a call?"
#endif
}

static void answer_call(pid_t thread, int error)
{
#if defined(__x86_64__)
  struct user_regs_struct regs;
  ptrace(PTRACE_GETREGS, thread, NULL, &regs);
  regs.rax = (unsigned long long)-error;
  ptrace(PTRACE_SETREGS, thread, NULL, &regs);
#elif defined(__aarch64__)
  struct user_regs_struct regs;
  struct iovec iov = {&regs, sizeof regs};
  ptrace(PTRACE_GETREGSET, thread, (void *)NT_PRSTATUS, &iov);
  regs.regs[0] = (unsigned long long)-error;
  ptrace(PTRACE_SETREGSET, thread, (void *)NT_PRSTATUS, &iov);
#endif
}

/* A call that is under way and whose answer is ours: a refused one, or what the file system says it is. */
struct answered {
  pid_t thread;  /* 0: free */
  uint64_t disk; /* where a struct statfs comes to lie; 0: the call is refused */
};

struct failing {
  const struct bad_disk *disk;
  unsigned changes;
  struct answered under_way[64];
};

static struct answered *slot_of(struct failing *f, pid_t thread)
{
  for (size_t i = 0; i < sizeof f->under_way / sizeof *f->under_way; i++)
    if (f->under_way[i].thread == thread) return &f->under_way[i];
  return NULL;
}

static void say_what_it_is(pid_t thread, uint64_t at, int error)
{
  struct statfs disk;
  struct iovec here = {&disk, sizeof disk}, there = {(void *)(uintptr_t)at, sizeof disk};
  if (process_vm_readv(thread, &here, 1, &there, 1, 0) != (ssize_t)sizeof disk) return;
  if (error == EROFS)
    disk.f_flags |= ST_RDONLY;
  else
    disk.f_bavail = disk.f_bfree = 0;
  (void)process_vm_writev(thread, &here, 1, &there, 1, 0);
}

static void begin_answer(struct failing *f, pid_t thread, uint64_t disk)
{
  struct answered *slot = slot_of(f, 0);
  if (!slot) rig_fail("more threads than were thought of");
  *slot = (struct answered){thread, disk};
  if (!disk) no_call(thread);
}

static void end_answer(struct failing *f, pid_t thread)
{
  struct answered *slot = slot_of(f, thread);
  if (!slot) return;
  if (slot->disk)
    say_what_it_is(thread, slot->disk, f->disk->error);
  else
    answer_call(thread, f->disk->error);
  slot->thread = 0;
}

static void begin_call(struct failing *f, pid_t thread, const struct __ptrace_syscall_info *call)
{
  char path[RIG_PATH_MAX];
  bool turned = f->changes >= f->disk->before;
  if (turned && (long)call->entry.nr == SYS_statfs) {
    begin_answer(f, thread, call->entry.args[1]);
    return;
  }
  bool change = is_change(call);
  if (!change && !(f->disk->error == EROFS && opens_for_writing(call))) return;
  name_of(thread, call, path);
  if (strncmp(path, f->disk->folder, strlen(f->disk->folder)) != 0) return;
  f->changes += change;
  if (f->changes >= f->disk->before && refuses(call, f->disk->error, path)) begin_answer(f, thread, 0);
}

static void look_at_call(struct failing *f, pid_t thread)
{
  struct __ptrace_syscall_info call;
  if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, (void *)sizeof call, &call) <= 0) return;
  if (call.op == PTRACE_SYSCALL_INFO_EXIT) end_answer(f, thread);
  if (call.op == PTRACE_SYSCALL_INFO_ENTRY) begin_call(f, thread, &call);
}

/* One stop of one thread: true when the moment to kill has come.  *pass is the signal that it is to get. */
static bool look(pid_t thread, int status, unsigned before, unsigned *changes, int *pass)
{
  struct __ptrace_syscall_info call;
  int sig = WSTOPSIG(status);
  *pass = 0;
  if (sig == (SIGTRAP | 0x80)) {
    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, (void *)sizeof call, &call) <= 0) return false;
    return call.op == PTRACE_SYSCALL_INFO_ENTRY && is_change(&call) && ++*changes == before;
  }
  /* A new thread stops once; ptrace's own events are traps; all else is for the program. */
  if (sig != SIGTRAP && sig != SIGSTOP) *pass = sig;
  return false;
}

static pid_t begin(const char *const *argv, const char *said)
{
  int status = 0;
  pid_t pid = spawn(argv, said);
  if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) rig_fail("cannot trace %s", argv[0]);
  const uintptr_t options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                            PTRACE_O_TRACEVFORK | PTRACE_O_EXITKILL;
  ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)options);
  ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
  return pid;
}

/* The next stop of any thread; false with *status when the command has ended. */
static bool next_stop(const char *name, pid_t pid, pid_t *thread, int *status)
{
  for (;;) {
    *thread = waitpid(-1, status, __WALL);
    if (*thread < 0 && errno == EINTR) continue;
    if (*thread < 0) rig_fail("%s is lost", name);
    if (*thread == pid && (WIFEXITED(*status) || WIFSIGNALED(*status))) return false;
    if (WIFSTOPPED(*status)) return true;
  }
}

int killed_run(const char *const *argv, unsigned before, unsigned *changes, const char *said)
{
  int status = 0;
  pid_t pid = begin(argv, said), thread;
  *changes = 0;
  while (next_stop(argv[0], pid, &thread, &status)) {
    int pass = 0;
    if (look(thread, status, before, changes, &pass))
      kill(pid, SIGKILL); /* instead of the change, and before any further one */
    else
      ptrace(PTRACE_SYSCALL, thread, NULL, (void *)(uintptr_t)pass);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : KILLED;
}

int bad_disk_run(const char *const *argv, const struct bad_disk *disk, unsigned *changes, const char *said)
{
  int status = 0;
  struct failing f = {.disk = disk};
  pid_t pid = begin(argv, said), thread;
  while (next_stop(argv[0], pid, &thread, &status)) {
    int sig = WSTOPSIG(status);
    if (sig == (SIGTRAP | 0x80)) look_at_call(&f, thread);
    bool ours = sig == (SIGTRAP | 0x80) || sig == SIGTRAP || sig == SIGSTOP;
    ptrace(PTRACE_SYSCALL, thread, NULL, (void *)(uintptr_t)(ours ? 0 : sig));
  }
  *changes = f.changes;
  return WIFEXITED(status) ? WEXITSTATUS(status) : KILLED;
}
