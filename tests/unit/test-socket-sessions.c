/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The next connection of a socket, begun inside a handler of the former one: it is whole. */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fixture.h"


/* What a handler does once, with the connection that it has begun */

typedef enum
{
  BY_NAME,
  BY_DESCRIPTOR,
} Begin;

typedef struct
{
  Begin how;
  int   listener;
  int   peer;       /* of the next connection; -1 before that */
} Session;

static void
begin_session (LsockSocket      *socket,
               Session          *session,
               LsockSocketState  state)
{
  g_autoptr (GError) error = NULL;
  int pair[2];

  lsock_socket_abort (socket);
  if (session->how == BY_NAME)
    {
      lsock_socket_connect_to_server (socket, "next", LSOCK_OPEN_MODE_READ_WRITE);
      session->peer = raw_accept (session->listener);
    }
  else
    {
      g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
      g_assert_true (lsock_socket_set_socket_descriptor (socket, pair[0], state,
                                                         LSOCK_OPEN_MODE_READ_WRITE, &error));
      g_assert_no_error (error);
      session->peer = pair[1];
    }
}

static void
session_init (Session *session,
              Fixture *fixture,
              Begin    how)
{
  session->how = how;
  session->listener = raw_listen (fixture, "next", 5);
  session->peer = -1;
}

static void
session_clear (Session *session)
{
  close (session->peer);
  close (session->listener);
}


/* Data */

typedef struct
{
  Session  session;
  GString *got;
  guint    depth;
  guint    deepest;
} Reader;

static void
read_it (LsockIODevice *device,
         Reader        *reader)
{
  g_autoptr (GBytes) bytes = lsock_io_device_read_all (device, NULL);

  if (bytes != NULL)
    g_string_append_len (reader->got, g_bytes_get_data (bytes, NULL),
                         (gssize) g_bytes_get_size (bytes));
}

static void
begin_in_ready_read (LsockIODevice *device,
                     Reader        *reader)
{
  reader->depth++;
  reader->deepest = MAX (reader->deepest, reader->depth);
  if (reader->session.peer < 0)
    {
      read_it (device, reader);
      begin_session (LSOCK_SOCKET (device), &reader->session, LSOCK_SOCKET_STATE_CONNECTED);
      raw_write (reader->session.peer, "second");
      /* The loop has the data of the next connection, and nothing will come for it later. */
      settle ();
    }
  else
    {
      read_it (device, reader);
    }
  reader->depth--;
}

static void
test_data_inside_ready_read (Fixture       *fixture,
                             gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  Reader reader = { .got = g_string_new (NULL) };

  g_test_summary ("What came for a connection that was begun inside `ready-read` of the former one "
                  "was never announced");

  session_init (&reader.session, fixture, (Begin) GPOINTER_TO_INT (data));
  g_signal_connect (socket, "ready-read", G_CALLBACK (begin_in_ready_read), &reader);
  raw_write (peer, "first ");
  await_text (reader.got, "first second");
  g_assert_cmpuint (reader.deepest, ==, 2);

  /* The mark of the new connection has been taken away as well. */
  raw_write (reader.session.peer, " third");
  await_text (reader.got, "first second third");
  g_assert_cmpuint (reader.deepest, ==, 2);
  g_string_free (reader.got, TRUE);
  session_clear (&reader.session);
  close (peer);
}


/* Written bytes */

typedef struct
{
  Session  session;
  gboolean closes;
  gint64   first;     /* reported for the former connection */
  gint64   second;    /* and for the next one */
} Writer;

static void
begin_in_bytes_written (LsockIODevice *device,
                        gint64         count,
                        Writer        *writer)
{
  if (writer->session.peer >= 0)
    {
      writer->second += count;
      return;
    }

  writer->first += count;
  begin_session (LSOCK_SOCKET (device), &writer->session, LSOCK_SOCKET_STATE_CONNECTED);
  write_text (device, "second");
  if (writer->closes)
    lsock_socket_disconnect_from_server (LSOCK_SOCKET (device));
  settle ();
}

static void
test_write_inside_bytes_written (Fixture       *fixture,
                                 gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  Writer writer = { .closes = FALSE };

  g_test_summary ("What was written to a connection that was begun inside `bytes-written` of the "
                  "former one was never reported");

  session_init (&writer.session, fixture, (Begin) GPOINTER_TO_INT (data));
  g_signal_connect (socket, "bytes-written", G_CALLBACK (begin_in_bytes_written), &writer);
  write_text (socket, "the first");
  await_true (writer.second > 0);
  g_assert_cmpint (writer.first, ==, 9);
  g_assert_cmpint (writer.second, ==, 6);
  g_assert_true (is_connected (socket));
  session_clear (&writer.session);
  close (peer);
}

static void
test_close_inside_bytes_written (Fixture       *fixture,
                                 gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  Writer writer = { .closes = TRUE };
  g_autoptr (GBytes) got = NULL;

  g_test_summary ("A connection that was begun and closed inside `bytes-written` of the former one "
                  "stayed CLOSING for ever");

  session_init (&writer.session, fixture, (Begin) GPOINTER_TO_INT (data));
  g_signal_connect (socket, "bytes-written", G_CALLBACK (begin_in_bytes_written), &writer);
  write_text (socket, "the first");
  await (is_unconnected, socket);
  g_assert_cmpint (writer.second, ==, 6);
  got = raw_read (writer.session.peer, 100);
  g_assert_cmpmem (g_bytes_get_data (got, NULL), g_bytes_get_size (got), "second", 6);
  session_clear (&writer.session);
  close (peer);
}

/* One that begins CLOSING has nothing to say, and the loop ends it. */
static void
begin_closing_in_bytes_written (LsockIODevice *device,
                                gint64         count,
                                Writer        *writer)
{
  if (writer->session.peer < 0)
    {
      begin_session (LSOCK_SOCKET (device), &writer->session, LSOCK_SOCKET_STATE_CLOSING);
      write_text (device, "second");
      settle ();
    }
}

static void
test_closing_inside_bytes_written (Fixture       *fixture,
                                   gconstpointer  data)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  Writer writer = { .closes = FALSE };
  g_autoptr (GBytes) got = NULL;

  g_test_summary ("A descriptor that was taken over as CLOSING inside `bytes-written` of the "
                  "former connection stayed CLOSING for ever");

  session_init (&writer.session, fixture, BY_DESCRIPTOR);
  g_signal_connect (socket, "bytes-written", G_CALLBACK (begin_closing_in_bytes_written), &writer);
  write_text (socket, "the first");
  await_true (writer.session.peer >= 0 && is_unconnected (socket));
  got = raw_read (writer.session.peer, 100);
  g_assert_cmpmem (g_bytes_get_data (got, NULL), g_bytes_get_size (got), "second", 6);
  session_clear (&writer.session);
  close (peer);
}


/* The mode of the next connection */

/* Fills the backlog of a listener so that one more client has to wait. */
static GPtrArray *
fill_backlog (const char *name)
{
  GPtrArray *clients = g_ptr_array_new_with_free_func (g_object_unref);
  LsockSocket *client;

  do
    {
      client = lsock_socket_new ();
      lsock_socket_connect_to_server (client, name, LSOCK_OPEN_MODE_READ_WRITE);
      g_ptr_array_add (clients, client);
    }
  while (is_connected (client));

  g_assert_cmpint (lsock_socket_get_state (client), ==, LSOCK_SOCKET_STATE_CONNECTING);
  lsock_socket_abort (client);
  return clients;
}

static void
test_write_while_connecting_to_read (Fixture       *fixture,
                                     gconstpointer  data)
{
  int first;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &first);
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);
  int listener = raw_listen (fixture, "busy", 0);
  g_autoptr (GPtrArray) others = fill_backlog ("busy");
  g_autoptr (GBytes) bytes = g_bytes_new_static ("early", 5);
  g_autoptr (GError) error = NULL;
  int peer;
  char byte;

  g_test_summary ("A write while CONNECTING for reading only was taken, because the device was "
                  "still open for the former connection, and never sent");

  close (first);
  await (is_unconnected, socket);
  g_assert_true (lsock_io_device_is_writable (device));
  lsock_socket_connect_to_server (socket, "busy", LSOCK_OPEN_MODE_READ_ONLY);
  g_assert_cmpint (lsock_socket_get_state (socket), ==, LSOCK_SOCKET_STATE_CONNECTING);

  if (GPOINTER_TO_INT (data))
    g_assert_cmpint (lsock_io_device_write_bytes (device, bytes, &error), ==, -1);
  else
    g_assert_cmpint (lsock_io_device_write (device, (const guint8 *) "early", 5, &error), ==, -1);
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_assert_nonnull (strstr (error->message, "“busy”"));
  g_assert_cmpint (lsock_io_device_bytes_to_write (device), ==, 0);

  for (guint i = 0; i + 1 < others->len; i++)
    close (raw_accept (listener));
  await (is_connected, socket);
  g_assert_false (lsock_io_device_is_writable (device));
  peer = raw_accept (listener);
  settle ();
  g_assert_cmpint (recv (peer, &byte, 1, MSG_DONTWAIT), ==, -1);
  close (peer);
  close (listener);
}

#define ADD(path, data, function) \
  g_test_add (path, Fixture, data, fixture_set_up, function, fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  static const struct { const char *name; Begin how; } begins[] = {
    { "name", BY_NAME }, { "descriptor", BY_DESCRIPTOR },
  };

  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (begins); i++)
    {
      g_autofree char *data = g_strconcat ("/socket/sessions/data-in-ready-read/by-",
                                           begins[i].name, NULL);
      g_autofree char *write = g_strconcat ("/socket/sessions/write-in-bytes-written/by-",
                                            begins[i].name, NULL);
      g_autofree char *closed = g_strconcat ("/socket/sessions/close-in-bytes-written/by-",
                                             begins[i].name, NULL);

      ADD (data, GINT_TO_POINTER (begins[i].how), test_data_inside_ready_read);
      ADD (write, GINT_TO_POINTER (begins[i].how), test_write_inside_bytes_written);
      ADD (closed, GINT_TO_POINTER (begins[i].how), test_close_inside_bytes_written);
    }
  ADD ("/socket/sessions/closing-in-bytes-written", NULL, test_closing_inside_bytes_written);
  ADD ("/socket/sessions/write-while-connecting-to-read", GINT_TO_POINTER (0),
       test_write_while_connecting_to_read);
  ADD ("/socket/sessions/write-while-connecting-to-read/bytes", GINT_TO_POINTER (1),
       test_write_while_connecting_to_read);

  return g_test_run ();
}
