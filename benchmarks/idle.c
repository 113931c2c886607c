/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a round trip costs beside many idle connections: two echo servers, one with nothing else to
 * do and one with idle sockets in the same main context, are asked in turn, round after round.
 * Prints one JSON object. */

#include <lsock.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Many short rounds: what disturbs the machine for a while then disturbs both alike. */
#define ROUNDS 101
#define TRIPS 300
#define MESSAGE 64

static void
on_ready_read (LsockIODevice *device)
{
  guint8 buffer[4096];
  gssize n = lsock_io_device_read (device, buffer, sizeof buffer, NULL);

  lsock_io_device_write (device, buffer, n, NULL);
}

static void
on_disconnected (LsockSocket *socket,
                 GMainLoop   *loop)
{
  g_main_loop_quit (loop);
}

static LsockSocket *
adopt (int fd)
{
  LsockSocket *socket = lsock_socket_new ();
  g_autoptr (GError) error = NULL;

  if (!lsock_socket_set_socket_descriptor (socket, fd, LSOCK_SOCKET_STATE_CONNECTED,
                                           LSOCK_OPEN_MODE_READ_WRITE, &error))
    g_error ("%s", error->message);

  return socket;
}

/* In a child: echoes on @fd, with @n_idle more sockets that nobody writes to. */
static void
serve (int fd,
       int n_idle)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GPtrArray) idle = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (LsockSocket) socket = NULL;

  for (int i = 0; i < n_idle; i++)
    {
      int ends[2];

      if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        g_error ("no descriptor for idle connection %d", i);
      g_ptr_array_add (idle, adopt (ends[0]));
    }

  socket = adopt (fd);
  g_signal_connect (socket, "ready-read", G_CALLBACK (on_ready_read), NULL);
  g_signal_connect (socket, "disconnected", G_CALLBACK (on_disconnected), loop);
  if (write (fd, "r", 1) != 1)
    g_error ("the parent is gone");
  g_main_loop_run (loop);
}

static int
start_server (int    n_idle,
              pid_t *pid)
{
  int ends[2];
  char ready;

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    g_error ("no socket pair");

  *pid = fork ();
  if (*pid == 0)
    {
      close (ends[0]);
      serve (ends[1], n_idle);
      _exit (EXIT_SUCCESS);
    }

  close (ends[1]);
  if (read (ends[0], &ready, 1) != 1)
    g_error ("the server did not start");
  return ends[0];
}

/* Nanoseconds for a round trip. */
static double
time_trips (int fd)
{
  char buffer[MESSAGE] = { 0 };
  gint64 start = g_get_monotonic_time ();

  for (int i = 0; i < TRIPS; i++)
    {
      if (send (fd, buffer, sizeof buffer, 0) != sizeof buffer)
        g_error ("the server does not take it");
      if (recv (fd, buffer, sizeof buffer, MSG_WAITALL) != sizeof buffer)
        g_error ("the server does not answer");
    }

  return (double) (g_get_monotonic_time () - start) * 1000 / TRIPS;
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  double x = *(const double *) a;
  double y = *(const double *) b;

  return x < y ? -1 : x > y;
}

static double
median (double *values)
{
  qsort (values, ROUNDS, sizeof *values, compare);
  return values[ROUNDS / 2];
}

int
main (int   argc,
      char *argv[])
{
  int n_idle = argc > 1 ? atoi (argv[1]) : 5000;
  struct rlimit limit;
  double alone[ROUNDS];
  double beside[ROUNDS];
  double ratio[ROUNDS];
  pid_t pids[2];
  int fds[2];

  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);

  /* With the ends on two processors the figure depends on which of them goes to sleep. */
#ifdef __linux__
  {
    cpu_set_t one;

    CPU_ZERO (&one);
    CPU_SET (0, &one);
    sched_setaffinity (0, sizeof one, &one);
  }
#endif

  fds[0] = start_server (0, &pids[0]);
  fds[1] = start_server (n_idle, &pids[1]);

  time_trips (fds[0]);
  time_trips (fds[1]);
  for (int i = 0; i < ROUNDS; i++)
    {
      alone[i] = time_trips (fds[0]);
      beside[i] = time_trips (fds[1]);
      ratio[i] = beside[i] / alone[i];
    }

  for (int i = 0; i < 2; i++)
    {
      /* A later child has a copy of the descriptor. */
      shutdown (fds[i], SHUT_RDWR);
      close (fds[i]);
      waitpid (pids[i], NULL, 0);
    }

  printf ("{\"idle\": %d, \"alone_ns\": %.0f, \"beside_ns\": %.0f, \"ratio\": %.3f}\n",
          n_idle, median (alone), median (beside), median (ratio));
  return EXIT_SUCCESS;
}
