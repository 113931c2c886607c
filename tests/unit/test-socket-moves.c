/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A socket that a handler moves to another main context: what the move interrupts goes on there,
 * for the connection that it was interrupted for and for no other.  One thread runs both contexts,
 * so that each step has its place. */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fixture.h"


typedef struct
{
  LsockSocket  *socket;
  GMainContext *context;    /* where it moves */
  int           peer;
  int           listener;   /* of the next connection */
  guint         calls;
  gboolean      move_first;
} World;

static void
world_set_up (World   *world,
              Fixture *fixture)
{
  world->socket = connect_to_raw (fixture, &world->peer);
  world->context = g_main_context_new ();
  world->listener = raw_listen (fixture, "next", 5);
}

static void
world_tear_down (World *world)
{
  g_signal_handlers_disconnect_by_data (world->socket, world);
  lsock_socket_abort (world->socket);
  g_object_unref (world->socket);
  settle_in (world->context);
  g_main_context_unref (world->context);
  if (world->peer >= 0)
    close (world->peer);
  close (world->listener);
}

static void
move_to (LsockSocket  *socket,
         GMainContext *context)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (lsock_object_move_to_context (LSOCK_OBJECT (socket), context, &error));
  g_assert_no_error (error);
}

/* Gives the connection up, begins the next one, and moves, all of it in one handler. */
static void
replace_and_move (World *world)
{
  if (world->calls++ > 0)
    return;

  if (world->move_first)
    move_to (world->socket, world->context);
  lsock_socket_abort (world->socket);
  lsock_socket_connect_to_server (world->socket, "next", LSOCK_OPEN_MODE_READ_WRITE);
  if (!world->move_first)
    move_to (world->socket, world->context);
}

static void
settle_both (World *world)
{
  for (int i = 0; i < 3; i++)
    {
      settle ();
      settle_in (world->context);
    }
}

/* The next connection is there, open, in the new context, and works. */
static void
assert_next_works (World *world)
{
  LsockIODevice *device = LSOCK_IO_DEVICE (world->socket);
  int peer;

  g_assert_true (lsock_object_get_main_context (LSOCK_OBJECT (world->socket)) == world->context);
  g_assert_true (is_connected (world->socket));
  g_assert_true (lsock_io_device_is_open (device));
  peer = raw_accept (world->listener);
  raw_write (peer, "hello");
  await_true_in (world->context, has_data (world->socket));
  assert_read (device, "hello");
  write_text (device, "and back");
  await_true_in (world->context, has_written (world->socket));
  close (peer);
}


/* What is left to be emitted */

static void
on_error_replace (LsockSocket      *socket,
                  LsockSocketError  error,
                  World            *world)
{
  replace_and_move (world);
}

static void
on_state_replace (LsockSocket      *socket,
                  LsockSocketState  state,
                  World            *world)
{
  if (state == LSOCK_SOCKET_STATE_UNCONNECTED)
    replace_and_move (world);
}

static void
test_stale_emissions (Fixture       *fixture,
                      gconstpointer  data)
{
  World world = { .move_first = GPOINTER_TO_INT (data) };
  g_autoptr (Story) story = NULL;

  g_test_summary ("The rest of the end of a connection was emitted in the new context for the next "
                  "one: `disconnected` while CONNECTED");

  world_set_up (&world, fixture);
  story = story_of (world.socket);
  g_signal_connect (world.socket, "state-changed", G_CALLBACK (on_state_replace), &world);
  lsock_socket_abort (world.socket);
  settle_both (&world);

  /* Inside the signals of a move everything but the state itself follows in the new context. */
  g_assert_null (strstr (story_text (story), "disconnected"));
  g_assert_null (strstr (story_text (story), "read-channel-finished"));
  g_assert_null (strstr (story_text (story), "error"));
  g_assert_true (g_str_has_suffix (story_text (story), "connected, connected"));
  assert_next_works (&world);
  world_tear_down (&world);
}

static void
test_stale_end (Fixture       *fixture,
                gconstpointer  data)
{
  World world = { .move_first = GPOINTER_TO_INT (data) };
  g_autoptr (Story) story = NULL;

  g_test_summary ("A handler of `error` that connected again and moved: the end of the former "
                  "connection went on in the new context");

  world_set_up (&world, fixture);
  story = story_of (world.socket);
  g_signal_connect (world.socket, "error", G_CALLBACK (on_error_replace), &world);
  close (world.peer);
  world.peer = -1;
  await_true (world.calls > 0);
  settle_both (&world);

  g_assert_cmpuint (world.calls, ==, 1);
  g_assert_true (g_str_has_suffix (story_text (story), "connecting, connected, connected"));
  assert_next_works (&world);
  world_tear_down (&world);
}


/* What is left to be closed */

static void
on_about_to_close_replace (LsockSocket *socket,
                           World       *world)
{
  replace_and_move (world);
}

static void
test_stale_close (Fixture       *fixture,
                  gconstpointer  data)
{
  World world = { .move_first = GPOINTER_TO_INT (data) };

  g_test_summary ("A handler of `about-to-close` that connected again and moved: the close that it "
                  "had interrupted was done to the next connection");

  world_set_up (&world, fixture);
  g_signal_connect (world.socket, "about-to-close", G_CALLBACK (on_about_to_close_replace), &world);
  lsock_io_device_close (LSOCK_IO_DEVICE (world.socket));
  g_assert_cmpuint (world.calls, ==, 1);
  settle_both (&world);
  assert_next_works (&world);
  world_tear_down (&world);
}

static void
test_stale_abort (Fixture       *fixture,
                  gconstpointer  data)
{
  World world = { .move_first = GPOINTER_TO_INT (data) };

  g_test_summary ("A handler that connected again and moved while the socket was aborted: the rest "
                  "of the abort closed the next connection");

  world_set_up (&world, fixture);
  g_signal_connect (world.socket, "state-changed", G_CALLBACK (on_state_replace), &world);
  lsock_socket_abort (world.socket);
  g_assert_cmpuint (world.calls, ==, 1);
  settle_both (&world);
  assert_next_works (&world);
  world_tear_down (&world);
}

static void
move_in_about_to_close (LsockSocket *socket,
                        World       *world)
{
  if (world->calls++ == 0)
    move_to (socket, world->context);
}

/* Neither handler does anything else: what has gone on is between the two moves. */
static void
test_stale_between_moves (Fixture       *fixture,
                          gconstpointer  data)
{
  World world = { 0, };
  g_autoptr (GMainContext) between = g_main_context_new ();
  g_autoptr (GMainContext) last = NULL;

  g_test_summary ("A close that a move had interrupted was done to the next connection, if the "
                  "socket moved once more before it had gone on");

  world_set_up (&world, fixture);
  last = g_steal_pointer (&world.context);
  world.context = between;
  g_assert_true (g_main_context_acquire (between));
  g_signal_connect (world.socket, "about-to-close", G_CALLBACK (move_in_about_to_close), &world);
  lsock_io_device_close (LSOCK_IO_DEVICE (world.socket));
  g_assert_cmpuint (world.calls, ==, 1);
  g_assert_true (is_connected (world.socket));

  lsock_socket_abort (world.socket);
  lsock_socket_connect_to_server (world.socket, "next", LSOCK_OPEN_MODE_READ_WRITE);
  world.context = g_steal_pointer (&last);
  move_to (world.socket, world.context);
  settle_in (between);
  g_main_context_release (between);
  settle_both (&world);
  assert_next_works (&world);
  world_tear_down (&world);
}


/* What is left to be connected */

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

  lsock_socket_abort (client);
  return clients;
}

/* Runs the new context inside the attempt, which is to be made when the handler has returned. */
static void
run_context_while_connecting (LsockSocket      *socket,
                              LsockSocketState  state,
                              World            *world)
{
  if (state != LSOCK_SOCKET_STATE_CONNECTING)
    return;

  world->calls++;
  settle_in (world->context);
  g_assert_cmpint (lsock_socket_get_state (socket), ==, LSOCK_SOCKET_STATE_CONNECTING);
}

static void
test_stale_attempt (Fixture       *fixture,
                    gconstpointer  data)
{
  World world = { .peer = -1 };
  int busy = raw_listen (fixture, "busy", 0);
  g_autoptr (GPtrArray) others = fill_backlog ("busy");
  guint before;

  g_test_summary ("A move that was followed inside a later attempt to connect made one of its own, "
                  "and the descriptor of the first was lost");

  world.socket = lsock_socket_new ();
  world.context = g_main_context_new ();
  world.listener = raw_listen (fixture, "next", 5);
  g_signal_connect (world.socket, "state-changed", G_CALLBACK (run_context_while_connecting),
                    &world);
  /* The queue of the new context has its descriptor before anything is counted. */
  settle_in (world.context);
  move_to (world.socket, world.context);
  before = count_descriptors ();

  lsock_socket_connect_to_server (world.socket, "busy", LSOCK_OPEN_MODE_READ_WRITE);
  g_assert_cmpuint (world.calls, ==, 1);
  g_assert_cmpint (lsock_socket_get_state (world.socket), ==, LSOCK_SOCKET_STATE_CONNECTING);
  settle_in (world.context);
  g_assert_cmpuint (count_descriptors (), ==, before + 1);
  lsock_socket_abort (world.socket);
  g_assert_cmpuint (count_descriptors (), ==, before);

  world_tear_down (&world);
  close (busy);
}


/* A second move */

typedef struct
{
  GMainContext *first;
  GMainContext *context;
  guint         calls;
  gboolean      returned;    /* the call that was being made when the socket moved */
  guint         early;       /* emissions in the new context before that */
  guint         connected;
} SecondMove;

static void
move_again (LsockSocket      *socket,
            LsockSocketState  state,
            SecondMove       *move)
{
  if (state != LSOCK_SOCKET_STATE_CONNECTING || move->calls++ > 0)
    return;

  move_to (socket, move->context);
  /* What the first move has queued comes along; nothing may be done with it before the call in the
   * old context has returned. */
  settle_in (move->first);
  settle_in (move->context);
}

static void
note_connected (LsockSocket *socket,
                SecondMove  *move)
{
  move->connected++;
  if (!move->returned)
    move->early++;
}

static void
test_second_move (Fixture       *fixture,
                  gconstpointer  data)
{
  gboolean has_first = GPOINTER_TO_INT (data);
  g_autoptr (GMainContext) first = g_main_context_new ();
  g_autoptr (GMainContext) second = g_main_context_new ();
  g_autoptr (LsockSocket) socket = lsock_socket_new ();
  SecondMove move = { .first = first, .context = second };
  int listener = raw_listen (fixture, "s", 5);

  g_test_summary ("A socket that was moved again before the first move had been followed went on "
                  "in the new context inside the calls of the old one");

  /* The thread has run it: only then the socket may be moved on from there. */
  settle_in (first);
  g_signal_connect (socket, "state-changed", G_CALLBACK (move_again), &move);
  g_signal_connect (socket, "connected", G_CALLBACK (note_connected), &move);
  g_assert_true (g_main_context_acquire (first));
  if (has_first)
    move_to (socket, first);

  lsock_socket_connect_to_server (socket, "s", LSOCK_OPEN_MODE_READ_WRITE);
  move.returned = TRUE;
  g_main_context_release (first);
  g_assert_cmpuint (move.calls, ==, 1);
  g_assert_cmpuint (move.early, ==, 0);
  g_assert_cmpuint (move.connected, ==, 0);

  await_true_in (second, move.connected > 0);
  settle_in (first);
  g_assert_cmpuint (move.connected, ==, 1);
  g_assert_true (is_connected (socket));
  close (listener);
}

/* Moved while it has nothing to do, and moved on at once. */
static void
test_two_moves (Fixture       *fixture,
                gconstpointer  data)
{
  World world = { 0, };
  g_autoptr (GMainContext) between = g_main_context_new ();

  world_set_up (&world, fixture);
  g_assert_true (g_main_context_acquire (between));
  move_to (world.socket, between);
  move_to (world.socket, world.context);
  g_main_context_release (between);

  raw_write (world.peer, "hello");
  settle ();
  settle_in (between);
  await_true_in (world.context, has_data (world.socket));
  assert_read (world.socket, "hello");
  world_tear_down (&world);
}

#define ADD(path, data, function) \
  g_test_add (path, Fixture, data, fixture_set_up, function, fixture_tear_down)

int
main (int   argc,
      char *argv[])
{
  static const struct
  {
    const char *name;
    void      (*run) (Fixture *fixture, gconstpointer data);
  } replaced[] = {
    { "emissions", test_stale_emissions },
    { "end", test_stale_end },
    { "close", test_stale_close },
    { "abort", test_stale_abort },
  };

  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (replaced); i++)
    {
      g_autofree char *last = g_strconcat ("/socket/moves/stale-", replaced[i].name, NULL);
      g_autofree char *first = g_strconcat (last, "/moved-first", NULL);

      ADD (last, GINT_TO_POINTER (FALSE), replaced[i].run);
      ADD (first, GINT_TO_POINTER (TRUE), replaced[i].run);
    }
  ADD ("/socket/moves/stale-close/between-moves", NULL, test_stale_between_moves);
  ADD ("/socket/moves/stale-attempt", NULL, test_stale_attempt);
  ADD ("/socket/moves/second", GINT_TO_POINTER (TRUE), test_second_move);
  ADD ("/socket/moves/only", GINT_TO_POINTER (FALSE), test_second_move);
  ADD ("/socket/moves/two", NULL, test_two_moves);

  return g_test_run ();
}
