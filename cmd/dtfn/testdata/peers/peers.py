"""Holds `dtfn cloud` against DT's own Python packages.

The client (disruptive) works on connectors, devices and events by its API; the
receiver (dtintegrations) verifies what its connectors send. One line a check; the
exit code is 1 when one fails. Everything comes from the environment that
`dtfn cloud` prints.
"""

import http.server
import os
import queue
import sys
import threading
import traceback

import disruptive as dt
from dtintegrations import data_connector

SECRET = 'the-secret-of-the-peers-of-32-bytes'
PROJECT = os.environ['DTFN_PROJECT'].removeprefix('projects/')

dt.base_url = os.environ['DT_API_URL']
dt.emulator_base_url = os.environ['DT_API_URL']
dt.default_auth = dt.Auth.service_account(
    os.environ['DT_SERVICE_ACCOUNT_KEY_ID'],
    os.environ['DT_SERVICE_ACCOUNT_SECRET'],
    os.environ['DT_SERVICE_ACCOUNT_EMAIL'],
)
dt.default_auth.token_endpoint = os.environ['DT_TOKEN_URL']


class Receiver(http.server.BaseHTTPRequestHandler):
    """Verifies each request as DT's documentation shows, and keeps what it gets."""

    received: queue.Queue = queue.Queue()

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        try:
            payload = data_connector.HttpPush(dict(self.headers), body, SECRET)
            Receiver.received.put(payload)
            self.send_response(200)
        except Exception as error:
            Receiver.received.put(error)
            self.send_response(400)
        self.end_headers()

    def log_message(self, *args):
        pass


def receive(device_id, event_type):
    """Returns the next payload of that device and type that arrives."""
    while True:
        payload = Receiver.received.get(timeout=30)
        if isinstance(payload, Exception):
            raise payload
        if payload.event.device_id == device_id and payload.event.event_type == event_type:
            return payload


def same(got, want):
    if got != want:
        raise AssertionError(f'got {got!r}, want {want!r}')


class State:
    url = ''
    device = None
    connector = None


def create_device():
    State.device = dt.Emulator.create_device(
        PROJECT, device_type=dt.Device.TEMPERATURE, display_name='peer', labels={'floor': '3'})
    same(State.device.device_type, 'temperature')
    same(State.device.labels['name'], 'peer')
    same(State.device.project_id, PROJECT)


def list_and_get_devices():
    ids = [d.device_id for d in dt.Device.list_devices(PROJECT)]
    if len(ids) < 27 or State.device.device_id not in ids:
        raise AssertionError(f'devices {ids}')
    same(dt.Device.get_device(State.device.device_id, project_id=PROJECT).device_id, State.device.device_id)
    same(dt.Device.get_device(State.device.device_id).device_id, State.device.device_id)
    types = {d.device_type for d in dt.Device.list_devices(PROJECT, device_types=['co2', 'motion'])}
    same(types, {'co2', 'motion'})


def set_labels():
    errors = dt.Device.batch_update_labels(
        [State.device.device_id], PROJECT, set_labels={'room': 'lab'}, remove_labels=['floor'])
    same(errors, [])
    labels = dt.Device.get_device(State.device.device_id, project_id=PROJECT).labels
    same(labels.get('room'), 'lab')
    same('floor' in labels, False)
    errors = dt.Device.batch_update_labels(['nobody'], PROJECT, set_labels={'a': 'b'}, remove_labels=[])
    same(len(errors), 1)


def create_connector():
    State.connector = dt.DataConnector.create_data_connector(
        PROJECT,
        config=dt.DataConnector.HttpPushConfig(url=State.url, signature_secret=SECRET, headers={'X-Peer': 'yes'}),
        display_name='peers', event_types=['temperature', 'touch'], labels=['name', 'room'],
    )
    same(State.connector.status, 'ACTIVE')
    same(State.connector.config.url, State.url)
    same(State.connector.config.signature_secret, SECRET)
    same(State.connector.config.headers, {'X-Peer': 'yes'})


def list_and_get_connectors():
    ids = [c.data_connector_id for c in dt.DataConnector.list_data_connectors(PROJECT)]
    same(State.connector.data_connector_id in ids, True)
    got = dt.DataConnector.get_data_connector(State.connector.data_connector_id, PROJECT)
    same(got.display_name, 'peers')
    same(got.event_types, ['temperature', 'touch'])
    same(got.labels, ['name', 'room'])


def deliver():
    dt.Emulator.publish_event(State.device.device_id, PROJECT, dt.events.Temperature(celsius=21.5))
    payload = receive(State.device.device_id, 'temperature')
    same(payload.event.data.celsius, 21.5)
    same(payload.labels, {'name': 'peer', 'room': 'lab'})
    metadata = payload.get_device_metadata()
    same(metadata.device_id, State.device.device_id)
    same(metadata.project_id, PROJECT)
    same(metadata.device_type, 'temperature')


def event_history():
    dt.Emulator.publish_event(State.device.device_id, PROJECT, dt.events.Touch())
    receive(State.device.device_id, 'touch')
    events = dt.EventHistory.list_events(State.device.device_id, PROJECT)
    same([e.event_type for e in events], ['touch', 'temperature'])
    same(events[1].data.celsius, 21.5)
    only = dt.EventHistory.list_events(State.device.device_id, PROJECT, event_types=['temperature'])
    same([e.event_type for e in only], ['temperature'])


def sync():
    dt.DataConnector.sync_data_connector(State.connector.data_connector_id, PROJECT)
    # In whatever order, and those of all other sensors besides.
    types = set()
    while len(types) < 2:
        payload = Receiver.received.get(timeout=30)
        if payload.event.device_id == State.device.device_id:
            types.add(payload.event.event_type)
    same(types, {'temperature', 'touch'})


def metrics():
    got = dt.DataConnector.get_metrics(State.connector.data_connector_id, PROJECT)
    if got.success_count < 4 or got.error_count != 0:
        raise AssertionError(f'{got.success_count} good, {got.error_count} failed')


def update_connector():
    got = dt.DataConnector.update_data_connector(
        State.connector.data_connector_id, PROJECT, display_name='changed', event_types=['touch'], labels=[])
    same((got.display_name, got.event_types, got.labels), ('changed', ['touch'], []))
    same(got.config.signature_secret, SECRET)  # was not mentioned
    got = dt.DataConnector.update_data_connector(
        State.connector.data_connector_id, PROJECT,
        config=dt.DataConnector.HttpPushConfig(headers={'X-Peer': 'no'}))
    same((got.config.url, got.config.signature_secret, got.config.headers), (State.url, SECRET, {'X-Peer': 'no'}))
    got = dt.DataConnector.update_data_connector(State.connector.data_connector_id, PROJECT, status='USER_DISABLED')
    same(got.status, 'USER_DISABLED')
    got = dt.DataConnector.update_data_connector(State.connector.data_connector_id, PROJECT, status='ACTIVE')
    same(got.status, 'ACTIVE')


def errors():
    for call, want in [
        (lambda: dt.DataConnector.get_data_connector('nobody', PROJECT), dt.errors.NotFound),
        (lambda: dt.DataConnector.list_data_connectors('nowhere'), dt.errors.NotFound),
        (lambda: dt.DataConnector.create_data_connector(
            PROJECT, config=dt.DataConnector.HttpPushConfig(url='http://example.com/')), dt.errors.BadRequest),
    ]:
        try:
            call()
        except want:
            continue
        raise AssertionError(f'no {want.__name__}')


def delete():
    dt.DataConnector.delete_data_connector(State.connector.data_connector_id, PROJECT)
    ids = [c.data_connector_id for c in dt.DataConnector.list_data_connectors(PROJECT)]
    same(State.connector.data_connector_id in ids, False)
    dt.Emulator.delete_device(State.device.device_id, PROJECT)
    ids = [d.device_id for d in dt.Device.list_devices(PROJECT)]
    same(State.device.device_id in ids, False)


def wrong_key():
    auth = dt.Auth.service_account(os.environ['DT_SERVICE_ACCOUNT_KEY_ID'], 'wrong', os.environ['DT_SERVICE_ACCOUNT_EMAIL'])
    auth.token_endpoint = os.environ['DT_TOKEN_URL']
    try:
        dt.DataConnector.list_data_connectors(PROJECT, auth=auth)
    except dt.errors.Unauthorized:
        return
    raise AssertionError('a wrong key was taken')


def main():
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    State.url = f'http://127.0.0.1:{server.server_port}/'
    failed = 0
    checks = [create_device, list_and_get_devices, set_labels, create_connector, list_and_get_connectors, deliver,
              event_history, sync, metrics, update_connector, errors, delete, wrong_key]
    for check in checks:
        try:
            check()
            print('ok    ', check.__name__, flush=True)
        except Exception:
            failed += 1
            print('failed', check.__name__, flush=True)
            traceback.print_exc()
    print(f'{len(checks) - failed} passed, {failed} failed')
    sys.exit(1 if failed else 0)


main()
