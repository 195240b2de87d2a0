"""service.py - a service that reports orders, in asyncio's debug mode: it logs what blocks the event loop."""
import asyncio
import logging
import runpy

shop = runpy.run_path("shop.py", run_name="shop")


async def load():
    return shop["load_prices"](shop["make_catalogue"]())


async def report(orders, seed, prices):
    text = shop["report"](shop["parse_orders"](shop["make_orders"](orders, seed)), prices)
    await asyncio.sleep(0)
    return text


def tick():
    shop["make_orders"](2000, 9)


async def main():
    loop = asyncio.get_running_loop()
    loop.slow_callback_duration = 0.005
    prices = await asyncio.create_task(load(), name="load")
    loop.call_later(0.001, tick)
    for customer in range(4):
        logging.info("customer %d asks for a report", customer)
        await asyncio.create_task(report(2000 + 2000 * customer, customer, prices), name=f"customer {customer}")


logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
asyncio.run(main(), debug=True)
