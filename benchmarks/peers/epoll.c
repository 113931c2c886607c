/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What everything else is compared with: a bare level-triggered epoll loop, which receives once for
 * each time that epoll_wait() names a socket. */

#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 64

static BenchOptions options;
static char buffer[BENCH_BUFFER];
static int epoll_fd;

static void
watch (int      fd,
       uint32_t events)
{
  struct epoll_event event = { .events = events, .data.fd = fd };

  if (epoll_ctl (epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
    bench_fail ("epoll_ctl");
}

static void
serve_socket (int   fd,
              long *received)
{
  ssize_t n = recv (fd, buffer, sizeof buffer, 0);

  if (n == 0 || (n < 0 && errno == ECONNRESET))
    close (fd);
  else if (n < 0)
    bench_fail ("recv");
  else if (!bench_work_is (&options, "sink"))
    bench_send_all (fd, buffer, n);
  else if ((*received += n) >= options.total)
    {
      *received = 0;
      bench_send_all (fd, buffer, 1);
    }
}

static void
serve (void)
{
  struct epoll_event events[EVENTS];
  int listener = bench_listen (options.name);
  long received = 0;

  watch (listener, EPOLLIN);
  for (long i = 0; i < options.idle; i++)
    watch (bench_idle_descriptor (), EPOLLIN);
  bench_say_ready ();

  for (;;)
    {
      int n = epoll_wait (epoll_fd, events, EVENTS, -1);

      for (int i = 0; i < n; i++)
        if (events[i].data.fd == listener)
          watch (accept4 (listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), EPOLLIN);
        else
          serve_socket (events[i].data.fd, &received);
    }
}

static int
open_connection (void)
{
  int fd = bench_connect (options.name);

  fcntl (fd, F_SETFL, O_NONBLOCK);
  watch (fd, EPOLLIN);
  return fd;
}

/* Reads answers until bench_trip_is_over(); @got counts what has come, by descriptor. */
static void
make_trips (long *got)
{
  struct epoll_event events[EVENTS];

  for (;;)
    {
      int n = epoll_wait (epoll_fd, events, EVENTS, -1);

      for (int i = 0; i < n; i++)
        {
          int fd = events[i].data.fd;
          ssize_t length = recv (fd, buffer, sizeof buffer, 0);

          if (length <= 0)
            bench_fail ("recv");
          got[fd] += length;
          if (got[fd] < options.size)
            continue;
          got[fd] = 0;
          if (bench_trip_is_over ())
            return;
          bench_send_all (fd, buffer, options.size);
        }
    }
}

static void
run_trips (void)
{
  long *got;
  int *fds = calloc (options.clients, sizeof *fds);

  for (long i = 0; i < options.idle; i++)
    watch (bench_idle_descriptor (), EPOLLIN);
  for (long i = 0; i < options.clients; i++)
    fds[i] = open_connection ();
  got = calloc (fds[options.clients - 1] + 1, sizeof *got);

  bench_begin (&options);
  for (long i = 0; i < options.clients; i++)
    bench_send_all (fds[i], buffer, options.size);
  make_trips (got);
  bench_report_trips ();
}

static void
run_connect (void)
{
  struct epoll_event event;

  bench_begin (&options);
  for (;;)
    {
      int fd = open_connection ();

      bench_send_all (fd, buffer, 1);
      if (epoll_wait (epoll_fd, &event, 1, -1) != 1 || recv (fd, buffer, sizeof buffer, 0) != 1)
        bench_fail ("recv");
      close (fd);
      if (bench_trip_is_over ())
        break;
    }
  bench_report_trips ();
}

static void
run_stream (void)
{
  struct epoll_event event;
  long left = options.total;
  int fd = bench_connect (options.name);

  fcntl (fd, F_SETFL, O_NONBLOCK);
  watch (fd, EPOLLOUT);
  bench_begin (&options);
  while (left > 0)
    {
      ssize_t n = send (fd, buffer, left < options.chunk ? left : options.chunk, MSG_NOSIGNAL);

      if (n > 0)
        left -= n;
      else if (errno != EAGAIN || epoll_wait (epoll_fd, &event, 1, -1) != 1)
        bench_fail ("send");
    }

  event = (struct epoll_event) { .events = EPOLLIN };
  epoll_ctl (epoll_fd, EPOLL_CTL_MOD, fd, &event);
  if (epoll_wait (epoll_fd, &event, 1, -1) != 1 || recv (fd, buffer, 1, 0) != 1)
    bench_fail ("recv");
  bench_report_stream ();
}

static void
run_hold (void)
{
  struct epoll_event event;

  for (long i = 0; i < options.clients; i++)
    {
      int fd = open_connection ();

      if (options.exchange == 0)
        continue;
      bench_send_all (fd, buffer, 1);
      epoll_wait (epoll_fd, &event, 1, -1);
      if (recv (fd, buffer, sizeof buffer, 0) != 1)
        bench_fail ("recv");
    }

  bench_say_ready ();
  for (;;)
    epoll_wait (epoll_fd, &event, 1, -1);
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
  epoll_fd = epoll_create1 (EPOLL_CLOEXEC);

  bench_run (&options, &works);
  return EXIT_SUCCESS;
}
