"""A Celery worker and its results over rpc://."""
import os
import pathlib
import subprocess
import sys
import uuid

os.environ["WARREN_BROKER"] = f"amqp://guest:guest@{sys.argv[1]}:{sys.argv[2]}//"
os.environ["WARREN_QUEUE"] = "celery-" + uuid.uuid4().hex

import cases
import celery_app

WORKER = [sys.executable, "-m", "celery", "-A", "celery_app", "worker", "--pool", "solo", "--loglevel", "ERROR"]


def case_add(host, port):
    assert celery_app.add.delay(40, 2).get(timeout=30) == 42


def case_many(host, port):
    results = [celery_app.add.delay(i, i) for i in range(50)]
    assert [result.get(timeout=30) for result in results] == [2 * i for i in range(50)]


def case_retry(host, port):
    assert celery_app.flaky.delay().get(timeout=30) == "second try"


def case_failure(host, port):
    try:
        celery_app.fail.delay().get(timeout=30)
    except ValueError as error:
        assert str(error) == "on purpose"
    else:
        raise AssertionError("no error")


def case_countdown(host, port):
    assert celery_app.add.apply_async((1, 2), countdown=0.5).get(timeout=30) == 3


def case_remote_control(host, port):
    replies = celery_app.app.control.ping(timeout=5)
    assert any("pong" in str(reply) for reply in replies), replies


if __name__ == "__main__":
    worker = subprocess.Popen(WORKER, cwd=pathlib.Path(__file__).parent)
    try:
        cases.run(globals())
    finally:
        worker.terminate()
        worker.wait(30)
