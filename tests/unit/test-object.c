/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fixture.h"


/* A log of what was said, in order */

static GString *story;

static void
tell (const char *what)
{
  if (story->len > 0)
    g_string_append_c (story, ' ');
  g_string_append (story, what);
}

static void
on_destroyed (LsockObject *object,
              gpointer     user_data)
{
  tell (user_data);
}

static LsockObject *
make (const char *name,
      gpointer    parent)
{
  LsockObject *object = g_object_new (LSOCK_TYPE_OBJECT, "name", name, "parent", parent, NULL);

  g_signal_connect (object, "destroyed", G_CALLBACK (on_destroyed),
                    (gpointer) g_intern_string (name));
  return object;
}

/* The parent has the only reference. */
static LsockObject *
give (const char *name,
      gpointer    parent)
{
  LsockObject *object = make (name, parent);

  g_object_unref (object);
  return object;
}

static guint
count (gpointer parent)
{
  return g_list_model_get_n_items (lsock_object_children_of (parent));
}

static void
setup (void)
{
  story = g_string_new (NULL);
}

static void
teardown (void)
{
  g_string_free (story, TRUE);
}


/* A class that says what happens to it */

#define TEST_TYPE_DEVICE (test_device_get_type ())
G_DECLARE_FINAL_TYPE (TestDevice, test_device, TEST, DEVICE, LsockObject)

struct _TestDevice
{
  LsockObject   parent_instance;
  GMainContext *moved_to;
};

G_DEFINE_FINAL_TYPE (TestDevice, test_device, LSOCK_TYPE_OBJECT)

static GThread *last_end;

static void
test_device_end (LsockObject *object)
{
  last_end = g_thread_self ();
  g_object_notify (G_OBJECT (object), "name");
  tell ("end");

  LSOCK_OBJECT_CLASS (test_device_parent_class)->shutdown (object);
}

static void
test_device_move_context (LsockObject  *object,
                          GMainContext *context)
{
  TEST_DEVICE (object)->moved_to = context;
  tell ("move");
}

static void
test_device_class_init (TestDeviceClass *klass)
{
  LSOCK_OBJECT_CLASS (klass)->shutdown = test_device_end;
  LSOCK_OBJECT_CLASS (klass)->move_context = test_device_move_context;
}

static void
test_device_init (TestDevice *self)
{
}


/* Ownership */

static void
test_parent_holds (void)
{
  LsockObject *parent = lsock_object_new ();
  LsockObject *child = lsock_object_new ();

  lsock_object_set_parent (child, G_OBJECT (parent));
  g_assert_true (lsock_object_get_parent (child) == G_OBJECT (parent));
  g_assert_cmpuint (count (parent), ==, 1);
  g_object_add_weak_pointer (G_OBJECT (child), (gpointer *) &child);
  g_object_unref (child);
  g_assert_nonnull (child);

  lsock_object_set_parent (child, NULL);
  g_assert_null (child);
  g_assert_cmpuint (count (parent), ==, 0);
  g_assert_finalize_object (parent);
}

static void
test_parent_order (void)
{
  LsockObject *parent = make ("parent", NULL);

  give ("a", parent);
  give ("b-child", give ("b", parent));
  give ("c", parent);
  g_assert_finalize_object (parent);
  g_assert_cmpstr (story->str, ==, "parent c b b-child a");
}

static void
test_parent_foreign (void)
{
  g_autoptr (GObject) owner = G_OBJECT (g_list_store_new (G_TYPE_OBJECT));

  give ("a", owner);
  give ("b", owner);
  g_assert_cmpuint (count (owner), ==, 2);
  g_object_run_dispose (owner);
  g_assert_cmpstr (story->str, ==, "b a");
  g_assert_cmpuint (count (owner), ==, 0);

  /* Disposed once does not mean gone. */
  give ("c", owner);
  g_clear_object (&owner);
  g_assert_cmpstr (story->str, ==, "b a c");
}

static void
test_parent_moves (void)
{
  LsockObject *a = make ("a", NULL);
  LsockObject *b = make ("b", NULL);
  LsockObject *child = give ("child", a);

  lsock_object_set_parent (child, G_OBJECT (b));
  g_assert_cmpuint (count (a), ==, 0);
  g_assert_cmpuint (count (b), ==, 1);
  g_assert_finalize_object (a);
  g_assert_finalize_object (b);
  g_assert_cmpstr (story->str, ==, "a b child");
}

static void
test_parent_refused (void)
{
  LsockObject *a = make ("a", NULL);
  LsockObject *b = give ("b", a);
  LsockObject *c = give ("c", b);
  g_autoptr (GMainContext) context = g_main_context_new ();
  LsockObject *stranger;

  g_test_expect_message ("Lsock", G_LOG_LEVEL_CRITICAL, "*its own ancestor*");
  lsock_object_set_parent (a, G_OBJECT (c));
  g_test_expect_message ("Lsock", G_LOG_LEVEL_CRITICAL, "*its own ancestor*");
  lsock_object_set_parent (a, G_OBJECT (a));
  g_assert_null (lsock_object_get_parent (a));

  g_main_context_push_thread_default (context);
  stranger = lsock_object_new ();
  g_main_context_pop_thread_default (context);
  g_test_expect_message ("Lsock", G_LOG_LEVEL_CRITICAL, "*another main context*");
  lsock_object_set_parent (stranger, G_OBJECT (a));
  g_assert_null (lsock_object_get_parent (stranger));

  g_object_ref (c);
  g_object_run_dispose (G_OBJECT (c));
  g_test_expect_message ("Lsock", G_LOG_LEVEL_CRITICAL, "*one of them has ended*");
  lsock_object_set_parent (c, G_OBJECT (a));
  g_test_assert_expected_messages ();

  g_assert_finalize_object (c);
  g_assert_finalize_object (stranger);
  g_assert_finalize_object (a);
}

static void
test_take (void)
{
  LsockObject *parent = make ("parent", NULL);
  LsockObject *child = give ("child", parent);
  LsockObject *taken = lsock_object_take (child);
  LsockObject *again;

  g_assert_true (taken == child);
  g_assert_null (lsock_object_get_parent (child));
  g_assert_finalize_object (parent);

  again = lsock_object_take (child);
  g_object_unref (again);
  g_assert_finalize_object (taken);
}

static void
on_items_changed (GListModel *model,
                  guint       position,
                  guint       removed,
                  guint       added,
                  gpointer    user_data)
{
  g_autofree char *text = g_strdup_printf ("%u-%u+%u=%u", position, removed, added,
                                           g_list_model_get_n_items (model));
  tell (text);
}

static void
test_children_model (void)
{
  g_autoptr (LsockObject) parent = lsock_object_new ();
  GListModel *model = lsock_object_get_children (parent);
  g_autoptr (GListModel) same = NULL;
  LsockObject *first;

  g_object_get (parent, "children", &same, NULL);
  g_assert_true (same == model);
  g_assert_true (g_list_model_get_item_type (model) == LSOCK_TYPE_OBJECT);

  g_signal_connect (model, "items-changed", G_CALLBACK (on_items_changed), NULL);
  first = g_object_new (LSOCK_TYPE_OBJECT, "parent", parent, NULL);
  g_object_unref (g_object_new (LSOCK_TYPE_OBJECT, "parent", parent, NULL));
  g_object_unref (g_object_new (LSOCK_TYPE_OBJECT, "parent", parent, NULL));
  lsock_object_set_parent (first, NULL);
  g_object_run_dispose (G_OBJECT (parent));
  g_assert_cmpstr (story->str, ==, "0-0+1=1 1-0+1=2 2-0+1=3 0-1+0=2 1-1+0=1 0-1+0=0");
  g_assert_finalize_object (first);
}

static void
test_children_many (void)
{
  LsockObject *parent = lsock_object_new ();
  g_autoptr (GPtrArray) all = g_ptr_array_new ();

  for (guint i = 0; i < 10000; i++)
    {
      LsockObject *child = lsock_object_new ();

      lsock_object_set_parent (child, G_OBJECT (parent));
      g_object_unref (child);
      g_ptr_array_add (all, child);
    }
  for (guint i = 0; i < 10000; i += 2)
    lsock_object_set_parent (g_ptr_array_index (all, i), NULL);
  g_assert_cmpuint (count (parent), ==, 5000);
  g_assert_finalize_object (parent);
}

static void
on_notify (GObject    *object,
           GParamSpec *pspec,
           gpointer    user_data)
{
  tell (pspec->name);
}

static void
test_notify (void)
{
  g_autoptr (LsockObject) parent = lsock_object_new ();
  g_autoptr (LsockObject) object = lsock_object_new ();

  g_signal_connect (object, "notify", G_CALLBACK (on_notify), NULL);
  for (guint i = 0; i < 2; i++)
    {
      lsock_object_set_name (object, "x");
      lsock_object_set_parent (object, G_OBJECT (parent));
      lsock_object_block_signals (object, TRUE);
    }
  g_assert_cmpstr (story->str, ==, "name parent signals-blocked");
}

static void
test_find (void)
{
  g_autoptr (GObject) owner = G_OBJECT (g_list_store_new (G_TYPE_OBJECT));
  LsockObject *a = give ("a", owner);
  LsockObject *b = give ("b", owner);
  LsockObject *deep_a = give ("deep", a);
  LsockObject *deep = give ("deep", owner);
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GPtrArray) none = NULL;

  g_assert_true (lsock_object_find_child (owner, "b", G_TYPE_INVALID) == b);
  g_assert_true (lsock_object_find_child (owner, "deep", LSOCK_TYPE_OBJECT) == deep);
  g_assert_true (lsock_object_find_child (G_OBJECT (a), "deep", LSOCK_TYPE_OBJECT) == deep_a);
  g_assert_true (lsock_object_find_child (owner, NULL, LSOCK_TYPE_OBJECT) == a);
  g_assert_null (lsock_object_find_child (owner, "deep", TEST_TYPE_DEVICE));
  g_assert_null (lsock_object_find_child (owner, "nobody", LSOCK_TYPE_OBJECT));

  found = lsock_object_find_children (owner, "deep", LSOCK_TYPE_OBJECT);
  g_assert_cmpuint (found->len, ==, 2);
  g_assert_true (g_ptr_array_index (found, 0) == deep_a);
  g_assert_true (g_ptr_array_index (found, 1) == deep);
  none = lsock_object_find_children (owner, "nobody", G_TYPE_INVALID);
  g_assert_cmpuint (none->len, ==, 0);
}


static void
test_find_unnamed (void)
{
  g_autoptr (GObject) owner = G_OBJECT (g_list_store_new (G_TYPE_OBJECT));
  LsockObject *named = give ("named", owner);
  LsockObject *empty = give ("", owner);
  LsockObject *unnamed = g_object_new (LSOCK_TYPE_OBJECT, "parent", named, NULL);
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GPtrArray) all = NULL;

  g_test_summary ("An empty name did not find the objects without one; in Qt it does");

  g_object_unref (unnamed);
  g_assert_true (lsock_object_find_child (owner, "", G_TYPE_INVALID) == empty);
  g_assert_true (lsock_object_find_child (G_OBJECT (named), "", LSOCK_TYPE_OBJECT) == unnamed);
  found = lsock_object_find_children (owner, "", G_TYPE_INVALID);
  g_assert_cmpuint (found->len, ==, 2);
  g_assert_true (g_ptr_array_index (found, 0) == unnamed);
  g_assert_true (g_ptr_array_index (found, 1) == empty);
  all = lsock_object_find_children (owner, NULL, G_TYPE_INVALID);
  g_assert_cmpuint (all->len, ==, 3);
}

static void
on_destroyed_look (LsockObject *object,
                   gpointer     parent)
{
  g_assert_null (lsock_object_get_parent (object));
  g_assert_cmpuint (count (parent), ==, 1);
  tell ("destroyed");
}

static void
test_parent_last_reference (void)
{
  g_autoptr (LsockObject) parent = lsock_object_new ();
  LsockObject *child = g_object_new (TEST_TYPE_DEVICE, "parent", parent, NULL);

  g_test_summary ("An object that only its parent holds is gone when it has no parent any more");

  give ("other", parent);
  g_object_unref (child);
  g_signal_connect (lsock_object_get_children (parent), "items-changed",
                    G_CALLBACK (on_items_changed), NULL);
  g_signal_connect (child, "notify", G_CALLBACK (on_notify), NULL);
  g_signal_connect (child, "destroyed", G_CALLBACK (on_destroyed_look), parent);
  lsock_object_set_parent (child, NULL);
  g_assert_cmpstr (story->str, ==, "0-1+0=1 parent end destroyed");
}

static void
on_items_changed_check (GListModel *model,
                        guint       position,
                        guint       removed,
                        guint       added,
                        gpointer    user_data)
{
  LsockObject **objects = user_data;

  g_assert_true (lsock_object_get_parent (objects[2]) == G_OBJECT (objects[1]));
  g_assert_cmpuint (count (objects[0]), ==, 0);
  g_assert_cmpuint (count (objects[1]), ==, 1);
  tell (removed > 0 ? "left" : "joined");
}

static void
test_parent_complete (void)
{
  g_autoptr (LsockObject) from = lsock_object_new ();
  g_autoptr (LsockObject) to = lsock_object_new ();
  g_autoptr (LsockObject) object = g_object_new (LSOCK_TYPE_OBJECT, "parent", from, NULL);
  LsockObject *objects[] = { from, to, object };

  g_test_summary ("Handlers of the list that an object left saw it without a parent");

  g_signal_connect (lsock_object_get_children (from), "items-changed",
                    G_CALLBACK (on_items_changed_check), objects);
  g_signal_connect (lsock_object_get_children (to), "items-changed",
                    G_CALLBACK (on_items_changed_check), objects);
  g_signal_connect (object, "notify", G_CALLBACK (on_notify), NULL);
  lsock_object_set_parent (object, G_OBJECT (to));
  g_assert_cmpstr (story->str, ==, "left joined parent");
  g_signal_handlers_disconnect_by_data (lsock_object_get_children (to), objects);
}


/* The end */

static void
test_end_silent (void)
{
  g_test_summary ("An object that lost its last reference says `destroyed` alone");
  LsockObject *object = g_object_new (TEST_TYPE_DEVICE, NULL);

  g_signal_connect (object, "notify", G_CALLBACK (on_notify), NULL);
  g_signal_connect (object, "destroyed", G_CALLBACK (on_destroyed), "destroyed");
  g_assert_finalize_object (object);
  g_assert_cmpstr (story->str, ==, "end destroyed");
}

static void
test_end_said (void)
{
  LsockObject *object = g_object_new (TEST_TYPE_DEVICE, NULL);

  lsock_object_block_signals (object, TRUE);
  g_signal_connect (object, "notify", G_CALLBACK (on_notify), NULL);
  g_signal_connect (object, "destroyed", G_CALLBACK (on_destroyed), "destroyed");
  g_object_run_dispose (G_OBJECT (object));
  g_object_run_dispose (G_OBJECT (object));
  g_assert_cmpstr (story->str, ==, "name end destroyed");
  g_assert_finalize_object (object);
  g_assert_cmpstr (story->str, ==, "name end destroyed");
}

static void
end_again (LsockObject *object,
           gpointer     user_data)
{
  g_object_run_dispose (G_OBJECT (object));
  lsock_object_delete_later (object);
}

static void
test_end_from_inside (void)
{
  LsockObject *object = lsock_object_new ();

  g_signal_connect (object, "destroyed", G_CALLBACK (end_again), NULL);
  g_signal_connect (object, "destroyed", G_CALLBACK (on_destroyed), "destroyed");
  g_object_run_dispose (G_OBJECT (object));
  g_assert_cmpstr (story->str, ==, "destroyed");
  settle ();
  g_assert_finalize_object (object);
}

static gpointer
unref_in_thread (gpointer data)
{
  g_object_unref (data);
  return NULL;
}

static void
test_end_other_thread (void)
{
  g_test_summary ("The last reference goes in a thread that the object does not belong to");
  LsockObject *object = g_object_new (TEST_TYPE_DEVICE, NULL);

  g_signal_connect (object, "destroyed", G_CALLBACK (on_destroyed), "destroyed");
  last_end = NULL;
  g_thread_join (g_thread_new ("dropper", unref_in_thread, object));
  g_assert_cmpstr (story->str, ==, "");
  settle ();
  g_assert_cmpstr (story->str, ==, "end destroyed");
  g_assert_true (last_end == g_thread_self ());
}

static gpointer
make_in_thread (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  LsockObject *object;

  g_main_context_push_thread_default (context);
  object = g_object_new (TEST_TYPE_DEVICE, NULL);
  g_main_context_pop_thread_default (context);
  return object;
}

static void
test_end_thread_gone (void)
{
  LsockObject *object = g_thread_join (g_thread_new ("maker", make_in_thread, NULL));

  g_assert_finalize_object (object);
  g_assert_cmpstr (story->str, ==, "end");
}

static void
test_delete_later (void)
{
  LsockObject *parent = make ("parent", NULL);
  LsockObject *child = give ("child", parent);

  lsock_object_delete_later (child);
  lsock_object_delete_later (child);
  g_assert_cmpuint (count (parent), ==, 1);
  settle ();
  g_assert_cmpuint (count (parent), ==, 0);
  g_assert_cmpstr (story->str, ==, "child");

  lsock_object_delete_later (parent);
  g_object_unref (parent);
  settle ();
  g_assert_cmpstr (story->str, ==, "child parent");
}

static gpointer
delete_in_thread (gpointer data)
{
  lsock_object_delete_later (data);
  return NULL;
}

static void
test_delete_later_thread (void)
{
  LsockObject *object = make ("object", NULL);

  g_thread_join (g_thread_new ("deleter", delete_in_thread, object));
  g_assert_cmpstr (story->str, ==, "");
  settle ();
  g_assert_cmpstr (story->str, ==, "object");
  g_assert_finalize_object (object);
}

static void
on_notify_delete (GObject    *object,
                  GParamSpec *pspec,
                  gpointer    user_data)
{
  lsock_object_delete_later (LSOCK_OBJECT (object));
  tell ("handled");
}

static void
test_delete_later_inside (void)
{
  LsockObject *object = make ("object", NULL);

  g_signal_connect (object, "notify::name", G_CALLBACK (on_notify_delete), NULL);
  lsock_object_set_name (object, "new");
  g_object_unref (object);
  settle ();
  g_assert_cmpstr (story->str, ==, "handled object");
}

static void
test_block_signals (void)
{
  g_autoptr (LsockObject) object = lsock_object_new ();

  g_assert_false (lsock_object_block_signals (object, TRUE));
  g_assert_true (lsock_object_get_signals_blocked (object));
  g_assert_true (lsock_object_block_signals (object, FALSE));
  g_assert_false (lsock_object_get_signals_blocked (object));
}


/* The main context */

static void
test_move (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GMainContext) stored = NULL;
  g_autoptr (GError) error = NULL;
  LsockObject *object = g_object_new (TEST_TYPE_DEVICE, NULL);
  LsockObject *child = g_object_new (TEST_TYPE_DEVICE, "parent", object, NULL);

  g_assert_true (lsock_object_get_main_context (object) == g_main_context_default ());
  g_assert_false (lsock_object_move_to_context (child, context, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_clear_error (&error);

  g_assert_true (lsock_object_move_to_context (object, context, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (story->str, ==, "move move");
  g_assert_true (TEST_DEVICE (child)->moved_to == context);
  g_object_get (object, "main-context", &stored, NULL);
  g_assert_true (stored == context);

  /* Nobody runs the new context, so it is not this thread's. */
  g_assert_false (lsock_object_move_to_context (object, NULL, &error));
  g_assert_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);

  lsock_object_delete_later (object);
  settle_in (context);
  g_assert_finalize_object (child);
  g_assert_finalize_object (object);
}

typedef void (*Case) (void);

static void
run_case (gconstpointer data)
{
  setup ();
  ((Case) data) ();
  g_test_assert_expected_messages ();
  teardown ();
}

static gboolean
delete_and_nest (gpointer data)
{
  LsockObject *object = data;
  int ended = 0;
  gulong id = g_signal_connect_swapped (object, "destroyed", G_CALLBACK (g_atomic_int_inc), &ended);

  lsock_object_delete_later (object);
  for (int i = 0; i < 5; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (ended, ==, 0);
  g_signal_handler_disconnect (object, id);
  return G_SOURCE_REMOVE;
}

/* A loop that a handler runs does not end the object under the handler. */
static void
test_delete_later_nested (void)
{
  g_autoptr (LsockObject) object = lsock_object_new ();
  int ended = 0;

  g_signal_connect_swapped (object, "destroyed", G_CALLBACK (g_atomic_int_inc), &ended);
  g_idle_add (delete_and_nest, object);
  await_true (ended > 0);
}

static gpointer
delete_other (gpointer object)
{
  lsock_object_delete_later (object);
  return NULL;
}

static LsockObject *others_victim;

/* Called where the loop is about to sleep: only a wake-up ends it before the deadline. */
static int
poll_while_other_works (GPollFD *fds,
                        guint    n_fds,
                        int      timeout)
{
  if (timeout != 0 && others_victim != NULL)
    g_thread_join (g_thread_new ("other", delete_other, g_steal_pointer (&others_victim)));

  return g_poll (fds, n_fds, timeout);
}

/* A source of another library that is asked after ours, right before the loop sleeps. */
static gboolean
delete_in_prepare (GSource *source,
                   int     *timeout)
{
  *timeout = -1;
  if (others_victim != NULL)
    lsock_object_delete_later (g_steal_pointer (&others_victim));
  return FALSE;
}

static gboolean
is_never_ready (GSource *source)
{
  return FALSE;
}

static void
test_delete_later_prepare (void)
{
  static GSourceFuncs funcs = { .prepare = delete_in_prepare, .check = is_never_ready };
  g_autoptr (GSource) source = g_source_new (&funcs, sizeof (GSource));
  g_autoptr (LsockObject) first = lsock_object_new ();
  g_autoptr (LsockObject) second = lsock_object_new ();
  int ended = 0;

  /* Brings the queue into the context, so that it is asked first. */
  lsock_object_delete_later (first);
  g_main_context_iteration (NULL, TRUE);

  g_signal_connect_swapped (second, "destroyed", G_CALLBACK (g_atomic_int_inc), &ended);
  g_source_attach (source, NULL);
  others_victim = second;
  g_main_context_set_poll_func (NULL, poll_while_other_works);
  await_true (ended > 0);
  g_main_context_set_poll_func (NULL, NULL);
  g_source_destroy (source);
}

static gboolean
delete_and_await_other (gpointer data)
{
  LsockObject **objects = data;
  int ended = 0;

  g_signal_connect_swapped (objects[1], "destroyed", G_CALLBACK (g_atomic_int_inc), &ended);
  lsock_object_delete_later (objects[0]);
  others_victim = objects[1];
  await_true (ended > 0);

  return G_SOURCE_REMOVE;
}

/* What may not end in a nested loop does not keep the others from waking it. */
static void
test_delete_later_wakes (void)
{
  g_autoptr (LsockObject) held = lsock_object_new ();
  g_autoptr (LsockObject) woken = lsock_object_new ();
  LsockObject *objects[] = { held, woken };
  int ended = 0;

  g_signal_connect_swapped (held, "destroyed", G_CALLBACK (g_atomic_int_inc), &ended);
  g_main_context_set_poll_func (NULL, poll_while_other_works);
  g_idle_add (delete_and_await_other, objects);
  await_true (ended > 0);
  g_main_context_set_poll_func (NULL, NULL);
}

int
main (int   argc,
      char *argv[])
{
  static const struct { const char *path; Case run; } cases[] = {
    { "/object/parent/holds-a-reference", test_parent_holds },
    { "/object/parent/ends-last-child-first", test_parent_order },
    { "/object/parent/any-gobject", test_parent_foreign },
    { "/object/parent/moves", test_parent_moves },
    { "/object/parent/refused", test_parent_refused },
    { "/object/take", test_take },
    { "/object/children/model", test_children_model },
    { "/object/children/ten-thousand", test_children_many },
    { "/object/notify", test_notify },
    { "/object/parent/last-reference", test_parent_last_reference },
    { "/object/parent/complete-then-told", test_parent_complete },
    { "/object/find", test_find },
    { "/object/find/unnamed", test_find_unnamed },
    { "/object/end/silent", test_end_silent },
    { "/object/end/said", test_end_said },
    { "/object/end/from-inside", test_end_from_inside },
    { "/object/end/other-thread", test_end_other_thread },
    { "/object/end/thread-gone", test_end_thread_gone },
    { "/object/delete-later", test_delete_later },
    { "/object/delete-later/thread", test_delete_later_thread },
    { "/object/delete-later/inside", test_delete_later_inside },
    { "/object/delete-later/nested", test_delete_later_nested },
    { "/object/delete-later/wakes", test_delete_later_wakes },
    { "/object/delete-later/in-prepare", test_delete_later_prepare },
    { "/object/block-signals", test_block_signals },
    { "/object/move-to-context", test_move },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add_data_func (cases[i].path, (gconstpointer) cases[i].run, run_case);

  return g_test_run ();
}
