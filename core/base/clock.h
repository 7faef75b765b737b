/* clock.h - wall time, time that passes, the hybrid logical clock and the local calendar.
 *
 * Libraries are given time; only programs read it here.  Local days are Asia/Shanghai, UTC+8 without summer
 * time since 1991, so they are arithmetic. */
#ifndef SUNLIT_BASE_CLOCK_H
#define SUNLIT_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

int64_t clock_wall_ms(void);
/* For waits: it stands still while the machine sleeps, as poll and condition variables do. */
int64_t clock_mono_ms(void);
/* For how long ago something was, by no clock that can be set: it counts while the machine sleeps too. */
int64_t clock_boot_ms(void);

/* Hybrid logical clock (Kulkarni et al. 2014): 48 bits of milliseconds, 16 bits of counter. */
uint64_t hlc_next(uint64_t last, int64_t wall_ms); /* for an event of our own: always > last */
static inline int64_t hlc_ms(uint64_t hlc)
{
  return (int64_t)(hlc >> 16);
}

/* A local date as yyyymmdd, e.g. 20261124. */
int date_of_ms(int64_t ms);
int date_of_civil(int year, int month, int day);
bool date_valid(int date);
int date_add_days(int date, int days);
int date_days_between(int from, int to); /* to - from */
int64_t date_start_ms(int date);         /* local midnight */
/* "2026-11-24" both ways; date_parse accepts exactly that form. */
void date_format(char out[11], int date);
bool date_parse(const char *text, int *date);
/* "2026-11-24T10:42:05.123+08:00" */
void time_format(char out[30], int64_t ms);

#endif
