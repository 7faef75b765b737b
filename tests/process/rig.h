/* rig.h - a province of real programs for one test: a hub, nodes, their folders, and a way to stop and kill
 * them.
 *
 * Every program writes its log to FOLDER/NAME.log; when it says "ready", its ports are read from that line.
 * Faults end the test program with one line: there is nothing to go on with. */
#ifndef SUNLIT_TEST_RIG_H
#define SUNLIT_TEST_RIG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { RIG_PATH_MAX = 512 };

struct program {
  char name[24];
  pid_t pid;   /* 0: not running */
  long log_at; /* where the log of this run begins */
  int sync_port, https_port, http_port;
  int64_t ready_ms; /* from fork to "ready", on the monotonic clock */
};

struct rig {
  char folder[200];
  char password[24]; /* the newest one-time password a command printed */
};

__attribute__((noreturn, format(printf, 1, 2))) void rig_fail(const char *format, ...);

/* A fresh folder under `where` (NULL: /tmp). */
void rig_open(struct rig *rig, const char *where);
void rig_close(struct rig *rig); /* removes the folder */
const char *rig_path(const struct rig *rig, const char *name, char out[RIG_PATH_MAX]);

const char *rig_program(bool is_hub); /* the path of its binary */
/* Runs a command to its end; its standard output into out (cut to room), its exit status back. */
int rig_run(char *out, int room, const char *const *argv);
/* sunlit-hub init in FOLDER/hub. */
void rig_init(struct rig *rig);
/* sunlit-hub invite, then sunlit-node enroll in FOLDER/NAME. */
void rig_enroll(struct rig *rig, const char *name, unsigned branch);
/* verify of that folder's store; rig_fail when it does not. */
void rig_verify(const struct rig *rig, bool is_hub, const char *name);

/* A hub runs in FOLDER/NAME; without a name it is called "hub".  Ports 0 are chosen by the kernel at the
 * first start and kept for the next ones. */
void rig_start_hub(const struct rig *rig, struct program *hub);
void rig_start_node(const struct rig *rig, struct program *node, const char *name, int hub_port);
/* Only begins it; rig_ready waits. */
void rig_spawn_hub(const struct rig *rig, struct program *hub);
void rig_spawn_node(const struct rig *rig, struct program *node, const char *name, int hub_port);
void rig_ready(const struct rig *rig, struct program *program);
void rig_stop(struct program *program); /* SIGTERM; must exit 0 */
void rig_kill(struct program *program); /* SIGKILL */
long rig_memory_kb(const struct program *program, bool peak);

void rig_copy(const char *from, const char *to);

int64_t rig_now_us(void);
void rig_sleep_ms(int ms);

#endif
