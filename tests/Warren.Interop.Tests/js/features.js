'use strict';

// What amqplib offers, against the broker.
const assert = require('node:assert');
const { run, take } = require('./cases');

const exclusive = { exclusive: true };

async function case_confirms(connection) {
  const channel = await connection.createConfirmChannel();
  const { queue } = await channel.assertQueue('', exclusive);
  for (let i = 0; i < 1000; i++) channel.sendToQueue(queue, Buffer.from(`${i}`), { persistent: true });
  await channel.waitForConfirms();
  assert.strictEqual((await channel.checkQueue(queue)).messageCount, 1000);
}

async function case_nacked_publish(connection) {
  const channel = await connection.createConfirmChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true, maxLength: 0, overflow: 'reject-publish' });
  const error = await new Promise((resolve) => channel.sendToQueue(queue, Buffer.from('x'), {}, resolve));
  assert.ok(error, 'the publish must be refused');
}

async function case_mandatory_return(connection) {
  const channel = await connection.createChannel();
  const returned = new Promise((resolve) => channel.on('return', resolve));
  channel.publish('', 'nowhere-at-all', Buffer.from('back'), { mandatory: true });
  const message = await returned;
  assert.strictEqual(message.content.toString(), 'back');
  assert.strictEqual(message.fields.replyCode, 312);
  assert.strictEqual(message.fields.replyText, 'NO_ROUTE');
}

async function case_ack_nack_requeue(connection) {
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue('', exclusive);
  for (let i = 0; i < 3; i++) channel.sendToQueue(queue, Buffer.from(`${i}`));
  const got = [await channel.get(queue), await channel.get(queue), await channel.get(queue)];
  channel.ack(got[0]);
  channel.nack(got[1], false, false);
  channel.nack(got[2], false, true);
  const again = await channel.get(queue, { noAck: true });
  assert.strictEqual(again.content.toString(), '2');
  assert.strictEqual(again.fields.redelivered, true);
  assert.strictEqual(await channel.get(queue), false);
}

async function case_header_types(connection) {
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue('', exclusive);
  const headers = {
    text: '텍스트',
    yes: true,
    no: false,
    small: -5,
    octet: 200,
    short: 30000,
    int: 2000000000,
    long: 1099511627776,
    double: 1.5,
    none: null,
    bytes: Buffer.from([0, 1, 255]),
    table: { inner: { deep: [1, 'two', { three: 3 }] } },
    array: [1, 'two', true, [2.5]],
    empty: {},
    time: { '!': 'timestamp', value: 1700000000 },
    float: { '!': 'float', value: 0.5 },
    decimal: { '!': 'decimal', value: { digits: 1234, places: 2 } },
    ushort: { '!': 'uint16', value: 60000 },
    uint: { '!': 'uint32', value: 4000000000 },
    byte: { '!': 'int8', value: -100 },
  };
  channel.sendToQueue(queue, Buffer.from('x'), { headers });
  const got = (await channel.get(queue, { noAck: true })).properties.headers;
  const plain = { ...headers, float: 0.5, ushort: 60000, uint: 4000000000, byte: -100 };
  assert.deepStrictEqual(JSON.parse(JSON.stringify(got)), JSON.parse(JSON.stringify(plain)));
}

async function case_rpc_over_reply_to(connection) {
  const server = await connection.createChannel();
  const { queue } = await server.assertQueue('', exclusive);
  await server.consume(queue, (request) => {
    const answer = Number(request.content.toString()) * 2;
    server.sendToQueue(request.properties.replyTo, Buffer.from(`${answer}`), {
      correlationId: request.properties.correlationId,
    });
    server.ack(request);
  });
  const asker = await connection.createChannel();
  const reply = new Promise((resolve) => {
    asker.consume('amq.rabbitmq.reply-to', resolve, { noAck: true }).then(() => {
      asker.sendToQueue(queue, Buffer.from('21'), { replyTo: 'amq.rabbitmq.reply-to', correlationId: 'c' });
    });
  });
  const message = await reply;
  assert.strictEqual(message.content.toString(), '42');
  assert.strictEqual(message.properties.correlationId, 'c');
}

async function case_consumer_cancel_notice(connection) {
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue(`cancelled-${Date.now()}`);
  const cancelled = new Promise((resolve) => channel.consume(queue, resolve));
  await channel.checkQueue(queue);
  await channel.deleteQueue(queue);
  assert.strictEqual(await cancelled, null);
}

async function case_prefetch_and_exchange_bindings(connection) {
  const channel = await connection.createChannel();
  await channel.prefetch(1);
  await channel.assertExchange('js-source', 'topic', { autoDelete: true, durable: false });
  await channel.assertExchange('js-target', 'fanout', { autoDelete: true, durable: false, internal: true });
  await channel.bindExchange('js-target', 'js-source', 'a.#');
  const { queue } = await channel.assertQueue('', exclusive);
  await channel.bindQueue(queue, 'js-target', '');
  for (const key of ['a', 'a.b', 'b']) channel.publish('js-source', key, Buffer.from(key));
  const got = await take(channel, queue, 2);
  assert.deepStrictEqual(got.map((m) => m.content.toString()), ['a', 'a.b']);
  await channel.unbindExchange('js-target', 'js-source', 'a.#');
}

async function case_channel_error(connection) {
  const channel = await connection.createChannel();
  const error = new Promise((resolve) => channel.on('error', resolve));
  await assert.rejects(channel.checkQueue('there-is-no-such-queue'));
  assert.strictEqual((await error).code, 404);
  const next = await connection.createChannel();
  await next.checkExchange('amq.direct');
}

async function case_sixteen_mebibytes(connection) {
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue('', exclusive);
  const body = Buffer.alloc(16 * 1024 * 1024, 'warren');
  channel.sendToQueue(queue, body);
  assert.ok((await take(channel, queue))[0].content.equals(body));
}

async function case_hundred_channels(connection) {
  const channels = await Promise.all(Array.from({ length: 100 }, () => connection.createChannel()));
  const queues = await Promise.all(channels.map((channel) => channel.assertQueue('', exclusive)));
  channels.forEach((channel, i) => channel.sendToQueue(queues[(i + 1) % 100].queue, Buffer.from(`${i}`)));
  const got = await Promise.all(channels.map((channel, i) => take(channel, queues[i].queue)));
  got.forEach(([message], i) => assert.strictEqual(message.content.toString(), `${(i + 99) % 100}`));
}

run({
  case_confirms, case_nacked_publish, case_mandatory_return, case_ack_nack_requeue, case_header_types,
  case_rpc_over_reply_to, case_consumer_cancel_notice, case_prefetch_and_exchange_bindings, case_channel_error,
  case_sixteen_mebibytes, case_hundred_channels,
});
