// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// Connections, queued calls, objects, properties and errors.



// Connecting lambdas

void test_connect_direct () throws Error {
  var counter = new Counter ();
  uint sum = 0;
  Lsock.connect (counter, "counted", Lsock.ConnectionType.DIRECT, null, (args) => {
    assert_true (args.length == 3);
    assert_true (args[0].get_object () == counter);
    sum += args[1].get_uint ();
    assert_cmpstr (args[2].get_string (), CompareOperator.EQ, "text");
  });
  counter.counted (3, "text");
  counter.counted (4, "text");
  assert_cmpuint (sum, CompareOperator.EQ, 7);
}

void test_connect_queued () throws Error {
  var counter = new Counter ();
  var story = "";
  Lsock.connect (counter, "counted", Lsock.ConnectionType.QUEUED, counter, (args) => {
    story += args[2].get_string ();
  });
  counter.counted (1, "a");
  counter.counted (2, "b");
  assert_cmpstr (story, CompareOperator.EQ, "");
  await (() => story == "ab");
}

void test_connect_disconnect () throws Error {
  var counter = new Counter ();
  var calls = 0;
  var connection = Lsock.connect (counter, "counted", Lsock.ConnectionType.AUTO, null, () => {
    calls++;
  });
  assert_true (connection.is_connected ());
  assert_true (connection.get_sender () == counter);
  assert_null (connection.get_receiver ());
  connection.disconnect ();
  counter.counted (1, "");
  assert_false (connection.is_connected ());
  assert_cmpint (calls, CompareOperator.EQ, 0);
}

void test_connect_single_shot () throws Error {
  var counter = new Counter ();
  var calls = 0;
  Lsock.connect (counter, "counted",
                 Lsock.ConnectionType.DIRECT | Lsock.ConnectionType.SINGLE_SHOT, null,
                 () => { calls++; });
  counter.counted (1, "");
  counter.counted (2, "");
  assert_cmpint (calls, CompareOperator.EQ, 1);
}

void test_connect_detail () throws Error {
  var counter = new Counter ();
  var calls = 0;
  Lsock.connect (counter, "notify::total", Lsock.ConnectionType.DIRECT, null, () => { calls++; });
  counter.total = 5;
  counter.name = "other";
  assert_cmpint (calls, CompareOperator.EQ, 1);
}

void test_connect_full () throws Error {
  var counter = new Counter ();
  var calls = 0;
  Lsock.connect_full (counter, "counted", Lsock.ConnectionType.DIRECT, null, () => { calls++; });
  counter.counted (1, "");
  assert_cmpint (calls, CompareOperator.EQ, 1);
}

void test_connect_frees_lambda () throws Error {
  var counter = new Counter ();
  var held = new GLib.Object ();
  held.ref ();
  {
    var captured = held;
    Lsock.connect (counter, "counted", Lsock.ConnectionType.QUEUED, null, () => {
      assert_nonnull (captured);
    });
  }
  assert_cmpuint (held.ref_count, CompareOperator.GT, 2);
  counter = null;
  assert_cmpuint (held.ref_count, CompareOperator.EQ, 2);
  held.unref ();
}

void test_connect_receiver_gone () throws Error {
  var counter = new Counter ();
  var receiver = new Lsock.Object ();
  var calls = 0;
  var done = false;
  Lsock.connect (counter, "counted", Lsock.ConnectionType.QUEUED, receiver, () => { calls++; });
  counter.counted (1, "");
  receiver = null;
  Lsock.invoke_queued (null, () => { done = true; });
  await (() => done);
  assert_cmpint (calls, CompareOperator.EQ, 0);
}

void test_connect_no_signal () throws Error {
  try {
    Lsock.connect (new Counter (), "nothing", Lsock.ConnectionType.AUTO, null, () => {});
    assert_not_reached ();
  } catch (Lsock.SocketError.OPERATION e) {
    assert_true ("nothing" in e.message);
  }
}


// Queued calls

void test_invoke () throws Error {
  var receiver = new Lsock.Object ();
  var calls = 0;
  Lsock.invoke_queued (receiver, () => { calls++; });
  assert_cmpint (calls, CompareOperator.EQ, 0);
  await (() => calls == 1);
}

void test_invoke_without_receiver () throws Error {
  var story = "";
  Lsock.invoke_queued (null, () => { story += "a"; });
  Lsock.invoke_queued (null, () => { story += "b"; });
  await (() => story == "ab");
}

void test_invoke_receiver_gone () throws Error {
  var receiver = new Lsock.Object ();
  var held = new GLib.Object ();
  var done = false;
  held.ref ();
  {
    var captured = held;
    Lsock.invoke_queued (receiver, () => { assert_null (captured); });
  }
  receiver = null;
  Lsock.invoke_queued (null, () => { done = true; });
  await (() => done);
  assert_cmpuint (held.ref_count, CompareOperator.EQ, 2);
  held.unref ();
}

void test_invoke_from_thread () throws Error {
  var receiver = new Lsock.Object ();
  unowned Thread<bool> here = Thread.self<bool> ();
  unowned Thread<bool>? seen = null;
  var thread = new Thread<bool> ("caller", () => {
    Lsock.invoke_queued (receiver, () => { seen = Thread.self<bool> (); });
    return true;
  });
  thread.join ();
  await (() => seen != null);
  assert_true (seen == here);
}


// Objects

void test_object_children () throws Error {
  var parent = new Lsock.Object ();
  for (var i = 0; i < 3; i++) {
    var child = new Lsock.Object ();
    child.name = "child %d".printf (i);
    child.parent = parent;
  }
  assert_cmpuint (parent.children.get_n_items (), CompareOperator.EQ, 3);
  var found = Lsock.Object.find_children (parent, null, typeof (Lsock.Object));
  assert_cmpint (found.length, CompareOperator.EQ, 3);
  foreach (unowned var child in found)
    assert_true (child.parent == parent);
  unowned Lsock.Object? second = Lsock.Object.find_child (parent, "child 1", typeof (Lsock.Object));
  assert_cmpstr (second.name, CompareOperator.EQ, "child 1");
  assert_null (Lsock.Object.find_child (parent, "child 1", typeof (Lsock.Socket)));
}

void test_object_take () throws Error {
  var parent = new Lsock.Object ();
  var child = new Lsock.Object ();
  child.parent = parent;
  var taken = child.take ();
  assert_true (taken == child);
  assert_null (child.parent);
}

void test_object_delete_later () throws Error {
  var object = new Lsock.Object ();
  var destroyed = false;
  object.destroyed.connect (() => { destroyed = true; });
  object.delete_later ();
  assert_false (destroyed);
  await (() => destroyed);
}

void test_object_block_signals () throws Error {
  var buffer = new Lsock.Buffer ();
  var calls = 0;
  buffer.open ();
  buffer.about_to_close.connect (() => { calls++; });
  assert_false (buffer.block_signals (true));
  assert_true (buffer.signals_blocked);
  buffer.close ();
  assert_true (buffer.block_signals (false));
  assert_cmpint (calls, CompareOperator.EQ, 0);
}

void test_object_context () throws Error {
  var context = new MainContext ();
  var object = new Lsock.Object ();
  assert_true (object.main_context == MainContext.default ());
  object.move_to_context (context);
  assert_true (object.get_main_context () == context);
}


// Spies

void test_spy () throws Error {
  var counter = new Counter ();
  var spy = new Lsock.SignalSpy (counter, "counted");
  counter.counted (7, "seven");
  assert_cmpuint (spy.get_count (), CompareOperator.EQ, 1);
  Value value;
  assert_true (spy.get_arg (0, 0, out value));
  assert_cmpuint (value.get_uint (), CompareOperator.EQ, 7);
  var args = spy.get_args (0);
  assert_cmpint (args.length, CompareOperator.EQ, 2);
  assert_null (spy.get_args (1));
  spy.clear ();
  assert_cmpuint (spy.get_count (), CompareOperator.EQ, 0);
}

void test_spy_wait () throws Error {
  var counter = new Counter ();
  var spy = new Lsock.SignalSpy (counter, "counted");
  Lsock.invoke_queued (null, () => { counter.counted (1, ""); });
  assert_true (spy.wait (10000));
}

void test_spy_no_signal () throws Error {
  try {
    new Lsock.SignalSpy (new Counter (), "nothing");
    assert_not_reached ();
  } catch (Lsock.SocketError.OPERATION e) {
    assert_true ("nothing" in e.message);
  }
}


// Properties that may be null, and errors

void test_null_of_socket () throws Error {
  var socket = new Lsock.Socket ();
  string? name = socket.server_name;
  string? full = socket.full_server_name;
  string? message = socket.error_string;
  GLib.Object? parent = socket.parent;
  assert_null (name);
  assert_null (full);
  assert_null (message);
  assert_null (parent);
  socket.server_name = "x";
  assert_cmpstr (socket.server_name, CompareOperator.EQ, "x");
  socket.server_name = null;
  assert_null (socket.server_name);
}

void test_null_of_server () throws Error {
  var name = fresh_name ();
  var server = new Lsock.Server ();
  assert_null (server.server_name);
  assert_null (server.full_server_name);
  assert_null (server.next_pending_connection ());
  server.listen (name);
  assert_cmpstr (server.full_server_name, CompareOperator.EQ, name);
  server.close ();
  forget (name);
}

void test_null_of_stream_device () throws Error {
  var stream = new MemoryInputStream.from_data ("text".data);
  var device = new Lsock.StreamDevice (stream, null);
  InputStream? input = device.input_stream;
  OutputStream? output = device.output_stream;
  IOStream? both = device.base_stream;
  assert_true (input == stream);
  assert_null (output);
  assert_null (both);
}

void test_codes () throws Error {
  var server = new Lsock.Server ();
  var socket = new Lsock.Socket ();
  assert_true (server.last_error == Lsock.SocketErrorCode.UNKNOWN);
  assert_true (socket.last_error == Lsock.SocketErrorCode.UNKNOWN);
  try {
    server.listen ("");
    assert_not_reached ();
  } catch (Lsock.SocketError e) {
    assert_true (e is Lsock.SocketError.SERVER_NOT_FOUND);
    assert_true (e.code == (int) server.last_error);
    assert_cmpstr (e.message, CompareOperator.EQ, server.error_string);
  }
}

void test_address_in_use () throws Error {
  var pair = new Pair ();
  var other = new Lsock.Server ();
  try {
    other.listen (pair.name);
    assert_not_reached ();
  } catch (Lsock.SocketError.ADDRESS_IN_USE e) {
    assert_true (other.last_error == Lsock.SocketErrorCode.ADDRESS_IN_USE);
  }
}

void test_connect_error () throws Error {
  var name = fresh_name ();
  var socket = new Lsock.Socket ();
  Lsock.SocketErrorCode? seen = null;
  socket.error.connect ((code) => { seen = code; });
  socket.connect_to_server (name);
  await (() => seen != null);
  assert_true (seen == Lsock.SocketErrorCode.SERVER_NOT_FOUND);
  assert_nonnull (socket.error_string);
  forget (name);
}

void test_defaults () throws Error {
  var pair = new Pair ();
  assert_true (pair.client.open_mode == Lsock.OpenMode.READ_WRITE
               || (pair.client.open_mode & Lsock.OpenMode.READ_WRITE) == Lsock.OpenMode.READ_WRITE);
  assert_false (pair.server.wait_for_new_connection ());
  pair.peer.write ("line\n".data);
  assert_true (pair.client.wait_for_ready_read ());
  assert_cmpstr (text_of (pair.client.read_line ()), CompareOperator.EQ, "line\n");
  pair.client.disconnect_from_server ();
  assert_true (pair.client.get_state () == Lsock.SocketState.UNCONNECTED
               || pair.client.wait_for_disconnected ());
}

void test_flags () throws Error {
  var mode = Lsock.OpenMode.READ_ONLY | Lsock.OpenMode.TEXT;
  assert_true (Lsock.OpenMode.TEXT in mode);
  assert_false (Lsock.OpenMode.WRITE_ONLY in mode);
  var server = new Lsock.Server ();
  server.socket_options = Lsock.SocketOptions.USER_ACCESS | Lsock.SocketOptions.GROUP_ACCESS;
  assert_true (Lsock.SocketOptions.GROUP_ACCESS in server.socket_options);
}

int main (string[] args) {
  Test.init (ref args);
  add_case ("/vala/connect/direct", test_connect_direct);
  add_case ("/vala/connect/queued", test_connect_queued);
  add_case ("/vala/connect/disconnect", test_connect_disconnect);
  add_case ("/vala/connect/single-shot", test_connect_single_shot);
  add_case ("/vala/connect/detail", test_connect_detail);
  add_case ("/vala/connect/full", test_connect_full);
  add_case ("/vala/connect/frees-lambda", test_connect_frees_lambda);
  add_case ("/vala/connect/receiver-gone", test_connect_receiver_gone);
  add_case ("/vala/connect/no-signal", test_connect_no_signal);
  add_case ("/vala/invoke/lambda", test_invoke);
  add_case ("/vala/invoke/without-receiver", test_invoke_without_receiver);
  add_case ("/vala/invoke/receiver-gone", test_invoke_receiver_gone);
  add_case ("/vala/invoke/from-thread", test_invoke_from_thread);
  add_case ("/vala/object/children", test_object_children);
  add_case ("/vala/object/take", test_object_take);
  add_case ("/vala/object/delete-later", test_object_delete_later);
  add_case ("/vala/object/block-signals", test_object_block_signals);
  add_case ("/vala/object/context", test_object_context);
  add_case ("/vala/spy/args", test_spy);
  add_case ("/vala/spy/wait", test_spy_wait);
  add_case ("/vala/spy/no-signal", test_spy_no_signal);
  add_case ("/vala/null/socket", test_null_of_socket);
  add_case ("/vala/null/server", test_null_of_server);
  add_case ("/vala/null/stream-device", test_null_of_stream_device);
  add_case ("/vala/error/codes", test_codes);
  add_case ("/vala/error/address-in-use", test_address_in_use);
  add_case ("/vala/error/connect", test_connect_error);
  add_case ("/vala/defaults", test_defaults);
  add_case ("/vala/flags", test_flags);
  return Test.run ();
}
