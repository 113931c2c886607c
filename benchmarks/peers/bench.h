/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

/* What all peers written in C and C++ share: the command line, the count of round trips, the report.
 * Nothing of GLib is used, so that the bare peers stay bare. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is read and written at most at once. */
#define BENCH_BUFFER (64 * 1024)

/* A writer with so many bytes in its library's queue waits until some have left. */
#define BENCH_MAX_QUEUED (4 * BENCH_BUFFER)

/* Enough for all clients that connect at once, so that no peer meets a full backlog. */
#define BENCH_BACKLOG 4096

typedef struct
{
  const char *work;
  const char *name;
  /* Whether this end is the server. */
  bool serves;

  /* Bytes of a message. */
  long size;
  /* Round trips to be measured, all clients together, and how many to make before that. */
  long count;
  long warm;
  /* Milliseconds after which measuring ends with fewer; 0 for no limit. */
  long limit;
  /* Microseconds from an answer to the next request, where the server is to sleep in between. */
  long delay;
  /* Connections in the same loop on which nothing happens. */
  long idle;
  /* Connections at once. */
  long clients;
  /* Bytes of a stream, and of a piece of it. */
  long total;
  long chunk;
  /* Whether the connections of “hold” have carried a byte each way. */
  long exchange;
  /* Whether a GSource may recurse (only the peer with sources knows it). */
  long recurse;
} BenchOptions;

/* What a peer does by itself, where each work is one function. */
typedef struct
{
  void (*serve)   (void);
  void (*trips)   (void);
  void (*connect) (void);
  void (*stream)  (void);
  void (*hold)    (void);
} BenchWorks;

void bench_options_parse   (BenchOptions *self,
                            int           argc,
                            char         *argv[]);
bool bench_work_is         (const BenchOptions *self,
                            const char         *work);

void bench_run             (const BenchOptions *self,
                            const BenchWorks   *works);

int  bench_idle_descriptor (void);
void bench_say_ready       (void);

void bench_begin           (const BenchOptions *options);
bool bench_trip_is_over    (void);
void bench_report_trips    (void);
void bench_report_stream   (void);

/* For the peers without a library. */
int  bench_listen          (const char *name);
int  bench_connect         (const char *name);
void bench_send_all        (int         fd,
                            const void *data,
                            size_t      length);

void bench_fail            (const char *what) __attribute__ ((noreturn));

#ifdef __cplusplus
}
#endif
