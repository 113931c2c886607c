/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The reactor, which the library hides: descriptors reach a main context. */

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/lsock-reactor-private.h"

#include "fixture.h"

typedef struct _Watcher Watcher;

struct _Watcher
{
  LsockWatch  watch;
  int         fd;
  int         peer;
  guint       calls;
  LsockReady  ready;            /* in all calls since it was cleared */
  void      (*act) (Watcher *self);
  gpointer    data;             /* of act() */
};

static void
on_ready (gpointer   owner,
          LsockReady ready)
{
  Watcher *self = owner;

  self->calls++;
  self->ready |= ready;
  if (self->act != NULL)
    self->act (self);
}

static void
watcher_start (Watcher      *self,
               GMainContext *context,
               int           priority,
               LsockReady    interest)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (_lsock_watch_start (&self->watch, context, priority, self->fd, interest, on_ready,
                                     self, &error));
  g_assert_no_error (error);
  g_assert_true (_lsock_watch_is_active (&self->watch));
}

static void
watcher_init (Watcher *self)
{
  int pair[2];

  memset (self, 0, sizeof *self);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), ==, 0);
  self->fd = pair[0];
  self->peer = pair[1];
}

static void
watcher_clear (Watcher *self)
{
  if (_lsock_watch_is_active (&self->watch))
    _lsock_watch_stop (&self->watch);
  g_assert_false (_lsock_watch_is_active (&self->watch));
  if (self->fd >= 0)
    close (self->fd);
  if (self->peer >= 0)
    close (self->peer);
}

static void
take (Watcher *self)
{
  char buffer[16];

  g_assert_cmpint (recv (self->fd, buffer, sizeof buffer, 0), >=, 0);
}

static gboolean
is_called (gpointer watcher)
{
  return ((Watcher *) watcher)->calls > 0;
}


static void
test_ready (void)
{
  Watcher watcher;

  watcher_init (&watcher);
  watcher_start (&watcher, g_main_context_default (), 0, LSOCK_READY_IN);
  settle ();
  g_assert_cmpuint (watcher.calls, ==, 0);

  /* Announced again in each turn until it is read. */
  raw_write (watcher.peer, "x");
  await (is_called, &watcher);
  g_assert_true ((watcher.ready & LSOCK_READY_IN) != 0);
  g_assert_true ((watcher.ready & (LSOCK_READY_OUT | LSOCK_READY_HUP)) == 0);
  watcher.calls = 0;
  await (is_called, &watcher);
  watcher.act = take;
  settle ();
  watcher.calls = 0;
  settle ();
  g_assert_cmpuint (watcher.calls, ==, 0);
  watcher_clear (&watcher);
}

static void
test_interest (void)
{
  Watcher watcher;

  watcher_init (&watcher);
  watcher_start (&watcher, g_main_context_default (), 0, LSOCK_READY_NONE);
  raw_write (watcher.peer, "x");
  settle ();
  g_assert_cmpuint (watcher.calls, ==, 0);

  _lsock_watch_set_interest (&watcher.watch, LSOCK_READY_OUT);
  await (is_called, &watcher);
  g_assert_true ((watcher.ready & LSOCK_READY_OUT) != 0);
  g_assert_true ((watcher.ready & LSOCK_READY_IN) == 0);

  _lsock_watch_set_interest (&watcher.watch, LSOCK_READY_IN);
  watcher.calls = 0;
  watcher.ready = LSOCK_READY_NONE;
  await (is_called, &watcher);
  g_assert_true ((watcher.ready & LSOCK_READY_IN) != 0);
  g_assert_true ((watcher.ready & LSOCK_READY_OUT) == 0);

  _lsock_watch_set_interest (&watcher.watch, LSOCK_READY_NONE);
  watcher.calls = 0;
  settle ();
  g_assert_cmpuint (watcher.calls, ==, 0);
  watcher_clear (&watcher);
}

static void
test_hang_up (void)
{
  Watcher watcher;

  watcher_init (&watcher);
  watcher_start (&watcher, g_main_context_default (), 0, LSOCK_READY_IN);
  close (watcher.peer);
  watcher.peer = -1;
  await (is_called, &watcher);
  g_assert_true ((watcher.ready & LSOCK_READY_HUP) != 0);
  watcher_clear (&watcher);
}

static void
stop (Watcher *self)
{
  _lsock_watch_stop (&self->watch);
}

static void
stop_other (Watcher *self)
{
  Watcher *other = self->data;

  if (_lsock_watch_is_active (&other->watch))
    _lsock_watch_stop (&other->watch);
}

/* Two that are ready in the same turn, each of which stops the other: one call. */
static void
test_stop_other (void)
{
  for (int i = 0; i < 3; i++)
    {
      Watcher watchers[2];

      for (int j = 0; j < 2; j++)
        {
          watcher_init (&watchers[j]);
          watcher_start (&watchers[j], g_main_context_default (), 0, LSOCK_READY_IN);
          watchers[j].act = i == 0 ? stop : stop_other;
          watchers[j].data = &watchers[1 - j];
          raw_write (watchers[j].peer, "x");
        }
      await_true (is_called (&watchers[0]) || is_called (&watchers[1]));
      if (i == 0)
        await_true (is_called (&watchers[0]) && is_called (&watchers[1]));
      else
        for (int j = 0; j < 2; j++)
          if (watchers[j].calls > 0)
            {
              _lsock_watch_stop (&watchers[j].watch);
              g_assert_cmpuint (watchers[1 - j].calls, ==, 0);
            }
      settle ();
      g_assert_cmpuint (watchers[0].calls + watchers[1].calls, ==, i == 0 ? 2 : 1);
      watcher_clear (&watchers[0]);
      watcher_clear (&watchers[1]);
    }
}

/* The number of a descriptor that was ready, and closed in the same turn, belongs to another one. */
static void
replace_other (Watcher *self)
{
  Watcher *other = self->data;
  int pair[2];

  take (self);
  if (other->data == NULL)
    return;

  _lsock_watch_stop (&other->watch);
  close (other->fd);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), ==, 0);
  g_assert_cmpint (dup2 (pair[0], other->fd), ==, other->fd);
  if (pair[0] != other->fd)
    close (pair[0]);
  close (other->peer);
  other->peer = pair[1];
  other->data = NULL;
  self->data = NULL;
  other->calls = 0;
  watcher_start (other, g_main_context_default (), 0, LSOCK_READY_IN);
}

static void
replace_once (Watcher *self)
{
  if (self->data != NULL)
    replace_other (self);
  else
    take (self);
}

static void
test_reused_number (void)
{
  Watcher watchers[2];

  for (int j = 0; j < 2; j++)
    {
      watcher_init (&watchers[j]);
      watcher_start (&watchers[j], g_main_context_default (), 0, LSOCK_READY_IN);
      watchers[j].act = replace_once;
      watchers[j].data = &watchers[1 - j];
    }
  for (int j = 0; j < 2; j++)
    raw_write (watchers[j].peer, "x");
  settle ();

  /* The one that was replaced has heard nothing of the old descriptor. */
  g_assert_cmpuint (MIN (watchers[0].calls, watchers[1].calls), ==, 0);
  for (int j = 0; j < 2; j++)
    {
      watchers[j].calls = 0;
      raw_write (watchers[j].peer, "y");
      await (is_called, &watchers[j]);
      watcher_clear (&watchers[j]);
    }
}

static void
run_loop (Watcher *self)
{
  Watcher *other = self->data;

  self->act = take;
  raw_write (other->peer, "x");
  await (is_called, other);
}

/* A handler runs the loop: the others are served there, and what it has not read itself, too. */
static void
test_nested (void)
{
  Watcher outer, inner;

  watcher_init (&outer);
  watcher_init (&inner);
  watcher_start (&outer, g_main_context_default (), 0, LSOCK_READY_IN);
  watcher_start (&inner, g_main_context_default (), 0, LSOCK_READY_IN);
  outer.act = run_loop;
  outer.data = &inner;
  inner.act = take;
  raw_write (outer.peer, "x");
  await (is_called, &inner);
  settle ();
  g_assert_true ((inner.ready & LSOCK_READY_IN) != 0);
  watcher_clear (&outer);
  watcher_clear (&inner);
}

static void
start_other (Watcher *self)
{
  Watcher *other = self->data;

  take (self);
  if (!_lsock_watch_is_active (&other->watch))
    watcher_start (other, g_main_context_default (), 0, LSOCK_READY_IN);
}

static void
test_start_inside (void)
{
  Watcher first, second;

  watcher_init (&first);
  watcher_init (&second);
  watcher_start (&first, g_main_context_default (), 0, LSOCK_READY_IN);
  first.act = start_other;
  first.data = &second;
  second.act = take;
  raw_write (second.peer, "x");
  raw_write (first.peer, "x");
  await (is_called, &second);
  watcher_clear (&first);
  watcher_clear (&second);
}

static void
test_wake (void)
{
  Watcher watcher;

  watcher_init (&watcher);
  watcher_start (&watcher, g_main_context_default (), 0, LSOCK_READY_IN);
  _lsock_watch_wake (&watcher.watch);
  g_assert_cmpuint (watcher.calls, ==, 0);
  await (is_called, &watcher);
  g_assert_cmpint (watcher.ready, ==, LSOCK_READY_WAKE);
  watcher.calls = 0;
  settle ();
  g_assert_cmpuint (watcher.calls, ==, 0);

  /* One that is forgotten does not come. */
  _lsock_watch_wake (&watcher.watch);
  _lsock_watch_forget (&watcher.watch, LSOCK_READY_WAKE);
  settle ();
  g_assert_cmpuint (watcher.calls, ==, 0);
  watcher_clear (&watcher);
}

static void
note_high (Watcher *self)
{
  g_string_append (self->data, "high ");
  take (self);
}

static void
note_low (Watcher *self)
{
  g_string_append (self->data, "low ");
  take (self);
}

static void
test_priorities (void)
{
  g_autoptr (GString) order = g_string_new (NULL);
  Watcher low, high;

  watcher_init (&low);
  watcher_init (&high);
  watcher_start (&low, g_main_context_default (), G_PRIORITY_LOW, LSOCK_READY_IN);
  watcher_start (&high, g_main_context_default (), G_PRIORITY_HIGH, LSOCK_READY_IN);
  low.act = note_low;
  high.act = note_high;
  low.data = order;
  high.data = order;
  raw_write (low.peer, "x");
  raw_write (high.peer, "x");
  await_true (order->len >= strlen ("high low "));
  g_assert_cmpstr (order->str, ==, "high low ");
  watcher_clear (&low);
  watcher_clear (&high);
}

/* A descriptor that is always ready does not keep the others from their turn. */
static void
test_fair (void)
{
  Watcher watchers[20];

  for (guint i = 0; i < G_N_ELEMENTS (watchers); i++)
    {
      watcher_init (&watchers[i]);
      watcher_start (&watchers[i], g_main_context_default (), 0, LSOCK_READY_IN);
      raw_write (watchers[i].peer, "x");
    }
  for (guint i = 0; i < G_N_ELEMENTS (watchers); i++)
    await (is_called, &watchers[i]);
  for (guint i = 0; i < G_N_ELEMENTS (watchers); i++)
    g_assert_cmpuint (watchers[i].calls, <=, watchers[G_N_ELEMENTS (watchers) - 1 - i].calls + 1);
  for (guint i = 0; i < G_N_ELEMENTS (watchers); i++)
    watcher_clear (&watchers[i]);
}

/* Each context has its own; what is left when the last watch has gone is no descriptor. */
static void
test_contexts (void)
{
  Watcher watchers[2];
  GMainContext *contexts[2];
  guint before = count_descriptors ();

  for (int i = 0; i < 2; i++)
    {
      contexts[i] = g_main_context_new ();
      watcher_init (&watchers[i]);
      watcher_start (&watchers[i], contexts[i], 0, LSOCK_READY_IN);
      watchers[i].act = take;
      raw_write (watchers[i].peer, "x");
    }
  await_true_in (contexts[1], is_called (&watchers[1]));
  g_assert_cmpuint (watchers[0].calls, ==, 0);
  await_true_in (contexts[0], is_called (&watchers[0]));

  for (int i = 0; i < 2; i++)
    {
      watcher_clear (&watchers[i]);
      g_main_context_unref (contexts[i]);
    }
  g_assert_cmpuint (count_descriptors (), ==, before);
}

/* A context at the address of one that was given up has a reactor of its own. */
static void
test_given_up (void)
{
  g_test_summary ("The sockets of a new context were deaf where an old one had been");

  for (int i = 0; i < 50; i++)
    {
      GMainContext *context = g_main_context_new ();
      Watcher watcher;

      watcher_init (&watcher);
      watcher_start (&watcher, context, 0, LSOCK_READY_IN);
      watcher.act = take;
      raw_write (watcher.peer, "x");
      await_true_in (context, is_called (&watcher));
      if (i % 2 == 0)
        _lsock_watch_stop (&watcher.watch);
      g_main_context_unref (context);
      watcher_clear (&watcher);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/reactor/ready", test_ready);
  g_test_add_func ("/reactor/interest", test_interest);
  g_test_add_func ("/reactor/hang-up", test_hang_up);
  g_test_add_func ("/reactor/stop-other", test_stop_other);
  g_test_add_func ("/reactor/reused-number", test_reused_number);
  g_test_add_func ("/reactor/nested", test_nested);
  g_test_add_func ("/reactor/start-inside", test_start_inside);
  g_test_add_func ("/reactor/wake", test_wake);
  g_test_add_func ("/reactor/priorities", test_priorities);
  g_test_add_func ("/reactor/fair", test_fair);
  g_test_add_func ("/reactor/contexts", test_contexts);
  g_test_add_func ("/reactor/given-up", test_given_up);

  return g_test_run ();
}
