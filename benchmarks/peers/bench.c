/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* The work that is being measured. */
static struct
{
  long     warm;
  long     count;
  int64_t  limit;
  long     delay;
  long     done;
  int64_t  start;
  int64_t  last;
  /* What each round trip took, where they come one after the other. */
  int64_t *samples;
} bench;

static int64_t
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (int64_t) time.tv_sec * 1000000000 + time.tv_nsec;
}

void
bench_fail (const char *what)
{
  fprintf (stderr, "%s: %s\n", what, strerror (errno));
  exit (EXIT_FAILURE);
}

static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

/* PEER server|client WORK NAME [KEY=NUMBER…] */
void
bench_options_parse (BenchOptions *self,
                     int           argc,
                     char         *argv[])
{
  struct
  {
    const char *key;
    long       *value;
  } known[] = {
    { "size", &self->size },       { "count", &self->count },   { "warm", &self->warm },
    { "limit", &self->limit },     { "idle", &self->idle },     { "clients", &self->clients },
    { "total", &self->total },     { "chunk", &self->chunk },   { "exchange", &self->exchange },
    { "recurse", &self->recurse }, { "delay", &self->delay },
  };

  *self = (BenchOptions) { .size = 64, .count = 1000, .clients = 1, .chunk = BENCH_BUFFER };
  if (argc < 4 || (strcmp (argv[1], "server") != 0 && strcmp (argv[1], "client") != 0))
    {
      fprintf (stderr, "usage: %s server|client WORK NAME [KEY=NUMBER…]\n", argv[0]);
      exit (2);
    }
  self->serves = strcmp (argv[1], "server") == 0;
  self->work = argv[2];
  self->name = argv[3];

  for (int i = 4; i < argc; i++)
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
      {
        size_t length = strlen (known[k].key);

        if (strncmp (argv[i], known[k].key, length) == 0 && argv[i][length] == '=')
          *known[k].value = atol (argv[i] + length + 1);
      }

  raise_descriptor_limit ();
}

bool
bench_work_is (const BenchOptions *self,
               const char         *work)
{
  return strcmp (self->work, work) == 0;
}

void
bench_run (const BenchOptions *self,
           const BenchWorks   *works)
{
  if (self->serves)
    works->serve ();
  else if (bench_work_is (self, "connect"))
    works->connect ();
  else if (bench_work_is (self, "stream"))
    works->stream ();
  else if (bench_work_is (self, "hold"))
    works->hold ();
  else
    works->trips ();
}

/* One end of a connection; the other stays open, and silent, as long as the process lives. */
int
bench_idle_descriptor (void)
{
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
    bench_fail ("an idle connection");
  return ends[0];
}

/* Whoever started this process waits for the line, and learns whom to end or to look at. */
void
bench_say_ready (void)
{
  printf ("ready %d\n", (int) getpid ());
  fflush (stdout);
}

/* To be called right before the first byte is sent. */
void
bench_begin (const BenchOptions *options)
{
  bench.warm = options->warm;
  bench.count = options->count;
  bench.delay = options->delay;
  bench.limit = (int64_t) options->limit * 1000000;
  bench.done = 0;
  if (options->clients == 1 && options->count > 0)
    bench.samples = calloc (options->count, sizeof *bench.samples);
  bench.start = bench.last = now ();
}

/* To be called after each round trip: whether it was the last one. */
bool
bench_trip_is_over (void)
{
  int64_t time = now ();
  long measured = ++bench.done - bench.warm;

  if (bench.delay > 0)
    usleep (bench.delay);

  if (measured <= 0)
    {
      bench.start = bench.last = time;
      return bench.count == 0 && measured == 0;
    }

  if (bench.samples != NULL)
    bench.samples[measured - 1] = time - bench.last;
  bench.last = time;

  return measured >= bench.count || (bench.limit > 0 && time - bench.start > bench.limit);
}

static int
compare (const void *a,
         const void *b)
{
  int64_t x = *(const int64_t *) a;
  int64_t y = *(const int64_t *) b;

  return x < y ? -1 : x > y;
}

void
bench_report_trips (void)
{
  long n = bench.done - bench.warm;

  printf ("{\"trips\": %ld, \"ns\": %.1f", n, (double) (bench.last - bench.start) / n);
  if (bench.samples != NULL)
    {
      qsort (bench.samples, n, sizeof *bench.samples, compare);
      printf (", \"median_ns\": %" PRId64 ", \"p99_ns\": %" PRId64,
              bench.samples[n / 2], bench.samples[n - 1 - n / 100]);
    }
  printf ("}\n");
  fflush (stdout);
}

void
bench_report_stream (void)
{
  printf ("{\"seconds\": %.6f}\n", (double) (now () - bench.start) / 1e9);
  fflush (stdout);
}

static socklen_t
fill_address (struct sockaddr_un *address,
              const char         *name)
{
  memset (address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  if (strlen (name) >= sizeof address->sun_path)
    {
      errno = ENAMETOOLONG;
      bench_fail (name);
    }
  strcpy (address->sun_path, name);
  return sizeof *address;
}

int
bench_listen (const char *name)
{
  struct sockaddr_un address;
  socklen_t length = fill_address (&address, name);
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0 || bind (fd, (struct sockaddr *) &address, length) < 0 ||
      listen (fd, BENCH_BACKLOG) < 0)
    bench_fail (name);
  return fd;
}

int
bench_connect (const char *name)
{
  struct sockaddr_un address;
  socklen_t length = fill_address (&address, name);
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0 || connect (fd, (struct sockaddr *) &address, length) < 0)
    bench_fail (name);
  return fd;
}

/* Messages fit into the kernel's buffers, so waiting is the exception. */
void
bench_send_all (int         fd,
                const void *data,
                size_t      length)
{
  const char *position = data;

  while (length > 0)
    {
      ssize_t n = send (fd, position, length, MSG_NOSIGNAL);

      if (n < 0 && errno == EAGAIN)
        {
          struct pollfd wait = { .fd = fd, .events = POLLOUT };

          poll (&wait, 1, -1);
          continue;
        }
      if (n < 0)
        bench_fail ("send");
      position += n;
      length -= n;
    }
}
