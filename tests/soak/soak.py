#!/usr/bin/env python3
"""A soak by hand: everything a broker does, all at once, for as long as one likes, and whether it stays as large as it was.

  tests/soak/soak.py BROKER [--minutes 30] [--seed N] [--out DIR] [--kills 4]

BROKER is the built `warren`. It is started on free ports of 127.0.0.1 with a data directory of its own under --out. The
load comes from this process by AMQP (pika) and MQTT (paho): connections that come and go, queues declared and deleted,
policies set and cleared, messages that expire, retries over dead letters, small and large and paged-out bodies, sessions,
and clients that vanish. The broker is killed and started again --kills times in the first quarter of the time; the rest is
one life, in which RSS, handles, threads, the page file and the log are sampled into samples.csv. The end says for each
whether it is flat, and whether anything confirmed was lost or altered. Exit status 0: all flat, nothing lost.
"""
import argparse
import base64
import csv
import hashlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pika
import pika.exceptions
import paho.mqtt.client as paho

MB = 1024.0 * 1024.0
BROKEN = (pika.exceptions.AMQPError, OSError, EOFError, AssertionError)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def body_of(name, size, rng):
    head = ("%s|" % name).encode()
    filling = rng.randbytes(size)
    return head + filling + hashlib.sha256(head + filling).digest()


def name_of(body):
    """The name in a body; None when a byte of it has changed."""
    if len(body) < 32 or hashlib.sha256(body[:-32]).digest() != body[-32:]:
        return None
    return body.split(b"|", 1)[0].decode()


class Broker:
    """The process under test; it is killed and started by one thread, used by all."""

    def __init__(self, program, directory):
        self.program, self.directory = program, directory
        self.amqp, self.mqtt, self.api = free_port(), free_port(), free_port()
        self.process = None
        self.log = open(os.path.join(directory, "broker.log"), "ab")

    def start(self):
        settings = {
            "listeners.tcp.default": "127.0.0.1:%d" % self.amqp,
            "mqtt.listeners.tcp.default": "127.0.0.1:%d" % self.mqtt,
            "management.tcp.port": str(self.api),
            "management.tcp.ip": "127.0.0.1",
            "prometheus.tcp.port": "none",
            "web_mqtt.tcp.port": "none",
            "warren.page_budget": str(16 << 20),
            "mqtt.allow_anonymous": "false",
        }
        command = [self.program, "server", "--data-dir", os.path.join(self.directory, "data")]
        for key, value in settings.items():
            command += ["--set", "%s=%s" % (key, value)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        end = time.monotonic() + 60
        while True:
            try:
                self.call("GET", "/overview")
                return
            except (OSError, urllib.error.URLError):
                if self.process.poll() is not None:
                    raise SystemExit("the broker ended with %d: see broker.log" % self.process.returncode)
                if time.monotonic() > end:
                    raise SystemExit("the broker was not ready in 60 s: see broker.log")
                time.sleep(0.1)

    def end(self, how):
        self.process.send_signal(how)
        return self.process.wait(60)

    def call(self, method, path, value=None):
        request = urllib.request.Request("http://127.0.0.1:%d/api%s" % (self.api, path), method=method)
        request.add_header("Authorization", "Basic " + base64.b64encode(b"guest:guest").decode())
        if value is not None:
            request.data = json.dumps(value).encode()
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.read()

    def connect(self):
        return pika.BlockingConnection(pika.ConnectionParameters(
            "127.0.0.1", self.amqp, heartbeat=0, blocked_connection_timeout=60, connection_attempts=1, socket_timeout=10))

    def sample(self):
        """RSS, handles, threads, page file and log; in MB where it is bytes."""
        proc = "/proc/%d" % self.process.pid
        with open(proc + "/status") as status:
            fields = dict(line.split(":", 1) for line in status if ":" in line)
        handles, paged = os.listdir(proc + "/fd"), 0
        for fd in handles:
            try:
                link = os.readlink("%s/fd/%s" % (proc, fd))
                if link.startswith(self.directory) and link.endswith("(deleted)"):
                    paged += os.stat("%s/fd/%s" % (proc, fd)).st_blocks * 512
            except FileNotFoundError:
                continue
        stored = 0
        for root, _, files in os.walk(os.path.join(self.directory, "data")):
            for name in files:
                try:
                    stored += os.stat(os.path.join(root, name)).st_blocks * 512
                except FileNotFoundError:
                    continue
        return {
            "rss_mb": int(fields["VmRSS"].split()[0]) / 1024.0,
            "handles": len(handles),
            "threads": int(fields["Threads"]),
            "page_file_mb": paged / MB,
            "log_mb": stored / MB,
        }


class Ledger:
    """What was confirmed and has not come out yet; what came out wrong."""

    def __init__(self):
        self.lock = threading.Lock()
        self.promised = {}
        self.counts = {}
        self.problems = []

    def promise(self, name, queue):
        with self.lock:
            self.promised[name] = queue

    def came(self, body, queue):
        name = name_of(body)
        if name is None:
            self.problem("altered: %d bytes from %s" % (len(body), queue))
        return name

    def settled(self, name):
        with self.lock:
            self.promised.pop(name, None)

    def count(self, what, n=1):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + n

    def problem(self, text):
        with self.lock:
            if len(self.problems) < 100:
                self.problems.append(text)
        print("PROBLEM", text, flush=True)


class Load:
    """One kind of client: works until its connection breaks, then comes again."""

    def __init__(self, broker, ledger, seed, stopping):
        self.broker, self.ledger, self.stopping = broker, ledger, stopping
        self.rng = random.Random("%s-%d" % (type(self).__name__, seed))
        self.sequence = 0
        self.thread = threading.Thread(target=self.run, name=type(self).__name__, daemon=True)

    def run(self):
        while not self.stopping.is_set():
            try:
                self.life()
            except BROKEN:
                self.stopping.wait(0.3)  # killed, or on purpose
            except urllib.error.HTTPError as e:
                if e.code >= 500:
                    self.stopping.wait(0.3)
                elif e.code != 404:
                    self.ledger.problem("%s: HTTP %d for %s" % (self.thread.name, e.code, e.url))

    def next(self, size):
        self.sequence += 1
        name = "%s-%d" % (self.thread.name, self.sequence)
        return name, body_of(name, size, self.rng)

    def pause(self, seconds):
        self.stopping.wait(seconds)

    def publish(self, channel, queue, size, promised=True, expiration=None):
        name, body = self.next(size)
        channel.basic_publish("", queue, body, pika.BasicProperties(delivery_mode=2 if promised else 1, expiration=expiration), mandatory=True)
        if promised:
            self.ledger.promise(name, queue)
        self.ledger.count("published")


def declare(channel, queue, **arguments):
    channel.queue_declare(queue, durable=True, arguments={k.replace("_", "-"): v for k, v in arguments.items()})


class Steady(Load):
    """Small and large persistent messages through durable queues, taken out again behind a short backlog."""

    QUEUES = ["soak.classic", "soak.quorum", "soak.priority"]

    def life(self):
        connection = self.broker.connect()
        channel = connection.channel()
        declare(channel, "soak.classic")
        declare(channel, "soak.quorum", x_queue_type="quorum")
        declare(channel, "soak.priority", x_max_priority=5)
        channel.confirm_delivery()
        taking = connection.channel()
        while not self.stopping.is_set():
            for _ in range(self.rng.randrange(1, 60)):
                size = self.rng.randrange(2_000_000) if self.rng.randrange(200) == 0 else self.rng.randrange(2_000)
                self.publish(channel, self.rng.choice(self.QUEUES), size)
            for queue in self.QUEUES:
                self.drain(taking, queue, leave=40)
            self.pause(0.02)
        connection.close()

    def drain(self, channel, queue, leave=0):
        while channel.queue_declare(queue, passive=True).method.message_count > leave:
            method, _, body = channel.basic_get(queue)
            if method is None:
                return
            name = self.ledger.came(body, queue)
            if self.rng.randrange(20) == 0 and leave:
                channel.basic_nack(method.delivery_tag, requeue=True)
                return
            self.ledger.settled(name)
            channel.basic_ack(method.delivery_tag)
            self.ledger.count("consumed")


class Paged(Load):
    """Transient large messages, many times the page budget, small ones between them."""

    def life(self):
        connection = self.broker.connect()
        channel = connection.channel()
        declare(channel, "soak.paged")
        channel.confirm_delivery()
        while not self.stopping.is_set():
            for _ in range(self.rng.randrange(10, 60)):
                size = self.rng.randrange(1_000_000, 2_000_000) if self.rng.randrange(4) == 0 else self.rng.randrange(200_000)
                self.publish(channel, "soak.paged", size, promised=False)
            leave = self.rng.randrange(10)
            while channel.queue_declare("soak.paged", passive=True).method.message_count > leave:
                method, _, body = channel.basic_get("soak.paged", auto_ack=True)
                if method is None:
                    break
                self.ledger.came(body, "soak.paged")
                self.ledger.count("paged")
            self.pause(0.2)
        connection.close()


class Retrying(Load):
    """Work that fails twice, goes over a dead letter queue with a time to live, and comes back."""

    def life(self):
        connection = self.broker.connect()
        channel = connection.channel()
        declare(channel, "soak.work", x_dead_letter_exchange="", x_dead_letter_routing_key="soak.wait")
        declare(channel, "soak.wait", x_message_ttl=300, x_dead_letter_exchange="", x_dead_letter_routing_key="soak.work")
        channel.confirm_delivery()
        while not self.stopping.is_set():
            for _ in range(20):
                self.publish(channel, "soak.work", self.rng.randrange(500))
            for _ in range(60):
                method, properties, body = channel.basic_get("soak.work")
                if method is None:
                    break
                name = self.ledger.came(body, "soak.work")
                deaths = sum(d.get("count", 0) for d in (properties.headers or {}).get("x-death", []) if d.get("reason") == "rejected")
                if deaths < 2:
                    channel.basic_reject(method.delivery_tag, requeue=False)
                else:
                    self.ledger.settled(name)
                    channel.basic_ack(method.delivery_tag)
                    self.ledger.count("retried")
            self.pause(0.05)
        connection.close()


class Expiring(Load):
    """Messages whose time is up before anybody comes, by the queue and by themselves; queues that nobody uses."""

    def life(self):
        connection = self.broker.connect()
        channel = connection.channel()
        declare(channel, "soak.expired")
        declare(channel, "soak.ttl", x_message_ttl=1_000, x_dead_letter_exchange="", x_dead_letter_routing_key="soak.expired")
        declare(channel, "soak.own", x_dead_letter_exchange="", x_dead_letter_routing_key="soak.expired")
        channel.confirm_delivery()
        while not self.stopping.is_set():
            for _ in range(20):
                self.publish(channel, "soak.ttl", self.rng.randrange(3_000))
                self.publish(channel, "soak.own", self.rng.randrange(300), expiration=str(self.rng.randrange(1, 1_500)))
            for i in range(10):
                channel.queue_declare("soak.unused.%d.%d" % (self.sequence, i), durable=True, arguments={"x-expires": 2_000})
            Steady.drain(self, channel, "soak.expired")
            self.pause(0.1)
        connection.close()


class Definitions(Load):
    """Queues, bindings, policies and virtual hosts that come and go."""

    def life(self):
        connection = self.broker.connect()
        channel = connection.channel()
        channel.confirm_delivery()
        while not self.stopping.is_set():
            self.sequence += 1
            names = ["soak.def.%d.%d" % (self.sequence, i) for i in range(20)]
            for name in names:
                channel.queue_declare(name, durable=True)
                channel.queue_bind(name, "amq.topic", "soak.*.%d" % self.sequence)
                channel.queue_bind(name, "amq.headers", "", arguments={"x-match": "all", "n": self.sequence})
            channel.basic_publish("amq.topic", "soak.x.%d" % self.sequence, b"to all of them", pika.BasicProperties(delivery_mode=2))
            self.broker.call("PUT", "/policies/%2F/soak", {"pattern": "^soak\\.def", "definition": {"max-length": self.rng.randrange(1, 9)}, "apply-to": "queues"})
            host = "soak-%d" % self.sequence
            self.broker.call("PUT", "/vhosts/" + host, {})
            for i in range(5):
                self.broker.call("PUT", "/queues/%s/q%d" % (host, i), {"durable": True})
            self.broker.call("DELETE", "/policies/%2F/soak")
            self.broker.call("DELETE", "/vhosts/" + host)
            for name in names:
                channel.queue_delete(name)
            self.ledger.count("definitions", 20)
            self.pause(0.2)
        connection.close()


class Connections(Load):
    """Clients that come, do a little and go, half of them without a word."""

    def life(self):
        connection = self.broker.connect()
        channel = connection.channel()
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.basic_consume(queue, lambda *_: None)
        for _ in range(10):
            channel.basic_publish("", queue, b"x" * self.rng.randrange(5_000))
        connection.process_data_events(0.01)
        self.ledger.count("connections")
        if self.rng.randrange(2):
            connection.close()
        else:
            connection._impl._transport.abort()  # as a client that is gone
        self.pause(0.02)


class Sessions(Load):
    """MQTT sessions that are left and taken up again, messages for them meanwhile, retained ones and wills."""

    def life(self):
        version = {"callback_api_version": paho.CallbackAPIVersion.VERSION1} if hasattr(paho, "CallbackAPIVersion") else {}
        name = "soak-%d" % self.rng.randrange(200)
        got = []
        client = paho.Client(client_id=name, clean_session=False, protocol=paho.MQTTv311, **version)
        client.username_pw_set("guest", "guest")
        client.will_set("soak/will/" + name, "gone", qos=1)
        client.on_message = lambda c, u, m: got.append(m.payload)
        client.connect("127.0.0.1", self.broker.mqtt, keepalive=60)
        client.loop_start()
        try:
            client.subscribe([("soak/to/" + name, 2), ("soak/retained/#", 1)])
            for _ in range(20):
                other = "soak-%d" % self.rng.randrange(200)
                _, body = self.next(self.rng.randrange(2_000))
                client.publish("soak/to/" + other, body, qos=self.rng.randrange(3))
            topic = "soak/retained/%d" % self.rng.randrange(100)
            client.publish(topic, b"" if self.rng.randrange(3) == 0 else self.next(100)[1], qos=1, retain=True).wait_for_publish(5)
            self.pause(0.2)
        finally:
            if self.rng.randrange(2):
                client.disconnect()
            client.loop_stop()
            if client.socket():
                client.socket().close()  # without a word
        for payload in filter(None, got):  # none: a retained message was taken away
            self.ledger.came(payload, "a session")
        self.ledger.count("sessions")


def slope(samples, key):
    """Least squares over time: units an hour, and the mean."""
    n = len(samples)
    xs, ys = [s["seconds"] / 3600.0 for s in samples], [s[key] for s in samples]
    mx, my = sum(xs) / n, sum(ys) / n
    sxx = sum((x - mx) ** 2 for x in xs)
    return (sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sxx if sxx else 0.0), my


def verdicts(samples):
    """A value is flat when the line through its samples rises by less than a tenth of its mean, or less than the noise allowed."""
    allowed = {"rss_mb": 24, "handles": 12, "threads": 4, "page_file_mb": 48, "log_mb": 192}
    hours = (samples[-1]["seconds"] - samples[0]["seconds"]) / 3600.0
    flat = True
    for key, noise in allowed.items():
        per_hour, mean = slope(samples, key)
        rise = per_hour * hours
        good = rise < max(noise, mean * 0.1)
        flat &= good
        print("%-13s mean %9.1f  from %9.1f to %9.1f  most %9.1f  line rises by %+8.1f  %s" % (
            key, mean, samples[0][key], samples[-1][key], max(s[key] for s in samples), rise, "flat" if good else "NOT FLAT"))
    return flat


def empty(broker, ledger):
    """Takes everything that was promised; what is left then is lost."""
    connection = broker.connect()
    channel = connection.channel()
    queues = Steady.QUEUES + ["soak.work", "soak.wait", "soak.ttl", "soak.own", "soak.expired"]
    end = time.monotonic() + 60
    while ledger.promised and time.monotonic() < end:
        for queue in queues:
            if queue in ("soak.ttl", "soak.own", "soak.wait"):
                continue  # they move on by themselves
            method, _, body = channel.basic_get(queue, auto_ack=True)
            while method is not None:
                ledger.settled(ledger.came(body, queue))
                method, _, body = channel.basic_get(queue, auto_ack=True)
        if ledger.promised:
            time.sleep(0.2)
    for name, queue in sorted(ledger.promised.items())[:20]:
        ledger.problem("confirmed and lost: %s of %s" % (name, queue))
    connection.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("broker")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--out", default=None)
    parser.add_argument("--kills", type=int, default=4)
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.randrange(1_000_000)
    out = os.path.abspath(options.out or "soak-%d" % seed)
    os.makedirs(out, exist_ok=True)
    print("seed %d, %g minutes, %s" % (seed, options.minutes, out), flush=True)

    broker, ledger, stopping = Broker(options.broker, out), Ledger(), threading.Event()
    broker.start()
    total = options.minutes * 60.0
    rng = random.Random(seed)
    kills = sorted(rng.uniform(0.02, 0.25) * total for _ in range(options.kills))
    loads = [kind(broker, ledger, seed, stopping)
             for kind in (Steady, Paged, Retrying, Expiring, Definitions, Connections, Sessions)]
    for load in loads:
        load.thread.start()

    samples, start, every = [], time.monotonic(), max(0.5, min(5.0, total / 200))
    try:
        with open(os.path.join(out, "samples.csv"), "w", newline="") as file:
            writer = None
            while time.monotonic() - start < total:
                time.sleep(every)
                now = time.monotonic() - start
                if broker.process.poll() is not None:
                    ledger.problem("the broker ended by itself with %d" % broker.process.returncode)
                    break
                if kills and now >= kills[0]:
                    kills.pop(0)
                    broker.end(signal.SIGKILL)
                    time.sleep(rng.uniform(0, 2))
                    broker.start()
                    print("%6.0f s: killed and started again" % now, flush=True)
                    continue
                sample = {"seconds": round(now, 1), **{k: round(v, 1) for k, v in broker.sample().items()}}
                samples.append(sample)
                if writer is None:
                    writer = csv.DictWriter(file, list(sample))
                    writer.writeheader()
                writer.writerow(sample)
                file.flush()
                if len(samples) % 12 == 0:
                    print(sample, dict(ledger.counts), flush=True)
    finally:
        stopping.set()
        for load in loads:
            load.thread.join(30)

    flat = False
    if broker.process.poll() is None:
        broker.end(signal.SIGKILL)
        broker.start()
        empty(broker, ledger)
        code = broker.end(signal.SIGTERM)
        if code != 0:
            ledger.problem("a clean stop ended with %d" % code)
        # The kills and the first load are over, and what had to grow has: the last 60 percent count.
        life = [s for s in samples if s["seconds"] > 0.4 * total]
        flat = len(life) >= 3 and verdicts(life)
    print("did:", dict(ledger.counts))
    for text in ledger.problems:
        print("PROBLEM", text)
    print("flat: %s, problems: %d, seed %d" % ("yes" if flat else "NO", len(ledger.problems), seed))
    return 0 if flat and not ledger.problems else 1


if __name__ == "__main__":
    sys.exit(main())
