"""The Celery application that celery_worker.py runs as a worker and calls."""
import os

from celery import Celery

app = Celery("warren", broker=os.environ["WARREN_BROKER"], backend="rpc://")
app.conf.update(
    task_default_queue=os.environ["WARREN_QUEUE"],
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)


@app.task
def add(a, b):
    return a + b


@app.task(bind=True, max_retries=1)
def flaky(self):
    if self.request.retries == 0:
        raise self.retry(countdown=0)
    return "second try"


@app.task
def fail():
    raise ValueError("on purpose")
