/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fixture.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>


void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  fixture->previous = g_strdup (g_getenv ("TMPDIR"));
  fixture->directory = g_dir_make_tmp ("lsXXXXXX", &error);
  g_assert_no_error (error);
  g_setenv ("TMPDIR", fixture->directory, TRUE);
}

void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (GDir) directory = NULL;
  const char *name;

  settle ();

  directory = g_dir_open (fixture->directory, 0, NULL);
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = fixture_path (fixture, name);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (fixture->directory), ==, 0);

  if (fixture->previous != NULL)
    g_setenv ("TMPDIR", fixture->previous, TRUE);
  else
    g_unsetenv ("TMPDIR");
  g_free (fixture->previous);
  g_free (fixture->directory);
}

char *
fixture_path (Fixture    *fixture,
              const char *name)
{
  return g_build_filename (fixture->directory, name, NULL);
}


/* Waiting */

typedef char *(*Describe) (gpointer data);

struct _Deadline
{
  GSource    *source;
  Describe    describe;   /* what is awaited */
  gpointer    data;
  const char *where;
};

static guint deadline_length = 10000;

static gboolean
on_deadline (gpointer data)
{
  Deadline *deadline = data;
  g_autofree char *what = deadline->describe (deadline->data);

  g_error ("%s: did not happen in %u ms: %s", deadline->where, deadline_length, what);
  return G_SOURCE_REMOVE;
}

static Deadline *
deadline_start (GMainContext *context,
                Describe      describe,
                gpointer      data,
                const char   *where)
{
  Deadline *deadline = g_new0 (Deadline, 1);

  deadline->describe = describe;
  deadline->data = data;
  deadline->where = where;
  deadline->source = g_timeout_source_new (deadline_length);
  /* Above all others: one that never stops being ready must not keep the deadline from coming. */
  g_source_set_priority (deadline->source, G_MININT);
  g_source_set_callback (deadline->source, on_deadline, deadline, NULL);
  g_source_attach (deadline->source, context);

  return deadline;
}

static char *
describe_expression (gpointer expression)
{
  return g_strdup (expression);
}

Deadline *
deadline_new (GMainContext *context,
              const char   *what,
              const char   *where)
{
  return deadline_start (context, describe_expression, (gpointer) what, where);
}

void
deadline_free (Deadline *deadline)
{
  g_source_destroy (deadline->source);
  g_source_unref (deadline->source);
  g_free (deadline);
}

void
deadline_set_length (guint milliseconds)
{
  deadline_length = milliseconds;
}

typedef struct
{
  GString    *string;
  const char *wanted;
} Text;

static char *
describe_text (gpointer data)
{
  Text *text = data;

  return g_strdup_printf ("'%s' became '%s'", text->string->str, text->wanted);
}

void
await_text_at (GString    *string,
               const char *text,
               const char *where)
{
  Text wanted = { string, text };
  Deadline *deadline = deadline_start (NULL, describe_text, &wanted, where);

  while (!g_str_equal (string->str, text))
    g_main_context_iteration (NULL, TRUE);
  deadline_free (deadline);
}

void
settle_in (GMainContext *context)
{
  while (g_main_context_iteration (context, FALSE))
    ;
}

void
settle (void)
{
  settle_in (NULL);
}

void
set_flag (int          *flag,
          GMainContext *context)
{
  /* The thread that awaits it may give up its context at once. */
  g_autoptr (GMainContext) kept = context != NULL ? g_main_context_ref (context) : NULL;

  g_atomic_int_set (flag, TRUE);
  g_main_context_wakeup (kept);
}

gboolean
is_set (gpointer flag)
{
  return g_atomic_int_get ((int *) flag);
}

struct _SignalWatch
{
  GWeakRef      object;
  char         *name;       /* of the object, as messages have it */
  char         *signal;
  gulong        handler;
  GMainContext *context;    /* of the thread that awaits */
  GThread      *thread;
  int           count;      /* atomic */
  guint         awaited;    /* as many as were asked for so far */
};

/* A marshaller of its own, so that it does for the arguments of any signal. */
static void
count_emission (GClosure     *closure,
                GValue       *return_value,
                guint         n_values,
                const GValue *values,
                gpointer      hint,
                gpointer      data)
{
  SignalWatch *watch = closure->data;

  g_atomic_int_inc (&watch->count);
  if (g_thread_self () != watch->thread)
    g_main_context_wakeup (watch->context);
}

SignalWatch *
watch_signal (gpointer    object,
              const char *signal)
{
  SignalWatch *watch = g_new0 (SignalWatch, 1);
  GClosure *closure = g_closure_new_simple (sizeof (GClosure), watch);

  g_weak_ref_init (&watch->object, object);
  watch->name = g_strdup_printf ("%s %p", G_OBJECT_TYPE_NAME (object), object);
  watch->signal = g_strdup (signal);
  watch->context = g_main_context_ref_thread_default ();
  watch->thread = g_thread_self ();

  g_closure_set_marshal (closure, count_emission);
  watch->handler = g_signal_connect_closure (object, signal, closure, FALSE);
  g_assert_cmpuint (watch->handler, !=, 0);

  return watch;
}

guint
signal_watch_count (SignalWatch *watch)
{
  return (guint) g_atomic_int_get (&watch->count);
}

static char *
describe_watch (gpointer data)
{
  SignalWatch *watch = data;

  return g_strdup_printf ("'%s' of %s was emitted %u times, and %u times until then",
                          watch->signal, watch->name, watch->awaited,
                          signal_watch_count (watch));
}

void
await_signals_at (SignalWatch *watch,
                  guint        count,
                  const char  *where)
{
  Deadline *deadline = deadline_start (watch->context, describe_watch, watch, where);

  watch->awaited += count;
  while (signal_watch_count (watch) < watch->awaited)
    g_main_context_iteration (watch->context, TRUE);
  deadline_free (deadline);
}

void
signal_watch_free (SignalWatch *watch)
{
  g_autoptr (GObject) object = g_weak_ref_get (&watch->object);

  /* An object that has ended keeps no handlers. */
  if (object != NULL && g_signal_handler_is_connected (object, watch->handler))
    g_signal_handler_disconnect (object, watch->handler);
  g_weak_ref_clear (&watch->object);
  g_main_context_unref (watch->context);
  g_free (watch->name);
  g_free (watch->signal);
  g_free (watch);
}


/* Conditions */

gboolean
is_connected (gpointer socket)
{
  return lsock_socket_get_state (socket) == LSOCK_SOCKET_STATE_CONNECTED;
}

gboolean
is_unconnected (gpointer socket)
{
  return lsock_socket_get_state (socket) == LSOCK_SOCKET_STATE_UNCONNECTED;
}

gboolean
has_pending (gpointer server)
{
  return lsock_server_has_pending_connections (server);
}

gboolean
has_data (gpointer device)
{
  return lsock_io_device_bytes_available (device) > 0;
}

gboolean
has_written (gpointer device)
{
  return lsock_io_device_bytes_to_write (device) == 0;
}


/* Peers of the plain system calls */

static socklen_t
address_of (Fixture            *fixture,
            const char         *name,
            struct sockaddr_un *address)
{
  g_autofree char *path = fixture_path (fixture, name);

  memset (address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  g_assert_cmpuint (strlen (path), <, sizeof address->sun_path);
  g_strlcpy (address->sun_path, path, sizeof address->sun_path);
  return sizeof *address;
}

int
raw_listen (Fixture    *fixture,
            const char *name,
            int         backlog)
{
  struct sockaddr_un address;
  socklen_t length = address_of (fixture, name, &address);
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, length), ==, 0);
  g_assert_cmpint (listen (fd, backlog), ==, 0);
  return fd;
}

int
raw_accept (int listener)
{
  int fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  return fd;
}

int
raw_connect (Fixture    *fixture,
             const char *name)
{
  struct sockaddr_un address;
  socklen_t length = address_of (fixture, name, &address);
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (connect (fd, (struct sockaddr *) &address, length), ==, 0);
  return fd;
}

void
raw_write (int         fd,
           const char *text)
{
  g_assert_cmpint (send (fd, text, strlen (text), MSG_NOSIGNAL), ==, strlen (text));
}

GBytes *
raw_read (int   fd,
          gsize count)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint8 buffer[65536];

  while (bytes->len < count)
    {
      gssize n = recv (fd, buffer, MIN (sizeof buffer, count - bytes->len), 0);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      g_byte_array_append (bytes, buffer, (guint) n);
    }

  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

LsockSocket *
connect_to_raw (Fixture *fixture,
                int     *peer)
{
  LsockSocket *socket = lsock_socket_new ();
  int listener = raw_listen (fixture, "raw", 5);

  lsock_socket_connect_to_server (socket, "raw", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_true (is_connected (socket));
  *peer = raw_accept (listener);
  close (listener);
  return socket;
}


/* What an object says */

struct _Story
{
  gpointer object;   /* a weak pointer */
  GString *text;
};

void
story_note (Story      *story,
            const char *text)
{
  if (story->text->len > 0)
    g_string_append (story->text, ", ");
  g_string_append (story->text, text);
}

static void
on_plain (gpointer     object,
          const char  *name)
{
  Story *story = g_object_get_data (object, "story");

  if (story != NULL)
    story_note (story, name);
}

static void
on_connected (gpointer object)
{
  on_plain (object, "connected");
}

static void
on_disconnected (gpointer object)
{
  on_plain (object, "disconnected");
}

static void
on_ready_read (gpointer object)
{
  on_plain (object, "ready-read");
}

static void
on_about_to_close (gpointer object)
{
  on_plain (object, "about-to-close");
}

static void
on_read_channel_finished (gpointer object)
{
  on_plain (object, "read-channel-finished");
}

static void
on_destroyed (gpointer object)
{
  on_plain (object, "destroyed");
}

static void
on_new_connection (gpointer object)
{
  on_plain (object, "new-connection");
}

static void
on_bytes_written (gpointer object,
                  gint64   count)
{
  g_autofree char *text = g_strdup_printf ("bytes-written %" G_GINT64_FORMAT, count);

  on_plain (object, text);
}

static char *
nick_of (GType type,
         int   value)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);

  return g_strdup (g_enum_get_value (klass, value)->value_nick);
}

static void
on_state_changed (gpointer         object,
                  LsockSocketState state)
{
  g_autofree char *nick = nick_of (LSOCK_TYPE_SOCKET_STATE, (int) state);

  g_assert_cmpint (lsock_socket_get_state (object), ==, state);
  on_plain (object, nick);
}

static void
on_error (gpointer         object,
          LsockSocketError error)
{
  g_autofree char *nick = nick_of (LSOCK_TYPE_SOCKET_ERROR, (int) error);
  g_autofree char *text = g_strconcat ("error ", nick, NULL);

  g_assert_nonnull (lsock_io_device_get_error_string (object));
  on_plain (object, text);
}

static void
on_accept_error (gpointer  object,
                 GError   *error)
{
  g_autofree char *nick = nick_of (LSOCK_TYPE_SOCKET_ERROR, error->code);
  g_autofree char *text = g_strconcat ("accept-error ", nick, NULL);

  on_plain (object, text);
}

Story *
story_of (gpointer object)
{
  Story *story = g_new0 (Story, 1);

  story->text = g_string_new (NULL);
  g_set_weak_pointer (&story->object, object);
  g_object_set_data (object, "story", story);
  g_signal_connect (object, "destroyed", G_CALLBACK (on_destroyed), NULL);

  if (LSOCK_IS_SERVER (object))
    {
      g_signal_connect (object, "new-connection", G_CALLBACK (on_new_connection), NULL);
      g_signal_connect (object, "accept-error", G_CALLBACK (on_accept_error), NULL);
      return story;
    }

  g_signal_connect (object, "ready-read", G_CALLBACK (on_ready_read), NULL);
  g_signal_connect (object, "bytes-written", G_CALLBACK (on_bytes_written), NULL);
  g_signal_connect (object, "about-to-close", G_CALLBACK (on_about_to_close), NULL);
  g_signal_connect (object, "read-channel-finished", G_CALLBACK (on_read_channel_finished), NULL);
  if (LSOCK_IS_SOCKET (object))
    {
      g_signal_connect (object, "connected", G_CALLBACK (on_connected), NULL);
      g_signal_connect (object, "disconnected", G_CALLBACK (on_disconnected), NULL);
      g_signal_connect (object, "error", G_CALLBACK (on_error), NULL);
      g_signal_connect (object, "state-changed", G_CALLBACK (on_state_changed), NULL);
    }

  return story;
}

const char *
story_text (Story *story)
{
  return story->text->str;
}

void
story_clear (Story *story)
{
  g_string_truncate (story->text, 0);
}

void
story_free (Story *story)
{
  if (story->object != NULL)
    g_object_set_data (story->object, "story", NULL);
  g_clear_weak_pointer (&story->object);
  g_string_free (story->text, TRUE);
  g_free (story);
}

guint
count_descriptors (void)
{
  g_autoptr (GDir) directory = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  if (directory == NULL)
    directory = g_dir_open ("/dev/fd", 0, NULL);
  g_assert_nonnull (directory);

  while (g_dir_read_name (directory) != NULL)
    n++;

  return n;
}
