"""paho-mqtt programs as articles show them, and pika at the other end of the same topics."""
import json
import os
import queue
import time

import paho.mqtt.client as mqtt
import pika

import cases

PORT = int(os.environ.get("WARREN_MQTT_PORT", "1883"))
LIMIT = 20


class Sensor:
    """The program of the article: subscribes when connected, publishes JSON with QoS 1 while loop_start runs."""

    def __init__(self, host, name, **more):
        self.client = mqtt.Client(name, **more)
        self.client.username_pw_set("guest", "guest")
        self.client.on_connect = self.on_connect
        self.client.on_message = lambda client, userdata, message: self.got.put(message)
        self.client.on_subscribe = lambda client, userdata, mid, granted: self.subscribed.put(granted)
        self.client.on_publish = lambda client, userdata, mid: self.published.put(mid)
        self.client.on_disconnect = lambda client, userdata, rc: self.ended.put(rc)
        self.got, self.subscribed, self.published, self.ended = (queue.Queue() for _ in range(4))
        self.results = queue.Queue()
        self.filters = []
        self.client.connect(host, PORT, 60)

    def on_connect(self, client, userdata, flags, rc):
        self.results.put((rc, flags["session present"]))
        if rc == 0:
            for topic, qos in self.filters:
                client.subscribe(topic, qos)

    def start(self, *filters):
        self.filters = list(filters)
        self.client.loop_start()
        result = self.results.get(timeout=LIMIT)
        assert result[0] == 0, result
        return [self.subscribed.get(timeout=LIMIT) for _ in filters], result[1]

    def next(self):
        return self.got.get(timeout=LIMIT)

    def stop(self):
        self.client.disconnect()
        self.client.loop_stop()


def amqp(host, port):
    return pika.BlockingConnection(pika.ConnectionParameters(host=host, port=port))


def case_sensor(host, port):
    sensor = Sensor(host, "sensor_py")
    granted, present = sensor.start(("sensor/+/data", 0), ("control/+/command", 0))
    assert granted == [(0,), (0,)] and present == 0, (granted, present)
    payload = json.dumps({"timestamp": time.time(), "value": 23.5, "unit": "celsius"})
    sensor.client.publish("sensor/temp_001/data", payload, qos=1)
    sensor.published.get(timeout=LIMIT)
    message = sensor.next()
    assert (message.topic, message.qos, json.loads(message.payload)["value"]) == ("sensor/temp_001/data", 0, 23.5)
    sensor.client.publish("control/temp_001/command", "reset")
    assert sensor.next().payload == b"reset"
    sensor.stop()


def case_default_client_id(host, port):
    sensor = Sensor(host, "")
    sensor.start(("anonymous/py", 1))
    sensor.client.publish("anonymous/py", "x", qos=1)
    assert sensor.next().qos == 1
    sensor.stop()


def case_all_qualities_in_order(host, port):
    sensor = Sensor(host, "order_py")
    sensor.start(("order/py/#", 2))
    for qos in (1, 2):
        for i in range(200):
            sensor.client.publish("order/py/%d" % qos, str(i), qos=qos)
        got = [sensor.next() for _ in range(200)]
        assert [int(m.payload) for m in got] == list(range(200)), [m.payload for m in got]
        assert all(m.qos == qos for m in got)
    sensor.stop()


def case_persistent_session(host, port):
    first = Sensor(host, "persistent_py", clean_session=False)
    _, present = first.start(("persistent/py", 2))
    assert not present
    first.stop()
    other = Sensor(host, "persistent_py_2")
    other.start()
    for qos in (1, 2):
        other.client.publish("persistent/py", "q%d" % qos, qos=qos)
        other.published.get(timeout=LIMIT)
    other.stop()
    again = Sensor(host, "persistent_py", clean_session=False)
    _, present = again.start()
    assert present
    assert [again.next().payload for _ in range(2)] == [b"q1", b"q2"]
    again.stop()
    gone = Sensor(host, "persistent_py", clean_session=True)
    assert gone.start()[1] == 0
    gone.stop()


def case_retained_and_will(host, port):
    watcher = Sensor(host, "watcher_py")
    watcher.start(("status/py", 1))
    device = mqtt.Client("device_py")
    device.username_pw_set("guest", "guest")
    device.will_set("status/py", "offline", qos=1, retain=True)
    device.connect(host, PORT, 60)
    device.loop_start()
    device.publish("status/py", "online", qos=1, retain=True).wait_for_publish()
    message = watcher.next()
    assert (message.payload, message.retain) == (b"online", 0)
    device.loop_stop()
    device._sock_close()
    assert watcher.next().payload == b"offline"
    watcher.stop()
    late = Sensor(host, "late_py")
    late.start(("status/+", 1))
    while True:
        message = late.next()
        if message.topic == "status/py":
            break
    assert (message.payload, message.retain) == (b"offline", 1)
    late.client.publish("status/py", None, qos=1, retain=True)
    late.published.get(timeout=LIMIT)
    late.stop()


def case_wrong_password(host, port):
    results = queue.Queue()
    client = mqtt.Client("wrong_py")
    client.username_pw_set("guest", "wrong")
    client.on_connect = lambda c, userdata, flags, rc: results.put(rc)
    client.connect(host, PORT, 60)
    client.loop_start()
    assert results.get(timeout=LIMIT) == 4
    client.disconnect()
    client.loop_stop()


def case_version_5(host, port):
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties
    got, ready, granted = queue.Queue(), queue.Queue(), queue.Queue()
    client = mqtt.Client("five_py", protocol=mqtt.MQTTv5)
    client.username_pw_set("guest", "guest")
    client.on_connect = lambda c, userdata, flags, rc, properties: ready.put((rc, properties))
    client.on_subscribe = lambda c, userdata, mid, codes, properties: granted.put(codes)
    client.on_message = lambda c, userdata, message: got.put(message)
    connect = Properties(PacketTypes.CONNECT)
    connect.SessionExpiryInterval = 60
    client.connect(host, PORT, 60, properties=connect)
    client.loop_start()
    code, told = ready.get(timeout=LIMIT)
    assert code == 0 and told.TopicAliasMaximum > 0, (code, told)
    subscribe = Properties(PacketTypes.SUBSCRIBE)
    subscribe.SubscriptionIdentifier = 77
    client.subscribe("five/py/#", options=mqtt.SubscribeOptions(qos=2, retainAsPublished=True), properties=subscribe)
    assert [c.value for c in granted.get(timeout=LIMIT)] == [2]
    publish = Properties(PacketTypes.PUBLISH)
    publish.ContentType = "application/json"
    publish.CorrelationData = b"\x00\xff"
    publish.ResponseTopic = "five/answer"
    publish.UserProperty = [("k", "v"), ("k", "w")]
    publish.TopicAlias = 1
    client.publish("five/py/a", "one", qos=2, properties=publish)
    message = got.get(timeout=LIMIT)
    p = message.properties
    assert (message.topic, message.payload, message.qos) == ("five/py/a", b"one", 2)
    assert (p.ContentType, p.CorrelationData, p.ResponseTopic) == ("application/json", b"\x00\xff", "five/answer")
    assert p.UserProperty == [("k", "v"), ("k", "w")] and p.SubscriptionIdentifier == [77]
    client.disconnect()
    client.loop_stop()


def case_mqtt_to_pika_and_back(host, port):
    connection = amqp(host, port)
    channel = connection.channel()
    name = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(name, "amq.topic", "bridge.py.*")
    sensor = Sensor(host, "bridge_py")
    sensor.start(("back/py/+", 1))
    sensor.client.publish("bridge/py/up", "from mqtt", qos=1)
    for method, properties, body in channel.consume(name, auto_ack=True, inactivity_timeout=LIMIT):
        break
    assert (method.routing_key, method.exchange, body) == ("bridge.py.up", "amq.topic", b"from mqtt")
    assert properties.delivery_mode == 2
    channel.cancel()
    channel.basic_publish("amq.topic", "back.py.down", b"from amqp", pika.BasicProperties(delivery_mode=2))
    message = sensor.next()
    assert (message.topic, message.payload, message.qos) == ("back/py/down", b"from amqp", 1)
    channel.basic_publish("amq.topic", "back.py.down", b"transient")
    assert sensor.next().qos == 0
    sensor.stop()
    connection.close()


if __name__ == "__main__":
    cases.run(globals())
