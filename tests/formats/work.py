# The work that make.py profiles: runs in every Python from 2.7 on, and imports nothing.


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


class Tree(object):
    def __init__(self, depth):
        self.children = [Tree(depth - 1) for _ in range(2)] if depth else []

    def size(self):
        return 1 + sum(child.size() for child in self.children)


def main():
    fib(9)
    even(6)
    Tree(3).size()
    sorted([3, 1, 2], key=lambda x: -x)
    one, two = (lambda: 1), (lambda: 2)
    one() + two()


main()
