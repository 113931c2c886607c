/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* gtk-frames SECONDS quiet|traffic|bare [PRIORITY]
 *
 * A window that is painted anew for each frame.  With “traffic” another process sends to it as fast
 * as it can, and what comes is read at low priority; with “bare” by a source of GLib's that calls
 * recv, which shows what the machine has to do with it.  Prints one JSON object: how many frames
 * were painted, how many should have been and were not, the longest time from one to the next, and
 * what was received. */

#include <glib-unix.h>
#include <gtk/gtk.h>
#include <lsock.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What GDK assumes of a display that does not say; and how long a window may take to settle. */
#define INTERVAL (G_USEC_PER_SEC / 60.0)
#define SETTLING (1.5 * G_USEC_PER_SEC)

typedef struct
{
  GMainLoop *loop;
  gint64     duration;
  gint64     first;
  gint64     last;
  gint64     longest;
  int        painted;
  int        missed;
  guint64    received;
} Frames;

static void
draw (GtkDrawingArea *area,
      cairo_t        *cr,
      int             width,
      int             height,
      gpointer        data)
{
  Frames *frames = data;

  cairo_set_source_rgb (cr, 0.2, 0.4, 0.6);
  cairo_rectangle (cr, frames->painted % MAX (width, 1), 0, 40, height);
  cairo_fill (cr);
}

static gboolean
on_tick (GtkWidget     *widget,
         GdkFrameClock *clock,
         gpointer       data)
{
  Frames *frames = data;
  gint64 time = gdk_frame_clock_get_frame_time (clock);

  gtk_widget_queue_draw (widget);
  if (frames->first == 0)
    frames->first = time + SETTLING;
  if (time >= frames->first)
    {
      if (frames->painted++ > 0)
        {
          frames->missed += MAX (lround ((time - frames->last) / INTERVAL) - 1, 0);
          frames->longest = MAX (frames->longest, time - frames->last);
        }
      frames->last = time;
    }
  if (time >= frames->first + frames->duration)
    g_main_loop_quit (frames->loop);

  return G_SOURCE_CONTINUE;
}

static void
on_ready_read (LsockIODevice *device,
               Frames        *frames)
{
  static guint8 buffer[64 * 1024];
  gssize n;

  while ((n = lsock_io_device_read (device, buffer, sizeof buffer, NULL)) > 0)
    frames->received += n;
}

static gboolean
on_readable (int          fd,
             GIOCondition condition,
             gpointer     data)
{
  static guint8 buffer[64 * 1024];
  Frames *frames = data;
  gssize n = recv (fd, buffer, sizeof buffer, 0);

  frames->received += MAX (n, 0);
  return n > 0;
}

static LsockSocket *
receive (Frames *frames,
         int     fd,
         int     priority)
{
  LsockSocket *socket = lsock_socket_new ();
  g_autoptr (GError) error = NULL;

  lsock_socket_set_priority (socket, priority);
  g_signal_connect (socket, "ready-read", G_CALLBACK (on_ready_read), frames);
  if (!lsock_socket_set_socket_descriptor (socket, fd, LSOCK_SOCKET_STATE_CONNECTED,
                                           LSOCK_OPEN_MODE_READ_ONLY, &error))
    g_error ("%s", error->message);
  return socket;
}

/* Returns the end to read from; another process fills the other one until nobody reads any more. */
static int
start_sender (void)
{
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    g_error ("no socket pair");
  if (fork () == 0)
    {
      static char buffer[64 * 1024];

      close (ends[0]);
      while (send (ends[1], buffer, sizeof buffer, MSG_NOSIGNAL) > 0)
        ;
      _exit (EXIT_SUCCESS);
    }
  close (ends[1]);
  return ends[0];
}

static void
show_window (Frames *frames)
{
  GtkWidget *window = gtk_window_new ();
  GtkWidget *area = gtk_drawing_area_new ();

  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw, frames, NULL);
  gtk_widget_add_tick_callback (area, on_tick, frames, NULL);
  gtk_window_set_child (GTK_WINDOW (window), area);
  gtk_window_set_default_size (GTK_WINDOW (window), 320, 240);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int   argc,
      char *argv[])
{
  const char *kind = argc > 2 ? argv[2] : "quiet";
  int priority = argc > 3 ? atoi (argv[3]) : G_PRIORITY_LOW;
  Frames frames = { .duration = (argc > 1 ? atoi (argv[1]) : 10) * G_USEC_PER_SEC };
  g_autoptr (LsockSocket) socket = NULL;
  /* Before GTK starts threads. */
  int fd = strcmp (kind, "quiet") != 0 ? start_sender () : -1;

  gtk_init ();
  frames.loop = g_main_loop_new (NULL, FALSE);
  if (strcmp (kind, "traffic") == 0)
    socket = receive (&frames, fd, priority);
  else if (strcmp (kind, "bare") == 0)
    g_unix_fd_add_full (priority, fd, G_IO_IN, on_readable, &frames, NULL);
  show_window (&frames);
  g_main_loop_run (frames.loop);

  printf ("{\"painted\": %d, \"missed\": %d, \"longest_ms\": %.1f, \"received\": %" G_GUINT64_FORMAT
          "}\n",
          frames.painted, frames.missed, frames.longest / 1000.0, frames.received);
  return EXIT_SUCCESS;
}
