#!/usr/bin/env -S gjs -m
// SPDX-FileCopyrightText: 2026 The lsock authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// A client of chat-server.py: says the lines of the standard input, and prints what the others say.

import Gio from 'gi://Gio';
import Lsock from 'gi://Lsock?version=1';
import System from 'system';

function decode(message) {
  return JSON.parse(new TextDecoder().decode(message));
}

// What others have written must not control the terminal.
function printable(text) {
  return `${text}`.replace(/\p{Cc}/gu, '\uFFFD');
}

function show({from, text, joined, left, error}) {
  if (from !== undefined)
    print(`${printable(from)}: ${printable(text)}`);
  else if (joined !== undefined)
    print(`* ${printable(joined)} has joined`);
  else if (left !== undefined)
    print(`* ${printable(left)} has left`);
  else
    printerr(`error: ${printable(error)}`);
}

async function enter(channel, name) {
  await channel.send_async(JSON.stringify({name}));
  const answer = decode(await channel.receive_async());
  if (answer.error !== undefined)
    throw new Error(`“${name}” cannot enter: ${printable(answer.error)}`);
  show(answer);
}

async function sayLines(channel, input) {
  for await (const line of input) {
    const text = new TextDecoder().decode(line).replace(/\r?\n$/, '');
    if (text !== '')
      await channel.send_async(JSON.stringify({text}));
  }
}

async function showMessages(channel) {
  for await (const message of channel)
    show(decode(message));
  throw new Error('The server has closed the connection');
}

async function chat(server, name) {
  const socket = new Lsock.Socket();
  const input = new Lsock.StreamDevice({
    input_stream: new Gio.UnixInputStream({fd: 0, close_fd: false}),
  });

  input.open(Lsock.OpenMode.READ_ONLY);
  await socket.connect_to_server_async(server);
  const channel = new Lsock.MessageChannel({device: socket, framing: Lsock.MessageFraming.LINES});
  await enter(channel, name);
  await Promise.race([sayLines(channel, input), showMessages(channel)]);
  await socket.disconnect_from_server_async();
}

if (ARGV.length !== 2) {
  printerr(`usage: ${System.programInvocationName} SERVER NAME`);
  System.exit(2);
}

try {
  await chat(...ARGV);
} catch (error) {
  printerr(error.message);
  System.exit(1);
}
