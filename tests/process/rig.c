#include "tests/process/rig.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { READY_WAIT_MS = 20000, FIRST_PORT = 10000, PORT_BLOCKS = 350, BLOCK_PORTS = 64 };

void rig_fail(const char *format, ...)
{
  va_list args;
  va_start(args, format);
  fprintf(stderr, "FAILED: ");
  vfprintf(stderr, format, args);
  fprintf(stderr, "\n");
  va_end(args);
  exit(1);
}

int64_t rig_now_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void rig_sleep_ms(int ms)
{
  struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000L};
  while (nanosleep(&t, &t) != 0 && errno == EINTR)
    ;
}

void rig_open(struct rig *rig, const char *where)
{
  snprintf(rig->folder, sizeof rig->folder, "%.150s/sunlit-rig-XXXXXX", where ? where : "/tmp");
  if (!mkdtemp(rig->folder)) rig_fail("no folder %s: %s", rig->folder, strerror(errno));
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
  (void)st;
  (void)flag;
  (void)at;
  return remove(path);
}

void rig_close(struct rig *rig)
{
  if (getenv("SUNLIT_KEEP"))
    printf("kept %s\n", rig->folder);
  else
    nftw(rig->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *rig_path(const struct rig *rig, const char *name, char out[RIG_PATH_MAX])
{
  snprintf(out, RIG_PATH_MAX, "%s/%s", rig->folder, name);
  return out;
}

/* exec wants char *; it does not write to them. */
static void exec_now(const char *const *argv)
{
  char *copy[24];
  int n = 0;
  for (; argv[n] && n < 23; n++)
    copy[n] = strdup(argv[n]);
  copy[n] = NULL;
  execv(copy[0], copy);
  fprintf(stderr, "cannot run %s: %s\n", copy[0], strerror(errno));
  _exit(127);
}

int rig_run(char *out, int room, const char *const *argv)
{
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) rig_fail("no pipe");
  pid_t pid = fork();
  if (pid == 0) {
    dup2(ends[1], STDOUT_FILENO);
    exec_now(argv);
  }
  close(ends[1]);
  int size = 0;
  ssize_t n;
  char rest[512];
  while ((n = read(ends[0], size < room - 1 ? out + size : rest,
                   size < room - 1 ? (size_t)(room - 1 - size) : sizeof rest)) > 0)
    if (size < room - 1) size += (int)n;
  out[size] = 0;
  close(ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void keep_password(struct rig *rig, const char *text)
{
  const char *at = strstr(text, "one-time password: ");
  if (!at) rig_fail("no one-time password in: %s", text);
  snprintf(rig->password, sizeof rig->password, "%.19s", at + strlen("one-time password: "));
}

void rig_init(struct rig *rig)
{
  char dir[RIG_PATH_MAX], out[1024];
  const char *const argv[] = {HUB_PROGRAM, "init", "--dir", rig_path(rig, "hub", dir), NULL};
  if (rig_run(out, sizeof out, argv) != 0) rig_fail("sunlit-hub init");
  keep_password(rig, out);
}

void rig_enroll(struct rig *rig, const char *name, unsigned branch)
{
  char hub[RIG_PATH_MAX], dir[RIG_PATH_MAX], code[16], line[512], out[1024];
  snprintf(code, sizeof code, "%u", branch);
  const char *const invite[] = {HUB_PROGRAM, "invite", "--dir", rig_path(rig, "hub", hub),
                                "--branch",  code,     NULL};
  if (rig_run(line, sizeof line, invite) != 0) rig_fail("sunlit-hub invite %u", branch);
  const char *const enroll[] = {NODE_PROGRAM, "enroll", "--dir", rig_path(rig, name, dir),
                                "--invite",   line,     NULL};
  if (rig_run(out, sizeof out, enroll) != 0) rig_fail("sunlit-node enroll %u", branch);
  keep_password(rig, out);
}

const char *rig_program(bool is_hub)
{
  return is_hub ? HUB_PROGRAM : NODE_PROGRAM;
}

void rig_verify(const struct rig *rig, bool is_hub, const char *name)
{
  char dir[RIG_PATH_MAX], out[4096];
  const char *const argv[] = {rig_program(is_hub), "verify", "--dir", rig_path(rig, name, dir), NULL};
  if (rig_run(out, sizeof out, argv) != 0) rig_fail("verify of %s: %s", name, out);
}

static void spawn(const struct rig *rig, struct program *program, const char *const *argv)
{
  char log[RIG_PATH_MAX], file[64];
  struct stat st;
  snprintf(file, sizeof file, "%s.log", program->name);
  rig_path(rig, file, log);
  program->log_at = stat(log, &st) == 0 ? st.st_size : 0;
  program->ready_ms = rig_now_us() / 1000;
  program->pid = fork();
  if (program->pid != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nothing running */
  int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(out, STDERR_FILENO);
  dup2(out, STDOUT_FILENO);
  exec_now(argv);
}

static bool is_free(int port)
{
  const int yes = 1;
  struct sockaddr_in at = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  bool free = bind(fd, (const struct sockaddr *)&at, sizeof at) == 0;
  close(fd);
  return free;
}

/* A program keeps its ports over its restarts, so they lie below those that the kernel gives to others in
 * between; tests that run beside each other take theirs from blocks of their own. */
static void keep_port(int *port)
{
  static int taken;
  for (int i = 0; !*port && i < PORT_BLOCKS * BLOCK_PORTS; i++, taken++) {
    int block = ((int)getpid() + taken / BLOCK_PORTS) % PORT_BLOCKS;
    int next = FIRST_PORT + block * BLOCK_PORTS + taken % BLOCK_PORTS;
    if (is_free(next)) *port = next;
  }
  if (!*port) rig_fail("no port is free");
}

static void keep_ports(struct program *program, bool is_hub)
{
  if (is_hub) keep_port(&program->sync_port);
  keep_port(&program->https_port);
  keep_port(&program->http_port);
}

void rig_spawn_hub(const struct rig *rig, struct program *hub)
{
  char dir[RIG_PATH_MAX], sync[32], https[32], http[16];
  if (!hub->name[0]) snprintf(hub->name, sizeof hub->name, "hub");
  keep_ports(hub, true);
  snprintf(sync, sizeof sync, "127.0.0.1:%d", hub->sync_port);
  snprintf(https, sizeof https, "127.0.0.1:%d", hub->https_port);
  snprintf(http, sizeof http, "%d", hub->http_port);
  const char *const argv[] = {HUB_PROGRAM,       "run", "--dir",    rig_path(rig, hub->name, dir),
                              "--sync",          sync,  "--listen", https,
                              "--loopback-http", http,  NULL};
  spawn(rig, hub, argv);
}

void rig_spawn_node(const struct rig *rig, struct program *node, const char *name, int hub_port)
{
  char dir[RIG_PATH_MAX], hub[32], https[32], http[16];
  snprintf(node->name, sizeof node->name, "%s", name);
  keep_ports(node, false);
  snprintf(hub, sizeof hub, "127.0.0.1:%d", hub_port);
  snprintf(https, sizeof https, "127.0.0.1:%d", node->https_port);
  snprintf(http, sizeof http, "%d", node->http_port);
  const char *const argv[] = {NODE_PROGRAM,      "run", "--dir",    rig_path(rig, name, dir),
                              "--hub",           hub,   "--listen", https,
                              "--loopback-http", http,  NULL};
  spawn(rig, node, argv);
}

/* The line "... ready in 12 ms: sync 1, https 2, http 3" of this run's part of the log. */
static bool read_ready(const struct rig *rig, struct program *program)
{
  char log[RIG_PATH_MAX], file[64], line[1024];
  snprintf(file, sizeof file, "%s.log", program->name);
  FILE *in = fopen(rig_path(rig, file, log), "re");
  if (!in) return false;
  fseek(in, program->log_at, SEEK_SET);
  bool found = false;
  while (!found && fgets(line, sizeof line, in)) {
    const char *at = strstr(line, " ready in ");
    if (!at || !strchr(line, '\n')) continue;
    const char *sync = strstr(at, "sync "), *https = strstr(at, "https "), *http = strstr(at, "http ");
    if (sync) program->sync_port = atoi(sync + 5);
    if (https) program->https_port = atoi(https + 6);
    if (http) program->http_port = atoi(http + 5);
    found = true;
  }
  fclose(in);
  return found;
}

void rig_ready(const struct rig *rig, struct program *program)
{
  for (int64_t begun = rig_now_us() / 1000; rig_now_us() / 1000 - begun < READY_WAIT_MS; rig_sleep_ms(2)) {
    int status = 0;
    if (read_ready(rig, program)) {
      program->ready_ms = rig_now_us() / 1000 - program->ready_ms;
      return;
    }
    if (waitpid(program->pid, &status, WNOHANG) == program->pid)
      rig_fail("%s ended at its start; see %s/%s.log", program->name, rig->folder, program->name);
  }
  rig_fail("%s is not ready after %d ms; see %s", program->name, READY_WAIT_MS, rig->folder);
}

void rig_start_hub(const struct rig *rig, struct program *hub)
{
  rig_spawn_hub(rig, hub);
  rig_ready(rig, hub);
}

void rig_start_node(const struct rig *rig, struct program *node, const char *name, int hub_port)
{
  rig_spawn_node(rig, node, name, hub_port);
  rig_ready(rig, node);
}

void rig_stop(struct program *program)
{
  int status = 0;
  if (!program->pid) return;
  kill(program->pid, SIGTERM);
  waitpid(program->pid, &status, 0);
  program->pid = 0;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    rig_fail("%s did not drain and exit 0 on SIGTERM (status %d)", program->name, status);
}

void rig_kill(struct program *program)
{
  if (!program->pid) return;
  kill(program->pid, SIGKILL);
  waitpid(program->pid, NULL, 0);
  program->pid = 0;
}

long rig_memory_kb(const struct program *program, bool peak)
{
  char path[64], line[256];
  long kb = 0;
  snprintf(path, sizeof path, "/proc/%ld/status", (long)program->pid);
  FILE *in = fopen(path, "re");
  while (in && fgets(line, sizeof line, in))
    if (sscanf(line, peak ? "VmHWM: %ld" : "VmRSS: %ld", &kb) == 1) break;
  if (in) fclose(in);
  return kb;
}

void rig_copy(const char *from, const char *to)
{
  struct stat st;
  int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (in < 0 || out < 0 || fstat(in, &st) != 0) rig_fail("cannot copy %s", from);
  for (off_t left = st.st_size; left > 0;) {
    ssize_t n = sendfile(out, in, NULL, (size_t)left);
    if (n <= 0) rig_fail("cannot copy %s", from);
    left -= n;
  }
  close(in);
  close(out);
}
