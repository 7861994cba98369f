"""Controllers in Python under Kamera: the whole of docs/host-protocol.md in one file, with nothing but the standard library.

A copier: for each ConfigMap with the label copy=yes there is one named <name>-copy with the same data.
"""

import json
import os
import sys

# Standard output belongs to the protocol; whatever else is printed goes to standard error.
wire = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap"}


class ApiError(Exception):
    def __init__(self, status):
        super().__init__(status.get("message", "the API refused"))
        self.reason = status.get("reason")


def send(message):
    wire.write(json.dumps(message) + "\n")
    wire.flush()


def receive():
    line = sys.stdin.readline()
    if line == "":
        sys.exit(0)
    return json.loads(line)


def call(**fields):
    """Has a call answered: the object, the items, or None."""
    send({"type": "call", "call": fields})
    reply = receive()
    if "status" in reply:
        raise ApiError(reply["status"])
    return reply.get("items", reply.get("object"))


def get(namespace, name):
    try:
        return call(op="get", cached=True, type=CONFIG_MAP, namespace=namespace, name=name)
    except ApiError as error:
        if error.reason == "NotFound":
            return None
        raise


def requests_of(event):
    """What an event of a ConfigMap enqueues: its own key, or that of the one it is a copy of."""
    metadata = event["object"]["metadata"]
    labels = metadata.get("labels", {})
    if labels.get("copy") == "yes":
        return [{"namespace": metadata["namespace"], "name": metadata["name"]}]
    if "copy-of" in labels:
        return [{"namespace": metadata["namespace"], "name": labels["copy-of"]}]
    return []


def reconcile(request):
    namespace, name = request["namespace"], request["name"]
    source = get(namespace, name)
    copy = get(namespace, name + "-copy")
    if source is None:
        if copy is not None:
            call(op="delete", type=CONFIG_MAP, namespace=namespace, name=name + "-copy")
        return
    if copy is None:
        body = {
            **CONFIG_MAP,
            "metadata": {"namespace": namespace, "name": name + "-copy", "labels": {"copy-of": name}},
            "data": source.get("data", {}),
        }
        call(op="create", type=CONFIG_MAP, namespace=namespace, name=name + "-copy", body=body)
    elif copy.get("data") != source.get("data"):
        call(op="update", type=CONFIG_MAP, namespace=namespace, name=name + "-copy", body={**copy, "data": source.get("data", {})})


send({"type": "hello", "protocol": 1, "language": "python"})
while True:
    order = receive()
    if order["type"] == "start":
        send({"type": "controllers", "controllers": [{"name": "copier", "for": CONFIG_MAP, "watches": [CONFIG_MAP]}]})
    elif order["type"] == "deliver":
        send({"type": "requests", "requests": requests_of(order["event"])})
    elif order["type"] == "run":
        try:
            reconcile(order["request"])
            send({"type": "done", "result": {}})
        except ApiError as error:
            send({"type": "failed", "message": str(error)})
        except Exception as error:  # A mistake of the code.
            send({"type": "failed", "message": f"{type(error).__name__}: {error}", "defect": True})
