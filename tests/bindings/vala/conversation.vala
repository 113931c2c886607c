// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

void test_conversation () throws Error {
  var name = fresh_name ();
  var story = "";
  var server = new Lsock.Server ();
  var client = new Lsock.Socket ();

  client.state_changed.connect ((state) => { story += "state %d, ".printf (state); });
  client.connected.connect (() => { story += "connected, "; });
  client.bytes_written.connect ((count) => { story += "written %s, ".printf (count.to_string ()); });
  client.ready_read.connect (() => { story += "ready, "; });
  client.error.connect ((code) => {
    assert_true (code == Lsock.SocketErrorCode.PEER_CLOSED);
    story += "error, ";
  });
  client.disconnected.connect (() => { story += "disconnected"; });
  server.new_connection.connect (() => {
    var peer = server.next_pending_connection ();
    peer.ready_read.connect (() => {
      try {
        peer.write (peer.read_all ().get_data ());
      } catch (Error e) {
        error ("%s", e.message);
      }
      peer.disconnect_from_server ();
    });
  });

  try {
    assert_true (server.listen (name));
    client.connect_to_server (name);
    assert_true (client.is_open);
    client.write ("grüße".data);
    await (() => client.get_state () == Lsock.SocketState.UNCONNECTED);
    assert_cmpstr (text_of (client.read (100)), CompareOperator.EQ, "grüße");
  } catch (Error e) {
    error ("%s", e.message);
  }

  assert_cmpstr (story, CompareOperator.EQ,
                 "state 2, state 3, connected, written 7, ready, error, state 6, state 0, "
                 + "disconnected");
  assert_true (client.get_error () == Lsock.SocketErrorCode.PEER_CLOSED);
  assert_true (client.last_error == Lsock.SocketErrorCode.PEER_CLOSED);
  server.close ();
  forget (name);
}

void test_errors () throws Error {
  var server = new Lsock.Server ();
  try {
    server.listen ("");
    assert_not_reached ();
  } catch (Lsock.SocketError.SERVER_NOT_FOUND e) {
    assert_true (server.get_server_error () == Lsock.SocketErrorCode.SERVER_NOT_FOUND);
  } catch (Error e) {
    error ("%s", e.message);
  }
}

class Memory : Lsock.IODevice {
  public ByteArray written = new ByteArray ();
  private Bytes? rest = null;
  private bool fails = false;

  public Memory (string text) {
    rest = new Bytes (text.data);
  }

  public void fail () {
    fails = true;
  }

  public override bool is_sequential () {
    return true;
  }

  public override Bytes? read_data (size_t max_length) throws Error {
    if (fails)
      throw new IOError.FAILED ("broken on purpose");
    if (rest.get_size () == 0)
      return null;
    var length = size_t.min (max_length, rest.get_size ());
    var piece = rest.slice (0, (int) length);
    rest = rest.slice ((int) length, rest.get_size ());
    return piece;
  }

  public override ssize_t write_data (Bytes bytes) throws Error {
    written.append (bytes.get_data ());
    return (ssize_t) bytes.get_size ();
  }
}

void test_subclass () throws Error {
  var device = new Memory ("one\ntwo");
  try {
    device.open (Lsock.OpenMode.READ_WRITE);
    assert_cmpstr (text_of (device.read_line ()), CompareOperator.EQ, "one\n");
    assert_cmpstr (text_of (device.peek (2)), CompareOperator.EQ, "tw");
    assert_cmpstr (text_of (device.read_all ()), CompareOperator.EQ, "two");
    assert_true (device.write ("out".data) == 3);
    assert_true (device.written.len == 3);
  } catch (Error e) {
    error ("%s", e.message);
  }

  device.fail ();
  try {
    device.read (1);
    assert_not_reached ();
  } catch (Error e) {
    assert_cmpstr (e.message, CompareOperator.EQ, "broken on purpose");
    assert_cmpstr (device.error_string, CompareOperator.EQ, "broken on purpose");
  }
}

class Taker : Lsock.Server {
  public Lsock.Socket? taken = null;

  public override void incoming_connection (int fd) {
    taken = new Lsock.Socket ();
    try {
      taken.set_socket_descriptor (fd);
    } catch (Error e) {
      error ("%s", e.message);
    }
  }
}

void test_incoming_connection () throws Error {
  var name = fresh_name ();
  var server = new Taker ();
  var client = new Lsock.Socket ();
  try {
    server.listen (name);
    client.connect_to_server (name);
    client.write ("x".data);
    await (() => server.taken != null && server.taken.bytes_available () == 1);
  } catch (Error e) {
    error ("%s", e.message);
  }
  assert_false (server.has_pending_connections ());
  server.close ();
  forget (name);
}

void test_without_loop () throws Error {
  var name = fresh_name ();
  var listening = new AsyncQueue<string> ();
  var thread = new Thread<bool> ("server", () => {
    var context = new MainContext ();
    context.push_thread_default ();
    var server = new Lsock.Server ();
    try {
      server.listen (name);
      listening.push (name);
      if (!server.wait_for_new_connection (10000))
        return false;
      var peer = server.next_pending_connection ();
      if (!peer.wait_for_ready_read (10000))
        return false;
      peer.write_bytes (peer.read_all ());
      peer.wait_for_bytes_written (10000);
    } catch (Error e) {
      error ("%s", e.message);
    }
    server = null;
    context.pop_thread_default ();
    return true;
  });

  var client = new Lsock.Socket ();
  assert_nonnull (listening.timeout_pop (10 * TimeSpan.SECOND));
  client.connect_to_server (name);
  assert_true (client.wait_for_connected (10000));
  try {
    client.write ("ping".data);
    assert_true (client.wait_for_ready_read (10000));
    assert_cmpstr (text_of (client.read_all ()), CompareOperator.EQ, "ping");
  } catch (Error e) {
    error ("%s", e.message);
  }
  assert_true (client.wait_for_disconnected (10000));
  assert_true (thread.join ());
  forget (name);
}

const uint N_EMISSIONS = 100000;

void test_queued () throws Error {
  uint next = 0;
  var in_order = true;
  unowned Thread<bool> here = Thread.self<bool> ();
  var receiver = new Lsock.Object ();
  var thread = new Thread<bool> ("emitter", () => {
    var context = new MainContext ();
    context.push_thread_default ();
    var counter = new Counter ();
    try {
      Lsock.connect (counter, "counted", Lsock.ConnectionType.QUEUED, receiver, (args) => {
        in_order &= args[1].get_uint () == next && Thread.self<bool> () == here;
        next++;
      });
    } catch (Error e) {
      error ("%s", e.message);
    }
    for (uint i = 0; i < N_EMISSIONS; i++)
      counter.counted (i, "");
    counter = null;
    context.pop_thread_default ();
    return true;
  });

  await (() => next == N_EMISSIONS);
  assert_true (in_order);
  assert_true (thread.join ());
}

/* Each class handler chains up. */
class Listener : Lsock.Socket {
  public uint heard = 0;

  public override void connected () {
    heard++;
    base.connected ();
  }

  public override void ready_read () {
    heard++;
    base.ready_read ();
  }

  public override void state_changed (Lsock.SocketState state) {
    heard++;
    base.state_changed (state);
  }
}

void test_class_handlers () throws Error {
  var name = fresh_name ();
  var server = new Lsock.Server ();
  var client = new Listener ();
  try {
    server.listen (name);
    client.connect_to_server (name, Lsock.OpenMode.READ_WRITE);
    await (() => server.has_pending_connections ());
    server.next_pending_connection ().write ("x".data);
    await (() => client.heard == 4);
  } catch (Error e) {
    error ("%s", e.message);
  }
  server.close ();
  forget (name);
}

async string converse_async (string name) throws Error {
  var server = new Lsock.Server ();
  var client = new Lsock.Socket ();
  server.listen (name);
  yield client.connect_to_server_async (name, Lsock.OpenMode.READ_WRITE, null);
  var peer = yield server.accept_async (null);
  yield peer.write_async (new Bytes ("one\ntwo".data), Priority.DEFAULT, null);
  yield peer.disconnect_from_server_async (Priority.DEFAULT, null);
  var line = yield client.read_line_async (0, Priority.DEFAULT, null);
  var rest = yield client.read_all_async (Priority.DEFAULT, null);
  server.close ();
  return text_of (line) + text_of (rest);
}

void test_yield () throws Error {
  var name = fresh_name ();
  string? text = null;
  converse_async.begin (name, (source, result) => {
    try {
      text = converse_async.end (result);
    } catch (Error e) {
      error ("%s", e.message);
    }
  });
  await (() => text != null);
  assert_cmpstr (text, CompareOperator.EQ, "one\ntwo");
  forget (name);
}

int main (string[] args) {
  Test.init (ref args);
  add_case ("/vala/conversation", test_conversation);
  add_case ("/vala/errors", test_errors);
  add_case ("/vala/subclass", test_subclass);
  add_case ("/vala/incoming-connection", test_incoming_connection);
  add_case ("/vala/without-loop", test_without_loop);
  add_case ("/vala/queued", test_queued);
  add_case ("/vala/class-handlers", test_class_handlers);
  add_case ("/vala/yield", test_yield);
  return Test.run ();
}
