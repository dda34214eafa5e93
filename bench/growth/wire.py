"""Just enough of AMQP 0-9-1 and MQTT 3.1.1 to load a broker from Python: frames are encoded once, answers are counted by size."""
import socket
import ssl
import struct
import threading
import time


def short(text):
    data = text.encode()
    return bytes([len(data)]) + data


def table(pairs):
    data = b"".join(short(k) + (b"I" + struct.pack(">i", v) if isinstance(v, int) else b"S" + struct.pack(">I", len(v)) + v.encode())
                    for k, v in pairs)
    return struct.pack(">I", len(data)) + data


def frame(kind, channel, payload):
    return struct.pack(">BHI", kind, channel, len(payload)) + payload + b"\xce"


def method(class_id, method_id, arguments=b"", channel=1):
    return frame(1, channel, struct.pack(">HH", class_id, method_id) + arguments)


def open_socket(port, tls):
    sock = socket.create_connection(("127.0.0.1", port), 60)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        sock = context.wrap_socket(sock)
    return sock


def read_exactly(sock, count):
    data = b""
    while len(data) < count:
        part = sock.recv(count - len(data))
        if not part:
            raise EOFError("the broker closed the connection")
        data += part
    return data


class Amqp:
    """A connection with one channel."""

    def __init__(self, port, user="guest", password="guest", tls=False):
        self.sock = open_socket(port, tls)
        self.sock.sendall(b"AMQP\x00\x00\x09\x01")
        self.expect(10, 10)
        login = ("\0%s\0%s" % (user, password)).encode()
        self.sock.sendall(method(10, 11, table([]) + short("PLAIN") + struct.pack(">I", len(login)) + login + short("en_US"), 0))
        self.expect(10, 30)
        self.sock.sendall(method(10, 31, struct.pack(">HIH", 2047, 131072, 0), 0) + method(10, 40, short("/") + short("") + b"\0", 0))
        self.expect(10, 41)
        self.sock.sendall(method(20, 10, short("")))
        self.expect(20, 11)

    def read(self):
        kind, channel, size = struct.unpack(">BHI", read_exactly(self.sock, 7))
        return kind, read_exactly(self.sock, size + 1)[:-1]

    def expect(self, class_id, method_id):
        while True:
            kind, payload = self.read()
            if kind != 1:
                continue
            got = struct.unpack(">HH", payload[:4])
            if got == (class_id, method_id):
                return payload[4:]
            if got in ((10, 50), (20, 40)):
                raise RuntimeError("closed: %r" % payload)

    def call(self, class_id, method_id, arguments, reply):
        self.sock.sendall(method(class_id, method_id, arguments))
        return self.expect(class_id, reply)

    def send_all(self, frames):
        """Frames that are not answered, then one that is: when this returns all are done."""
        block = []
        for one in frames:
            block.append(one)
            if len(block) == 500:
                self.sock.sendall(b"".join(block))
                block = []
        self.sock.sendall(b"".join(block))
        self.call(50, 10, b"\0\0" + short("") + b"\x04" + table([]), 11)  # an exclusive queue named by the server

    def close(self):
        self.sock.close()


def declare_queue(name):
    return method(50, 10, b"\0\0" + short(name) + b"\x12" + table([]))  # durable, no-wait


def delete_queue(name):
    return method(50, 40, b"\0\0" + short(name) + b"\x04")


def declare_exchange(name, kind):
    return method(40, 10, b"\0\0" + short(name) + short(kind) + b"\x12" + table([]))


def delete_exchange(name):
    return method(40, 20, b"\0\0" + short(name) + b"\x02")


def bind(queue, exchange, key, arguments=()):
    return method(50, 20, b"\0\0" + short(queue) + short(exchange) + short(key) + b"\x01" + table(arguments))


def publish(exchange, key, body, headers=None):
    flags, properties = (0x3000, table(headers) + b"\x02") if headers else (0x1000, b"\x02")
    return (method(60, 40, b"\0\0" + short(exchange) + short(key) + b"\0")
            + frame(2, 1, struct.pack(">HHQH", 60, 0, len(body), flags) + properties) + frame(3, 1, body))


class Counter(threading.Thread):
    """Counts what arrives by its size, which is the same for each."""

    def __init__(self, sock, size):
        super().__init__(daemon=True)
        self.sock, self.size, self.bytes = sock, size, 0

    def run(self):
        buffer = bytearray(1 << 18)
        try:
            while True:
                got = self.sock.recv_into(buffer)
                if not got:
                    return
                self.bytes += got
        except OSError:
            return

    def count(self):
        return self.bytes / self.size


def pump(sender, messages, acked, delivered, seconds, window=1000, block=50):
    """Publishes round and round with at most `window` unconfirmed; rates in the middle of the time."""
    sent, at, start, marks = 0, 0, time.monotonic(), None
    blocks = [b"".join(messages[i:i + block]) for i in range(0, len(messages) - len(messages) % block, block)] or [b"".join(messages)]
    per = block if len(messages) >= block else len(messages)
    while True:
        now = time.monotonic() - start
        if marks is None and now > seconds * 0.2:
            marks = (now, acked.value(), delivered.count())
        if now > seconds:
            p, c = acked.value() - marks[1], delivered.count() - marks[2]
            return p / (now - marks[0]), c / (now - marks[0])
        if sent - acked.value() > window:
            time.sleep(0.0002)
            continue
        sender.sendall(blocks[at])
        at = (at + 1) % len(blocks)
        sent += per


class Acks(threading.Thread):
    """The last number that basic.ack has confirmed."""

    def __init__(self, connection):
        super().__init__(daemon=True)
        self.connection, self.last = connection, 0

    def run(self):
        try:
            while True:
                kind, payload = self.connection.read()
                got = struct.unpack(">HH", payload[:4]) if kind == 1 else (0, 0)
                if got == (60, 80):
                    # the highest number: brokers may confirm out of order, which is good enough for a rate
                    self.last = max(self.last, struct.unpack(">Q", payload[4:12])[0])
                elif got in ((10, 50), (20, 40), (60, 120)):
                    raise RuntimeError("refused: %r" % payload)
        except (OSError, EOFError):
            return

    def value(self):
        return self.last


def amqp_rates(port, messages, queues, seconds, tls=False):
    """Publishes persistent messages with confirms and consumes from the queues without acknowledgements."""
    consumer = Amqp(port, tls=tls)
    for i, queue in enumerate(queues):
        consumer.call(60, 20, b"\0\0" + short(queue) + short("%06d" % i) + b"\x02" + table([]), 21)
    publisher = Amqp(port, tls=tls)
    publisher.call(85, 10, b"\0", 11)
    publisher.sock.sendall(messages[0])
    consumer.sock.settimeout(60)
    size = sum(len(consumer.read()[1]) + 8 for _ in range(3))  # deliver, header, body
    acks, deliveries = Acks(publisher), Counter(consumer.sock, size)
    acks.start()
    deliveries.start()
    try:
        return pump(publisher.sock, messages, acks, deliveries, seconds)
    finally:
        publisher.close()
        consumer.close()


class PubAcks(Counter):
    """Each PUBACK of MQTT 3.1.1 has four bytes."""

    def __init__(self, sock):
        super().__init__(sock, 4)

    def value(self):
        return self.count()


def mqtt_connect(port, client_id, tls=False):
    sock = open_socket(port, tls)
    text = lambda s: struct.pack(">H", len(s)) + s.encode()
    body = text("MQTT") + b"\x04\xc2\0\0" + text(client_id) + text("guest") + text("guest")
    sock.sendall(b"\x10" + bytes([len(body)]) + body)
    if read_exactly(sock, 4)[3] != 0:
        raise RuntimeError("CONNACK says no")
    return sock


def mqtt_rates(port, size, seconds, tls=False):
    """Publishes with quality of service 1 to one subscriber of quality 0."""
    topic = b"growth/t"
    subscriber = mqtt_connect(port, "growth-s", tls)
    subscriber.sendall(b"\x82" + bytes([5 + len(topic)]) + b"\0\1" + struct.pack(">H", len(topic)) + topic + b"\0")
    read_exactly(subscriber, 5)
    publisher = mqtt_connect(port, "growth-p", tls)

    def packet(head, length, rest):
        digits = b""
        while True:
            length, digit = length >> 7, length & 127
            digits += bytes([digit | (128 if length else 0)])
            if not length:
                return bytes([head]) + digits + rest

    payload = b"x" * size
    messages = [packet(0x32, 4 + len(topic) + size, struct.pack(">H", len(topic)) + topic + struct.pack(">H", i) + payload)
                for i in range(1, 60001)]
    deliveries = Counter(subscriber, len(packet(0x30, 2 + len(topic) + size, b"")) + 2 + len(topic) + size)
    acks = PubAcks(publisher)
    deliveries.start()
    acks.start()
    try:
        return pump(publisher, messages, acks, deliveries, seconds)
    finally:
        publisher.close()
        subscriber.close()
