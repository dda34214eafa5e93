"""What pika offers, against the broker."""
import datetime
import decimal
import threading
import time
import uuid

import pika
import pika.exceptions

import cases


def connect(host, port, **more):
    return pika.BlockingConnection(pika.ConnectionParameters(host=host, port=port, **more))


def queue_of(channel, **more):
    return channel.queue_declare("", exclusive=True, **more).method.queue


def case_confirm_and_mandatory(host, port):
    connection = connect(host, port)
    channel = connection.channel()
    channel.confirm_delivery()
    queue = queue_of(channel)
    channel.basic_publish("", queue, b"x", mandatory=True)
    try:
        channel.basic_publish("", "nowhere-" + uuid.uuid4().hex, b"x", mandatory=True)
    except pika.exceptions.UnroutableError as error:
        assert error.messages[0].method.reply_text == "NO_ROUTE"
    else:
        raise AssertionError("not returned")
    connection.close()


def case_nacked_publish(host, port):
    connection = connect(host, port)
    channel = connection.channel()
    channel.confirm_delivery()
    queue = queue_of(channel, arguments={"x-max-length": 0, "x-overflow": "reject-publish"})
    try:
        channel.basic_publish("", queue, b"x")
    except pika.exceptions.NackError:
        pass
    else:
        raise AssertionError("not refused")
    connection.close()


def case_ack_nack_reject_recover(host, port):
    connection = connect(host, port)
    channel = connection.channel()
    queue = queue_of(channel)
    for i in range(4):
        channel.basic_publish("", queue, str(i))
    tags = [channel.basic_get(queue)[0].delivery_tag for _ in range(4)]
    channel.basic_ack(tags[0])
    channel.basic_nack(tags[1], requeue=True)
    channel.basic_reject(tags[2], requeue=False)
    channel.basic_recover(requeue=True)
    again = [channel.basic_get(queue) for _ in range(2)]
    assert [body for _, _, body in again] == [b"1", b"3"], again
    assert all(method.redelivered for method, _, _ in again)
    connection.close()


def case_transaction(host, port):
    connection = connect(host, port)
    channel = connection.channel()
    queue = queue_of(channel)
    channel.tx_select()
    channel.basic_publish("", queue, b"rolled back")
    channel.tx_rollback()
    channel.basic_publish("", queue, b"committed")
    channel.tx_commit()
    assert channel.basic_get(queue, auto_ack=True)[2] == b"committed"
    assert channel.basic_get(queue, auto_ack=True)[0] is None
    connection.close()


def case_header_types(host, port):
    connection = connect(host, port)
    channel = connection.channel()
    queue = queue_of(channel)
    headers = {
        "text": "텍스트",
        "bytes": b"\x00\xff",
        "true": True,
        "int": -5,
        "long": 1 << 40,
        "none": None,
        "decimal": decimal.Decimal("12.34"),
        "time": datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc),
        "table": {"inner": {"deep": [1, "two", False]}},
        "array": [1, "two", {"three": 3}],
        "empty": {},
    }
    channel.basic_publish("", queue, b"x", pika.BasicProperties(headers=headers))
    got = channel.basic_get(queue, auto_ack=True)[1].headers
    got["time"] = got["time"].replace(tzinfo=datetime.timezone.utc)
    assert got == headers, got
    connection.close()


def case_rpc_over_reply_to(host, port):
    requests = "rpc-" + uuid.uuid4().hex

    def serve():
        connection = connect(host, port)
        channel = connection.channel()
        channel.queue_declare(requests, auto_delete=True)
        ready.set()
        for method, properties, body in channel.consume(requests, inactivity_timeout=20):
            channel.basic_publish(
                "", properties.reply_to, str(int(body) * 2),
                pika.BasicProperties(correlation_id=properties.correlation_id))
            channel.basic_ack(method.delivery_tag)
            break
        connection.close()

    ready = threading.Event()
    server = threading.Thread(target=serve)
    server.start()
    assert ready.wait(10)
    connection = connect(host, port)
    channel = connection.channel()
    replies = []
    channel.basic_consume(
        "amq.rabbitmq.reply-to", lambda ch, m, p, body: replies.append((p.correlation_id, body)), auto_ack=True)
    channel.basic_publish(
        "", requests, b"21", pika.BasicProperties(reply_to="amq.rabbitmq.reply-to", correlation_id="c"))
    end = time.monotonic() + 20
    while not replies and time.monotonic() < end:
        connection.process_data_events(0.1)
    server.join()
    assert replies == [("c", b"42")], replies
    connection.close()


def case_consumer_cancel_notice(host, port):
    connection = connect(host, port)
    channel = connection.channel()
    other = connection.channel()
    queue = "cancelled-" + uuid.uuid4().hex
    channel.queue_declare(queue)
    cancelled = []
    channel.add_on_cancel_callback(lambda frame: cancelled.append(frame.method.consumer_tag))
    tag = channel.basic_consume(queue, lambda *_: None)
    other.queue_delete(queue)
    end = time.monotonic() + 20
    while not cancelled and time.monotonic() < end:
        connection.process_data_events(0.1)
    assert cancelled == [tag], cancelled
    connection.close()


def case_dead_letter(host, port):
    connection = connect(host, port)
    channel = connection.channel()
    dead = queue_of(channel)
    queue = queue_of(
        channel, arguments={"x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead, "x-message-ttl": 30})
    channel.basic_publish("", queue, b"late")
    end = time.monotonic() + 20
    got = (None, None, None)
    while got[0] is None and time.monotonic() < end:
        got = channel.basic_get(dead, auto_ack=True)
    death = got[1].headers["x-death"][0]
    assert (death["reason"], death["queue"], death["count"]) == ("expired", queue, 1), death
    connection.close()


def case_errors_have_codes(host, port):
    connection = connect(host, port)
    channel = connection.channel()
    try:
        channel.queue_declare("missing-" + uuid.uuid4().hex, passive=True)
    except pika.exceptions.ChannelClosedByBroker as error:
        assert error.reply_code == 404
    else:
        raise AssertionError("found")
    channel = connection.channel()
    try:
        channel.exchange_declare("bogus-" + uuid.uuid4().hex, "x-bogus")
    except pika.exceptions.ConnectionClosedByBroker as error:
        assert error.reply_code == 503
    else:
        raise AssertionError("declared")


def case_login_refused(host, port):
    try:
        connect(host, port, credentials=pika.PlainCredentials("guest", "wrong"))
    except pika.exceptions.ProbableAuthenticationError:
        pass
    else:
        raise AssertionError("let in")


def case_sixteen_mebibytes(host, port):
    connection = connect(host, port)
    channel = connection.channel()
    queue = queue_of(channel)
    body = bytes(range(256)) * (16 * 1024 * 4)
    assert len(body) == 16 * 1024 * 1024
    channel.basic_publish("", queue, body)
    assert channel.basic_get(queue, auto_ack=True)[2] == body
    connection.close()


def case_hundred_channels(host, port):
    connection = connect(host, port)
    channels = [connection.channel() for _ in range(100)]
    queues = [queue_of(channel) for channel in channels]
    for i, channel in enumerate(channels):
        channel.basic_publish("", queues[i - 1], str(i))
    for i, channel in enumerate(channels):
        assert channel.basic_get(queues[i], auto_ack=True)[2] == str((i + 1) % 100).encode()
    connection.close()


def case_heartbeat(host, port):
    connection = connect(host, port, heartbeat=1)
    channel = connection.channel()
    end = time.monotonic() + 4
    while time.monotonic() < end:
        connection.process_data_events(0.2)
    channel.exchange_declare("amq.direct", passive=True)
    connection.close()


if __name__ == "__main__":
    cases.run(globals())
