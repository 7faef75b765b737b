#include "program/measure.h"

#include "core/base/clock.h"
#include "program/people.h"

#include <stdio.h>
#include <unistd.h>

void measure_put(struct buf *out, const char *name, const char *type, const char *help, double value)
{
  char line[512];
  snprintf(line, sizeof line, "# HELP sunlit_%s %s\n# TYPE sunlit_%s %s\nsunlit_%s %.17g\n", name, help, name,
           type, name, value);
  put_text(out, line);
}

static double resident_bytes(void)
{
  long pages = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "re");
  if (!file) return 0;
  int n = fscanf(file, "%ld %ld", &pages, &resident);
  fclose(file);
  return n == 2 ? (double)resident * (double)sysconf(_SC_PAGESIZE) : 0;
}

static void measure_people(const struct people *people, struct buf *out)
{
  struct web_counts web = {0};
  struct listener_counts front = {0};
  people_count(people, &web, &front);
  measure_put(out, "http_requests_total", "counter", "Requests answered or being answered",
              (double)web.requests);
  measure_put(out, "http_active", "gauge", "Requests being answered", (double)web.active);
  measure_put(out, "http_errors_total", "counter", "Answers of 500 and above", (double)web.answered[5]);
  measure_put(out, "http_refused_total", "counter", "Answers from 400 to 499", (double)web.answered[4]);
  measure_put(out, "http_busy_seconds_total", "counter", "Time spent in handlers", (double)web.busy_us / 1e6);
  measure_put(out, "front_connections", "gauge", "Connections of people", (double)front.live);
  measure_put(out, "front_refused_total", "counter", "Connections refused by rate, peer or place",
              (double)(front.refused_rate + front.refused_peer + front.refused_full));
  measure_put(out, "front_handshake_failed_total", "counter", "TLS handshakes that failed",
              (double)front.handshake_failed);
}

void measure_app(struct app *app, struct buf *out)
{
  struct trouble trouble;
  app_trouble(app, &trouble);
  measure_put(out, "start_time_seconds", "gauge", "When this program started",
              (double)app->started_ms / 1000);
  measure_put(out, "resident_bytes", "gauge", "Memory in use", resident_bytes());
  measure_put(out, "trouble", "gauge", "1 while a person is needed: writes fail", trouble.rule[0] ? 1 : 0);
  if (app->people) measure_people(app->people, out);
}
