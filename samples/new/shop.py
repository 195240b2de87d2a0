"""A small order report: parse orders (CSV) and a catalogue (JSON), price them, print totals by category.

Version 2: coupons come from a table, unknown products are named, and orders are checked first.
"""
import csv
import io
import json
import sys

COUPONS = {"TEN": 10}


def make_catalogue():
    """A tree of categories with products at the leaves, as a web shop would send it."""
    def category(name, depth):
        if depth == 0:
            return {"name": name, "products": [{"sku": f"{name}-{i}", "cents": 150 + 37 * i} for i in range(6)]}
        return {"name": name, "children": [category(f"{name}{c}", depth - 1) for c in "abc"]}
    return json.dumps(category("c", 3))


def make_orders(n, seed):
    """CSV text of n order lines; the same ones for the same seed."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["order", "sku", "quantity", "coupon"])
    for i in range(n):
        seed = (seed * 1103515245 + 12345) % 2**31
        leaf = "c" + "".join("abc"[seed >> shift & 3 if seed >> shift & 3 < 3 else 0] for shift in (8, 10, 12))
        rows.writerow([i // 4, f"{leaf}-{(seed >> 16) % 7}", 1 + (seed >> 20) % 5, "TEN" if seed >> 24 & 7 == 0 else ""])
    return out.getvalue()


def walk(category, path=()):
    """Every (path, product) below a category."""
    path = path + (category["name"],)
    for product in category.get("products", ()):
        yield path, product
    for child in category.get("children", ()):
        yield from walk(child, path)


def load_prices(text):
    """A list of (sku, path, cents): a list keeps the catalogue's order."""
    prices = []
    for path, product in walk(json.loads(text)):
        prices.append((product["sku"], path, product["cents"]))
    return prices


def find(sku, prices):
    for known, path, cents in prices:
        if known == sku:
            return path, cents
    return None


def parse_orders(text):
    return [(int(r["order"]), r["sku"], int(r["quantity"]), r["coupon"]) for r in csv.DictReader(io.StringIO(text))]


def discount(cents, coupon):
    return cents - cents * COUPONS.get(coupon, 0) // 100


def price(line, prices):
    order, sku, quantity, coupon = line
    path, cents = find(sku, prices)
    return path, discount(cents * quantity, coupon)


def roll_up(tree, path, cents):
    """Adds to a category and all categories above it."""
    if path:
        tree[path] = tree.get(path, 0) + cents
        roll_up(tree, path[:-1], cents)


def describe(path, cents):
    return f"{'/'.join(path):<20} {cents // 100:>8}.{cents % 100:02}"


def check(orders, prices):
    """The products that nobody sells."""
    return sorted({line[1] for line in orders if find(line[1], prices) is None})


def report(orders, prices):
    tree, unknown = {}, check(orders, prices)
    for line in orders:
        if line[1] not in unknown:
            roll_up(tree, *price(line, prices))
    lines = [describe(path, cents) for path, cents in sorted(tree.items())]
    for sku in unknown:
        lines.append(describe(("unknown", sku), 0))
    return "\n".join(lines)


def main(n=20000, seed=1):
    prices = load_prices(make_catalogue())
    orders = parse_orders(make_orders(n, seed))
    print(report(orders, prices))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
