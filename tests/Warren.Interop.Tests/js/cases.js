'use strict';

const amqp = require('amqplib');

// Usage of every script: node SCRIPT HOST PORT [CASE ...]. Prints `ok NAME` for each case that worked.
async function run(all) {
  const [host, port, ...wanted] = process.argv.slice(2);
  let failed = 0;
  for (const [name, work] of Object.entries(all)) {
    const short = name.replace(/^case_/, '');
    if (wanted.length > 0 && !wanted.includes(short)) continue;
    const connection = await amqp.connect(`amqp://guest:guest@${host}:${port}`);
    connection.on('error', () => {});
    try {
      await within(20000, work(connection));
      console.log(`ok ${short}`);
    } catch (error) {
      failed++;
      console.log(`failed ${short}: ${error.stack}`);
    }
    await connection.close().catch(() => {});
  }
  process.exit(failed ? 1 : 0);
}

// Rejects when the work takes longer than it may.
function within(milliseconds, work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done in ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

// Consumes until there are `count` messages, acknowledges them and cancels the consumer.
function take(channel, queue, count = 1) {
  return new Promise((resolve, reject) => {
    const got = [];
    const tag = `take-${Math.random().toString(36).slice(2)}`;
    channel.consume(queue, (message) => {
      got.push(message);
      channel.ack(message);
      if (got.length === count) channel.cancel(tag).then(() => resolve(got), reject);
    }, { consumerTag: tag }).catch(reject);
  });
}

module.exports = { run, take };
