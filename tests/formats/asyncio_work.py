"""asyncio_work.py FORMAT [multi] - a program whose event loop is blocked in every way; its log goes to stderr.

FORMAT: bare (no handler), basic, time, json or debug. multi: exceptions whose repr has lines of its own.
"""
import asyncio
import functools
import json
import logging
import sys
import time

SLOW = 0.012
log_format = sys.argv[1]
if log_format == "basic":
    logging.basicConfig()
elif log_format == "time":
    logging.basicConfig(format="%(asctime)s [%(levelname)s] %(name)s: %(message)s", level=logging.INFO)
elif log_format == "debug":
    logging.basicConfig(format="%(asctime)s %(process)d %(levelname)s %(name)s %(filename)s:%(lineno)d: %(message)s",
                        level=logging.DEBUG)
elif log_format == "json":
    class Lines(logging.Formatter):
        def format(self, r):
            return json.dumps({"ts": round(r.created, 3), "level": r.levelname, "logger": r.name,
                               "message": r.getMessage()})
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.getLogger().addHandler(handler)


def block(n=1):
    time.sleep(SLOW * n)


class Service:
    def on_data(self, data, flag=None):
        block()

    async def handle(self, request):
        block(2)
        await asyncio.sleep(0)
        block()
        return "r" * 100


class ValidationError(Exception):
    def __repr__(self):
        return "2 errors for Model\nfield a\n  took 3 seconds too long\nfield <b>\n  bad"


async def leaf():
    block()
    return {"k": [1, 2], "s": "it's > 5 <b> took 1.000 seconds"}


async def failing():
    block()
    raise ValueError("bad <value> took 2 seconds")


async def invalid():
    block()
    raise ValidationError()


async def waiter(future):
    block()
    return await future


def done(future):
    block()


async def multi():
    await asyncio.gather(invalid(), leaf(), return_exceptions=True)
    logging.getLogger("app").warning("Executing statement <select 1> took 5 seconds")
    await asyncio.gather(invalid(), return_exceptions=True)


async def main():
    loop = asyncio.get_event_loop()
    service = Service()
    loop.call_soon(block, 2)
    loop.call_soon(lambda: block())
    loop.call_soon(functools.partial(service.on_data, b"x" * 100, flag=[1, 2]))
    loop.call_soon(service.on_data, 'blanks > and "quotes"\nlines')
    loop.call_soon(time.sleep, SLOW)
    loop.call_later(0.01, block)
    handles = []

    def cancels_itself():
        handles[0].cancel()
        block()
    handles.append(loop.call_soon(cancels_itself))
    tasks = [asyncio.ensure_future(c) for c in (service.handle({"id": 1}), leaf(), failing())]
    if sys.version_info >= (3, 8):
        tasks.append(asyncio.create_task(leaf(), name="worker 'A' <1> took 9.999 seconds"))
        tasks.append(asyncio.create_task(leaf(), name="\u0438\u043c\u044f"))
    future = loop.create_future()
    waiting = asyncio.ensure_future(waiter(future))
    waiting.add_done_callback(done)
    await asyncio.sleep(0.05)
    future.set_result(1)
    stopped = asyncio.ensure_future(waiter(loop.create_future()))
    await asyncio.sleep(0.03)
    stopped.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
loop.set_debug(True)
loop.slow_callback_duration = 0.01
loop.run_until_complete(multi() if sys.argv[2:] else main())
