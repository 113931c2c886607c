/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The calls that every object and every device has, and the handler that makes them. */

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "matrix.h"


/* The calls of any object */

static void
call_name (MatrixCase *test,
           gpointer    object)
{
  lsock_object_set_name (object, "named inside");
}

static void
call_block (MatrixCase *test,
            gpointer    object)
{
  lsock_object_block_signals (object, TRUE);
}

static void
call_orphan (MatrixCase *test,
             gpointer    object)
{
  lsock_object_set_parent (object, NULL);
}

static void
call_take (MatrixCase *test,
           gpointer    object)
{
  g_object_unref (lsock_object_take (object));
}

static void
call_owner_ends (MatrixCase *test,
                 gpointer    object)
{
  g_object_run_dispose (G_OBJECT (test->owner));
}

static void
call_dispose (MatrixCase *test,
              gpointer    object)
{
  g_object_run_dispose (object);
}

static void
call_delete_later (MatrixCase *test,
                   gpointer    object)
{
  lsock_object_delete_later (object);
}

static void
call_loop (MatrixCase *test,
           gpointer    object)
{
  g_main_context_iteration (NULL, FALSE);
}

static void
call_drop (MatrixCase *test,
           gpointer    object)
{
  lsock_object_set_parent (object, NULL);
  g_clear_object (&test->reference);
}

static void
call_move (MatrixCase *test,
           gpointer    object)
{
  lsock_object_set_parent (object, NULL);
  lsock_object_move_to_context (object, test->context, NULL);
}

const MatrixCall matrix_object_calls[] = {
  { "name", MATRIX_STAYS, call_name },
  { "block", MATRIX_STAYS, call_block },
  { "orphan", MATRIX_STAYS, call_orphan },
  { "take", MATRIX_STAYS, call_take },
  { "owner-ends", MATRIX_STAYS, call_owner_ends },
  { "dispose", MATRIX_STAYS, call_dispose },
  { "delete-later", MATRIX_STAYS, call_delete_later },
  { "loop", MATRIX_STAYS, call_loop },
  { "drop", MATRIX_LEAVES, call_drop },
  { "move", MATRIX_LEAVES, call_move },
  { .name = NULL },
};


/* The calls of any device */

static void
call_close (MatrixCase *test,
            gpointer    device)
{
  lsock_io_device_close (device);
}

static void
call_close_and_drop (MatrixCase *test,
                     gpointer    device)
{
  lsock_io_device_close (device);
  call_drop (test, device);
}

static void
call_write (MatrixCase *test,
            gpointer    device)
{
  lsock_io_device_write (device, (const guint8 *) "some\n", 5, NULL);
}

static void
call_write_bytes (MatrixCase *test,
                  gpointer    device)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("bytes\n", 6);

  lsock_io_device_write_bytes (device, bytes, NULL);
}

static void
call_put_char (MatrixCase *test,
               gpointer    device)
{
  lsock_io_device_put_char (device, 'p', NULL);
}

static void
call_read (MatrixCase *test,
           gpointer    device)
{
  char buffer[3];

  lsock_io_device_read (device, buffer, sizeof buffer, NULL);
}

static void
call_read_bytes (MatrixCase *test,
                 gpointer    device)
{
  g_autoptr (GBytes) bytes G_GNUC_UNUSED = lsock_io_device_read_bytes (device, 3, NULL);
}

static void
call_read_all (MatrixCase *test,
               gpointer    device)
{
  g_autoptr (GBytes) bytes G_GNUC_UNUSED = lsock_io_device_read_all (device, NULL);
}

static void
call_read_line (MatrixCase *test,
                gpointer    device)
{
  g_autoptr (GBytes) bytes G_GNUC_UNUSED = lsock_io_device_read_line (device, 0, NULL);
}

static void
call_read_line_into (MatrixCase *test,
                     gpointer    device)
{
  char buffer[4];

  lsock_io_device_read_line_into (device, buffer, sizeof buffer, NULL);
}

static void
call_peek (MatrixCase *test,
           gpointer    device)
{
  g_autoptr (GBytes) bytes G_GNUC_UNUSED = lsock_io_device_peek (device, 4, NULL);
}

static void
call_peek_into (MatrixCase *test,
                gpointer    device)
{
  char buffer[4];

  lsock_io_device_peek_into (device, buffer, sizeof buffer, NULL);
}

static void
call_skip (MatrixCase *test,
           gpointer    device)
{
  lsock_io_device_skip (device, 2, NULL);
}

static void
call_get_char (MatrixCase *test,
               gpointer    device)
{
  guint8 c;

  lsock_io_device_get_char (device, &c);
}

static void
call_unget_char (MatrixCase *test,
                 gpointer    device)
{
  lsock_io_device_unget_char (device, 'x');
}

static void
call_start_transaction (MatrixCase *test,
                        gpointer    device)
{
  lsock_io_device_start_transaction (device);
}

static void
call_rollback_transaction (MatrixCase *test,
                           gpointer    device)
{
  lsock_io_device_rollback_transaction (device);
}

static void
call_commit_transaction (MatrixCase *test,
                         gpointer    device)
{
  lsock_io_device_commit_transaction (device);
}

static void
call_wait_for_ready_read (MatrixCase *test,
                          gpointer    device)
{
  lsock_io_device_wait_for_ready_read (device, 0);
}

static void
call_wait_for_bytes_written (MatrixCase *test,
                             gpointer    device)
{
  lsock_io_device_wait_for_bytes_written (device, 0);
}

static void
call_set_text_mode (MatrixCase *test,
                    gpointer    device)
{
  lsock_io_device_set_text_mode (device, TRUE);
}

static void
call_set_error_string (MatrixCase *test,
                       gpointer    device)
{
  lsock_io_device_set_error_string (device, "set inside");
}

static void
on_read (GObject      *device,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (GBytes) bytes G_GNUC_UNUSED =
    lsock_io_device_read_finish (LSOCK_IO_DEVICE (device), result, NULL);
}

static void
call_read_async (MatrixCase *test,
                 gpointer    device)
{
  lsock_io_device_read_async (device, 3, G_PRIORITY_DEFAULT, test->cancellable, on_read, NULL);
}

/* The result of these is not fetched. */
static void
call_read_line_async (MatrixCase *test,
                      gpointer    device)
{
  lsock_io_device_read_line_async (device, 0, G_PRIORITY_DEFAULT, test->cancellable, NULL, NULL);
}

static void
call_read_all_async (MatrixCase *test,
                     gpointer    device)
{
  lsock_io_device_read_all_async (device, G_PRIORITY_DEFAULT, test->cancellable, NULL, NULL);
}

static void
on_written (GObject      *device,
            GAsyncResult *result,
            gpointer      data)
{
  lsock_io_device_write_finish (LSOCK_IO_DEVICE (device), result, NULL);
}

static void
call_write_async (MatrixCase *test,
                  gpointer    device)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("async\n", 6);

  lsock_io_device_write_async (device, bytes, G_PRIORITY_DEFAULT, test->cancellable, on_written,
                               NULL);
}

static void
call_flush_async (MatrixCase *test,
                  gpointer    device)
{
  lsock_io_device_flush_async (device, G_PRIORITY_DEFAULT, test->cancellable, NULL, NULL);
}

const MatrixCall matrix_device_calls[] = {
  { "close", MATRIX_STAYS, call_close },
  { "close-and-drop", MATRIX_LEAVES, call_close_and_drop },
  { "write", MATRIX_STAYS, call_write },
  { "write-bytes", MATRIX_STAYS, call_write_bytes },
  { "put-char", MATRIX_STAYS, call_put_char },
  { "read", MATRIX_STAYS, call_read },
  { "read-bytes", MATRIX_STAYS, call_read_bytes },
  { "read-all", MATRIX_STAYS, call_read_all },
  { "read-line", MATRIX_STAYS, call_read_line },
  { "read-line-into", MATRIX_STAYS, call_read_line_into },
  { "peek", MATRIX_STAYS, call_peek },
  { "peek-into", MATRIX_STAYS, call_peek_into },
  { "skip", MATRIX_STAYS, call_skip },
  { "get-char", MATRIX_STAYS, call_get_char },
  { "unget-char", MATRIX_STAYS, call_unget_char },
  { "start-transaction", MATRIX_STAYS, call_start_transaction },
  { "rollback-transaction", MATRIX_STAYS, call_rollback_transaction },
  { "commit-transaction", MATRIX_STAYS, call_commit_transaction },
  { "wait-for-ready-read", MATRIX_STAYS, call_wait_for_ready_read },
  { "wait-for-bytes-written", MATRIX_STAYS, call_wait_for_bytes_written },
  { "set-text-mode", MATRIX_STAYS, call_set_text_mode },
  { "set-error-string", MATRIX_STAYS, call_set_error_string },
  { "read-async", MATRIX_STAYS, call_read_async },
  { "read-line-async", MATRIX_STAYS, call_read_line_async },
  { "read-all-async", MATRIX_STAYS, call_read_all_async },
  { "write-async", MATRIX_STAYS, call_write_async },
  { "flush-async", MATRIX_STAYS, call_flush_async },
  { .name = NULL },
};

static void
call_nothing (MatrixCase *test,
              gpointer    object)
{
}

const MatrixCall matrix_no_call = { "nothing", MATRIX_STAYS, call_nothing };


/* The handler */

typedef struct
{
  GClosure    closure;
  MatrixCase *test;
} Handler;

/* Takes the number that the object may just have given back: a second close would close this. */
static int
open_canary (void)
{
  int fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  return fd;
}

static void
close_canary (int fd)
{
  struct stat status;

  g_assert_cmpint (fstat (fd, &status), ==, 0);
  g_assert_true (S_ISCHR (status.st_mode));
  g_assert_cmpint (close (fd), ==, 0);
}

static void
on_emission (GClosure     *closure,
             GValue       *result,
             guint         n_values,
             const GValue *values,
             gpointer      hint,
             gpointer      data)
{
  MatrixCase *test = ((Handler *) closure)->test;
  gpointer object = g_value_get_object (values);

  test->emissions++;
  test->check (object);
  if (test->silent || test->calls >= MATRIX_MAX_CALLS)
    return;

  test->calls++;
  test->call->call (test, object);
  test->canaries[test->n_canaries++] = open_canary ();
  if (test->call->after == MATRIX_STAYS)
    test->check (object);
}

static void
set_true (gpointer flag)
{
  *(gboolean *) flag = TRUE;
}

GPtrArray *
matrix_signals (GType               type,
                const char * const *signals)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GTypeClass) klass = g_type_class_ref (type);
  g_autofree GParamSpec **pspecs = NULL;
  guint n_pspecs;

  /* The first task makes a thread of GLib's, which has a descriptor. */
  g_type_class_unref (g_type_class_ref (G_TYPE_TASK));

  pspecs = g_object_class_list_properties ((GObjectClass *) klass, &n_pspecs);
  for (guint i = 0; i < n_pspecs; i++)
    g_ptr_array_add (names, g_strconcat ("notify::", pspecs[i]->name, NULL));
  for (guint i = 0; signals[i] != NULL; i++)
    g_ptr_array_add (names, g_strdup (signals[i]));

  return names;
}

void
matrix_begin (MatrixCase *test,
              gpointer    object,
              const char *signal)
{
  Handler *handler = (Handler *) g_closure_new_simple (sizeof (Handler), NULL);

  test->reference = object;
  test->owner = lsock_object_new ();
  test->context = g_main_context_new ();
  test->cancellable = g_cancellable_new ();
  lsock_object_set_parent (object, G_OBJECT (test->owner));
  g_object_set_data_full (object, "finalized", &test->finalized, set_true);

  handler->test = test;
  g_closure_set_marshal (&handler->closure, on_emission);
  g_signal_connect_closure (object, signal, &handler->closure, FALSE);
}

void
matrix_iterate (MatrixCase *test)
{
  for (int i = 0; i < 3; i++)
    {
      settle ();
      settle_in (test->context);
    }
}

void
matrix_end (MatrixCase *test)
{
  test->silent = TRUE;
  g_cancellable_cancel (test->cancellable);
  matrix_iterate (test);
  g_clear_object (&test->cancellable);
  if (test->reference != NULL)
    {
      lsock_object_set_parent (LSOCK_OBJECT (test->reference), NULL);
      g_clear_object (&test->reference);
    }
  g_clear_object (&test->owner);
  matrix_iterate (test);
  g_assert_true (test->finalized);

  for (guint i = 0; i < test->n_canaries; i++)
    close_canary (test->canaries[i]);
  g_clear_pointer (&test->context, g_main_context_unref);
}
