"""A person's Matrix client over matrix-nio, driven by lines of JSON.

In: one line with the options, then {"id", "method", "params"} for each thing to do.
Out: {"event"} for each event seen, {"id", "result"} or {"id", "error"} for each thing done. Ends with standard input.
"""

import asyncio
import base64
import io
import json
import logging
import os
import sys
import tempfile
import traceback

from nio import (
    AsyncClient,
    AsyncClientConfig,
    Event,
    ForwardedRoomKeyEvent,
    InviteEvent,
    MegolmEvent,
    RoomKeyEvent,
    SyncResponse,
)
from nio.crypto.attachments import decrypt_attachment


def say(line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def good(response):
    """The response, unless it is an error."""
    if type(response).__name__.endswith("Error"):
        raise RuntimeError(f"{type(response).__name__}: {response.message}")
    return response


def end_with(task):
    """A person who hears nothing any more is of no use."""
    if task.cancelled():
        return
    traceback.print_exception(task.exception())
    os._exit(1)


class Person:
    def __init__(self, options, store):
        config = AsyncClientConfig(encryption_enabled=True, store_sync_tokens=False)
        self.client = AsyncClient(options["url"], options["userId"], store_path=store, config=config)
        self.client.restore_login(options["userId"], options["deviceId"], options["accessToken"])
        self.client.add_event_callback(self.on_event, Event)
        self.client.add_event_callback(self.on_invite, InviteEvent)
        self.client.add_response_callback(self.on_sync, SyncResponse)
        self.client.add_to_device_callback(self.on_key, (RoomKeyEvent, ForwardedRoomKeyEvent))
        self.changed = asyncio.Condition()
        self.synced = False
        self.waiting_for_keys = []

    def show(self, room_id, source, encrypted, undecryptable=False):
        event = {
            "roomId": room_id,
            "eventId": source.get("event_id", ""),
            "sender": source["sender"],
            "type": source["type"],
            "content": source["content"],
            "encrypted": encrypted,
            "undecryptable": undecryptable,
        }
        if "state_key" in source:
            event["stateKey"] = source["state_key"]
        if "redacts" in source:
            event["content"] = {**event["content"], "redacts": source["redacts"]}
        say({"event": event})

    async def on_event(self, room, event):
        undecryptable = isinstance(event, MegolmEvent)
        if undecryptable:
            event.room_id = room.room_id
            self.waiting_for_keys.append(event)
        self.show(room.room_id, event.source, undecryptable or event.decrypted, undecryptable)

    async def on_invite(self, room, event):
        # Of a member's event the library takes the content out of the source.
        source = {"content": getattr(event, "content", {}), **event.source}
        self.show(room.room_id, source, False)

    async def on_key(self, _event):
        for event in list(self.waiting_for_keys):
            try:
                decrypted = self.client.decrypt_event(event)
            except Exception:
                continue  # Not the key of this one.
            self.waiting_for_keys.remove(event)
            self.show(event.room_id, decrypted.source, True)

    async def on_sync(self, _response):
        async with self.changed:
            self.synced = True
            self.changed.notify_all()

    async def until(self, there):
        async with self.changed:
            await self.changed.wait_for(there)

    async def create_room(self, invite, name, encrypted, direct):
        state = [{"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}]
        room = good(
            await self.client.room_create(
                invite=invite, name=name, is_direct=direct, initial_state=state if encrypted else []
            )
        )
        rooms = self.client.rooms
        await self.until(lambda: room.room_id in rooms and rooms[room.room_id].encrypted == encrypted)
        return room.room_id

    async def join(self, room_id):
        good(await self.client.join(room_id))
        await self.until(lambda: room_id in self.client.rooms)

    async def send_event(self, room_id, type, content):
        sent = await self.client.room_send(room_id, type, content, ignore_unverified_devices=True)
        return good(sent).event_id

    async def redact(self, room_id, event_id):
        return good(await self.client.room_redact(room_id, event_id)).event_id

    async def upload(self, room_id, bytes, type, name):
        data = base64.b64decode(bytes)
        encrypted = self.client.rooms[room_id].encrypted
        response, keys = await self.client.upload(
            lambda *_: io.BytesIO(data), type, None if encrypted else name, encrypt=encrypted, filesize=len(data)
        )
        url = good(response).content_uri
        return {"file": {**keys, "url": url}} if encrypted else {"url": url}

    async def download(self, url, file):
        body = good(await self.client.download(file["url"] if file else url)).body
        if file:
            body = decrypt_attachment(body, file["key"]["k"], file["hashes"]["sha256"], file["iv"])
        return base64.b64encode(body).decode()

    async def do(self, request):
        try:
            say({"id": request["id"], "result": await getattr(self, request["method"])(**request["params"])})
        except Exception as error:
            say({"id": request["id"], "error": str(error) or repr(error)})


async def main():
    logging.disable(logging.CRITICAL)
    lines = asyncio.StreamReader(limit=100_000_000)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    options = json.loads(await lines.readline())
    with tempfile.TemporaryDirectory() as store:
        person = Person(options, store)
        syncing = asyncio.create_task(person.client.sync_forever(timeout=30_000))
        syncing.add_done_callback(end_with)
        await person.until(lambda: person.synced)
        say({"id": 0, "result": None})
        doing = set()
        while line := await lines.readline():
            task = asyncio.create_task(person.do(json.loads(line)))
            doing.add(task)
            task.add_done_callback(doing.discard)
        syncing.cancel()
        await person.client.close()


asyncio.run(main())
