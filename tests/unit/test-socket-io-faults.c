/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A socket whose system calls fail: connecting, receiving and sending.  What passes is tried again
 * without a word; what does not ends the connection with an error that says what the system said,
 * after all that the peer has written; and no descriptor is left. */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "faults.h"
#include "fixture.h"

#define END ", closing, unconnected, read-channel-finished, disconnected"

typedef struct
{
  Fault             fault;
  int               errnum;
  LsockSocketError  code;
  const char       *nick;
} Case;


/* Connecting */

static const Case connect_cases[] = {
  { FAULT_SOCKET,  EACCES,       LSOCK_SOCKET_ERROR_SOCKET_ACCESS,      "socket-access" },
  { FAULT_SOCKET,  ENOMEM,       LSOCK_SOCKET_ERROR_SOCKET_RESOURCE,    "socket-resource" },
  { FAULT_SOCKET,  ENOBUFS,      LSOCK_SOCKET_ERROR_SOCKET_RESOURCE,    "socket-resource" },
  { FAULT_SOCKET,  EMFILE,       LSOCK_SOCKET_ERROR_SOCKET_RESOURCE,    "socket-resource" },
  { FAULT_SOCKET,  ENFILE,       LSOCK_SOCKET_ERROR_SOCKET_RESOURCE,    "socket-resource" },
  { FAULT_CONNECT, EACCES,       LSOCK_SOCKET_ERROR_SOCKET_ACCESS,      "socket-access" },
  { FAULT_CONNECT, EPERM,        LSOCK_SOCKET_ERROR_SOCKET_ACCESS,      "socket-access" },
  { FAULT_CONNECT, ECONNREFUSED, LSOCK_SOCKET_ERROR_CONNECTION_REFUSED, "connection-refused" },
  { FAULT_CONNECT, ENOENT,       LSOCK_SOCKET_ERROR_SERVER_NOT_FOUND,   "server-not-found" },
  { FAULT_CONNECT, ENOMEM,       LSOCK_SOCKET_ERROR_SOCKET_RESOURCE,    "socket-resource" },
  { FAULT_CONNECT, ENOBUFS,      LSOCK_SOCKET_ERROR_SOCKET_RESOURCE,    "socket-resource" },
  { FAULT_CONNECT, ECONNRESET,   LSOCK_SOCKET_ERROR_PEER_CLOSED,        "peer-closed" },
  { FAULT_CONNECT, EIO,          LSOCK_SOCKET_ERROR_CONNECTION,         "connection" },
};

static void
test_connect_fails (Fixture       *fixture,
                    gconstpointer  data)
{
  const Case *failure = data;
  g_autofree char *path = fixture_path (fixture, "s");
  g_autofree char *wanted = g_strdup_printf ("connecting, error %s, unconnected", failure->nick);
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (Story) story = story_of (socket);
  int listener = raw_listen (fixture, "s", 5);
  guint before = count_descriptors ();
  const char *text;

  fault_set (failure->fault, failure->errnum, 1);
  lsock_socket_connect_to_server (socket, "s", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_cmpuint (fault_count (failure->fault), ==, 1);
  g_assert_cmpstr (story_text (story), ==, wanted);
  g_assert_cmpint (lsock_socket_get_error (socket), ==, failure->code);
  text = lsock_io_device_get_error_string (LSOCK_IO_DEVICE (socket));
  g_assert_nonnull (strstr (text, "“s”"));
  g_assert_nonnull (strstr (text, path));
  g_assert_true (g_str_has_suffix (text, g_strerror (failure->errnum)));
  g_assert_cmpuint (count_descriptors (), ==, before);
  g_assert_false (lsock_io_device_is_open (LSOCK_IO_DEVICE (socket)));

  /* The same object connects when the system lets it. */
  lsock_socket_connect_to_server (socket, "s", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_true (is_connected (socket));
  g_assert_null (lsock_io_device_get_error_string (LSOCK_IO_DEVICE (socket)));
  close (listener);
}

static void
test_connect_passes (Fixture       *fixture,
                     gconstpointer  data)
{
  int errnum = GPOINTER_TO_INT (data);
  int peer;
  /* With one that is connected all that sockets share is there before anything is counted. */
  g_autoptr (LsockSocket) other = connect_to_raw (fixture, &peer);
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (Story) story = story_of (socket);
  int listener = raw_listen (fixture, "s", 5);
  guint before = count_descriptors ();

  fault_set (FAULT_CONNECT, errnum, 2);
  lsock_socket_connect_to_server (socket, "s", LSOCK_OPEN_MODE_READ_WRITE);
  /* A call that a signal has interrupted is repeated at once; the other failures take time. */
  g_assert_cmpint (lsock_socket_get_state (socket), ==,
                   errnum == EINTR ? LSOCK_SOCKET_STATE_CONNECTED
                                   : LSOCK_SOCKET_STATE_CONNECTING);
  await (is_connected, socket);
  g_assert_cmpuint (fault_count (FAULT_CONNECT), ==, 2);
  g_assert_cmpstr (story_text (story), ==, "connecting, connected, connected");
  g_assert_cmpuint (count_descriptors (), ==, before + 1);
  close (peer);
  close (listener);
}

static void
test_connect_passes_in_wait (Fixture       *fixture,
                             gconstpointer  data)
{
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  int listener = raw_listen (fixture, "s", 5);

  fault_set (FAULT_CONNECT, GPOINTER_TO_INT (data), 2);
  lsock_socket_connect_to_server (socket, "s", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_true (lsock_socket_wait_for_connected (socket, 10000));
  g_assert_cmpuint (fault_count (FAULT_CONNECT), ==, 2);
  close (listener);
}

/* Refused only when it is tried again: the one that has waited is closed. */
static void
test_connect_fails_late (Fixture       *fixture,
                         gconstpointer  data)
{
  gboolean by_wait = GPOINTER_TO_INT (data);
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  g_autoptr (Story) story = story_of (socket);
  int listener = raw_listen (fixture, "s", 5);
  guint before = count_descriptors ();

  fault_set (FAULT_CONNECT, EAGAIN, 1);
  lsock_socket_connect_to_server (socket, "s", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_cmpint (lsock_socket_get_state (socket), ==, LSOCK_SOCKET_STATE_CONNECTING);
  fault_set (FAULT_CONNECT, EACCES, 1);
  if (by_wait)
    g_assert_false (lsock_socket_wait_for_connected (socket, 10000));
  else
    await (is_unconnected, socket);
  g_assert_cmpuint (fault_count (FAULT_CONNECT), ==, 1);
  g_assert_cmpstr (story_text (story), ==, "connecting, error socket-access, unconnected");
  g_assert_cmpuint (count_descriptors (), ==, before);
  close (listener);
}


/* What ends a connection */

static const Case end_cases[] = {
  { FAULT_RECV, ECONNRESET, LSOCK_SOCKET_ERROR_PEER_CLOSED,     "peer-closed" },
  { FAULT_RECV, EACCES,     LSOCK_SOCKET_ERROR_SOCKET_ACCESS,   "socket-access" },
  { FAULT_RECV, ENOMEM,     LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, "socket-resource" },
  { FAULT_RECV, ENOBUFS,    LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, "socket-resource" },
  { FAULT_RECV, EMFILE,     LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, "socket-resource" },
  { FAULT_RECV, EIO,        LSOCK_SOCKET_ERROR_CONNECTION,      "connection" },
  { FAULT_RECV, EBADMSG,    LSOCK_SOCKET_ERROR_CONNECTION,      "connection" },
  { FAULT_SEND, EPIPE,      LSOCK_SOCKET_ERROR_PEER_CLOSED,     "peer-closed" },
  { FAULT_SEND, ECONNRESET, LSOCK_SOCKET_ERROR_PEER_CLOSED,     "peer-closed" },
  { FAULT_SEND, EACCES,     LSOCK_SOCKET_ERROR_SOCKET_ACCESS,   "socket-access" },
  { FAULT_SEND, ENOMEM,     LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, "socket-resource" },
  { FAULT_SEND, ENOBUFS,    LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, "socket-resource" },
  { FAULT_SEND, EMFILE,     LSOCK_SOCKET_ERROR_SOCKET_RESOURCE, "socket-resource" },
  { FAULT_SEND, EIO,        LSOCK_SOCKET_ERROR_CONNECTION,      "connection" },
  { FAULT_SEND, EBADMSG,    LSOCK_SOCKET_ERROR_CONNECTION,      "connection" },
};

static void
check_ended (LsockSocket *socket,
             Story       *story,
             const Case  *failure,
             const char  *before)
{
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);
  g_autofree char *wanted = g_strconcat (before, "error ", failure->nick, END, NULL);
  g_autofree char *text = g_strdup_printf ("The connection to “raw” ended: %s",
                                           g_strerror (failure->errnum));

  g_assert_cmpuint (fault_count (failure->fault), >, 0);
  g_assert_cmpstr (story_text (story), ==, wanted);
  g_assert_cmpint (lsock_socket_get_error (socket), ==, failure->code);
  g_assert_cmpstr (lsock_io_device_get_error_string (device), ==, text);
  g_assert_cmpint (lsock_socket_get_socket_descriptor (socket), ==, -1);
  g_assert_cmpint (lsock_io_device_bytes_to_write (device), ==, 0);
}

typedef enum
{
  BY_LOOP,
  BY_WAIT_FOR_DATA,
  BY_WAIT_FOR_WRITTEN,
  BY_WAIT_FOR_END,
  N_MANNERS
} Manner;

static const char * const manner_names[] = {
  "loop", "wait-for-data", "wait-for-written", "wait-for-end",
};

static void
await_end (LsockSocket *socket,
           Manner       manner)
{
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);

  switch (manner)
    {
    case BY_WAIT_FOR_DATA:
      while (lsock_io_device_wait_for_ready_read (device, 10000))
        ;
      break;

    case BY_WAIT_FOR_WRITTEN:
      g_assert_false (lsock_io_device_wait_for_bytes_written (device, 10000));
      break;

    case BY_WAIT_FOR_END:
      g_assert_true (lsock_socket_wait_for_disconnected (socket, 10000));
      break;

    case BY_LOOP:
    case N_MANNERS:
    default:
      await (is_unconnected, socket);
    }

  g_assert_true (is_unconnected (socket));
}

/* What came before is still there. */
static void
test_receiving_fails (Fixture       *fixture,
                      const Case    *failure,
                      Manner         manner)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = NULL;
  guint before = count_descriptors ();

  raw_write (peer, "first");
  await (has_data, socket);
  story = story_of (socket);
  raw_write (peer, "second");
  fault_set (FAULT_RECV, failure->errnum, 1);
  if (manner == BY_WAIT_FOR_WRITTEN)
    {
      /* This wait receives too, but only when it has something to wait for. */
      fault_set (FAULT_SEND, EAGAIN, 1);
      write_text (socket, "question");
      fault_set (FAULT_SEND, EAGAIN, FAULT_ALWAYS);
    }
  await_end (socket, manner);
  fault_clear (FAULT_SEND);

  check_ended (socket, story, failure, "");
  assert_read (socket, "first");
  g_assert_cmpuint (count_descriptors (), ==, before - 1);
  close (peer);
}

static void
test_sending_fails (Fixture       *fixture,
                    const Case    *failure,
                    Manner         manner)
{
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);
  g_autoptr (GError) error = NULL;
  guint before = count_descriptors ();

  raw_write (peer, "the last");
  fault_set (FAULT_SEND, failure->errnum, 1);
  /* A signal from inside write() would surprise its caller: the failure is reported later. */
  write_text (socket, "question");
  g_assert_cmpstr (story_text (story), ==, "");
  g_assert_cmpint (lsock_io_device_write (LSOCK_IO_DEVICE (socket), (const guint8 *) "x", 1,
                                          &error), ==, -1);
  g_assert_error (error, LSOCK_SOCKET_ERROR, (int) failure->code);
  g_assert_true (g_str_has_suffix (error->message, g_strerror (failure->errnum)));
  await_end (socket, manner);

  check_ended (socket, story, failure, "ready-read, ");
  assert_read (socket, "the last");
  g_assert_cmpuint (count_descriptors (), ==, before - 1);
  close (peer);
}

static void
test_ends (Fixture       *fixture,
           gconstpointer  data)
{
  const Case *failure = &end_cases[GPOINTER_TO_UINT (data) / N_MANNERS];
  Manner manner = (Manner) (GPOINTER_TO_UINT (data) % N_MANNERS);

  if (failure->fault == FAULT_RECV)
    test_receiving_fails (fixture, failure, manner);
  else
    test_sending_fails (fixture, failure, manner);
}

/* A handler that has always taken all that came reads from the kernel itself. */
static void
read_into (LsockIODevice *device,
           GString       *got)
{
  char buffer[100];
  gssize n = lsock_io_device_read (device, buffer, sizeof buffer, NULL);

  if (n > 0)
    g_string_append_len (got, buffer, n);
}

static void
test_direct_read_fails (Fixture       *fixture,
                        gconstpointer  data)
{
  const Case *failure = data;
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = NULL;
  GString *got = g_string_new (NULL);

  g_signal_connect (socket, "ready-read", G_CALLBACK (read_into), got);
  raw_write (peer, "first");
  await_text (got, "first");
  story = story_of (socket);
  fault_set (FAULT_RECV, failure->errnum, 1);
  raw_write (peer, "second");
  await (is_unconnected, socket);

  g_assert_cmpuint (fault_count (FAULT_RECV), ==, 1);
  g_assert_true (g_str_has_suffix (story_text (story), END));
  g_assert_cmpint (lsock_socket_get_error (socket), ==, failure->code);
  g_assert_cmpstr (got->str, ==, "first");
  g_string_free (got, TRUE);
  close (peer);
}

/* What had to wait, and cannot be sent when there is room. */
static void
test_sending_fails_late (Fixture       *fixture,
                         gconstpointer  data)
{
  const Case *failure = data;
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);

  raw_write (peer, "the last");
  fault_set (FAULT_SEND, EAGAIN, 1);
  write_text (socket, "question");
  g_assert_cmpint (lsock_io_device_bytes_to_write (LSOCK_IO_DEVICE (socket)), ==, 8);
  fault_set (FAULT_SEND, failure->errnum, 1);
  await (is_unconnected, socket);
  check_ended (socket, story, failure, "ready-read, ");
  assert_read (socket, "the last");
  close (peer);
}


/* What passes */

static const int passing[] = { EINTR, EAGAIN };

static void
test_receiving_passes (Fixture       *fixture,
                       gconstpointer  data)
{
  int errnum = passing[GPOINTER_TO_UINT (data) % G_N_ELEMENTS (passing)];
  gboolean by_wait = GPOINTER_TO_UINT (data) >= G_N_ELEMENTS (passing);
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  g_autoptr (Story) story = story_of (socket);

  raw_write (peer, "hello");
  fault_set (FAULT_RECV, errnum, 3);
  if (by_wait)
    g_assert_true (lsock_io_device_wait_for_ready_read (LSOCK_IO_DEVICE (socket), 10000));
  else
    await (has_data, socket);
  g_assert_cmpuint (fault_count (FAULT_RECV), ==, 3);
  g_assert_cmpstr (story_text (story), ==, "ready-read");
  assert_read (socket, "hello");

  /* And nothing was remembered of it. */
  raw_write (peer, "and more");
  await (has_data, socket);
  g_assert_cmpstr (story_text (story), ==, "ready-read, ready-read");
  g_assert_cmpint (lsock_socket_get_error (socket), ==, LSOCK_SOCKET_ERROR_UNKNOWN);
  close (peer);
}

static void
test_direct_read_passes (Fixture       *fixture,
                         gconstpointer  data)
{
  int errnum = passing[GPOINTER_TO_UINT (data)];
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  GString *got = g_string_new (NULL);

  g_signal_connect (socket, "ready-read", G_CALLBACK (read_into), got);
  raw_write (peer, "first ");
  await_text (got, "first ");
  fault_set (FAULT_RECV, errnum, 2);
  raw_write (peer, "second ");
  await_text (got, "first second ");
  g_assert_cmpuint (fault_count (FAULT_RECV), ==, 2);
  raw_write (peer, "third");
  await_text (got, "first second third");
  g_string_free (got, TRUE);
  close (peer);
}

static void
test_sending_passes (Fixture       *fixture,
                     gconstpointer  data)
{
  int errnum = passing[GPOINTER_TO_UINT (data) % G_N_ELEMENTS (passing)];
  gboolean by_wait = GPOINTER_TO_UINT (data) >= G_N_ELEMENTS (passing);
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);
  LsockIODevice *device = LSOCK_IO_DEVICE (socket);
  g_autoptr (Story) story = story_of (socket);
  g_autoptr (GBytes) got = NULL;

  fault_set (FAULT_SEND, errnum, 3);
  write_text (socket, "a question");
  if (by_wait)
    g_assert_true (lsock_io_device_wait_for_bytes_written (device, 10000));
  else
    await (has_written, socket);
  settle ();
  g_assert_cmpuint (fault_count (FAULT_SEND), ==, 3);
  g_assert_cmpstr (story_text (story), ==, "bytes-written 10");
  got = raw_read (peer, 10);
  g_assert_cmpmem (g_bytes_get_data (got, NULL), g_bytes_get_size (got), "a question", 10);
  g_assert_cmpint (lsock_socket_get_error (socket), ==, LSOCK_SOCKET_ERROR_UNKNOWN);
  close (peer);
}

/* A signal that interrupts the sleep is no reason to give up, and none for the time limit. */
static void
test_wait_interrupted (Fixture       *fixture,
                       gconstpointer  data)
{
  int errnum = passing[GPOINTER_TO_UINT (data)];
  int peer;
  g_autoptr (LsockSocket) socket = connect_to_raw (fixture, &peer);

  raw_write (peer, "hello");
  fault_set (FAULT_POLL, errnum, 3);
  g_assert_true (lsock_io_device_wait_for_ready_read (LSOCK_IO_DEVICE (socket), 10000));
  g_assert_cmpuint (fault_count (FAULT_POLL), ==, 3);
  assert_read (socket, "hello");

  fault_set (FAULT_POLL, errnum, 3);
  g_assert_false (lsock_io_device_wait_for_ready_read (LSOCK_IO_DEVICE (socket), 20));
  g_assert_cmpuint (fault_count (FAULT_POLL), ==, 3);
  g_assert_cmpint (lsock_socket_get_error (socket), ==, LSOCK_SOCKET_ERROR_SOCKET_TIMEOUT);
  g_assert_true (is_connected (socket));
  close (peer);
}

#define ADD(path, data, function) \
  g_test_add (path, Fixture, data, fixture_set_up, function, fixture_tear_down)

static void
add_case (const char    *prefix,
          Fault          fault,
          int            errnum,
          const char    *suffix,
          gconstpointer  data,
          void         (*function) (Fixture *fixture, gconstpointer data))
{
  g_autofree char *why = g_strdelimit (g_strdup (g_strerror (errnum)), " /", '-');
  g_autofree char *path = g_strdup_printf ("/socket/%s/%s/%s%s", prefix, fault_name (fault), why,
                                           suffix);

  ADD (path, data, function);
}

int
main (int   argc,
      char *argv[])
{
  static const int slow[] = { EINTR, EAGAIN, EINPROGRESS, EALREADY };

  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (connect_cases); i++)
    add_case ("fails", connect_cases[i].fault, connect_cases[i].errnum, "", &connect_cases[i],
              test_connect_fails);
  for (gsize i = 0; i < G_N_ELEMENTS (slow); i++)
    {
      add_case ("passes", FAULT_CONNECT, slow[i], "/loop", GINT_TO_POINTER (slow[i]),
                test_connect_passes);
      add_case ("passes", FAULT_CONNECT, slow[i], "/wait", GINT_TO_POINTER (slow[i]),
                test_connect_passes_in_wait);
    }
  ADD ("/socket/fails/connect/late/loop", GINT_TO_POINTER (FALSE), test_connect_fails_late);
  ADD ("/socket/fails/connect/late/wait", GINT_TO_POINTER (TRUE), test_connect_fails_late);

  for (guint i = 0; i < G_N_ELEMENTS (end_cases); i++)
    {
      const Case *failure = &end_cases[i];

      for (guint manner = 0; manner < N_MANNERS; manner++)
        {
          g_autofree char *suffix = g_strconcat ("/", manner_names[manner], NULL);

          add_case ("fails", failure->fault, failure->errnum, suffix,
                    GUINT_TO_POINTER (i * N_MANNERS + manner), test_ends);
        }
      if (failure->fault == FAULT_RECV)
        add_case ("fails", FAULT_RECV, failure->errnum, "/direct", failure, test_direct_read_fails);
      else
        add_case ("fails", FAULT_SEND, failure->errnum, "/late", failure, test_sending_fails_late);
    }

  for (guint i = 0; i < G_N_ELEMENTS (passing); i++)
    {
      gpointer waits = GUINT_TO_POINTER (i + (guint) G_N_ELEMENTS (passing));

      add_case ("passes", FAULT_RECV, passing[i], "/loop", GUINT_TO_POINTER (i),
                test_receiving_passes);
      add_case ("passes", FAULT_RECV, passing[i], "/wait", waits, test_receiving_passes);
      add_case ("passes", FAULT_RECV, passing[i], "/direct", GUINT_TO_POINTER (i),
                test_direct_read_passes);
      add_case ("passes", FAULT_SEND, passing[i], "/loop", GUINT_TO_POINTER (i),
                test_sending_passes);
      add_case ("passes", FAULT_SEND, passing[i], "/wait", waits, test_sending_passes);
      add_case ("passes", FAULT_POLL, passing[i], "", GUINT_TO_POINTER (i), test_wait_interrupted);
    }

  return g_test_run ();
}
