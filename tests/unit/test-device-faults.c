/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Devices after their end, at their end, and on pipes that block. */

#include <string.h>
#include <unistd.h>

#include "fixture.h"

#define SIZE (4 * 1024 * 1024)


static LsockIODevice *
new_buffer (void)
{
  return LSOCK_IO_DEVICE (lsock_buffer_new ());
}

static LsockIODevice *
new_stream (void)
{
  g_autoptr (GInputStream) input = g_memory_input_stream_new_from_data ("data", 4, NULL);

  return LSOCK_IO_DEVICE (lsock_stream_device_new (input, NULL));
}

static void
open_again (LsockIODevice *device)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_ONLY, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_assert_false (lsock_io_device_is_open (device));
}

static void
test_open_after_end (gconstpointer data)
{
  LsockIODevice *(*make) (void) = (LsockIODevice *(*) (void)) data;
  LsockIODevice *device = make ();
  char buffer[8];

  g_test_summary ("open() after the end crashed");

  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_ONLY, NULL));
  g_signal_connect (device, "destroyed", G_CALLBACK (open_again), NULL);
  g_object_run_dispose (G_OBJECT (device));
  open_again (device);
  g_assert_cmpint (lsock_io_device_read (device, buffer, sizeof buffer, NULL), ==, -1);
  g_assert_finalize_object (device);
}

static void
test_read_line_into_end (void)
{
  g_autoptr (LsockBuffer) memory = lsock_buffer_new ();
  LsockIODevice *device = LSOCK_IO_DEVICE (memory);
  g_autoptr (GError) error = NULL;
  guint lines = 0;
  char line[16];

  g_test_summary ("At the end it answered 0, so that a ported `while (… != -1)` never ended");

  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, NULL));
  write_text (device, "one\ntwo");
  g_assert_true (lsock_io_device_reset (device, NULL));
  while (lsock_io_device_read_line_into (device, line, sizeof line, &error) != -1)
    g_assert_cmpuint (++lines, <=, 2);
  g_assert_cmpuint (lines, ==, 2);
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
}

static void
test_socket_read_line_into (Fixture       *fixture,
                            gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  char line[16];

  g_assert_cmpint (lsock_io_device_read_line_into (LSOCK_IO_DEVICE (socket), line, sizeof line, NULL),
                   ==, 0);
  close (peer);
  await (is_unconnected, socket);
  g_assert_cmpint (lsock_io_device_read_line_into (LSOCK_IO_DEVICE (socket), line, sizeof line, NULL),
                   ==, -1);
}


/* A child that copies, on pipes that block */

typedef struct
{
  GSubprocess   *child;
  LsockIODevice *device;
  GByteArray    *got;
  guint          turns;
} Cat;

static gboolean
count_turn (gpointer data)
{
  ((Cat *) data)->turns++;
  return G_SOURCE_CONTINUE;
}

static void
collect (Cat *cat)
{
  g_autoptr (GBytes) bytes = lsock_io_device_read_all (cat->device, NULL);

  if (bytes != NULL)
    g_byte_array_append (cat->got, g_bytes_get_data (bytes, NULL), (guint) g_bytes_get_size (bytes));
}

static void
cat_set_up (Cat *cat)
{
  g_autoptr (GError) error = NULL;

  cat->child = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                 &error, "cat", NULL);
  g_assert_no_error (error);
  cat->device = LSOCK_IO_DEVICE (
    lsock_stream_device_new (g_subprocess_get_stdout_pipe (cat->child),
                             g_subprocess_get_stdin_pipe (cat->child)));
  g_assert_true (lsock_io_device_open (cat->device, LSOCK_OPEN_MODE_READ_WRITE, &error));
  g_assert_no_error (error);
  cat->got = g_byte_array_new ();
}

static void
cat_tear_down (Cat *cat)
{
  lsock_io_device_close (cat->device);
  g_object_unref (cat->device);
  g_subprocess_force_exit (cat->child);
  g_assert_true (g_subprocess_wait (cat->child, NULL, NULL));
  g_object_unref (cat->child);
  g_byte_array_free (cat->got, TRUE);
}

static void
write_load (Cat *cat)
{
  g_autofree guint8 *load = g_malloc (SIZE);

  for (gsize i = 0; i < SIZE; i++)
    load[i] = (guint8) (i * 31 + i / 251);
  g_assert_cmpint (lsock_io_device_write (cat->device, load, SIZE, NULL), ==, SIZE);
}

static void
assert_load (Cat *cat)
{
  g_assert_cmpuint (cat->got->len, ==, SIZE);
  for (gsize i = 0; i < SIZE; i++)
    if (cat->got->data[i] != (guint8) (i * 31 + i / 251))
      g_error ("byte %" G_GSIZE_FORMAT " is another one", i);
}

static gboolean
has_all (gpointer data)
{
  Cat *cat = data;

  collect (cat);
  return cat->got->len >= SIZE;
}

static void
test_blocking_pipe_loop (void)
{
  Cat cat = { 0, };
  guint timer;

  g_test_summary ("The loop was stuck in write(2) while the pipe was full and the child waited to be "
                  "read");

  cat_set_up (&cat);
  timer = g_timeout_add (1, count_turn, &cat);
  write_load (&cat);
  /* Nothing is read, and the loop turns all the same. */
  await_true (cat.turns >= 20);
  await (has_all, &cat);
  assert_load (&cat);
  g_source_remove (timer);
  cat_tear_down (&cat);
}

static void
test_blocking_pipe_waits (void)
{
  Cat cat = { 0, };

  cat_set_up (&cat);
  write_load (&cat);
  while (cat.got->len < SIZE)
    {
      if (lsock_io_device_bytes_available (cat.device) == 0)
        g_assert_true (lsock_io_device_wait_for_ready_read (cat.device, 10000));
      collect (&cat);
    }
  assert_load (&cat);
  cat_tear_down (&cat);
}

static void
test_blocking_pipe_silent (void)
{
  Cat cat = { 0, };

  g_test_summary ("A wait of 20 ms on a descriptor that can block never returned");

  cat_set_up (&cat);
  g_assert_false (lsock_io_device_wait_for_ready_read (cat.device, 20));
  g_assert_false (lsock_io_device_wait_for_ready_read (cat.device, -3));
  g_assert_false (lsock_io_device_wait_for_bytes_written (cat.device, -3));
  cat_tear_down (&cat);
}

static void
test_blocking_pipe_close_full (void)
{
  Cat cat = { 0, };

  g_test_summary ("close() with a full pipe: when the reader had gone, SIGPIPE ended the process");

  cat_set_up (&cat);
  write_load (&cat);
  cat_tear_down (&cat);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/device/open/after-end-buffer", (gconstpointer) new_buffer,
                        test_open_after_end);
  g_test_add_data_func ("/device/open/after-end-stream", (gconstpointer) new_stream,
                        test_open_after_end);
  g_test_add_func ("/device/read-line-into/end", test_read_line_into_end);
  g_test_add ("/device/read-line-into/socket", Fixture, NULL, fixture_set_up,
              test_socket_read_line_into, fixture_tear_down);
  g_test_add_func ("/stream-device/blocking-pipe/loop", test_blocking_pipe_loop);
  g_test_add_func ("/stream-device/blocking-pipe/waits", test_blocking_pipe_waits);
  g_test_add_func ("/stream-device/blocking-pipe/silent", test_blocking_pipe_silent);
  g_test_add_func ("/stream-device/blocking-pipe/close-full", test_blocking_pipe_close_full);

  return g_test_run ();
}
