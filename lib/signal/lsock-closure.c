/* SPDX-FileCopyrightText: 2026 The lsock authors */
/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Closures that slots are called through, and the look-up of signals. */

#include "config.h"

#include "signal/lsock-closure-private.h"

#include "lsock-error.h"

typedef struct
{
  GClosure       closure;
  LsockSlotFunc  func;
  GDestroyNotify destroy;
} FuncClosure;


/* Signals with no argument or with one are most of all, and have marshallers that are much faster
 * than the generic one. */
static GClosureMarshal
find_marshal (GSignalQuery *query)
{
  if (query->return_type != G_TYPE_NONE || query->n_params > 1)
    return g_cclosure_marshal_generic;
  if (query->n_params == 0)
    return g_cclosure_marshal_VOID__VOID;

  switch (G_TYPE_FUNDAMENTAL (query->param_types[0] & ~G_SIGNAL_TYPE_STATIC_SCOPE))
    {
    case G_TYPE_BOOLEAN: return g_cclosure_marshal_VOID__BOOLEAN;
    case G_TYPE_CHAR:    return g_cclosure_marshal_VOID__CHAR;
    case G_TYPE_UCHAR:   return g_cclosure_marshal_VOID__UCHAR;
    case G_TYPE_INT:     return g_cclosure_marshal_VOID__INT;
    case G_TYPE_UINT:    return g_cclosure_marshal_VOID__UINT;
    case G_TYPE_LONG:    return g_cclosure_marshal_VOID__LONG;
    case G_TYPE_ULONG:   return g_cclosure_marshal_VOID__ULONG;
    case G_TYPE_ENUM:    return g_cclosure_marshal_VOID__ENUM;
    case G_TYPE_FLAGS:   return g_cclosure_marshal_VOID__FLAGS;
    case G_TYPE_FLOAT:   return g_cclosure_marshal_VOID__FLOAT;
    case G_TYPE_DOUBLE:  return g_cclosure_marshal_VOID__DOUBLE;
    case G_TYPE_STRING:  return g_cclosure_marshal_VOID__STRING;
    case G_TYPE_PARAM:   return g_cclosure_marshal_VOID__PARAM;
    case G_TYPE_BOXED:   return g_cclosure_marshal_VOID__BOXED;
    case G_TYPE_POINTER: return g_cclosure_marshal_VOID__POINTER;
    case G_TYPE_OBJECT:  return g_cclosure_marshal_VOID__OBJECT;
    case G_TYPE_VARIANT: return g_cclosure_marshal_VOID__VARIANT;
    default:             return g_cclosure_marshal_generic;
    }
}

static void
plain_marshal (GClosure     *closure,
               GValue       *return_value,
               guint         n_params,
               const GValue *params,
               gpointer      hint,
               gpointer      marshal_data)
{
  GCClosure *c_closure = (GCClosure *) closure;
  void (*func) (gpointer data) = (void (*) (gpointer)) c_closure->callback;

  func (closure->data);
}

static void
func_marshal (GClosure     *closure,
              GValue       *return_value,
              guint         n_params,
              const GValue *params,
              gpointer      hint,
              gpointer      marshal_data)
{
  ((FuncClosure *) closure)->func (params, n_params, closure->data);
}

static void
func_closure_finalized (gpointer  data,
                        GClosure *closure)
{
  FuncClosure *self = (FuncClosure *) closure;

  if (self->destroy != NULL)
    self->destroy (data);
}

static GClosure *
closure_own (GClosure *closure)
{
  g_closure_ref (closure);
  g_closure_sink (closure);

  return closure;
}


GClosure *
_lsock_closure_new_c (GCallback     callback,
                   gpointer      data,
                   GSignalQuery *query)
{
  GClosure *closure = closure_own (g_cclosure_new (callback, data, NULL));

  g_closure_set_marshal (closure, find_marshal (query));
  return closure;
}

GClosure *
_lsock_closure_new_func (LsockSlotFunc  func,
                      gpointer       data,
                      GDestroyNotify destroy)
{
  GClosure *closure = closure_own (g_closure_new_simple (sizeof (FuncClosure), data));
  FuncClosure *self = (FuncClosure *) closure;

  self->func = func;
  self->destroy = destroy;
  g_closure_set_marshal (closure, func_marshal);
  g_closure_add_finalize_notifier (closure, data, func_closure_finalized);

  return closure;
}

void
_lsock_closure_need_marshal (GClosure     *closure,
                          GSignalQuery *query)
{
  if (G_CLOSURE_NEEDS_MARSHAL (closure))
    g_closure_set_marshal (closure, find_marshal (query));
}

/* Without an argument, not even the instance: a marshaller of signals would miss it. */
void
_lsock_closure_invoke_plain (GClosure *closure)
{
  if (G_CLOSURE_NEEDS_MARSHAL (closure))
    g_closure_set_marshal (closure, plain_marshal);

  g_closure_invoke (closure, NULL, 0, NULL, NULL);
}

gboolean
_lsock_signal_find (GObject       *sender,
                    const char    *detailed_signal,
                    GSignalQuery  *query,
                    GQuark        *detail,
                    GError       **error)
{
  guint id;

  if (!g_signal_parse_name (detailed_signal, G_OBJECT_TYPE (sender), &id, detail, TRUE))
    {
      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                   "%s has no signal “%s”, or it does not take this detail",
                   G_OBJECT_TYPE_NAME (sender), detailed_signal);
      return FALSE;
    }

  g_signal_query (id, query);

  /* GObject takes any detail; a property that does not exist never changes. */
  if (*detail != 0 && query->itype == G_TYPE_OBJECT && g_str_equal (query->signal_name, "notify") &&
      g_object_class_find_property (G_OBJECT_GET_CLASS (sender),
                                    g_quark_to_string (*detail)) == NULL)
    {
      g_set_error (error, LSOCK_SOCKET_ERROR, LSOCK_SOCKET_ERROR_OPERATION,
                   "“%s” cannot be connected: %s has no property “%s”", detailed_signal,
                   G_OBJECT_TYPE_NAME (sender), g_quark_to_string (*detail));
      return FALSE;
    }

  return TRUE;
}
