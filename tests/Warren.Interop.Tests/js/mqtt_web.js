'use strict';

// mqtt.js over a WebSocket, as a browser uses it. Usage: node mqtt_web.js PORT. Prints `ok` for each version that worked.
const assert = require('node:assert');
const mqtt = require('mqtt');

const url = `ws://127.0.0.1:${process.argv[2]}/ws`;
const large = 'x'.repeat(300000);

async function check(protocolVersion) {
  const client = await mqtt.connectAsync(url, { protocolVersion, username: 'guest', password: 'guest', connectTimeout: 20000 });
  const got = [];
  const all = new Promise((resolve) => client.on('message', (topic, payload, packet) => {
    got.push([topic, payload.toString(), packet.qos]);
    if (got.length === 4) resolve();
  }));
  await client.subscribeAsync(`web/${protocolVersion}/#`, { qos: 2 });
  for (const qos of [0, 1, 2]) await client.publishAsync(`web/${protocolVersion}/small`, `${qos}`, { qos });
  await client.publishAsync(`web/${protocolVersion}/large`, large, { qos: 1 });
  await all;
  assert.deepStrictEqual(got.slice(0, 3), [0, 1, 2].map((qos) => [`web/${protocolVersion}/small`, `${qos}`, qos]));
  assert.strictEqual(got[3][1], large);
  await client.endAsync();
  console.log(`ok ${protocolVersion}`);
}

check(4).then(() => check(5)).then(() => process.exit(0), (error) => {
  console.log(error.stack);
  process.exit(1);
});
