/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every public call of a device inside each of its signals and notifications: devices on streams
 * that are polled, that a thread serves and that have random access, buffers, and classes of a
 * program's own. */

#include <errno.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fixture.h"
#include "matrix.h"
#include "memory-devices.h"

#define TEXT "a line\nand more"

typedef enum
{
  POLLED,
  BLOCKING,      /* a thread serves it */
  BUFFERED,      /* likewise: it cannot be polled */
  SEEKABLE,
  BUFFER,
  PIPE,
  BYTES,
  DISK,
  N_KINDS
} Kind;

static const char * const kind_names[] = {
  "polled", "blocking", "buffered", "seekable", "buffer", "pipe", "bytes", "disk",
};

typedef enum
{
  OPEN,
  DATA,
  DATA_IN_WAIT,
  READ,
  WRITE,
  WRITE_IN_WAIT,
  PEER_CLOSES,
  PEER_CLOSES_IN_WAIT,
  BROKEN,
  BROKEN_IN_WAIT,
  PROPERTIES,
  FAMILY,
  MOVE,
  TRANSACTION,
  CLOSE,
  CLOSE_LATE,    /* when something has to be written */
  DISPOSE,
  N_MOMENTS
} Moment;

static const char * const moment_names[] = {
  "open", "data", "data-in-wait", "read", "write", "write-in-wait", "peer-closes",
  "peer-closes-in-wait", "broken", "broken-in-wait", "properties", "family", "move",
  "transaction", "close", "close-late", "dispose",
};

static const char * const signal_names[] = {
  "ready-read", "bytes-written", "about-to-close", "read-channel-finished", "destroyed", NULL,
};
static const char * const stream_signal_names[] = {
  "ready-read", "bytes-written", "about-to-close", "read-channel-finished", "destroyed", "error",
  NULL,
};

typedef struct
{
  MatrixCase base;
  Kind       kind;
  int        peer;          /* of a stream on a descriptor, or -1 */
  int        input_gone;    /* the streams that close descriptors, which another thread may do */
  int        output_gone;
  guint      heard;         /* emissions that the moment waits for */
} Case;


/* The calls that only some devices know, or that open and close them */

static void
call_open (MatrixCase *test,
           gpointer    device)
{
  lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, NULL);
}

static void
call_reopen (MatrixCase *test,
             gpointer    device)
{
  lsock_io_device_close (device);
  lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, NULL);
}

static void
call_set_open_mode (MatrixCase *test,
                    gpointer    device)
{
  if (lsock_io_device_is_open (device))
    lsock_io_device_set_open_mode (device, LSOCK_OPEN_MODE_READ_ONLY);
}

static void
call_seek (MatrixCase *test,
           gpointer    device)
{
  lsock_io_device_seek (device, 2, NULL);
}

static void
call_reset (MatrixCase *test,
            gpointer    device)
{
  lsock_io_device_reset (device, NULL);
}

static void
call_wait_for_ready_read (MatrixCase *test,
                          gpointer    device)
{
  lsock_io_device_wait_for_ready_read (device, 2);
}

static void
call_wait_for_bytes_written (MatrixCase *test,
                             gpointer    device)
{
  lsock_io_device_wait_for_bytes_written (device, 2);
}

static void
call_set_data (MatrixCase *test,
               gpointer    device)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (TEXT, strlen (TEXT));

  if (LSOCK_IS_BUFFER (device) && !lsock_io_device_is_open (device))
    lsock_buffer_set_data (device, bytes);
}

static void
call_shutdown_write (MatrixCase *test,
                     gpointer    device)
{
  if (LSOCK_IS_STREAM_DEVICE (device))
    lsock_stream_device_shutdown_write (device, NULL);
}

static const MatrixCall special_calls[] = {
  { "open", MATRIX_STAYS, call_open },
  { "reopen", MATRIX_STAYS, call_reopen },
  { "set-open-mode", MATRIX_STAYS, call_set_open_mode },
  { "seek", MATRIX_STAYS, call_seek },
  { "reset", MATRIX_STAYS, call_reset },
  { "wait-for-ready-read", MATRIX_STAYS, call_wait_for_ready_read },
  { "wait-for-bytes-written", MATRIX_STAYS, call_wait_for_bytes_written },
  { "set-data", MATRIX_STAYS, call_set_data },
  { "shutdown-write", MATRIX_STAYS, call_shutdown_write },
  { .name = NULL },
};

static const MatrixCall * const all_calls[] = {
  matrix_object_calls, matrix_device_calls, special_calls,
};


/* The devices */

static LsockIODevice *
device_of (Case *test)
{
  return LSOCK_IO_DEVICE (test->base.reference);
}

static gboolean
is_on_descriptor (Kind kind)
{
  return kind == POLLED || kind == BLOCKING || kind == BUFFERED;
}

static void
on_stream_gone (gpointer flag)
{
  set_flag (flag, NULL);
}

static LsockStreamDevice *
new_on_descriptor (Case *test)
{
  g_autoptr (GInputStream) input = NULL;
  g_autoptr (GOutputStream) output = NULL;
  int type = SOCK_STREAM | SOCK_CLOEXEC | (test->kind == POLLED ? SOCK_NONBLOCK : 0);
  int pair[2];
  int copy;

  g_assert_cmpint (socketpair (AF_UNIX, type, 0, pair), ==, 0);
  copy = dup (pair[0]);
  g_assert_cmpint (copy, >=, 0);
  test->peer = pair[1];
  input = g_unix_input_stream_new (pair[0], TRUE);
  output = g_unix_output_stream_new (copy, TRUE);
  g_object_set_data_full (G_OBJECT (input), "gone", &test->input_gone, on_stream_gone);
  g_object_set_data_full (G_OBJECT (output), "gone", &test->output_gone, on_stream_gone);

  if (test->kind == BUFFERED)
    {
      g_autoptr (GInputStream) outer_input = g_buffered_input_stream_new (input);
      g_autoptr (GOutputStream) outer_output = g_buffered_output_stream_new (output);

      return lsock_stream_device_new (outer_input, outer_output);
    }

  return lsock_stream_device_new (input, output);
}

static LsockStreamDevice *
new_seekable (void)
{
  g_autoptr (GInputStream) input = g_memory_input_stream_new_from_data (TEXT, -1, NULL);
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();

  return lsock_stream_device_new (input, output);
}

static Memory *
memory_of (gpointer device)
{
  if (TEST_IS_PIPE (device))
    return &TEST_PIPE (device)->memory;
  if (TEST_IS_BYTES (device))
    return &TEST_BYTES (device)->memory;
  if (TEST_IS_DISK (device))
    return &TEST_DISK (device)->memory;

  return NULL;
}

static GType
type_of (Kind kind)
{
  switch (kind)
    {
    case BUFFER:
      return LSOCK_TYPE_BUFFER;

    case PIPE:
      return TEST_TYPE_PIPE;

    case BYTES:
      return TEST_TYPE_BYTES;

    case DISK:
      return TEST_TYPE_DISK;

    case POLLED:
    case BLOCKING:
    case BUFFERED:
    case SEEKABLE:
    case N_KINDS:
    default:
      return LSOCK_TYPE_STREAM_DEVICE;
    }
}

static gpointer
new_device (Case *test)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (TEXT, strlen (TEXT));
  gpointer device;

  if (is_on_descriptor (test->kind))
    return new_on_descriptor (test);
  if (test->kind == SEEKABLE)
    return new_seekable ();

  device = g_object_new (type_of (test->kind), NULL);
  if (test->kind == BUFFER)
    lsock_buffer_set_data (device, bytes);
  else
    memory_feed (memory_of (device), TEXT);

  return device;
}


/* The checks */

static void
assert_consistent (gpointer object)
{
  LsockIODevice *device = object;
  LsockOpenMode mode = lsock_io_device_get_open_mode (device);

  g_assert_cmpint (lsock_io_device_is_open (device), ==, mode != LSOCK_OPEN_MODE_NOT_OPEN);
  g_assert_cmpint (lsock_io_device_is_readable (device), ==,
                   (mode & LSOCK_OPEN_MODE_READ_ONLY) != 0);
  g_assert_cmpint (lsock_io_device_is_writable (device), ==,
                   (mode & LSOCK_OPEN_MODE_WRITE_ONLY) != 0);
  g_assert_cmpint (lsock_io_device_bytes_available (device), >=, 0);
  g_assert_cmpint (lsock_io_device_bytes_to_write (device), >=, 0);

  if (mode == LSOCK_OPEN_MODE_NOT_OPEN)
    {
      g_assert_false (lsock_io_device_can_read_line (device));
      g_assert_true (lsock_io_device_at_end (device));
      g_assert_cmpint (lsock_io_device_pos (device), ==, 0);
      g_assert_cmpint (lsock_io_device_bytes_to_write (device), ==, 0);
    }
}

/* Nothing more can be waited for, or it was heard. */
static gboolean
is_over (gpointer data)
{
  Case *test = data;
  LsockIODevice *device;

  if (test->base.reference == NULL || test->heard > 0)
    return TRUE;

  device = device_of (test);
  return !lsock_io_device_is_open (device) ||
         lsock_object_get_signals_blocked (LSOCK_OBJECT (device)) ||
         lsock_object_get_main_context (LSOCK_OBJECT (device)) == test->base.context;
}

static void
on_heard (LsockIODevice *device,
          Case          *test)
{
  test->heard++;
}

static void
on_written (LsockIODevice *device,
            gint64         count,
            Case          *test)
{
  test->heard++;
}

static void
on_error_string (LsockIODevice *device,
                 GParamSpec    *pspec,
                 Case          *test)
{
  test->heard++;
}


/* The moments */

/* What the moment causes, awaited in the loop or by a wait of the device's.  A device that is not
 * on a descriptor emits nothing by itself. */
static void
await_heard (Case     *test,
             gboolean  in_wait,
             gboolean  for_writing)
{
  if (!is_on_descriptor (test->kind))
    return;

  if (in_wait && for_writing)
    lsock_io_device_wait_for_bytes_written (device_of (test), 10000);
  else if (in_wait)
    lsock_io_device_wait_for_ready_read (device_of (test), 10000);
  await (is_over, test);
}

static void
data_arrives (Case     *test,
              gboolean  in_wait)
{
  LsockIODevice *device = device_of (test);

  g_signal_connect (device, "ready-read", G_CALLBACK (on_heard), test);
  if (test->peer >= 0)
    raw_write (test->peer, TEXT);
  else if (memory_of (device) != NULL)
    g_signal_emit_by_name (device, "ready-read");
  await_heard (test, in_wait, FALSE);
}

static void
write_some (Case     *test,
            gboolean  in_wait)
{
  LsockIODevice *device = device_of (test);

  g_signal_connect (device, "bytes-written", G_CALLBACK (on_written), test);
  if (lsock_io_device_write (device, (const guint8 *) TEXT, strlen (TEXT), NULL) > 0)
    await_heard (test, in_wait, TRUE);
}

static void
peer_closes (Case     *test,
             gboolean  in_wait)
{
  g_signal_connect (device_of (test), "read-channel-finished", G_CALLBACK (on_heard), test);
  if (test->peer >= 0)
    shutdown (test->peer, SHUT_WR);
  await_heard (test, in_wait, FALSE);
}

static void
break_down (Case     *test,
            gboolean  in_wait)
{
  LsockIODevice *device = device_of (test);

  g_signal_connect (device, "notify::error-string", G_CALLBACK (on_error_string), test);
  if (test->peer >= 0)
    shutdown (test->peer, SHUT_RD);
  else if (memory_of (device) != NULL)
    memory_of (device)->fail = TRUE;
  if (lsock_io_device_write (device, (const guint8 *) TEXT, strlen (TEXT), NULL) > 0)
    await_heard (test, in_wait, TRUE);
}

static void
read_some (Case *test)
{
  LsockIODevice *device = device_of (test);

  for (guint i = 0; matrix_device_calls[i].name != NULL && test->base.reference != NULL; i++)
    if (strstr (matrix_device_calls[i].name, "read") != NULL ||
        strstr (matrix_device_calls[i].name, "peek") != NULL ||
        strstr (matrix_device_calls[i].name, "skip") != NULL)
      matrix_device_calls[i].call (&test->base, device);
}

static void
set_properties (Case *test)
{
  call_set_open_mode (&test->base, device_of (test));
  if (test->base.reference != NULL)
    lsock_io_device_set_text_mode (device_of (test), TRUE);
  if (test->base.reference != NULL)
    lsock_io_device_set_error_string (device_of (test), "set");
  if (test->base.reference != NULL)
    lsock_object_set_name (LSOCK_OBJECT (test->base.reference), "named");
}

static void
change_family (Case *test)
{
  g_autoptr (LsockObject) child = lsock_object_new ();

  lsock_object_set_parent (child, test->base.reference);
  if (test->base.reference != NULL)
    lsock_object_block_signals (LSOCK_OBJECT (test->base.reference), TRUE);
  if (test->base.reference != NULL)
    lsock_object_block_signals (LSOCK_OBJECT (test->base.reference), FALSE);
  if (test->base.reference != NULL)
    lsock_object_set_parent (LSOCK_OBJECT (test->base.reference), NULL);
  lsock_object_set_parent (child, NULL);
}

static void
move_away (Case *test)
{
  g_autoptr (GError) error = NULL;

  lsock_object_set_parent (LSOCK_OBJECT (test->base.reference), NULL);
  if (test->base.reference != NULL &&
      !lsock_object_move_to_context (LSOCK_OBJECT (test->base.reference), test->base.context,
                                     &error))
    g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
}

static void
run_transaction (Case *test)
{
  LsockIODevice *device = device_of (test);
  char buffer[3];

  if (lsock_io_device_is_open (device))
    lsock_io_device_start_transaction (device);
  if (test->base.reference != NULL && lsock_io_device_is_open (device))
    lsock_io_device_read (device, buffer, sizeof buffer, NULL);
  if (test->base.reference != NULL && lsock_io_device_is_transaction_started (device))
    lsock_io_device_rollback_transaction (device);
}

static void
happen (Case   *test,
        Moment  moment)
{
  LsockIODevice *device = device_of (test);

  switch (moment)
    {
    case OPEN:
      lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, NULL);
      break;

    case DATA:
    case DATA_IN_WAIT:
      data_arrives (test, moment == DATA_IN_WAIT);
      break;

    case READ:
      data_arrives (test, FALSE);
      if (test->base.reference != NULL)
        read_some (test);
      break;

    case WRITE:
    case WRITE_IN_WAIT:
      write_some (test, moment == WRITE_IN_WAIT);
      break;

    case PEER_CLOSES:
    case PEER_CLOSES_IN_WAIT:
      peer_closes (test, moment == PEER_CLOSES_IN_WAIT);
      break;

    case BROKEN:
    case BROKEN_IN_WAIT:
      break_down (test, moment == BROKEN_IN_WAIT);
      break;

    case PROPERTIES:
      set_properties (test);
      break;

    case FAMILY:
      change_family (test);
      break;

    case MOVE:
      move_away (test);
      break;

    case TRANSACTION:
      run_transaction (test);
      break;

    case CLOSE:
      lsock_io_device_close (device);
      break;

    case CLOSE_LATE:
      lsock_io_device_write (device, (const guint8 *) TEXT, strlen (TEXT), NULL);
      if (test->base.reference != NULL)
        lsock_io_device_close (device);
      break;

    case DISPOSE:
      g_object_run_dispose (G_OBJECT (device));
      break;

    case N_MOMENTS:
    default:
      g_assert_not_reached ();
    }
}

/* A device that has no stream that its close closes can be opened again, whatever happened. */
static void
assert_usable (Case *test)
{
  LsockIODevice *device = device_of (test);
  g_autoptr (GError) error = NULL;

  test->base.silent = TRUE;
  if (memory_of (device) != NULL)
    memory_of (device)->fail = FALSE;
  lsock_io_device_close (device);
  g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, &error));
  g_assert_no_error (error);
  write_text (device, "x");
  lsock_io_device_close (device);
}

static gboolean
can_be_opened_again (Case *test)
{
  return !is_on_descriptor (test->kind) && test->kind != SEEKABLE &&
         test->base.reference != NULL;
}

/* Emissions of @signal in that moment, while @call is made inside. */
static guint
run_case (Kind              kind,
          Moment            moment,
          const char       *signal,
          const MatrixCall *call,
          gboolean          ended)
{
  Case test = { .base = { .call = call, .check = assert_consistent }, .kind = kind, .peer = -1 };
  LsockIODevice *device = new_device (&test);
  guint emissions;

  if (moment != OPEN)
    g_assert_true (lsock_io_device_open (device, LSOCK_OPEN_MODE_READ_WRITE, NULL));
  matrix_begin (&test.base, device, signal);
  happen (&test, moment);
  matrix_iterate (&test.base);

  emissions = test.base.emissions;
  if (test.base.reference != NULL)
    {
      assert_consistent (device);
      g_signal_handlers_disconnect_by_data (device, &test);
    }
  if (can_be_opened_again (&test) && !ended)
    assert_usable (&test);

  matrix_end (&test.base);
  if (is_on_descriptor (kind))
    {
      g_autoptr (GBytes) rest G_GNUC_UNUSED = raw_read (test.peer, G_MAXSIZE);

      close (test.peer);
      await (is_set, &test.input_gone);
      await (is_set, &test.output_gone);
    }

  return emissions;
}

/* Calls that end the device, which then stays closed. */
static gboolean
ends (const char *name)
{
  return g_str_equal (name, "dispose") || g_str_equal (name, "delete-later") ||
         g_str_equal (name, "owner-ends");
}

/* The streams and the list of children are set once; some kinds emit less. */
static gboolean
is_emitted (Kind        kind,
            const char *signal)
{
  if (g_str_has_suffix (signal, "-stream") || g_str_equal (signal, "notify::children"))
    return FALSE;
  if (g_str_equal (signal, "read-channel-finished") || g_str_equal (signal, "error"))
    return is_on_descriptor (kind);
  if (g_str_equal (signal, "bytes-written"))
    return is_on_descriptor (kind) || kind == BUFFER;
  if (g_str_equal (signal, "ready-read"))
    return kind != SEEKABLE;

  return TRUE;
}

static void
test_kind (gconstpointer data)
{
  Kind kind = (Kind) GPOINTER_TO_INT (data);
  GType type = type_of (kind);
  gboolean streams = type == LSOCK_TYPE_STREAM_DEVICE;
  g_autoptr (GPtrArray) signals = matrix_signals (type, streams ? stream_signal_names
                                                                : signal_names);
  g_autofree guint *emissions = g_new0 (guint, signals->len);

  for (int moment = 0; moment < N_MOMENTS; moment++)
    for (guint i = 0; i < signals->len; i++)
      {
        const char *signal = signals->pdata[i];
        guint before;
        guint n;

        /* What is not emitted has no handler that could call. */
        n = run_case (kind, (Moment) moment, signal, &matrix_no_call, moment == DISPOSE);
        if (n == 0)
          continue;

        emissions[i] += n;
        before = count_descriptors ();
        for (guint j = 0; j < G_N_ELEMENTS (all_calls); j++)
          for (const MatrixCall *call = all_calls[j]; call->name != NULL; call++)
            {
              g_test_message ("%s: %s in %s", moment_names[moment], call->name, signal);
              run_case (kind, (Moment) moment, signal, call,
                        moment == DISPOSE || ends (call->name));
              g_assert_cmpuint (count_descriptors (), ==, before);
            }
      }

  for (guint i = 0; i < signals->len; i++)
    if (emissions[i] == 0 && is_emitted (kind, signals->pdata[i]))
      g_error ("%s: no moment emits %s", kind_names[kind], (const char *) signals->pdata[i]);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (int i = 0; i < N_KINDS; i++)
    {
      g_autofree char *path = g_strconcat ("/device/matrix/", kind_names[i], NULL);

      g_test_add_data_func (path, GINT_TO_POINTER (i), test_kind);
    }

  return g_test_run ();
}
