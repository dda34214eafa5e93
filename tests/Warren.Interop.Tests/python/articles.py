"""The programs that articles about RabbitMQ show, with the same calls and names."""
import json
import time

import pika

import cases


def connect(host, port):
    credentials = pika.PlainCredentials("guest", "guest")
    return pika.BlockingConnection(pika.ConnectionParameters(host=host, port=port, credentials=credentials))


def case_icecoffe(host, port):
    """Send to a queue by its name, receive with automatic acknowledgement."""
    sending = connect(host, port)
    channel = sending.channel()
    channel.queue_declare(queue="icecoffe")
    channel.basic_publish(exchange="", routing_key="icecoffe", body="hello webos")
    sending.close()

    receiving = connect(host, port)
    channel = receiving.channel()
    channel.queue_declare(queue="icecoffe")
    received = []

    def callback(ch, method, properties, body):
        received.append(body.decode())
        ch.stop_consuming()

    channel.basic_consume(queue="icecoffe", on_message_callback=callback, auto_ack=True)
    channel.start_consuming()
    channel.queue_delete(queue="icecoffe")
    receiving.close()
    assert received == ["hello webos"], received


def case_test321(host, port):
    """A direct exchange routes `amqtest` to the queue bound with that key."""
    connection = connect(host, port)
    channel = connection.channel()
    channel.exchange_declare(exchange="test321", exchange_type="direct")
    for queue, key in (("amqtest", "amqtest"), ("icecoffe321", ""), ("test321", "")):
        channel.queue_declare(queue=queue)
        channel.queue_bind(queue=queue, exchange="test321", routing_key=key)
    channel.basic_publish(exchange="test321", routing_key="amqtest", body="info: Hello World!")
    method, _, body = channel.basic_get("amqtest", auto_ack=True)
    assert (method.exchange, method.routing_key, body) == ("test321", "amqtest", b"info: Hello World!")
    channel.basic_publish(exchange="test321", routing_key="", body="both")
    for queue in ("icecoffe321", "test321"):
        assert channel.basic_get(queue, auto_ack=True)[2] == b"both"
    for queue in ("amqtest", "icecoffe321", "test321"):
        channel.queue_delete(queue)
    channel.exchange_delete("test321")
    connection.close()


def case_orders(host, port):
    """Producer and consumer over the durable exchanges `orders` and `notifications`."""
    producer = connect(host, port)
    consumer = connect(host, port)
    out = producer.channel()
    out.exchange_declare(exchange="orders", exchange_type="direct", durable=True)
    out.exchange_declare(exchange="notifications", exchange_type="fanout", durable=True)
    out.queue_declare(queue="order_processing_py", durable=True)
    out.queue_bind(exchange="orders", queue="order_processing_py", routing_key="order.created")
    order = {
        "orderId": "ORD-001",
        "customerId": "CUST-123",
        "items": [{"name": "상품A", "quantity": 2, "price": 10000}],
        "total": 20000,
        "timestamp": time.time(),
    }
    out.basic_publish(
        exchange="orders",
        routing_key="order.created",
        body=json.dumps(order),
        properties=pika.BasicProperties(delivery_mode=2, message_id="ORD-001"),
    )
    out.basic_publish(exchange="notifications", routing_key="", body="nobody listens yet")

    incoming = consumer.channel()
    incoming.exchange_declare(exchange="orders", exchange_type="direct", durable=True)
    incoming.queue_declare(queue="order_processing_py", durable=True)
    incoming.queue_bind(exchange="orders", queue="order_processing_py", routing_key="order.created")
    got = []

    def callback(ch, method, properties, body):
        got.append((properties.delivery_mode, properties.message_id, json.loads(body)))
        ch.basic_ack(delivery_tag=method.delivery_tag)
        ch.stop_consuming()

    incoming.basic_consume(queue="order_processing_py", on_message_callback=callback)
    incoming.start_consuming()
    assert got == [(2, "ORD-001", order)], got
    assert incoming.queue_declare("order_processing_py", passive=True).method.message_count == 0
    incoming.queue_delete("order_processing_py")
    producer.close()
    consumer.close()


if __name__ == "__main__":
    cases.run(globals())
