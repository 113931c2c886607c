/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Blocking calls, and a thread for each connection. */

#include "bench.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static BenchOptions options;

/* Held to count a round trip; which clients share. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void
start_thread (void *(*run) (void *),
              int     fd)
{
  pthread_attr_t attributes;
  pthread_t thread;

  pthread_attr_init (&attributes);
  pthread_attr_setdetachstate (&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize (&attributes, 4 * BENCH_BUFFER);
  if (pthread_create (&thread, &attributes, run, (void *) (intptr_t) fd) != 0)
    bench_fail ("a thread");
  pthread_attr_destroy (&attributes);
}

static void *
serve_socket (void *data)
{
  char buffer[BENCH_BUFFER];
  int fd = (intptr_t) data;
  long received = 0;
  ssize_t n;

  while ((n = recv (fd, buffer, sizeof buffer, 0)) > 0)
    {
      if (!bench_work_is (&options, "sink"))
        bench_send_all (fd, buffer, n);
      else if ((received += n) >= options.total)
        bench_send_all (fd, buffer, 1);
    }
  close (fd);
  return NULL;
}

static void
serve (void)
{
  int listener = bench_listen (options.name);

  /* Their threads would sleep for ever: an open descriptor is all that there is to them. */
  for (long i = 0; i < options.idle; i++)
    bench_idle_descriptor ();
  bench_say_ready ();
  for (;;)
    {
      int fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);

      if (fd < 0)
        bench_fail ("accept");
      start_thread (serve_socket, fd);
    }
}

static void
exchange (int    fd,
          char  *buffer,
          size_t size)
{
  bench_send_all (fd, buffer, size);
  if (recv (fd, buffer, size, MSG_WAITALL) != (ssize_t) size)
    bench_fail ("recv");
}

static void *
run_client (void *data)
{
  char buffer[BENCH_BUFFER];
  int fd = (intptr_t) data;
  bool over = false;

  memset (buffer, 0, sizeof buffer);
  while (!over)
    {
      exchange (fd, buffer, options.size);
      if (options.clients > 1)
        pthread_mutex_lock (&lock);
      over = bench_trip_is_over ();
      if (over)
        {
          bench_report_trips ();
          exit (EXIT_SUCCESS);
        }
      if (options.clients > 1)
        pthread_mutex_unlock (&lock);
    }
  return NULL;
}

static void
run_trips (void)
{
  int *fds = calloc (options.clients, sizeof *fds);

  for (long i = 0; i < options.idle; i++)
    bench_idle_descriptor ();
  for (long i = 0; i < options.clients; i++)
    fds[i] = bench_connect (options.name);

  bench_begin (&options);
  for (long i = 1; i < options.clients; i++)
    start_thread (run_client, fds[i]);
  run_client ((void *) (intptr_t) fds[0]);
}

static void
run_connect (void)
{
  char byte = 0;
  bool over = false;

  bench_begin (&options);
  while (!over)
    {
      int fd = bench_connect (options.name);

      exchange (fd, &byte, 1);
      close (fd);
      over = bench_trip_is_over ();
    }
  bench_report_trips ();
}

static void
run_stream (void)
{
  static char buffer[BENCH_BUFFER];
  long left = options.total;
  int fd = bench_connect (options.name);

  bench_begin (&options);
  while (left > 0)
    {
      long n = left < options.chunk ? left : options.chunk;

      bench_send_all (fd, buffer, n);
      left -= n;
    }
  if (recv (fd, buffer, 1, 0) != 1)
    bench_fail ("recv");
  bench_report_stream ();
}

static void *
hold_client (void *data)
{
  char byte = 0;
  int fd = (intptr_t) data;

  if (options.exchange != 0)
    exchange (fd, &byte, 1);
  recv (fd, &byte, 1, 0);
  return NULL;
}

static void
run_hold (void)
{
  for (long i = 0; i < options.clients; i++)
    start_thread (hold_client, bench_connect (options.name));
  usleep (200000);
  bench_say_ready ();
  pause ();
}

static const BenchWorks works = {
  .serve = serve,
  .trips = run_trips,
  .connect = run_connect,
  .stream = run_stream,
  .hold = run_hold,
};

int
main (int   argc,
      char *argv[])
{
  bench_options_parse (&options, argc, argv);

  bench_run (&options, &works);
  return EXIT_SUCCESS;
}
