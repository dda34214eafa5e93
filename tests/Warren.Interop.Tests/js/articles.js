'use strict';

// The programs that articles about RabbitMQ show, with the same calls and names.
const assert = require('node:assert');
const { run, take } = require('./cases');

const text = (messages) => messages.map((message) => message.content.toString());

async function case_hello(connection) {
  const channel = await connection.createChannel();
  await channel.assertQueue('hello', { durable: false });
  channel.sendToQueue('hello', Buffer.from('Hello, RabbitMQ!'));
  assert.deepStrictEqual(text(await take(channel, 'hello')), ['Hello, RabbitMQ!']);
  await channel.deleteQueue('hello');
}

async function case_simple_queue(connection) {
  const channel = await connection.createChannel();
  await channel.assertQueue('simple_queue');
  channel.sendToQueue('simple_queue', Buffer.from('Hello'));
  assert.deepStrictEqual(text(await take(channel, 'simple_queue')), ['Hello']);
  await channel.deleteQueue('simple_queue');
}

async function case_fanout_logs(connection) {
  const channel = await connection.createChannel();
  await channel.assertExchange('logs', 'fanout', { durable: false });
  const queues = [];
  for (let i = 0; i < 2; i++) {
    const q = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(q.queue, 'logs', '');
    queues.push(q.queue);
  }
  channel.publish('logs', '', Buffer.from('로그 메시지입니다!'));
  for (const queue of queues) {
    assert.deepStrictEqual(text(await take(channel, queue)), ['로그 메시지입니다!']);
  }
  await channel.deleteExchange('logs');
}

async function case_direct_logs(connection) {
  const channel = await connection.createChannel();
  await channel.assertExchange('direct_logs', 'direct');
  const errors = await channel.assertQueue('error_queue');
  await channel.bindQueue(errors.queue, 'direct_logs', 'error');
  const infos = await channel.assertQueue('info_queue');
  await channel.bindQueue(infos.queue, 'direct_logs', 'info');
  channel.publish('direct_logs', 'error', Buffer.from('에러 발생'));
  channel.publish('direct_logs', 'info', Buffer.from('정보 메시지'));
  assert.deepStrictEqual(text(await take(channel, 'error_queue')), ['에러 발생']);
  assert.deepStrictEqual(text(await take(channel, 'info_queue')), ['정보 메시지']);
  await channel.deleteQueue('error_queue');
  await channel.deleteQueue('info_queue');
  await channel.deleteExchange('direct_logs');
}

async function case_topic_logs(connection) {
  const channel = await connection.createChannel();
  await channel.assertExchange('topic_logs', 'topic');
  const users = await channel.assertQueue('topic_user_queue');
  await channel.bindQueue(users.queue, 'topic_logs', 'user.*');
  const errors = await channel.assertQueue('topic_error_queue');
  await channel.bindQueue(errors.queue, 'topic_logs', '*.error');
  for (const key of ['user.login', 'user.logout', 'system.error', 'system.start', 'user.a.b']) {
    channel.publish('topic_logs', key, Buffer.from(key));
  }
  assert.deepStrictEqual(text(await take(channel, users.queue, 2)), ['user.login', 'user.logout']);
  assert.deepStrictEqual(text(await take(channel, errors.queue)), ['system.error']);
  for (const queue of [users.queue, errors.queue]) {
    assert.strictEqual((await channel.deleteQueue(queue)).messageCount, 0);
  }
  await channel.deleteExchange('topic_logs');
}

async function case_orders(connection) {
  const channel = await connection.createChannel();
  await channel.assertExchange('orders', 'direct', { durable: true });
  await channel.assertExchange('notifications', 'fanout', { durable: true });
  await channel.assertQueue('order_processing_js', { durable: true });
  await channel.bindQueue('order_processing_js', 'orders', 'order.created');
  const order = {
    orderId: 'ORD-001',
    customerId: 'CUST-123',
    items: [{ name: '상품A', quantity: 2, price: 10000 }],
    total: 20000,
  };
  channel.publish('orders', 'order.created', Buffer.from(JSON.stringify(order)), {
    persistent: true,
    messageId: 'ORD-001',
  });
  channel.publish('notifications', '', Buffer.from('{}'), { persistent: true });
  const [message] = await take(channel, 'order_processing_js');
  assert.deepStrictEqual(JSON.parse(message.content.toString()), order);
  assert.strictEqual(message.properties.messageId, 'ORD-001');
  assert.strictEqual(message.properties.deliveryMode, 2);
  await channel.deleteQueue('order_processing_js');
}

run({ case_hello, case_simple_queue, case_fanout_logs, case_direct_logs, case_topic_logs, case_orders });
