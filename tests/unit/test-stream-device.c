/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>

#include "fixture.h"

/* The two ends of a pipe: what is polled. */
typedef struct
{
  LsockIODevice *reader;
  LsockIODevice *writer;
  GString       *log;
} Pipe;

static void
on_ready_read (LsockIODevice *device,
               GString       *log)
{
  g_string_append (log, "ready-read ");
}

static void
on_finished (LsockIODevice *device,
             GString       *log)
{
  g_string_append (log, "finished ");
}

static void
on_bytes_written (LsockIODevice *device,
                  gint64         count,
                  GString       *log)
{
  g_string_append_printf (log, "bytes-written %d ", (int) count);
}

static void
pipe_set_up (Pipe          *pipe,
             gconstpointer  data)
{
  g_autoptr (GInputStream) input = NULL;
  g_autoptr (GOutputStream) output = NULL;
  int fds[2];

  g_assert_true (g_unix_open_pipe (fds, FD_CLOEXEC, NULL));
  g_assert_true (g_unix_set_fd_nonblocking (fds[1], TRUE, NULL));
  input = g_unix_input_stream_new (fds[0], TRUE);
  output = g_unix_output_stream_new (fds[1], TRUE);

  pipe->log = g_string_new (NULL);
  pipe->reader = LSOCK_IO_DEVICE (lsock_stream_device_new (input, NULL));
  pipe->writer = LSOCK_IO_DEVICE (lsock_stream_device_new (NULL, output));
  g_signal_connect (pipe->reader, "ready-read", G_CALLBACK (on_ready_read), pipe->log);
  g_signal_connect (pipe->reader, "read-channel-finished", G_CALLBACK (on_finished), pipe->log);
  g_signal_connect (pipe->writer, "bytes-written", G_CALLBACK (on_bytes_written), pipe->log);
  g_assert_true (lsock_io_device_open (pipe->reader, LSOCK_OPEN_MODE_READ_ONLY, NULL));
  g_assert_true (lsock_io_device_open (pipe->writer, LSOCK_OPEN_MODE_WRITE_ONLY, NULL));
}

static void
pipe_tear_down (Pipe          *pipe,
                gconstpointer  data)
{
  g_assert_finalize_object (G_OBJECT (pipe->reader));
  g_assert_finalize_object (G_OBJECT (pipe->writer));
  g_string_free (pipe->log, TRUE);
}

static void
assert_all (LsockIODevice *device,
            const char    *text)
{
  g_autoptr (GBytes) bytes = lsock_io_device_read_all (device, NULL);

  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text, strlen (text));
}


static void
test_pipe_loop (Pipe          *pipe,
                gconstpointer  data)
{
  g_autoptr (GBytes) end = NULL;
  GError *error = NULL;

  g_assert_true (lsock_io_device_is_sequential (pipe->reader));
  write_text (pipe->writer, "hello\n");
  g_assert_cmpint (lsock_io_device_bytes_to_write (pipe->writer), ==, 6);
  g_assert_cmpstr (pipe->log->str, ==, "");
  await_text (pipe->log, "bytes-written 6 ready-read ");
  g_assert_cmpint (lsock_io_device_bytes_to_write (pipe->writer), ==, 0);
  g_assert_true (lsock_io_device_can_read_line (pipe->reader));
  assert_all (pipe->reader, "hello\n");

  lsock_io_device_close (pipe->writer);
  await_text (pipe->log, "bytes-written 6 ready-read finished ");
  g_assert_true (lsock_io_device_at_end (pipe->reader));
  end = lsock_io_device_read_bytes (pipe->reader, 1, &error);
  g_assert_null (end);
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_error_free (error);
}

static void
test_pipe_waits (Pipe          *pipe,
                 gconstpointer  data)
{
  g_assert_false (lsock_io_device_wait_for_ready_read (pipe->reader, 0));
  g_assert_false (lsock_io_device_wait_for_ready_read (pipe->reader, 20));
  g_assert_false (lsock_io_device_wait_for_bytes_written (pipe->writer, 20));
  write_text (pipe->writer, "abc");
  g_assert_true (lsock_io_device_wait_for_bytes_written (pipe->writer, 10000));
  g_assert_true (lsock_io_device_wait_for_ready_read (pipe->reader, 10000));
  g_assert_cmpstr (pipe->log->str, ==, "bytes-written 3 ready-read ");
  assert_all (pipe->reader, "abc");
}

static void
test_pipe_close_with_data (Pipe          *pipe,
                           gconstpointer  data)
{
  g_autofree char *text = g_strnfill (200 * 1024, 'x');
  g_autoptr (GString) read = g_string_new (NULL);

  g_test_summary ("what was written before close() arrives, more than the pipe holds");

  write_text (pipe->writer, text);
  lsock_io_device_close (pipe->writer);
  while (lsock_io_device_wait_for_ready_read (pipe->reader, 10000))
    {
      g_autoptr (GBytes) bytes = lsock_io_device_read_all (pipe->reader, NULL);

      g_string_append_len (read, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    }
  g_assert_cmpuint (read->len, ==, 200 * 1024);
}

/* Streams that can neither be polled nor seek. */
static LsockIODevice *
new_threaded (const char     *text,
              GOutputStream **sink)
{
  g_autoptr (GInputStream) memory = g_memory_input_stream_new_from_data (g_strdup (text), -1,
                                                                         g_free);
  g_autoptr (GInputStream) input = g_object_new (G_TYPE_BUFFERED_INPUT_STREAM,
                                                 "base-stream", memory, NULL);
  g_autoptr (GCharsetConverter) converter = g_charset_converter_new ("UTF-8", "UTF-8", NULL);
  g_autoptr (GInputStream) last = g_converter_input_stream_new (input, G_CONVERTER (converter));
  g_autoptr (GCharsetConverter) back = g_charset_converter_new ("UTF-8", "UTF-8", NULL);
  g_autoptr (GOutputStream) output = NULL;

  *sink = g_memory_output_stream_new_resizable ();
  output = g_converter_output_stream_new (*sink, G_CONVERTER (back));
  g_filter_output_stream_set_close_base_stream (G_FILTER_OUTPUT_STREAM (output), FALSE);

  return LSOCK_IO_DEVICE (lsock_stream_device_new (last, output));
}

static void
test_threaded_loop (void)
{
  g_autoptr (GOutputStream) sink = NULL;
  LsockIODevice *device = new_threaded ("some text", &sink);
  g_autoptr (GString) log = g_string_new (NULL);

  g_signal_connect (device, "ready-read", G_CALLBACK (on_ready_read), log);
  g_signal_connect (device, "read-channel-finished", G_CALLBACK (on_finished), log);
  g_assert_true (lsock_io_device_is_sequential (device));
  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, NULL));
  await_text (log, "ready-read finished ");
  assert_all (device, "some text");

  g_signal_connect (device, "bytes-written", G_CALLBACK (on_bytes_written), log);
  write_text (device, "abc");
  await_text (log, "ready-read finished bytes-written 3 ");
  g_assert_cmpmem (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (sink)),
                   g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (sink)), "abc", 3);
  g_assert_finalize_object (G_OBJECT (device));
}

static void
test_threaded_waits (void)
{
  g_autoptr (GOutputStream) sink = NULL;
  LsockIODevice *device = new_threaded ("some text", &sink);

  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, NULL));
  g_assert_true (lsock_io_device_wait_for_ready_read (device, 10000));
  assert_all (device, "some text");
  g_assert_false (lsock_io_device_wait_for_ready_read (device, 10000));
  write_text (device, "abc");
  g_assert_true (lsock_io_device_wait_for_bytes_written (device, 10000));
  g_assert_cmpint (lsock_io_device_bytes_to_write (device), ==, 0);
  g_assert_finalize_object (G_OBJECT (device));
}

static void
test_random_access (void)
{
  g_autoptr (GFileIOStream) stream = NULL;
  g_autoptr (GFile) file = g_file_new_tmp (NULL, &stream, NULL);
  g_autofree char *large = g_strnfill (300 * 1024, 'z');
  LsockIODevice *device;
  g_autoptr (GBytes) bytes = NULL;
  GError *error = NULL;

  device = LSOCK_IO_DEVICE (lsock_stream_device_new_for_io_stream (G_IO_STREAM (stream)));
  g_assert_false (lsock_io_device_is_sequential (device));
  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, NULL));
  g_assert_false (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);

  write_text (device, "0123456789");
  g_assert_cmpint (lsock_io_device_pos (device), ==, 10);
  g_assert_cmpint (lsock_io_device_size (device), ==, 10);
  g_assert_true (lsock_io_device_seek (device, 2, NULL));
  bytes = lsock_io_device_read_bytes (device, 3, NULL);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "234", 3);
  write_text (device, "XX");
  assert_all (device, "789");
  g_assert_true (lsock_io_device_at_end (device));
  g_assert_true (lsock_io_device_reset (device, NULL));
  assert_all (device, "01234XX789");

  g_assert_true (lsock_io_device_reset (device, NULL));
  write_text (device, large);
  g_assert_true (lsock_io_device_reset (device, NULL));
  assert_all (device, large);

  lsock_io_device_close (device);
  g_assert_true (g_io_stream_is_closed (G_IO_STREAM (stream)));
  g_assert_false (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, NULL));
  g_assert_finalize_object (G_OBJECT (device));
  g_file_delete (file, NULL, NULL);
}

static void
on_error_string (LsockIODevice *device,
                 GParamSpec    *pspec,
                 GString       *log)
{
  g_string_append_printf (log, "error-string %d ",
                          lsock_io_device_get_error_string (device) != NULL);
}

static void
on_error (LsockStreamDevice *device,
          const GError      *error,
          GString           *log)
{
  g_autoptr (GEnumClass) codes = g_type_class_ref (G_TYPE_IO_ERROR_ENUM);

  g_assert_true (error->domain == G_IO_ERROR);
  g_assert_cmpstr (lsock_io_device_get_error_string (LSOCK_IO_DEVICE (device)), ==, error->message);
  g_string_append_printf (log, "error %s ", g_enum_get_value (codes, error->code)->value_nick);
}

static void
test_broken_pipe (void)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GOutputStream) output = NULL;
  LsockIODevice *device;
  GError *error = NULL;
  int fds[2];

  g_test_summary ("A polled pipe without a reader ended the process: write(2) raises SIGPIPE");

  g_assert_true (g_unix_open_pipe (fds, FD_CLOEXEC, NULL));
  g_assert_true (g_unix_set_fd_nonblocking (fds[1], TRUE, NULL));
  output = g_unix_output_stream_new (fds[1], TRUE);
  device = LSOCK_IO_DEVICE (lsock_stream_device_new (NULL, output));
  g_signal_connect (device, "notify::error-string", G_CALLBACK (on_error_string), log);
  g_signal_connect (device, "error", G_CALLBACK (on_error), log);
  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_WRITE_ONLY, NULL));
  close (fds[0]);

  write_text (device, "lost");
  await_text (log, "error-string 1 error broken-pipe ");
  g_assert_cmpint (lsock_io_device_bytes_to_write (device), ==, 0);
  g_assert_cmpint (lsock_io_device_write (device, (const guint8 *) "x", 1, &error), ==, -1);
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_error_free (error);
  g_assert_finalize_object (G_OBJECT (device));
}

static void
close_device (LsockIODevice *device,
              GParamSpec    *pspec,
              gpointer       data)
{
  if (lsock_io_device_is_open (device))
    lsock_io_device_close (device);
}

static void
test_close_in_open (void)
{
  int fds[2];
  g_autoptr (GInputStream) input = NULL;
  LsockIODevice *device;

  g_test_summary ("A handler of notify::is-open that closed left the streams open for ever");

  g_assert_true (g_unix_open_pipe (fds, FD_CLOEXEC, NULL));
  g_assert_true (g_unix_set_fd_nonblocking (fds[0], TRUE, NULL));
  input = g_unix_input_stream_new (fds[0], TRUE);
  device = LSOCK_IO_DEVICE (lsock_stream_device_new (input, NULL));
  g_signal_connect (device, "notify::is-open", G_CALLBACK (close_device), NULL);
  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_ONLY, NULL));
  g_assert_false (lsock_io_device_is_open (device));
  g_assert_true (g_input_stream_is_closed (input));
  g_assert_false (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_ONLY, NULL));
  g_assert_finalize_object (G_OBJECT (device));
  close (fds[1]);
}

static void
move_device (LsockIODevice *device,
             gboolean      *refused)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GError) error = NULL;

  *refused = !lsock_object_move_to_context (LSOCK_OBJECT (device), context, &error);
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
}

static void
test_pipe_move_while_closing (Pipe          *pipe,
                              gconstpointer  data)
{
  gboolean refused = FALSE;

  g_test_summary ("The rest of a close would run in the old thread while the new one has the device");

  g_signal_connect (pipe->reader, "about-to-close", G_CALLBACK (move_device), &refused);
  lsock_io_device_close (pipe->reader);
  g_assert_true (refused);
  g_assert_false (lsock_io_device_is_open (pipe->reader));
}

/* A device on one end of a pair of sockets whose other end is @peer: through GSocketConnection, or
 * through two streams, which a thread serves if the descriptor blocks. */
enum
{
  ON_CONNECTION = 1 << 0,
  ON_BLOCKING   = 1 << 1,
  IN_WAITS      = 1 << 2,
};

static LsockIODevice *
new_on_pair (int  way,
             int *peer)
{
  int type = SOCK_STREAM | SOCK_CLOEXEC | ((way & ON_BLOCKING) != 0 ? 0 : SOCK_NONBLOCK);
  g_autoptr (GInputStream) input = NULL;
  g_autoptr (GOutputStream) output = NULL;
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GSocket) socket = NULL;
  LsockIODevice *device;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, type, 0, fds), ==, 0);
  g_assert_true (g_unix_set_fd_nonblocking (fds[1], FALSE, NULL));
  *peer = fds[1];
  if ((way & ON_CONNECTION) != 0)
    {
      socket = g_socket_new_from_fd (fds[0], NULL);
      g_assert_nonnull (socket);
      connection = g_socket_connection_factory_create_connection (socket);
      device = LSOCK_IO_DEVICE (lsock_stream_device_new_for_io_stream (G_IO_STREAM (connection)));
    }
  else
    {
      int copy = dup (fds[0]);

      g_assert_cmpint (copy, >=, 0);
      input = g_unix_input_stream_new (fds[0], TRUE);
      output = g_unix_output_stream_new (copy, TRUE);
      device = LSOCK_IO_DEVICE (lsock_stream_device_new (input, output));
    }

  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, NULL));
  return device;
}

static void
test_read_fails (gconstpointer data)
{
  int way = GPOINTER_TO_INT (data);
  g_autoptr (GString) log = g_string_new (NULL);
  LsockIODevice *device;
  int peer;

  g_test_summary ("A failure looked like a clean end");

  device = new_on_pair (way, &peer);
  g_signal_connect (device, "error", G_CALLBACK (on_error), log);
  g_signal_connect (device, "read-channel-finished", G_CALLBACK (on_finished), log);
  write_text (device, "unread");
  while (lsock_io_device_bytes_to_write (device) > 0)
    g_assert_true (lsock_io_device_wait_for_bytes_written (device, 10000));

  /* Unread data that is closed away resets the connection. */
  close (peer);
  if ((way & IN_WAITS) != 0)
    g_assert_false (lsock_io_device_wait_for_ready_read (device, 10000));
  await_text (log, "error broken-pipe finished ");
  settle ();
  g_assert_cmpstr (log->str, ==, "error broken-pipe finished ");
  g_assert_finalize_object (G_OBJECT (device));
}

/* Two pipes; @peer is where the peer reads, and writes. */
static LsockIODevice *
new_on_pipes (int way,
              int peer[2])
{
  g_autoptr (GInputStream) input = NULL;
  g_autoptr (GOutputStream) output = NULL;
  LsockIODevice *device;
  int in[2];
  int out[2];

  g_assert_true (g_unix_open_pipe (in, FD_CLOEXEC, NULL));
  g_assert_true (g_unix_open_pipe (out, FD_CLOEXEC, NULL));
  g_assert_true (g_unix_set_fd_nonblocking (in[0], (way & ON_BLOCKING) == 0, NULL));
  g_assert_true (g_unix_set_fd_nonblocking (out[1], (way & ON_BLOCKING) == 0, NULL));
  peer[0] = out[0];
  peer[1] = in[1];
  input = g_unix_input_stream_new (in[0], TRUE);
  output = g_unix_output_stream_new (out[1], TRUE);
  device = LSOCK_IO_DEVICE (lsock_stream_device_new (input, output));
  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, NULL));
  return device;
}

static gpointer
read_to_end_and_answer (gpointer data)
{
  int *peer = data;
  char buffer[4096];
  gsize total = 0;
  gssize n;

  while ((n = read (peer[0], buffer, sizeof buffer)) > 0)
    total += (gsize) n;

  g_assert_cmpint (write (peer[1], "answer", 6), ==, 6);
  return GSIZE_TO_POINTER (total);
}

static void
on_error_fatal (LsockStreamDevice *device,
                const GError      *error,
                gpointer           data)
{
  g_error ("%s", error->message);
}

static void
test_shutdown_write (gconstpointer data)
{
  int way = GPOINTER_TO_INT (data);
  g_autofree char *large = g_strnfill (1024 * 1024, 'x');
  g_autoptr (GError) error = NULL;
  LsockIODevice *device;
  LsockStreamDevice *streams;
  GThread *thread;
  int peer[2];

  g_test_summary ("The peer reads to the end of what was written, and answers");

  if ((way & ON_CONNECTION) != 0)
    {
      device = new_on_pair (way, &peer[0]);
      peer[1] = peer[0];
    }
  else
    device = new_on_pipes (way, peer);
  streams = LSOCK_STREAM_DEVICE (device);
  g_signal_connect (device, "error", G_CALLBACK (on_error_fatal), NULL);
  write_text (device, large);
  g_assert_true (lsock_stream_device_shutdown_write (streams, &error));
  g_assert_true (lsock_stream_device_shutdown_write (streams, &error));
  g_assert_no_error (error);
  g_assert_cmpint (lsock_io_device_write (device, (const guint8 *) "x", 1, &error), ==, -1);
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);

  thread = g_thread_new ("peer", read_to_end_and_answer, peer);
  if ((way & IN_WAITS) != 0)
    while (lsock_io_device_bytes_available (device) < 6)
      g_assert_true (lsock_io_device_wait_for_ready_read (device, 10000));
  else
    await_true (lsock_io_device_bytes_available (device) == 6);
  assert_all (device, "answer");

  g_assert_cmpuint (GPOINTER_TO_SIZE (g_thread_join (thread)), ==, strlen (large));
  close (peer[0]);
  if (peer[1] != peer[0])
    close (peer[1]);
  g_assert_finalize_object (G_OBJECT (device));
}

static void
test_shutdown_write_refused (void)
{
  g_autoptr (GInputStream) memory = g_memory_input_stream_new_from_data ("x", 1, NULL);
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr (LsockStreamDevice) seekable = lsock_stream_device_new (memory, output);
  g_autoptr (LsockStreamDevice) none = lsock_stream_device_new (NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (lsock_io_device_open (LSOCK_IO_DEVICE (seekable), LSOCK_OPEN_MODE_READ_WRITE,
                                       &error));
  g_assert_false (lsock_stream_device_shutdown_write (seekable, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_assert_cmpstr (lsock_io_device_get_error_string (LSOCK_IO_DEVICE (seekable)), ==,
                   error->message);
  g_clear_error (&error);

  g_assert_false (lsock_stream_device_shutdown_write (none, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
}

static void
add_ways (const char *path,
          void      (*test) (gconstpointer))
{
  static const char * const names[] = {
    "polled", "connection", "blocking", NULL, "polled-waits", "connection-waits", "blocking-waits",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i] != NULL)
      {
        g_autofree char *full = g_strconcat (path, "/", names[i], NULL);

        g_test_add_data_func (full, GUINT_TO_POINTER (i), test);
      }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/stream-device/pipe/loop", Pipe, NULL, pipe_set_up, test_pipe_loop,
              pipe_tear_down);
  g_test_add ("/stream-device/pipe/waits", Pipe, NULL, pipe_set_up, test_pipe_waits,
              pipe_tear_down);
  g_test_add ("/stream-device/pipe/close-with-data", Pipe, NULL, pipe_set_up,
              test_pipe_close_with_data, pipe_tear_down);
  g_test_add_func ("/stream-device/broken-pipe", test_broken_pipe);
  g_test_add_func ("/stream-device/close-in-open", test_close_in_open);
  g_test_add ("/stream-device/pipe/move-while-closing", Pipe, NULL, pipe_set_up,
              test_pipe_move_while_closing, pipe_tear_down);
  g_test_add_func ("/stream-device/threaded/loop", test_threaded_loop);
  g_test_add_func ("/stream-device/threaded/waits", test_threaded_waits);
  g_test_add_func ("/stream-device/random-access", test_random_access);
  add_ways ("/stream-device/read-fails", test_read_fails);
  add_ways ("/stream-device/shutdown-write", test_shutdown_write);
  g_test_add_func ("/stream-device/shutdown-write/refused", test_shutdown_write_refused);

  return g_test_run ();
}
