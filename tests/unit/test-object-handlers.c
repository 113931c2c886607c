/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every public call of an object, from inside each of its signals. */

#include <lsock.h>

/* An object with a parent and a child, and a second parent.  The test has a reference on each. */
typedef struct
{
  LsockObject  *parent;
  LsockObject  *other;
  LsockObject  *object;
  LsockObject  *child;
  GMainContext *context;
  GPtrArray    *mirrors;
  int           destroyed;
  int           called;
  void        (*call) (gpointer world);
} World;

/* A copy of a list of children, made of nothing but its emissions. */
typedef struct
{
  GListModel *model;
  GPtrArray  *items;
} Mirror;

static int n_refused;


static void
on_items_changed (GListModel *model,
                  guint       position,
                  guint       removed,
                  guint       added,
                  gpointer    user_data)
{
  Mirror *mirror = user_data;

  g_assert_cmpuint (position + removed, <=, mirror->items->len);
  if (removed > 0)
    g_ptr_array_remove_range (mirror->items, position, removed);
  for (guint i = 0; i < added; i++)
    {
      g_autoptr (LsockObject) item = g_list_model_get_item (model, position + i);

      g_assert_nonnull (item);
      g_ptr_array_insert (mirror->items, (int) (position + i), item);
    }

  g_assert_cmpuint (g_list_model_get_n_items (model), ==, mirror->items->len);
  for (guint i = 0; i < mirror->items->len; i++)
    {
      g_autoptr (LsockObject) item = g_list_model_get_item (model, i);

      g_assert_true (item == g_ptr_array_index (mirror->items, i));
    }
}

static void
mirror_free (gpointer data)
{
  Mirror *mirror = data;

  g_signal_handlers_disconnect_by_data (mirror->model, mirror);
  g_object_unref (mirror->model);
  g_ptr_array_unref (mirror->items);
  g_free (mirror);
}

static void
world_mirror (World       *world,
              LsockObject *object)
{
  Mirror *mirror = g_new0 (Mirror, 1);

  mirror->model = g_object_ref (lsock_object_get_children (object));
  mirror->items = g_ptr_array_new ();
  g_signal_connect (mirror->model, "items-changed", G_CALLBACK (on_items_changed), mirror);
  g_ptr_array_add (world->mirrors, mirror);
}

static gboolean
is_listed (gpointer     parent,
           LsockObject *object)
{
  GListModel *model = lsock_object_children_of (parent);
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (LsockObject) item = g_list_model_get_item (model, i);

      n += item == object;
    }
  g_assert_cmpuint (n, <=, 1);
  return n == 1;
}

/* The tree is one, from above and from below. */
static void
world_check (World *world)
{
  GObject *parent;

  if (world->object == NULL)
    return;

  parent = lsock_object_get_parent (world->object);
  g_assert_true (parent == NULL || parent == G_OBJECT (world->parent) ||
                 parent == G_OBJECT (world->other));
  if (world->parent != NULL)
    g_assert_true (is_listed (world->parent, world->object) ==
                   (parent == G_OBJECT (world->parent)));
  if (world->other != NULL)
    g_assert_true (is_listed (world->other, world->object) == (parent == G_OBJECT (world->other)));
  g_assert_nonnull (lsock_object_get_main_context (world->object));
}


/* The calls */

static void
call_parent_other (gpointer data)
{
  World *world = data;

  lsock_object_set_parent (world->object, G_OBJECT (world->other));
}

static void
call_parent_none (gpointer data)
{
  lsock_object_set_parent (((World *) data)->object, NULL);
}

static void
call_take (gpointer data)
{
  g_autoptr (LsockObject) taken = lsock_object_take (((World *) data)->object);
}

static void
call_name (gpointer data)
{
  lsock_object_set_name (((World *) data)->object, "from inside");
  lsock_object_set_name (((World *) data)->object, NULL);
}

static void
call_block (gpointer data)
{
  lsock_object_block_signals (((World *) data)->object,
                              !lsock_object_get_signals_blocked (((World *) data)->object));
}

static void
call_look (gpointer data)
{
  World *world = data;
  g_autoptr (GPtrArray) found = lsock_object_find_children (G_OBJECT (world->object), NULL,
                                                            G_TYPE_INVALID);

  g_assert_cmpuint (found->len, <=, 1);
  lsock_object_find_child (G_OBJECT (world->parent), "", LSOCK_TYPE_OBJECT);
  lsock_object_get_name (world->object);
}

static void
call_adopt (gpointer data)
{
  g_autoptr (LsockObject) born = lsock_object_new ();

  lsock_object_set_parent (born, G_OBJECT (((World *) data)->object));
}

static void
call_release_child (gpointer data)
{
  lsock_object_set_parent (((World *) data)->child, NULL);
}

static void
call_move (gpointer data)
{
  World *world = data;
  GMainContext *to = lsock_object_get_main_context (world->object) == world->context
                       ? NULL : world->context;

  lsock_object_move_to_context (world->object, to, NULL);
}

static void
call_delete_later (gpointer data)
{
  lsock_object_delete_later (((World *) data)->object);
  lsock_object_delete_later (((World *) data)->object);
}

static void
call_dispose (gpointer data)
{
  g_object_run_dispose (G_OBJECT (((World *) data)->object));
}

static void
call_dispose_parent (gpointer data)
{
  g_object_run_dispose (G_OBJECT (((World *) data)->parent));
}

static void
call_dispose_child (gpointer data)
{
  g_object_run_dispose (G_OBJECT (((World *) data)->child));
}

static void
call_unref (gpointer data)
{
  g_clear_object (&((World *) data)->object);
}

static void
call_unref_all (gpointer data)
{
  World *world = data;

  g_clear_object (&world->parent);
  g_clear_object (&world->object);
  g_clear_object (&world->child);
}

static void
call_loop (gpointer data)
{
  World *world = data;

  lsock_object_delete_later (world->object);
  for (guint i = 0; i < 5; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_main_context_iteration (world->context, FALSE);
    }
}


/* The moments */

static void
on_moment (World *world)
{
  if (world->called++ > 0 || world->object == NULL)
    return;

  world_check (world);
  world->call (world);
  world_check (world);
}

static void
world_run (World *world)
{
  while (g_main_context_iteration (NULL, FALSE) ||
         g_main_context_iteration (world->context, FALSE))
    ;
}

static void
moment_destroyed (World *world)
{
  g_signal_connect_swapped (world->object, "destroyed", G_CALLBACK (on_moment), world);
  g_object_run_dispose (G_OBJECT (world->object));
}

static void
moment_destroyed_by_parent (World *world)
{
  g_signal_connect_swapped (world->object, "destroyed", G_CALLBACK (on_moment), world);
  g_object_run_dispose (G_OBJECT (world->parent));
}

static void
moment_destroyed_later (World *world)
{
  g_signal_connect_swapped (world->object, "destroyed", G_CALLBACK (on_moment), world);
  lsock_object_delete_later (world->object);
  world_run (world);
}

static void
moment_parent (World *world)
{
  g_signal_connect_swapped (world->object, "notify::parent", G_CALLBACK (on_moment), world);
  lsock_object_set_parent (world->object, G_OBJECT (world->other));
}

static void
moment_name (World *world)
{
  g_signal_connect_swapped (world->object, "notify::name", G_CALLBACK (on_moment), world);
  lsock_object_set_name (world->object, "name");
}

static void
moment_blocked (World *world)
{
  g_signal_connect_swapped (world->object, "notify::signals-blocked",
                            G_CALLBACK (on_moment), world);
  lsock_object_block_signals (world->object, TRUE);
}

static void
moment_context (World *world)
{
  g_signal_connect_swapped (world->object, "notify::main-context", G_CALLBACK (on_moment), world);
  lsock_object_set_parent (world->object, NULL);
  g_assert_true (lsock_object_move_to_context (world->object, world->context, NULL));
  world_run (world);
  g_assert_cmpint (world->called, >, 0);
}

static void
moment_left (World *world)
{
  g_signal_connect_swapped (lsock_object_get_children (world->parent), "items-changed",
                            G_CALLBACK (on_moment), world);
  lsock_object_set_parent (world->object, G_OBJECT (world->other));
}

static void
moment_joined (World *world)
{
  g_signal_connect_swapped (lsock_object_get_children (world->other), "items-changed",
                            G_CALLBACK (on_moment), world);
  lsock_object_set_parent (world->object, G_OBJECT (world->other));
}

static void
moment_child (World *world)
{
  g_signal_connect_swapped (lsock_object_get_children (world->object), "items-changed",
                            G_CALLBACK (on_moment), world);
  lsock_object_set_parent (world->child, NULL);
}

static void
moment_released (World *world)
{
  g_signal_connect_swapped (lsock_object_get_children (world->parent), "items-changed",
                            G_CALLBACK (on_moment), world);
  g_object_run_dispose (G_OBJECT (world->object));
}


/* Every moment with every call */

#define CALL(name) { #name, call_##name }
#define MOMENT(name) { #name, moment_##name }

static const struct { const char *name; void (*run) (gpointer world); } calls[] = {
  CALL (parent_other), CALL (parent_none), CALL (take), CALL (name), CALL (block), CALL (look),
  CALL (adopt), CALL (release_child), CALL (move), CALL (delete_later), CALL (dispose),
  CALL (dispose_parent), CALL (dispose_child), CALL (unref), CALL (unref_all), CALL (loop),
};

static const struct { const char *name; void (*run) (World *world); } moments[] = {
  MOMENT (destroyed), MOMENT (destroyed_by_parent), MOMENT (destroyed_later), MOMENT (parent),
  MOMENT (name), MOMENT (blocked), MOMENT (context), MOMENT (left), MOMENT (joined),
  MOMENT (child), MOMENT (released),
};

static void
on_refused (const char     *domain,
            GLogLevelFlags  level,
            const char     *message,
            gpointer        user_data)
{
  if (strstr (message, "cannot become a child") == NULL)
    g_error ("%s", message);
  n_refused++;
}

static void
release (LsockObject **object)
{
  LsockObject *last = g_steal_pointer (object);

  if (last != NULL)
    {
      g_object_run_dispose (G_OBJECT (last));
      g_object_unref (last);
    }
}

static void
test_handlers (gconstpointer data)
{
  guint index = GPOINTER_TO_UINT (data);
  World world = {
    .parent = lsock_object_new (),
    .other = lsock_object_new (),
    .object = lsock_object_new (),
    .child = lsock_object_new (),
    .context = g_main_context_new (),
    .mirrors = g_ptr_array_new_with_free_func (mirror_free),
    .call = calls[index % G_N_ELEMENTS (calls)].run,
  };
  gpointer weak[] = { world.parent, world.other, world.object, world.child };

  for (guint i = 0; i < G_N_ELEMENTS (weak); i++)
    g_object_add_weak_pointer (weak[i], &weak[i]);
  world_mirror (&world, world.parent);
  world_mirror (&world, world.other);
  world_mirror (&world, world.object);
  lsock_object_set_parent (world.object, G_OBJECT (world.parent));
  lsock_object_set_parent (world.child, G_OBJECT (world.object));
  g_signal_connect_swapped (world.object, "destroyed", G_CALLBACK (g_atomic_int_inc),
                            &world.destroyed);

  moments[index / G_N_ELEMENTS (calls)].run (&world);
  g_assert_cmpint (world.called, >, 0);
  world_check (&world);
  world_run (&world);
  world_check (&world);
  g_assert_cmpint (world.destroyed, <=, 1);

  release (&world.object);
  release (&world.child);
  release (&world.other);
  release (&world.parent);
  world_run (&world);
  g_assert_cmpint (world.destroyed, ==, 1);
  for (guint i = 0; i < G_N_ELEMENTS (weak); i++)
    g_assert_null (weak[i]);
  g_ptr_array_unref (world.mirrors);
  g_main_context_unref (world.context);
}


/* A move inside an end */

typedef struct
{
  LsockObject  *moved;
  GMainContext *context;
  GError       *error;
  gboolean      refused;
} RefusedMove;

static void
try_to_move (LsockObject *object,
             RefusedMove *move)
{
  move->refused = !lsock_object_move_to_context (move->moved, move->context, &move->error);
}

static void
test_move_in_end_of_child (gconstpointer data)
{
  gboolean of_grandchild = GPOINTER_TO_INT (data);
  g_autoptr (GMainContext) context = g_main_context_new ();
  LsockObject *parent = lsock_object_new ();
  LsockObject *child = lsock_object_new ();
  LsockObject *grandchild = lsock_object_new ();
  LsockObject *ended = of_grandchild ? grandchild : child;
  RefusedMove move = { .moved = parent, .context = context };

  g_test_summary ("A handler of `destroyed` that moved the parent: the end of the child went on in "
                  "the old context, with an object of the new one");

  lsock_object_set_parent (child, G_OBJECT (parent));
  lsock_object_set_parent (grandchild, G_OBJECT (child));
  g_signal_connect (ended, "destroyed", G_CALLBACK (try_to_move), &move);
  g_object_run_dispose (G_OBJECT (ended));

  g_assert_true (move.refused);
  g_assert_error (move.error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION);
  g_clear_error (&move.error);
  g_assert_true (lsock_object_get_main_context (parent) == g_main_context_default ());

  /* When that end is over, nothing is in the way. */
  g_assert_true (lsock_object_move_to_context (parent, context, &move.error));
  g_assert_no_error (move.error);
  g_assert_true (lsock_object_get_main_context (parent) == context);

  release (&grandchild);
  release (&child);
  g_assert_finalize_object (parent);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  /* What an object that has ended refuses is a critical warning, and all else is fatal. */
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_log_set_fatal_mask ("GLib", G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
  g_log_set_fatal_mask ("GLib-GObject", G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL |
                                        G_LOG_LEVEL_WARNING);
  g_log_set_handler ("Lsock", G_LOG_LEVEL_CRITICAL, on_refused, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (moments) * G_N_ELEMENTS (calls); i++)
    {
      g_autofree char *path = g_strdup_printf ("/object/handlers/%s/%s",
                                               moments[i / G_N_ELEMENTS (calls)].name,
                                               calls[i % G_N_ELEMENTS (calls)].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_handlers);
    }

  g_test_add_data_func ("/object/handlers/move-in-end/of-child", GINT_TO_POINTER (FALSE),
                        test_move_in_end_of_child);
  g_test_add_data_func ("/object/handlers/move-in-end/of-grandchild", GINT_TO_POINTER (TRUE),
                        test_move_in_end_of_child);

  return g_test_run ();
}
