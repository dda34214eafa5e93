'use strict';

// mqtt.js programs as articles show them, and amqplib at the other end of the same topics.
const assert = require('node:assert');
const mqtt = require('mqtt');
const { run, take } = require('./cases');

const port = process.env.WARREN_MQTT_PORT || 1883;
const login = { username: 'guest', password: 'guest', connectTimeout: 20000 };
const connect = (options) => mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { ...login, ...options });

// Keeps what comes until it is asked for.
function inbox(client) {
  const got = [];
  const waiting = [];
  client.on('message', (topic, payload, packet) => {
    const message = { topic, text: payload.toString(), qos: packet.qos, retain: packet.retain, properties: packet.properties };
    if (waiting.length > 0) waiting.shift()(message);
    else got.push(message);
  });
  return { next: () => (got.length > 0 ? Promise.resolve(got.shift()) : new Promise((resolve) => waiting.push(resolve))) };
}

async function case_sensor_client() {
  const client = await connect({ clientId: 'sensor_client_001', clean: true, keepalive: 60 });
  const messages = inbox(client);
  await client.subscribeAsync('sensor/temperature', { qos: 1 });
  await client.subscribeAsync('sensor/humidity', { qos: 1 });
  await client.publishAsync('sensor/temperature', (21.25).toString(), { qos: 1 });
  const message = await messages.next();
  assert.deepStrictEqual([message.topic, message.text, message.qos], ['sensor/temperature', '21.25', 1]);
  await client.endAsync();
}

async function case_quality_levels() {
  const client = await connect({ clientId: 'quality_js' });
  const messages = inbox(client);
  const granted = await client.subscribeAsync('quality/js', { qos: 2 });
  assert.strictEqual(granted[0].qos, 2);
  for (const qos of [0, 1, 2]) {
    await client.publishAsync('quality/js', `${qos}`, { qos });
    const message = await messages.next();
    assert.deepStrictEqual([message.text, message.qos], [`${qos}`, qos]);
  }
  await client.endAsync();
}

async function case_many_with_quality_2_in_order() {
  const client = await connect({ clientId: 'order_js' });
  const messages = inbox(client);
  await client.subscribeAsync('order/js/+', { qos: 2 });
  await Promise.all(Array.from({ length: 300 }, (_, i) => client.publishAsync('order/js/a', `${i}`, { qos: 2 })));
  for (let i = 0; i < 300; i++) assert.strictEqual((await messages.next()).text, `${i}`);
  await client.endAsync();
}

async function case_session_comes_back_by_itself() {
  const client = await connect({ clientId: 'reconnect_js', clean: false, reconnectPeriod: 50 });
  const messages = inbox(client);
  await client.subscribeAsync('reconnect/js', { qos: 1 });
  const back = new Promise((resolve) => client.once('connect', resolve));
  client.stream.destroy();
  const other = await connect({ clientId: 'reconnect_js_2' });
  await other.publishAsync('reconnect/js', 'while it was away', { qos: 1 });
  const connack = await back;
  assert.strictEqual(connack.sessionPresent, true);
  assert.strictEqual((await messages.next()).text, 'while it was away');
  await client.endAsync();
  await other.endAsync();
  const cleaning = await connect({ clientId: 'reconnect_js', clean: true });
  await cleaning.endAsync();
}

async function case_version_5() {
  const client = await connect({ clientId: 'five_js', protocolVersion: 5, properties: { sessionExpiryInterval: 30, receiveMaximum: 5 } });
  const messages = inbox(client);
  await client.subscribeAsync('five/js/+', { qos: 1, rap: true, properties: { subscriptionIdentifier: 9 } });
  await client.publishAsync('five/js/a', 'x', {
    qos: 1,
    properties: {
      contentType: 'text/plain',
      responseTopic: 'five/answer',
      correlationData: Buffer.from('c-7'),
      messageExpiryInterval: 60,
      userProperties: { one: '1', many: ['a', 'b'] },
    },
  });
  const { properties } = await messages.next();
  assert.strictEqual(properties.contentType, 'text/plain');
  assert.strictEqual(properties.responseTopic, 'five/answer');
  assert.strictEqual(properties.correlationData.toString(), 'c-7');
  assert.ok(properties.messageExpiryInterval > 0 && properties.messageExpiryInterval <= 60);
  assert.deepStrictEqual({ ...properties.userProperties }, { one: '1', many: ['a', 'b'] });
  assert.strictEqual(properties.subscriptionIdentifier, 9);
  await client.endAsync();
}

async function case_topic_aliases_both_ways() {
  const client = await connect({
    clientId: 'alias_js', protocolVersion: 5, autoAssignTopicAlias: true, properties: { topicAliasMaximum: 10 },
  });
  const aliases = new Set();
  client.on('packetreceive', (packet) => {
    if (packet.cmd === 'publish' && packet.properties && packet.properties.topicAlias) aliases.add(packet.properties.topicAlias);
  });
  const messages = inbox(client);
  await client.subscribeAsync('alias/js/#', { qos: 1 });
  for (let i = 0; i < 30; i++) {
    await client.publishAsync(`alias/js/${i % 3}`, `${i}`, { qos: 1 });
    const message = await messages.next();
    assert.deepStrictEqual([message.topic, message.text], [`alias/js/${i % 3}`, `${i}`]);
  }
  assert.strictEqual(aliases.size, 3);
  await client.endAsync();
}

async function case_will_and_retained() {
  const watcher = await connect({ clientId: 'watcher_js' });
  const messages = inbox(watcher);
  await watcher.subscribeAsync('will/js', { qos: 1 });
  const dying = await connect({
    clientId: 'dying_js', reconnectPeriod: 0, will: { topic: 'will/js', payload: Buffer.from('lost'), qos: 1, retain: true },
  });
  dying.stream.destroy();
  assert.strictEqual((await messages.next()).text, 'lost');
  await watcher.unsubscribeAsync('will/js');
  await watcher.subscribeAsync('will/js', { qos: 1 });
  const kept = await messages.next();
  assert.deepStrictEqual([kept.text, kept.retain], ['lost', true]);
  await watcher.publishAsync('will/js', '', { qos: 1, retain: true });
  await watcher.endAsync();
}

async function case_wrong_password() {
  await assert.rejects(connect({ clientId: 'wrong_js', password: 'wrong', reconnectPeriod: 0 }), /Not authorized|Bad username or password/i);
}

// The article's bridge: a program takes factory/sensor/+ and publishes to the exchange factory_data.
async function case_factory_bridge(connection) {
  const channel = await connection.createChannel();
  await channel.assertExchange('factory_data', 'topic', { durable: true });
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, 'factory_data', 'sensor.*');
  const client = await connect({ clientId: 'factory_js' });
  client.on('message', (topic, message) => {
    const data = JSON.parse(message.toString());
    channel.publish('factory_data', `sensor.${data.type}`, Buffer.from(JSON.stringify({ ...data, processed: true })), { persistent: true });
  });
  await client.subscribeAsync('factory/sensor/+');
  await client.publishAsync('factory/sensor/3', JSON.stringify({ type: 'heat', value: 70 }));
  const [message] = await take(channel, queue);
  assert.strictEqual(message.fields.routingKey, 'sensor.heat');
  assert.deepStrictEqual(JSON.parse(message.content.toString()), { type: 'heat', value: 70, processed: true });
  await client.endAsync();
  await channel.deleteExchange('factory_data');
}

async function case_straight_to_amqplib(connection) {
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, 'amq.topic', 'straight.js.#');
  const client = await connect({ clientId: 'straight_js', protocolVersion: 5 });
  await client.publishAsync('straight/js/a', 'hello', {
    qos: 1, properties: { contentType: 'text/plain', correlationData: Buffer.from('c'), userProperties: { k: 'v' } },
  });
  const [message] = await take(channel, queue);
  assert.strictEqual(message.fields.routingKey, 'straight.js.a');
  assert.strictEqual(message.properties.contentType, 'text/plain');
  assert.strictEqual(message.properties.correlationId, 'c');
  assert.strictEqual(message.properties.deliveryMode, 2);
  assert.strictEqual(message.properties.headers.k, 'v');
  await client.endAsync();
}

run({
  case_sensor_client,
  case_quality_levels,
  case_many_with_quality_2_in_order,
  case_session_comes_back_by_itself,
  case_version_5,
  case_topic_aliases_both_ways,
  case_will_and_retained,
  case_wrong_password,
  case_factory_bridge,
  case_straight_to_amqplib,
});
