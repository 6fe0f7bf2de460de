"""
DBOS Transact on our store: queues, workflows and recovery.

Only ids pass through it, as JSON. A run's row and its queue entry are one
transaction (`enqueue` takes the caller's connection). Traps: docs of the design,
section 7.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions, Serializer

# By hand: the default is a hash of the sources, and any edit would strand work in flight.
APPLICATION_VERSION = "clerkwork-1"
DATA = "data"
QUEUES = {  # driver -> queue
    "tn3270": "mainframe",
    "vt": "mainframe",
    "browser": "browser",
    "desktop": "desktop",
    "files": DATA,
}
POLL_S = 0.25
RECOVERY_ATTEMPTS = 10

Workflow = Callable[[str], None]


class JsonSerializer(Serializer):
    """Arguments and results as JSON; a workflow of ours never returns or raises more."""

    def serialize(self, data: Any) -> str:
        """`data` as JSON; an exception (a defect, it ends the workflow) as its text."""
        return json.dumps(data, default=lambda defect: {"defect": repr(defect)})

    def deserialize(cls, serialized_data: str) -> Any:
        """What `serialize` wrote; a defect as an exception again."""
        data = json.loads(serialized_data)
        if isinstance(data, dict) and "defect" in data:
            return RuntimeError(data["defect"])
        return data

    def name(self) -> str:
        """How the rows are marked in the database."""
        return "clerkwork_json"


def prepare(url: str, engine: sa.Engine) -> None:
    """Create the durable engine's own tables in the database at `url`, unless they are there."""
    if not sa.inspect(engine).has_table("dbos_migrations"):
        _quiet()
        DBOS.migrate(url)


def queue_client(engine: sa.Engine) -> DBOSClient:
    """What `enqueue` needs; several processes may have one, none of them works on a queue."""
    return DBOSClient(system_database_engine=engine, serializer=JsonSerializer(), lazy=True)


def enqueue(
    client: DBOSClient,
    conn: sa.Connection,
    workflow: str,
    argument: str,
    *,
    queue: str,
    partition: str,
    workflow_id: str,
    delay_s: float = 0.0,
) -> None:
    """
    Put `workflow(argument)` on `queue` within the transaction of `conn`.

    `workflow_id` is the idempotency key: the same id a second time changes nothing.
    """
    options: EnqueueOptions = {
        "workflow_name": workflow,
        "queue_name": queue,
        "workflow_id": workflow_id,
        "app_version": APPLICATION_VERSION,
        "queue_partition_key": partition,
    }
    if delay_s:
        options["delay_seconds"] = delay_s
    client.enqueue_in_transaction(conn, options, argument)


OPEN = ["ENQUEUED", "DELAYED", "PENDING"]


def open_work(client: DBOSClient) -> set[str]:
    """The ids of all workflows that are queued or in hand, a dead worker's among them."""
    found = client.list_workflows(status=OPEN, load_input=False, load_output=False)
    return {workflow.workflow_id for workflow in found}


def launch(
    url: str, engine: sa.Engine, *, executor: str, workflows: Mapping[str, Workflow]
) -> None:
    """
    Work on the queues in this process as `executor`, until `stop`.

    Workflows that a dead process of the same executor left are taken up again first,
    so the caller must hold the executor's lock.
    """
    _quiet()
    config: DBOSConfig = {
        "name": "clerkwork",
        "system_database_url": url,
        "system_database_engine": engine,
        "application_version": APPLICATION_VERSION,
        "executor_id": executor,
        "serializer": JsonSerializer(),
        "log_level": "ERROR",
        "console_log_level": "ERROR",
        "use_listen_notify": False,
        "notification_listener_polling_interval_sec": POLL_S,
    }
    DBOS(config=config)
    for name, body in workflows.items():
        _register(name, body)
    DBOS.launch()
    for queue in dict.fromkeys(QUEUES.values()):
        DBOS.register_queue(queue, partition_concurrency=1, polling_interval_sec=POLL_S)


def _register(name: str, body: Workflow) -> None:
    """A workflow of one step: what it does is durable in our own tables, not in DBOS's."""

    @DBOS.step(name=f"{name}-step")
    def step(argument: str) -> None:
        body(argument)

    @DBOS.workflow(name=name, max_recovery_attempts=RECOVERY_ATTEMPTS)
    def workflow(argument: str) -> None:
        step(argument)


def stop(*, wait_s: int) -> None:
    """Take nothing new, give what is in hand `wait_s` seconds to end, and leave."""
    DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=wait_s)


def _quiet() -> None:
    """
    Our own messages and the audit log say what happens; DBOS's lines would repeat it.

    Its handler may still hold the error stream of an earlier launch, closed by now.
    """
    logger = logging.getLogger("dbos")
    logger.setLevel(logging.ERROR)
    logger.handlers.clear()
