/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "object/lsock-children-private.h"

static GQuark link_quark;
static GString *story;

/* A child is any object; its link is kept beside it here. */
static LsockChildLink *
link_of (gpointer child)
{
  LsockChildLink *link = g_object_get_qdata (child, link_quark);

  if (link == NULL)
    {
      link = g_new0 (LsockChildLink, 1);
      g_object_set_qdata_full (child, link_quark, link, g_free);
    }
  return link;
}

static void
end_child (GObject *child)
{
  g_string_append_c (story, 'e');
}

static const LsockChildrenInfo own = { g_object_get_type, end_child, FALSE };
static const LsockChildrenInfo watched = { g_object_get_type, end_child, TRUE };

static GObject *
append (LsockChildren *children)
{
  GObject *child = g_object_new (G_TYPE_OBJECT, NULL);

  _lsock_children_append (children, link_of (child), g_object_ref (child));
  _lsock_children_report (children);
  g_object_unref (child);
  return child;
}

static void
on_changed (GListModel *model,
            guint       position,
            guint       removed,
            guint       added,
            gpointer    user_data)
{
  g_string_append_printf (story, "%u-%u+%u=%u ", position, removed, added,
                          g_list_model_get_n_items (model));
}

static void
test_model (void)
{
  g_autoptr (GObject) parent = g_object_new (G_TYPE_OBJECT, NULL);
  LsockChildren *children = _lsock_children_ensure (parent, &own);
  GObject *first, *second;
  g_autoptr (GObject) got = NULL;

  story = g_string_new (NULL);
  g_assert_true (_lsock_children_peek (parent) == children);
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (children)) == G_TYPE_OBJECT);
  g_signal_connect (children, "items-changed", G_CALLBACK (on_changed), NULL);
  first = append (children);
  second = append (children);
  g_assert_true (_lsock_children_peek_nth (children, 1) == second);
  g_assert_null (_lsock_children_peek_nth (children, 2));
  got = g_list_model_get_item (G_LIST_MODEL (children), 0);
  g_assert_true (got == first);
  g_assert_true (link_of (first)->parent == parent);
  _lsock_children_release (link_of (first));
  g_assert_null (link_of (first)->parent);
  _lsock_children_release (link_of (first));
  _lsock_children_end (children);
  g_assert_cmpstr (story->str, ==, "0-0+1=1 1-0+1=2 0-1+0=1 e0-1+0=0 ");
  g_string_free (story, TRUE);
}

static void
test_reported_in_time (void)
{
  g_autoptr (GObject) parent = g_object_new (G_TYPE_OBJECT, NULL);
  LsockChildren *children = _lsock_children_ensure (parent, &own);
  GObject *child = g_object_new (G_TYPE_OBJECT, NULL);

  g_test_summary ("A change that was not reported yet is reported before the next one is made");

  story = g_string_new (NULL);
  g_signal_connect (children, "items-changed", G_CALLBACK (on_changed), NULL);
  _lsock_children_append (children, link_of (child), g_object_ref (child));
  g_assert_cmpstr (story->str, ==, "");
  g_assert_true (_lsock_children_has_unreported (children));
  _lsock_children_release (link_of (child));
  g_assert_cmpstr (story->str, ==, "0-0+1=1 0-1+0=0 ");
  g_assert_false (_lsock_children_report (children));
  g_assert_finalize_object (child);
  g_string_free (story, TRUE);
}

static void
test_watched (void)
{
  GObject *parent = g_object_new (G_TYPE_OBJECT, NULL);
  LsockChildren *children = _lsock_children_ensure (parent, &watched);
  g_autoptr (LsockChildren) kept = g_object_ref (children);

  story = g_string_new (NULL);
  append (children);
  append (children);
  g_object_run_dispose (parent);
  g_assert_cmpstr (story->str, ==, "ee");
  append (children);
  g_assert_false (_lsock_children_is_ending (children));
  g_object_unref (parent);
  g_assert_cmpstr (story->str, ==, "eee");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (kept)), ==, 0);
  g_string_free (story, TRUE);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  link_quark = g_quark_from_static_string ("test-link");

  g_test_add_func ("/children/model", test_model);
  g_test_add_func ("/children/reported-in-time", test_reported_in_time);
  g_test_add_func ("/children/watched", test_watched);

  return g_test_run ();
}
