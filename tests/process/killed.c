#include "tests/process/killed.h"

#include "tests/process/rig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
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

int killed_run(const char *const *argv, unsigned before, unsigned *changes, const char *said)
{
  int status = 0;
  *changes = 0;
  pid_t pid = spawn(argv, said);
  if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) rig_fail("cannot trace %s", argv[0]);
  const uintptr_t options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                            PTRACE_O_TRACEVFORK | PTRACE_O_EXITKILL;
  ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)options);
  ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
  for (;;) {
    int pass = 0;
    pid_t thread = waitpid(-1, &status, __WALL);
    if (thread < 0 && errno == EINTR) continue;
    if (thread < 0) rig_fail("%s is lost", argv[0]);
    if (thread == pid && WIFEXITED(status)) return WEXITSTATUS(status);
    if (thread == pid && WIFSIGNALED(status)) return KILLED;
    if (!WIFSTOPPED(status)) continue;
    if (look(thread, status, before, changes, &pass))
      kill(pid, SIGKILL); /* instead of the change, and before any further one */
    else
      ptrace(PTRACE_SYSCALL, thread, NULL, (void *)(uintptr_t)pass);
  }
}
