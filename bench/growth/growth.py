#!/usr/bin/env python3
"""Growth curves: what becomes of rates and memory when there is more of something.

  bench/growth/growth.py BROKER --bench DIR [--out DIR] [--curves queues,topic,...] [--scale tiny|full] [--seconds S]
                         [--again CURVE,...] [--peer NAME,amqp=PORT,mqtt=PORT,pid=PID]

BROKER is the built `warren`; every point starts it anew on free ports of 127.0.0.1. --bench is where amqp_load and mqtt_load
are built. Points that are in --out/results.jsonl are not measured again, so that a run can be cut and taken up; --again
drops those of a curve. A peer is a broker that runs already: it is measured at the same points, beside ours.

All figures in the table and in the pictures are relative: to the first point of the curve, or to the peer at the same point.
"""
import argparse
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import chart  # noqa: E402
import wire  # noqa: E402

SIZES = {
    "tiny": {"queues": [1, 50], "bindings": [10, 100], "backlog": [0, 2_000], "connections": [1, 20], "seconds": 1.0},
    "full": {
        "queues": [1, 100, 10_000, 100_000],
        "bindings": [10, 100, 1_000, 10_000, 100_000],
        "backlog": [0, 10_000, 100_000, 1_000_000, 10_000_000],
        "connections": [1, 100, 1_000, 5_000, 10_000, 20_000],
        "seconds": 5.0,
    },
}
CURVES = {
    "queues": "durable queues",
    "topic": "bindings of a topic exchange",
    "direct": "bindings of a direct exchange",
    "headers": "bindings of a headers exchange",
    "backlog": "persistent messages in a queue",
    "amqp-connections": "idle connections of AMQP, each with a channel",
    "mqtt-connections": "idle connections of MQTT",
    "tls": "plain and TLS (1: AMQP, 2: AMQPS, 3: MQTT, 4: MQTTS)",
}
TARGETS = 100  # queues that are published to and consumed from
KEYS = 10_000  # different keys that are published


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def tree_rss(pid):
    """MB of a process and its children."""
    total = 0
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open("/proc/%s/stat" % entry) as f:
                    children.setdefault(int(f.read().rsplit(")", 1)[1].split()[1]), []).append(int(entry))
            except (FileNotFoundError, ProcessLookupError):
                continue
    todo = [pid]
    while todo:
        one = todo.pop()
        todo += children.get(one, [])
        with open("/proc/%d/status" % one) as f:
            total += sum(int(line.split()[1]) for line in f if line.startswith("VmRSS"))
    return total / 1024.0


class Ours:
    """A broker of our own, new for every point."""

    name = "ours"

    def __init__(self, program, tls=None):
        self.directory = tempfile.mkdtemp(prefix="growth-")
        self.amqp, self.mqtt = free_port(), free_port()
        self.amqps, self.mqtts = free_port(), free_port()
        settings = [
            "listeners.tcp.default=127.0.0.1:%d" % self.amqp, "mqtt.listeners.tcp.default=127.0.0.1:%d" % self.mqtt,
            "management.tcp.port=none", "prometheus.tcp.port=none", "web_mqtt.tcp.port=none", "log.console.level=error",
        ]
        if tls:
            settings += [
                "listeners.ssl.default=127.0.0.1:%d" % self.amqps, "mqtt.listeners.ssl.default=127.0.0.1:%d" % self.mqtts,
                "ssl_options.certfile=%s.pem" % tls, "ssl_options.keyfile=%s.key" % tls,
            ]
        command = [program, "server", "--data-dir", os.path.join(self.directory, "data")]
        for setting in settings:
            command += ["--set", setting]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.pid = self.process.pid
        end = time.monotonic() + 60
        while True:
            try:
                wire.Amqp(self.amqp).close()
                return
            except (OSError, EOFError):
                if self.process.poll() is not None or time.monotonic() > end:
                    raise SystemExit("the broker does not start: %s" % self.process.stderr.read().decode()[-500:])
                time.sleep(0.1)

    def done(self, clean):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        shutil.rmtree(self.directory, ignore_errors=True)


class Peer:
    """A broker that runs already."""

    def __init__(self, text):
        self.name, *pairs = text.split(",")
        values = dict(pair.split("=", 1) for pair in pairs)
        self.amqp, self.mqtt = int(values.get("amqp", 0)), int(values.get("mqtt", 0))
        pid = values["pid"]
        self.pid = int(pid) if pid.isdigit() else int(open(pid).read())

    def done(self, clean):
        if clean:
            connection = wire.Amqp(self.amqp)
            connection.send_all(clean())
            connection.close()


def tool(options, name, *arguments):
    """Runs a generator and reads its line of JSON."""
    command = [os.path.join(options.bench, name), *map(str, arguments)]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = [line for line in run.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise RuntimeError("%s: %s" % (" ".join(command), run.stderr.strip()[-300:]))
    return json.loads(lines[-1])


def queues_point(options, broker, n):
    names = ["g%06d" % i for i in range(n)]
    connection = wire.Amqp(broker.amqp)
    connection.send_all(map(wire.declare_queue, names))
    connection.close()
    rss = tree_rss(broker.pid)
    used = names[::max(1, n // 1_000)][:1_000]
    messages = [wire.publish("", name, b"x" * 64) for name in used] * max(1, 200 // len(used))
    published, delivered = wire.amqp_rates(broker.amqp, messages, used, options.seconds)
    return {"published": published, "delivered": delivered, "rss": rss}, lambda: map(wire.delete_queue, names)


def bindings_point(options, broker, n, kind):
    names, exchange = ["g%06d" % i for i in range(min(n, TARGETS))], "growth"
    pattern = {"topic": "k%06d.*.x", "direct": "k%06d", "headers": ""}[kind]
    frames = [wire.declare_exchange(exchange, kind), *map(wire.declare_queue, names)]
    frames += [wire.bind(names[i % len(names)], exchange, pattern % i if pattern else "",
                         [("x-match", "all"), ("n", i)] if kind == "headers" else ()) for i in range(n)]
    connection = wire.Amqp(broker.amqp)
    connection.send_all(frames)
    connection.close()
    rss = tree_rss(broker.pid)
    key = {"topic": "k%06d.y.x", "direct": "k%06d", "headers": ""}[kind]
    messages = [wire.publish(exchange, key % i if key else "", b"x" * 64, [("n", i)] if kind == "headers" else None)
                for i in range(0, n, max(1, n // KEYS))]
    messages *= max(1, 200 // len(messages))
    published, delivered = wire.amqp_rates(broker.amqp, messages, names, options.seconds)
    return ({"published": published, "delivered": delivered, "rss": rss},
            lambda: [wire.delete_exchange(exchange), *map(wire.delete_queue, names)])


def backlog_point(options, broker, n):
    """The rates with that many messages before those of the measurement."""
    name = "growth-backlog"
    connection = wire.Amqp(broker.amqp)
    connection.send_all([wire.declare_queue(name)])
    connection.close()
    if n:
        connection = wire.Amqp(broker.amqp)
        connection.call(85, 10, b"\0", 11)
        acks = wire.Acks(connection)
        acks.start()
        block, per = wire.publish("", name, b"x" * 64) * 100, 100
        for sent in range(per, n + per, per):
            connection.sock.sendall(block)
            while sent - acks.value() > 20_000:
                time.sleep(0.001)
        while acks.value() < n:
            time.sleep(0.01)
        connection.close()
    rss = tree_rss(broker.pid)
    published, delivered = wire.amqp_rates(broker.amqp, [wire.publish("", name, b"x" * 64)] * 200, [name], options.seconds)
    return {"published": published, "delivered": delivered, "rss": rss}, lambda: [wire.delete_queue(name)]


def connections_point(options, broker, n, name):
    port = broker.amqp if name == "amqp_load" else broker.mqtt
    idle = subprocess.Popen(
        [os.path.join(options.bench, name), "--port", str(port), "--user", "guest", "--password", "guest",
         "--idle-connections", str(n), "--hold", str(int(options.seconds) + 15), "--broker-pid", str(broker.pid)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        # they are there when the broker has as many sockets more
        end, wanted = time.monotonic() + 120, n
        while time.monotonic() < end and idle.poll() is None and len(os.listdir("/proc/%d/fd" % idle.pid)) < wanted:
            time.sleep(0.1)
        rss = tree_rss(broker.pid)
        queue = "growth-c"
        connection = wire.Amqp(broker.amqp)
        connection.send_all([wire.declare_queue(queue)])
        connection.close()
        published, delivered = wire.amqp_rates(broker.amqp, [wire.publish("", queue, b"x" * 64)] * 200, [queue], options.seconds)
    finally:
        idle.kill()
        idle.wait()
        idle.stdout.close()
        idle.stderr.close()
    return {"published": published, "delivered": delivered, "rss": rss}, lambda: [wire.delete_queue(queue)]


def tls_point(options, broker, n):
    if n <= 2:
        queue = "growth-t"
        connection = wire.Amqp(broker.amqp)
        connection.send_all([wire.declare_queue(queue)])
        connection.close()
        messages = [wire.publish("", queue, b"x" * 256)] * 200
        published, delivered = wire.amqp_rates(broker.amqps if n == 2 else broker.amqp, messages, [queue], options.seconds, tls=n == 2)
    else:
        published, delivered = wire.mqtt_rates(broker.mqtts if n == 4 else broker.mqtt, 256, options.seconds, tls=n == 4)
    return {"published": published, "delivered": delivered, "rss": tree_rss(broker.pid)}, None


def points(curve, sizes):
    if curve in ("topic", "direct", "headers"):
        return sizes["bindings"]
    if curve == "tls":
        return [1, 2, 3, 4]
    return sizes["connections" if curve.endswith("connections") else curve]


def measure(options, broker, curve, n):
    if curve in ("topic", "direct", "headers"):
        return bindings_point(options, broker, n, curve)
    if curve.endswith("connections"):
        return connections_point(options, broker, n, "amqp_load" if curve.startswith("amqp") else "mqtt_load")
    return {"queues": queues_point, "backlog": backlog_point, "tls": tls_point}[curve](options, broker, n)


def certificate(out):
    """A certificate for the curve of TLS; the clients do not look at it."""
    stem = os.path.join(out, "tls")
    if not os.path.exists(stem + ".pem"):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", stem + ".key", "-out", stem + ".pem"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return stem


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("broker")
    parser.add_argument("--bench", required=True)
    parser.add_argument("--out", default="growth-results")
    parser.add_argument("--curves", default=",".join(CURVES))
    parser.add_argument("--scale", choices=SIZES, default="full")
    parser.add_argument("--seconds", type=float, default=None)
    parser.add_argument("--again", default="")
    parser.add_argument("--peer", default=None)
    options = parser.parse_args()
    sizes = SIZES[options.scale]
    options.seconds = options.seconds or sizes["seconds"]
    os.makedirs(options.out, exist_ok=True)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    path = os.path.join(options.out, "results.jsonl")
    results = []
    if os.path.exists(path):
        with open(path) as file:
            results = [json.loads(line) for line in file]
    again = set(filter(None, options.again.split(",")))
    results = [r for r in results if r["curve"] not in again]
    with open(path, "w") as file:
        for result in results:
            file.write(json.dumps(result) + "\n")
    for curve in options.curves.split(","):
        for n in points(curve, sizes):
            for peer in [None, options.peer] if options.peer and curve != "tls" else [None]:
                name = peer.split(",")[0] if peer else Ours.name
                if any((r["curve"], r["n"], r["broker"]) == (curve, n, name) for r in results):
                    continue
                broker = Peer(peer) if peer else Ours(options.broker, certificate(options.out) if curve == "tls" else None)
                clean = None
                try:
                    figures, clean = measure(options, broker, curve, n)
                except (RuntimeError, OSError, EOFError) as e:
                    print("%s %d %s: %s" % (curve, n, name, e), file=sys.stderr)
                    continue
                finally:
                    broker.done(clean)
                result = {"curve": curve, "n": n, "broker": name, **{k: round(v, 2) for k, v in figures.items()}}
                results.append(result)
                with open(path, "a") as file:
                    file.write(json.dumps(result) + "\n")
                print(json.dumps(result), flush=True)
    chart.write(options.out, results, CURVES)
    print("written: %s" % os.path.join(options.out, "growth.md"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
